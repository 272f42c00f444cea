/**
 * The objects of one storage, ordered by namespace and name as a real server's storage orders them.
 *
 * The order is worked out when somebody asks for it, so that many writes in a row cost nothing; a key that comes or goes while the order is
 * known is put into place.
 */
import type { KubernetesObject } from '../../api/object.ts'

export class Collection {
  readonly #objects = new Map<string, KubernetesObject>()
  #order: string[] | undefined

  get size(): number {
    return this.#objects.size
  }

  get(key: string): KubernetesObject | undefined {
    return this.#objects.get(key)
  }

  set(key: string, object: KubernetesObject): void {
    if (this.#order && !this.#objects.has(key)) this.#insert(this.#order, key)
    this.#objects.set(key, object)
  }

  delete(key: string): void {
    if (!this.#objects.delete(key) || !this.#order) return
    const at = firstNotBefore(this.#order, key)
    this.#order.splice(at, 1)
  }

  /** Those whose key begins with `prefix`, in order. */
  *values(prefix = ''): Generator<KubernetesObject> {
    const order = this.keys()
    for (let at = prefix ? firstNotBefore(order, prefix) : 0; at < order.length; at++) {
      const key = order[at] as string
      if (!key.startsWith(prefix)) return
      const object = this.#objects.get(key)
      if (object) yield object
    }
  }

  /** All keys in order. Not a copy: it changes with the next write. */
  keys(): readonly string[] {
    return (this.#order ??= [...this.#objects.keys()].sort())
  }

  #insert(order: string[], key: string): void {
    const last = order.at(-1)
    if (last === undefined || last < key) order.push(key)
    // Moving half of a long list for each of many writes costs more than one sort at the next read.
    else if (order.length > 10_000) this.#order = undefined
    else order.splice(firstNotBefore(order, key), 0, key)
  }
}

/** The position of the first key that is not before this one. */
export function firstNotBefore(order: readonly string[], key: string): number {
  let low = 0
  let high = order.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((order[middle] as string) < key) low = middle + 1
    else high = middle
  }
  return low
}
