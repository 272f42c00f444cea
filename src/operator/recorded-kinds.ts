/** What the log tells at a start of kinds in the inventory that are there no more. */
import { inventoryAnnotation } from '../api/names.ts'
import { apiVersionOf, groupKind } from '../api/object.ts'
import type { Definition } from '../definition/definition.ts'
import type { Discovery } from '../kube/discovery.ts'
import type { InventoryStore } from './inventory-store.ts'
import type { Logger } from './log.ts'

export interface RecordedKinds {
  definition: Definition
  discovery: Discovery
  inventory: InventoryStore
  log: Logger
}

/**
 * How to take out a kind that nobody serves and no chart names: what was made of it may come back with its API, so only a person can tell that
 * it will not.
 */
export function tellUnserved({ definition, discovery, inventory, log }: RecordedKinds): void {
  const named = new Set(definition.watches.flatMap(({ program }) => program.kinds.map(groupKind)))
  for (const primary of inventory.primaryKinds)
    for (const { kind } of inventory.entriesOf(primary)) {
      if (named.has(groupKind(kind)) || discovery.resourcesFor(kind).length > 0 || discovery.stateOf(kind) !== 'absent') continue
      const entry = `${apiVersionOf(kind)} ${kind.kind}`
      log.warn(
        { kind: groupKind(kind) },
        `${inventory.title} knows ${entry}, which nobody serves and no chart names: if it is not to come back, stop the operator and take ` +
          `"${entry}" out of the annotation ${inventoryAnnotation} there`,
      )
    }
}
