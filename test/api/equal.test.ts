import { expect, it } from 'vitest'
import { equalJson } from '../../src/api/equal.ts'

const same: [unknown, unknown][] = [
  [1, 1],
  [null, null],
  [{}, {}],
  [[], []],
  [
    { a: 1, b: [{ c: null }] },
    { b: [{ c: null }], a: 1 },
  ],
  [{ a: undefined }, {}],
  [{}, { a: undefined }],
  [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
]
const different: [unknown, unknown][] = [
  [1, '1'],
  [null, undefined],
  [null, {}],
  [{}, []],
  [[], {}],
  [
    [1, 2],
    [2, 1],
  ],
  [[1], [1, 2]],
  [{ a: 1 }, { a: 2 }],
  [{ a: 1 }, { b: 1 }],
  [{ a: 1 }, {}],
  [{}, { a: null }],
  [{ a: undefined }, { a: null }],
  [{ a: null }, { a: undefined }],
  // A member that every object inherits is not its own.
  [{ toString: 1 }, {}],
  [JSON.parse('{"__proto__":{"a":1}}'), {}],
]

it.each(same)('%j is %j', (left, right) => {
  expect(equalJson(left, right)).toBe(true)
})

it.each(different)('%j is not %j', (left, right) => {
  expect(equalJson(left, right)).toBe(false)
})
