/**
 * Entries in the managed fields that were written in a version of the kind which is not there any more.
 *
 * The server reads an entry in its own version. What it cannot read so it does not compare: a field of ours that we stop sending stays, and
 * for a custom resource no apply succeeds at all while any manager's entry is in a version that the definition has lost. So such entries are
 * rewritten as those of the version that we apply in, with the same paths: a field keeps its holder as long as it keeps its name.
 * (structured-merge-diff, Updater.prune; kube-apiserver answers a bare 500 "request to convert CR to an invalid group/version")
 */
import type { JsonObject, KubernetesObject, ManagedFieldsEntry } from '../api/object.ts'
import { writeFieldsV1 } from '../fields/serialize.ts'
import { type FieldSet, union } from '../fields/set.ts'

/** The versions, beside the object's own, that its managed fields are in: `apps/v1beta1`. */
export const otherVersions = ({ apiVersion, metadata }: KubernetesObject): string[] => [
  ...new Set((metadata.managedFields ?? []).map((entry) => entry.apiVersion).filter((version) => version && version !== apiVersion)),
]

/** The managed fields with the entries of these versions in the object's own; what one manager then has twice becomes one entry. */
export function inOwnVersion(
  { apiVersion, metadata }: KubernetesObject,
  lost: readonly string[],
  parse: (fields: JsonObject) => FieldSet,
): ManagedFieldsEntry[] {
  const entries = (metadata.managedFields ?? []).map((entry) => (lost.includes(entry.apiVersion) ? { ...entry, apiVersion } : entry))
  const same = Map.groupBy(entries, (entry) => JSON.stringify([entry.manager, entry.operation, entry.apiVersion, entry.subresource]))
  return [...same.values()].map(([first, ...others]) =>
    others.reduce<ManagedFieldsEntry>((one, other) => together(one, other, parse), first as ManagedFieldsEntry),
  )
}

const together = (one: ManagedFieldsEntry, other: ManagedFieldsEntry, parse: (fields: JsonObject) => FieldSet): ManagedFieldsEntry => ({
  ...one,
  fieldsV1: writeFieldsV1(union(parse(one.fieldsV1 ?? {}), parse(other.fieldsV1 ?? {}))),
})
