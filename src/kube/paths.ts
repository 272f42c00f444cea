/** Paths of the API: where a kind's collection, an object and its subresources are. (kubernetes.io, API concepts, "Resource URIs") */
import type { Resource } from './client.ts'

export interface PathParts {
  /** Left out for cluster-scoped kinds, and for all namespaces of a namespaced kind. */
  namespace?: string | undefined
  /** Left out for the collection. */
  name?: string | undefined
  subresource?: 'status' | 'scale' | (string & {}) | undefined
}

/** `/apis/apps/v1`, or `/api/v1` for the core group. */
export const groupVersionPath = ({ group, version }: { group: string; version: string }): string =>
  group ? `/apis/${encodeURIComponent(group)}/${encodeURIComponent(version)}` : `/api/${encodeURIComponent(version)}`

/** The path of a collection, an object or a subresource. A namespace given for a cluster-scoped kind is not part of it. */
export function resourcePath(resource: Pick<Resource, 'group' | 'version' | 'plural' | 'namespaced'>, parts: PathParts = {}): string {
  const { namespace, name, subresource } = parts
  let path = groupVersionPath(resource)
  if (resource.namespaced && namespace) path += `/namespaces/${encodeSegment(namespace)}`
  path += `/${encodeSegment(resource.plural)}`
  if (name !== undefined) path += `/${encodeSegment(name)}`
  if (subresource) path += `/${encodeSegment(subresource)}`
  return path
}

/**
 * encodeURIComponent, but for what it leaves alone and a server may fold: a segment `..` would climb out of its collection. An empty
 * name would address the collection, so it is refused.
 */
function encodeSegment(segment: string): string {
  if (segment === '' || segment === '.' || segment === '..') throw new TypeError(`"${segment}" cannot be a part of a path`)
  return encodeURIComponent(segment).replaceAll('%3A', ':')
}

/** What a path addresses, for metrics and messages. `resource` is `deployments.apps`, `pods`, or empty for a path that is no resource's. */
export interface Target {
  resource: string
  namespace?: string
  name?: string
  subresource?: string
}

const resourceUri = /^\/(?:api\/[^/]+|apis\/([^/]+)\/[^/]+)\/(?:namespaces\/([^/]+)\/(?=[^/]))?([^/]+)(?:\/([^/]+))?(?:\/(.+))?$/

/** Reads a path back. `/api/v1/namespaces/shop` is the Namespace `shop`; `…/namespaces/shop/pods` are its Pods. */
export function parsePath(path: string): Target {
  const match = resourceUri.exec(path)
  if (!match) return { resource: '' }
  const [, group, namespace, plural, name, subresource] = match as unknown as (string | undefined)[]
  // `status` and `finalize` are the two subresources of a Namespace; no kind has these names as its plural.
  if (namespace && (plural === 'status' || plural === 'finalize') && name === undefined)
    return { resource: 'namespaces', name: decodeURIComponent(namespace), subresource: plural }
  return {
    resource: group ? `${plural}.${decodeURIComponent(group)}` : (plural as string),
    ...(namespace === undefined ? {} : { namespace: decodeURIComponent(namespace) }),
    ...(name === undefined ? {} : { name: decodeURIComponent(name) }),
    ...(subresource === undefined ? {} : { subresource }),
  }
}
