/** Makes what we want of an object that is there: what changed is written at once, what somebody else did is read live first. */
import { displayName, type KubernetesObject } from '../api/object.ts'
import { type ApiError, isApiError } from '../kube/errors.ts'
import { claim } from '../reconcile/adoption.ts'
import { type DesiredObject, wishOf } from '../reconcile/desired.ts'
import { fieldHolders, itemHolders, lostTo } from '../reconcile/holders.ts'
import { reduceDependentsFields } from '../reconcile/ingest.ts'
import { type Match, match } from '../reconcile/match.ts'
import { identityOf } from '../reconcile/order.ts'
import { type Action, type Cause, conflictWith } from '../reconcile/plan.ts'
import { isSameDependent } from '../reconcile/unchanged.ts'
import { takeOver } from './adopt.ts'
import type { ApplyContext, Result } from './apply-context.ts'
import { mayHaveLostVersions, withoutLostVersions } from './lost-versions.ts'
import { clearTheWay, heldObstacles, isObstructed } from './obstacles.ts'
import { isReplaced, isReset, reinstated } from './reinstate.ts'
import { countRepairs, isSlowed } from './repairs.ts'
import { read, requiredResource, write } from './write.ts'

export async function update(action: Extract<Action, { kind: 'update' }>, context: ApplyContext): Promise<Result> {
  const { desired, observed, cause, difference } = action
  const conflict = context.memory.conflicts.get(observed.metadata.uid as string)
  // Nothing has changed since somebody's fields were in the way.
  if (conflict?.wish === wishOf(desired) && isSameDependent(conflict.observed, observed, context.match.manager)) return conflict.result
  // Who applied another body in our name is another operator, to which the primary's labels may have moved it.
  if (difference.kind === 'changed' && context.wantsTheSame && !(await context.primaryStands())) return { kind: 'outdated' }
  const isPlain = !isReset(observed, context) && !isObstructed(desired, observed, context) && !mayHaveLostVersions(observed, context)
  if (difference.kind === 'changed' && isPlain) return await write(desired, observed, cause, context)
  if (difference.kind === 'drift' && isSlowed(desired, context)) return { kind: 'slowed' }
  // The garbage collector takes our reference off where a primary goes without its dependents: put back, it would be their end.
  if (hasLostOwner(desired, observed) && !(await context.primaryStands())) return { kind: 'outdated' }
  // Drift is read live once: who holds the field is not in the store.
  const live = await read(desired, context)
  if (live?.metadata.uid !== observed.metadata.uid) return { kind: 'outdated' }
  // What was handed over was judged by the version that the cache held.
  if (desired.fieldPolicy === 'yield' && live?.metadata.resourceVersion !== observed.metadata.resourceVersion) return { kind: 'outdated' }
  return live ? await bringTo(desired, live, cause, context) : { kind: 'outdated' }
}

const hasLostOwner = ({ body }: DesiredObject, { metadata }: KubernetesObject): boolean =>
  (body.metadata.ownerReferences ?? []).some(({ uid }) => !metadata.ownerReferences?.some((owner) => owner.uid === uid))

/** The name is taken: by our own object, whose answer or label was lost, or by a stranger's. */
export async function takeWhatIsThere(desired: DesiredObject, cause: Cause, context: ApplyContext): Promise<Result> {
  const live = await read(desired, context)
  return live ? await bringTo(context.handOver(desired, live), live, cause, context) : { kind: 'outdated' }
}

/** Makes what we want of an object that was read live, if it is ours or may become it. */
async function bringTo(desired: DesiredObject, found: KubernetesObject, cause: Cause, context: ApplyContext): Promise<Result> {
  const isOurs = isReplaced(desired, found, context)
  const conflict = isOurs ? undefined : conflictWith(found, context.primary, context.match.manager, context.names)
  const claimed = claim(conflict, found, context.primary, context.adoption, context.names)
  if (claimed.kind === 'foreign')
    return { kind: 'conflict', object: displayName(desired.body), message: claimed.message, identity: identityOf(desired) }
  const own = claimed.kind === 'ours' ? await reinstated(desired, found, context) : found
  const live = mayHaveLostVersions(own, context)
    ? await withoutLostVersions(own, { ...context, resource: requiredResource(desired, context) })
    : own
  if (claimed.kind === 'adoptable') {
    const taken = await takeOver(desired, live, { ...context, resource: requiredResource(desired, context) })
    return await write(taken.desired, taken.live, cause, context, { verb: 'adopted', detail: taken.detail })
  }
  const difference = match(desired, live, context.match)
  return difference.kind === 'same' ? unchanged(desired, live, context) : await putRight(desired, live, cause, difference, context)
}

/** What was read live is what the next pass sees, also if its event is still on its way. */
function unchanged(desired: DesiredObject, live: KubernetesObject, { informerOf }: ApplyContext): Result {
  informerOf(desired.kind).wrote(live)
  return { kind: 'unchanged' }
}

/** First what stands in the way of an apply, or what it would only add to; then the rest. */
async function putRight(
  desired: DesiredObject,
  live: KubernetesObject,
  cause: Cause,
  difference: Exclude<Match, { kind: 'same' }>,
  context: ApplyContext,
): Promise<Result> {
  const held = desired.fieldPolicy === 'fail' ? heldObstacles(desired, live, context) : undefined
  // As the cache will hold it, which the next pass compares it with.
  if (held) return refused(desired, reduceDependentsFields(live), held, context)
  const { removed, excluded, answer } = await clearTheWay(desired, live, context)
  // What admission put there is told apart by now, and may have been all.
  if (answer === undefined && match(desired, live, context.match).kind === 'same') return unchanged(desired, live, context)
  const by = [
    ...lostTo(desired.body, live, context.match),
    ...removed.flatMap((item) => itemHolders(live, item)),
    ...excluded.flatMap(({ fields }) => fields.flatMap(({ path }) => fieldHolders(live, path, context.match.parse))),
  ]
  const { paths, spent } = difference.kind === 'drift' ? difference : { paths: [], spent: [] }
  const detail = describe({ paths, spent, by, items: removed.length })
  const result = await write(desired, answer ?? live, cause, context, { verb: 'updated', detail }).catch((error: unknown): Result => {
    if (!isApiError(error, 'invalid')) throw error
    return { kind: 'failed', object: displayName(desired.body), error, desired, changedBy: [...new Set(by)] }
  })
  if (result.kind === 'written') countRepairs(desired, live, { paths, removed }, context)
  return result
}

/** Whose fields are in the way of an apply that takes nothing from anybody. */
export const heldFields = ({ conflicts, message }: ApiError): string =>
  conflicts.map(({ manager, path }) => `${path} belongs to "${manager}"`).join(', ') || message

/** The object stays as it is, and is not asked about again until more of it changes than its status. */
export function refused(desired: DesiredObject, observed: KubernetesObject, message: string, { memory }: ApplyContext): Result {
  const result = { kind: 'conflict', object: displayName(desired.body), message } as const
  memory.conflicts.set(observed.metadata.uid as string, { wish: wishOf(desired), observed, result })
  return result
}

interface Drift {
  paths: readonly string[]
  spent: readonly string[]
  by: readonly string[]
  items: number
}

function describe({ paths, spent, by, items }: Drift): string {
  const parts = [
    paths.length > 0 ? `${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''} put back` : '',
    items > 0 ? `${items} foreign list ${items === 1 ? 'item' : 'items'} removed` : '',
    spent.length > 0 ? `the entry of ${spent.join(' and ')} in the managed fields removed` : '',
    by.length > 0 ? `changed by ${[...new Set(by)].join(', ')}` : '',
  ]
  return parts.filter(Boolean).join('; ')
}
