/**
 * A deletion that cannot see what it has to take away, or may not take it away: what a person can do about it, for the status.
 *
 * Nothing goes on by itself here: what is not known to be gone keeps the finalizer, so there has to be a way out that is chosen by hand.
 */
import { deletionPolicyAnnotation, keepAnnotation } from '../api/names.ts'
import { displayName, type KubernetesObject } from '../api/object.ts'

/** Whether somebody has said on a primary that is being deleted that this goes on with what can be read, and waits for nothing that is on its way out. */
export const isChosenBackground = ({ metadata }: KubernetesObject): boolean =>
  metadata.deletionTimestamp !== undefined && metadata.annotations?.[deletionPolicyAnnotation] === 'background'

/** Whether the deletion of the primary has to wait until the object is gone. */
export const isAwaited = ({ metadata }: KubernetesObject, primary: KubernetesObject): boolean =>
  metadata.deletionTimestamp === undefined || !isChosenBackground(primary)

/** @param what why it is not known, such as `ConfigMap: GET configmaps: 403 Forbidden` */
export function blindDeletion(what: string, primary: KubernetesObject): string {
  const name = displayName(primary)
  return (
    `it cannot be known what is left of ${name}: ${what}; the deletion goes on as soon as that can be read, or ` +
    `the annotation ${deletionPolicyAnnotation}: background on ${name} lets the deletion go on with what can be read`
  )
}

/** @param what why the object may not be deleted, such as `DELETE configmaps "web": 403 Forbidden` */
export function refusedDeletion(object: KubernetesObject, what: string, primary: KubernetesObject): string {
  const name = displayName(object)
  return (
    `${name}: ${what}; the deletion goes on as soon as that is allowed, or without it: the annotation ${keepAnnotation}: "true" on ${name} ` +
    `lets it stay, and ${deletionPolicyAnnotation}: orphan on ${displayName(primary)} lets everything stay that is left`
  )
}
