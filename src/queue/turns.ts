/** Keys that wait, by namespace: the namespaces take turns, and within one the key that came first comes first. */
import { type Key, namespaceOf } from './key.ts'
import { Line } from './line.ts'

export class Turns {
  readonly #keys = new Map<string, Line<Key>>()
  readonly #namespaces = new Line<string>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add(key: Key): void {
    const namespace = namespaceOf(key)
    let line = this.#keys.get(namespace)
    if (!line) {
      line = new Line()
      this.#keys.set(namespace, line)
      this.#namespaces.add(namespace)
    }
    const before = line.size
    line.add(key)
    this.#size += line.size - before
  }

  delete(key: Key): void {
    const namespace = namespaceOf(key)
    const line = this.#keys.get(namespace)
    if (!line?.delete(key)) return
    this.#size--
    if (line.size === 0) this.#leave(namespace)
  }

  /** The next key, which waits no longer. */
  take(): Key | undefined {
    const namespace = this.#namespaces.first()
    const line = namespace === undefined ? undefined : this.#keys.get(namespace)
    const key = line?.shift()
    if (namespace === undefined || line === undefined || key === undefined) return undefined
    this.#size--
    this.#namespaces.delete(namespace)
    // Behind all others now: its next turn comes after theirs.
    if (line.size > 0) this.#namespaces.add(namespace)
    else this.#keys.delete(namespace)
    return key
  }

  #leave(namespace: string): void {
    this.#keys.delete(namespace)
    this.#namespaces.delete(namespace)
  }
}
