/** The storage as it was at an earlier version, to be read only. */
import type { KubernetesObject } from '../../api/object.ts'
import { Storage, type StoredChange } from '../storage/storage.ts'

export class PastStorage extends Storage {
  readonly #now: Storage
  readonly #version: number

  /** Where the history does not reach back so far, the oldest state that is known. */
  constructor(now: Storage, version: number) {
    super({ revision: version, history: 0 })
    this.#now = now
    this.#version = version
  }

  override get revision(): number {
    return this.#version
  }

  override get(storage: string, namespace: string, name: string): KubernetesObject | undefined {
    return this.#state(storage, namespace).find(({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === namespace)
  }

  override list(storage: string, namespace = ''): Iterable<KubernetesObject> {
    return this.#state(storage, namespace)
  }

  override listAt(storage: string, namespace: string, revision: number): KubernetesObject[] | undefined {
    return this.#now.listAt(storage, namespace, Math.min(revision, this.#version))
  }

  override changesSince(): readonly StoredChange[] | undefined {
    return undefined
  }

  #state(storage: string, namespace: string): KubernetesObject[] {
    const version = Math.max(this.#version, this.#now.oldest(storage))
    return this.#now.listAt(storage, namespace, version) ?? []
  }
}
