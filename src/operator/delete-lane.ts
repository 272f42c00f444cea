/**
 * The lane `delete` of a playbook: what it does before the dependents of a deleted primary go.
 *
 * That it came to its end is recorded, since what it looked at goes with the dependents. A lane that takes too long says how to let the
 * primary go without it.
 */
import { skipFinalizerAnnotation } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import type { PassReport } from '../reconcile/status.ts'
import type { Walk } from '../reconcile/walk.ts'
import { followWalk, stoppedBy, waitsOf, walkOutcome, walkWarnings } from './follow-walk.ts'
import { worldOf } from './in-place.ts'
import { answerFrom } from './needs.ts'
import { inputsFor, unsettledKinds } from './observation.ts'
import type { PassContext } from './pass-context.ts'
import { done, emptyReport, failedWrites, outcomeOf, primaryName, type Warning, warningsOf } from './pass-report.ts'

/** Writes the status; resolves to the outcome with what came of that. */
type Report = (report: PassReport, outcome: Outcome, warnings: readonly Warning[]) => Promise<Outcome>

/** Among the waits of the records: when the lane ended. */
const endedMark = 'deleted'

/** Walks the lane as far as it goes. Undefined: it has ended, or there is none; else how the pass ends. */
export async function deleteLane(primary: KubernetesObject, context: PassContext, report: Report): Promise<Outcome | undefined> {
  const { program, log } = context
  if (!program.removes) return undefined
  if (primary.metadata.annotations?.[skipFinalizerAnnotation] === 'true') {
    log.warn({ primary: primaryName(primary) }, `the steps of delete are left out, as ${skipFinalizerAnnotation} says`)
    return undefined
  }
  const inputs = inputsFor(primary, unsettledKinds(primary, context), context)
  if (inputs.records?.kind === 'known' && endedMark in inputs.records.records.waits) return undefined
  const world = worldOf(primary, context)
  const answered = await answerFrom(
    'documents',
    (snapshot) => program.remove?.(snapshot, world) ?? { kind: 'problems', problems: [] },
    inputs,
    context,
  )
  const walk = answered.kind === 'answered' && answered.answer.kind === 'rendered' ? answered.answer.walk : undefined
  if (!walk) {
    const what = answered.kind === 'waits' ? answered.for : ['what the steps of delete read']
    return await report({ ...emptyReport(primary, context), waiting: what }, { kind: 'wait', for: what }, [])
  }
  const hasEnded = walk.stop === undefined
  const changes = hasEnded ? { ...walk.changes, waits: { ...walk.changes.waits, [endedMark]: context.now() } } : walk.changes
  const failed = await followWalk(primary, { ...walk, changes }, context)
  if (hasEnded && !failed) return undefined
  const results = failed ? [failed] : []
  const outcome = walkOutcome(failed ? outcomeOf(results, { kind: 'status' }, context, false) : done(context), walk)
  const stuck = walk.isOverdue ? [wayOut(walk)] : []
  const waiting = waitsOf(walk)
  return await report(
    {
      ...emptyReport(primary, context),
      waiting,
      stuck,
      stopped: stuck.length > 0 ? undefined : stoppedBy(walk),
      failedWrites: failedWrites(results),
    },
    outcome,
    [...warningsOf(results, undefined), ...walkWarnings(walk)],
  )
}

const wayOut = (walk: Walk): string =>
  `the steps of delete take longer than their timeout${walk.stop && walk.stop.kind !== 'applying' ? `, at "${walk.stop.step}"` : ''}: ` +
  `the annotation ${skipFinalizerAnnotation}: "true" lets the object go without the rest of them`
