/**
 * Deletions that are told to leave the dependents: `kubectl delete --cascade=orphan`.
 *
 * The API server puts the finalizer `orphan` on such a primary, and the garbage collector takes it off again when it has taken the owner
 * references off the dependents: often before anybody looks. Whoever deletes that way wants no dependent to go, also where no owner
 * reference reaches, so it is the policy `orphan`, whatever the watch says. It is written on the primary before anything else is done, so
 * that a process which starts later knows it too.
 */
import { deletionPolicyAnnotation, finalizerManager } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import { patchMetadata } from '../kube/writes.ts'
import { isOrphaning, type DeletionPolicy, wasOrphaned } from '../reconcile/deletion-policy.ts'
import type { PassContext } from './pass-context.ts'

/**
 * The primary, with the policy on it if it is deleted that way. Rejects with ApiError.
 *
 * @param live as it was read by this pass
 * @param dependents what it provably made, as the caches hold it
 */
export async function toldToOrphan(
  live: KubernetesObject,
  dependents: readonly KubernetesObject[],
  { client, resource, primaries, memory }: PassContext,
): Promise<KubernetesObject> {
  const { uid, annotations } = live.metadata as { uid: string; annotations?: Record<string, string> }
  const remembered = memory.of(uid)
  const isTold = isOrphaning(live) || remembered.orphaned || wasOrphaned(dependents, live)
  if (!isTold || annotations?.[deletionPolicyAnnotation] === ('orphan' satisfies DeletionPolicy)) return live
  const answer = await patchMetadata(client, resource, live.metadata, {
    uid,
    metadata: { annotations: { [deletionPolicyAnnotation]: 'orphan' satisfies DeletionPolicy } },
    manager: finalizerManager,
  })
  remembered.orphaned = false
  primaries.wrote(answer)
  return answer
}
