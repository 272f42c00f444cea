/**
 * What a change of the object means for those who own parts of it.
 *
 * Who owned a path whose value changes, or that goes away, loses it; an apply without force fails instead of taking a value from another.
 * Every manager is asked at the version that it wrote. (structured-merge-diff, merge/update.go)
 */
import type { JsonObject, KubernetesObject } from '../../api/object.ts'
import { difference, emptySet, type FieldSet, intersection, isEmpty, union } from '../../fields/set.ts'
import { type Comparison, compareObjects, noChange } from './compare.ts'
import { conflictsOf } from './conflict.ts'
import { type Manager, type Managers, type OwnershipCache, withSet } from './manager.ts'
import { reconcile } from './reconcile.ts'
import { withoutBelow } from './set-algebra.ts'
import { type VersionsOfKind, versionOf } from './versions.ts'

/** How one endpoint of a kind tracks ownership. */
export interface Ownership {
  /** The version of the endpoint. */
  readonly apiVersion: string
  readonly versions: VersionsOfKind
  /** What a write to this endpoint does not change, by version, and so nobody owns through it. */
  readonly resetFields?: (apiVersion: string) => FieldSet | undefined
  readonly cache: OwnershipCache
}

/** All managers in the terms of today's schemas; those of versions that are gone are left out. */
export function reconcileManagers(managers: Managers, { versions, cache }: Ownership): Managers {
  const result: Managers = new Map()
  for (const [identifier, manager] of managers) {
    const version = versions(manager.apiVersion)
    if (!version) continue
    if (cache.reconciled.get(manager.set) === version.schema) {
      result.set(identifier, manager)
      continue
    }
    const set = reconcile(manager.set, version.schema)
    cache.reconciled.set(set, version.schema)
    result.set(identifier, withSet(manager, set))
  }
  return result
}

export const withoutReset = (set: FieldSet, { resetFields, apiVersion }: Ownership): FieldSet =>
  withoutBelow(set, resetFields?.(apiVersion) ?? emptySet)

export interface OwnersChanged {
  readonly managers: Managers
  /** What changed in the terms of the endpoint's version. */
  readonly comparison: Comparison
}

/**
 * @param writer the identifier of who writes: its own entry is not asked
 * @throws Conflicts without `force`, if a value of another manager changes
 */
export function changeOwners(
  before: KubernetesObject,
  after: KubernetesObject,
  managers: Managers,
  writer: string,
  force: boolean,
  ownership: Ownership,
): OwnersChanged {
  const { apiVersion } = ownership
  const comparisons = new Map<string, Comparison>()
  const comparisonAt = (version: string): Comparison => {
    let comparison = comparisons.get(version)
    if (!comparison) comparisons.set(version, (comparison = compareAt(before, after, version, ownership)))
    return comparison
  }
  const comparison = comparisonAt(apiVersion)
  const result: Managers = new Map()
  const conflicts = new Map<string, { manager: Manager; set: FieldSet }>()
  for (const [identifier, manager] of managers) {
    if (identifier === writer) {
      result.set(identifier, manager)
      continue
    }
    if (before === after) {
      if (!isEmpty(manager.set)) result.set(identifier, manager)
      continue
    }
    const { added, modified, removed } = comparisonAt(manager.apiVersion)
    const conflict = intersection(manager.set, union(modified, added))
    if (!isEmpty(conflict)) conflicts.set(identifier, { manager, set: conflict })
    const left = difference(difference(manager.set, conflict), removed)
    if (!isEmpty(left)) result.set(identifier, withSet(manager, left))
  }
  if (!force && conflicts.size > 0) throw conflictsOf(conflicts)
  const own = result.get(writer)
  if (own && isEmpty(own.set)) result.delete(writer)
  return { managers: result, comparison }
}

function compareAt(before: KubernetesObject, after: KubernetesObject, apiVersion: string, ownership: Ownership): Comparison {
  if (before === after) return noChange
  const version = versionOf(ownership.versions, apiVersion)
  const { added, modified, removed } = compareObjects(
    version.schema,
    version.convert(before) as JsonObject,
    version.convert(after) as JsonObject,
  )
  const reset = ownership.resetFields?.(apiVersion)
  if (!reset) return { added, modified, removed }
  return { added: withoutBelow(added, reset), modified: withoutBelow(modified, reset), removed: withoutBelow(removed, reset) }
}
