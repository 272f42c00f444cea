/**
 * One pass over one primary: observe → secure → next → plan → apply → assess → report.
 *
 * Level-based: a pass looks at what is, never at what happened. It may be repeated at any time, and one that finds nothing to do sends
 * nothing at all. The middle is pure; only `secure`, `apply` and the status writer reach the server.
 */
import type { Problem } from '../api/problem.ts'
import { kindName } from '../reconcile/desired.ts'
import { readInstructions } from '../reconcile/instructions.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import type { Answer } from '../reconcile/program.ts'
import type { Refusal } from '../reconcile/status.ts'
import { assess, carriedBefore } from './assess.ts'
import { carryOut } from './carry-out.ts'
import { isAsWanted, isUnchanged, readFor, stillRendered, withRead } from './clean-pass.ts'
import { deletionPass } from './deletion.ts'
import { beginPass } from './feedback.ts'
import { type Answered, answerFrom } from './needs.ts'
import { worldOf } from './in-place.ts'
import { inputsFor, isPatient, unsettledKinds } from './observation.ts'
import type { PassContext } from './pass-context.ts'
import { done, emptyReport, failedWrites, outcomeOf, outdated, waitsFor, warningsOf } from './pass-report.ts'
import { secure } from './preparation.ts'
import { refuse } from './refusal.ts'
import { report, type Reporting, reportOn, unprepared } from './reporting.ts'
import { memoryFor } from './requests.ts'

/**
 * Runs one pass for the primary of this key, and tells how it ended. Rejects only for a bug.
 *
 * @param refusal why the primary is not to be served, if that is so
 */
export async function pass(key: string, context: PassContext, refusal?: Refusal): Promise<Outcome> {
  const primary = context.primaries.get(key)
  const uid = primary?.metadata.uid
  if (!primary || !uid) return { kind: 'done' }
  const memory = memoryFor(primary, context)
  if (primary.metadata.deletionTimestamp !== undefined)
    return await deletionPass(
      primary,
      context,
      async (passReport, outcome, warnings) => (await reportOn(passReport, outcome, { primary, memory, context }, warnings)).outcome,
    )

  const read = readFor(primary, context)
  const { clean } = memory
  if (clean && !refusal && isUnchanged(clean, primary, read)) {
    memory.clean = withRead(clean, primary, read)
    return done(context)
  }

  const secured = await secure(primary, [...read.dependents.values()], context)
  if (secured.kind !== 'ready') return await unprepared(secured, { primary, memory, context })
  if (refusal) return await refuse(primary, refusal, context)
  if (readInstructions(primary).suspended)
    return await report(
      { ...emptyReport(primary, context), unrendered: true },
      { kind: 'wait', for: ['resumption'] },
      { primary, memory, context },
    )

  const unsettled = unsettledKinds(primary, context)
  if (isPatient(primary, unsettled, context)) return { kind: 'wait', for: unsettled.map(({ kind }) => kindName(kind)) }
  memory.clean = undefined
  beginPass(primary, read, memory, context)

  const asked = inputsFor(primary, unsettled, context)
  if (asked.records?.kind === 'unknown' && asked.records.isOnItsWay) return { kind: 'wait', for: [asked.records.reason] }
  const kept = clean && unsettled.length === 0 ? stillRendered(clean, primary, read) : undefined
  const reading = { read, wantsTheSame: clean !== undefined && isAsWanted(clean, primary, read), memory, unsettled, context }
  if (clean && kept) return await assess(primary, carriedBefore(primary, clean, kept), { ...reading, inputs: asked })

  const since = performance.now()
  const world = worldOf(primary, context)
  const answered = await answerFrom('documents', (snapshot) => context.program.next(snapshot, world), asked, context)
  context.metrics.rendered(context.name, performance.now() - since)
  if (answered.kind !== 'answered') return await reportStopped(answered, { primary, memory, context })
  const { answer, inputs } = answered
  switch (answer.kind) {
    case 'problems':
      return await report(
        { ...emptyReport(primary, context), problems: answer.problems },
        { kind: 'failed', problem: answer.problems[0] as Problem },
        { primary, memory, context },
      )
    case 'unknown':
      return await report(
        { ...emptyReport(primary, context), unrendered: true, waiting: waitsFor(answer.reads, inputs) },
        { kind: 'wait', for: [...answer.reads] },
        { primary, memory, context },
      )
    case 'rendered':
      return await carryOut(primary, answer, { ...reading, inputs })
  }
}

/** What the program reads is on its way, or a value that it needs could not be kept. */
async function reportStopped(answered: Exclude<Answered<Answer>, { kind: 'answered' }>, reporting: Reporting): Promise<Outcome> {
  const { primary, context } = reporting
  const report = emptyReport(primary, context)
  if (answered.kind === 'waits') {
    const { after } = answered
    if (after !== undefined) return { kind: 'retry', error: { class: 'waiting', message: `waits for ${answered.for.join(', ')}` }, after }
    const wait: Outcome = { kind: 'wait', for: answered.for }
    return answered.told ? (await reportOn({ ...report, waiting: answered.for }, wait, reporting, [])).outcome : wait
  }
  if (answered.kind === 'refused') return 'outcome' in answered.by ? answered.by.outcome : await refuse(primary, answered.by, context)
  if (answered.result.kind === 'outdated') return { kind: 'retry', error: outdated(primary, context) }
  const results = [answered.result]
  const outcome = outcomeOf(results, { kind: 'status' }, context, false)
  return (await reportOn({ ...report, failedWrites: failedWrites(results) }, outcome, reporting, warningsOf(results, undefined))).outcome
}
