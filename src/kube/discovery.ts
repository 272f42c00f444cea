/**
 * What the server serves: kinds, their paths, and its own version. An immutable value; looking again makes another.
 *
 * A group version whose server does not answer is unknown, not absent: an aggregated API that is down must not look like one that was
 * removed.
 */
import type { GroupVersionKind } from '../api/object.ts'
import type { ApiClient, Resource } from './client.ts'
import { isApiError } from './errors.ts'
import { groupVersionPath } from './paths.ts'

export interface GroupVersion {
  group: string
  version: string
}

/** A group version that exists and could not be read. */
export interface UnknownGroupVersion extends GroupVersion {
  /** For people. */
  reason: string
}

export interface Discovery {
  /** The server's own version, as in /version. */
  readonly version: { readonly version: string; readonly major: string; readonly minor: string }
  /** The kind at exactly this version. */
  resourceFor(kind: GroupVersionKind): Resource | undefined
  /** `unknown`: its group version could not be read. */
  stateOf(kind: GroupVersionKind): 'served' | 'absent' | 'unknown'
  /** The kind at all served versions, the server's preferred one first. */
  resourcesFor(kind: { group: string; kind: string }): readonly Resource[]
  /** All kinds, of all versions. */
  readonly resources: readonly Resource[]
  /** `apps/v1` and `apps/v1/Deployment`, as Helm's `.Capabilities.APIVersions` has them. */
  readonly apiVersions: readonly string[]
  readonly unknown: readonly UnknownGroupVersion[]
}

/** One group version as it was read; the order of these is the server's order of preference within a group. */
interface Found extends GroupVersion {
  resources: readonly Resource[]
  unknown?: string
}

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'

/**
 * Reads everything: three requests where the server offers aggregated discovery, else one more for each group version. Rejects only if
 * the server itself cannot be read.
 */
export async function discover(client: ApiClient, signal?: AbortSignal): Promise<Discovery> {
  const get = <T>(path: string, accept?: string) =>
    client.request<T>({ method: 'GET', path, ...(accept && { accept }), ...(signal && { signal }) })
  const [version, core, groups] = await Promise.all([
    get<{ gitVersion: string; major: string; minor: string }>('/version'),
    get<AggregatedList | LegacyVersions>('/api', aggregated),
    get<AggregatedList | LegacyGroups>('/apis', aggregated),
  ])
  const found = [
    ...(isAggregated(core)
      ? readAggregated(core)
      : await readEach(
          client,
          core.versions.map((name) => ({ group: '', version: name })),
          signal,
        )),
    ...(isAggregated(groups) ? readAggregated(groups) : await readEach(client, groupVersions(groups), signal)),
  ]
  return build({ version: version.gitVersion, major: version.major, minor: version.minor }, found)
}

export interface TaggedDiscovery {
  discovery: Discovery
  /** Of the server's answer about all groups; undefined where it gives none, and where it has no aggregated discovery. */
  tag: string | undefined
}

/**
 * The same discovery with all groups but the core read again: at the cost of one small answer while nothing has changed, where the server
 * offers aggregated discovery. Undefined: nothing has changed, or the server has no such thing. What does not answer stays as it was known.
 */
export async function rediscover(
  client: ApiClient,
  { discovery, tag }: TaggedDiscovery,
  signal?: AbortSignal,
): Promise<TaggedDiscovery | undefined> {
  let fresh: string | undefined
  try {
    const answer = await client.request<AggregatedList | LegacyGroups>({
      method: 'GET',
      path: '/apis',
      accept: aggregated,
      ...(tag !== undefined && { ifNoneMatch: tag }),
      onTag: (its) => void (fresh = its),
      ...(signal && { signal }),
    })
    if (!isAggregated(answer)) return undefined
    const before = foundOf(discovery)
    const groups = readAggregated(answer).map((entry) => {
      const known = before.find(({ group, version }) => group === entry.group && version === entry.version)
      return entry.unknown !== undefined && entry.resources.length === 0 && known ? { ...entry, resources: known.resources } : entry
    })
    let found = build(discovery.version, [...before.filter(({ group }) => group === ''), ...groups])
    // The answer about all groups is put together some time after a group has changed: what it lacks may just have come.
    for (const { group, version, resources } of before)
      if (resources.some((resource) => !found.resourceFor(resource)))
        found = await refreshGroupVersion(client, found, { group, version }, signal)
    return { discovery: found, tag: fresh }
  } catch (error) {
    if (isApiError(error) && error.code === 304) return undefined
    throw error
  }
}

/** The same discovery with one group version read again, at the cost of one request: after a CRD appeared or went. */
export async function refreshGroupVersion(
  client: ApiClient,
  discovery: Discovery,
  { group, version }: GroupVersion,
  signal?: AbortSignal,
): Promise<Discovery> {
  const fresh = await readGroupVersion(client, { group, version }, signal)
  const kept = foundOf(discovery)
  const at = kept.findIndex((entry) => entry.group === group && entry.version === version)
  const next = at < 0 ? [...kept, ...(fresh ? [fresh] : [])] : [...kept.slice(0, at), ...(fresh ? [fresh] : []), ...kept.slice(at + 1)]
  return build(discovery.version, next)
}

/** The same with group versions that have to be there: one that is not is unknown, with the kinds that were known of it before. */
export function expecting(discovery: Discovery, expected: readonly GroupVersion[], before: Discovery = discovery): Discovery {
  const isIn = (found: readonly Found[], { group, version }: GroupVersion) =>
    found.find((entry) => entry.group === group && entry.version === version)
  const found = foundOf(discovery)
  const missing = expected.filter((each) => !isIn(found, each))
  if (missing.length === 0) return discovery
  const known = foundOf(before)
  const unknown = missing.map(
    ({ group, version }): Found => ({
      group,
      version,
      resources: isIn(known, { group, version })?.resources ?? [],
      unknown: 'no APIService is there for it any more',
    }),
  )
  return build(discovery.version, [...found, ...unknown])
}

function build(version: Discovery['version'], found: readonly Found[]): Discovery {
  const resources = found.flatMap((entry) => entry.resources)
  const byKind = new Map(resources.map((resource) => [`${resource.group}/${resource.version}/${resource.kind}`, resource]))
  const byGroupKind = Map.groupBy(resources, ({ group, kind }) => `${group}/${kind}`)
  const unknown = found.flatMap(({ group, version: name, unknown: reason }) =>
    reason === undefined ? [] : [{ group, version: name, reason }],
  )
  const apiVersions = found.flatMap((entry) => {
    const name = entry.group ? `${entry.group}/${entry.version}` : entry.version
    return [name, ...entry.resources.map(({ kind }) => `${name}/${kind}`)]
  })
  const resourceFor = ({ group, version: name, kind }: GroupVersionKind) => byKind.get(`${group}/${name}/${kind}`)
  return {
    version,
    resources,
    apiVersions: [...new Set(apiVersions)],
    unknown,
    resourceFor,
    resourcesFor: ({ group, kind }) => byGroupKind.get(`${group}/${kind}`) ?? [],
    stateOf(kind) {
      if (resourceFor(kind)) return 'served'
      return unknown.some(({ group, version: name }) => group === kind.group && name === kind.version) ? 'unknown' : 'absent'
    },
  }
}

/** A discovery's group versions, read back from what it tells. */
function foundOf(discovery: Discovery): Found[] {
  const found = new Map<string, { group: string; version: string; resources: Resource[]; unknown?: string }>()
  const entryOf = ({ group, version }: GroupVersion) => {
    const key = `${group}/${version}`
    const entry = found.get(key) ?? { group, version, resources: [] }
    found.set(key, entry)
    return entry
  }
  for (const resource of discovery.resources) entryOf(resource).resources.push(resource)
  for (const { reason, ...groupVersion } of discovery.unknown) entryOf(groupVersion).unknown = reason
  return [...found.values()]
}

// Aggregated discovery: one answer for all groups. (apidiscovery.k8s.io/v2)

interface AggregatedList {
  kind: 'APIGroupDiscoveryList'
  items?: {
    metadata: { name?: string }
    versions?: {
      version: string
      freshness?: string
      resources?: {
        resource: string
        responseKind?: { group: string; version: string; kind: string }
        scope: 'Namespaced' | 'Cluster'
        verbs?: string[]
        subresources?: { subresource: string }[]
      }[]
    }[]
  }[]
}

const isAggregated = (answer: { kind: string }): answer is AggregatedList => answer.kind === 'APIGroupDiscoveryList'

function readAggregated(list: AggregatedList): Found[] {
  return (list.items ?? []).flatMap(({ metadata, versions = [] }) => {
    const group = metadata.name ?? ''
    return versions.map(({ version, freshness, resources = [] }): Found => {
      const stale = freshness === 'Stale'
      return {
        group,
        version,
        resources: resources.flatMap(({ resource, responseKind, scope, verbs = [], subresources = [] }) =>
          // A resource that exists only as the parent of its subresources has no kind.
          responseKind?.kind
            ? [
                {
                  group,
                  version,
                  kind: responseKind.kind,
                  plural: resource,
                  namespaced: scope === 'Namespaced',
                  verbs,
                  subresources: subresources.map((each) => each.subresource),
                },
              ]
            : [],
        ),
        ...(stale && { unknown: 'its API server does not answer' }),
      }
    })
  })
}

// Legacy discovery: groups, then one answer for each group version. (meta/v1 APIVersions, APIGroupList, APIResourceList)

interface LegacyVersions {
  kind: 'APIVersions'
  versions: string[]
}

interface LegacyGroups {
  kind: 'APIGroupList'
  groups: { name: string; versions: { version: string }[] }[]
}

interface LegacyResources {
  resources?: { name: string; kind: string; namespaced: boolean; verbs: string[]; group?: string; version?: string }[]
}

const groupVersions = ({ groups }: LegacyGroups): GroupVersion[] =>
  groups.flatMap(({ name, versions }) => versions.map(({ version }) => ({ group: name, version })))

async function readEach(client: ApiClient, list: readonly GroupVersion[], signal: AbortSignal | undefined): Promise<Found[]> {
  const found = await Promise.all(list.map((groupVersion) => readGroupVersion(client, groupVersion, signal)))
  return found.filter((entry) => entry !== undefined)
}

/** Undefined: the server does not have it. */
async function readGroupVersion(
  client: ApiClient,
  groupVersion: GroupVersion,
  signal: AbortSignal | undefined,
): Promise<Found | undefined> {
  const { group, version } = groupVersion
  try {
    const answer = await client.request<LegacyResources>({ method: 'GET', path: groupVersionPath(groupVersion), ...(signal && { signal }) })
    return { group, version, resources: readLegacy(groupVersion, answer) }
  } catch (error) {
    if (isApiError(error, 'kindUnknown', 'notFound')) return undefined
    if (isApiError(error) && error.class !== 'aborted') return { group, version, resources: [], unknown: error.message }
    throw error
  }
}

function readLegacy({ group, version }: GroupVersion, { resources = [] }: LegacyResources): Resource[] {
  const subresources = Map.groupBy(
    resources.filter(({ name }) => name.includes('/')),
    ({ name }) => name.slice(0, name.indexOf('/')),
  )
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, kind, namespaced, verbs }) => ({
      group,
      version,
      kind,
      plural: name,
      namespaced,
      verbs,
      subresources: (subresources.get(name) ?? []).map((each) => each.name.slice(name.length + 1)),
    }))
}
