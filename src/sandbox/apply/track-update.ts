/**
 * Ownership after a write that is not an apply: create, update, patch, and writes to subresources.
 *
 * Who writes owns what the write changes, beside what it owned before; everybody else loses it. An object without any owners that exists
 * already is not tracked, until somebody applies. (apimachinery, managedfields/internal: fieldmanager.go, skipnonapplied.go,
 * managedfieldsupdater.go)
 */
import { isMap, type JsonValue, type KubernetesObject, type ManagedFieldsEntry } from '../../api/object.ts'
import { type FieldSet, isEmpty, union } from '../../fields/set.ts'
import { capManagers } from './cap-managers.ts'
import { changeOwners, type Ownership, reconcileManagers, withoutReset } from './change-owners.ts'
import { identifierOf, type Manager, type Managers, readManagers, writeManagers } from './manager.ts'
import { stripMeta } from './strip-meta.ts'
import { versionOf } from './versions.ts'
import { zeroObject } from './zero.ts'

export interface Update extends Ownership {
  /** As stored, at the version of the endpoint; undefined on create. */
  readonly live: KubernetesObject | undefined
  /** As the client wants it, decoded and with defaults, at the version of the endpoint. */
  readonly next: KubernetesObject
  /**
   * `metadata.managedFields` as the client sent it, before decoding: one empty entry is a reset, and for built-in kinds an empty list too.
   * For a patch: as it is in the patched object.
   */
  readonly requested: JsonValue | undefined
  /** The field manager of the request. */
  readonly manager: string
  /** Empty for the object itself. */
  readonly subresource: string
  /** Now: `2026-01-02T03:04:05Z`. */
  readonly time: string
}

/** The entries to store; undefined for none. Never throws: what cannot be tracked loses its entries, as on the server. */
export function trackUpdate(update: Update): ManagedFieldsEntry[] | undefined {
  const { live, next, cache, apiVersion, versions } = update
  const managers = managersToStartFrom(update)
  if (managers.size === 0 && live) return undefined
  const before = live ?? zeroObject(versionOf(versions, apiVersion).schema, next)
  return writeManagers(capManagers(updateManagers(before, next, managers, update)), cache)
}

/** The request's own list counts on the object itself, if it is valid and not empty; else the stored one. */
function managersToStartFrom(update: Update): Managers {
  const { live, requested, subresource, cache } = update
  if (subresource === '' && requested !== undefined && requested !== null) {
    // Decoding of a custom resource loses an empty list.
    if (isReset(requested) && (requested.length > 0 || !isCustom(update))) return new Map()
    const given = Array.isArray(requested)
      ? readManagers(requested.map((entry: JsonValue) => entry ?? {}) as unknown as ManagedFieldsEntry[], cache)
      : 'no list'
    if (typeof given !== 'string' && given.size > 0) return given
  }
  const stored = readManagers(live?.metadata.managedFields, cache)
  return typeof stored === 'string' ? new Map() : stored
}

/** An empty list, or one empty entry. */
function isReset(requested: JsonValue): requested is readonly JsonValue[] {
  if (!Array.isArray(requested)) return false
  if (requested.length === 0) return true
  const [only] = requested as readonly JsonValue[]
  return requested.length === 1 && isMap(only) && Object.values(only).every((value) => value === '' || value === null)
}

function isCustom({ versions, apiVersion }: Update): boolean {
  const { schema } = versionOf(versions, apiVersion)
  return schema.kind !== 'struct' || schema.typeName === ''
}

/** Nobody's name: what the current write takes is worked out apart from what its manager had before. */
const current = 'current-operation'

/** The managers after `next` took the place of `before`. */
export function updateManagers(
  before: KubernetesObject,
  next: KubernetesObject,
  managers: Managers,
  { manager: name, subresource, time, ...ownership }: Pick<Update, 'manager' | 'subresource' | 'time'> & Ownership,
): Managers {
  const { apiVersion } = ownership
  const known = reconcileManagers(managers, ownership)
  const { managers: left, comparison } = changeOwners(before, next, known, current, true, ownership)
  const taken: FieldSet = stripMeta(withoutReset(union(comparison.modified, comparison.added), ownership))
  if (isEmpty(taken)) return left
  const writer: Omit<Manager, 'set' | 'time'> = { name: name || 'unknown', operation: 'Update', apiVersion, subresource }
  const identifier = identifierOf(writer)
  const previous = left.get(identifier)?.set
  left.set(identifier, { ...writer, set: previous ? union(taken, previous) : taken, time })
  return left
}
