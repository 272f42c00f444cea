/** Who waits for a change of one object, as the caches tell it. */
import type { KubernetesObject } from '../api/object.ts'
import type { Change } from '../cache/informer.ts'

type Changed = (object: KubernetesObject | undefined) => void

export class ObjectEvents {
  readonly #waiting = new Map<string, Set<Changed>>()

  /** Told of each change of the object with this UID; undefined: it is gone. The answer ends it. */
  readonly watch = (uid: string, changed: Changed): (() => void) => {
    const waiting = this.#waiting.get(uid) ?? new Set()
    this.#waiting.set(uid, waiting.add(changed))
    return () => {
      waiting.delete(changed)
      if (waiting.size === 0 && this.#waiting.get(uid) === waiting) this.#waiting.delete(uid)
    }
  }

  /** A cache has taken in a change. */
  tell({ before, after }: Change): void {
    if (this.#waiting.size === 0) return
    const uid = (after ?? before)?.metadata.uid ?? ''
    for (const changed of this.#waiting.get(uid) ?? []) changed(after)
  }
}
