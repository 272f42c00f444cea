/**
 * The pass over a primary that is being deleted, as long as our finalizer keeps it.
 *
 *   starting caches ─▶ wait
 *   dependents that no owner reference holds, in the caches ─▶ delete or let go of each, bound to its UID ─▶ wait for their events
 *   none in the caches ─▶ ask the server live ─▶ none ─▶ drop the finalizer
 *
 * What owner references hold is the garbage collector's, as soon as the primary is gone. Nothing is deleted without proof of authorship,
 * nor before a live read says that this primary is being deleted.
 */
import { deletionPolicyAnnotation, fieldManager } from '../api/names.ts'
import { displayName, groupKind, gvkOf, type KubernetesObject } from '../api/object.ts'
import { ApiError } from '../kube/errors.ts'
import { isNamespaceGone } from '../kube/namespaces.ts'
import { resourcePath } from '../kube/paths.ts'
import { deleteBound } from '../kube/writes.ts'
import { kindName } from '../reconcile/desired.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import { isKept } from '../reconcile/keep.ts'
import { blindDeletion, isAwaited, isChosenBackground, refusedDeletion } from '../reconcile/blind-deletion.ts'
import { deletionPolicyOf, type DeletionPolicy, lastWave, propagationBy } from '../reconcile/deletion-policy.ts'
import { heldByNobody, isMadeBy, isProvablyOf } from '../reconcile/ownership.ts'
import { listed, type PassReport } from '../reconcile/status.ts'
import type { Result } from './apply-context.ts'
import { type AwaitedDeletions, awaitedDeletions, where } from './awaited-deletions.ts'
import { toldToOrphan } from './cascade.ts'
import { deleteLane } from './delete-lane.ts'
import { dropFinalizer, isHeld } from './finalizer.ts'
import { letGo } from './letting-go.ts'
import { dependentsOf, type Unsettled, unsettledKinds } from './observation.ts'
import type { PassContext } from './pass-context.ts'
import { emptyReport, failedWrites, isRetried, logWrites, outdated, primaryName, type Warning, warningsOf } from './pass-report.ts'
import { remainingOf } from './remaining.ts'
import { sideBySide } from './side-by-side.ts'

/** Writes the status; resolves to the outcome with what came of that. */
export type Report = (report: PassReport, outcome: Outcome, warnings: readonly Warning[]) => Promise<Outcome>

export async function deletionPass(primary: KubernetesObject, context: PassContext, report: Report): Promise<Outcome> {
  if (!isHeld(primary, context)) return { kind: 'done' }
  const unknown = unknownKinds(primary, context)
  if (unknown.length > 0) {
    const waiting = unknown.map(({ kind, state, reason }) => `${kindName(kind)}: ${reason ?? state}`)
    const outcome: Outcome = { kind: 'wait', for: waiting }
    // A list that only takes its time is worth no word.
    if (!unknown.some(({ failed }) => failed)) return outcome
    const stuck = [blindDeletion(waiting.join('; '), primary)]
    return await report({ ...emptyReport(primary, context), waiting, stuck }, outcome, warned(waiting))
  }
  const found = await beingDeleted(primary, context)
  if (found === 'gone') return { kind: 'done' }
  if (found === 'unknown') return { kind: 'retry', error: outdated(primary, context) }
  const lane = await deleteLane(found, context, report)
  if (lane) return lane
  const manager = fieldManager('dependents', primary.metadata.uid as string)
  const dependents = [...dependentsOf(primary.metadata.uid as string, context)]
  const made = dependents.filter((object) => isProvablyOf(object, primary, manager))
  const live = await toldToOrphan(found, made, context).catch((error: unknown) => {
    if (error instanceof ApiError) return error
    throw error
  })
  if (live instanceof ApiError) return { kind: 'retry', error: live }
  const policy = deletionPolicyOf(live, context.deletionPolicy)
  if (policy === undefined) return await report({ ...emptyReport(live, context) }, { kind: 'wait', for: [deletionPolicyAnnotation] }, [])
  // With the rest stays what keeps the generated values: whoever takes it over needs them.
  const ours = policy === 'orphan' ? dependents.filter((object) => isMadeBy(object, primary)) : made
  const left = toTakeAway(ours, primary, manager, policy)
  const removals = await sideBySide(left, (object) => remove(object, primary, policy, context))
  const results = removals.flatMap(({ result }) => (result ? [result] : []))
  logWrites(primary, results, context)
  const staying = left.filter((_object, at) => removals[at]?.kind !== 'gone')
  if (staying.length === 0) return await end(live, manager, policy, context, report)
  const awaited = awaitedDeletions(staying, primary, context)
  const { waiting } = awaited
  const stuck = [...stuckBy(removals), ...awaited.stuck]
  const failed = failedWrites(removals.flatMap(({ result, stuck: told }) => (result && told === undefined ? [result] : [])))
  return await report(
    { ...emptyReport(primary, context), waiting, stuck, failedWrites: failed },
    outcomeWhile(results, awaited, { primary, context }),
    warningsOf(results, undefined),
  )
}

/** Nothing is left as far as the caches know. */
async function end(
  live: KubernetesObject,
  manager: string,
  policy: DeletionPolicy,
  context: PassContext,
  report: Report,
): Promise<Outcome> {
  const wait = async (what: string, error: ApiError, warnings: readonly Warning[], stuck: readonly string[] = []): Promise<Outcome> =>
    await report({ ...emptyReport(live, context), waiting: [what], stuck }, { kind: 'retry', error }, warnings)
  const unanswered = async (error: ApiError, isLasting: boolean): Promise<Outcome> => {
    const what = `an answer about what is left of it: ${error.message}`
    return await wait(what, error, warned([what]), isLasting ? [blindDeletion(error.message, live)] : [])
  }
  try {
    // The caches are behind, or may not read: these go as well.
    const { remaining, unread } = await remainingOf(live, manager, context, policy)
    const [blind] = isChosenBackground(live) ? [] : unread
    if (blind) return await unanswered(blind, true)
    if (remaining.length > 0) {
      const next = policy === 'foreground' ? lastWave(remaining) : remaining
      const removals = await sideBySide(next, (object) => remove(object, live, policy, context))
      const results = removals.flatMap(({ result }) => (result ? [result] : []))
      logWrites(live, results, context)
      const what = `the deletion of ${listed(remaining.map(where))}`
      return await wait(what, outdated(live, context), warningsOf(results, undefined), stuckBy(removals))
    }
    const unknown = unread.length > 0 ? `; what is left of it is not known: ${unread.map(({ message }) => message).join('; ')}` : ''
    await dropFinalizer(live, context)
    context.log[unknown ? 'warn' : 'info']({ primary: primaryName(live) }, `let go of ${primaryName(live)}${unknown}`)
    return { kind: 'done' }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.class === 'notFound') return { kind: 'done' }
    if (error.class === 'conflict' || error.class === 'uidMismatch') return { kind: 'retry', error }
    return await unanswered(error, error.class === 'forbidden')
  }
}

/**
 * Kinds that have to be known first. The kinds that matter are asked live in the end, but for a record of them that was lost: then every
 * kind matters, unless a person says on the primary that they do not.
 */
function unknownKinds(primary: KubernetesObject, context: PassContext): Unsettled[] {
  const unsettled = unsettledKinds(primary, context).filter(({ state }) => state !== 'gone')
  const isRecorded = context.inventory.entriesOf(groupKind(context.resource)).some(({ namespaces }) => namespaces.length > 0)
  const isOrdered = deletionPolicyOf(primary, context.deletionPolicy) !== 'background'
  return (isRecorded && !isOrdered) || isChosenBackground(primary)
    ? unsettled.filter(({ state, failed }) => state === 'starting' && !failed)
    : unsettled
}

/**
 * Events tell when they are gone, where the caches get any; the clock tells when that takes too long. What the server refused it may allow
 * soon: somebody waits for the deletion.
 */
function outcomeWhile(
  results: readonly Result[],
  { waiting, within }: AwaitedDeletions,
  { primary, context }: { primary: KubernetesObject; context: PassContext },
): Outcome {
  const refused = results.find((result) => result.kind === 'failed')
  if (refused) return { kind: 'retry', error: refused.error }
  if (unsettledKinds(primary, context).length > 0) return { kind: 'retry', error: outdated(primary, context) }
  if (within === undefined) return { kind: 'wait', for: [...waiting] }
  return { kind: 'retry', error: { class: 'waiting', message: `waits for ${waiting.join('; ')}` }, after: within }
}

/** By the policy, what goes or is let go of now; what is to be kept is let go of at once, whether or not an owner reference holds it. */
function toTakeAway(
  ours: readonly KubernetesObject[],
  primary: KubernetesObject,
  manager: string,
  policy: DeletionPolicy,
): KubernetesObject[] {
  const kept = ours.filter((object) => isKept(object))
  const others = ours.filter((object) => !isKept(object))
  switch (policy) {
    case 'background':
      return [...heldByNobody(others, primary, manager).filter((object) => isAwaited(object, primary)), ...kept]
    case 'foreground':
      return [...lastWave(others), ...kept]
    case 'orphan':
      return ours.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  }
}

/** The primary, live, if it is this one and being deleted. */
async function beingDeleted(primary: KubernetesObject, context: PassContext): Promise<KubernetesObject | 'gone' | 'unknown'> {
  try {
    const { client, resource } = context
    const live = await client.request<KubernetesObject>({ method: 'GET', path: resourcePath(resource, primary.metadata) })
    if (live.metadata.uid !== primary.metadata.uid || !isHeld(live, context)) return 'gone'
    return live.metadata.deletionTimestamp === undefined ? 'unknown' : live
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return error.class === 'notFound' ? 'gone' : 'unknown'
  }
}

/** What became of a dependent: `gone` is known to be no more, whatever the cache still holds. */
interface Removal {
  kind: 'going' | 'gone' | 'failed'
  result?: Result
  /** It may not be deleted: what can be done. */
  stuck?: string
}

const stuckBy = (removals: readonly Removal[]): string[] => removals.flatMap(({ stuck }) => stuck ?? [])

async function remove(object: KubernetesObject, primary: KubernetesObject, policy: DeletionPolicy, context: PassContext): Promise<Removal> {
  const stays = policy === 'orphan' || isKept(object)
  const resource = context.resourceOf(gvkOf(object))
  if (!resource) return { kind: 'gone' }
  if (object.metadata.deletionTimestamp !== undefined) return { kind: 'going' }
  try {
    if (stays) {
      if (!(await letGo(object, primary, resource, context.client))) return { kind: 'gone' }
      return { kind: 'going', result: { kind: 'written', verb: 'released', of: object, cause: 'spec' } }
    }
    const { kind } = await deleteBound(context.client, resource, object.metadata, {
      uid: object.metadata.uid as string,
      propagation: propagationBy(policy),
    })
    if (kind === 'absent') return { kind: 'gone' }
    return { kind: 'going', result: { kind: 'written', verb: 'deleted', of: object, cause: 'spec' } }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    // It changed in between: its event is on the way.
    if (error.class === 'conflict' && stays) return { kind: 'going' }
    // Another incarnation has the name by now.
    if (error.class === 'conflict' || error.class === 'kindUnknown') return { kind: 'gone' }
    const { namespace } = object.metadata
    // Whoever deletes a namespace deletes the permissions in it.
    if (error.class === 'forbidden' && namespace !== undefined && (await isNamespaceGone(namespace, context.client)))
      return { kind: 'gone' }
    const result = { kind: 'failed', object: displayName(object), error } as const
    return { kind: 'failed', result, ...(!stays && !isRetried(error) && { stuck: refusedDeletion(object, error.message, primary) }) }
  }
}

const warned = (waiting: readonly string[]): Warning[] => waiting.map((what) => ({ fields: {}, message: `the deletion waits for ${what}` }))
