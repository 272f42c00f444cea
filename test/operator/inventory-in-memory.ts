/** An inventory that is kept nowhere: for tests that are about something else, and count requests. */
import type { KnownKinds } from '../../src/operator/inventory-store.ts'
import { groupKind } from '../../src/api/object.ts'
import { type InventoryEntry, merged } from '../../src/reconcile/inventory.ts'

export function inventoryInMemory(): KnownKinds {
  const known = new Map<string, readonly InventoryEntry[]>()
  return {
    title: 'Lease/fairlead-inventory',
    problem: undefined,
    read: () => Promise.resolve(true),
    entriesOf: (primary) => known.get(primary) ?? [],
    placesOf: (kind) =>
      [...known.values()]
        .flat()
        .filter((entry) => groupKind(entry.kind) === groupKind(kind))
        .flatMap(({ namespaces }) => namespaces),
    record: (primary, entries) => {
      known.set(primary, merged([...(known.get(primary) ?? []), ...entries]))
      return Promise.resolve()
    },
  }
}
