/** From what the program rendered to what the cluster holds: plan → apply → assess → report. */
import type { KubernetesObject } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import { type DesiredObject, desiredObjects, kindName } from '../reconcile/desired.ts'
import { withoutOwner } from '../reconcile/keep.ts'
import { type Order, orderOf } from '../reconcile/order.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import type { Answer } from '../reconcile/program.ts'
import { readyWhenProblems } from '../reconcile/ready-when.ts'
import { apply } from './apply.ts'
import { applyContext, type Result } from './apply-context.ts'
import { assess, type Reading } from './assess.ts'
import { refusedByDepth } from './composition.ts'
import { noteWrites, planUnderFeedback } from './feedback.ts'
import { followWalk } from './follow-walk.ts'
import { observedIn, scopeOf, startingKinds } from './observation.ts'
import { type PassPlan, planPass } from './pass-plan.ts'
import type { PassContext } from './pass-context.ts'
import { emptyReport, logWrites, outdated } from './pass-report.ts'
import { prepare } from './preparation.ts'
import { refuse } from './refusal.ts'
import { report, type Reporting, unprepared, unwritten } from './reporting.ts'

/** Makes of the rendered documents what the cluster is to hold, and tells how that ended. Rejects only for a bug. */
export async function carryOut(
  primary: KubernetesObject,
  answer: Extract<Answer, { kind: 'rendered' }>,
  reading: Reading,
): Promise<Outcome> {
  const { memory, context } = reading
  const reporting = { primary, memory, context }
  const { objects, order, problems } = desire(primary, answer, context)
  if (problems.length > 0)
    return await report({ ...emptyReport(primary, context), problems }, { kind: 'failed', problem: problems[0] as Problem }, reporting)

  // A kind that was not to be seen in the templates' text is watched from now on.
  const starting = startingKinds(objects, context)
  if (starting.length > 0) return { kind: 'wait', for: starting.map(kindName) }

  const owned = withoutOwner(objects, primary, { observedOf: observedIn(context), sha256: context.sha256 })
  const stopped = await preflight(owned, reporting)
  if (stopped) return stopped

  const planned = await planPass(primary, { objects, owned, order }, answer, reading)
  if ('outcome' in planned) return planned.outcome
  const results = await apply(planUnderFeedback(planned.planned, memory), applyContext(primary, planned, reading))
  noteResults(planned, results, reporting)
  if (results.some(({ kind }) => kind === 'outdated')) return { kind: 'retry', error: outdated(primary, context) }

  const failed = answer.walk && (await followWalk(primary, answer.walk, context))
  if (failed?.kind === 'outdated') return { kind: 'retry', error: outdated(primary, context) }

  const { readNow, readInputs, overridden, names, walk } = answer
  const { settled, warnings, reads, desired, yielded, awaited, unread } = planned
  return await assess(
    primary,
    {
      ...settled,
      warnings,
      readNow,
      readInputs,
      reads,
      overridden,
      names,
      walk,
      results: failed ? [...results, failed] : results,
      desired,
      yielded,
      awaited,
      unread,
    },
    reading,
  )
}

/** What the primary wants, as it is sent, in its order; or what is wrong with it. */
function desire(
  primary: KubernetesObject,
  { documents }: Extract<Answer, { kind: 'rendered' }>,
  context: PassContext,
): { objects: DesiredObject[]; order: Order; problems: Problem[] } {
  const { objects, problems } = desiredObjects(primary, documents, {
    scopeOf: scopeOf(context),
    namespaces: context.namespaces,
    fieldPolicy: context.fieldPolicy,
    sha256: context.sha256,
  })
  const { order, problems: misordered } = orderOf(objects)
  return { objects, order, problems: [...problems, ...misordered, ...readyWhenProblems(objects)] }
}

/** How the pass ends before anything is planned, if it has to. */
async function preflight(owned: readonly DesiredObject[], { primary, memory, context }: Reporting): Promise<Outcome | undefined> {
  const observedOf = observedIn(context)
  const isMissing = owned.some((object) => observedOf(object) === undefined)
  const refusal = await refusedByDepth(primary, isMissing, context).catch(unwritten)
  if (refusal) return 'outcome' in refusal ? refusal.outcome : await refuse(primary, refusal, context)
  const prepared = await prepare(primary, owned, context)
  return prepared.kind === 'ready' ? undefined : await unprepared(prepared, { primary, memory, context })
}

/** Tells the log, and what is remembered of the primary, what became of the plan. */
function noteResults({ planned }: PassPlan, results: readonly Result[], { primary, memory, context }: Reporting): void {
  logWrites(primary, results, context)
  noteWrites({ planned, results }, memory, context)
  context.contests.note(
    primary.metadata.uid as string,
    results.flatMap((result) => (result.kind === 'conflict' && result.identity ? [result.identity] : [])),
  )
}
