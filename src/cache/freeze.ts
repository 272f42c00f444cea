/**
 * From the wire into a store: frozen at every depth, with strings and field sets shared.
 *
 * Frozen, because stored objects are handed to renders without a copy, and one that could be changed would change for everybody.
 */
import type { JsonObject, KubernetesObject } from '../api/object.ts'
import type { Pool } from './pool.ts'

/** Values below these names differ between any two objects, so looking for another copy is a waste. */
const unique = new Set(['uid', 'resourceVersion'])

/** The same object, changed in place: the caller gives it away. What is frozen already counts as frozen at every depth. */
export function freezeShared(object: KubernetesObject, pool: Pool): KubernetesObject {
  share(object, pool)
  return object
}

/** An owner's UID stands on each of its dependents, and in their labels. */
function shareOwners(owners: readonly unknown[], pool: Pool): void {
  for (const owner of owners as readonly Record<string, unknown>[]) {
    const uid = owner?.['uid']
    if (typeof uid === 'string' && !Object.isFrozen(owner)) owner['uid'] = pool.string(uid)
  }
}

function share(value: unknown, pool: Pool): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) {
      const item: unknown = value[at]
      if (typeof item === 'string') value[at] = pool.string(item)
      else share(item, pool)
    }
    Object.freeze(value)
    return
  }
  const map = value as Record<string, unknown>
  for (const key of Object.keys(map)) {
    const field = map[key]
    if (typeof field === 'string') {
      // Assigned although it is equal: the shared copy takes the place of the one that came with this object.
      if (!unique.has(key)) map[key] = pool.string(field)
    } else if (typeof field === 'object' && field !== null) {
      if (key === 'fieldsV1' && !Array.isArray(field)) map[key] = pool.fields(field as JsonObject)
      else {
        if (key === 'ownerReferences' && Array.isArray(field)) shareOwners(field, pool)
        share(field, pool)
      }
    }
  }
  Object.freeze(map)
}
