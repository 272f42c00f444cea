/**
 * What becomes of the dependents when their primary is deleted.
 *
 *   background   the garbage collector deletes what owner references hold, in any order, after the primary
 *   foreground   the operator deletes all of them first, in the reverse of the order in which they are made, each wave when the one before is gone
 *   orphan       all of them stay, without our marks
 *
 * What is no longer rendered goes in the same order, where the deletion of the primary has one.
 *
 * The watch decides, and an annotation on the primary wins, which is also what comes of `kubectl delete --cascade=orphan`. It counts also while
 * the primary is being deleted, which is the way out of an order that does not end.
 */
import { deletionPolicyAnnotation } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import { wasAppliedOwned } from './keep.ts'
import { orderable, orderOf } from './order.ts'
import { isOwnedBy } from './ownership.ts'

export const deletionPolicies = ['background', 'foreground', 'orphan'] as const

export type DeletionPolicy = (typeof deletionPolicies)[number]

/** Milliseconds that a watch gives an object to be gone, where it says nothing. */
export const defaultDeletionTime = 600_000

/**
 * What the primary asks for, or else its watch. Undefined for an annotation that cannot be read: whoever wrote it wanted something else than
 * the usual, so nothing is deleted until it is clear what.
 */
export function deletionPolicyOf({ metadata }: KubernetesObject, watch: DeletionPolicy): DeletionPolicy | undefined {
  const asked = metadata.annotations?.[deletionPolicyAnnotation]
  return asked === undefined ? watch : deletionPolicies.find((policy) => policy === asked)
}

/** Whether the garbage collector is about to take the owner references off its dependents, for they are to stay. */
export const isOrphaning = ({ metadata }: KubernetesObject): boolean =>
  metadata.deletionTimestamp !== undefined && (metadata.finalizers ?? []).includes('orphan')

/**
 * Whether it has done so: of the dependents that were applied with an owner reference none has it, and the operator has not taken it off. Where
 * there are no such dependents nothing tells.
 */
export function wasOrphaned(dependents: readonly KubernetesObject[], primary: KubernetesObject): boolean {
  const owned = dependents.filter(wasAppliedOwned)
  return owned.length > 0 && !owned.some((object) => isOwnedBy(object, primary))
}

/** How an object is deleted that others wait for: a Deployment is gone when its pods are, and only then does what they use go. */
export const propagationBy = (policy: DeletionPolicy): 'Foreground' | undefined => (policy === 'foreground' ? 'Foreground' : undefined)

/** Those of the objects that go now: nothing that is still there depends on them. Empty only if there are none. */
export function lastWave(objects: readonly KubernetesObject[]): KubernetesObject[] {
  const ordered = objects.map(orderable)
  // Names of what is gone already, and circles that somebody made since, order nothing.
  const { order } = orderOf(ordered)
  const last = Math.max(...ordered.map(order.waveOf))
  return ordered.filter((object) => order.waveOf(object) === last).map(({ body }) => body)
}

/**
 * Milliseconds until an object has been on its way out for too long; 0 or less if it has.
 *
 * @param allowed milliseconds; 0: any time is right
 * @param now milliseconds since the epoch
 */
export function deletionTimeLeft({ metadata }: KubernetesObject, allowed: number, now: number): number {
  if (allowed === 0) return Infinity
  const since = metadata.deletionTimestamp === undefined ? now : Date.parse(metadata.deletionTimestamp)
  return Number.isNaN(since) ? allowed : since + allowed - now
}
