/** From what the program rendered to what the cluster holds: plan → apply → assess → report. */
import { fieldManager } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import { deletionPolicyOf, propagationBy } from '../reconcile/deletion-policy.ts'
import { type DesiredObject, desiredObjects, kindName } from '../reconcile/desired.ts'
import type { ForeignItem } from '../reconcile/exclusive-lists.ts'
import { handedOver, handOver, yieldToAppliers } from '../reconcile/hand-over.ts'
import { withoutOwner } from '../reconcile/keep.ts'
import { lookupVersions } from '../reconcile/lookup.ts'
import { identityOf, orderOf } from '../reconcile/order.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import { type Cause, plan, withDeparturesOf } from '../reconcile/plan.ts'
import type { Answer } from '../reconcile/program.ts'
import { readyWhenProblems } from '../reconcile/ready-when.ts'
import { apply } from './apply.ts'
import { assess, type Reading } from './assess.ts'
import { autoscalersFor, stayingAutoscalers } from './autoscalers.ts'
import { isSameRead, readFor } from './clean-pass.ts'
import { refusedByDepth } from './composition.ts'
import { noteWrites, repairsOf } from './feedback.ts'
import { settleDeletes } from './holds.ts'
import { admittedKey, hasLine, type PrimaryMemory } from './memory.ts'
import { dependentsOf, observeObject, primaryStands, pruneForbidden, scopeOf, standingOf } from './observation.ts'
import { blockersBy } from './order-gate.ts'
import { pruneInOrder } from './ordered-prune.ts'
import type { PassContext } from './pass-context.ts'
import { emptyReport, logWrites, outdated, primaryName, warnOfNews } from './pass-report.ts'
import { prepare } from './preparation.ts'
import { refuse } from './refusal.ts'
import { report, unprepared, unwritten } from './reporting.ts'

/** Makes of the rendered documents what the cluster is to hold, and tells how that ended. Rejects only for a bug. */
export async function carryOut(
  primary: KubernetesObject,
  answer: Extract<Answer, { kind: 'rendered' }>,
  reading: Reading,
): Promise<Outcome> {
  const { inputs, read, memory, unsettled, context } = reading
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
  const starting = objects.filter((object) => {
    const { state, reason } = standingOf(object, context)
    return state === 'starting' && reason === undefined
  })
  if (starting.length > 0) return { kind: 'wait', for: starting.map(({ kind }) => kindName(kind)) }

  const observedOf = (object: DesiredObject) => context.dependentsOf(object.kind).get(object.key)
  const owned = withoutOwner(objects, primary, { observedOf, sha256: context.sha256 })
  const isMissing = objects.some((object) => observedOf(object) === undefined)
  const refusal = await refusedByDepth(primary, isMissing, context).catch(unwritten)
  if (refusal) return 'outcome' in refusal ? refusal.outcome : await refuse(primary, refusal, context)
  const prepared = await prepare(primary, owned, context)
  if (prepared.kind !== 'ready') return await unprepared(prepared, { primary, memory, context })

  const scaling = autoscalersFor(uid, owned, context.lookups)
  if ('waitsFor' in scaling) return { kind: 'wait', for: scaling.waitsFor }
  const yielding = { manager, parse: context.parseFields, sha256: context.sha256, autoscalers: scaling.autoscalers }
  const match = {
    manager,
    parse: context.parseFields,
    admitted: (object: KubernetesObject, item: ForeignItem) => memory.admitted.has(admittedKey(object, item, context.sha256)),
    unmarked: (dependentUid: string) => memory.unmarked.get(dependentUid),
  }
  // What the plan goes by is what the render went by, unless something has changed in between.
  const isSteady = isSameRead(read, readFor(primary, context))
  const planBeside = (staying: readonly KubernetesObject[]) => {
    const { desired, yielded } = handOver(owned, { ...yielding, staying, observedOf })
    const planned = plan({
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
      names: context.names,
    })
    return { desired, yielded, planned }
  }
  const everything = planBeside([])
  const looked = answer.readMore ? undefined : lookupVersions(answer.lookups ?? [], inputs.lookups ?? {}, context.sha256)
  const settled = await settleDeletes(everything.planned, { primary, answer, inputs, looked, memory, context }).catch(unwritten)
  if ('outcome' in settled) {
    warnOfNews(settled.warnings, primary, memory, context)
    return settled.outcome
  }
  const policy = deletionPolicyOf(primary, context.deletionPolicy) ?? context.deletionPolicy
  const { planned: pruned, awaited } = pruneInOrder(settled.planned, { primary, policy, desired: owned, manager, context })
  const staying = stayingAutoscalers(pruned)
  const { desired, yielded, planned } =
    staying.length > 0 ? withDeparturesOf(pruned, planBeside(staying)) : { ...everything, planned: pruned }
  const isSlowed = memory.feedback?.slowed ?? false
  const results = await apply(isSlowed ? repairsOf(planned) : planned, {
    client: context.client,
    primary,
    memory,
    match,
    adoption: context.adoption,
    adoptedAs: (object, live) => handedOver(object, live, objects, { ...yielding, staying }),
    resourceOf: context.resourceOf,
    resolve: context.resolve,
    refresh: context.refresh,
    informerOf: context.dependentsOf,
    blockers: blockersBy(order, context),
    propagation: propagationBy(policy),
    primaryStands: once(() => primaryStands(primary, context)),
    handOver: (object, live) => (object.fieldPolicy === 'yield' ? yieldToAppliers(object, live, yielding).desired : object),
    unmarked: (kind) => context.metrics.unmarked(kind),
    now: context.now,
    sha256: context.sha256,
    fightBegan: () => context.metrics.fightBegan(context.name),
    names: context.names,
    notice: (message) => context.log.info({ primary: primaryName(primary) }, message),
  })
  logWrites(primary, results, context)
  noteWrites({ planned, results }, memory, context)
  context.contests.note(
    uid,
    results.flatMap((result) => (result.kind === 'conflict' && result.identity ? [result.identity] : [])),
  )
  if (results.some(({ kind }) => kind === 'outdated')) return { kind: 'retry', error: outdated(primary, context) }

  const warnings = [...settled.warnings, ...scaling.warnings]
  const { readNow, readInputs = false, overridden } = answer
  const unread = isSteady ? answer.unread : undefined
  const carried = { readNow, readInputs, looked, overridden, results, desired, yielded, awaited, unread }
  return await assess(primary, { ...settled, warnings, ...carried }, reading)
}

/** A missing object that the last clean pass had, or that was made since, is healed; any other is made for the first time. */
function hadBefore(object: DesiredObject, primary: KubernetesObject, memory: PrimaryMemory, context: PassContext): boolean {
  const identity = identityOf(object)
  if (memory.made.has(identity)) return true
  if (memory.dependents) return hasLine(memory.dependents, identity)
  // Another watch asks for other objects.
  const { watch } = context.statusWriter.lastClean(primary, memory)
  return watch === context.watch && causeOf(primary, memory, context) === 'input'
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
