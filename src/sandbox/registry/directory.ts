/**
 * Which resources are served right now: the built-in ones, and those of the definitions that are established.
 */
import { apiVersionOf } from '../../api/object.ts'
import type { Resource } from './resource.ts'

export class ResourceDirectory {
  /** `group/version/resource`, `/v1/pods` for the core group. */
  readonly #byPath = new Map<string, Resource>()
  readonly #byKind = new Map<string, Resource>()
  readonly #byStorage = new Map<string, Resource[]>()
  readonly #removals = new Map<string, Map<() => void, Resource>>()
  #version = 0

  constructor(resources: Iterable<Resource>) {
    for (const resource of resources) this.add(resource)
  }

  /** Changes whenever the list of resources does: what is made from the list can be kept that long. */
  get version(): number {
    return this.#version
  }

  add(resource: Resource): void {
    this.#version++
    this.#byPath.set(pathKey(resource.group, resource.version, resource.resource), resource)
    this.#byKind.set(pathKey(resource.group, resource.version, resource.kind), resource)
    const views = this.#byStorage.get(resource.storage)
    if (views) views.push(resource)
    else this.#byStorage.set(resource.storage, [resource])
  }

  /** Takes away all resources of a storage. */
  remove(storage: string): void {
    const views = this.#byStorage.get(storage)
    if (!views) return
    this.#version++
    this.#byStorage.delete(storage)
    for (const { group, version, resource, kind } of views) {
      this.#byPath.delete(pathKey(group, version, resource))
      this.#byKind.delete(pathKey(group, version, kind))
    }
    // A definition that changes is taken away and added again at once, which nobody has to hear of.
    queueMicrotask(() => {
      for (const [call, { group, version, resource }] of this.#removals.get(storage) ?? []) if (!this.find(group, version, resource)) call()
    })
  }

  /** Ends what is open on a storage, as if it were no longer served. */
  interrupt(storage: string): void {
    for (const call of [...(this.#removals.get(storage)?.keys() ?? [])]) call()
  }

  /** Calls when the resource is no longer served in its version, or as it was. The result takes that back. */
  whenRemoved(resource: Resource, call: () => void): () => void {
    const { storage } = resource
    const calls = this.#removals.get(storage) ?? new Map<() => void, Resource>()
    this.#removals.set(storage, calls.set(call, resource))
    return () => {
      calls.delete(call)
      if (calls.size === 0 && this.#removals.get(storage) === calls) this.#removals.delete(storage)
    }
  }

  find(group: string, version: string, resource: string): Resource | undefined {
    return this.#byPath.get(pathKey(group, version, resource))
  }

  findKind(group: string, version: string, kind: string): Resource | undefined {
    return this.#byKind.get(pathKey(group, version, kind))
  }

  /** The resource whose version is the stored one. */
  stored(storage: string): Resource | undefined {
    const views = this.#byStorage.get(storage)
    return views?.find((resource) => (resource.storedApiVersion ?? apiVersionOf(resource)) === apiVersionOf(resource)) ?? views?.[0]
  }

  /** The version of a storage by its apiVersion. */
  view(storage: string, apiVersion: string): Resource | undefined {
    return this.#byStorage.get(storage)?.find((resource) => apiVersionOf(resource) === apiVersion)
  }

  /** All, in the order in which they came. */
  all(): Iterable<Resource> {
    return this.#byPath.values()
  }

  /** All storages, each with the resource whose version is the stored one. */
  *storages(): Generator<Resource> {
    for (const storage of this.#byStorage.keys()) yield this.stored(storage) as Resource
  }

  hasGroup(group: string): boolean {
    for (const resource of this.#byPath.values()) if (resource.group === group) return true
    return false
  }
}

const pathKey = (group: string, version: string, name: string): string => `${group}/${version}/${name}`
