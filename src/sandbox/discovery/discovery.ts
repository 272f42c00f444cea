/**
 * What a server says it serves: the discovery documents of one list of resources, each made when it is first asked for.
 *
 * The list does not change; a server whose resources change makes another Discovery.
 */
import { createHash } from 'node:crypto'
import type { JsonObject } from '../../api/object.ts'
import type { Resource } from '../registry/resource.ts'
import { groupDiscoveryList } from './aggregated.ts'
import { type Group, groupsOf } from './groups.ts'
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './legacy.ts'

export interface Discovery {
  /** `/api`, `/apis`, `/api/v1`, `/apis/G`, `/apis/G/V`, with a slash at the end or without; undefined for any other path. */
  document(path: string): JsonObject | undefined
  /** The document in one piece of `/api` and of `/apis`. */
  aggregated(path: string): AggregatedDocument | undefined
  readonly groups: readonly Group[]
}

export interface AggregatedDocument {
  readonly body: JsonObject
  /** With its quotes. A request whose If-None-Match is equal to it gets 304. */
  readonly etag: string
}

/** @param serverAddress `host:port`, for `/api` */
export function createDiscovery(resources: Iterable<Resource>, serverAddress: string): Discovery {
  const groups = groupsOf(resources)
  const core = groups.filter(({ name }) => name === '')
  const named = groups.filter(({ name }) => name !== '')
  const documents = new Map<string, JsonObject | undefined>()
  const aggregated = new Map<string, AggregatedDocument>()

  function make(path: string): JsonObject | undefined {
    const [root, ...rest] = path.slice(1).split('/')
    if (root !== 'api' && root !== 'apis') return undefined
    if (rest.length === 0)
      return root === 'api'
        ? apiVersions(
            core.flatMap(({ versions }) => versions),
            serverAddress,
          )
        : apiGroupList(named)
    const [groupName, versionName, ...beyond] = root === 'api' ? ['', ...rest] : rest
    const group = groups.find(({ name }) => name === groupName)
    if (!group || beyond.length > 0 || (root === 'apis' && groupName === '')) return undefined
    if (versionName === undefined) return apiGroup(group)
    const version = group.versions.find(({ version }) => version === versionName)
    return version && apiResourceList(group.name, version)
  }

  return {
    groups,
    document(asked) {
      const path = withoutSlash(asked)
      if (!documents.has(path)) {
        const made = make(path)
        // What does not exist is not remembered: clients choose the names.
        if (made) documents.set(path, made)
        return made
      }
      return documents.get(path)
    },
    aggregated(asked) {
      const path = withoutSlash(asked)
      if (path !== '/api' && path !== '/apis') return undefined
      let made = aggregated.get(path)
      if (!made) {
        const body = groupDiscoveryList(path === '/api' ? core : named)
        made = { body, etag: `"${hashOf(body)}"` }
        aggregated.set(path, made)
      }
      return made
    },
  }
}

const withoutSlash = (path: string): string => (path.endsWith('/') ? path.slice(0, -1) : path)

/** As the server computes it, so that the same resources have the same tag. (apiserver, endpoints/discovery/aggregated/etag.go) */
const hashOf = ({ metadata, items }: JsonObject): string =>
  createHash('sha512').update(JSON.stringify({ metadata, items })).digest('hex').toUpperCase()
