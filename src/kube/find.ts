/** One object, as the server has it now. */
import type { KubernetesObject } from '../api/object.ts'
import type { ApiClient, Resource } from './client.ts'
import { isApiError } from './errors.ts'
import { resourcePath } from './paths.ts'

/** Undefined if it is not there. Rejects with ApiError for anything else than an answer, also where the kind is not served. */
export async function findObject(
  client: ApiClient,
  resource: Resource,
  { namespace, name }: { namespace?: string | undefined; name: string },
  signal?: AbortSignal,
): Promise<KubernetesObject | undefined> {
  try {
    return await client.request<KubernetesObject>({
      method: 'GET',
      path: resourcePath(resource, { namespace, name }),
      ...(signal && { signal }),
    })
  } catch (error) {
    if (isApiError(error, 'notFound')) return undefined
    throw error
  }
}
