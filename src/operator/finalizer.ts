/**
 * The finalizer of a primary, as long as it has dependents that no owner reference holds.
 *
 *   set      before the first such dependent is made
 *   dropped  when the API server, asked live, has none of them left: after the deletion of the primary, or when nothing renders them
 *
 * Every change is a merge patch that is bound to the incarnation and the version of the primary that was read: it can neither bring a
 * deleted primary back nor undo somebody else's change of the list.
 */
import { dependentsFinalizer, finalizerManager } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { patchMetadata } from '../kube/writes.ts'
import type { PassContext } from './pass-context.ts'

export const hasFinalizer = ({ metadata }: KubernetesObject): boolean => metadata.finalizers?.includes(dependentsFinalizer) ?? false

/** Whether it is kept by ours, or by one that goes with ours. */
export const isHeld = (primary: KubernetesObject, { formerFinalizer }: Pick<PassContext, 'formerFinalizer'>): boolean =>
  hasFinalizer(primary) || (formerFinalizer !== undefined && (primary.metadata.finalizers?.includes(formerFinalizer) ?? false))

/** Sets it; resolves to the primary as it is then. Rejects with ApiError. */
export const setFinalizer = async (primary: KubernetesObject, context: PassContext): Promise<KubernetesObject> =>
  await change(primary, [...(primary.metadata.finalizers ?? []), dependentsFinalizer], context)

/** Drops it, and leaves those of others. Rejects with ApiError. */
export const dropFinalizer = async (primary: KubernetesObject, context: PassContext): Promise<KubernetesObject> =>
  await change(primary, withoutOurs(primary, context.formerFinalizer), context)

/** The same for a primary that no watch has any more, as it was read live. */
export const dropFrom = async (primary: KubernetesObject, resource: Resource, client: ApiClient): Promise<KubernetesObject> =>
  await write(primary, withoutOurs(primary), resource, client)

/** @param former one that another operator set before this one served the kind */
const withoutOurs = ({ metadata: { finalizers = [] } }: KubernetesObject, former?: string): string[] =>
  finalizers.filter((name) => name !== dependentsFinalizer && name !== former)

async function change(
  primary: KubernetesObject,
  finalizers: readonly string[],
  { client, resource, primaries }: PassContext,
): Promise<KubernetesObject> {
  const answer = await write(primary, finalizers, resource, client)
  primaries.wrote(answer)
  return answer
}

async function write(
  primary: KubernetesObject,
  finalizers: readonly string[],
  resource: Resource,
  client: ApiClient,
): Promise<KubernetesObject> {
  const { uid, resourceVersion } = primary.metadata as { uid: string; resourceVersion: string }
  return await patchMetadata(client, resource, primary.metadata, {
    uid,
    resourceVersion,
    metadata: { finalizers },
    manager: finalizerManager,
  })
}
