/** Server-side apply of one object, bound to the incarnation that was read, and what its answer tells. */
import { displayName, groupKind, type JsonObject, type KubernetesObject } from '../api/object.ts'
import { isBuiltIn } from '../fields/unseen.ts'
import { vacated } from '../fields/vacated.ts'
import type { Resource } from '../kube/client.ts'
import { ApiError } from '../kube/errors.ts'
import { findObject } from '../kube/find.ts'
import { applyBound, jsonPatch } from '../kube/writes.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import { foreignItems, type PatchOperation } from '../reconcile/exclusive-lists.ts'
import { itemHolders } from '../reconcile/holders.ts'
import { applyEntry } from '../reconcile/ingest.ts'
import { match, unmarkedBy } from '../reconcile/match.ts'
import type { Cause } from '../reconcile/plan.ts'
import { spentEntries } from '../reconcile/spent-entries.ts'
import type { ApplyContext, Result } from './apply-context.ts'
import { admittedItem, admittedKey } from './memory.ts'
import { noteSent } from './repairs.ts'

/** Server-side apply, bound to the incarnation that was read; forced, unless nothing may be taken from anybody. */
export async function write(
  desired: DesiredObject,
  live: KubernetesObject,
  cause: Cause,
  context: ApplyContext,
  { verb, detail }: { verb: 'adopted' | 'updated'; detail: string } = { verb: 'updated', detail: '' },
): Promise<Result> {
  const { uid, resourceVersion } = live.metadata as { uid: string; resourceVersion: string }
  const apply = async (body: KubernetesObject, version: string): Promise<KubernetesObject> =>
    await applyBound(context.client, requiredResource(desired, context), body, {
      manager: context.match.manager,
      uid,
      force: desired.fieldPolicy !== 'fail',
      // Somebody who comes to hold a field in between is to keep it.
      ...(desired.fieldPolicy === 'yield' && { resourceVersion: version }),
    })
  const first = emptied(desired, live, context)
  const between = first && (await apply(first, resourceVersion))
  const applied = await apply(desired.body, between?.metadata.resourceVersion ?? resourceVersion)
  const answer = await dropSpentEntries(desired, applied, context)
  return answer ? written(desired, answer, context, { verb, cause, ...(detail ? { detail } : {}) }) : { kind: 'outdated' }
}

/** What is applied before a body that empties what we hold of a custom resource; Kubernetes' own kinds keep no empty values. */
function emptied(
  { body }: DesiredObject,
  live: KubernetesObject,
  { match: { manager, parse } }: ApplyContext,
): KubernetesObject | undefined {
  const held = isBuiltIn(body.apiVersion) ? undefined : applyEntry(live, manager)?.fieldsV1
  return held && (vacated(body as unknown as JsonObject, parse(held)) as KubernetesObject | undefined)
}

export function written(
  desired: DesiredObject,
  answer: KubernetesObject,
  { memory, match: options, informerOf, notice, unmarked, sha256 }: ApplyContext,
  { verb, cause, detail }: { verb: 'created' | 'adopted' | 'updated'; cause: Cause; detail?: string },
): Result {
  const uid = answer.metadata.uid as string
  const known = memory.unmarked.has(uid)
  memory.unmarked.delete(uid)
  memory.reset.delete(uid)
  for (const item of foreignItems(desired.body, answer)) {
    const key = admittedKey(answer, item, sha256)
    if (memory.admitted.has(key) || itemHolders(answer, item).length > 0) continue
    memory.admitted.add(key)
    const name = admittedItem(answer, item)
    if (memory.admitted.has(name)) continue
    memory.admitted.add(name)
    notice(`${displayName(desired.body)}: admission put ${JSON.stringify(item.key)} into ${item.list.join('.')}; it stays`)
  }
  const found = match(desired, answer, options)
  // Somebody's item that came in beside the write is the next pass's to remove.
  if (found.kind === 'changed' || (found.kind === 'drift' && found.foreign.length === 0)) {
    // A webhook or the server itself does not keep our marks: without this memory every pass would write.
    memory.unmarked.set(uid, unmarkedBy(desired, answer))
    unmarked(groupKind(desired.kind))
    if (!known) notice(`${displayName(desired.body)}: the server did not keep the marks of the write; its content is remembered instead`)
  }
  noteSent(desired, { memory, sha256 })
  informerOf(desired.kind).wrote(answer)
  return { kind: 'written', verb, of: answer, cause, ...(detail ? { detail } : {}) }
}

/** The object without the entries that would keep alive what we drop later; undefined if it was not to be had in between other writes. */
async function dropSpentEntries(
  desired: DesiredObject,
  applied: KubernetesObject,
  context: ApplyContext,
): Promise<KubernetesObject | undefined> {
  const { manager } = context.match
  let live: KubernetesObject | undefined = applied
  // Status writes of the object's own controller come in between: the entries' places are read again then.
  for (let tries = 0; tries < 5 && live; tries++) {
    const spent = spentEntries(live, manager)
    if (spent.length === 0) return live
    const operations: PatchOperation[] = [
      { op: 'test', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion as string },
      ...spent.toReversed().map(({ index }): PatchOperation => ({ op: 'remove', path: `/metadata/managedFields/${index}` })),
    ]
    try {
      return await jsonPatch(context.client, requiredResource(desired, context), desired.body.metadata, operations, { manager })
    } catch (error) {
      if (!(error instanceof ApiError) || (error.code !== 422 && error.code !== 409)) throw error
    }
    live = await read(desired, context)
  }
  return undefined
}

export const read = async (desired: DesiredObject, context: ApplyContext): Promise<KubernetesObject | undefined> =>
  await findObject(context.client, requiredResource(desired, context), desired.body.metadata)

export function requiredResource(desired: DesiredObject, { resourceOf }: Pick<ApplyContext, 'resourceOf'>): Resource {
  const resource = resourceOf(desired.kind)
  if (!resource) throw new Error(`${displayName(desired.body)}: written without a resource`)
  return resource
}
