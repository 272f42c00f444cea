/**
 * What a pass ends with after its writes: the status, the outcome, and what the next pass may take for unchanged.
 */
import { equalJson } from '../api/equal.ts'
import type { JsonObject, KubernetesObject } from '../api/object.ts'
import { describeFeeding } from '../reconcile/feedback.ts'
import { fightingConditions } from '../reconcile/fights.ts'
import { type Yielded, yieldedConditions } from '../reconcile/hand-over.ts'
import { seenInputs } from '../reconcile/input-cause.ts'
import { identityOf, type Orderable } from '../reconcile/order.ts'
import { overriddenConditions } from '../reconcile/overridden.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import type { Inputs, StatusAnswer } from '../reconcile/program.ts'
import type { ReadVersions } from '../reconcile/read-versions.ts'
import type { PassReport } from '../reconcile/status.ts'
import type { Walk } from '../reconcile/walk.ts'
import type { Result } from './apply-context.ts'
import { type AwaitedDeletions, nothingAwaited } from './awaited-deletions.ts'
import { type CleanPass, cleanPass, type Read } from './clean-pass.ts'
import { forgetFeedback, noteStatus } from './feedback.ts'
import { feedbackWarnings, fightWarning, settleFeedback, settleFights } from './fight-report.ts'
import { unknownRotations } from './generated.ts'
import type { Settled } from './holds.ts'
import { linesOf, type PrimaryMemory } from './memory.ts'
import { answerFrom } from './needs.ts'
import { dependentsOf, pruneForbidden, type Unsettled } from './observation.ts'
import { stoppedBy, waitsOf, walkOutcome, walkStatus, walkWarnings } from './follow-walk.ts'
import type { PassContext } from './pass-context.ts'
import { dependentReport, emptyReport, failedWrites, lookAgain, outcomeOf, waitsFor, warningsOf } from './pass-report.ts'
import { isHeldInVain, release } from './preparation.ts'
import { reportOn, unprepared } from './reporting.ts'

/** What a pass read before it wrote. */
export interface Reading {
  inputs: Inputs
  /** What the pass began with. */
  read: Read
  /** Nothing that is wanted can have changed since the last clean pass. */
  wantsTheSame: boolean
  memory: PrimaryMemory
  unsettled: Unsettled[]
  context: PassContext
}

/** What the writes of a pass came to. */
interface Carried extends Settled {
  /** Of the program's answer. */
  readNow: boolean
  readInputs: boolean | undefined
  reads: ReadVersions | undefined
  overridden: readonly string[] | undefined
  names: Inputs['names']
  /** Of a playbook. */
  walk?: Walk | undefined
  results: readonly Result[]
  desired: readonly Orderable[]
  yielded: readonly Yielded[]
  /** What has to be gone before more is deleted. */
  awaited: AwaitedDeletions
  /** What the documents do not depend on, as far as it is known. */
  unread: CleanPass['unread']
  /** The dependents are those that a pass before has judged, as they were. */
  isRepeated?: true
}

/** What a whole pass would have come to, which would have found what the clean pass found. */
export const carriedBefore = (
  primary: KubernetesObject,
  { unread, yielded, reads, overridden, names }: CleanPass,
  desired: readonly Orderable[],
): Carried => ({
  planned: { waves: [], departures: [], pruneSkipped: undefined },
  pruneSkipped: undefined,
  primary,
  hold: undefined,
  held: false,
  warnings: [],
  readNow: false,
  readInputs: false,
  reads,
  overridden,
  names,
  results: desired.map(() => ({ kind: 'unchanged' })),
  desired,
  yielded,
  awaited: nothingAwaited,
  unread,
  isRepeated: true,
})

/** Reports the pass and tells how it ended. `primary`: as the pass read it. */
export async function assess(
  primary: KubernetesObject,
  carried: Carried,
  { inputs, read, memory, unsettled, context }: Reading,
): Promise<Outcome> {
  const { results, desired, yielded, reads, overridden, names, walk, awaited, pruneSkipped, held, hold } = carried
  const { primary: current, warnings: earlier } = carried
  const uid = primary.metadata.uid as string
  const after = { ...inputs, names, resources: [...dependentsOf(uid, context)] }
  const status = walk ? ({ kind: 'status', status: walkStatus(walk, primary), readNow: false } as const) : await statusFrom(after, context)
  const readNow = carried.readNow || (status.kind === 'status' && status.readNow)
  const dependents = desired.map((object) => dependentReport(object, context))
  const waits = awaited.waiting.length > 0
  const unseen = !context.wokenByDependents && (waits || dependents.some(({ readiness }) => readiness.state !== 'current'))
  memory.yielded = yielded.length
  const fights = settleFights(primary, memory, context)
  const feeding = settleFeedback(primary, memory, context)
  const looks = [memory.fights.nextLook(context.now()), memory.feedback?.nextLook(context.now()), awaited.within]
  const outcome = looks.reduce(lookAgain, walkOutcome(outcomeOf(results, status, context, readNow || unseen), walk))
  // Dependents of all come before the status of one: behind those that wait, the next pass writes it, and often only its final form.
  const wasPostponed = memory.statusPostponed
  const wrote = results.some(({ kind }) => kind === 'written')
  memory.wrote ||= wrote
  memory.statusPostponed = outcome.kind === 'done' && !wasPostponed && wrote && context.othersWait()
  // What lies behind what was written is walked now: until then it is not known what there is to say.
  const goesOn = wrote && walk?.stop?.kind === 'applying' && (outcome.kind === 'done' || outcome.kind === 'wait')
  if (memory.statusPostponed || goesOn) return { kind: 'done', resyncAfter: 0 }
  const isSlowed = (memory.feedback?.slowed ?? false) || results.some(({ kind }) => kind === 'slowed')
  const complete = outcome.kind === 'done' && walk?.stop === undefined && pruneSkipped === undefined && !waits && !isSlowed
  const empty = emptyReport(primary, context)
  const passReport: PassReport = {
    ...empty,
    applied: complete,
    unread: pruneForbidden(unsettled, []),
    // What cannot be read may hold what is to be deleted, and that has to keep its cause.
    clean: complete && !held && unsettled.every(({ state }) => state === 'gone'),
    reads,
    changed: memory.wrote,
    dependents,
    waiting: [
      ...results.flatMap((result) => (result.kind === 'unknown' ? [`${result.object}: ${result.reason}`] : [])),
      ...awaited.waiting,
      ...waitsOf(walk),
      ...(pruneSkipped ? [`deletion of what is no longer rendered: ${pruneSkipped}`] : []),
      ...(status.kind === 'unknown' ? waitsFor(status.reads, inputs) : []),
    ],
    problems: status.kind === 'problems' ? status.problems : [],
    failedWrites: failedWrites(results),
    stopped: stoppedBy(walk),
    unfollowed: [...empty.unfollowed, ...unknownRotations(primary, context)],
    blocked: results.filter((result) => result.kind === 'blocked'),
    passing: [
      ...overriddenConditions(overridden),
      ...yieldedConditions(yielded),
      ...fightingConditions(fights, feeding && describeFeeding(feeding)),
    ],
    hold,
    stuck: awaited.stuck,
    program: status.kind === 'status' && !memory.feedback?.slowed ? status.status : undefined,
  }
  const warnings = [
    ...warningsOf(results, pruneSkipped),
    ...walkWarnings(walk),
    ...fights.map(fightWarning),
    ...feedbackWarnings(feeding),
    ...earlier,
  ]
  const reported = await reportOn(passReport, outcome, { primary: current, memory, context }, warnings)
  // The documents follow what this pass has told.
  const isFollowed = carried.unread?.includes('status') === false && isToldAnew(current, reported.primary)
  noteStatus(current, reported.primary, isFollowed, memory, context)
  if (passReport.clean && reported.outcome.kind === 'done') memory.wrote = wrote || isFollowed
  if (passReport.clean && reported.outcome.kind === 'done' && !carried.isRepeated)
    memory.seen = {
      generation: primary.metadata.generation,
      revision: context.revision,
      watch: context.watch,
      inputs: seenInputs(inputs, carried),
    }
  if (complete && results.every(({ kind }) => kind === 'unchanged') && reported.outcome.kind === 'done') {
    if (!carried.isRepeated) {
      const released = await release(reported.primary, desired, context)
      if (released.kind !== 'ready') return await unprepared(released, { primary: reported.primary, memory, context })
      memory.dependents = linesOf(desired.map(identityOf))
      memory.made.clear()
    }
    const unread = isPlain(carried, reported.primary, context) ? followed(carried.unread, context) : undefined
    if (reported.primary === current) forgetFeedback(current, memory, context)
    // What the caches hold by now may be newer than what this pass judged; only our own status write is taken in.
    // With the time as an input nothing stays as it was, a fight ends with time, and a schedule is due with it.
    memory.clean =
      readNow || walk?.within !== undefined || isFollowed || fights.length > 0 || feeding
        ? undefined
        : cleanPass(reported.primary, read, desired, { unread, yielded, reads, overridden, names, context })
  }
  return reported.outcome
}

/** What can change without a reason to run the program. */
const followed = (unread: CleanPass['unread'], { followsAnnotations }: PassContext): CleanPass['unread'] =>
  followsAnnotations ? unread?.filter((part) => part !== 'annotations') : unread

/** Whether the status says something else, but for the record of what was read. */
function isToldAnew(before: KubernetesObject, after: KubernetesObject): boolean {
  const said = (primary: KubernetesObject): JsonObject => ({ ...(primary['status'] as JsonObject), observedRevision: null })
  return before !== after && !equalJson(said(before), said(after))
}

/** Whether nothing is told or left to be done but what the status and the dependents' readiness give rise to. */
const isPlain = ({ planned, hold, warnings, desired }: Carried, primary: KubernetesObject, context: PassContext): boolean =>
  planned.waves.every((wave) => wave.every(({ kind }) => kind === 'keep')) &&
  hold === undefined &&
  warnings.length === 0 &&
  desired.every(({ document }) => document?.gate === undefined) &&
  !isHeldInVain(primary, desired, context)

/** What the program says of the status; what it looks up and is not known yet is a wait like any other. */
async function statusFrom(inputs: Inputs, context: PassContext): Promise<Exclude<StatusAnswer, { kind: 'needs' }>> {
  const answered = await answerFrom('status', (snapshot) => context.program.status(snapshot), inputs, context)
  if (answered.kind === 'answered') return answered.answer
  return { kind: 'unknown', reads: answered.kind === 'waits' ? answered.for : ['the Secret of generated values'] }
}
