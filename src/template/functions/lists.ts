/** Lists. JavaScript's own methods (`map`, `filter`, `flatMap`, `includes`, `join`, …) are there as well. */
import { canonicalJson } from '../../api/canonical.ts'
import { Refusal, type LibraryFunction } from './signature.ts'

const list = { name: 'list', type: 'list' } as const
type Item = string | number

/** More items than any object can hold: it stops a loop over a number that a custom resource chose. */
const longestRange = 100_000

const byText = (first: Item, second: Item): number => (first < second ? -1 : first > second ? 1 : 0)

function sortable(value: unknown): Item {
  if (typeof value === 'number' || typeof value === 'string') return value
  throw new Refusal('items are compared as numbers or strings; give a function that returns one')
}

function numbers(values: readonly unknown[]): readonly number[] {
  if (values.length === 0) throw new Refusal('the list is empty')
  if (!values.every((value) => typeof value === 'number')) throw new Refusal('every item must be a number')
  return values
}

export const listFunctions: readonly LibraryFunction[] = [
  {
    name: 'range',
    summary: 'The whole numbers from `start` (0 if only one number is given) up to, not including, `end`.',
    parameters: [
      { name: 'start', type: 'integer' },
      { name: 'end', type: 'integer', optional: true },
    ],
    result: 'list of numbers',
    examples: [
      { call: 'range(3)', gives: [0, 1, 2] },
      { call: 'range(2, 5)', gives: [2, 3, 4] },
      { call: 'range(1e9)', refused: 'range: a range has at most 100000 numbers' },
    ],
    create: () => (first: number, second?: number) => {
      const [start, end] = second === undefined ? [0, first] : [first, second]
      if (end - start > longestRange) throw new Refusal(`a range has at most ${longestRange} numbers`)
      return Array.from({ length: Math.max(0, end - start) }, (_, index) => start + index)
    },
  },
  {
    name: 'unique',
    summary: 'The list without repeated items; maps and lists are compared by what they hold.',
    parameters: [list],
    result: 'list',
    examples: [{ call: "unique(['a', 'b', 'a', { x: 1 }, { x: 1 }])", gives: ['a', 'b', { x: 1 }] }],
    create: () => (items: readonly unknown[]) => {
      const seen = new Set<string>()
      return items.filter((item) => {
        const key = canonicalJson(item)
        return !seen.has(key) && seen.add(key)
      })
    },
  },
  {
    name: 'sortBy',
    summary: 'A sorted copy: numbers before strings, strings by their code units. `by` gives what an item is compared by.',
    parameters: [list, { name: 'by', type: 'function', optional: true }],
    result: 'list',
    examples: [
      { call: 'sortBy([10, 9, 1])', gives: [1, 9, 10] },
      { call: "sortBy([{ name: 'b' }, { name: 'a' }], (item) => item.name)", gives: [{ name: 'a' }, { name: 'b' }] },
    ],
    create:
      () =>
      (items: readonly unknown[], by: (item: unknown) => unknown = (item) => item) =>
        items
          .map((item) => ({ item, key: sortable(by(item)) }))
          .sort((one, other) => (typeof one.key === typeof other.key ? byText(one.key, other.key) : typeof one.key === 'number' ? -1 : 1))
          .map(({ item }) => item),
  },
  {
    name: 'groupBy',
    summary: 'A map from what `by` returns to the items for which it does, in their order.',
    parameters: [list, { name: 'by', type: 'function' }],
    result: 'map of lists',
    examples: [{ call: 'groupBy([1, 2, 3], (n) => n % 2 ? "odd" : "even")', gives: { odd: [1, 3], even: [2] } }],
    create: () => (items: readonly unknown[], by: (item: unknown) => unknown) =>
      Object.fromEntries(Map.groupBy(items, (item) => String(sortable(by(item))))),
  },
  {
    name: 'compact',
    summary: 'The list without null, undefined and empty strings.',
    parameters: [list],
    result: 'list',
    examples: [{ call: "compact(['a', null, '', 0])", gives: ['a', 0] }],
    create: () => (items: readonly unknown[]) => items.filter((item) => item !== null && item !== undefined && item !== ''),
  },
  {
    name: 'min',
    summary: 'The smallest number of a list that is not empty.',
    parameters: [list],
    result: 'number',
    examples: [{ call: 'min([3, 1, 2])', gives: 1 }],
    create: () => (items: readonly unknown[]) => numbers(items).reduce((one, other) => Math.min(one, other)),
  },
  {
    name: 'max',
    summary: 'The largest number of a list that is not empty.',
    parameters: [list],
    result: 'number',
    examples: [
      { call: 'max([3, 1, 2])', gives: 3 },
      { call: 'max([])', refused: 'max: the list is empty' },
    ],
    create: () => (items: readonly unknown[]) => numbers(items).reduce((one, other) => Math.max(one, other)),
  },
  {
    name: 'sum',
    summary: 'The numbers of a list added up; 0 for an empty list.',
    parameters: [list],
    result: 'number',
    examples: [{ call: 'sum([1, 2, 3])', gives: 6 }],
    create: () => (items: readonly unknown[]) => (items.length === 0 ? 0 : numbers(items).reduce((one, other) => one + other)),
  },
]
