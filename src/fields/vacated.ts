/**
 * What has to be applied before a body that empties a list or a map.
 *
 * A server-side apply of `x: {}` or `x: []` where we hold something below x takes that away and leaves nothing in its place, not the empty
 * value: in a custom resource null stands there, which a schema refuses at every try, or x is gone, and only a second apply makes it. So x is
 * left out first, and goes with what we hold there; what others hold stays. (m; structured-merge-diff, typed/remove.go)
 */
import { isMap, type JsonObject, type JsonValue } from '../api/object.ts'
import { isList, keysOf } from './match.ts'
import type { FieldSet } from './set.ts'

/** The body without the places that it empties; undefined if it empties none that the set holds something of. */
export function vacated(body: JsonObject, set: FieldSet): JsonObject | undefined {
  const rest = vacate(body, set)
  return rest === body || !isMap(rest) ? undefined : rest
}

/** Undefined where the place itself is to be left out; the same value where nothing is. */
function vacate(value: JsonValue, set: FieldSet): JsonValue | undefined {
  if (set.leaf) return value
  if (isList(value)) return value.length === 0 ? undefined : vacateItems(value, set)
  if (!isMap(value)) return value
  const members = Object.entries(value)
  if (members.length === 0) return undefined
  let changed = false
  const kept = members.flatMap(([name, member]): [string, JsonValue][] => {
    const child = set.fields.get(name)
    const rest = child && member !== undefined ? vacate(member, child) : member
    changed ||= rest !== member
    return rest === undefined ? [] : [[name, rest]]
  })
  if (!changed) return value
  // From entries: assigning to a member named __proto__ would set the prototype.
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

function vacateItems(list: readonly JsonValue[], set: FieldSet): readonly JsonValue[] {
  if (set.items.size === 0) return list
  const positions = keysOf(set, list)
  const rest = list.map((item, at) => {
    const child = set.keys[positions[at] ?? -1]?.set
    return (child && vacate(item, child)) ?? item
  })
  return rest.every((item, at) => item === list[at]) ? list : rest
}
