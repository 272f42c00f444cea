/** Whether a namespace is there. */
import type { ApiClient } from './client.ts'
import { isApiError } from './errors.ts'

/** True if there is no such namespace; false also if that cannot be known. */
export async function isNamespaceGone(namespace: string, client: ApiClient): Promise<boolean> {
  try {
    await client.request({ method: 'GET', path: `/api/v1/namespaces/${encodeURIComponent(namespace)}` })
    return false
  } catch (error) {
    return isApiError(error, 'notFound')
  }
}
