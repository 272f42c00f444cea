/**
 * Carrying out a plan: one function an action, each bound to one incarnation of one object.
 *
 * Siblings do not wait for each other and one failure does not stop the others; what happened is gathered and returned as data.
 */
import { displayName, gvkOf, type KubernetesObject } from '../api/object.ts'
import { ApiError, isApiError } from '../kube/errors.ts'
import { createOnly, deleteBound } from '../kube/writes.ts'
import { isInTheWay } from '../reconcile/collisions.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import { identityOf, orderable } from '../reconcile/order.ts'
import type { Action, Cause, Plan } from '../reconcile/plan.ts'
import type { ApplyContext, Result } from './apply-context.ts'
import { letGo } from './letting-go.ts'
import { lookForLostVersions } from './lost-versions.ts'
import { countReturn, isSlowed, timeToLive } from './repairs.ts'
import { sideBySide } from './side-by-side.ts'
import { heldFields, refused, takeWhatIsThere, update } from './update.ts'
import { requiredResource, written } from './write.ts'

/** Carries out the waves in order, the actions of one side by side. */
export async function apply(plan: Plan, context: ApplyContext): Promise<Result[]> {
  const ended: Ended[] = []
  const unfinished = new Set<string>()
  const isReplaced = (): boolean => ended.every(({ action, result }) => !('desired' in action) || isDone(result))
  const run = async (actions: readonly Action[]): Promise<void> => {
    const results = await sideBySide(actions, (action) => perform(action, unfinished, context))
    for (const [at, action] of actions.entries()) {
      const result = results[at] as Result
      ended.push({ action, result })
      if ('desired' in action && !isDone(result)) unfinished.add(identityOf(action.desired))
    }
  }
  for (const wave of plan.waves) {
    const isPrune = wave.every(({ kind }) => kind === 'delete')
    // What replaces an object has to be there before the object goes, unless that is what keeps it from being there.
    const first = isPrune && !isReplaced() ? wave.filter((action) => keepsOut(action, ended)) : []
    if (first.length > 0) {
      await run(first)
      for (const each of ended)
        if (first.some((action) => keepsOut(action, [each]))) each.result = await perform(each.action, unfinished, context)
    }
    if (isPrune && !isReplaced()) break
    await run(wave.filter((action) => !first.some((each) => each === action)))
  }
  return ended.map(({ result }) => result)
}

interface Ended {
  action: Action
  result: Result
}

/** Whether a delete would free what the server refused to others, because only one can have it. */
const keepsOut = (action: Action, ended: readonly Ended[]): boolean =>
  action.kind === 'delete' &&
  ended.some(
    ({ result }) =>
      result.kind === 'failed' && result.error.class === 'invalid' && result.desired && isInTheWay(action.observed, result.desired.body),
  )

const isDone = ({ kind }: Result): boolean => kind === 'written' || kind === 'unchanged'

async function perform(action: Action, unfinished: ReadonlySet<string>, context: ApplyContext): Promise<Result> {
  if (awaitsOthers(action)) {
    const by = context.blockers(action.desired, unfinished)
    if (by.length > 0) return { kind: 'blocked', object: displayName(action.desired.body), by }
  }
  try {
    switch (action.kind) {
      case 'keep':
        return { kind: 'unchanged' }
      case 'unknown':
        return { kind: 'unknown', object: displayName(action.desired.body), reason: action.reason }
      case 'conflict':
        return { kind: 'conflict', object: displayName(action.desired.body), message: action.message, identity: identityOf(action.desired) }
      case 'create':
        return await create(action.desired, action.cause, context)
      case 'adopt':
        return await takeWhatIsThere(action.desired, action.cause, context)
      case 'update':
        return await update(action, context)
      case 'delete':
        return await remove(action.observed, action.cause, context)
      case 'leave':
        return await leave(action.observed, action.cause, context)
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if ('observed' in action) await lookForLostVersions(error, action.observed, context)
    // Another version or incarnation than the pass read: its event is on the way.
    if (isApiError(error, 'conflict', 'uidMismatch')) return { kind: 'outdated' }
    const desired = 'desired' in action ? action.desired : undefined
    if (action.kind === 'update' && isApiError(error, 'fieldConflict'))
      return refused(action.desired, action.observed, heldFields(error), context)
    return {
      kind: 'failed',
      object: displayName(desired?.body ?? (action as { observed: KubernetesObject }).observed),
      error,
      ...(desired ? { desired } : {}),
    }
  }
}

/** Drift of an object that runs is put right whatever state others are in: order is for what is new. */
function awaitsOthers(action: Action): action is Extract<Action, { kind: 'create' | 'update' | 'unknown' }> {
  return action.kind === 'create' || action.kind === 'unknown' || (action.kind === 'update' && action.cause !== 'drift')
}

async function create(desired: DesiredObject, cause: Cause, context: ApplyContext): Promise<Result> {
  const { client, match: options } = context
  if (cause === 'drift' && isSlowed(desired, context)) return { kind: 'slowed' }
  // The garbage collector's delete of a dependent can be seen before the primary's own.
  if (cause === 'drift' && !(await context.primaryStands())) return { kind: 'outdated' }
  const resource = requiredResource(desired, context)
  try {
    const answer = await createOnly(client, resource, desired.body, { manager: options.manager })
    context.memory.made.add(identityOf(desired))
    context.memory.unlabelled.delete(identityOf(desired))
    if (cause === 'drift') countReturn(desired, context)
    const by = cause === 'drift' ? timeToLive(desired.body) : undefined
    return written(desired, answer, context, { verb: 'created', cause, ...(by && { detail: `${by} deletes it when it has finished` }) })
  } catch (error) {
    if (!(error instanceof ApiError) || error.class !== 'alreadyExists') throw error
    return await takeWhatIsThere(desired, cause, context)
  }
}

async function remove(observed: KubernetesObject, cause: Cause, context: ApplyContext): Promise<Result> {
  if (!(await context.primaryStands())) return { kind: 'outdated' }
  const resource = context.resourceOf(gvkOf(observed))
  // A kind that the cluster does not serve any more has no objects.
  if (!resource) return { kind: 'unchanged' }
  const { propagation } = context
  const deletion = await deleteBound(context.client, resource, observed.metadata, { uid: observed.metadata.uid as string, propagation })
  context.memory.deleted.add(observed.metadata.uid as string)
  context.memory.made.delete(identityOf(orderable(observed)))
  // Its event is on the way: the pass before deleted it, or somebody else did.
  if (deletion.kind === 'absent') return { kind: 'unchanged' }
  return { kind: 'written', verb: 'deleted', of: observed, cause }
}

async function leave(observed: KubernetesObject, cause: Cause, context: ApplyContext): Promise<Result> {
  if (!(await context.primaryStands())) return { kind: 'outdated' }
  const resource = context.resourceOf(gvkOf(observed))
  if (!resource || !(await letGo(observed, context.primary, resource, context.client))) return { kind: 'unchanged' }
  return { kind: 'written', verb: 'released', of: observed, cause }
}
