/**
 * Bound writes: each is tied to one incarnation of one object, so that none can land on another or bring back what was deleted.
 *
 * | write         | bound by                       | nothing there                         | another incarnation there |
 * | ------------- | ------------------------------ | ------------------------------------- | ------------------------- |
 * | createOnly    | resourceVersion "1"            | created                               | `alreadyExists`           |
 * | applyBound    | uid                            | `conflict`, missing                   | `uidMismatch`             |
 * | deleteBound   | UID precondition               | `absent`                              | `conflict`                |
 * | patchMetadata | uid, for finalizers a version  | `notFound`                            | `uidMismatch`             |
 * | applyStatus   | resourceVersion                | `notFound`, or `conflict` and missing | `conflict`                |
 * | scaleBound    | uid                            | `notFound`                            | `conflict`                |
 * | jsonPatch     | test of the uid                | `notFound`                            | `invalid`                 |
 *
 * Server-side apply alone is an upsert. Version "1" belongs to no object, since the store's first revision is not one: an apply that
 * carries it is refused wherever anything is, and it is dropped where nothing is. (apiserver, registry/generic/registry/store.go; a
 * dry run behaves the same)
 *
 * Bodies are never changed: only the root and its metadata are copied. Answers are the server's, whole.
 */
import type { KubernetesObject, ManagedFieldsEntry } from '../api/object.ts'
import type { ApiClient, Resource } from './client.ts'
import { isApiError } from './errors.ts'
import { resourcePath } from './paths.ts'

export interface ObjectReference {
  namespace?: string | undefined
  name: string
}

interface WriteOptions {
  /** The field manager. */
  manager: string
  /** Validate, default and admit, but store nothing. */
  dryRun?: boolean | undefined
  signal?: AbortSignal | undefined
}

/** Body of a server-side apply: no uid, resourceVersion or managedFields of its own. */
export interface ApplyBody {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string | undefined; readonly [field: string]: unknown }
  readonly [field: string]: unknown
}

const applyType = 'application/apply-patch+yaml'

/**
 * Creates, or rejects with `alreadyExists` if anything of that name is there: also if it is our own create, whose answer was lost.
 * With a field conflict or without, something is there; so neither is told apart.
 */
export async function createOnly(client: ApiClient, resource: Resource, body: ApplyBody, options: WriteOptions): Promise<KubernetesObject> {
  try {
    return await apply(client, resource, body, { resourceVersion: '1' }, options)
  } catch (error) {
    throw isApiError(error, 'conflict', 'fieldConflict') ? error.as('alreadyExists') : error
  }
}

/**
 * Applies to the incarnation with this UID. Changes nothing, not even the version, if nothing differs.
 * Rejects with `conflict` and `missing` if it is gone, `uidMismatch` if another is there, `fieldConflict` unless forced. The server
 * looks at fields first: unforced, a `fieldConflict` can be with another incarnation. With a resourceVersion it is bound to that version
 * too, and rejects with `conflict` if the object is at another.
 */
export function applyBound(
  client: ApiClient,
  resource: Resource,
  body: ApplyBody,
  options: WriteOptions & { uid: string; resourceVersion?: string | undefined; force?: boolean | undefined },
): Promise<KubernetesObject> {
  const { uid, resourceVersion } = options
  return apply(client, resource, body, { uid, ...(resourceVersion !== undefined && { resourceVersion }) }, options)
}

function apply(
  client: ApiClient,
  resource: Resource,
  body: ApplyBody,
  binding: { uid: string; resourceVersion?: string } | { resourceVersion: string },
  { manager, dryRun, signal, force }: WriteOptions & { force?: boolean | undefined },
): Promise<KubernetesObject> {
  const { name, namespace } = body.metadata
  return client.request({
    method: 'PATCH',
    path: resourcePath(resource, { namespace, name }),
    // Apply refuses unknown fields by itself; Strict also refuses what would be pruned without a word within embedded objects.
    query: { fieldManager: manager, force: force || undefined, fieldValidation: 'Strict', dryRun: dryRun ? 'All' : undefined },
    contentType: applyType,
    body: { ...body, metadata: { ...body.metadata, ...binding } },
    ...(signal && { signal }),
  })
}

export type Deletion =
  /** It was not there. */
  | { kind: 'absent' }
  | { kind: 'deleted' }
  /** It stays until its finalizers, or a Pod's grace period, are done. */
  | { kind: 'terminating'; object: KubernetesObject }

/** Deletes the incarnation with this UID; rejects with `conflict` if another, or another version, is there. */
export async function deleteBound(
  client: ApiClient,
  resource: Resource,
  reference: ObjectReference,
  options: Omit<WriteOptions, 'manager'> & {
    uid: string
    resourceVersion?: string | undefined
    propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined
  },
): Promise<Deletion> {
  const { uid, resourceVersion, propagation, dryRun, signal } = options
  try {
    const answer = await client.request<KubernetesObject>({
      method: 'DELETE',
      path: resourcePath(resource, reference),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { uid, ...(resourceVersion !== undefined && { resourceVersion }) },
        ...(propagation && { propagationPolicy: propagation }),
        ...(dryRun && { dryRun: ['All'] }),
      },
      ...(signal && { signal }),
    })
    // A Status says that it is gone. Some kinds answer with the object in either case.
    const stays =
      answer.kind !== 'Status' && (answer.metadata.deletionTimestamp !== undefined || (answer.metadata.finalizers ?? []).length > 0)
    return stays ? { kind: 'terminating', object: answer } : { kind: 'deleted' }
  } catch (error) {
    if (isApiError(error, 'notFound')) return { kind: 'absent' }
    throw error
  }
}

/** Labels, annotations and such to merge; null removes. `finalizers` is a list and replaces: give a resourceVersion with it. */
export interface MetadataPatch {
  labels?: Readonly<Record<string, string | null>>
  annotations?: Readonly<Record<string, string | null>>
  finalizers?: readonly string[] | null
}

/** Changes metadata of an existing object, without ever creating it: for primaries, which apply would bring back. */
export async function patchMetadata(
  client: ApiClient,
  resource: Resource,
  reference: ObjectReference,
  options: Omit<WriteOptions, 'manager'> & {
    uid: string
    resourceVersion?: string | undefined
    metadata: MetadataPatch
    manager?: string | undefined
  },
): Promise<KubernetesObject> {
  const { uid, resourceVersion, metadata, manager, dryRun, signal } = options
  if (metadata.finalizers !== undefined && resourceVersion === undefined)
    throw new TypeError('finalizers replace the whole list: the resourceVersion that was read has to be given')
  return client.request({
    method: 'PATCH',
    path: resourcePath(resource, reference),
    query: { fieldManager: manager, dryRun: dryRun ? 'All' : undefined },
    contentType: 'application/merge-patch+json',
    body: { metadata: { ...metadata, uid, ...(resourceVersion !== undefined && { resourceVersion }) } },
    ...(signal && { signal }),
  })
}

/**
 * Applies the status of the version that was read. Forced, unless said otherwise: these fields are this controller's own.
 * Rejects with `conflict` if it is another by now. The version is the binding, since a custom resource's /status ignores a wrong uid;
 * the uid beside it keeps kinds that allow creation by update (Service) from making a new object of nothing but a status.
 */
export function applyStatus(
  client: ApiClient,
  resource: Resource,
  reference: ObjectReference,
  options: WriteOptions & { resourceVersion: string; uid?: string | undefined; status: object; force?: boolean | undefined },
): Promise<KubernetesObject> {
  const { resourceVersion, uid, status, manager, force = true, dryRun, signal } = options
  const { group, version, kind } = resource
  return client.request({
    method: 'PATCH',
    path: resourcePath(resource, { ...reference, subresource: 'status' }),
    query: { fieldManager: manager, force: force || undefined, dryRun: dryRun ? 'All' : undefined },
    contentType: applyType,
    body: {
      apiVersion: group ? `${group}/${version}` : version,
      kind,
      metadata: {
        name: reference.name,
        ...(resource.namespaced && { namespace: reference.namespace }),
        resourceVersion,
        ...(uid !== undefined && { uid }),
      },
      status,
    },
    ...(signal && { signal }),
  })
}

/** Sets the number of replicas of the incarnation with this UID through its scale subresource; resolves to the Scale. */
export function scaleBound(
  client: ApiClient,
  resource: Resource,
  reference: ObjectReference,
  options: WriteOptions & { uid: string; replicas: number },
): Promise<KubernetesObject> {
  const { uid, replicas, manager, dryRun, signal } = options
  return client.request({
    method: 'PATCH',
    path: resourcePath(resource, { ...reference, subresource: 'scale' }),
    query: { fieldManager: manager, dryRun: dryRun ? 'All' : undefined },
    contentType: 'application/merge-patch+json',
    body: { metadata: { uid }, spec: { replicas } },
    ...(signal && { signal }),
  })
}

/** One operation of a JSON patch. (RFC 6902) */
export type PatchOperation =
  | { op: 'add' | 'replace' | 'test'; path: string; value: unknown }
  | { op: 'remove'; path: string }
  | { op: 'move' | 'copy'; from: string; path: string }

/**
 * A JSON patch. `uid` puts a test of the UID before the operations; without it they have to hold a test of their own. A failed test
 * and a path that is not there are the same `invalid`.
 */
export async function jsonPatch(
  client: ApiClient,
  resource: Resource,
  reference: ObjectReference,
  operations: readonly PatchOperation[],
  options: WriteOptions & { uid?: string | undefined; subresource?: string | undefined },
): Promise<KubernetesObject> {
  const { uid, manager, subresource, dryRun, signal } = options
  if (uid === undefined && !operations.some(({ op }) => op === 'test')) throw new TypeError('a JSON patch needs a uid or a test')
  return client.request({
    method: 'PATCH',
    path: resourcePath(resource, { ...reference, subresource }),
    query: { fieldManager: manager, dryRun: dryRun ? 'All' : undefined },
    contentType: 'application/json-patch+json',
    body: uid === undefined ? operations : [{ op: 'test', path: '/metadata/uid', value: uid }, ...operations],
    ...(signal && { signal }),
  })
}

/**
 * Says who holds which fields of an object, in the version that was read. Rejects with ApiError, `conflict` if that is another one by now.
 *
 * @param live as it was read, its managed fields whole
 */
export async function patchManagedFields(
  client: ApiClient,
  resource: Resource,
  { metadata }: Pick<KubernetesObject, 'metadata'>,
  managedFields: readonly ManagedFieldsEntry[],
  options: WriteOptions & { subresource?: string | undefined },
): Promise<KubernetesObject> {
  const operations: PatchOperation[] = [
    { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
    { op: 'add', path: '/metadata/managedFields', value: managedFields },
  ]
  try {
    return await jsonPatch(client, resource, metadata, operations, { ...options, uid: metadata.uid })
  } catch (error) {
    throw isApiError(error, 'invalid') ? error.as('conflict') : error
  }
}
