/**
 * Taking back the status of a primary that nobody serves any more: a condition Ready would be believed as long as the object lives. What
 * others wrote beside it stays.
 *
 * A list of conditions that is one piece to the server is ours as a whole, with those of others that were carried over: of it go the types
 * that are always ours, and those that are recorded as such. Our entries in the managed fields go as well, so that the object is as if we had never served it.
 */
import { conditionsAnnotation, fieldManager, parseFieldManager, statusAnnotation } from '../api/names.ts'
import type { JsonObject, KubernetesObject, ManagedFieldsEntry } from '../api/object.ts'
import { drop } from '../fields/drop.ts'
import { field } from '../fields/path.ts'
import { parseFieldsV1 } from '../fields/serialize.ts'
import { nodeAt } from '../fields/set.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { isApiError } from '../kube/errors.ts'
import { jsonPatch, type PatchOperation } from '../kube/writes.ts'
import { conditionStyles } from '../reconcile/condition-style.ts'
import { conditionsOf } from '../reconcile/conditions.ts'
import { pointer } from '../reconcile/exclusive-lists.ts'
import { recordedConditions } from '../reconcile/recorded-conditions.ts'
import { ownTypes } from '../reconcile/status.ts'

/** Whether the object tells a status of ours. */
export const tellsStatus = (primary: KubernetesObject): boolean =>
  primary.metadata.annotations?.[statusAnnotation] !== undefined || (primary.metadata.managedFields ?? []).some(isOurs(primary))

/**
 * Takes it back, and answers the object as it is then. Each step can be repeated. Rejects with ApiError, `conflict` if the object is no
 * longer the version that was read.
 *
 * @param live as it was read
 */
export async function withdrawStatus(live: KubernetesObject, resource: Resource, client: ApiClient): Promise<KubernetesObject> {
  const { uid, managedFields = [] } = live.metadata
  const told = managedFields.find((entry) => isOurs(live)(entry) && entry.subresource === 'status')
  const patch = async ({ metadata }: KubernetesObject, operations: readonly PatchOperation[], subresource?: string) =>
    await jsonPatch(
      client,
      resource,
      metadata,
      [{ op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion as string }, ...operations],
      // What stays of a list is held by whoever writes it: so that goes with our other entries.
      { manager: fieldManager('status', uid as string), uid, subresource },
    ).catch((error: unknown) => {
      throw isApiError(error, 'invalid') && error.fields.length === 0 ? error.as('conflict') : error
    })
  const left = told && live['status'] !== undefined ? await patch(live, [withoutTold(live, told)], 'status') : live
  const operations: PatchOperation[] = [
    ...[statusAnnotation, conditionsAnnotation].flatMap((name) =>
      left.metadata.annotations?.[name] === undefined ? [] : [{ op: 'remove' as const, path: pointer(['metadata', 'annotations', name]) }],
    ),
    // From the end: an index means the place when its turn comes.
    ...(left.metadata.managedFields ?? [])
      .flatMap((entry, at) => (isOurs(left)(entry) ? [{ op: 'remove' as const, path: `/metadata/managedFields/${at}` }] : []))
      .toReversed(),
  ]
  return operations.length > 0 ? await patch(left, operations) : left
}

const isOurs =
  ({ metadata }: KubernetesObject) =>
  ({ manager }: ManagedFieldsEntry): boolean => {
    const parsed = parseFieldManager(manager)
    return parsed?.role === 'status' && parsed.primaryUid === metadata.uid
  }

const ownConditions: ReadonlySet<unknown> = new Set([...ownTypes, ...Object.values(conditionStyles).flat()])

/** Leaves of the status what our entry does not hold, and, where the list is one piece, conditions of others. */
function withoutTold(live: KubernetesObject, { fieldsV1 = {} }: ManagedFieldsEntry): PatchOperation {
  const held = parseFieldsV1(fieldsV1)
  const rest = (drop(live as unknown as JsonObject, held) as { status?: JsonObject } | undefined)?.status ?? {}
  const isOnePiece = nodeAt(held, [field('status'), field('conditions')])?.leaf
  const listed = isOnePiece ? conditionsOf((live['status'] as JsonObject)['conditions']) : []
  const recorded: readonly unknown[] = recordedConditions(live)
  const others = listed.filter(({ type }) => !ownConditions.has(type) && !recorded.includes(type))
  const value = others.length > 0 ? { ...rest, conditions: others } : rest
  return Object.keys(value).length > 0 ? { op: 'replace', path: '/status', value } : { op: 'remove', path: '/status' }
}
