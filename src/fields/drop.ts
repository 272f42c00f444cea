/**
 * An object without the fields of a set, as the server leaves it when their last holder gives them up.
 *
 * An item of an associative list goes whole with its own place; one that only loses fields stays with its keys. A map or a list that loses
 * all that it has goes too. (structured-merge-diff, typed/remove.go)
 */
import { canonicalJson } from '../api/canonical.ts'
import { isMap, type JsonObject, type JsonValue } from '../api/object.ts'
import { isList, keysOf } from './match.ts'
import type { Path } from './path.ts'
import { children, type FieldSet } from './set.ts'

/** The value without what the set holds; undefined if nothing is left. Nothing is copied that can be shared. */
export function drop(value: JsonValue, set: FieldSet): JsonValue | undefined {
  if (set.leaf) return set.owned ? undefined : value
  if (isList(value)) return dropItems(value, set)
  return isMap(value) ? dropFields(value, set) : value
}

function dropFields(value: JsonObject, set: FieldSet): JsonObject | undefined {
  const entries = Object.entries(value).flatMap(([name, member]): [string, JsonValue][] => {
    const child = set.fields.get(name)
    const rest = child && member !== undefined ? drop(member, child) : member
    return rest === undefined ? [] : [[name, rest]]
  })
  return entries.length === 0 && Object.keys(value).length > 0 ? undefined : Object.fromEntries(entries)
}

function dropItems(list: readonly JsonValue[], set: FieldSet): JsonValue | undefined {
  const positions = set.items.size > 0 ? keysOf(set, list) : []
  const rest = list.flatMap((member, at): JsonValue[] => {
    const item = set.keys[positions[at] ?? -1]?.set
    if (item) return item.owned ? [] : [drop(member, item) ?? {}]
    return set.values.has(canonicalJson(member)) ? [] : [member]
  })
  return rest.length === 0 && list.length > 0 ? undefined : rest
}

/** What `drop` takes out, each place once: not what is below one. */
export function* droppedPaths(set: FieldSet, above: Path = []): Generator<Path> {
  if (set.owned) yield above
  else for (const [element, child] of children(set)) yield* droppedPaths(child, [...above, element])
}
