/**
 * What has to be in place before the first write of a pass. Nothing is sent where it is so already.
 *
 *   whatever is rendered   what is there is safe: the primary has its finalizer if the garbage collector would do with one of its dependents
 *                          what is not asked for, and nothing that is to be kept has an owner reference
 *   what is rendered       the kinds are in the inventory, and the finalizer is there before the first object that needs it
 */
import { fieldManager } from '../api/names.ts'
import { displayName, groupKind, type KubernetesObject } from '../api/object.ts'
import { isStored } from '../kube/client.ts'
import { ApiError } from '../kube/errors.ts'
import { deletionPolicyOf } from '../reconcile/deletion-policy.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import { entriesFor } from '../reconcile/inventory.ts'
import { isKept } from '../reconcile/keep.ts'
import type { Orderable } from '../reconcile/order.ts'
import { canOwn, heldByNobody, isMadeBy, isOwnedBy, isProvablyOf } from '../reconcile/ownership.ts'
import type { Result } from './apply-context.ts'
import { dropFinalizer, hasFinalizer, setFinalizer } from './finalizer.ts'
import { untie } from './letting-go.ts'
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

/**
 * Makes the dependents that are there safe, before it is known what is rendered, or whether anything is: a primary that is suspended, or
 * cannot be rendered, can be deleted all the same.
 */
export async function secure(
  primary: KubernetesObject,
  dependents: readonly KubernetesObject[],
  context: PassContext,
): Promise<Preparation> {
  const manager = fieldManager('dependents', primary.metadata.uid as string)
  const tied = dependents.filter((object) => isKept(object) && isOwnedBy(object, primary) && isProvablyOf(object, primary, manager))
  if (!hasFinalizer(primary) && (tied.length > 0 || areHeld(primary, dependents, context))) return await withFinalizer(primary, context)
  for (const object of tied) {
    const untied = await changed(displayName(object), () => untie(object, primary, context))
    if (untied.kind !== 'renewed') return untied
  }
  return { kind: tied.length > 0 ? 'renewed' : 'ready' }
}

/** Records the kinds, and sets the finalizer. */
export async function prepare(primary: KubernetesObject, desired: readonly DesiredObject[], context: PassContext): Promise<Preparation> {
  const unserved = desired.flatMap(({ kind }) => (context.resourceOf(kind) ? [] : [kind]))
  context.awaitKinds(primary.metadata.uid as string, unserved)
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
  return await withFinalizer(primary, context)
}

/** Those of a kind that somebody serves and keeps: of any other, as of a misspelt one, nothing can be made, and nothing is left. */
const writable = (desired: readonly DesiredObject[], { resourceOf }: PassContext): DesiredObject[] =>
  desired.filter(({ kind }) => {
    const resource = resourceOf(kind)
    return resource !== undefined && isStored(resource)
  })

/**
 * Drops the finalizer of a primary that has nothing left for it: for the end of a pass that found everything as it should be, and knows
 * every kind; one that nothing serves any more has no objects.
 */
export async function release(primary: KubernetesObject, desired: readonly Orderable[], context: PassContext): Promise<Preparation> {
  const isUnknown = unsettledKinds(primary, context).some(({ state }) => state !== 'gone')
  if (!isHeldInVain(primary, desired, context) || isUnknown) return { kind: 'ready' }
  const manager = fieldManager('dependents', primary.metadata.uid as string)
  if (heldByNobody(dependentsOf(primary.metadata.uid as string, context), primary, manager).length > 0) return { kind: 'ready' }
  return await changed(primaryName(primary), async () => {
    const { remaining, unread } = await remainingOf(primary, manager, context)
    for (const error of unread) throw error
    if (remaining.length === 0) await dropFinalizer(primary, context)
  })
}

/** Whether the primary has a finalizer that neither these dependents need, nor those that are there. */
export const isHeldInVain = (primary: KubernetesObject, desired: readonly Orderable[], context: PassContext): boolean =>
  hasFinalizer(primary) &&
  !needsFinalizer(primary, desired, context) &&
  !areHeld(primary, [...dependentsOf(primary.metadata.uid as string, context)], context)

/** Where the garbage collector would miss something, or not ask in which order, or whether at all. */
const needsFinalizer = (primary: KubernetesObject, desired: readonly Orderable[], context: PassContext): boolean =>
  context.program.removes === true ||
  desired.some(({ body }) => !isOwnedBy(body, primary)) ||
  (desired.length > 0 && isOurs(primary, context))

/** The same for what is there. A kind that cannot be read may have some; an owner reference that is only missing is put back. */
function areHeld(primary: KubernetesObject, dependents: readonly KubernetesObject[], context: PassContext): boolean {
  if (!isOurs(primary, context))
    return dependents.some(
      (object) =>
        !isOwnedBy(object, primary) && (isKept(object) || !canOwn(primary, object.metadata.namespace)) && isMadeBy(object, primary),
    )
  return (
    dependents.some((object) => isMadeBy(object, primary)) ||
    unsettledKinds(primary, context).some(({ state, reason }) => state !== 'gone' && (state !== 'starting' || reason))
  )
}

/** Whether the deletion of the primary is not left to the garbage collector; a policy that cannot be read is another one in any case. */
const isOurs = (primary: KubernetesObject, { deletionPolicy }: PassContext): boolean =>
  deletionPolicyOf(primary, deletionPolicy) !== 'background'

const withFinalizer = async (primary: KubernetesObject, context: PassContext): Promise<Preparation> =>
  await changed(primaryName(primary), () => setFinalizer(primary, context))

async function changed(object: string, write: () => Promise<unknown>): Promise<Preparation> {
  try {
    await write()
    return { kind: 'renewed' }
  } catch (error) {
    if (error instanceof ApiError && ['conflict', 'uidMismatch', 'notFound'].includes(error.class)) return { kind: 'outdated' }
    return failed(object, error)
  }
}

function failed(object: string, error: unknown): Preparation {
  if (!(error instanceof ApiError)) throw error
  return { kind: 'failed', result: { kind: 'failed', object, error } }
}
