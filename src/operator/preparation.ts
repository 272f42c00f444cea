/**
 * What has to be in place before the first write of a pass: the kinds are in the inventory, and the primary has its finalizer if there is
 * something that only the operator would delete. Nothing is sent where it is so already.
 */
import { fieldManager } from '../api/names.ts'
import { groupKind, type KubernetesObject } from '../api/object.ts'
import { ApiError } from '../kube/errors.ts'
import { deletionPolicyOf } from '../reconcile/deletion-policy.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import { entriesFor } from '../reconcile/inventory.ts'
import type { Orderable } from '../reconcile/order.ts'
import { heldByNobody, isOwnedBy } from '../reconcile/ownership.ts'
import type { Result } from './apply-context.ts'
import { dropFinalizer, hasFinalizer, setFinalizer } from './finalizer.ts'
import { dependentsOf, unsettledKinds } from './observation.ts'
import type { PassContext } from './pass-context.ts'
import { primaryName } from './pass-report.ts'
import { remainingOf } from './remaining.ts'

export type Preparation =
  | { kind: 'ready' }
  /** The primary is another version by now: the next pass goes on with it. */
  | { kind: 'renewed' }
  | { kind: 'outdated' }
  | { kind: 'failed'; result: Extract<Result, { kind: 'failed' }> }

/** Records the kinds, and sets the finalizer. */
export async function prepare(primary: KubernetesObject, desired: readonly DesiredObject[], context: PassContext): Promise<Preparation> {
  try {
    const servers = await context.findServers(desired)
    for (let recorded = -1; recorded < writable(desired, context).length; ) {
      const written = writable(desired, context)
      await context.inventory.record(groupKind(context.resource), entriesFor(written, primary, context.namespaces), servers)
      recorded = written.length
    }
    if (Object.keys(servers).length > 0) context.serversFound()
  } catch (error) {
    return failed(context.inventory.title, error)
  }
  if (hasFinalizer(primary) || !needsFinalizer(primary, desired, context)) return { kind: 'ready' }
  return await changed(primary, () => setFinalizer(primary, context))
}

/** Those of a kind that somebody serves: of any other, as of a misspelt one, nothing can be made, and nothing is left. */
const writable = (desired: readonly DesiredObject[], { resourceOf }: PassContext): DesiredObject[] =>
  desired.filter(({ kind }) => resourceOf(kind) !== undefined)

/**
 * Drops the finalizer of a primary that has nothing left for it: for the end of a pass that found everything as it should be, and knows
 * every kind; one that nothing serves any more has no objects.
 */
export async function release(primary: KubernetesObject, desired: readonly Orderable[], context: PassContext): Promise<Preparation> {
  const isUnknown = unsettledKinds(primary, context).some(({ state }) => state !== 'gone')
  if (!isHeldInVain(primary, desired, context) || isUnknown) return { kind: 'ready' }
  const manager = fieldManager('dependents', primary.metadata.uid as string)
  if (heldByNobody(dependentsOf(primary.metadata.uid as string, context), primary, manager).length > 0) return { kind: 'ready' }
  return await changed(primary, async () => {
    if ((await remainingOf(primary, manager, context)).remaining.length === 0) await dropFinalizer(primary, context)
  })
}

/** Whether the primary has a finalizer that these dependents do not need. */
export const isHeldInVain = (primary: KubernetesObject, desired: readonly Orderable[], context: PassContext): boolean =>
  hasFinalizer(primary) && !needsFinalizer(primary, desired, context)

/** Where the garbage collector would miss something, or not ask in which order, or whether at all. */
const needsFinalizer = (primary: KubernetesObject, desired: readonly Orderable[], { deletionPolicy }: PassContext): boolean =>
  desired.some(({ body }) => !isOwnedBy(body, primary)) ||
  (desired.length > 0 && deletionPolicyOf(primary, deletionPolicy) !== 'background')

async function changed(primary: KubernetesObject, write: () => Promise<unknown>): Promise<Preparation> {
  try {
    await write()
    return { kind: 'renewed' }
  } catch (error) {
    if (error instanceof ApiError && ['conflict', 'uidMismatch', 'notFound'].includes(error.class)) return { kind: 'outdated' }
    return failed(primaryName(primary), error)
  }
}

function failed(object: string, error: unknown): Preparation {
  if (!(error instanceof ApiError)) throw error
  return { kind: 'failed', result: { kind: 'failed', object, error } }
}
