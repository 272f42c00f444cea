import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/api/object.ts'
import { inOrder, outOfOrder } from '../../src/fields/order.ts'
import { formatPath } from '../../src/fields/path.ts'
import { parseFieldsV1 } from '../../src/fields/serialize.ts'
import { applied } from './arbitrary.ts'

const printed = (fields: JsonObject, body: JsonObject, live: JsonObject) => {
  const found = outOfOrder(parseFieldsV1(fields), body, live).map(formatPath)
  expect(inOrder(parseFieldsV1(fields), body, live)).toBe(found.length === 0)
  return found
}
const env = { 'f:env': { 'k:{"name":"a"}': { '.': {}, 'f:name': {} }, 'k:{"name":"b"}': { '.': {}, 'f:name': {} } } }

describe('order', () => {
  it('is right in the body itself', () => {
    fc.assert(
      fc.property(applied, ({ body, set }) => void expect(outOfOrder(set, body, structuredClone(body))).toEqual([])),
      { numRuns: 500 },
    )
  })

  it('is wrong where an owned item stands before one that precedes it', () => {
    expect(printed(env, { env: [{ name: 'a' }, { name: 'b' }] }, { env: [{ name: 'b' }, { name: 'a' }] })).toEqual(['.env[name="b"]'])
  })

  it('does not mind items of others, nor missing ones', () => {
    const body = { env: [{ name: 'a' }, { name: 'b' }] }
    expect(printed(env, body, { env: [{ name: 'z' }, { name: 'a' }, { name: 'y' }, { name: 'b' }] })).toEqual([])
    expect(printed(env, body, { env: [{ name: 'b' }] })).toEqual([])
    expect(printed(env, body, {})).toEqual([])
  })

  it('is looked at inside of items', () => {
    const fields = { 'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:name': {}, ...env } } }
    const of = (...names: string[]) => ({ containers: [{ name: 'c', env: names.map((name) => ({ name })) }] })
    expect(printed(fields, of('a', 'b'), of('b', 'a'))).toEqual(['.containers[name="c"].env[name="b"]'])
  })

  it('is looked at in sets, and not in lists that are owned as a whole', () => {
    expect(printed({ 'f:s': { 'v:1': {}, 'v:"1"': {} } }, { s: [1, '1'] }, { s: ['1', 1] })).toEqual(['.s[="1"]'])
    expect(printed({ 'f:s': {} }, { s: [1, 2] }, { s: [2, 1] })).toEqual([])
  })
})
