/**
 * The order in which the server writes and names the paths of a set: fields, then items by the values of their keys, then values, then indexes.
 * Numbers come before texts and are compared as numbers, so port 80 stands before port 443. (structured-merge-diff, fieldpath/element.go)
 */
import type { JsonObject, JsonValue } from '../../api/object.ts'
import { type Path, type PathElement, field, index, item, value } from '../../fields/path.ts'
import type { FieldSet } from '../../fields/set.ts'

/** By the bytes of UTF-8, as Go compares strings; JavaScript compares UTF-16. */
export function compareText(left: string, right: string): number {
  if (left === right) return 0
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) {
    const one = left.charCodeAt(at)
    const other = right.charCodeAt(at)
    if (one === other) continue
    // Surrogates stand for code points beyond all others.
    const above = Number(one >= 0xd800 && one <= 0xdfff) - Number(other >= 0xd800 && other <= 0xdfff)
    return above !== 0 ? above : one - other
  }
  return left.length - right.length
}

const rank = (of: JsonValue | undefined): number =>
  typeof of === 'number' ? 0 : typeof of === 'string' ? 1 : typeof of === 'boolean' ? 2 : Array.isArray(of) ? 3 : of === null ? 5 : 4

export function compareValues(left: JsonValue | undefined, right: JsonValue | undefined): number {
  const ranks = rank(left) - rank(right)
  if (ranks !== 0) return ranks
  if (typeof left === 'string') return compareText(left, right as string)
  if (typeof left === 'number' || typeof left === 'boolean') return Number(left) - Number(right)
  return compareText(JSON.stringify(left), JSON.stringify(right))
}

/** Keys by their names and values, one field after the other. */
export function compareKeys(
  left: { readonly names: readonly string[]; readonly values: readonly (JsonValue | undefined)[] },
  right: { readonly names: readonly string[]; readonly values: readonly (JsonValue | undefined)[] },
): number {
  const length = Math.min(left.names.length, right.names.length)
  for (let at = 0; at < length; at++) {
    const order = compareText(left.names[at] as string, right.names[at] as string) || compareValues(left.values[at], right.values[at])
    if (order !== 0) return order
  }
  return left.names.length - right.names.length
}

/** One child of a node, with what it is called. */
export interface Child {
  readonly element: PathElement
  readonly set: FieldSet
}

export function sortedChildren(set: FieldSet): Child[] {
  const result: Child[] = []
  for (const name of [...set.fields.keys()].sort(compareText)) result.push({ element: field(name), set: set.fields.get(name) as FieldSet })
  for (const key of [...set.keys].sort(compareKeys))
    result.push({ element: item(Object.fromEntries(key.names.map((name, at) => [name, key.values[at]])) as JsonObject), set: key.set })
  const values = [...set.values].map(([text, below]) => ({ of: JSON.parse(text) as JsonValue, below }))
  for (const { of, below } of values.sort((left, right) => compareValues(left.of, right.of)))
    result.push({ element: value(of), set: below })
  for (const at of [...set.indexes.keys()].sort((left, right) => left - right))
    result.push({ element: index(at), set: set.indexes.get(at) as FieldSet })
  return result
}

/** The paths of a set as conflicts list them: at every level first the places themselves, then what is below them. */
export function* pathsInOrder(set: FieldSet, above: Path = []): Generator<Path> {
  const children = sortedChildren(set)
  for (const { element, set: below } of children) if (below.owned) yield [...above, element]
  for (const { element, set: below } of children) if (!below.leaf) yield* pathsInOrder(below, [...above, element])
}
