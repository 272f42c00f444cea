/**
 * Two primaries that render one object.
 *
 * The one that has made it keeps it; the other says so and writes nothing, until the object is gone. A person is told who they are by kind,
 * namespace and name: the UIDs in labels and field managers say nothing to anybody.
 */
import { fieldManager, isMakingRole, makingRoles, parseFieldManager, primaryUidLabel } from '../api/names.ts'
import { type GroupVersionKind, gvkOf, type KubernetesObject, objectKey } from '../api/object.ts'
import { applyEntry } from './ingest.ts'

/** What is known of primaries and kinds, to give names. */
export interface Names {
  /** The primary with this UID, of any watch of this operator. */
  primaryOf(uid: string): KubernetesObject | undefined
  /** Whether objects of the kind are in namespaces; undefined: not known. */
  isNamespaced(kind: GroupVersionKind): boolean | undefined
  /** Whether the primaries of all watches are known, so that one that is not among them is not there. */
  isComplete(): boolean
}

/** For one who knows nothing of other primaries. */
export const noNames: Names = { primaryOf: () => undefined, isNamespaced: () => undefined, isComplete: () => false }

/** `App eu/shop` */
export const primaryTitle = ({ kind, metadata }: KubernetesObject): string => `${kind} ${objectKey(metadata)}`

/**
 * The name of the primary with this UID; that of another operator's primary is read from the owner references of the object, where one can
 * stand. Undefined: nobody knows it.
 */
export function titleOf(uid: string, names: Names, dependent?: KubernetesObject): string | undefined {
  const primary = names.primaryOf(uid)
  if (primary) return primaryTitle(primary)
  const owner = dependent?.metadata.ownerReferences?.find((each) => each.uid === uid)
  if (!owner) return undefined
  const namespace = names.isNamespaced(gvkOf(owner)) === false ? undefined : dependent?.metadata.namespace
  return `${owner.kind} ${objectKey({ namespace, name: owner.name })}`
}

/** The UID of the other primary that has made the object, by the label and the Apply entry. */
export function madeByAnother({ metadata, ...object }: KubernetesObject, primary: KubernetesObject): string | undefined {
  const uid = metadata.labels?.[primaryUidLabel]
  if (uid === undefined || uid === primary.metadata.uid) return undefined
  return makingRoles.some((role) => applyEntry({ ...object, metadata }, fieldManager(role, uid))) ? uid : undefined
}

/** Of what is in a cluster nobody else's UID is known: it is gone, or another operator's. */
export const unknownPrimary = 'a custom resource that this operator does not know'

/** The UID of a primary that has made the object, by the Apply entry, where the object has no label any more. */
export function unlabelledMaker({ metadata }: KubernetesObject): string | undefined {
  if (metadata.labels?.[primaryUidLabel] !== undefined) return undefined
  const made = (metadata.managedFields ?? []).filter(({ operation, subresource }) => operation === 'Apply' && !subresource)
  return made.map(({ manager }) => parseFieldManager(manager)).find((parsed) => parsed && isMakingRole(parsed.role))?.primaryUid
}

/** Why the object is left to the other primary, for the one that wants it too. */
export function sharedWith(uid: string, live: KubernetesObject, primary: KubernetesObject, names: Names): string {
  const own = primaryTitle(primary)
  const other = titleOf(uid, names, live)
  if (other === undefined) return `it was made for ${unknownPrimary}; ${own} makes it when it is gone`
  return `${other} renders it too and had it first; ${own} takes it over when ${other} is gone or does not render it any more`
}

/** The text with the field managers of primaries by their names: `App eu/shop (fairlead)`. */
export function withNames(text: string, names: Names): string {
  if (!text.includes('fairlead/')) return text
  return text.replaceAll(/fairlead\/[a-z]+\/[A-Za-z0-9-]+(?:\/[0-9a-f]+)?/g, (manager) => {
    const parsed = parseFieldManager(manager)
    return parsed ? `${titleOf(parsed.primaryUid, names) ?? 'another custom resource'} (fairlead)` : manager
  })
}
