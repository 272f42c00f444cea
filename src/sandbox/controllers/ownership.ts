/**
 * Who manages whom: the owner reference that makes an object another one's controller, and an index of what each controller manages.
 *
 * The index follows the changes that its controller is told of within each write, so it is never behind the storage.
 * (apimachinery, meta/v1/controller_ref.go; pkg/controller, controller_ref_manager.go)
 */
import type { KubernetesObject, OwnerReference } from '../../api/object.ts'
import { type LabelSelector, matchesSelector } from '../../api/selectors.ts'
import type { Change, World } from './controller.ts'

/** The reference by which `owner` manages an object, and waits for its end if it is deleted in the foreground. */
export const controllerReference = (owner: KubernetesObject): OwnerReference => ({
  apiVersion: owner.apiVersion,
  kind: owner.kind,
  name: owner.metadata.name,
  uid: owner.metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
})

export const controllerOf = (object: KubernetesObject): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find(({ controller }) => controller === true)

export const isControlledBy = (object: KubernetesObject, owner: KubernetesObject): boolean =>
  controllerOf(object)?.uid === owner.metadata.uid

type Objects = Map<string, KubernetesObject>

export class ControllerIndex {
  readonly #byController = new Map<string, Objects>()
  readonly #orphans = new Map<string, Objects>()

  observe({ type, object, previous }: Change): void {
    if (previous) this.#remove(previous)
    if (type === 'DELETED') this.#remove(object)
    else this.#shelf(object, true)?.set(object.metadata.name, object)
  }

  /** What the owner with this UID manages, in the order of creation. */
  managedBy(uid: string | undefined): KubernetesObject[] {
    return [...(this.#byController.get(uid ?? '')?.values() ?? [])]
  }

  /** Objects that nobody manages. */
  orphansIn(namespace: string | undefined): KubernetesObject[] {
    return [...(this.#orphans.get(namespace ?? '')?.values() ?? [])]
  }

  #remove(object: KubernetesObject): void {
    this.#shelf(object, false)?.delete(object.metadata.name)
    const uid = controllerOf(object)?.uid
    if (uid !== undefined && this.#byController.get(uid)?.size === 0) this.#byController.delete(uid)
  }

  #shelf(object: KubernetesObject, create: boolean): Objects | undefined {
    const uid = controllerOf(object)?.uid
    const shelves = uid === undefined ? this.#orphans : this.#byController
    const key = uid ?? object.metadata.namespace ?? ''
    let shelf = shelves.get(key)
    if (!shelf && create) shelves.set(key, (shelf = new Map()))
    return shelf
  }
}

/**
 * What `owner` manages, after it took in what it selects and let go of what it does not select any more.
 *
 * An owner that is being deleted takes nothing in; an object that is being deleted is neither taken in nor let go.
 */
export function claim(
  world: World,
  storage: string,
  index: ControllerIndex,
  owner: KubernetesObject,
  selector: LabelSelector | undefined,
): KubernetesObject[] {
  const selects = (object: KubernetesObject): boolean => selector !== undefined && matchesSelector(selector, object.metadata.labels)
  const claimed: KubernetesObject[] = []
  for (const object of index.managedBy(owner.metadata.uid)) {
    if (selects(object) || object.metadata.deletionTimestamp !== undefined) claimed.push(object)
    else if (owner.metadata.deletionTimestamp === undefined) release(world, storage, object, owner)
  }
  if (owner.metadata.deletionTimestamp !== undefined) return claimed
  for (const object of index.orphansIn(owner.metadata.namespace)) {
    if (object.metadata.deletionTimestamp !== undefined || !selects(object)) continue
    const ownerReferences = [...(object.metadata.ownerReferences ?? []), controllerReference(owner)]
    claimed.push(world.update(storage, { ...object, metadata: { ...object.metadata, ownerReferences } }))
  }
  return claimed
}

function release(world: World, storage: string, object: KubernetesObject, owner: KubernetesObject): void {
  const { ownerReferences = [], ...metadata } = object.metadata
  const rest = ownerReferences.filter(({ uid }) => uid !== owner.metadata.uid)
  world.update(storage, { ...object, metadata: rest.length > 0 ? { ...metadata, ownerReferences: rest } : metadata })
}

/** `namespace/name` of the manager of an object, if it is of this kind (any version). */
export function keyOfController(object: KubernetesObject, group: string, kind: string): string[] {
  const owner = controllerOf(object)
  if (owner?.kind !== kind || groupOf(owner.apiVersion) !== group) return []
  return [`${object.metadata.namespace ?? ''}/${owner.name}`]
}

const groupOf = (apiVersion: string): string => (apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '')

/** The two parts of a key `namespace/name`. */
export function splitKey(key: string): [namespace: string, name: string] {
  const slash = key.indexOf('/')
  return [key.slice(0, slash), key.slice(slash + 1)]
}
