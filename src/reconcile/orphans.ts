/**
 * Objects with our label that no primary can answer for. They are told, and never deleted: whoever restored, copied or orphaned them knows
 * what they are for.
 */
import { primaryUidLabel } from '../api/names.ts'
import { groupKind, gvkOf, type KubernetesObject } from '../api/object.ts'
import { isMadeBy, namedPrimary } from './ownership.ts'

/**
 * | reason             | meaning                                                                                            |
 * | ------------------ | -------------------------------------------------------------------------------------------------- |
 * | `primary-unknown`  | no primary of a watched kind has this UID, and it names none that another operator serves          |
 * | `primary-replaced` | the same, and the one that it names is there with another UID: it was made again                   |
 * | `copy`             | the primary is there, and did not make the object: somebody copied one with its label              |
 */
export const orphanReasons = ['primary-unknown', 'primary-replaced', 'copy'] as const
export type OrphanReason = (typeof orphanReasons)[number]

export interface Orphan {
  /** `Deployment.apps`. */
  kind: string
  /** Left out outside of namespaces. */
  namespace?: string
  name: string
  /** What its label says. */
  primaryUid: string
  reason: OrphanReason
}

/** Primaries, as far as they are known. */
export interface KnownPrimaries {
  byUid: (uid: string) => KubernetesObject | undefined
  /** Whether primaries of this kind (`App.app.company.com`) in this namespace are among them. */
  watches: (kind: string, namespace: string | undefined) => boolean
  /** Whether there is a primary of this kind (`App.app.company.com`) and name, whatever its UID. */
  has: (kind: string, namespace: string | undefined, name: string) => boolean
}

/** Whether a primary there is one of those that are looked at. @param namespaces empty: all */
export const isWithin = (namespaces: readonly string[], namespace: string | undefined): boolean =>
  namespace === undefined || namespaces.length === 0 || namespaces.includes(namespace)

/**
 * What the object is an orphan by; undefined for one that its primary made, and for what a core controller put the label on. One that names
 * a primary which is not watched, by its kind or its namespace, is another operator's: whether it is an orphan that one can tell.
 */
export function orphanOf(object: KubernetesObject, primaries: KnownPrimaries): Orphan | undefined {
  const { namespace, name, labels, ownerReferences = [] } = object.metadata
  const primaryUid = labels?.[primaryUidLabel]
  if (primaryUid === undefined || ownerReferences.some(({ controller, uid }) => controller && uid !== primaryUid)) return undefined
  const orphan = (reason: OrphanReason): Orphan => ({
    kind: groupKind(gvkOf(object)),
    ...(namespace === undefined ? {} : { namespace }),
    name,
    primaryUid,
    reason,
  })
  const primary = primaries.byUid(primaryUid)
  if (primary) return isMadeBy(object, primary) ? undefined : orphan('copy')
  const named = namedPrimary(object)
  if (named && !primaries.watches(named.kind, named.namespace)) return undefined
  const isReplaced = named !== undefined && primaries.has(named.kind, named.namespace, named.name)
  return orphan(isReplaced ? 'primary-replaced' : 'primary-unknown')
}
