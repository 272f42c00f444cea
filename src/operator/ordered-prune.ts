/**
 * The order in which what is no longer rendered goes: that of a deletion, where the primary's is ordered.
 *
 * A pass deletes the last wave only, and the events of those deletes bring the next one. Until nothing is left behind a wave the pass is not
 * a clean one, so that the deletes which come after keep their cause.
 */
import type { KubernetesObject } from '../api/object.ts'
import { type DeletionPolicy, lastWave } from '../reconcile/deletion-policy.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import { isKept } from '../reconcile/keep.ts'
import { identityOf, orderable } from '../reconcile/order.ts'
import { isProvablyOf } from '../reconcile/ownership.ts'
import type { Plan } from '../reconcile/plan.ts'
import { type AwaitedDeletions, awaitedDeletions, nothingAwaited } from './awaited-deletions.ts'
import { dependentsOf } from './observation.ts'
import type { PassContext } from './pass-context.ts'

interface Pruning {
  primary: KubernetesObject
  policy: DeletionPolicy
  desired: readonly DesiredObject[]
  manager: string
  context: PassContext
}

/** The plan with those of its deletes that nothing stands before, and what the others wait for. */
export function pruneInOrder(
  planned: Plan,
  { primary, policy, desired, manager, context }: Pruning,
): { planned: Plan; awaited: AwaitedDeletions } {
  const deletes = planned.waves.flat().flatMap((action) => (action.kind === 'delete' ? [action.observed] : []))
  if (policy !== 'foreground' || deletes.length === 0) return { planned, awaited: nothingAwaited }
  const wanted = new Set(desired.map(identityOf))
  const going = [...dependentsOf(primary.metadata.uid as string, context)].filter(
    (object) =>
      object.metadata.deletionTimestamp !== undefined &&
      !wanted.has(identityOf(orderable(object))) &&
      !isKept(object) &&
      isProvablyOf(object, primary, manager),
  )
  const next = lastWave([...going, ...deletes])
  if (deletes.every((object) => next.includes(object))) return { planned, awaited: nothingAwaited }
  const waves = planned.waves.map((wave) => wave.filter((action) => action.kind !== 'delete' || next.includes(action.observed)))
  return {
    planned: { ...planned, waves: waves.filter((wave) => wave.length > 0) },
    awaited: awaitedDeletions(next, primary, context),
  }
}
