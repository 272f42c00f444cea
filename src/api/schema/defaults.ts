/**
 * Defaults, as the API server fills them in.
 *
 * In one map the order is: a member that is missing, or null where null is not allowed, takes the default; then every member is filled in turn,
 * also the members of a default. A null that is neither allowed nor has a default is dropped. A default applies only where its parent map is:
 * nothing creates a parent. (apiextensions-apiserver, schema/defaulting)
 */
import { isMap } from '../object.ts'
import { isForbiddenNull, memberSchema, type StructuralSchema } from './structural.ts'

/**
 * The value with the schema's defaults. Copy on write: parts that nothing changes are the same objects as in the input, and the input is never
 * changed; parts that come from a default are fresh copies.
 */
export function applyDefaults<T>(schema: StructuralSchema | undefined, value: T): T {
  return fill(schema, value) as T
}

function fill(schema: StructuralSchema | undefined, value: unknown): unknown {
  if (schema === undefined) return value
  if (Array.isArray(value)) return fillList(schema, value)
  return isMap(value) ? fillMap(schema, value) : value
}

function fillMap(schema: StructuralSchema, map: { readonly [key: string]: unknown }): unknown {
  // A map with changes is rebuilt from entries: assigning to a key named __proto__ would set the prototype.
  const changes = new Map<string, unknown>()
  const dropped = new Set<string>()
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    if (member.default === undefined) continue
    if (!Object.hasOwn(map, name) || map[name] === undefined || isForbiddenNull(map[name], member)) {
      changes.set(name, fill(member, structuredCopy(member.default)))
    }
  }
  for (const name of Object.keys(map)) {
    if (changes.has(name)) continue
    const member = memberSchema(schema, name)
    const before = map[name]
    if (!isForbiddenNull(before, member)) {
      const after = fill(member, before)
      if (after !== before) changes.set(name, after)
    } else if (member?.default === undefined) {
      dropped.add(name)
    } else {
      changes.set(name, fill(member, structuredCopy(member.default)))
    }
  }
  if (changes.size === 0 && dropped.size === 0) return map
  // Members keep their order; new ones follow in the schema's order.
  if (dropped.size === 0) return { ...map, ...Object.fromEntries(changes) }
  const kept = Object.keys(map).filter((name) => !dropped.has(name))
  return Object.fromEntries(
    [...new Set([...kept, ...changes.keys()])].map((name) => [name, changes.has(name) ? changes.get(name) : map[name]]),
  )
}

function fillList(schema: StructuralSchema, list: readonly unknown[]): unknown {
  const items = schema.items
  let filled: unknown[] | undefined
  for (const [index, before] of list.entries()) {
    // A null item without a default stays: a list has no members to drop.
    const replaced = isForbiddenNull(before, items) && items?.default !== undefined ? structuredCopy(items.default) : before
    const after = fill(items, replaced)
    if (after !== before) (filled ??= [...list])[index] = after
  }
  return filled ?? list
}

/** A copy of JSON data; defaults are shared between objects, so none may be handed out. */
function structuredCopy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(structuredCopy)
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, structuredCopy(member)])) : value
}
