/**
 * The plan of a pass: what is rendered beside what others hold, without the deletes that are held and those that have to wait.
 *
 * It is made twice where an autoscaler that is rendered no longer has to stay: as long as it is there, it chooses the replicas.
 */
import { fieldManager } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import { type DeletionPolicy, deletionPolicyOf } from '../reconcile/deletion-policy.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import type { ForeignItem } from '../reconcile/exclusive-lists.ts'
import { handOver, type HandOverOptions, type Yielded } from '../reconcile/hand-over.ts'
import type { MatchOptions } from '../reconcile/match.ts'
import { identityOf, type Order } from '../reconcile/order.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import { type Cause, plan, type Plan, withDeparturesOf, writeCause } from '../reconcile/plan.ts'
import type { Answer } from '../reconcile/program.ts'
import { type ReadVersions, readVersions } from '../reconcile/read-versions.ts'
import type { Reading } from './assess.ts'
import { autoscalersFor, stayingAutoscalers } from './autoscalers.ts'
import type { AwaitedDeletions } from './awaited-deletions.ts'
import { type CleanPass, isSameRead, readFor } from './clean-pass.ts'
import { type Settled, settleDeletes } from './holds.ts'
import { mayPrune } from './follow-walk.ts'
import { admittedKey, hasLine, type PrimaryMemory } from './memory.ts'
import { dependentsOf, observedIn, observeObject, pruneForbidden } from './observation.ts'
import { pruneInOrder } from './ordered-prune.ts'
import type { PassContext } from './pass-context.ts'
import { type Warning, warnOfNews } from './pass-report.ts'
import { unwritten } from './reporting.ts'

/** What the primary wants. */
export interface Wanted {
  /** As it is rendered. */
  objects: readonly DesiredObject[]
  /** The same, those to be kept without an owner reference to their primary. */
  owned: readonly DesiredObject[]
  order: Order
}

export interface PassPlan {
  /** What is to be carried out. */
  planned: Plan
  wanted: Wanted
  /** What is wanted, without what is handed over. */
  desired: readonly DesiredObject[]
  yielded: readonly Yielded[]
  /** What became of the deletes, those too that have to wait. */
  settled: Settled
  /** What has to be gone before more is deleted. */
  awaited: AwaitedDeletions
  policy: DeletionPolicy
  match: MatchOptions
  yielding: Yielding
  /** What the program read besides the spec; undefined: more than there is room for. */
  reads: ReadVersions | undefined
  /** What the documents do not depend on, as far as it is known. */
  unread: CleanPass['unread']
  /** For the log. */
  warnings: readonly Warning[]
}

/** What fields are handed over by. */
type Yielding = Omit<HandOverOptions, 'observedOf'>

/** The plan, or how the pass ends without one. */
export async function planPass(
  primary: KubernetesObject,
  wanted: Wanted,
  answer: Extract<Answer, { kind: 'rendered' }>,
  { inputs, read, memory, unsettled, context }: Reading,
): Promise<PassPlan | { outcome: Outcome }> {
  const uid = primary.metadata.uid as string
  const manager = fieldManager('dependents', uid)
  const { owned } = wanted
  const scaling = autoscalersFor(uid, owned, context.lookups)
  if ('waitsFor' in scaling) return { outcome: { kind: 'wait', for: scaling.waitsFor } }
  const match = matchOptions(manager, memory, context)
  const yielding = { manager, parse: context.parseFields, sha256: context.sha256, autoscalers: scaling.autoscalers }
  // What the plan goes by is what the render went by, unless something has changed in between.
  const unread = isSameRead(read, readFor(primary, context)) ? answer.unread : undefined
  const planBeside = (staying: readonly KubernetesObject[]) => {
    const { desired, yielded } = handOver(owned, { ...yielding, staying, observedOf: observedIn(context) })
    const planned = plan({
      primary,
      desired,
      order: wanted.order,
      observe: (object) => observeObject(object, context),
      dependents: dependentsOf(uid, context),
      hadBefore: (object) => hadBefore(object, primary, memory, context),
      cause: causeOf(primary, memory, context),
      pruneForbidden: pruneForbidden(unsettled, desired),
      match,
      mayPrune: mayPrune(answer.walk),
      adoption: context.adoption,
      names: context.names,
    })
    return { desired, yielded, planned }
  }
  const everything = planBeside([])
  const settled = await settleDeletes(everything.planned, { primary, answer, inputs, memory, context }).catch(unwritten)
  if ('outcome' in settled) {
    warnOfNews(settled.warnings, primary, memory, context)
    return { outcome: settled.outcome }
  }
  const policy = deletionPolicyOf(primary, context.deletionPolicy) ?? context.deletionPolicy
  const { planned: pruned, awaited } = pruneInOrder(settled.planned, { primary, policy, desired: owned, manager, context })
  const staying = stayingAutoscalers(pruned)
  return {
    ...(staying.length > 0 ? withDeparturesOf(pruned, planBeside(staying)) : { ...everything, planned: pruned }),
    wanted,
    settled,
    awaited,
    policy,
    match,
    yielding: { ...yielding, staying },
    reads: readVersions(answer, inputs, context.sha256),
    unread,
    warnings: [...settled.warnings, ...scaling.warnings],
  }
}

export const matchOptions = (manager: string, memory: PrimaryMemory, { parseFields, sha256 }: PassContext): MatchOptions => ({
  manager,
  parse: parseFields,
  admitted: (object: KubernetesObject, item: ForeignItem) => memory.admitted.has(admittedKey(object, item, sha256)),
  unmarked: (uid: string) => memory.unmarked.get(uid),
})

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
const causeOf = (primary: KubernetesObject, memory: PrimaryMemory, { revision, statusWriter }: PassContext): Exclude<Cause, 'drift'> =>
  writeCause(statusWriter.lastClean(primary, memory), { generation: primary.metadata.generation, revision })
