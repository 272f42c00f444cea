/**
 * The part of a live object that a set owns.
 *
 * Items are found by their keys and members of sets by their value; a leaf is taken whole. Key fields that the server filled in
 * are not owned and not in the result, so that the set covers what was cut exactly. Nothing is copied that can be shared.
 */
import { canonicalJson } from '../api/canonical.ts'
import { isMap, type JsonObject, type JsonValue } from '../api/object.ts'
import { agrees, isList, keysOf } from './match.ts'
import type { Path } from './path.ts'
import type { FieldSet } from './set.ts'

/** What of `object` the set owns; an empty object if that is nothing. */
export const cut = (object: JsonObject, set: FieldSet): JsonValue => cutValue(object, set) ?? {}

/** Undefined where neither the place nor anything below it is both owned and there. */
function cutValue(value: JsonValue, set: FieldSet): JsonValue | undefined {
  if (set.leaf) return set.owned ? value : undefined
  if (isList(value)) return cutList(value, set)
  if (!isMap(value)) return set.owned ? value : undefined
  const entries: [string, JsonValue][] = []
  for (const [name, child] of set.fields) {
    const member = Object.hasOwn(value, name) ? value[name] : undefined
    const kept = member === undefined ? undefined : cutValue(member, child)
    if (kept !== undefined) entries.push([name, kept])
  }
  // fromEntries defines own properties, also one that is called __proto__.
  return entries.length > 0 || set.owned ? Object.fromEntries(entries) : undefined
}

function cutList(list: readonly JsonValue[], set: FieldSet): JsonValue | undefined {
  const positions = set.items.size > 0 ? keysOf(set, list) : []
  const kept = list.flatMap((member, at) => {
    const child = set.keys[positions[at] ?? -1]?.set ?? (set.values.size > 0 ? set.values.get(canonicalJson(member)) : set.indexes.get(at))
    const part = child && cutValue(member, child)
    return part === undefined ? [] : [part]
  })
  return kept.length > 0 || set.owned ? kept : undefined
}

/** The value at a path; undefined if nothing is there. An item that has all key fields is preferred to one that lacks some. */
export function valueAt(object: JsonValue, path: Path): JsonValue | undefined {
  let value: JsonValue | undefined = object
  for (const element of path) {
    switch (element.kind) {
      case 'field':
        value = isMap(value) && Object.hasOwn(value, element.name) ? value[element.name] : undefined
        break
      case 'item': {
        const names = Object.keys(element.key)
        const key = { names, values: names.map((name) => element.key[name]) }
        const agreeing = isList(value) ? value.filter((member) => isMap(member) && agrees(member, key)) : []
        value = agreeing.find((member) => names.every((name) => Object.hasOwn(member as JsonObject, name))) ?? agreeing[0]
        break
      }
      case 'value': {
        const text = canonicalJson(element.value)
        value = isList(value) ? value.find((member) => canonicalJson(member) === text) : undefined
        break
      }
      case 'index':
        value = isList(value) ? value[element.index] : undefined
        break
    }
    if (value === undefined) return undefined
  }
  return value
}
