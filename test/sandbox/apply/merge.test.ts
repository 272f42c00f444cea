import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/api/object.ts'
import { mergeObjects } from '../../../src/sandbox/apply/merge.ts'
import { any, mapList, setList, struct, text } from './schemas.ts'

const schema = struct({ list: mapList(['k'], { k: text, v: text }), set: setList(), any, struct: struct({ a: text }) })
const list = (keys: string) => ({ list: [...keys].map((k) => ({ k })) })
const merged = (live: JsonObject, given: JsonObject) => mergeObjects(schema, live, given)

describe('the order of a merged list', () => {
  it.each([
    ['abc', 'abc', 'abc'],
    ['abc', 'ab', 'abc'],
    ['abc', 'cba', 'cba'],
    ['abc', 'ca', 'bca'],
    ['abc', 'xyz', 'abcxyz'],
    ['abc', 'axc', 'abxc'],
    ['abcd', 'dxa', 'bcdxa'],
    ['ab', 'bxya', 'bxya'],
    ['', 'ab', 'ab'],
    ['ab', '', 'ab'],
    ['abcde', 'ebd', 'acebd'],
  ])('is the configuration’s for what both have, with the rest in its place: %s and %s are %s', (live, given, result) => {
    expect(merged(list(live), list(given))).toEqual(list(result))
    expect(merged({ set: [...live] }, { set: [...given] })).toEqual({ set: [...result] })
  })

  it('takes the configuration’s item in the place of all that have its key', () => {
    const live = { list: [{ k: 'a', v: '1' }, { k: 'b' }, { k: 'a', v: '2' }] }
    expect(merged(live, { list: [{ k: 'a', v: '3' }] })).toEqual({ list: [{ k: 'a', v: '3' }, { k: 'b' }] })
    expect(merged(live, { list: [{ k: 'b', v: '3' }] })).toEqual({
      list: [
        { k: 'a', v: '1' },
        { k: 'b', v: '3' },
        { k: 'a', v: '2' },
      ],
    })
  })
})

describe('values that change their kind', () => {
  it.each<[unknown, unknown, unknown]>([
    [{ a: 1 }, 'x', 'x'],
    ['x', { a: 1 }, { a: 1 }],
    [{ a: 1 }, [1], [1]],
    [[1], { a: 1 }, { a: 1 }],
    [{ a: 1 }, null, { a: 1 }],
    [{}, null, null],
    ['x', null, null],
    [[1], null, null],
    [null, {}, {}],
    [{ a: 1 }, {}, { a: 1 }],
  ])('%j and %j are %j without a schema', (live, given, result) => {
    expect(merged({ any: live } as JsonObject, { any: given } as JsonObject)).toEqual({ any: result })
  })
})

describe('a merge that changes nothing', () => {
  it('answers with the live object itself', () => {
    const live = { list: [{ k: 'a', v: '1' }, { k: 'b' }], set: ['s', 't'], any: { a: { b: [1, 2] } }, struct: { a: '1' } }
    expect(merged(live, { list: [{ k: 'a', v: '1' }], set: ['s'], any: { a: { b: [1, 2] } }, struct: { a: '1' } })).toBe(live)
    expect(merged(live, { struct: {}, list: [], any: { a: {} } })).toBe(live)
  })
})
