/**
 * What is left of the dependents that no owner reference holds, asked live: the last question before a finalizer is dropped.
 *
 * A cache may be behind, and a create whose answer was lost is in none. A kind that the cluster does not serve any more, or keeps nothing
 * of, or a namespace that is gone, has no objects and holds up nothing; whatever else cannot be answered is not taken for an answer.
 */
import { primaryUidLabel } from '../api/names.ts'
import { apiVersionOf, groupKind, type KubernetesObject } from '../api/object.ts'
import { type ApiClient, isStored, type Resource } from '../kube/client.ts'
import { type ApiError, isApiError } from '../kube/errors.ts'
import { isNamespaceGone } from '../kube/namespaces.ts'
import { resourcePath } from '../kube/paths.ts'
import { isAwaited } from '../reconcile/blind-deletion.ts'
import { anyNamespace, type InventoryEntry } from '../reconcile/inventory.ts'
import type { DeletionPolicy } from '../reconcile/deletion-policy.ts'
import { heldByNobody, isMadeBy, isProvablyOf } from '../reconcile/ownership.ts'
import type { PassContext } from './pass-context.ts'

const pageSize = 500

/**
 * All of them, as far as the server tells: `unread` is why it does not tell of others, and will not for more than a moment. Rejects with
 * ApiError where it may tell the next time.
 */
export async function remainingOf(
  primary: KubernetesObject,
  manager: string,
  context: PassContext,
  policy: DeletionPolicy = 'background',
): Promise<{ remaining: KubernetesObject[]; unread: ApiError[] }> {
  const unread: ApiError[] = []
  const found: KubernetesObject[] = []
  const leftOf = (page: readonly KubernetesObject[]): readonly KubernetesObject[] => {
    switch (policy) {
      case 'background':
        return heldByNobody(page, primary, manager).filter((object) => isAwaited(object, primary))
      case 'foreground':
        return page.filter((object) => isProvablyOf(object, primary, manager))
      case 'orphan':
        return page.filter((object) => isMadeBy(object, primary) && !object.metadata.deletionTimestamp)
    }
  }
  for (const entry of context.inventory.entriesOf(groupKind(context.resource))) {
    const matters = entry.namespaces.length > 0 || policy !== 'background'
    if (!matters) continue
    try {
      const resource = await context.resolve(context.servedVersion(entry.kind))
      if (!resource || !isStored(resource)) continue
      for (const namespace of placesOf(entry, resource, policy === 'background' ? undefined : primary))
        for await (const page of pagesOf(primary, resource, namespace, context.client)) found.push(...leftOf(page))
    } catch (error) {
      if (!isApiError(error)) throw error
      if (isApiError(error, 'kindUnknown', 'notFound')) {
        const served = context.servedVersion(entry.kind)
        await context.refresh(served)
        if (context.resourceOf(served)) throw error
      } else if (isLasting(error, entry, context)) unread.push(error)
      else throw error
    }
  }
  return { remaining: found, unread }
}

/** Whether the server refuses to tell, or has not told the kind's cache for some seconds. */
const isLasting = (error: ApiError, { kind }: InventoryEntry, context: PassContext): boolean =>
  error.outcome !== 'retry' || [...context.dependentCaches()].some((cache) => cache.failed && groupKind(cache.kind) === groupKind(kind))

/** The namespaces to look in; undefined: everywhere. With an owner also what its references hold. */
function placesOf({ namespaces }: InventoryEntry, { namespaced }: Resource, owner?: KubernetesObject): (string | undefined)[] {
  const own = owner?.metadata.namespace
  if (namespaces.includes(anyNamespace) || (!namespaced && namespaces.length > 0) || (owner && (own === undefined || !namespaced)))
    return [undefined]
  return own === undefined ? [...namespaces] : [...new Set([...namespaces, own])]
}

interface Page {
  metadata?: { continue?: string }
  items?: KubernetesObject[] | null
}

async function* pagesOf(
  primary: KubernetesObject,
  resource: Resource,
  namespace: string | undefined,
  client: ApiClient,
): AsyncGenerator<KubernetesObject[], void> {
  const path = resourcePath(resource, { namespace })
  let continuation: string | undefined
  do {
    let page: Page
    try {
      const query = { labelSelector: `${primaryUidLabel}=${primary.metadata.uid}`, limit: pageSize, continue: continuation }
      page = await client.request<Page>({ method: 'GET', path, query })
    } catch (error) {
      // Whoever deletes a namespace deletes the permissions in it.
      if (namespace !== undefined && isApiError(error, 'forbidden') && (await isNamespaceGone(namespace, client))) return
      throw error
    }
    // The items of a list do not repeat what the list is of.
    yield (page.items ?? []).map((item) => ({ ...item, apiVersion: apiVersionOf(resource), kind: resource.kind }))
    continuation = page.metadata?.continue
  } while (continuation)
}
