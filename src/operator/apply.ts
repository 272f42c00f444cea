/**
 * Carrying out a plan: one function an action, each bound to one incarnation of one object.
 *
 * Siblings do not wait for each other and one failure does not stop the others; what happened is gathered and returned as data.
 */
import { fieldManager } from '../api/names.ts'
import { displayName, type GroupVersionKind, groupKind, gvkOf, type KubernetesObject } from '../api/object.ts'
import type { Informer } from '../cache/informer.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { ApiError, isApiError } from '../kube/errors.ts'
import { resourcePath } from '../kube/paths.ts'
import { applyBound, createOnly, deleteBound, jsonPatch } from '../kube/writes.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import { type AdoptionPolicy, claim } from '../reconcile/adoption.ts'
import { type ForeignItem, foreignItems, type PatchOperation, repairPatch } from '../reconcile/exclusive-lists.ts'
import { isApplied, itemHolders, lostTo } from '../reconcile/holders.ts'
import { applyEntry } from '../reconcile/ingest.ts'
import { type Match, type MatchOptions, match, unmarkedBy, unwantedItems } from '../reconcile/match.ts'
import { identityOf } from '../reconcile/order.ts'
import { type Action, type Cause, conflictWith, type Plan } from '../reconcile/plan.ts'
import { spentEntries } from '../reconcile/spent-entries.ts'
import { takeOver } from './adopt.ts'
import { letGo } from './letting-go.ts'
import { admittedKey, type PrimaryMemory } from './memory.ts'
import type { Blockers } from './order-gate.ts'
import { countRepairs } from './repairs.ts'

/** What became of one action. */
export type Result =
  | { kind: 'unchanged' }
  | { kind: 'written'; verb: 'created' | 'adopted' | 'updated' | 'deleted' | 'released'; object: string; cause: Cause; detail?: string }
  | { kind: 'failed'; object: string; error: ApiError; desired?: DesiredObject }
  | { kind: 'conflict'; object: string; message: string }
  | { kind: 'unknown'; object: string; reason: string }
  /** Not written yet: what it depends on is not ready. */
  | { kind: 'blocked'; object: string; by: readonly string[] }
  /** Somebody takes it back each time: its repair has to wait. */
  | { kind: 'slowed' }
  /** The primary or the object is no longer what the pass read: its next event decides. */
  | { kind: 'outdated' }

export interface ApplyContext {
  client: ApiClient
  primary: KubernetesObject
  memory: PrimaryMemory
  match: MatchOptions
  adoption: AdoptionPolicy
  /** The desired object without what this live one's other holders keep, for one that no store has. */
  adoptedAs: (desired: DesiredObject, live: KubernetesObject) => DesiredObject
  resourceOf: (kind: GroupVersionKind) => Resource | undefined
  informerOf: (kind: GroupVersionKind) => Informer
  blockers: Blockers
  /** Reads the primary live, once a pass: whether it is still there, not being deleted, and of the generation that the pass read. */
  primaryStands: () => Promise<boolean>
  /** The desired object without what the live one's other holders keep, by its field policy. */
  handOver: (desired: DesiredObject, live: KubernetesObject) => DesiredObject
  /** The server did not keep the marks on an object of this kind: counted. */
  unmarked: (kind: string) => void
  /** Milliseconds since the epoch. */
  now: () => number
  /** A fight over an object was recognised: counted. */
  fightBegan: () => void
  /** Something that a person should see once. */
  notice: (message: string) => void
}

/** Carries out the waves in order, the actions of one side by side. */
export async function apply(plan: Plan, context: ApplyContext): Promise<Result[]> {
  const results: Result[] = []
  const unfinished = new Set<string>()
  for (const wave of plan.waves) {
    const isPrune = wave.every((action) => action.kind === 'delete' || action.kind === 'leave')
    // What replaces an object has to be there before the object goes.
    if (isPrune && !results.every(isDone)) break
    const ended = await Promise.all(wave.map((action) => perform(action, unfinished, context)))
    for (const [index, action] of wave.entries())
      if ('desired' in action && !isDone(ended[index] as Result)) unfinished.add(identityOf(action.desired))
    results.push(...ended)
  }
  return results
}

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
        return { kind: 'conflict', object: displayName(action.desired.body), message: action.message }
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
  // The garbage collector's delete of a dependent can be seen before the primary's own.
  if (cause === 'drift' && !(await context.primaryStands())) return { kind: 'outdated' }
  const resource = requiredResource(desired, context)
  try {
    const answer = await createOnly(client, resource, desired.body, { manager: options.manager })
    return written(desired, answer, context, { verb: 'created', cause })
  } catch (error) {
    if (!(error instanceof ApiError) || error.class !== 'alreadyExists') throw error
    return await takeWhatIsThere(desired, cause, context)
  }
}

/** The name is taken: by our own object, whose answer or label was lost, or by a stranger's. */
async function takeWhatIsThere(desired: DesiredObject, cause: Cause, context: ApplyContext): Promise<Result> {
  const live = await read(desired, context)
  return live ? await bringTo(context.handOver(desired, live), live, cause, context) : { kind: 'outdated' }
}

/** Makes what we want of an object that was read live, if it is ours or may become it. */
async function bringTo(desired: DesiredObject, live: KubernetesObject, cause: Cause, context: ApplyContext): Promise<Result> {
  const conflict = conflictWith(live, context.primary, context.match.manager)
  const claimed = claim(conflict, live, context.primary, context.adoption)
  if (claimed.kind === 'foreign') return { kind: 'conflict', object: displayName(desired.body), message: claimed.message }
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

async function update(action: Extract<Action, { kind: 'update' }>, context: ApplyContext): Promise<Result> {
  const { desired, observed, cause, difference } = action
  const conflict = context.memory.conflicts.get(observed.metadata.uid as string)
  // Nothing has changed since somebody's fields were in the way.
  if (conflict?.applied === desired.applied && conflict.resourceVersion === observed.metadata.resourceVersion) return conflict.result
  if (difference.kind === 'changed' && !hasForeignItems(desired, observed, context)) return await write(desired, observed, cause, context)
  if (difference.kind === 'drift' && context.memory.fights.pause(identityOf(desired), context.now()) > 0) return { kind: 'slowed' }
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

/** Whether somebody's items stand in our lists; those of our last body go by themselves. */
const hasForeignItems = (desired: DesiredObject, observed: KubernetesObject, { match: { manager, admitted } }: ApplyContext): boolean =>
  unwantedItems(desired, observed, admitted).some((item) => !itemHolders(observed, item).includes(manager))

/** First the lists, which an apply alone would only add to, then the rest. */
async function putRight(
  desired: DesiredObject,
  live: KubernetesObject,
  cause: Cause,
  difference: Exclude<Match, { kind: 'same' }>,
  context: ApplyContext,
): Promise<Result> {
  const held = desired.fieldPolicy === 'fail' ? heldItems(desired, live, context) : undefined
  if (held) return refused(desired, live, held, context)
  const { removed, answer } = await putBackLists(desired, live, context)
  // What admission put there is told apart by now, and may have been all.
  if (removed.length === 0 && match(desired, live, context.match).kind === 'same') return unchanged(desired, live, context)
  const by = [...lostTo(desired.body, live, context.match), ...removed.flatMap((item) => itemHolders(live, item))]
  const { paths, spent } = difference.kind === 'drift' ? difference : { paths: [], spent: [] }
  const detail = describe({ paths, spent, by, items: removed.length })
  const result = await write(desired, answer ?? live, cause, context, { verb: 'updated', detail })
  if (result.kind === 'written') countRepairs(desired, live, { paths, removed }, context)
  return result
}

interface Drift {
  paths: readonly string[]
  spent: readonly string[]
  by: readonly string[]
  items: number
}

/** Server-side apply, bound to the incarnation that was read; forced, unless nothing may be taken from anybody. */
async function write(
  desired: DesiredObject,
  live: KubernetesObject,
  cause: Cause,
  context: ApplyContext,
  { verb, detail }: { verb: 'adopted' | 'updated'; detail: string } = { verb: 'updated', detail: '' },
): Promise<Result> {
  const { uid, resourceVersion } = live.metadata as { uid: string; resourceVersion: string }
  const applied = await applyBound(context.client, requiredResource(desired, context), desired.body, {
    manager: context.match.manager,
    uid,
    force: desired.fieldPolicy !== 'fail',
    // Somebody who comes to hold a field in between is to keep it.
    ...(desired.fieldPolicy === 'yield' && { resourceVersion }),
  })
  const answer = await dropSpentEntries(desired, applied, context)
  return answer ? written(desired, answer, context, { verb, cause, ...(detail ? { detail } : {}) }) : { kind: 'outdated' }
}

function written(
  desired: DesiredObject,
  answer: KubernetesObject,
  { memory, match: options, informerOf, notice, unmarked }: ApplyContext,
  { verb, cause, detail }: { verb: 'created' | 'adopted' | 'updated'; cause: Cause; detail?: string },
): Result {
  const uid = answer.metadata.uid as string
  const known = memory.unmarked.has(uid)
  memory.unmarked.delete(uid)
  for (const item of foreignItems(desired.body, answer)) {
    const key = admittedKey(answer, item)
    if (memory.admitted.has(key) || itemHolders(answer, item).length > 0) continue
    memory.admitted.add(key)
    notice(`${displayName(desired.body)}: admission put ${JSON.stringify(item.key)} into ${item.list.join('.')}; it stays`)
  }
  const found = match(desired, answer, options)
  // Somebody's item that came in beside the write is the next pass's to remove.
  if (found.kind === 'changed' || (found.kind === 'drift' && found.foreign.length === 0)) {
    // A webhook or the server itself does not keep our marks: without this memory every pass would write.
    memory.unmarked.set(uid, unmarkedBy(desired, answer))
    unmarked(groupKind(desired.kind))
    if (!known) notice(`${displayName(desired.body)}: the server did not keep the marks of the write; its content is remembered instead`)
  }
  informerOf(desired.kind).wrote(answer)
  return { kind: 'written', verb, object: displayName(desired.body), cause, ...(detail ? { detail } : {}) }
}

/** Whose fields are in the way of an apply that takes nothing from anybody. */
const heldFields = ({ conflicts, message }: ApiError): string =>
  conflicts.map(({ manager, path }) => `${path} belongs to "${manager}"`).join(', ') || message

/** The same for items in our lists, which an apply alone would not touch. */
function heldItems(desired: DesiredObject, live: KubernetesObject, { match: { manager, admitted } }: ApplyContext): string | undefined {
  const held = unwantedItems(desired, live, admitted).flatMap((item) => {
    const holders = itemHolders(live, item).filter((holder) => holder !== manager)
    return holders.length > 0 ? [`${JSON.stringify(item.key)} in .${item.list.join('.')} belongs to "${holders.join('", "')}"`] : []
  })
  return held.length > 0 ? held.join(', ') : undefined
}

/** The object stays as it is, and is not asked about again until it changes. */
function refused(desired: DesiredObject, live: KubernetesObject, message: string, { memory }: ApplyContext): Result {
  const { uid, resourceVersion } = live.metadata as { uid: string; resourceVersion: string }
  const result = { kind: 'conflict', object: displayName(desired.body), message } as const
  memory.conflicts.set(uid, { applied: desired.applied, resourceVersion, result })
  return result
}

/** Puts our items back in the place of foreign ones, under a field manager of its own; a plain apply would put them beside. */
async function putBackLists(
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

/** The object without the entries that would keep alive what we drop later; undefined if it was not to be had in between other writes. */
async function dropSpentEntries(
  desired: DesiredObject,
  applied: KubernetesObject,
  context: ApplyContext,
): Promise<KubernetesObject | undefined> {
  const { manager } = context.match
  let live: KubernetesObject | undefined = applied
  // Status writes of the object's own controller come in between: the entries' places are read again then.
  for (let tries = 0; tries < 5 && live; tries++) {
    const spent = spentEntries(live, manager)
    if (spent.length === 0) return live
    const operations: PatchOperation[] = [
      { op: 'test', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion as string },
      ...spent.toReversed().map(({ index }): PatchOperation => ({ op: 'remove', path: `/metadata/managedFields/${index}` })),
    ]
    try {
      return await jsonPatch(context.client, requiredResource(desired, context), desired.body.metadata, operations, { manager })
    } catch (error) {
      if (!(error instanceof ApiError) || (error.code !== 422 && error.code !== 409)) throw error
    }
    live = await read(desired, context)
  }
  return undefined
}

async function remove(observed: KubernetesObject, cause: Cause, context: ApplyContext): Promise<Result> {
  if (!(await context.primaryStands())) return { kind: 'outdated' }
  const resource = context.resourceOf(gvkOf(observed))
  // A kind that the cluster does not serve any more has no objects.
  if (!resource) return { kind: 'unchanged' }
  const deletion = await deleteBound(context.client, resource, observed.metadata, { uid: observed.metadata.uid as string })
  context.memory.deleted.add(observed.metadata.uid as string)
  // Its event is on the way: the pass before deleted it, or somebody else did.
  if (deletion.kind === 'absent') return { kind: 'unchanged' }
  return { kind: 'written', verb: 'deleted', object: displayName(observed), cause }
}

async function leave(observed: KubernetesObject, cause: Cause, context: ApplyContext): Promise<Result> {
  if (!(await context.primaryStands())) return { kind: 'outdated' }
  const resource = context.resourceOf(gvkOf(observed))
  if (!resource || !(await letGo(observed, context.primary, resource, context.client))) return { kind: 'unchanged' }
  return { kind: 'written', verb: 'released', object: displayName(observed), cause }
}

async function read(desired: DesiredObject, { client, ...context }: ApplyContext): Promise<KubernetesObject | undefined> {
  try {
    return await client.request<KubernetesObject>({
      method: 'GET',
      path: resourcePath(requiredResource(desired, context), desired.body.metadata),
    })
  } catch (error) {
    if (error instanceof ApiError && error.class === 'notFound') return undefined
    throw error
  }
}

function requiredResource(desired: DesiredObject, { resourceOf }: Pick<ApplyContext, 'resourceOf'>): Resource {
  const resource = resourceOf(desired.kind)
  if (!resource) throw new Error(`${displayName(desired.body)}: written without a resource`)
  return resource
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
