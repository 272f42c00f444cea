/** Which primaries of a kind nobody serves any more, since a changed file does not take them. */
import type { GroupVersionKind, KubernetesObject } from '../api/object.ts'
import { isDropped, isOutOfSight, type Selections, selectsNamespaces } from '../definition/selections.ts'
import type { LabelsOfNamespace } from '../definition/routing.ts'
import type { ApiClient } from '../kube/client.ts'
import type { Discovery } from '../kube/discovery.ts'
import { listAll } from '../kube/list.ts'
import type { InventoryStore } from './inventory-store.ts'

export interface UnservedOptions {
  /** What the watches take now. */
  watched: Selections
  inventory: Pick<InventoryStore, 'selectionOf'>
  client: ApiClient
  discovery: Discovery
}

/** All where no watch names the kind. Rejects with ApiError where it depends on namespaces that cannot be listed. */
export async function unservedOf(
  kind: string,
  { watched, inventory, client, discovery }: UnservedOptions,
): Promise<(primary: KubernetesObject) => boolean> {
  const now = watched[kind]
  if (!now) return () => true
  const before = inventory.selectionOf(kind) ?? []
  const labelsOf = selectsNamespaces([...before, ...now]) ? await namespaceLabels(client, discovery) : () => 'unknown' as const
  const change = { before, now, labelsOf }
  // Whichever watch it was, a deletion that is seen is carried out.
  return (primary) => (primary.metadata.deletionTimestamp === undefined ? isDropped(primary, change) : isOutOfSight(primary, change))
}

const namespaceKind: GroupVersionKind = { group: '', version: 'v1', kind: 'Namespace' }

async function namespaceLabels(client: ApiClient, discovery: Discovery): Promise<LabelsOfNamespace> {
  const resource = discovery.resourceFor(namespaceKind)
  const listed = resource ? await listAll(client, resource, { metadataOnly: true }) : []
  const labels = new Map(listed.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]))
  return (name) => labels.get(name) ?? 'unknown'
}
