/**
 * A deletion that cannot see what it has to take away: what a person can do about it, for the status.
 *
 * Nothing goes on by itself here: what is not known to be gone keeps the finalizer, so there has to be a way out that is chosen by hand.
 */
import { deletionPolicyAnnotation, dependentsFinalizer } from '../api/names.ts'
import { displayName, type KubernetesObject } from '../api/object.ts'

/** Whether somebody has said on the primary itself that its deletion goes on with what can be read. */
export const isChosenBackground = ({ metadata }: KubernetesObject): boolean =>
  metadata.annotations?.[deletionPolicyAnnotation] === 'background'

/** @param what why it is not known, such as `ConfigMap: GET configmaps: 403 Forbidden` */
export function blindDeletion(what: string, primary: KubernetesObject): string {
  const name = displayName(primary)
  const wayOut = isChosenBackground(primary)
    ? `taking the finalizer ${dependentsFinalizer} off ${name} gives up on what is left of it`
    : `the annotation ${deletionPolicyAnnotation}: background on ${name} lets the deletion go on with what can be read`
  return `it cannot be known what is left of ${name}: ${what}; the deletion goes on as soon as that can be read, or ${wayOut}`
}
