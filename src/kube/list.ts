/** Whole lists: every page of a collection. */
import { apiVersionOf, type KubernetesObject } from '../api/object.ts'
import type { ApiClient, Resource } from './client.ts'
import { resourcePath } from './paths.ts'

export interface ListOptions {
  /** Left out: all namespaces. */
  namespace?: string | undefined
  labelSelector?: string
  fieldSelector?: string
  /** Asks for the metadata alone: the rest never leaves the server. */
  metadataOnly?: boolean
}

interface Page {
  metadata?: { continue?: string }
  items?: KubernetesObject[] | null
}

const partial = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

/** The objects of a collection. Rejects with ApiError: what is not whole is not answered. */
export async function listAll(client: ApiClient, resource: Resource, options: ListOptions = {}): Promise<KubernetesObject[]> {
  const { namespace, labelSelector, fieldSelector, metadataOnly } = options
  const objects: KubernetesObject[] = []
  let continuation: string | undefined
  do {
    const query = { labelSelector, fieldSelector, limit: 500, continue: continuation }
    const path = resourcePath(resource, { namespace })
    const page: Page = await client.request<Page>({ method: 'GET', path, query, ...(metadataOnly && { accept: partial }) })
    // The items of a list do not repeat what the list is of.
    for (const item of page.items ?? []) objects.push({ ...item, apiVersion: apiVersionOf(resource), kind: resource.kind })
    continuation = page.metadata?.continue
  } while (continuation)
  return objects
}
