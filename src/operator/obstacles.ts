/**
 * What stands in the way of an apply: somebody's items in lists that are ours alone, and fields beside which ours are refused.
 * It is found, told, or goes.
 */
import { fieldManager } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import { isApiError } from '../kube/errors.ts'
import { formatPath } from '../fields/path.ts'
import { jsonPatch } from '../kube/writes.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import { type Excluded, excludedFields } from '../reconcile/alternatives.ts'
import { type ForeignItem, foreignItems, repairPatch } from '../reconcile/exclusive-lists.ts'
import { fieldHolders, isApplied, itemHolders } from '../reconcile/holders.ts'
import { applyEntry } from '../reconcile/ingest.ts'
import { unwantedItems } from '../reconcile/match.ts'
import type { ApplyContext } from './apply-context.ts'
import { admittedKey } from './memory.ts'
import { requiredResource } from './write.ts'

/** Whether anything stands in the way; what we sent ourselves goes with the next apply. */
export const isObstructed = (desired: DesiredObject, observed: KubernetesObject, context: ApplyContext): boolean => {
  const { manager, admitted } = context.match
  return (
    unwantedItems(desired, observed, admitted).some((item) => !itemHolders(observed, item).includes(manager)) ||
    obstacles(desired, observed, context).length > 0
  )
}

/** The fields beside which ours are refused, but for those that we sent ourselves. */
function obstacles(desired: DesiredObject, live: KubernetesObject, { match: { manager, parse } }: ApplyContext): Excluded[] {
  return excludedFields(desired.body, live).filter(
    ({ fields }) => !fields.every(({ path }) => fieldHolders(live, path, parse).includes(manager)),
  )
}

/** Whose is what stands in the way, where nothing may be taken from anybody. */
export function heldObstacles(desired: DesiredObject, live: KubernetesObject, context: ApplyContext): string | undefined {
  const { manager, admitted, parse } = context.match
  const items = unwantedItems(desired, live, admitted).flatMap((item) => {
    const holders = itemHolders(live, item).filter((holder) => holder !== manager)
    return holders.length > 0 ? [`${JSON.stringify(item.key)} in .${item.list.join('.')} belongs to "${holders.join('", "')}"`] : []
  })
  const fields = obstacles(desired, live, context).flatMap(({ fields: excluding }) =>
    excluding.flatMap(({ path }) => {
      const holders = fieldHolders(live, path, parse)
      return holders.length > 0 ? [`${formatPath(path)} belongs to "${holders.join('", "')}"`] : []
    }),
  )
  const held = [...items, ...fields]
  return held.length > 0 ? held.join(', ') : undefined
}

/** Puts ours back in the place of theirs, under a field manager of its own; a plain apply would put it beside. */
export async function clearTheWay(
  desired: DesiredObject,
  live: KubernetesObject,
  context: ApplyContext,
): Promise<{ removed: readonly ForeignItem[]; excluded: readonly Excluded[]; answer?: KubernetesObject }> {
  const stays = (item: ForeignItem): boolean => {
    if (desired.fieldPolicy === 'yield' && isApplied(live, item)) return true
    const key = admittedKey(live, item, context.sha256)
    // Where the managed fields were reset, nobody is known to hold anything.
    const isSomebodys = itemHolders(live, item).length > 0 || !applyEntry(live, context.match.manager)
    if (!context.memory.admitted.has(key) && isSomebodys) return false
    context.memory.admitted.add(key)
    return true
  }
  const going = foreignItems(desired.body, live).filter((item) => !stays(item))
  const excluded = obstacles(desired, live, context)
  const operations = repairPatch(desired.body, live, { stays, excluded })
  if (operations.length === 0) return { removed: [], excluded: [] }
  const manager = fieldManager('lists', context.primary.metadata.uid as string)
  try {
    const answer = await jsonPatch(context.client, requiredResource(desired, context), desired.body.metadata, operations, { manager })
    return { removed: going, excluded, answer }
  } catch (error) {
    // A test failed: the list is another one by now. A value that is wrong would be named by its field.
    throw isApiError(error, 'invalid') && error.fields.length === 0 ? error.as('conflict') : error
  }
}
