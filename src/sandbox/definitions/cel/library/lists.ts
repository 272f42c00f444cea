/** Functions of lists and sets. (apiserver, cel/library/lists.go; cel-go, ext/lists.go and ext/sets.go) */
import type { Environment } from '../module.ts'
import { areEqual } from '../types.ts'

class Sets {}
class Lists {}

type List = readonly unknown[]

const compare = (a: unknown, b: unknown): number => {
  const [left, right] = [a as number, b as number]
  return left < right ? -1 : left > right ? 1 : 0
}
const includes = (list: List, value: unknown): boolean => list.some((each) => areEqual(each, value))
const distinct = (list: List): unknown[] => list.filter((value, index) => list.findIndex((each) => areEqual(each, value)) === index)

const summable = ['int', 'double'] as const
const comparable = ['int', 'double', 'bool', 'string', 'google.protobuf.Timestamp', 'google.protobuf.Duration', 'dyn'] as const

export function registerLists(environment: Environment): void {
  for (const type of comparable) {
    environment
      .registerFunction(`list<${type}>.isSorted(): bool`, (list: List) =>
        list.every((value, index) => index === 0 || compare(list[index - 1], value) <= 0),
      )
      .registerFunction(`list<${type}>.min(): ${type}`, (list: List) => extreme(list, 'min'))
      .registerFunction(`list<${type}>.max(): ${type}`, (list: List) => extreme(list, 'max'))
      .registerFunction(`list<${type}>.sort(): list<${type}>`, (list: List) => list.toSorted(compare))
  }
  for (const type of summable)
    environment.registerFunction(`list<${type}>.sum(): ${type}`, (list: List) =>
      type === 'int'
        ? list.reduce<bigint>((sum, each) => sum + (each as bigint), 0n)
        : list.reduce<number>((sum, each) => sum + (each as number), 0),
    )
  environment
    .registerFunction('list<T>.indexOf(T): int', (list: List, value: unknown) => BigInt(list.findIndex((each) => areEqual(each, value))))
    .registerFunction('list<T>.lastIndexOf(T): int', (list: List, value: unknown) =>
      BigInt(list.findLastIndex((each) => areEqual(each, value))),
    )
    .registerFunction('list<T>.distinct(): list<T>', distinct)
    .registerFunction('list<T>.reverse(): list<T>', (list: List) => list.toReversed())
    .registerFunction('list<T>.slice(int, int): list<T>', slice)
    .registerFunction('list<dyn>.flatten(): list<dyn>', (list: List) => list.flat())
    .registerFunction('list<dyn>.flatten(int): list<dyn>', (list: List, depth: bigint) => list.flat(Number(depth)))
    .registerType('kubernetes.Lists', Lists)
    .registerFunction('kubernetes.Lists.range(int): list<int>', (_: Lists, count: bigint) =>
      Array.from({ length: Number(count) }, (_each, index) => BigInt(index)),
    )
    .registerConstant('lists', 'kubernetes.Lists', new Lists())
    .registerType('kubernetes.Sets', Sets)
    .registerFunction('kubernetes.Sets.contains(list<T>, list<T>): bool', (_: Sets, list: List, part: List) =>
      part.every((each) => includes(list, each)),
    )
    .registerFunction('kubernetes.Sets.intersects(list<T>, list<T>): bool', (_: Sets, a: List, b: List) =>
      b.some((each) => includes(a, each)),
    )
    .registerFunction(
      'kubernetes.Sets.equivalent(list<T>, list<T>): bool',
      (_: Sets, a: List, b: List) => a.every((each) => includes(b, each)) && b.every((each) => includes(a, each)),
    )
    .registerConstant('sets', 'kubernetes.Sets', new Sets())
}

function extreme(list: List, which: 'min' | 'max'): unknown {
  if (list.length === 0) throw new RangeError(`${which} called on empty list`)
  return list.reduce((best, each) => (compare(each, best) * (which === 'min' ? 1 : -1) < 0 ? each : best))
}

function slice(list: List, start: bigint, end: bigint): List {
  if (start < 0n || end < 0n) throw new RangeError(`cannot slice(${start}, ${end}), negative indexes not supported`)
  if (start > end) throw new RangeError(`cannot slice(${start}, ${end}), start index must be less than or equal to end index`)
  if (end > BigInt(list.length)) throw new RangeError(`cannot slice(${start}, ${end}), list is length ${list.length}`)
  return list.slice(Number(start), Number(end))
}
