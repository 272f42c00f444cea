/** Finding the object that a request is about. */
import type { KubernetesObject } from '../../api/object.ts'
import { badRequest, notFound } from '../status/api-error.ts'
import type { RegistryContext, RequestScope } from './scope.ts'

/** The stored object. Throws ApiError (404). */
export function getStored(
  context: RegistryContext,
  { resource, namespace }: Pick<RequestScope, 'resource' | 'namespace'>,
  name: string,
): KubernetesObject {
  const object = context.storage.get(resource.storage, namespace, name)
  if (!object) throw notFound(resource, name)
  return object
}

/** The object has to be the one that the path names. */
export function checkName(object: { readonly metadata?: { readonly name?: string } }, name: string): void {
  const given = object.metadata?.name
  if (!given) throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (given !== name) throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`)
}
