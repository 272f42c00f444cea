/** Looking for orphans in the whole cluster, or in some namespaces: lists only, nothing is written. */
import { primaryUidLabel } from '../api/names.ts'
import { type GroupVersionKind, groupKind, type KubernetesObject, objectKey } from '../api/object.ts'
import type { Definition } from '../definition/definition.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import type { Discovery } from '../kube/discovery.ts'
import { listAll } from '../kube/list.ts'
import { isWithin, type Orphan, orphanOf } from '../reconcile/orphans.ts'
import type { InventoryStore } from './inventory-store.ts'

export interface OrphanSearch {
  definition: Definition
  client: ApiClient
  discovery: Discovery
  inventory: InventoryStore
  /** Empty: all. */
  namespaces: readonly string[]
}

/** All of them, sorted. Rejects with ApiError: a list that is not whole would be believed. */
export async function findOrphans({ definition, client, discovery, inventory, namespaces }: OrphanSearch): Promise<Orphan[]> {
  await inventory.load()
  const resourceOf = (kind: GroupVersionKind): Resource | undefined => discovery.resourceFor(kind) ?? discovery.resourcesFor(kind)[0]
  const list = async (resource: Resource, labelSelector?: string): Promise<KubernetesObject[]> => {
    const places = resource.namespaced && namespaces.length > 0 ? namespaces : [undefined]
    const lists = await Promise.all(
      places.map((namespace) => listAll(client, resource, { namespace, ...(labelSelector && { labelSelector }) })),
    )
    return lists.flat()
  }
  // The objects come before their primaries: a primary that is made in between is found for what it has made.
  const recorded = inventory.primaryKinds.flatMap((primary) => inventory.entriesOf(primary).map(({ kind }) => kind))
  const dependentKinds = resourcesOf([...recorded, ...definition.watches.flatMap(({ program }) => program.kinds)], resourceOf)
  const objects = (await Promise.all(dependentKinds.map((resource) => list(resource, primaryUidLabel)))).flat()
  const primaryKinds = resourcesOf(
    definition.watches.map(({ kind }) => kind),
    resourceOf,
  )
  const primaries = new Map<string, KubernetesObject>()
  const names = new Set<string>()
  for (const resource of primaryKinds)
    for (const primary of await list(resource)) {
      primaries.set(primary.metadata.uid as string, primary)
      names.add(`${groupKind(resource)} ${objectKey(primary.metadata)}`)
    }
  const known = {
    byUid: (uid: string) => primaries.get(uid),
    watches: (kind: string, namespace: string | undefined) =>
      definition.watches.some((watch) => groupKind(watch.kind) === kind) && isWithin(namespaces, namespace),
    has: (kind: string, namespace: string | undefined, name: string) =>
      names.has(`${kind} ${objectKey({ namespace, name })}`) || names.has(`${kind} ${name}`),
  }
  const order = (orphan: Orphan): string => `${orphan.kind} ${objectKey(orphan)}`
  return objects.flatMap((object) => orphanOf(object, known) ?? []).sort((one, other) => (order(one) < order(other) ? -1 : 1))
}

/** Each kind once, in one version that is served. */
function resourcesOf(kinds: readonly GroupVersionKind[], resourceOf: (kind: GroupVersionKind) => Resource | undefined): Resource[] {
  const byKind = new Map<string, Resource>()
  for (const kind of kinds) {
    const resource = resourceOf(kind)
    if (resource) byKind.set(groupKind(kind), resource)
  }
  return [...byKind.values()]
}
