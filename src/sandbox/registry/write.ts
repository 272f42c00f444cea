/**
 * Create, update and what both share: from an object that was decoded to one that is stored.
 *
 * Each step is one that a real server takes, in its order: ownership, preparation, validation, admission, storing. All of it happens at
 * once; nobody else writes in between. (apiserver, registry/generic/registry/store.go)
 */
import { apiVersionOf, type JsonValue, type KubernetesObject } from '../../api/object.ts'
import { alreadyExists, conflict, forbiddenError, invalid, modified, notFound, plainError } from '../status/api-error.ts'
import { isPathSegment } from '../kinds/names.ts'
import { invalidValue } from '../status/field-error.ts'
import { isRemovable } from './deletion.ts'
import { isNoChange } from './equal.ts'
import { validateObjectMeta, validateObjectMetaUpdate, validateStandardFinalizers } from './object-meta.ts'
import { isBuiltIn, type Strategy } from './resource.ts'
import { type RegistryContext, type RequestScope, timestamp, writeContext } from './scope.ts'
import {
  countGeneration,
  fillSystemFields,
  keepSystemFields,
  settleNamespace,
  wipeSystemFields,
  withoutDuplicateOwners,
} from './system-fields.ts'

const generatedNameTries = 8

/** Where the managed fields of a write come from: worked out from what the client sent, or there already, by an apply. */
export type OwnershipSource = { readonly requested: JsonValue | undefined } | 'applied'

/** Stores a new object. `next`: decoded, a private copy. `subresource`: empty for the main endpoint. */
export function createObject(
  context: RegistryContext,
  scope: RequestScope,
  next: KubernetesObject,
  ownership: OwnershipSource,
  subresource = '',
): KubernetesObject {
  const { resource } = scope
  const { strategy } = resource
  const { metadata } = next
  settleNamespace(metadata, resource, scope.namespace)
  wipeSystemFields(metadata)
  if (metadata.resourceVersion) {
    if (ownership !== 'applied') throw plainError('resourceVersion should not be set on objects to be created')
    delete metadata.resourceVersion
  }
  const write = writeContext(context, scope)
  withoutDuplicateOwners(metadata, scope.warnings)
  if (strategy.hasStatus) resetStatus(next, scope)
  setOwnership(context, scope, undefined, next, subresource, ownership)
  checkPlace(context, scope, metadata.name)
  fillSystemFields(next, resource, { uid: context.newUid(), now: write.now(), random: write.random })
  const stored = resource.codec.toStorage(next)
  context.mutate?.(resource, stored, undefined, write)
  const warned = write.warnings.length
  strategy.prepare?.(stored, undefined, write)
  const errors = [
    ...validateObjectMeta(stored.metadata, {
      namespaced: resource.namespaced,
      validateName: strategy.validateName,
      standardFinalizers: strategy.anyFinalizers !== true,
    }),
    ...(strategy.validate?.(stored, write) ?? []),
  ]
  if (errors.length > 0) {
    // What a kind advises against is told of objects that are accepted.
    write.warnings.length = warned
    throw invalid(context.resources.stored(resource.storage) ?? resource, stored.metadata.name, errors)
  }
  const namespace = stored.metadata.namespace ?? ''
  for (let tries = 1; ; tries++) {
    const other = context.storage.get(resource.storage, namespace, stored.metadata.name)
    if (!other) break
    if (!metadata['generateName'] || tries === generatedNameTries) throw alreadyExists(resource, other)
    stored.metadata.name = ''
    fillSystemFields(stored, resource, { uid: stored.metadata.uid as string, now: write.now(), random: write.random })
  }
  context.admit?.(resource, stored, undefined, write)
  if (scope.dryRun) return resource.codec.fromStorage(stored)
  checkSize(stored)
  return resource.codec.fromStorage(context.storage.put(resource.storage, stored))
}

export interface UpdateOptions {
  /** Empty for the main endpoint. */
  readonly subresource: string
  readonly strategy: Strategy
  readonly ownership: OwnershipSource
  /** What `next` was decoded from, where it is known. */
  readonly sent?: JsonValue
  /** The version has to be given and to fit; patches only check one that the patch itself brought. */
  readonly versionRequired: boolean
}

/** Replaces the stored object `old`. `next`: decoded at the request's version, a private copy. Answers the stored state, or the old one if nothing changed. */
export function updateObject(
  context: RegistryContext,
  scope: RequestScope,
  old: KubernetesObject,
  next: KubernetesObject,
  { subresource, strategy, ownership, sent, versionRequired }: UpdateOptions,
): KubernetesObject {
  const { resource } = scope
  const { codec } = resource
  const live = codec.fromStorage(old)
  const { metadata } = next
  settleNamespace(metadata, resource, scope.namespace)
  checkVersion(scope, metadata, old, strategy, versionRequired)
  keepSystemFields(metadata, live.metadata)
  withoutDuplicateOwners(metadata, scope.warnings)
  const write = writeContext(context, scope)
  if (subresource === 'status') keepAllButStatus(next, live)
  else if (strategy.hasStatus) copyMember(next, live, 'status')
  setOwnership(context, scope, live, next, subresource, ownership)
  const stored = codec.toStorage(next)
  const commonProblems = () => [
    ...validateObjectMeta(stored.metadata, { namespaced: resource.namespaced, validateName: isPathSegment }),
    ...validateObjectMetaUpdate(stored.metadata, old.metadata),
  ]
  const secondCheck = () =>
    strategy.checksMetadataTwice
      ? [...validateObjectMetaUpdate(stored.metadata, old.metadata), ...validateStandardFinalizers(stored.metadata)]
      : []
  const errors: ReturnType<NonNullable<Strategy['validateUpdate']>> = []
  const warned = write.warnings.length
  if (subresource === 'status') {
    if (!isBuiltIn(resource)) keepMetadata(stored, old)
    strategy.prepareStatus?.(stored, old, write)
    errors.push(...commonProblems())
    if (strategy.validateStatus) errors.push(...secondCheck(), ...strategy.validateStatus(stored, old, write))
  } else {
    context.mutate?.(resource, stored, old, write)
    strategy.prepare?.(stored, old, write)
    // What a changed schema shows of an object is no change of the object.
    countGeneration(stored, isBuiltIn(resource) ? old : codec.toStorage(live), sent, strategy)
    errors.push(...commonProblems(), ...secondCheck())
    if (!strategy.validateUpdateAlone) errors.push(...(strategy.validate?.(stored, write) ?? []))
    errors.push(...(strategy.validateUpdate?.(stored, old, write) ?? []))
  }
  if (errors.length > 0) {
    write.warnings.length = warned
    throw invalid(context.resources.stored(resource.storage) ?? resource, old.metadata.name, errors)
  }
  if (isNoChange(stored, old)) return live
  if (subresource === '') context.admit?.(resource, stored, old, write)
  if (scope.dryRun) return codec.fromStorage(stored)
  if (isRemovable(stored, old, strategy)) {
    // Nobody but the writer sees the last change, at the version that it was made of: watches are told of the state before it.
    context.storage.remove(resource.storage, old)
    return codec.fromStorage(stored)
  }
  checkSize(stored)
  return codec.fromStorage(context.storage.put(resource.storage, stored))
}

/** What etcd takes as one request. (server/embed, DefaultMaxRequestBytes) */
const largestObjectBytes = 1.5 * 1024 * 1024

function checkSize(object: KubernetesObject): void {
  // A character is at most three bytes, so that nearly every object is found to be small without writing it.
  if (textLength(object) * 3 > largestObjectBytes && Buffer.byteLength(JSON.stringify(object)) > largestObjectBytes)
    throw plainError('etcdserver: request is too large')
}

/** A number of characters that grows with the object's text. */
function textLength(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 5
  let length = 0
  if (Array.isArray(value)) for (const item of value) length += textLength(item) + 1
  else for (const name in value) length += name.length + textLength((value as Record<string, unknown>)[name]) + 6
  return length
}

/** Sets the managed fields of an object that is about to be written. */
export function setOwnership(
  context: RegistryContext,
  scope: RequestScope,
  live: KubernetesObject | undefined,
  next: KubernetesObject,
  subresource: string,
  source: OwnershipSource,
): void {
  if (source === 'applied') return
  const { resource, fieldManager: manager } = scope
  context.ownership.update({ resource, live, next, manager, subresource, time: timestamp(context.now()), requested: source.requested })
}

function checkVersion(
  { resource }: RequestScope,
  metadata: KubernetesObject['metadata'],
  old: KubernetesObject,
  strategy: Strategy,
  required: boolean,
): void {
  const { name, uid, resourceVersion } = old.metadata
  const { resourceVersion: given } = metadata
  if (given && !/^\d+$/.test(given)) throw plainError(`strconv.ParseUint: parsing ${JSON.stringify(given)}: invalid syntax`)
  if (required && metadata.uid && metadata.uid !== uid)
    throw conflict(
      resource,
      name,
      `StorageError: invalid object, Code: 4, Key: /registry/${resource.storage.replace(/^\//, '')}/${metadata.namespace ? `${metadata.namespace}/` : ''}${name}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`,
    )
  if (!given || given === '0') {
    if (required && !strategy.unconditionalUpdate)
      throw invalid({ group: resource.group, kind: resource.resource }, name, [
        invalidValue('metadata.resourceVersion', 0, 'must be specified for an update'),
      ])
    if (resourceVersion) metadata.resourceVersion = resourceVersion
  } else if (given !== resourceVersion) throw modified(resource, name)
}

/** Objects can only be made of a kind and in a namespace that are there and not about to go. (plugin/namespace/lifecycle) */
function checkPlace(context: RegistryContext, { resource, namespace }: RequestScope, name: string): void {
  if (resource.createForbidden !== undefined) throw forbiddenError(resource, name, resource.createForbidden)
  if (!resource.namespaced) return
  const found = context.storage.get('/namespaces', '', namespace)
  if (!found) throw notFound({ group: '', resource: 'namespaces' }, namespace)
  if (found.metadata.deletionTimestamp === undefined || resource.group === 'authorization.k8s.io') return
  throw forbiddenError(resource, name, `unable to create new content in namespace ${namespace} because it is being terminated`, [
    { reason: 'NamespaceTerminating', message: `namespace ${namespace} is being terminated`, field: 'metadata.namespace' },
  ])
}

/** A new object's status is what its kind begins with. */
function resetStatus(object: KubernetesObject, { resource }: RequestScope): void {
  const empty = resource.codec.decode({ apiVersion: apiVersionOf(resource), kind: resource.kind, metadata: {} }, [])
  copyMember(object, empty, 'status')
}

function keepAllButStatus(next: KubernetesObject, live: KubernetesObject): void {
  for (const name of Object.keys(next)) if (name !== 'status' && name !== 'metadata' && !Object.hasOwn(live, name)) delete next[name]
  for (const name of Object.keys(live)) if (name !== 'status' && name !== 'metadata') next[name] = live[name]
}

/** Of a custom resource, nothing but the status can be written through the status endpoint. */
function keepMetadata(next: KubernetesObject, old: KubernetesObject): void {
  const { managedFields } = next.metadata
  next.metadata = { ...old.metadata }
  if (managedFields) next.metadata.managedFields = managedFields
  else delete next.metadata.managedFields
}

function copyMember(to: KubernetesObject, from: KubernetesObject, name: string): void {
  if (Object.hasOwn(from, name)) to[name] = from[name]
  else delete to[name]
}
