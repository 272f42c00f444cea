/**
 * One pass over one primary: observe → next → plan → apply → assess → report.
 *
 * Level-based: a pass looks at what is, never at what happened. It may be repeated at any time, and one that finds nothing to do sends
 * nothing at all. The middle is pure; only `apply` and the status writer reach the server.
 */
import type { KubernetesObject } from '../api/object.ts'
import { fieldManager } from '../api/names.ts'
import { formatProblem, type Problem } from '../api/problem.ts'
import type { Informer } from '../cache/informer.ts'
import { isApiError } from '../kube/errors.ts'
import { type DesiredObject, desiredObjects, kindName } from '../reconcile/desired.ts'
import type { ForeignItem } from '../reconcile/exclusive-lists.ts'
import { readInstructions } from '../reconcile/instructions.ts'
import { identityOf, orderOf } from '../reconcile/order.ts'
import { fightingConditions } from '../reconcile/fights.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import { withoutOwner } from '../reconcile/keep.ts'
import { type Cause, plan } from '../reconcile/plan.ts'
import type { Answer, Inputs, RenderedDocument, StatusAnswer } from '../reconcile/program.ts'
import { readyWhenProblems } from '../reconcile/ready-when.ts'
import type { PassReport } from '../reconcile/status.ts'
import { handedOver, handOver, yieldedConditions, yieldToAppliers } from '../reconcile/hand-over.ts'
import { apply } from './apply.ts'
import { autoscalersFor } from './autoscalers.ts'
import { fightWarning, settleFights } from './fight-report.ts'
import { deletionPass } from './deletion.ts'
import { generatedVersion } from './generated.ts'
import { settleDeletes } from './holds.ts'
import { admittedKey, type PrimaryMemory } from './memory.ts'
import {
  dependentsOf,
  dependentsVersion,
  inputsFor,
  observeObject,
  primaryStands,
  pruneForbidden,
  scopeOf,
  unsettledKinds,
  versionOf,
} from './observation.ts'
import { answerFrom, type Answered } from './needs.ts'
import { blockersBy } from './order-gate.ts'
import type { PassContext } from './pass-context.ts'
import { memoryFor } from './requests.ts'
import {
  dependentReport,
  done,
  emptyReport,
  failedWrites,
  lookAgain,
  logWrites,
  outcomeOf,
  outdated,
  primaryName,
  type Warning,
  waitsFor,
  warningsOf,
  warnOfNews,
} from './pass-report.ts'
import { type Preparation, prepare, release } from './preparation.ts'

/** Runs one pass for the primary of this key, and tells how it ended. Rejects only for a bug. */
export async function pass(key: string, context: PassContext): Promise<Outcome> {
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
  if (readInstructions(primary).suspended)
    return await report(
      { ...emptyReport(primary, context), unrendered: true },
      { kind: 'wait', for: ['resumption'] },
      { primary, memory, context },
    )

  const read = `${dependentsVersion(uid, context)}|${context.lookups.version(uid)}|${generatedVersion(primary, context)}`
  if (memory.clean === versionOf(primary, read)) return done(context)

  const unsettled = unsettledKinds(context)
  if (unsettled.some(({ state }) => state === 'starting')) return { kind: 'wait', for: unsettled.map(({ kind }) => kindName(kind)) }
  memory.clean = undefined

  const since = performance.now()
  const asked = inputsFor(primary, unsettled, context)
  const answered = await answerFrom('documents', (snapshot) => context.program.next(snapshot), asked, context)
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
      return await carryOut(primary, answer, { inputs, read, memory, unsettled, context })
  }
}

interface Reading {
  inputs: Inputs
  /** The versions of what the pass began with. */
  read: string
  memory: PrimaryMemory
  unsettled: Informer[]
  context: PassContext
}

async function carryOut(
  primary: KubernetesObject,
  answer: { documents: readonly RenderedDocument[]; readNow: boolean },
  { inputs, read, memory, unsettled, context }: Reading,
): Promise<Outcome> {
  const uid = primary.metadata.uid as string
  const manager = fieldManager('dependents', uid)
  const wanted = desiredObjects(primary, answer.documents, {
    scopeOf: scopeOf(context),
    namespaces: context.namespaces,
    fieldPolicy: context.fieldPolicy,
    sha256: context.sha256,
  })
  const { objects } = wanted
  const { order, problems: misordered } = orderOf(objects)
  const problems = [...wanted.problems, ...misordered, ...readyWhenProblems(objects)]
  if (problems.length > 0)
    return await report(
      { ...emptyReport(primary, context), problems },
      { kind: 'failed', problem: problems[0] as Problem },
      { primary, memory, context },
    )

  // A kind that was not to be seen in the templates' text is watched from now on.
  const starting = objects.map(({ kind }) => context.dependentsOf(kind)).filter(({ state }) => state === 'starting')
  if (starting.length > 0) return { kind: 'wait', for: starting.map(({ kind }) => kindName(kind)) }

  const observedOf = (object: DesiredObject) => context.dependentsOf(object.kind).get(object.key)
  const owned = withoutOwner(objects, primary, { observedOf, sha256: context.sha256 })
  const prepared = await prepare(primary, owned, context)
  if (prepared.kind !== 'ready') return await unprepared(prepared, { primary, memory, context })

  const scaling = autoscalersFor(uid, owned, context.lookups)
  if ('waitsFor' in scaling) return { kind: 'wait', for: scaling.waitsFor }
  const yielding = { manager, parse: context.parseFields, sha256: context.sha256, autoscalers: scaling.autoscalers }
  const { desired, yielded } = handOver(owned, { ...yielding, observedOf })
  const match = {
    manager,
    parse: context.parseFields,
    admitted: (object: KubernetesObject, item: ForeignItem) => memory.admitted.has(admittedKey(object, item)),
    unmarked: (dependentUid: string) => memory.unmarked.get(dependentUid),
  }
  const everything = plan({
    primary,
    desired,
    order,
    observe: (object) => observeObject(object, context),
    dependents: dependentsOf(uid, context),
    hadBefore: (object) => hadBefore(object, primary, memory, context),
    cause: causeOf(primary, memory, context),
    pruneForbidden: pruneForbidden(unsettled, desired),
    match,
    adoption: context.adoption,
  })
  const settled = await settleDeletes(everything, { primary, memory, context }).catch(unwritten)
  if ('outcome' in settled) {
    warnOfNews(settled.warnings, primary, memory, context)
    return settled.outcome
  }
  const { planned, pruneSkipped } = settled
  const results = await apply(planned, {
    client: context.client,
    primary,
    memory,
    match,
    adoption: context.adoption,
    adoptedAs: (object, live) => handedOver(object, live, objects, yielding),
    resourceOf: context.resourceOf,
    informerOf: context.dependentsOf,
    blockers: blockersBy(order, context),
    primaryStands: once(() => primaryStands(primary, context)),
    handOver: (object, live) => (object.fieldPolicy === 'yield' ? yieldToAppliers(object, live, yielding).desired : object),
    unmarked: (kind) => context.metrics.unmarked(kind),
    now: context.now,
    fightBegan: () => context.metrics.fightBegan(context.name),
    notice: (message) => context.log.info({ primary: primaryName(primary) }, message),
  })
  logWrites(primary, results, context)
  if (results.some(({ kind }) => kind === 'outdated')) return { kind: 'retry', error: outdated(primary, context) }

  const after = { ...inputs, resources: [...dependentsOf(uid, context)] }
  const status = await statusFrom(after, context)
  const readNow = answer.readNow || (status.kind === 'status' && status.readNow)
  const dependents = desired.map((object) => dependentReport(object, context))
  const unseen = !context.wokenByDependents && dependents.some(({ readiness }) => readiness.state !== 'current')
  const fights = settleFights(primary, memory, context)
  const outcome = lookAgain(outcomeOf(results, status, context, readNow || unseen), memory.fights.nextLook(context.now()))
  // Dependents of all come before the status of one: behind those that wait, the next pass writes it, and often only its final form.
  memory.statusPostponed =
    outcome.kind === 'done' && !memory.statusPostponed && results.some(({ kind }) => kind === 'written') && context.othersWait()
  if (memory.statusPostponed) return { kind: 'done', resyncAfter: 0 }
  const complete = outcome.kind === 'done' && pruneSkipped === undefined && results.every(({ kind }) => kind !== 'slowed')
  const passReport: PassReport = {
    ...emptyReport(primary, context),
    clean: complete && !settled.held,
    dependents,
    waiting: [
      ...results.flatMap((result) => (result.kind === 'unknown' ? [`${result.object}: ${result.reason}`] : [])),
      ...(pruneSkipped ? [`deletion of what is no longer rendered: ${pruneSkipped}`] : []),
      ...(status.kind === 'unknown' ? waitsFor(status.reads, inputs) : []),
    ],
    problems: status.kind === 'problems' ? status.problems : [],
    failedWrites: failedWrites(results),
    blocked: results.filter((result) => result.kind === 'blocked'),
    passing: [...yieldedConditions(yielded), ...fightingConditions(fights)],
    hold: settled.hold,
    program: status.kind === 'status' ? status.status : undefined,
  }
  const warnings = [...warningsOf(results, pruneSkipped), ...fights.map(fightWarning), ...settled.warnings]
  const reported = await reportOn(passReport, outcome, { primary: settled.primary, memory, context }, warnings)
  if (passReport.clean && reported.outcome.kind === 'done')
    memory.seen = { generation: primary.metadata.generation, revision: context.revision }
  if (complete && results.every(({ kind }) => kind === 'unchanged') && reported.outcome.kind === 'done') {
    const released = await release(reported.primary, desired, context)
    if (released.kind !== 'ready') return await unprepared(released, { primary: reported.primary, memory, context })
    // What the caches hold by now may be newer than what this pass judged; only our own status write is taken in.
    // With the time as an input nothing stays as it was, and a fight ends with time.
    memory.clean = readNow || fights.length > 0 ? undefined : versionOf(reported.primary, read)
    memory.dependents = new Set(desired.map(identityOf))
  }
  return reported.outcome
}

/** What the program says of the status; what it looks up and is not known yet is a wait like any other. */
async function statusFrom(inputs: Inputs, context: PassContext): Promise<Exclude<StatusAnswer, { kind: 'needs' }>> {
  const answered = await answerFrom('status', (snapshot) => context.program.status(snapshot), inputs, context)
  if (answered.kind === 'answered') return answered.answer
  return { kind: 'unknown', reads: answered.kind === 'waits' ? answered.for : ['the Secret of generated values'] }
}

/** What the program reads is on its way, or a value that it needs could not be kept. */
async function reportStopped(answered: Exclude<Answered<Answer>, { kind: 'answered' }>, reporting: Reporting): Promise<Outcome> {
  const { primary, context } = reporting
  const report = emptyReport(primary, context)
  if (answered.kind === 'waits') {
    const wait: Outcome = { kind: 'wait', for: answered.for }
    return answered.told ? (await reportOn({ ...report, waiting: answered.for }, wait, reporting, [])).outcome : wait
  }
  if (answered.result.kind === 'outdated') return { kind: 'retry', error: outdated(primary, context) }
  const results = [answered.result]
  const outcome = outcomeOf(results, { kind: 'status' }, context, false)
  return (await reportOn({ ...report, failedWrites: failedWrites(results) }, outcome, reporting, warningsOf(results, undefined))).outcome
}

/** The pass ends before it has written: the next one goes on, or it is told what is in the way. */
async function unprepared(prepared: Exclude<Preparation, { kind: 'ready' }>, reporting: Reporting): Promise<Outcome> {
  const { primary, context } = reporting
  switch (prepared.kind) {
    case 'renewed':
      return { kind: 'done', resyncAfter: 0 }
    case 'outdated':
      return { kind: 'retry', error: outdated(primary, context) }
    case 'failed': {
      const results = [prepared.result]
      const passReport = { ...emptyReport(primary, context), failedWrites: failedWrites(results) }
      const outcome = outcomeOf(results, { kind: 'none' }, context, false)
      return (await reportOn(passReport, outcome, reporting, warningsOf(results, undefined))).outcome
    }
  }
}

/** A missing object that the last clean pass had is healed; any other is made for the first time. */
function hadBefore(object: DesiredObject, primary: KubernetesObject, memory: PrimaryMemory, context: PassContext): boolean {
  return memory.dependents ? memory.dependents.has(identityOf(object)) : causeOf(primary, memory, context) === 'input'
}

/** What changed since the last clean pass, which the status recorded. */
function causeOf(primary: KubernetesObject, memory: PrimaryMemory, { revision, statusWriter }: PassContext): Exclude<Cause, 'drift'> {
  const last = statusWriter.lastClean(primary, memory)
  if (last.generation !== primary.metadata.generation) return 'spec'
  return last.revision === revision ? 'input' : 'definition'
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => (answer ??= read())
}

interface Reporting {
  primary: KubernetesObject
  memory: PrimaryMemory
  context: PassContext
}

async function report(passReport: PassReport, outcome: Outcome, reporting: Reporting): Promise<Outcome> {
  return (await reportOn(passReport, outcome, reporting, [])).outcome
}

/**
 * Writes the status if it differs, and logs what a person has to know. A status that cannot be written now makes the pass one that is
 * tried again. With the primary as it is then.
 */
async function reportOn(
  passReport: PassReport,
  outcome: Outcome,
  { primary, memory, context }: Reporting,
  warnings: readonly Warning[],
): Promise<{ outcome: Outcome; primary: KubernetesObject }> {
  const all = [
    ...[...passReport.problems, ...readInstructions(primary).problems].map(
      (problem): Warning => ({ fields: { code: problem.code }, message: formatProblem(problem) }),
    ),
    ...warnings,
  ]
  try {
    const written = await context.statusWriter.write(primary, passReport, memory)
    if (written) context.primaries.wrote(written)
    return { outcome, primary: written ?? primary }
  } catch (error) {
    const failed = unwritten(error)
    all.push(...failed.warnings)
    return { outcome: outcome.kind === 'retry' && failed.outcome.kind === 'retry' ? outcome : failed.outcome, primary }
  } finally {
    warnOfNews(all, primary, memory, context)
  }
}

/** How a pass ends whose status could not be written. Throws what is a fault of the operator. */
function unwritten(error: unknown): { outcome: Outcome; warnings: Warning[] } {
  if (!isApiError(error)) throw error
  // Deleted in between: nothing is left to report to.
  if (error.class === 'notFound') return { outcome: { kind: 'done' }, warnings: [] }
  const outcome: Outcome = { kind: 'retry', error, ...(error.retryAfter === undefined ? {} : { after: error.retryAfter }) }
  // Changed in between: its event is on the way.
  if (error.class === 'conflict') return { outcome, warnings: [] }
  const message = `the status was not written: ${error.message}`
  return { outcome, warnings: [{ fields: { reason: error.reason, code: error.code }, message }] }
}
