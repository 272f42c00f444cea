/** The discovery documents that take a request for each group and version. (meta/v1: APIVersions, APIGroupList, APIGroup, APIResourceList) */
import { apiVersionOf, type JsonObject } from '../../api/object.ts'
import type { Resource } from '../registry/resource.ts'
import type { Group, GroupVersion } from './groups.ts'
import { listing } from './subresources.ts'

/** @param serverAddress `host:port`, as clients of any network reach the server */
export const apiVersions = (versions: readonly GroupVersion[], serverAddress: string): JsonObject => ({
  kind: 'APIVersions',
  versions: versions.map(({ version }) => version),
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
})

export const apiGroupList = (groups: readonly Group[]): JsonObject => ({
  kind: 'APIGroupList',
  apiVersion: 'v1',
  groups: groups.map(apiGroupFields),
})

export const apiGroup = (group: Group): JsonObject => ({ kind: 'APIGroup', apiVersion: 'v1', ...apiGroupFields(group) })

function apiGroupFields({ name, versions }: Group): JsonObject {
  const listed = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: listed, preferredVersion: listed[0] }
}

export const apiResourceList = (group: string, { version, resources }: GroupVersion): JsonObject => ({
  kind: 'APIResourceList',
  // The document of the core group is the older one of the two.
  ...(group && { apiVersion: 'v1' }),
  groupVersion: apiVersionOf({ group, version }),
  resources: resources.flatMap((resource) => [apiResource(resource), ...apiSubresources(resource)]),
})

const apiResource = (resource: Resource): JsonObject => ({
  name: resource.resource,
  singularName: resource.singular,
  namespaced: resource.namespaced,
  kind: resource.kind,
  verbs: resource.announcedVerbs ?? resource.verbs,
  ...(resource.shortNames.length > 0 && { shortNames: resource.shortNames }),
  ...(resource.categories.length > 0 && { categories: resource.categories }),
  ...(resource.storageVersionHash && { storageVersionHash: resource.storageVersionHash }),
})

const apiSubresources = (resource: Resource): JsonObject[] =>
  [...resource.subresources].map(([name, subresource]) => {
    const { group, version, kind, verbs } = listing(subresource, resource)
    return {
      name: `${resource.resource}/${name}`,
      singularName: '',
      namespaced: resource.namespaced,
      ...(version && { group, version }),
      kind,
      verbs,
    }
  })
