/**
 * Which item of a list is meant by which key of a set.
 *
 * Keys describe themselves, so no schema is needed: an item belongs to a key if every key field that it has agrees. An item may
 * lack a key field that the server fills with a default (`protocol: TCP`): then it can agree with two keys, and items that have
 * all their key fields choose first.
 */
import { isMap, type JsonObject, type JsonValue } from '../api/object.ts'
import type { FieldSet, ItemKey } from './set.ts'

export const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value)

export const nowhere = -1
/** Several keys agree with the item: only the whole list can tell. */
export const ambiguous = -2

/** The position in `set.keys` of the one key that agrees with an item, `nowhere` or `ambiguous`. Looks at no other item. */
export function keyOf(set: FieldSet, item: JsonValue | undefined): number {
  if (!isMap(item)) return nowhere
  if (set.keyName !== undefined && Object.hasOwn(item, set.keyName)) return set.positions.get(item[set.keyName]) ?? nowhere
  let found = nowhere
  for (let position = 0; position < set.keys.length; position++) {
    if (!agrees(item, set.keys[position] as ItemKey)) continue
    if (found !== nowhere) return ambiguous
    found = position
  }
  return found
}

/** Whether every key field that the item has is the key's. */
export function agrees(item: JsonObject, { names, values }: Pick<ItemKey, 'names' | 'values'>): boolean {
  for (let at = 0; at < names.length; at++) {
    const name = names[at] as string
    if (!Object.hasOwn(item, name)) continue
    const own = item[name]
    if (own !== undefined && own !== values[at]) return false
  }
  return true
}

/**
 * For each item of a list its position in `set.keys`, or `nowhere`. No key is given twice.
 * `fits` tells which of several possible keys is the better one.
 */
export function keysOf(set: FieldSet, list: readonly JsonValue[], fits?: (below: FieldSet, item: JsonObject) => boolean): number[] {
  const taken = new Array<boolean>(set.keys.length).fill(false)
  const result = new Array<number>(list.length).fill(nowhere)
  let left = 0
  for (let at = 0; at < list.length; at++) {
    const member = list[at]
    const position = isMap(member) && hasWholeKey(set, member) ? keyOf(set, member) : nowhere
    if (position >= 0 && !taken[position]) {
      taken[position] = true
      result[at] = position
    } else left++
  }
  if (left === 0) return result
  list.forEach((member, at) => {
    if (result[at] !== nowhere || !isMap(member)) return
    const free = set.keys.flatMap((key, position) => (!taken[position] && agrees(member, key) ? [position] : []))
    const position = free.find((candidate) => fits?.((set.keys[candidate] as ItemKey).set, member)) ?? free[0]
    if (position === undefined) return
    taken[position] = true
    result[at] = position
  })
  return result
}

function hasWholeKey(set: FieldSet, item: JsonObject): boolean {
  if (set.keyName !== undefined) return Object.hasOwn(item, set.keyName)
  return set.keys.some((key) => key.names.every((name) => Object.hasOwn(item, name) && item[name] !== undefined))
}
