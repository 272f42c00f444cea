/**
 * Reading the trees of primaries from a cluster: gets and lists only.
 *
 * The inventory says which kinds of dependents to look for. Who may not read it, or has none, pays with a list of every kind.
 */
import { eventController, inventoryAnnotation, operatorLabel, dependentsFinalizer, primaryUidLabel } from '../api/names.ts'
import { type GroupVersionKind, groupKind, gvkOf, type KubernetesObject } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { discover, type Discovery } from '../kube/discovery.ts'
import { isApiError } from '../kube/errors.ts'
import { eventNamespace, events } from '../kube/events.ts'
import { findKind } from '../kube/find-kind.ts'
import { leases } from '../kube/leases.ts'
import { listAll } from '../kube/list.ts'
import { findObject } from '../kube/find.ts'
import { anyNamespace, type Inventory, mergedInventories, parseInventory } from '../reconcile/inventory.ts'
import { listed } from '../reconcile/status.ts'
import { deepest, isPrimary, isSecret, type LastAction, primaryTree, type PrimaryTree, primaryUidOf } from './tree.ts'

export interface TreeSearch {
  client: ApiClient
  /** Left out: every kind that an operator watches. */
  kind?: string | undefined
  /** Left out: all objects of the kind. */
  name?: string | undefined
  /** Undefined: all namespaces. */
  namespace: string | undefined
  /** Where the operator keeps its inventory; undefined: it is looked for. */
  operatorNamespace: string | undefined
  /** Milliseconds since the epoch. */
  now: number
}

export type TreeAnswer =
  | {
      kind: 'found'
      trees: PrimaryTree[]
      /** What could not be read, and why: a part of the trees may be missing. */
      unread: string[]
    }
  | { kind: 'problem'; problem: Problem }

/** Rejects with ApiError if a primary cannot be read; what else cannot is told beside the trees. */
export async function findTrees(search: TreeSearch): Promise<TreeAnswer> {
  const { client } = search
  const discovery = await discover(client)
  const unread: string[] = []
  const inventory = await readInventory(search, unread)
  const found = await findPrimaries(search, discovery, inventory)
  if ('code' in found) return { kind: 'problem', problem: found }
  const byPrimary = await findDependents(found, { ...search, discovery, inventory, unread })
  const actions = await lastActions(search, [...byPrimary.primaries.values()], discovery, unread)
  const world = {
    dependentsOf: (uid: string) => byPrimary.dependents.get(uid) ?? [],
    lastActionOf: (uid: string) => actions.get(uid),
    isPrimary: (kind: string) => byPrimary.kinds.has(kind),
    now: search.now,
  }
  const shown = search.name === undefined ? found.filter((primary) => isPrimary(primary, world)) : found
  return { kind: 'found', trees: shown.map((primary) => primaryTree(primary, world)), unread: [...new Set(unread)] }
}

/** What all operators have applied, as far as it may be read; undefined: nothing is known of it. */
async function readInventory({ client, operatorNamespace }: TreeSearch, unread: string[]): Promise<Inventory | undefined> {
  try {
    const options = { namespace: operatorNamespace, labelSelector: operatorLabel }
    const found = await listAll(client, leases, options)
    const texts = found.flatMap(({ metadata }) => metadata.annotations?.[inventoryAnnotation] ?? [])
    const known = texts.map(parseInventory).filter((inventory) => inventory !== undefined)
    return known.length > 0 ? known.reduce(mergedInventories) : undefined
  } catch (error) {
    if (!isApiError(error, 'forbidden')) throw error
    unread.push(`the inventory of the operator, so every kind was searched: ${error.message}; name its namespace with --operator-namespace`)
    return undefined
  }
}

async function findPrimaries(
  { client, kind, name, namespace }: TreeSearch,
  discovery: Discovery,
  inventory: Inventory | undefined,
): Promise<KubernetesObject[] | Problem> {
  const missing = (message: string, remedy?: string): Problem => ({ code: 'OBJECT_MISSING', message, ...(remedy && { remedy }) })
  const kinds = kind === undefined ? Object.keys(inventory ?? {}) : [kind]
  if (kinds.length === 0) return missing('the kinds of custom resources are not known: there is no inventory of an operator', 'name a kind')
  const objects: KubernetesObject[] = []
  for (const each of kinds) {
    const resource = findKind(each, discovery)
    // A kind of the inventory whose definition was deleted has no objects.
    if ('code' in resource && kind === undefined) continue
    if ('code' in resource) return resource
    if (name === undefined) objects.push(...(await listAll(client, resource, { namespace, metadataOnly: isSecret(apiOf(resource)) })))
    else {
      if (resource.namespaced && namespace === undefined) return missing(`${groupKind(resource)} is in a namespace`, 'name it with -n')
      const object = await findObject(client, resource, { namespace, name })
      if (!object) return missing(`there is no ${groupKind(resource)}/${resource.namespaced ? `${namespace}/` : ''}${name}`)
      objects.push(object)
    }
  }
  return objects
}

interface Found {
  /** By the primary's UID. */
  dependents: Map<string, KubernetesObject[]>
  /** By their UID: those that were asked for, and dependents that are primaries themselves. */
  primaries: Map<string, KubernetesObject>
  /** Kinds of primaries. */
  kinds: Set<string>
}

interface Search extends TreeSearch {
  discovery: Discovery
  inventory: Inventory | undefined
  unread: string[]
}

/** Level by level, since a dependent may be a primary. */
async function findDependents(roots: readonly KubernetesObject[], search: Search): Promise<Found> {
  const { inventory } = search
  const found: Found = { dependents: new Map(), primaries: new Map(), kinds: new Set(Object.keys(inventory ?? {})) }
  let level = [...roots]
  for (let depth = 0; level.length > 0 && depth <= deepest; depth++) {
    for (const primary of level) {
      found.primaries.set(primary.metadata.uid as string, primary)
      found.kinds.add(groupKind(gvkOf(primary)))
    }
    const objects = await listDependents(level, search)
    for (const object of objects) {
      const uid = primaryUidOf(object) as string
      found.dependents.set(uid, [...(found.dependents.get(uid) ?? []), object])
    }
    level = objects.filter((object) => found.kinds.has(groupKind(gvkOf(object))) && !found.primaries.has(object.metadata.uid as string))
  }
  return found
}

/** So many UIDs fit into the address of a request; of more, all objects with the label are listed. */
const mostUids = 50

async function listDependents(primaries: readonly KubernetesObject[], search: Search): Promise<KubernetesObject[]> {
  const { client, unread, inventory } = search
  const refused: { kind: string; message: string }[] = []
  const uids = new Set(primaries.map(({ metadata }) => metadata.uid as string))
  const labelSelector = uids.size > mostUids ? primaryUidLabel : `${primaryUidLabel} in (${[...uids].join(',')})`
  const lists = kindsToSearch(primaries, search).map(async ({ resource, namespaces }) => {
    try {
      const each = namespaces.map((namespace) =>
        listAll(client, resource, { namespace, labelSelector, metadataOnly: isSecret(apiOf(resource)) }),
      )
      return (await Promise.all(each)).flat()
    } catch (error) {
      if (!isApiError(error)) throw error
      refused.push({ kind: groupKind(resource), message: error.message })
      return []
    }
  })
  const found = (await Promise.all(lists)).flat().filter((object) => uids.has(primaryUidOf(object) ?? ''))
  // Of all the kinds of a cluster hardly any is the operator's: a line for each would hide the rest.
  if (inventory === undefined && refused.length > 1)
    unread.push(`${refused.length} kinds: ${listed(refused.map(({ kind }) => kind).sort())}`)
  else unread.push(...refused.map(({ kind, message }) => `${kind}: ${message}`))
  return found
}

const apiOf = ({ group, version, kind }: GroupVersionKind) => ({ apiVersion: group ? `${group}/${version}` : version, kind })

interface Place {
  resource: Resource
  /** `undefined` in it: all namespaces. */
  namespaces: (string | undefined)[]
}

/** Where dependents of these primaries can be: by the inventory, or anywhere that their owner references and finalizers allow. */
function kindsToSearch(primaries: readonly KubernetesObject[], { discovery, inventory }: Search): Place[] {
  const own = primaries.map(({ metadata }) => metadata.namespace)
  const everywhere = own.includes(undefined) || primaries.some(({ metadata }) => metadata.finalizers?.includes(dependentsFinalizer))
  const places = new Map<string, Place>()
  const add = (resource: Resource, namespaces: (string | undefined)[]): void => {
    if (!resource.verbs.includes('list')) return
    const id = groupKind(resource)
    const all = new Set([...(places.get(id)?.namespaces ?? []), ...(resource.namespaced ? namespaces : [undefined])])
    places.set(id, { resource, namespaces: all.has(undefined) ? [undefined] : [...all] })
  }
  const kinds = new Set(primaries.map((primary) => groupKind(gvkOf(primary))))
  for (const primaryKind of kinds)
    for (const { kind, namespaces } of inventory?.[primaryKind] ?? []) {
      const resource = discovery.resourceFor(kind) ?? discovery.resourcesFor(kind)[0]
      if (resource) add(resource, namespaces.includes(anyNamespace) || own.includes(undefined) ? [undefined] : [...own, ...namespaces])
    }
  if (inventory === undefined)
    for (const resource of discovery.resources) {
      const isPreferred = discovery.resourcesFor(resource)[0] === resource
      // A namespaced primary without the finalizer has all that is its own in its namespace.
      if (isPreferred && resource.kind !== 'Event' && (resource.namespaced || everywhere)) add(resource, everywhere ? [undefined] : own)
    }
  return [...places.values()]
}

/** The newest Event of ours about each primary. */
async function lastActions(
  { client }: TreeSearch,
  primaries: readonly KubernetesObject[],
  discovery: Discovery,
  unread: string[],
): Promise<Map<string, LastAction>> {
  const newest = new Map<string, LastAction>()
  if (discovery.stateOf(events) === 'absent') return newest
  const [only] = primaries
  const one = primaries.length === 1 && only ? `,regarding.uid=${only.metadata.uid}` : ''
  const namespaces = new Set(primaries.map(eventNamespace))
  const lists = [...namespaces].map(async (namespace) => {
    try {
      return await listAll(client, events, { namespace, fieldSelector: `reportingController=${eventController}${one}` })
    } catch (error) {
      if (!isApiError(error)) throw error
      unread.push(`the last action: ${error.message}`)
      return []
    }
  })
  for (const event of (await Promise.all(lists)).flat()) {
    const { regarding, reason, note, eventTime, series } = event as unknown as Partial<EventFields>
    const action: LastAction = {
      reason: reason ?? '',
      message: note ?? '',
      time: series?.lastObservedTime ?? eventTime ?? event.metadata.creationTimestamp ?? '',
      ...(series && { count: series.count }),
    }
    const uid = regarding?.uid
    if (uid !== undefined && (newest.get(uid)?.time ?? '') <= action.time) newest.set(uid, action)
  }
  return newest
}

interface EventFields {
  regarding: { uid?: string }
  reason: string
  note: string
  eventTime: string
  series: { count: number; lastObservedTime: string }
}
