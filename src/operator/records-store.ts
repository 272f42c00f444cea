/**
 * The Secret in which it is recorded what was done for a primary: read from the cache, and written before and after each act.
 *
 *   nothing there, and the primary names none   known: nothing was ever done
 *   ours                                        known
 *   an earlier incarnation's, and named         known, and taken over: the primary was restored from a backup
 *   nothing there, but the primary names one    lost
 *
 * It is no dependent: its writes have a field manager of their own, and nothing that is rendered or not changes it. Every write is bound to
 * the version that was read, so that of two processes only one can record an act, and begin it. The primary is annotated with its name after
 * it was made and before the first act begins.
 */
import { decodeBase64, encodeBase64 } from '../api/base64.ts'
import { fieldManager, parseFieldManager, primaryUidLabel, recordsAnnotation, recordsManager } from '../api/names.ts'
import { groupKind, gvkOf, type KubernetesObject, objectKey } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import { compareVersions } from '../cache/version.ts'
import { ApiError, isApiError } from '../kube/errors.ts'
import { findObject } from '../kube/find.ts'
import { resourcePath } from '../kube/paths.ts'
import { type ApplyBody, applyBound, createOnly, jsonPatch, patchMetadata, type PatchOperation } from '../kube/writes.ts'
import { applyEntry } from '../reconcile/ingest.ts'
import { type Lookup, lookupId } from '../reconcile/lookup.ts'
import { conflictWith } from '../reconcile/plan.ts'
import {
  formatRecords,
  isSameOwner,
  mergeRecords,
  parseRecords,
  recordsDataKey,
  recordsOwner,
  recordsSecretNames,
  tooLarge,
} from '../reconcile/records.ts'
import { noRecords, type RecordChanges, type Records, type RecordsState } from '../reconcile/walk.ts'
import type { Result } from './apply-context.ts'
import type { PassContext } from './pass-context.ts'
import { secretKind, secretResource } from './secret-kind.ts'

/** The annotation by which a person says that nothing counts that was done before. */
const anew = 'new'

/** What of a context the records need. */
export type RecordsContext = Pick<
  PassContext,
  'client' | 'resource' | 'primaries' | 'dependentsOf' | 'resourceOf' | 'inventory' | 'lookups' | 'memory' | 'names'
>

/** What became of a write of records. */
export type RecordsWritten =
  | Exclude<Result, { kind: 'blocked' | 'slowed' }>
  /** They do not fit, and nothing was written. */
  | { kind: 'refused'; problem: Problem }

type Found =
  | { kind: 'none' }
  /** `of`: made for this primary, or for an earlier incarnation of it. */
  | { kind: 'own' | 'earlier'; secret: KubernetesObject; records: Records }
  | Exclude<RecordsState, { kind: 'known' }>

/** What is recorded for the primary, as the cache has it. Sends nothing; where an answer is on its way, the primary is woken by it. */
export function recordsOf(primary: KubernetesObject, context: RecordsContext): RecordsState {
  const found = find(latest(primary, context), context)
  switch (found.kind) {
    case 'none':
      return { kind: 'known', records: noRecords }
    case 'own':
    case 'earlier':
      return { kind: 'known', records: found.records }
    case 'unknown':
    case 'lost':
      return found
  }
}

/**
 * Records the changes, and takes over what an earlier incarnation of the primary had; costs nothing where neither is to be done, so it may be
 * called in every pass. Once it resolves to `written`, what was recorded survives a crash, and acts may begin.
 */
export async function writeRecords(primary: KubernetesObject, changes: RecordChanges, context: RecordsContext): Promise<RecordsWritten> {
  const current = latest(primary, context)
  const found = find(current, context)
  const object = `Secret/${nameOf(found, current)}`
  if (found.kind === 'unknown' || found.kind === 'lost') return { kind: 'unknown', object, reason: found.reason }
  const before = found.kind === 'none' ? noRecords : found.records
  const records = mergeRecords(before, changes)
  const isBegunAnew = found.kind !== 'none' && namedBy(current) === anew
  if (records === before && found.kind !== 'earlier' && !isBegunAnew) return { kind: 'unchanged' }
  const text = formatRecords(recordsOwner(current), records)
  const problem = tooLarge(text, records)
  if (problem) return { kind: 'refused', problem }
  try {
    const written = await write(found, text, current, context)
    if (written.kind === 'written') await annotate(current, written.of.metadata.name, context)
    return written
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    context.memory.of(current.metadata.uid as string).records = undefined
    if (isApiError(error, 'conflict', 'uidMismatch', 'notFound')) return { kind: 'outdated' }
    return { kind: 'failed', object, error }
  }
}

/** The primary as it was written last: the annotation counts. */
function latest(primary: KubernetesObject, { primaries }: RecordsContext): KubernetesObject {
  const current = primaries.get(objectKey(primary.metadata))
  return current?.metadata.uid === primary.metadata.uid ? (current as KubernetesObject) : primary
}

const namedBy = ({ metadata: { annotations } }: KubernetesObject): string | undefined => annotations?.[recordsAnnotation]

const nameOf = (found: Found, primary: KubernetesObject): string =>
  found.kind === 'own' || found.kind === 'earlier' ? found.secret.metadata.name : recordsSecretNames(primary)[0]

/** Of a primary outside of namespaces they are in the operator's own. */
const namespaceOf = ({ metadata: { namespace } }: KubernetesObject, { inventory }: RecordsContext): string =>
  namespace ?? inventory.namespace

const managerOf = ({ metadata }: KubernetesObject): string => fieldManager('records', metadata.uid as string)

function find(primary: KubernetesObject, context: RecordsContext): Found {
  const cache = context.dependentsOf(secretKind)
  const namespace = namespaceOf(primary, context)
  const standing = cache.within([namespace])
  if (standing.state !== 'synced')
    return { kind: 'unknown', reason: `Secret: ${standing.reason ?? standing.state}`, isOnItsWay: !standing.reason }
  const uid = primary.metadata.uid as string
  const named = namedBy(primary)
  const names = [...new Set([...(named === undefined || named === anew ? [] : [named]), ...recordsSecretNames(primary)])]
  const cached = names.flatMap((name) => cache.get(objectKey({ namespace, name })) ?? [])
  const own = cached.find((secret) => isOwn(secret, primary))
  if (own) {
    context.lookups.keep(uid, 'records', [])
    const memory = context.memory.of(uid)
    const { records: remembered } = memory
    const isBehind = remembered !== undefined && remembered.metadata.uid === own.metadata.uid && isOlder(own, remembered)
    // Once the watch has told of it, it is not held twice.
    if (!isBehind && own !== remembered) memory.records = undefined
    return contentOf(isBehind ? remembered : own, 'own', named)
  }
  const earlier = cached.find((secret) => isEarlier(secret, primary))
  if (earlier) return foundEarlier(earlier, primary, context)
  if (named === undefined || named === anew) {
    context.lookups.keep(uid, 'records', [])
    return { kind: 'none' }
  }
  // One that has lost the label is in no cache of dependents.
  const lookup: Lookup = { kind: secretKind, namespace, name: named }
  if (!context.lookups.add(uid, 'records', [lookup])) return { kind: 'unknown', reason: `Secret/${named} is being read`, isOnItsWay: true }
  const result = context.lookups.results(uid)[lookupId(lookup)]
  if (result?.state === 'found') {
    const [secret] = result.objects
    return secret && isEarlier(secret, primary) ? foundEarlier(secret, primary, context) : lost(named, 'is not there')
  }
  return { kind: 'unknown', reason: `Secret/${named}: ${result?.reason ?? 'it is being read'}` }
}

const isOlder = (one: KubernetesObject, other: KubernetesObject): boolean =>
  (compareVersions(one.metadata.resourceVersion, other.metadata.resourceVersion) ?? 0) < 0

/** By our Apply entry, or where somebody reset that, by the owner. */
function isOwn(secret: KubernetesObject, primary: KubernetesObject): boolean {
  const { uid } = primary.metadata
  const { labels, ownerReferences = [] } = secret.metadata
  const controller = ownerReferences.find((owner) => owner.controller)
  if (labels?.[primaryUidLabel] !== uid || (controller && controller.uid !== uid)) return false
  return applyEntry(secret, managerOf(primary)) !== undefined || (controller !== undefined && textOf(secret) !== undefined)
}

/** Whether it was made for the same primary, which had another UID then. */
function isEarlier(secret: KubernetesObject, primary: KubernetesObject): boolean {
  const of = parsed(secret)?.of
  const controller = secret.metadata.ownerReferences?.find((owner) => owner.controller)
  return of !== undefined && isSameOwner(of, recordsOwner(primary)) && (!controller || controller.uid === of.uid)
}

function foundEarlier(secret: KubernetesObject, primary: KubernetesObject, context: RecordsContext): Found {
  const { name, deletionTimestamp, ownerReferences = [] } = secret.metadata
  const named = namedBy(primary)
  const { namespace } = secret.metadata
  context.lookups.add(primary.metadata.uid as string, 'records', [{ kind: secretKind, namespace, name }])
  if (deletionTimestamp !== undefined) return { kind: 'unknown', reason: `Secret/${name} is being deleted` }
  if (named === name || named === anew) return contentOf(secret, 'earlier', named)
  // The garbage collector takes it after its owner.
  if (ownerReferences.length > 0) return { kind: 'unknown', reason: `Secret/${name} is of an earlier ${primary.kind} and about to go` }
  const remedy = `${recordsAnnotation}: ${name} on the custom resource goes on with it, ${recordsAnnotation}: ${anew} begins anew`
  return { kind: 'lost', reason: `Secret/${name} tells what was done for an earlier ${primary.kind} of this name`, remedy }
}

function contentOf(secret: KubernetesObject, kind: 'own' | 'earlier', named: string | undefined): Found {
  if (named === anew) return { kind, secret, records: noRecords }
  const content = parsed(secret)
  return content ? { kind, secret, records: content.records } : lost(secret.metadata.name, 'cannot be read')
}

const lost = (name: string, why: string): Found => ({
  kind: 'lost',
  reason: `Secret/${name}, which tells what was done, ${why}`,
  remedy: `restore it, or begin anew with ${recordsAnnotation}: ${anew} on the custom resource`,
})

const textOf = ({ data }: KubernetesObject): string | undefined => {
  const encoded = (data as Record<string, string> | undefined)?.[recordsDataKey]
  return encoded === undefined ? undefined : decodeBase64(encoded)
}

const contents = new WeakMap<KubernetesObject, ReturnType<typeof parseRecords>>()

/** Read once for each version that the cache has had. */
function parsed(secret: KubernetesObject): ReturnType<typeof parseRecords> {
  if (!contents.has(secret)) contents.set(secret, parseRecords(textOf(secret) ?? ''))
  return contents.get(secret)
}

async function write(
  found: Extract<Found, { kind: 'none' | 'own' | 'earlier' }>,
  text: string,
  primary: KubernetesObject,
  context: RecordsContext,
): Promise<RecordsWritten> {
  switch (found.kind) {
    case 'own':
      return written(await apply(found.secret, text, primary, context), 'updated', primary, context)
    case 'earlier':
      return written(await apply(await takenOver(found.secret, primary, context), text, primary, context), 'adopted', primary, context)
    case 'none':
      return await begin(text, primary, context)
  }
}

async function begin(text: string, primary: KubernetesObject, context: RecordsContext): Promise<RecordsWritten> {
  const namespace = namespaceOf(primary, context)
  const namespaces = primary.metadata.namespace === undefined ? [namespace] : []
  await context.inventory.record(groupKind(context.resource), [{ kind: secretKind, namespaces }])
  let taken: KubernetesObject | undefined
  for (const name of recordsSecretNames(primary)) {
    try {
      const body = bodyOf(name, text, primary, context)
      const answer = await createOnly(context.client, secretResource(context), body, { manager: managerOf(primary) })
      return written(answer, 'created', primary, context)
    } catch (error) {
      if (!isApiError(error, 'alreadyExists')) throw error
    }
    taken = await findObject(context.client, secretResource(context), { namespace, name })
    // Gone in between, or a create of ours whose answer was lost: what stands there decides, once the cache has it.
    if (!taken) return { kind: 'outdated' }
    if (applyEntry(taken, managerOf(primary))) {
      const kept = textOf(taken)
      const answer = kept === undefined ? taken : await apply(taken, kept, primary, context)
      context.dependentsOf(secretKind).wrote(answer)
      return { kind: 'outdated' }
    }
    if (!isOfAnotherKind(taken, primary)) break
  }
  const conflict = taken && conflictWith(taken, primary, managerOf(primary), context.names)
  return { kind: 'conflict', object: `Secret/${taken?.metadata.name}`, message: conflict ?? 'it was not made to keep records' }
}

function isOfAnotherKind(live: KubernetesObject, primary: KubernetesObject): boolean {
  const owner = live.metadata.ownerReferences?.find(({ controller }) => controller)
  if (!owner || groupKind(gvkOf(owner)) === groupKind(gvkOf(primary))) return false
  return applyEntry(live, fieldManager('records', owner.uid)) !== undefined
}

/** The Secret with what an earlier incarnation held of it as ours, and tied to this one. Bound to the version that was read. */
async function takenOver(found: KubernetesObject, primary: KubernetesObject, context: RecordsContext): Promise<KubernetesObject> {
  const { client } = context
  const resource = secretResource(context)
  const { uid, resourceVersion, name, namespace } = found.metadata
  // The managed fields are not whole in a cache.
  const { metadata } = await client.request<KubernetesObject>({ method: 'GET', path: resourcePath(resource, { namespace, name }) })
  const managedFields = (metadata.managedFields ?? []).map((entry) =>
    parseFieldManager(entry.manager)?.role === 'records' ? { ...entry, manager: managerOf(primary) } : entry,
  )
  const labels = { ...metadata.labels, [primaryUidLabel]: primary.metadata.uid as string }
  const operations: PatchOperation[] = [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/metadata/labels', value: labels },
    { op: 'add', path: '/metadata/ownerReferences', value: [ownerOf(primary)] },
    { op: 'add', path: '/metadata/managedFields', value: managedFields },
  ]
  try {
    return await jsonPatch(client, resource, metadata, operations, { uid: uid as string, manager: managerOf(primary) })
  } catch (error) {
    throw isApiError(error, 'invalid') ? error.as('conflict') : error
  }
}

async function apply(
  standing: KubernetesObject,
  text: string,
  primary: KubernetesObject,
  context: RecordsContext,
): Promise<KubernetesObject> {
  const { name, uid, resourceVersion } = standing.metadata
  return await applyBound(context.client, secretResource(context), bodyOf(name, text, primary, context), {
    manager: managerOf(primary),
    uid: uid as string,
    resourceVersion,
    force: true,
  })
}

function written(
  answer: KubernetesObject,
  verb: 'created' | 'updated' | 'adopted',
  primary: KubernetesObject,
  context: RecordsContext,
): RecordsWritten {
  const memory = context.memory.of(primary.metadata.uid as string)
  memory.feedback?.writes.made(answer)
  const cache = context.dependentsOf(secretKind)
  cache.wrote(answer)
  memory.records = cache.get(objectKey(answer.metadata)) ?? answer
  return { kind: 'written', verb, of: answer, cause: 'input', detail: 'records' }
}

/** Says on the primary where its records are. */
async function annotate(primary: KubernetesObject, name: string, { client, resource, primaries }: RecordsContext): Promise<void> {
  if (namedBy(primary) === name) return
  const answer = await patchMetadata(client, resource, primary.metadata, {
    uid: primary.metadata.uid as string,
    metadata: { annotations: { [recordsAnnotation]: name } },
    manager: recordsManager,
  })
  primaries.wrote(answer)
}

const ownerOf = ({ apiVersion, kind, metadata: { name, uid } }: KubernetesObject) => ({
  apiVersion,
  kind,
  name,
  uid: uid as string,
  controller: true,
  blockOwnerDeletion: true,
})

const bodyOf = (name: string, text: string, primary: KubernetesObject, context: RecordsContext): ApplyBody => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name,
    namespace: namespaceOf(primary, context),
    labels: { [primaryUidLabel]: primary.metadata.uid as string },
    ownerReferences: [ownerOf(primary)],
  },
  data: { [recordsDataKey]: encodeBase64(text) },
})
