/**
 * The order of a list after a strategic merge: the patch's items in the patch's order, the others in their own, and the two put together so
 * that those stand before an item that stood before it. (apimachinery, util/strategicpatch/patch.go, normalizeElementOrder)
 */
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import { own } from '../apply/shape.ts'
import { equalJson } from '../../api/equal.ts'
import { plainError } from '../status/api-error.ts'
import { noMergeKey, wrongType } from './strategic-meta.ts'

/** Which members the other list has too. */
export function partition(
  list: readonly JsonValue[],
  by: readonly JsonValue[],
  mergeKey: string,
): { inside: JsonValue[]; outside: JsonValue[] } {
  const inside: JsonValue[] = []
  const outside: JsonValue[] = []
  for (const member of list) {
    if (mergeKey === '') {
      ;(by.includes(member) ? inside : outside).push(member)
      continue
    }
    if (!isMap(member)) throw wrongType({}, member)
    const key = own(member, mergeKey)
    if (key === undefined) throw noMergeKey(member, mergeKey)
    const found = by.some((other, at) => {
      if (!isMap(other)) throw plainError(`value for key ${at} is not a map`)
      return equalJson(own(other, mergeKey), key)
    })
    ;(found ? inside : outside).push(member)
  }
  return { inside, outside }
}

function positionOf(list: readonly JsonValue[], member: JsonValue, mergeKey: string, maps: boolean): number {
  if (!maps) return list.indexOf(member)
  const key = own(member as JsonObject, mergeKey)
  return list.findIndex((other) => equalJson(isMap(other) ? own(other, mergeKey) : null, key))
}

/** Sorted by the places in `order`. One that has no place goes before its neighbour, as the server's comparison has it. */
export function inOrder(list: readonly JsonValue[], order: readonly JsonValue[], mergeKey: string, maps: boolean): JsonValue[] {
  if (maps)
    for (const member of [...list, ...order]) {
      if (!isMap(member)) throw wrongType({}, member)
      if (own(member, mergeKey) === undefined) throw noMergeKey(member, mergeKey)
    }
  const deleted = maps ? list.filter((member) => own(member as JsonObject, '$patch') === 'delete') : []
  const entries = list
    .filter((member) => !deleted.includes(member))
    .map((member) => ({ member, place: positionOf(order, member, mergeKey, maps) }))
  for (let at = 1; at < entries.length; at++)
    for (let down = at; down > 0; down--) {
      const [before, after] = [entries[down - 1] as Entry, entries[down] as Entry]
      if (after.place >= 0 && before.place >= 0 && after.place >= before.place) break
      entries[down - 1] = after
      entries[down] = before
    }
  return [...entries.map(({ member }) => member), ...deleted]
}

interface Entry {
  readonly member: JsonValue
  readonly place: number
}

/** The patch's items and the others, by the order that they had on the server where it says something. */
export function mergedOrder(
  patched: readonly JsonValue[],
  others: readonly JsonValue[],
  serverOrder: readonly JsonValue[],
  mergeKey: string,
  maps: boolean,
): JsonValue[] {
  const merged: JsonValue[] = []
  let at = 0
  for (const member of patched) {
    const place = positionOf(serverOrder, member, mergeKey, maps)
    while (at < others.length) {
      const other = positionOf(serverOrder, others[at] as JsonValue, mergeKey, maps)
      if (place < 0 || other < 0 || other >= place) break
      merged.push(others[at++] as JsonValue)
    }
    merged.push(member)
  }
  return [...merged, ...others.slice(at)]
}
