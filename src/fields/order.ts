/**
 * Order in associative lists.
 *
 * Ownership names items by key, so an item that somebody moves stays owned, and coverage does not see it. The order means
 * something all the same (init containers, environment variables that refer to earlier ones). An apply puts the items that it
 * sends back into the order that it sends them in, whatever stands between them.
 */
import { canonicalJson } from '../api/canonical.ts'
import { isMap, type JsonObject, type JsonValue } from '../api/object.ts'
import { isList, keysOf, nowhere } from './match.ts'
import { field, item, type Path, type PathElement, value } from './path.ts'
import type { FieldSet, ItemKey } from './set.ts'

/** Owned items and set members that stand in the live object before one that precedes them in the body. */
export function outOfOrder(set: FieldSet, body: JsonObject, live: JsonObject): Path[] {
  const found: Path[] = []
  walk(set, body, live, [], found)
  return found
}

/** Whether `outOfOrder` finds nothing. */
export const inOrder = (set: FieldSet, body: JsonObject, live: JsonObject): boolean => walk(set, body, live, undefined, undefined)

/** Gathers into `found`, or stops at the first where there is none to gather into. */
function walk(
  set: FieldSet,
  body: JsonValue | undefined,
  live: JsonValue | undefined,
  at: PathElement[] | undefined,
  found: Path[] | undefined,
): boolean {
  if (set.leaf || body === live) return true
  let same = true
  if (isList(body) && isList(live)) {
    if (set.items.size > 0) return walkItems(set, body, live, at, found)
    if (set.values.size > 1) return walkValues(set, body, live, at, found)
  } else if (isMap(body) && isMap(live)) {
    for (const [name, child] of set.fields) {
      if (child.leaf || !Object.hasOwn(body, name) || !Object.hasOwn(live, name)) continue
      at?.push(field(name))
      same = walk(child, body[name], live[name], at, found) && same
      at?.pop()
      if (!same && !found) return false
    }
  }
  return same
}

function walkItems(
  set: FieldSet,
  body: readonly JsonValue[],
  live: readonly JsonValue[],
  at: PathElement[] | undefined,
  found: Path[] | undefined,
): boolean {
  const places = new Array<number>(set.keys.length).fill(nowhere)
  keysOf(set, live).forEach((position, place) => {
    if (position !== nowhere) places[position] = place
  })
  let last = nowhere
  let same = true
  const positions = keysOf(set, body)
  for (let from = 0; from < body.length; from++) {
    const key: ItemKey | undefined = set.keys[positions[from] as number]
    const place = places[positions[from] as number] ?? nowhere
    if (!key || place === nowhere) continue
    at?.push(item(Object.fromEntries(key.names.map((name, index) => [name, key.values[index]]))))
    if (place < last) {
      same = false
      if (found && at) found.push([...at])
    }
    last = Math.max(last, place)
    if (!walk(key.set, body[from], live[place], at, found)) same = false
    at?.pop()
    if (!same && !found) return false
  }
  return same
}

function walkValues(
  set: FieldSet,
  body: readonly JsonValue[],
  live: readonly JsonValue[],
  at: PathElement[] | undefined,
  found: Path[] | undefined,
): boolean {
  const places = new Map(live.map((member, place) => [canonicalJson(member), place]))
  let last = nowhere
  let same = true
  for (const member of body) {
    const text = canonicalJson(member)
    const place = places.get(text)
    if (place === undefined || !set.values.has(text)) continue
    if (place < last) {
      same = false
      if (!found || !at) return false
      found.push([...at, value(member)])
    }
    last = Math.max(last, place)
  }
  return same
}
