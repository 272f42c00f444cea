/**
 * What an applier leaves out of its new configuration goes away, unless somebody else owns it.
 *
 * All that its last configuration had is taken out; then what any manager owns now is put back, and then what only hung below it and was not
 * its own. A list item that it applied goes as a whole, with what updaters put below it. (structured-merge-diff, merge/update.go, prune)
 */
import type { JsonObject, KubernetesObject } from '../../api/object.ts'
import { difference, emptySet, type FieldSet, intersection, isEmpty, union } from '../../fields/set.ts'
import type { Ownership } from './change-owners.ts'
import type { Manager, Managers } from './manager.ts'
import { removeFrom } from './remove.ts'
import { withNamedFields } from './set-algebra.ts'
import { setOf } from './to-set.ts'
import { type VersionOfKind, versionOf } from './versions.ts'

/**
 * @param last what the applier owned before; undefined on its first apply
 * @param managers with the applier's new set
 */
export function prune(merged: KubernetesObject, managers: Managers, last: Manager | undefined, ownership: Ownership): KubernetesObject {
  if (!last || isEmpty(last.set)) return merged
  const version = ownership.versions(last.apiVersion)
  if (!version) return merged
  const owned = ownedByVersion(managers)
  // What somebody owns is never taken out.
  if (isEmpty(difference(last.set, owned.get(last.apiVersion) ?? emptySet))) return merged
  const there = version.convert(merged)
  const removed = removeFrom(version.schema, there as JsonObject, withNamedFields(last.set, version.schema)) as KubernetesObject
  const withOwned = addBackOwned(there, removed, last.apiVersion, owned, ownership)
  const kept = addBackDangling(there, withOwned, last.set, version)
  return versionOf(ownership.versions, ownership.apiVersion).convert(kept)
}

function ownedByVersion(managers: Managers): Map<string, FieldSet> {
  const owned = new Map<string, FieldSet>()
  for (const { apiVersion, set } of managers.values()) owned.set(apiVersion, union(owned.get(apiVersion) ?? emptySet, set))
  return owned
}

/** The version that was pruned comes first: conversion may need what was taken out. */
function addBackOwned(
  merged: KubernetesObject,
  pruned: KubernetesObject,
  prunedVersion: string,
  owned: ReadonlyMap<string, FieldSet>,
  { versions }: Ownership,
): KubernetesObject {
  let result = pruned
  for (const apiVersion of [prunedVersion, ...[...owned.keys()].filter((other) => other !== prunedVersion)]) {
    const set = owned.get(apiVersion)
    const version = set && versions(apiVersion)
    if (!version) continue
    const { schema } = version
    const whole = version.convert(merged)
    const left = withNamedFields(setOf(schema, version.convert(result) as JsonObject), schema)
    const all = withNamedFields(setOf(schema, whole as JsonObject), schema)
    result = removeFrom(schema, whole as JsonObject, difference(all, union(left, withNamedFields(set, schema)))) as KubernetesObject
  }
  return result
}

function addBackDangling(
  merged: KubernetesObject,
  pruned: KubernetesObject,
  last: FieldSet,
  { schema, convert }: VersionOfKind,
): KubernetesObject {
  const left = withNamedFields(setOf(schema, convert(pruned) as JsonObject), schema)
  const all = withNamedFields(setOf(schema, merged as JsonObject), schema)
  return removeFrom(schema, merged as JsonObject, intersection(difference(all, left), withNamedFields(last, schema))) as KubernetesObject
}
