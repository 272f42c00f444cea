/** What the running revision made one watch delete without approval; recorded before the deletes, so that a restart goes on counting. */
import type { KubernetesObject } from '../api/object.ts'
import type { KnownKinds } from './inventory-store.ts'

export interface PruneCountOptions {
  store: Pick<KnownKinds, 'prunedBy' | 'recordPruned'>
  revision: string
  /** Names the watch in the record. */
  watch: string
  sha256: (text: string) => string
}

export class PruneCount {
  readonly #options: PruneCountOptions
  readonly #digests: Set<string>

  constructor(options: PruneCountOptions) {
    this.#options = options
    this.#digests = new Set(options.store.prunedBy(options.revision, options.watch))
  }

  get size(): number {
    return this.#digests.size
  }

  has(uid: string): boolean {
    return this.#digests.has(this.#digestOf(uid))
  }

  /**
   * Counts the objects, at once, and records them, unless they are recorded. Rejects with ApiError if they could not be: then none may be
   * deleted.
   */
  async add(objects: readonly KubernetesObject[]): Promise<void> {
    if (objects.length === 0) return
    const digests = objects.map(({ metadata }) => this.#digestOf(metadata.uid as string))
    for (const digest of digests) this.#digests.add(digest)
    await this.#options.store.recordPruned(this.#options.revision, this.#options.watch, digests)
  }

  readonly #digestOf = (uid: string): string => this.#options.sha256(uid).slice(0, 8)
}
