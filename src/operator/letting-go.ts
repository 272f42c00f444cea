/**
 * Letting go of an object that stays: it loses our marks, and nothing else of it changes. As long as it may still be wanted it loses the owner
 * reference alone, by which the garbage collector would take it.
 */
import { fieldManager } from '../api/names.ts'
import { gvkOf, type KubernetesObject } from '../api/object.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { ApiError, isApiError } from '../kube/errors.ts'
import { resourcePath } from '../kube/paths.ts'
import { jsonPatch } from '../kube/writes.ts'
import { unmarking, untying } from '../reconcile/keep.ts'
import { isMadeBy } from '../reconcile/ownership.ts'
import type { PassContext } from './pass-context.ts'

/**
 * Takes our marks off the incarnation that was observed; resolves to false where it is gone or is not this primary's any more. Rejects with
 * ApiError, `conflict` if it changed in between.
 */
export async function letGo(
  observed: KubernetesObject,
  primary: KubernetesObject,
  resource: Resource,
  client: ApiClient,
): Promise<boolean> {
  const uid = primary.metadata.uid as string
  const manager = fieldManager('dependents', uid)
  try {
    // Other managers' entries, and so the places of ours, are not in the store.
    const live = await client.request<KubernetesObject>({ method: 'GET', path: resourcePath(resource, observed.metadata) })
    if (live.metadata.uid !== observed.metadata.uid || !isMadeBy(live, primary)) return false
    await jsonPatch(client, resource, observed.metadata, unmarking(live, uid), { manager })
    return true
  } catch (error) {
    if (isApiError(error, 'notFound')) return false
    throw ofVersion(error)
  }
}

/** Takes the owner reference off the version that was observed. Rejects with ApiError, `conflict` if it changed in between. */
export async function untie(observed: KubernetesObject, primary: KubernetesObject, context: PassContext): Promise<void> {
  const { client, resourceOf, dependentsOf } = context
  const kind = gvkOf(observed)
  const resource = resourceOf(kind)
  if (!resource) return
  const uid = primary.metadata.uid as string
  try {
    const operations = untying(observed, uid)
    dependentsOf(kind).wrote(await jsonPatch(client, resource, observed.metadata, operations, { manager: fieldManager('dependents', uid) }))
  } catch (error) {
    throw ofVersion(error)
  }
}

/** The test of the version failed, where that is what the server says. */
const ofVersion = (error: unknown): unknown =>
  error instanceof ApiError && error.class === 'invalid' && error.fields.length === 0 ? error.as('conflict') : error
