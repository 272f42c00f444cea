/** An inventory that is kept nowhere: for tests that are about something else, and count requests. */
import type { KnownKinds } from '../../src/operator/inventory-store.ts'
import { groupKind } from '../../src/api/object.ts'
import { type InventoryEntry, merged } from '../../src/reconcile/inventory.ts'
import { type Pruned, withPruned } from '../../src/reconcile/pruned.ts'

export function inventoryInMemory(): KnownKinds {
  const known = new Map<string, readonly InventoryEntry[]>()
  let pruned: Pruned = {}
  return {
    title: 'Lease/fairlead-inventory',
    namespace: 'default',
    problem: undefined,
    read: () => Promise.resolve(true),
    entriesOf: (primary) => known.get(primary) ?? [],
    placesOf: (kind) =>
      [...known.values()]
        .flat()
        .filter((entry) => groupKind(entry.kind) === groupKind(kind))
        .flatMap(({ namespaces }) => namespaces),
    servers: {},
    record: (primary, entries) => {
      known.set(primary, merged([...(known.get(primary) ?? []), ...entries]))
      return Promise.resolve()
    },
    prunedBy: (revision, watch) => pruned[revision]?.[watch] ?? [],
    recordPruned: (revision, watch, digests) => {
      pruned = withPruned(pruned, revision, watch, digests)
      return Promise.resolve()
    },
  }
}
