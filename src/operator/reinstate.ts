/** Puts our entry back on an object whose managed fields somebody reset, before a body is applied that may have less in it. */
import { fieldManager, parseFieldManager, primaryUidLabel } from '../api/names.ts'
import type { KubernetesObject, ManagedFieldsEntry } from '../api/object.ts'
import { applyBound, patchManagedFields } from '../kube/writes.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import { applyEntry } from '../reconcile/ingest.ts'
import { isKept } from '../reconcile/keep.ts'
import { identityOf, orderable } from '../reconcile/order.ts'
import { lastSent, lostEntry, withEntry } from '../reconcile/reset-fields.ts'
import type { ApplyContext } from './apply-context.ts'
import type { PrimaryMemory } from './memory.ts'
import { requiredResource } from './write.ts'

/** Takes note of a dependent that lost our entry, or our label. */
export function noteReset(
  before: KubernetesObject | undefined,
  after: KubernetesObject | undefined,
  primaryUid: string,
  memoryOf: (uid: string) => PrimaryMemory,
): void {
  const uid = before?.metadata.uid
  if (!before || uid === undefined) return
  const memory = memoryOf(primaryUid)
  if (after) memory.unlabelled.delete(identityOf(orderable(after)))
  // Without the label it is not seen any more, as one that is gone. What is kept we may have let go of.
  else if (applyEntry(before, fieldManager('dependents', primaryUid)) && !isKept(before) && !memory.deleted.has(uid))
    memory.unlabelled.set(identityOf(orderable(before)), uid)
  if (after?.metadata.uid !== uid) return memory.reset.delete(uid)
  const entry = lostEntry(before, after, fieldManager('dependents', primaryUid))
  if (entry) memory.reset.set(uid, entry)
}

/**
 * Whether somebody replaced our object, marks and all: this process saw the same incarnation when it was ours, and nobody else has put
 * marks on it since. Another process cannot know.
 */
export function isReplaced(
  desired: DesiredObject,
  live: KubernetesObject,
  { memory, primary }: Pick<ApplyContext, 'memory' | 'primary'>,
): boolean {
  const { uid, labels, ownerReferences, deletionTimestamp } = live.metadata
  return (
    uid !== undefined &&
    memory.unlabelled.get(identityOf(desired)) === uid &&
    deletionTimestamp === undefined &&
    !ownerReferences?.some(({ controller }) => controller) &&
    (labels?.[primaryUidLabel] ?? primary.metadata.uid) === primary.metadata.uid &&
    !live.metadata.managedFields?.some(
      ({ manager }) => (parseFieldManager(manager)?.primaryUid ?? primary.metadata.uid) !== primary.metadata.uid,
    )
  )
}

/** Whether our entry is gone from an object whose kind keeps it. Asks nobody. */
export const isReset = (live: KubernetesObject, { match }: Pick<ApplyContext, 'match'>): boolean =>
  !applyEntry(live, match.manager) && !match.unmarked(live.metadata.uid as string)

/**
 * The object with our entry as it was, if it is gone and known, and another body is to be sent; else the same object. Rejects with ApiError,
 * `conflict` if it changed in between.
 *
 * @param live as it was read, its managed fields whole
 */
export async function reinstated(desired: DesiredObject, live: KubernetesObject, context: ApplyContext): Promise<KubernetesObject> {
  const { client, match } = context
  const entry = isReset(live, context) ? await entryOf(desired, live, context) : undefined
  if (!entry) return live
  return await patchManagedFields(client, requiredResource(desired, context), live, withEntry(live, entry), { manager: match.manager })
}

/** Our entry as it was; what an object holds that has the hash of our last body is told by a dry run. */
async function entryOf(desired: DesiredObject, live: KubernetesObject, context: ApplyContext): Promise<ManagedFieldsEntry | undefined> {
  const { client, match, memory, sha256 } = context
  const uid = live.metadata.uid as string
  const known = memory.reset.get(uid)
  if (known) return known
  const sent = lastSent(desired, live, sha256)
  if (!sent || sent.applied === desired.applied) return undefined
  const resource = requiredResource(desired, context)
  const applied = await applyBound(client, resource, sent.body, { manager: match.manager, uid, force: true, dryRun: true })
  return applyEntry(applied, match.manager)
}
