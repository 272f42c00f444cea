import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/api/object.ts'
import { formatPath } from '../../src/fields/path.ts'
import { parseFieldsV1, writeFieldsV1 } from '../../src/fields/serialize.ts'
import { emptySet, equals, type FieldSet, paths } from '../../src/fields/set.ts'
import { fieldSets } from './arbitrary.ts'

describe('fieldsV1', () => {
  it('is read back as the set that was written', () => {
    const reread = (set: FieldSet) => parseFieldsV1(JSON.parse(JSON.stringify(writeFieldsV1(set))))
    fc.assert(
      fc.property(fieldSets, (set) => void expect(equals(reread(set), set)).toBe(true)),
      { numRuns: 500 },
    )
  })

  it('is written as it was read, as the server orders it', () => {
    const stored = {
      'f:metadata': { 'f:finalizers': { 'v:"a"': {}, 'v:"b"': {} }, 'f:labels': { 'f:app': {}, 'f:x.y/z': {} } },
      'f:spec': {
        'f:ports': {
          'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {}, 'f:port': {} },
          'k:{"port":80,"protocol":"UDP"}': { '.': {}, 'f:port': {} },
        },
        'f:selector': {},
        'f:steps': { 'i:0': {}, 'i:10': {}, 'i:2': {} },
      },
    }
    const written = writeFieldsV1(parseFieldsV1(stored))
    expect(written).toEqual(stored)
    expect(Object.keys((written['f:spec'] as typeof stored)['f:steps' as never])).toEqual(['i:0', 'i:2', 'i:10'])
    expect([...paths(parseFieldsV1(stored))].map(formatPath)).toContain('.spec.ports[port=80,protocol="TCP"].name')
  })

  it('takes two spellings of one key for the same item', () => {
    const one = parseFieldsV1({ 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } })
    const two = parseFieldsV1({ 'f:ports': { 'k:{ "protocol":"\\u0054CP", "port":80 }': { '.': {}, 'f:port': {} } } })
    expect(equals(one, two)).toBe(true)
  })

  it('ignores prefixes that it does not know, as the server does', () => {
    expect(equals(parseFieldsV1({ 'f:a': {}, 'z:new': { 'f:b': {} }, noprefix: {} }), parseFieldsV1({ 'f:a': {} }))).toBe(true)
    expect(equals(parseFieldsV1({ 'z:new': {} }), emptySet)).toBe(true)
  })

  it('reads an empty tree and one with only the root as the empty set', () => {
    expect(equals(parseFieldsV1({}), emptySet)).toBe(true)
    expect(equals(parseFieldsV1({ '.': {} }), emptySet)).toBe(true)
  })

  it.each([
    { 'k:{': {} },
    { 'k:{} x': {} },
    { 'k:"a"': {} },
    { 'v:': {} },
    { 'i:one': {} },
    { 'i:': {} },
    { 'f:a': 1 },
    { 'f:a': null },
    { 'f:a': [] },
  ])('refuses %j, naming the key', (json) => {
    expect(() => parseFieldsV1(json as never)).toThrow(new RegExp(`^fieldsV1: .*${Object.keys(json)[0]?.[0]}:`))
  })

  it('gives the same sets when parsed subtrees are remembered, and remembers none that an owner makes one object alone', () => {
    const spec = { 'f:replicas': {}, 'f:selector': { '.': {}, 'f:app': {} } }
    const tree = (owner: string) => ({
      'f:metadata': { 'f:labels': { 'f:app': {} }, 'f:ownerReferences': { [`k:{"uid":"${owner}"}`]: { '.': {}, 'f:kind': {} } } },
      'f:spec': spec,
    })
    const known = new WeakMap<JsonObject, FieldSet>()
    const [one, other] = [tree('1'), tree('2')]
    const sets = [parseFieldsV1(one, known), parseFieldsV1(other, known), parseFieldsV1(one, known)]
    expect(sets.map((set, index) => equals(set, parseFieldsV1(index === 1 ? other : one)))).toEqual([true, true, true])
    expect(sets[0]?.fields.get('spec')).toBe(sets[1]?.fields.get('spec'))
    expect([one, one['f:metadata'], one['f:metadata']['f:ownerReferences'], spec].map((subtree) => known.has(subtree))).toEqual([
      false,
      false,
      false,
      true,
    ])
  })

  it('does not touch its input and reads hostile names as names', () => {
    const json = JSON.parse('{"f:__proto__":{"f:constructor":{}},"f:toString":{}}')
    Object.freeze(json)
    expect([...paths(parseFieldsV1(json))].map(formatPath)).toEqual(['.__proto__.constructor', '.toString'])
    expect(JSON.stringify(writeFieldsV1(parseFieldsV1(json)))).toBe('{"f:__proto__":{"f:constructor":{}},"f:toString":{}}')
  })
})
