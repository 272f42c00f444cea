import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/api/object.ts'
import { coverage } from '../../src/fields/coverage.ts'
import { cut, valueAt } from '../../src/fields/cut.ts'
import { field, index, item, value } from '../../src/fields/path.ts'
import { parseFieldsV1 } from '../../src/fields/serialize.ts'
import { leafPaths, union } from '../../src/fields/set.ts'
import { applied } from './arbitrary.ts'

describe('cut', () => {
  it('leaves what the set covers exactly', () => {
    fc.assert(
      fc.property(applied, ({ body, set }) => void expect(coverage(set, cut(body, set) as JsonObject)).toEqual({ missing: [], extra: [] })),
      { numRuns: 500 },
    )
  })

  it('takes nothing that others own', () => {
    fc.assert(
      fc.property(applied, ({ body, set }) => {
        const live = { ...body, status: { phase: 'x' }, spec: { ...(body['spec'] as JsonObject), 'added by another': [1] } }
        expect(cut(live, set)).toEqual(cut(body, set))
      }),
      { numRuns: 300 },
    )
  })

  it('keeps owned items by key, members by value and leaves whole, without defaulted keys', () => {
    const set = parseFieldsV1({
      'f:metadata': { 'f:finalizers': { 'v:"mine"': {} } },
      'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } }, 'f:selector': {}, 'f:gone': {} },
    })
    const live = {
      metadata: { name: 'x', finalizers: ['theirs', 'mine'] },
      spec: {
        selector: { a: { b: 1 } },
        ports: [{ port: 79 }, { port: 80, protocol: 'UDP' }, { port: 80, protocol: 'TCP', targetPort: 8 }],
      },
    }
    expect(cut(live, set)).toEqual({ metadata: { finalizers: ['mine'] }, spec: { selector: { a: { b: 1 } }, ports: [{ port: 80 }] } })
  })

  it('reads names of JavaScript as names', () => {
    const set = parseFieldsV1(JSON.parse('{"f:__proto__":{"f:a":{}},"f:constructor":{},"f:toString":{}}'))
    expect(cut({}, set)).toEqual({})
    const kept = cut(JSON.parse('{"__proto__":{"a":1,"b":2},"constructor":"c"}'), set)
    expect(JSON.stringify(kept)).toBe('{"__proto__":{"a":1},"constructor":"c"}')
    expect(({} as JsonObject)['a']).toBeUndefined()
  })
})

describe('the value at a path', () => {
  it('is there for every leaf of the set of a body', () => {
    fc.assert(
      fc.property(applied, ({ body, set }) => {
        for (const path of leafPaths(union(set, set)))
          if (path.every(({ kind }) => kind !== 'item')) expect(valueAt(body, path)).not.toBeUndefined()
      }),
    )
  })

  it('is found by key, value and index', () => {
    const live = {
      ports: [
        { port: 80, protocol: 'UDP', n: 1 },
        { port: 80, protocol: 'TCP', n: 2 },
      ],
      set: ['a', 1],
      list: [[5]],
    }
    expect(valueAt(live, [field('ports'), item({ protocol: 'TCP', port: 80 }), field('n')])).toBe(2)
    expect(valueAt(live, [field('set'), value(1)])).toBe(1)
    expect(valueAt(live, [field('set'), value('1')])).toBeUndefined()
    expect(valueAt(live, [field('list'), index(0), index(0)])).toBe(5)
    expect(valueAt(live, [])).toBe(live)
  })

  it('is not an inherited one', () => {
    expect(valueAt({}, [field('constructor')])).toBeUndefined()
    expect(valueAt({}, [field('__proto__')])).toBeUndefined()
    expect(valueAt([1], [field('length')])).toBeUndefined()
  })
})
