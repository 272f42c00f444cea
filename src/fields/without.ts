/**
 * The part of a body that a set does not own: what is left to send when the set's fields are somebody else's.
 *
 * Items of associative lists stay with their keys, since the keys say which item the rest is about. A map that loses all that it has
 * goes too: an empty one would be a value of its own.
 */
import { canonicalJson } from '../api/canonical.ts'
import { isMap, type JsonObject, type JsonValue } from '../api/object.ts'
import { isList, keysOf } from './match.ts'
import { field, index, item, type Path, value as valueElement } from './path.ts'
import type { FieldSet } from './set.ts'

/**
 * The body without what the set owns, and the paths of what was taken out. The body itself, if nothing was.
 *
 * @param stays paths that are left in, with all that is below them
 */
export function without(body: JsonObject, set: FieldSet, stays: (path: Path) => boolean): { body: JsonObject; taken: readonly Path[] } {
  const taken: Path[] = []
  const rest = withoutValue(body, set, { path: [], stays, taken })
  return taken.length === 0 ? { body, taken } : { body: isMap(rest) ? rest : {}, taken }
}

interface Walk {
  path: Path
  stays: (path: Path) => boolean
  taken: Path[]
}

function withoutValue(value: JsonValue, set: FieldSet, walk: Walk): JsonValue | undefined {
  if (walk.stays(walk.path)) return value
  if (set.leaf) {
    if (!set.owned) return value
    walk.taken.push(walk.path)
    return undefined
  }
  if (isList(value)) return withoutItems(value, set, walk)
  return isMap(value) ? withoutFields(value, set, walk) : value
}

function withoutFields(
  value: JsonObject,
  set: FieldSet,
  { path, stays, taken }: Walk,
  keys: readonly string[] = [],
): JsonObject | undefined {
  const before = taken.length
  const entries = Object.entries(value).flatMap(([name, member]): [string, JsonValue][] => {
    const child = set.fields.get(name)
    if (!child || member === undefined || keys.includes(name)) return [[name, member as JsonValue]]
    const rest = withoutValue(member, child, { path: [...path, field(name)], stays, taken })
    return rest === undefined ? [] : [[name, rest]]
  })
  if (taken.length === before) return value
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function withoutItems(list: readonly JsonValue[], set: FieldSet, { path, stays, taken }: Walk): JsonValue | undefined {
  const before = taken.length
  const positions = set.items.size > 0 ? keysOf(set, list) : []
  const rest = list.flatMap((member, at): JsonValue[] => {
    const key = set.keys[positions[at] ?? -1]
    if (key) {
      const named = Object.fromEntries(key.names.map((name, position) => [name, key.values[position] as JsonValue]))
      const kept = isMap(member) ? withoutFields(member, key.set, { path: [...path, item(named)], stays, taken }, key.names) : member
      return kept === undefined ? [] : [kept]
    }
    const child = set.values.get(canonicalJson(member)) ?? set.indexes.get(at)
    const element = set.values.size > 0 ? valueElement(member) : index(at)
    const kept = child ? withoutValue(member, child, { path: [...path, element], stays, taken }) : member
    return kept === undefined ? [] : [kept]
  })
  if (taken.length === before) return list
  return rest.length === 0 ? undefined : rest
}
