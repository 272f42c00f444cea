/**
 * Holding back deletes: what a plan may delete, and the record of what it may not.
 *
 * A hold is recorded before the first write of the pass, on the objects and in the status: once the replacement is there, what would be
 * deleted looks like leftovers. That is so too where nothing may be deleted yet, since some kind cannot be read: the next pass finds the
 * replacement. An approval is recorded before the first delete, since the set that it names is smaller after it.
 */
import { approvePruneAnnotation } from '../api/names.ts'
import { groupKind, gvkOf, type KubernetesObject } from '../api/object.ts'
import type { WantedCondition } from '../reconcile/conditions.ts'
import { desiredObjects } from '../reconcile/desired.ts'
import { holdCondition, type HoldRecord, sameHold } from '../reconcile/hold-record.ts'
import { defaultPrunePolicy, deleteCause, judgeDeletes, type PrunePolicy, type Seen, strictestOf, tellsOf } from '../reconcile/holds.ts'
import { causedByInputs } from '../reconcile/input-cause.ts'
import { identityOf, orderable } from '../reconcile/order.ts'
import { type Action, type Departure, isDeparture, lossesOf, type Plan } from '../reconcile/plan.ts'
import type { Answer, Inputs, RenderedDocument } from '../reconcile/program.ts'
import { putMarks } from './hold-marks.ts'
import type { PrimaryMemory } from './memory.ts'
import { scopeOf } from './observation.ts'
import { SparseSet } from './sparse.ts'
import type { PassContext } from './pass-context.ts'
import { primaryName, type Warning } from './pass-report.ts'

export interface Settled {
  /** The plan without the deletes that are held. */
  planned: Plan
  /** Why nothing is deleted and the primary cannot be ready, if that is so. */
  pruneSkipped: string | undefined
  /** As it is after the hold was recorded. */
  primary: KubernetesObject
  /** For the status; `kept` where nothing could be told. */
  hold: WantedCondition | 'kept' | undefined
  /** Whether deletes wait for approval. */
  held: boolean
  /** For the log. */
  warnings: readonly Warning[]
}

interface Reading {
  primary: KubernetesObject
  /** What the program rendered, and from what. */
  answer: Rendered
  inputs: Inputs
  memory: PrimaryMemory
  context: PassContext
}

type Rendered = Extract<Answer, { kind: 'rendered' }>

/** Takes out of a plan what is held, and records it. Rejects with ApiError if it cannot be recorded: then nothing may be written. */
export async function settleDeletes(planned: Plan, { primary, answer, inputs, memory, context }: Reading): Promise<Settled> {
  const { departures } = planned
  const writes = planned.waves.flat().filter((action) => !isDeparture(action))
  const rendered = writes.length > 0
  const [losses] = lossesOf(departures, rendered)
  const deletes = losses.map(({ observed }) => observed)
  // Deleted by us, and its event is still on its way: what caused it then is not to be seen any more.
  const going = deletes.filter(({ metadata }) => memory.deleted.has(metadata.uid as string))
  memory.deleted = new SparseSet(going.map(({ metadata }) => metadata.uid as string))
  const open = deletes.filter((object) => !going.includes(object))
  const last = context.statusWriter.lastClean(primary, memory)
  const cause = deleteCause(last, {
    generation: primary.metadata.generation,
    revision: context.revision,
    causedByInputs: () => areDroppedByInputs(open, last, { primary, answer, inputs, context }),
  })
  const record = context.statusWriter.lastHold(primary, memory)
  const judged = judgeDeletes({
    primary,
    deletes: open,
    cause,
    rendered,
    keepsAny: writes.some(({ kind }) => kind === 'keep' || kind === 'update'),
    policy: policyFor(last, context),
    spent: context.pruned,
    record,
    approval: primary.metadata.annotations?.[approvePruneAnnotation],
    sha256: context.sha256,
  })
  // Before anything is awaited: other primaries of the watch are judged by the same count.
  if (planned.pruneSkipped === undefined) await context.pruned.add(judged.counted)
  const kept = open.filter((object) => !judged.run.includes(object))
  const why = judged.record?.kind === 'held' && judged.record.reason !== 'NothingRendered' ? judged.record : undefined
  const wanted = writes.flatMap((action) => (action.kind === 'keep' || action.kind === 'update' ? [action.observed] : []))
  await putMarks({ primary, held: kept, why, wanted }, context)
  // What is not known yet cannot end a hold, nor change the set that is to be approved.
  if (planned.pruneSkipped !== undefined && (judged.record?.kind !== 'held' || kept.every((object) => tellsOf(record, object, primary))))
    return { planned, pruneSkipped: planned.pruneSkipped, primary, hold: 'kept', held: false, warnings: [] }
  const run = new Set([...going, ...judged.run])
  // An approved set is told until the last of it is gone.
  const found = judged.record ?? (going.length > 0 && record?.kind === 'approved' ? record : undefined)
  const hold = found && holdCondition(found, approveCommand(primary, context.statusWriter.tellsHold ? undefined : found.set))
  const recorded = found && hold && mustBeRecorded(found, record, writes) ? await recordHold(primary, hold, memory, context) : primary
  if (found?.kind === 'approved' && !sameHold(found, record)) context.log.info({ primary: primaryName(primary) }, hold?.message as string)
  memory.hold = found
  const held = found?.kind === 'held'
  const pruneSkipped = planned.pruneSkipped ?? (held && !rendered ? 'no document was rendered' : undefined)
  return {
    planned: {
      ...planned,
      waves: withDepartures(planned.waves, ({ kind, observed }) => run.has(observed) || (kind === 'leave' && rendered), cause),
    },
    // Without any document nothing could be ready or not.
    pruneSkipped,
    primary: recorded,
    hold,
    held,
    warnings: held && hold ? [{ fields: { reason: hold.reason }, message: hold.message }] : [],
  }
}

/** What another watch made is protected as it was there, too, until a clean pass of this one; by default where that watch is gone. */
function policyFor({ watch }: Seen, context: PassContext): PrunePolicy {
  if (watch === context.watch) return context.prune
  return strictestOf(context.prune, context.watchOf(watch)?.prune ?? defaultPrunePolicy)
}

/** Whether what the program reads, or the watch that has the primary, is why these are no longer rendered. */
function areDroppedByInputs(
  objects: readonly KubernetesObject[],
  last: Seen,
  { primary, answer, inputs, context }: Omit<Reading, 'memory'>,
): boolean {
  if (last.watch === context.watch && !answer.readInputs) return false
  const program = context.watchOf(last.watch)?.program
  return (
    !program ||
    causedByInputs({
      inputs,
      seen: last.inputs,
      recorded: last.reads,
      render: (earlier) => program.next(earlier),
      hasAny: ({ documents }) => hasAny(documents, objects, primary, context),
      sha256: context.sha256,
    })
  )
}

/** Whether any of these objects is among the documents. */
function hasAny(
  documents: readonly RenderedDocument[],
  objects: readonly KubernetesObject[],
  primary: KubernetesObject,
  context: PassContext,
): boolean {
  const names = new Set(objects.map((object) => identityOf(orderable(object))))
  const desired = desiredObjects(primary, documents, { scopeOf: scopeOf(context), sha256: context.sha256 })
  return desired.problems.length > 0 || desired.objects.some((object) => names.has(identityOf(object)))
}

/** A hold beside which nothing is written is told by the status at the end of the pass. */
const mustBeRecorded = (found: HoldRecord, record: HoldRecord | undefined, writes: readonly Action[]): boolean =>
  !sameHold(found, record) && (found.kind === 'approved' || writes.some(({ kind }) => kind !== 'keep'))

async function recordHold(
  primary: KubernetesObject,
  hold: WantedCondition,
  memory: PrimaryMemory,
  { statusWriter, primaries }: PassContext,
): Promise<KubernetesObject> {
  const written = await statusWriter.writeHold(primary, hold, memory)
  if (written) primaries.wrote(written)
  return written ?? primary
}

const withDepartures = (waves: Plan['waves'], may: (departure: Departure) => boolean, cause: Departure['cause']): Action[][] =>
  waves
    .map((wave) =>
      wave.filter((action) => !isDeparture(action) || may(action)).map((each) => (isDeparture(each) ? { ...each, cause } : each)),
    )
    .filter((wave) => wave.length > 0)

/** What a person types; a kind with its group is never taken for another. `set`: for a kind whose status does not tell it. */
export function approveCommand({ metadata, ...object }: KubernetesObject, set?: string): string {
  const kind = groupKind(gvkOf(object))
  return `fairlead approve ${kind}/${metadata.name}${metadata.namespace ? ` -n ${metadata.namespace}` : ''}${set ? ` --set ${set}` : ''}`
}
