/**
 * What ties a dependent to its primary: an owner reference where one can reach, and proof of authorship everywhere.
 *
 * An object in a namespace can own only objects of that namespace; a cluster-scoped one can own anything. (kubernetes.io, "Owners and
 * Dependents") What an owner reference cannot hold is deleted by the operator itself, for which a finalizer keeps the primary.
 */
import { fieldManager, makingRoles, primaryAnnotation, primaryUidLabel } from '../api/names.ts'
import { groupKind, gvkOf, type KubernetesObject, objectKey } from '../api/object.ts'
import { applyEntry } from './ingest.ts'

/** Whether an owner reference to the primary can stand on an object in this namespace; undefined: outside of namespaces. */
export const canOwn = (primary: KubernetesObject, namespace: string | undefined): boolean =>
  primary.metadata.namespace === undefined || primary.metadata.namespace === namespace

/** Whether an owner reference to the primary stands on the object: then the garbage collector deletes it after the primary. */
export const isOwnedBy = (object: KubernetesObject, primary: KubernetesObject): boolean =>
  (object.metadata.ownerReferences ?? []).some(({ uid }) => uid === primary.metadata.uid)

/** The annotations of a dependent that has no owner reference to its primary: whoever finds it learns from them whose it is. */
export const namingPrimary = (
  annotations: Readonly<Record<string, string>> | undefined,
  primary: KubernetesObject,
): Record<string, string> => ({
  ...annotations,
  [primaryAnnotation]: `${groupKind(gvkOf(primary))}/${objectKey(primary.metadata)}`,
})

/** The primary that an object names as its own, whether or not it is there. */
export interface NamedPrimary {
  /** `App.app.company.com`. */
  kind: string
  namespace: string | undefined
  name: string
}

/** By its owner reference, else by its annotation. An owner that is in a namespace is in the object's own. */
export function namedPrimary({ metadata }: KubernetesObject): NamedPrimary | undefined {
  const { namespace, labels, annotations, ownerReferences = [] } = metadata
  const owner = ownerReferences.find(({ uid }) => uid === labels?.[primaryUidLabel])
  if (owner) return { kind: groupKind(gvkOf(owner)), namespace, name: owner.name }
  const [kind, ...place] = annotations?.[primaryAnnotation]?.split('/') ?? []
  const name = place.at(-1)
  if (kind === undefined || name === undefined) return undefined
  return { kind, namespace: place.length > 1 ? place[0] : undefined, name }
}

/**
 * Whether this primary provably made the object: our label, our Apply entry, and no other controller. A copy carries the label, and core
 * controllers copy labels onto objects of their own; the Apply entry cannot be copied.
 */
export function isProvablyOf(object: KubernetesObject, primary: KubernetesObject, manager: string): boolean {
  const { uid, labels, ownerReferences } = object.metadata
  // Nothing is its own dependent, whatever it carries.
  if (uid === primary.metadata.uid) return false
  if (labels?.[primaryUidLabel] !== primary.metadata.uid || !applyEntry(object, manager)) return false
  return !ownerReferences?.some((owner) => owner.controller && owner.uid !== primary.metadata.uid)
}

/** Whether the primary made it, as a dependent or for itself: to keep its generated values or its records, or as an act. */
export const isMadeBy = (object: KubernetesObject, primary: KubernetesObject): boolean =>
  makingRoles.some((role) => isProvablyOf(object, primary, fieldManager(role, primary.metadata.uid as string)))

/** The dependents that go only if the operator deletes them. */
export const heldByNobody = (dependents: Iterable<KubernetesObject>, primary: KubernetesObject, manager: string): KubernetesObject[] =>
  [...dependents].filter((object) => isProvablyOf(object, primary, manager) && !isOwnedBy(object, primary))
