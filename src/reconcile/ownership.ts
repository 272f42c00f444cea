/**
 * What ties a dependent to its primary: an owner reference where one can reach, and proof of authorship everywhere.
 *
 * An object in a namespace can own only objects of that namespace; a cluster-scoped one can own anything. (kubernetes.io, "Owners and
 * Dependents") What an owner reference cannot hold is deleted by the operator itself, for which a finalizer keeps the primary.
 */
import { primaryUidLabel } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import { applyEntry } from './ingest.ts'

/** Whether an owner reference to the primary can stand on an object in this namespace; undefined: outside of namespaces. */
export const canOwn = (primary: KubernetesObject, namespace: string | undefined): boolean =>
  primary.metadata.namespace === undefined || primary.metadata.namespace === namespace

/** Whether an owner reference to the primary stands on the object: then the garbage collector deletes it after the primary. */
export const isOwnedBy = (object: KubernetesObject, primary: KubernetesObject): boolean =>
  (object.metadata.ownerReferences ?? []).some(({ uid }) => uid === primary.metadata.uid)

/**
 * Whether this primary provably made the object: our label, our Apply entry, and no other controller. A copy carries the label, and core
 * controllers copy labels onto objects of their own; the Apply entry cannot be copied.
 */
export function isProvablyOf(object: KubernetesObject, primary: KubernetesObject, manager: string): boolean {
  const { labels, ownerReferences } = object.metadata
  if (labels?.[primaryUidLabel] !== primary.metadata.uid || !applyEntry(object, manager)) return false
  return !ownerReferences?.some((owner) => owner.controller && owner.uid !== primary.metadata.uid)
}

/** The dependents that go only if the operator deletes them. */
export const heldByNobody = (dependents: Iterable<KubernetesObject>, primary: KubernetesObject, manager: string): KubernetesObject[] =>
  [...dependents].filter((object) => isProvablyOf(object, primary, manager) && !isOwnedBy(object, primary))
