/**
 * All groups, versions and resources in one document, which clients ask for by the Accept header. (apidiscovery.k8s.io/v2 APIGroupDiscoveryList)
 */
import type { JsonObject } from '../../api/object.ts'
import type { Resource } from '../registry/resource.ts'
import { type Group, isBuiltIn } from './groups.ts'
import { listing } from './subresources.ts'

/** The content type of the document; the same parameters stand in the Accept header of those who want it. */
export const aggregatedContentType = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/**
 * Whether the document in one piece is asked for: by any clause of the header, whatever its quality, as the others are never looked at.
 * (apiserver, endpoints/discovery/aggregated/wrapper.go)
 */
export const acceptsAggregated = (accept: string): boolean =>
  accept.split(',').some((clause) => {
    const [type, ...parameters] = clause.split(';').map((part) => part.trim())
    return type === 'application/json' && wanted.every((parameter) => parameters.includes(parameter))
  })

const wanted = ['g=apidiscovery.k8s.io', 'v=v2', 'as=APIGroupDiscoveryList']

export const groupDiscoveryList = (groups: readonly Group[]): JsonObject => ({
  kind: 'APIGroupDiscoveryList',
  apiVersion: 'apidiscovery.k8s.io/v2',
  metadata: {},
  items: groups.map(({ name, versions }) => ({
    metadata: name ? { name } : {},
    versions: versions.map(({ version, resources }) => ({
      version,
      resources: resources.map(resourceDiscovery),
      freshness: 'Current',
    })),
  })),
})

function resourceDiscovery(resource: Resource): JsonObject {
  // Only custom resources tell the group and version that stand above them already.
  const { group, version } = isBuiltIn(resource) ? { group: '', version: '' } : resource
  const subresources = [...resource.subresources].map(([name, subresource]) => {
    const { verbs, ...responseKind } = listing(subresource, resource)
    return { subresource: name, responseKind: { group, version, ...responseKind }, verbs }
  })
  return {
    resource: resource.resource,
    responseKind: { group, version, kind: resource.kind },
    scope: resource.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: resource.singular,
    verbs: resource.announcedVerbs ?? resource.verbs,
    ...(resource.shortNames.length > 0 && { shortNames: resource.shortNames }),
    ...(resource.categories.length > 0 && { categories: resource.categories }),
    ...(subresources.length > 0 && { subresources }),
  }
}
