/**
 * The garbage collector: what has owners goes when none of them is left.
 *
 *   Background  the owner goes at once, then its dependents.
 *   Foreground  the owner waits, with the finalizer `foregroundDeletion`, for the dependents that block it.
 *   Orphan      the owner waits, with the finalizer `orphan`, until its dependents have forgotten it.
 *
 * An owner is the object with the reference's kind, name and UID in the dependent's own namespace or at cluster scope; all else is absent. A
 * dependent of an owner of unknown kind stays, and so does a cluster-scoped one of a namespaced owner. (pkg/controller/garbagecollector)
 */
import type { KubernetesObject, OwnerReference } from '../../../api/object.ts'
import { ApiError } from '../../status/api-error.ts'
import type { Change, Controller, DeleteOptions, World } from '../controller.ts'
import { equalJson } from '../../../api/equal.ts'
import { withoutFinalizer } from '../finalizers.ts'
import { OwnerGraph } from './graph.ts'

const foreground = 'foregroundDeletion'
const orphan = 'orphan'
/** After this many milliseconds it is looked again whether the kind of an owner is served by now. */
const unknownKindRetry = 30_000

/** In no name of an object. */
const separator = '\0'
const keyOf = (storage: string, { metadata }: KubernetesObject): string =>
  [storage, metadata.namespace ?? '', metadata.name].join(separator)

export function garbageCollector(): Controller {
  const graph = new OwnerGraph()
  return {
    name: 'garbage-collector',
    watches: ['*'],
    keys(change) {
      const keys = affected(graph, change)
      if (change.previous) graph.remove(change.previous)
      if (change.type === 'DELETED') graph.remove(change.object)
      else if (change.object.metadata.ownerReferences) graph.add(keyOf(change.storage, change.object), change.object)
      return keys
    },
    reconcile(key, world) {
      const [storage, namespace, name] = parseKey(key, world) ?? []
      const object = storage === undefined ? undefined : world.get(storage, namespace ?? '', name ?? '')
      if (storage === undefined || !object) return undefined
      if (object.metadata.deletionTimestamp !== undefined) return void finish(graph, storage, object, world)
      return attemptToDelete(graph, storage, object, world)
    },
  }
}

function affected(graph: OwnerGraph, { storage, type, object, previous }: Change): string[] {
  const { uid, ownerReferences, deletionTimestamp, finalizers } = object.metadata
  if (type === 'DELETED')
    return [...graph.dependentsOf(uid).map(({ key }) => key), ...ownersWaiting(object.metadata.ownerReferences, object)]
  const keys: string[] = []
  const changed = !previous || !equalJson(previous.metadata.ownerReferences, ownerReferences)
  if (changed && ownerReferences && ownerReferences.length > 0) keys.push(keyOf(storage, object))
  if (changed && previous) keys.push(...ownersWaiting(previous.metadata.ownerReferences, object))
  if (deletionTimestamp !== undefined && finalizers?.some((finalizer) => finalizer === foreground || finalizer === orphan)) {
    keys.push(keyOf(storage, object))
    if (finalizers.includes(foreground)) keys.push(...graph.dependentsOf(uid).map(({ key }) => key))
  }
  return keys
}

/** References tell kind and name only; the owner is found when it is looked at. */
const ownersWaiting = (references: readonly OwnerReference[] | undefined, { metadata }: KubernetesObject): string[] =>
  (references ?? []).map(({ apiVersion, kind, name }) => [ofKind, metadata.namespace ?? '', name, apiVersion, kind].join(separator))

/** In place of a storage: the key goes on with apiVersion and kind. */
const ofKind = ''

function parseKey(key: string, world: World): [storage: string, namespace: string, name: string] | undefined {
  const [storage, namespace, name, apiVersion = '', kind = ''] = key.split(separator) as [string, string, string, string?, string?]
  if (storage !== ofKind) return [storage, namespace, name]
  const served = world.storageOf(apiVersion, kind)
  return served && [served.storage, served.namespaced ? namespace : '', name]
}

/** An object that is being deleted: orphans its dependents, or goes when the last dependent that blocks it has gone. */
function finish(graph: OwnerGraph, storage: string, object: KubernetesObject, world: World): void {
  const { uid = '', finalizers = [] } = object.metadata
  if (finalizers.includes(orphan)) {
    for (const { key } of graph.dependentsOf(uid)) {
      const [where, namespace, name] = parseKey(key, world) ?? ['', '', '']
      const dependent = world.get(where, namespace, name)
      if (dependent) withoutOwners(where, dependent, new Set([uid]), world)
    }
    withoutFinalizer(world, storage, object, orphan)
  } else if (finalizers.includes(foreground) && graph.blocking(uid).length === 0) withoutFinalizer(world, storage, object, foreground)
}

function attemptToDelete(graph: OwnerGraph, storage: string, object: KubernetesObject, world: World): number | undefined {
  const { namespace = '', name, uid, ownerReferences = [], finalizers = [] } = object.metadata
  if (ownerReferences.length === 0) return undefined
  const states = ownerReferences.map((reference) => ({ reference, state: stateOf(reference, namespace, world) }))
  const uids = (wanted: OwnerState): string[] => states.filter(({ state }) => state === wanted).map(({ reference }) => reference.uid)
  if (states.some(({ state }) => state === 'unknown kind')) return unknownKindRetry
  if (states.some(({ state }) => state === 'invalid')) return undefined
  const unneeded = new Set([...uids('absent'), ...uids('waiting')])
  if (uids('solid').length > 0) {
    if (unneeded.size > 0) withoutOwners(storage, object, unneeded, world)
    return undefined
  }
  let propagationPolicy: DeleteOptions['propagationPolicy'] = 'Background'
  if (uids('waiting').length > 0 && graph.hasDependents(uid)) {
    propagationPolicy = 'Foreground'
    // A circle of objects that wait for each other would never end.
    if (graph.dependentsOf(uid).some(({ key }) => isWaiting(world.get(...(parseKey(key, world) ?? ['', '', ''])))))
      unblock(storage, object, world)
  } else if (finalizers.includes(orphan)) propagationPolicy = 'Orphan'
  else if (finalizers.includes(foreground)) propagationPolicy = 'Foreground'
  try {
    world.delete(storage, namespace, name, { propagationPolicy, ...(uid === undefined ? {} : { uid }) })
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 404)) throw error
  }
  return undefined
}

/**
 * solid: exists. waiting: exists, and waits for its dependents in the foreground. absent: does not exist. invalid: namespaced, of an object at
 * cluster scope.
 */
type OwnerState = 'solid' | 'waiting' | 'absent' | 'invalid' | 'unknown kind'

function stateOf({ apiVersion, kind, name, uid }: OwnerReference, namespace: string, world: World): OwnerState {
  const served = world.storageOf(apiVersion, kind)
  if (!served) return 'unknown kind'
  if (served.namespaced && namespace === '') return 'invalid'
  const owner = world.get(served.storage, served.namespaced ? namespace : '', name)
  if (owner?.metadata.uid !== uid) return 'absent'
  return isWaiting(owner) ? 'waiting' : 'solid'
}

const isWaiting = (object: KubernetesObject | undefined): boolean =>
  object?.metadata.deletionTimestamp !== undefined && object.metadata.finalizers?.includes(foreground) === true

function unblock(storage: string, object: KubernetesObject, world: World): void {
  const ownerReferences = (object.metadata.ownerReferences ?? []).map((reference) => ({ ...reference, blockOwnerDeletion: false }))
  world.update(storage, { ...object, metadata: { ...object.metadata, ownerReferences } })
}

function withoutOwners(storage: string, object: KubernetesObject, uids: ReadonlySet<string>, world: World): void {
  const { ownerReferences = [], ...metadata } = object.metadata
  const rest = ownerReferences.filter(({ uid }) => !uids.has(uid))
  world.update(storage, { ...object, metadata: rest.length > 0 ? { ...metadata, ownerReferences: rest } : metadata })
}
