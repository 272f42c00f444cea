import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/api/object.ts'
import { createPool } from '../../src/cache/pool.ts'

/** The same value without a shared copy. */
const fresh = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value

describe('shared field sets', () => {
  const spec: JsonObject = { 'f:replicas': {}, 'f:template': { '.': {}, 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:image': {} } } } }

  it('are one object for equal sets, frozen, and equal to what came in', () => {
    const pool = createPool()
    const [first, second] = [pool.fields(fresh(spec)), pool.fields(fresh(spec))]
    expect(first).toEqual(spec)
    expect(second).toBe(first)
    expect(Object.isFrozen(first)).toBe(true)
    expect(Object.isFrozen(first['f:template'])).toBe(true)
  })

  it.each<[string, JsonObject, JsonObject]>([
    ['keys', { 'f:a': {} }, { 'f:b': {} }],
    ['a value below', { 'f:a': { 'f:b': {} } }, { 'f:a': { 'f:c': {} } }],
    ['a leaf that is a subtree elsewhere', { 'f:a': {} }, { 'f:a': { 'f:b': {} } }],
    ['keys that look like two', { 'f:a': {}, 'f:b': {} }, { 'f:a0;3:f:b': {} }],
    ['the place of a subtree', { 'f:a': { 'f:x': {} }, 'f:b': {} }, { 'f:a': {}, 'f:b': { 'f:x': {} } }],
    ['something that no field set has', { 'f:a': 1 }, { 'f:a': '1' }],
  ])('are different for sets that differ in %s', (_what, one, other) => {
    const pool = createPool()
    expect([pool.fields(fresh(one)), pool.fields(fresh(other))]).toEqual([one, other])
  })

  it('share what lies beside the UID of an owner', () => {
    const pool = createPool()
    const owned = (uid: string): JsonObject => ({ 'f:metadata': { 'f:ownerReferences': { [`k:{"uid":"${uid}"}`]: {} } }, 'f:spec': spec })
    const [a, b] = [pool.fields(fresh(owned('a'))), pool.fields(fresh(owned('b')))]
    expect([a, b]).toEqual([owned('a'), owned('b')])
    expect(a['f:spec']).toBe(b['f:spec'])
  })

  it('stay right when the pool forgets', () => {
    const pool = createPool({ capacity: 2 })
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < 20; at++) {
        const set: JsonObject = { 'f:data': { [`f:${at}`]: { 'f:x': {} } } }
        expect(pool.fields(fresh(set))).toEqual(set)
      }
    }
  })
})
