/**
 * Objects with our label that no primary can answer for. They are told, and never deleted: whoever restored, copied or orphaned them knows
 * what they are for.
 */
import { fieldManager, primaryUidLabel } from '../api/names.ts'
import { groupKind, gvkOf, type KubernetesObject } from '../api/object.ts'
import { isProvablyOf } from './ownership.ts'

/**
 * | reason             | meaning                                                                                            |
 * | ------------------ | -------------------------------------------------------------------------------------------------- |
 * | `primary-unknown`  | no primary of a watched kind has this UID, and it has no owner reference to one of another kind:   |
 * |                    | its primary is gone, or is another operator's in another namespace                                 |
 * | `primary-replaced` | the same, and its owner reference names one that is there with another UID: it was made again      |
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
  /** Whether primaries of this kind (`App.app.company.com`) are among them. */
  watches: (kind: string) => boolean
  /** Whether there is a primary of this kind (`App.app.company.com`) and name, whatever its UID. */
  has: (kind: string, namespace: string | undefined, name: string) => boolean
}

/**
 * What the object is an orphan by; undefined for one that its primary made, and for what a core controller put the label on. One with an
 * owner reference to a primary of a kind that is not watched is another operator's; were that primary gone, the garbage collector would
 * have taken the object.
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
  if (primary) return isProvablyOf(object, primary, fieldManager('dependents', primaryUid)) ? undefined : orphan('copy')
  const owner = ownerReferences.find(({ uid }) => uid === primaryUid)
  if (owner && !primaries.watches(groupKind(gvkOf(owner)))) return undefined
  const isReplaced = owner !== undefined && primaries.has(groupKind(gvkOf(owner)), namespace, owner.name)
  return orphan(isReplaced ? 'primary-replaced' : 'primary-unknown')
}
