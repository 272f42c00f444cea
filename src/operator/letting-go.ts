/** Letting go of an object that stays: it loses our marks, and nothing else of it changes. */
import { fieldManager } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { ApiError, isApiError } from '../kube/errors.ts'
import { resourcePath } from '../kube/paths.ts'
import { jsonPatch } from '../kube/writes.ts'
import { unmarking } from '../reconcile/keep.ts'
import { isMadeBy } from '../reconcile/ownership.ts'

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
    // The test of the version failed.
    throw error instanceof ApiError && error.class === 'invalid' && error.fields.length === 0 ? error.as('conflict') : error
  }
}
