import { describe, expect, it } from 'vitest'
import type { JsonObject, JsonValue } from '../../../src/api/object.ts'
import { applyJsonPatch, readJsonPatch } from '../../../src/sandbox/patch/json-patch.ts'

const document: JsonObject = { data: { a: '1', n: null }, list: ['x', 'y'], 'a/b': { '~c': 1 }, objects: [{ k: '1' }] }
const patched = (...operations: JsonObject[]) => applyJsonPatch(document, operations)
const rejected = expect.objectContaining({
  code: 422,
  reason: 'Invalid',
  message: 'the server rejected our request due to an error in our request',
  details: {},
})
const refused = (...operations: JsonValue[]) => {
  try {
    return applyJsonPatch(document, operations)
  } catch (error) {
    return error
  }
}

describe('operations that can be done', () => {
  const cases: [string, JsonObject[], object][] = [
    ['add a field', [{ op: 'add', path: '/data/b', value: '2' }], { data: { a: '1', b: '2', n: null } }],
    ['add over a field', [{ op: 'add', path: '/data/a', value: '2' }], { data: { a: '2', n: null } }],
    ['add without a value is null', [{ op: 'add', path: '/data/b' }], { data: { a: '1', b: null, n: null } }],
    ['add into a list', [{ op: 'add', path: '/list/1', value: 'z' }], { list: ['x', 'z', 'y'] }],
    ['add at the end of a list', [{ op: 'add', path: '/list/-', value: 'z' }], { list: ['x', 'y', 'z'] }],
    ['add at the index after the last', [{ op: 'add', path: '/list/2', value: 'z' }], { list: ['x', 'y', 'z'] }],
    ['add at -1, which is the end', [{ op: 'add', path: '/list/-1', value: 'z' }], { list: ['x', 'y', 'z'] }],
    ['add at +01', [{ op: 'add', path: '/list/+01', value: 'z' }], { list: ['x', 'z', 'y'] }],
    ['remove', [{ op: 'remove', path: '/data/a' }], { data: { n: null } }],
    ['remove from a list', [{ op: 'remove', path: '/list/0' }], { list: ['y'] }],
    ['remove the last of a list', [{ op: 'remove', path: '/list/-1' }], { list: ['x'] }],
    ['replace', [{ op: 'replace', path: '/list/-1', value: 'z' }], { list: ['x', 'z'] }],
    ['replace what is not there', [{ op: 'replace', path: '/data/b', value: '2' }], { data: { a: '1', b: '2', n: null } }],
    ['move', [{ op: 'move', from: '/data/a', path: '/b' }], { data: { n: null }, b: '1' }],
    ['copy', [{ op: 'copy', from: '/data/a', path: '/list/0' }], { list: ['1', 'x', 'y'] }],
    ['copy what is not there', [{ op: 'copy', from: '/data/q', path: '/q' }], { q: null }],
    ['a path with escapes', [{ op: 'replace', path: '/a~1b/~0c', value: 2 }], { 'a/b': { '~c': 2 } }],
    ['test', [{ op: 'test', path: '/data/a', value: '1' }], {}],
    [
      'test of null and of nothing',
      [
        { op: 'test', path: '/data/n' },
        { op: 'test', path: '/data/q', value: null },
      ],
      {},
    ],
    ['test of the whole', [{ op: 'test', path: '', value: document }], {}],
  ]
  it.each(cases)('%s', (_, operations, expected) => {
    expect(patched(...operations)).toEqual({ ...document, ...expected })
  })

  it('replace of the whole document by an object or a list', () => {
    expect(patched({ op: 'replace', path: '', value: { a: 1 } }, { op: 'add', path: '/b', value: 2 })).toEqual({ a: 1, b: 2 })
    expect(patched({ op: 'replace', path: '', value: [1] })).toEqual([1])
  })

  it('see what those before them did', () => {
    expect(
      patched(
        { op: 'add', path: '/data/b', value: { c: '1' } },
        { op: 'copy', from: '/data/b', path: '/data/d' },
        { op: 'replace', path: '/data/d/c', value: '2' },
      ),
    ).toMatchObject({ data: { b: { c: '1' }, d: { c: '2' } } })
  })
})

describe('operations that cannot be done', () => {
  const cases: [string, JsonValue][] = [
    ['a path into a scalar', { op: 'add', path: '/data/a/b', value: 1 }],
    ['a path into null', { op: 'add', path: '/data/n/b', value: 1 }],
    ['a path into nothing', { op: 'add', path: '/q/b', value: 1 }],
    ['add of the whole', { op: 'add', path: '', value: {} }],
    ['a path without a slash', { op: 'add', path: 'data', value: 1 }],
    ['no path', { op: 'add', value: 1 }],
    ['remove of what is not there', { op: 'remove', path: '/data/q' }],
    ['remove after the last', { op: 'remove', path: '/list/2' }],
    ['remove before the first', { op: 'remove', path: '/list/-3' }],
    ['replace after the last', { op: 'replace', path: '/list/2', value: 1 }],
    ['replace of -', { op: 'replace', path: '/list/-', value: 1 }],
    ['replace of the whole by a scalar', { op: 'replace', path: '', value: 1 }],
    ['add far after the last', { op: 'add', path: '/list/5', value: 1 }],
    ['an index that is none', { op: 'add', path: '/list/x', value: 1 }],
    ['move of what is not there', { op: 'move', from: '/data/q', path: '/b' }],
    ['move without from', { op: 'move', path: '/b' }],
    ['copy from an index that is not there', { op: 'copy', from: '/list/7', path: '/b' }],
    ['test that fails', { op: 'test', path: '/data/a', value: '2' }],
    ['test without a value', { op: 'test', path: '/data/a' }],
    ['test of an index that is not there', { op: 'test', path: '/list/7', value: null }],
    ['an unknown operation', { op: 'foo', path: '/data/a' }],
    ['no operation', { path: '/data/a' }],
    ['null', null],
  ]
  it.each(cases)('are rejected without a reason: %s', (_, operation) => {
    expect(refused(operation)).toEqual(rejected)
  })

  it('leave nothing of the others', () => {
    const before = structuredClone(document)
    refused({ op: 'add', path: '/data/b', value: 1 }, { op: 'remove', path: '/list/0' }, { op: 'test', path: '/data/a', value: '2' })
    expect(document).toEqual(before)
  })
})

describe('the document', () => {
  it('is not changed, and the result shares what no path leads through', () => {
    const before = structuredClone(document)
    const result = patched({ op: 'add', path: '/data/b', value: '1' }) as JsonObject
    expect(document).toEqual(before)
    expect(result['list']).toBe(document['list'])
  })

  it('keeps keys that have a meaning in JavaScript as what they are', () => {
    const result = patched({ op: 'add', path: '/data/__proto__', value: { polluted: true } })
    expect(JSON.stringify(result)).toContain('"__proto__":{"polluted":true}')
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
    expect(refused({ op: 'add', path: '/constructor/x', value: 1 })).toEqual(rejected)
  })
})

describe('what is no list of operations', () => {
  const answer = (patch: JsonValue, validation: 'Strict' | 'Warn' | 'Ignore') => {
    try {
      return readJsonPatch(patch, validation)
    } catch (error) {
      return error
    }
  }
  const message = (text: string) => expect.objectContaining({ code: 400, reason: 'BadRequest', message: text })

  it.each([
    [{}, 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'],
    ['x', 'error decoding patch: json: cannot unmarshal string into Go value of type []handlers.jsonPatchOp'],
    [[3], 'error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp'],
    [[['x']], 'error decoding patch: json: cannot unmarshal array into Go value of type handlers.jsonPatchOp'],
    [[{ op: 3 }], 'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string'],
    [[{ op: 'add', path: true }], 'error decoding patch: json: cannot unmarshal bool into Go struct field jsonPatchOp.path of type string'],
  ])('is a bad request: %j', (patch, text) => {
    expect(answer(patch as JsonValue, 'Warn')).toEqual(message(text))
  })

  it('is told in other words without validation, and wrong types in it fail later', () => {
    expect(answer({}, 'Ignore')).toEqual(message('json: cannot unmarshal object into Go value of type jsonpatch.Patch'))
    expect(answer([3], 'Ignore')).toEqual(message('json: cannot unmarshal number into Go value of type jsonpatch.Operation'))
    expect(answer([{ op: 'add', path: 3 }], 'Ignore')).toEqual({ operations: [{ op: 'add', path: 3 }], problems: [] })
    expect(refused({ op: 'add', path: 3, value: 1 })).toEqual(rejected)
  })

  it('may be null, which does nothing', () => {
    expect(answer(null, 'Strict')).toEqual({ operations: [], problems: [] })
  })

  it('has unknown fields as problems', () => {
    expect(answer([{ op: 'test', path: '/a', foo: 1 }], 'Strict')).toMatchObject({ problems: ['json patch unknown field "[0].foo"'] })
  })

  it('has at most 10,000 operations', () => {
    const operations = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/data/a', value: '1' }))
    expect(answer(operations, 'Warn')).toMatchObject({
      code: 413,
      reason: 'RequestEntityTooLarge',
      message: 'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
    })
    expect(patched(...operations.slice(1))).toEqual(document)
  })
})
