/**
 * From the wire into a store: frozen at every depth, with strings, field sets and equal parts shared.
 *
 * Frozen, because stored objects are handed to renders without a copy, and one that could be changed would change for everybody. For the
 * same reason equal parts of two objects can be one: a rollout's strategy, a list of ports, an owner reference.
 */
import type { JsonObject, KubernetesObject } from '../api/object.ts'
import type { Pool, SharedPart } from './pool.ts'

/** Values of these names differ between any two objects, so looking for another copy of them, or of what holds them, is a waste. */
const ofOneObject: ReadonlySet<string> = new Set(['uid', 'resourceVersion'])
/** An owner's UID stands on each of its dependents. */
const ofOwners: ReadonlySet<string> = new Set()

/** What takes more than this to tell apart is rarely there twice. */
const longestSignature = 1_024

/** How deep equal parts are looked for: a custom resource without a schema can have more levels than a call stack has room for. */
const deepest = 500

/** The same object, changed in place: the caller gives it away. What is frozen already counts as frozen at every depth. */
export function freezeShared(object: KubernetesObject, pool: Pool): KubernetesObject {
  share(object, ofOneObject, pool, 0)
  return object
}

/** The copy of this map or list that is shared; undefined where it is this object's alone. */
function share(value: Record<string, unknown>, unique: ReadonlySet<string>, pool: Pool, depth: number): SharedPart | undefined {
  if (Object.isFrozen(value)) return undefined
  if (depth > deepest) return freezeAlone(value)
  let isShared = true
  let signature = Array.isArray(value) ? '[' : '{'
  for (const key of Object.keys(value)) {
    const field = value[key]
    let sign: string | undefined
    if (typeof field === 'string') {
      // Assigned although it is equal: the shared copy takes the place of the one that came with this object.
      if (!unique.has(key)) sign = `"${(value[key] = pool.string(field))}`
    } else if (typeof field !== 'object' || field === null) sign = String(field)
    else if (key === 'fieldsV1' && !Array.isArray(field)) value[key] = pool.fields(field as JsonObject)
    else {
      const found = share(field as Record<string, unknown>, key === 'ownerReferences' ? ofOwners : unique, pool, depth + 1)
      if (found) {
        value[key] = found.node
        sign = `#${found.id}`
      }
    }
    if (sign === undefined) isShared = false
    // The lengths tell where a key and a value end, whatever they contain.
    else if (isShared) signature += `${key.length},${sign.length}:${key}${sign}`
  }
  Object.freeze(value)
  return isShared && signature.length <= longestSignature ? pool.shared(signature, value as JsonObject) : undefined
}

/** Level by level, without looking for equal parts. */
function freezeAlone(value: object): undefined {
  for (let level = [value]; level.length > 0; )
    level = level.flatMap((each) => Object.values(Object.freeze(each)).filter((field) => typeof field === 'object' && field !== null))
}
