/**
 * Approving held deletes: what an object's status says is held, and the annotation that releases exactly that.
 *
 * The annotation is written to the version that was read: what began to be held since is not in the set, and is not approved.
 */
import { approvePruneAnnotation } from '../api/names.ts'
import { groupKind, type KubernetesObject, objectKey } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { discover } from '../kube/discovery.ts'
import { isApiError } from '../kube/errors.ts'
import { findKind } from '../kube/find-kind.ts'
import { resourcePath } from '../kube/paths.ts'
import { patchMetadata } from '../kube/writes.ts'
import { conditionsOf } from '../reconcile/conditions.ts'
import { type HoldRecord, readHoldRecord } from '../reconcile/hold-record.ts'
import { previousStatus } from '../reconcile/status-profile.ts'

export type HeldRecord = Extract<HoldRecord, { kind: 'held' }>

/** `App.app.company.com/shop` in a namespace, as a person writes it. */
export interface ApprovalTarget {
  /** `Kind` or `Kind.group`. */
  kind: string
  name: string
  namespace: string | undefined
}

export interface Approved {
  kind: string
  namespace?: string
  name: string
  /** What the annotation says: the set, or `all`. */
  approval: string
  /** The deletes that are released, as far as the status lists them. */
  deletes: readonly string[]
  /** How many there are. */
  count: number
  /** Why they were held. */
  why: string
}

export type ApprovalAnswer = { kind: 'approved'; approved: Approved } | { kind: 'problem'; problem: Problem }

export interface ApprovalExtent {
  /** Everything that the object holds now or later, until the annotation is removed. */
  all?: boolean | undefined
  /** Exactly this set: also of an object whose status does not tell what it holds. */
  set?: string | undefined
}

/**
 * Releases what the object holds: by default what its status tells.
 *
 * @throws ApiError for what the server refuses, also a change of the object in between
 */
export async function approvePrune(
  client: ApiClient,
  target: ApprovalTarget,
  { all = false, set }: ApprovalExtent,
): Promise<ApprovalAnswer> {
  const found = await findObject(client, target)
  if ('code' in found) return { kind: 'problem', problem: found }
  const { resource, object } = found
  const record = heldBy(object)
  const where = `${groupKind(resource)}/${objectKey(object.metadata)}`
  if (!all && (record ? set !== undefined && set !== record.set : set === undefined))
    return {
      kind: 'problem',
      problem: {
        code: 'NOTHING_HELD',
        message: record ? `${where} holds another set: ${record.set}` : `${where} holds no deletes`,
        remedy: record
          ? 'look at what is held now, and approve that'
          : 'its condition PruneHeld is True while it does; of a kind whose status is not the operator’s, its log names the set: give it with --set',
      },
    }
  const approval = all ? 'all' : (set ?? (record as HeldRecord).set)
  const { uid, resourceVersion } = object.metadata as { uid: string; resourceVersion: string }
  if (object.metadata.annotations?.[approvePruneAnnotation] !== approval)
    await patchMetadata(client, resource, object.metadata, {
      uid,
      resourceVersion,
      metadata: { annotations: { [approvePruneAnnotation]: approval } },
    })
  const { name, namespace } = object.metadata
  const { names = [], more = 0, why = '' } = record ?? {}
  return {
    kind: 'approved',
    approved: {
      kind: groupKind(resource),
      ...(namespace !== undefined && { namespace }),
      name,
      approval,
      deletes: names,
      count: names.length + more,
      why,
    },
  }
}

/** What the status says, or the annotation that stands for it. */
function heldBy(primary: KubernetesObject): HeldRecord | undefined {
  const record = readHoldRecord(conditionsOf(previousStatus({ subresource: true }, primary)['conditions']))
  return record?.kind === 'held' ? record : undefined
}

async function findObject(
  client: ApiClient,
  { kind, name, namespace }: ApprovalTarget,
): Promise<{ resource: Resource; object: KubernetesObject } | Problem> {
  const discovery = await discover(client)
  const first = findKind(kind, discovery)
  if ('code' in first) return first
  const missing = (message: string, remedy?: string): Problem => ({ code: 'OBJECT_MISSING', message, ...(remedy && { remedy }) })
  if (first.namespaced && namespace === undefined) return missing(`${groupKind(first)} is in a namespace`, 'name it with -n')
  try {
    const path = resourcePath(first, { name, ...(first.namespaced && { namespace }) })
    return { resource: first, object: await client.request<KubernetesObject>({ method: 'GET', path }) }
  } catch (error) {
    if (!isApiError(error, 'notFound')) throw error
    return missing(`there is no ${groupKind(first)}/${first.namespaced ? `${namespace}/` : ''}${name}`)
  }
}
