/**
 * Deletions that something waits for: an ordered deletion of a primary, or of what it no longer renders.
 *
 * Events tell when an object is gone; the clock tells when that takes too long, and then the status says what a person can do.
 */
import type { Milliseconds } from '../api/clock.ts'
import { deletionPolicyAnnotation } from '../api/names.ts'
import { displayName, type KubernetesObject } from '../api/object.ts'
import { holding } from '../api/readiness.ts'
import { deletionTimeLeft } from '../reconcile/deletion-policy.ts'
import type { PassContext } from './pass-context.ts'

export interface AwaitedDeletions {
  /** Each a phrase that can follow "waits for". */
  waiting: readonly string[]
  /** What is not gone in time, with the way out. */
  stuck: readonly string[]
  /** Until the next of them has had its time; undefined: that comes to none. */
  within: Milliseconds | undefined
}

export const nothingAwaited: AwaitedDeletions = { waiting: [], stuck: [], within: undefined }

/** @param staying what has been deleted and is not known to be gone */
export function awaitedDeletions(
  staying: readonly KubernetesObject[],
  primary: KubernetesObject,
  { waitForDeletion, now }: Pick<PassContext, 'waitForDeletion' | 'now'>,
): AwaitedDeletions {
  const left = staying.map((object) => deletionTimeLeft(object, waitForDeletion, now()))
  const soonest = Math.min(...left.filter((time) => time > 0))
  return {
    waiting: staying.map((object) => `the deletion of ${where(object)}`),
    stuck: staying.filter((_object, at) => (left[at] as number) <= 0).map((object) => wayOut(object, primary)),
    within: soonest === Infinity ? undefined : soonest + 1,
  }
}

/** What a person can do about an object that does not go. */
function wayOut(object: KubernetesObject, primary: KubernetesObject): string {
  return (
    `${[`${where(object)} is not gone in time`, ...holding(object)].join(': ')}; ` +
    `the annotation ${deletionPolicyAnnotation}: background on ${displayName(primary)} lets the deletion go on without waiting`
  )
}

export const where = (object: KubernetesObject): string =>
  `${displayName(object)}${object.metadata.namespace ? ` in namespace ${object.metadata.namespace}` : ''}`
