/** Lists that are ours alone: somebody's items in them are found, told, or go. */
import { fieldManager } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import { isApiError } from '../kube/errors.ts'
import { jsonPatch } from '../kube/writes.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import { type ForeignItem, foreignItems, repairPatch } from '../reconcile/exclusive-lists.ts'
import { isApplied, itemHolders } from '../reconcile/holders.ts'
import { applyEntry } from '../reconcile/ingest.ts'
import { unwantedItems } from '../reconcile/match.ts'
import type { ApplyContext } from './apply-context.ts'
import { admittedKey } from './memory.ts'
import { requiredResource } from './write.ts'

/** Whether somebody's items stand in our lists; those of our last body go by themselves. */
export const hasForeignItems = (
  desired: DesiredObject,
  observed: KubernetesObject,
  { match: { manager, admitted } }: ApplyContext,
): boolean => unwantedItems(desired, observed, admitted).some((item) => !itemHolders(observed, item).includes(manager))

/** The same for items in our lists, which an apply alone would not touch. */
export function heldItems(
  desired: DesiredObject,
  live: KubernetesObject,
  { match: { manager, admitted } }: ApplyContext,
): string | undefined {
  const held = unwantedItems(desired, live, admitted).flatMap((item) => {
    const holders = itemHolders(live, item).filter((holder) => holder !== manager)
    return holders.length > 0 ? [`${JSON.stringify(item.key)} in .${item.list.join('.')} belongs to "${holders.join('", "')}"`] : []
  })
  return held.length > 0 ? held.join(', ') : undefined
}

/** Puts our items back in the place of foreign ones, under a field manager of its own; a plain apply would put them beside. */
export async function putBackLists(
  desired: DesiredObject,
  live: KubernetesObject,
  context: ApplyContext,
): Promise<{ removed: readonly ForeignItem[]; answer?: KubernetesObject }> {
  const stays = (item: ForeignItem): boolean => {
    if (desired.fieldPolicy === 'yield' && isApplied(live, item)) return true
    const key = admittedKey(live, item)
    // Where the managed fields were reset, nobody is known to hold anything.
    const isSomebodys = itemHolders(live, item).length > 0 || !applyEntry(live, context.match.manager)
    if (!context.memory.admitted.has(key) && isSomebodys) return false
    context.memory.admitted.add(key)
    return true
  }
  const going = foreignItems(desired.body, live).filter((item) => !stays(item))
  const operations = repairPatch(desired.body, live, stays)
  if (operations.length === 0) return { removed: [] }
  const manager = fieldManager('lists', context.primary.metadata.uid as string)
  try {
    const answer = await jsonPatch(context.client, requiredResource(desired, context), desired.body.metadata, operations, { manager })
    return { removed: going, answer }
  } catch (error) {
    // A test failed: the list is another one by now. A value that is wrong would be named by its field.
    throw isApiError(error, 'invalid') && error.fields.length === 0 ? error.as('conflict') : error
  }
}
