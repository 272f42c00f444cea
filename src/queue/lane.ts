/**
 * The lane of one watch: its keys that wait, and how many more of them may be worked on.
 *
 * What is fresh goes before resyncs, but of so many fresh keys in a row one resync is let in: a watch on which something always happens
 * still looks at everything in time.
 */
import type { Key } from './key.ts'
import { Turns } from './turns.ts'
import { isFresh, type Urgency } from './urgency.ts'

/** Fresh keys that go before a resync that waits. */
export const freshPerResync = 8

export class Lane {
  readonly name: string
  readonly #limit: number
  readonly #fresh = new Turns()
  readonly #resyncs = new Turns()
  #overtaken = 0
  #processing = 0

  /** @param limit how many of its keys may be worked on at a time */
  constructor(name: string, limit: number) {
    this.name = name
    this.#limit = Math.max(1, limit)
  }

  /** Keys that wait. */
  get depth(): number {
    return this.#fresh.size + this.#resyncs.size
  }

  get processing(): number {
    return this.#processing
  }

  /** Whether a key waits and may be worked on now. */
  get open(): boolean {
    return this.depth > 0 && this.#processing < this.#limit
  }

  add(key: Key, urgency: Urgency): void {
    if (isFresh(urgency)) {
      this.#resyncs.delete(key)
      this.#fresh.add(key)
    } else this.#resyncs.add(key)
  }

  /** The next key, which counts as worked on from now; undefined if none waits. */
  take(): Key | undefined {
    const key = this.#next()
    if (key !== undefined) this.#processing++
    return key
  }

  /** One key is no longer worked on. */
  done(): void {
    this.#processing--
  }

  #next(): Key | undefined {
    if (this.#resyncs.size === 0) return this.#fresh.take()
    if (this.#fresh.size > 0 && this.#overtaken < freshPerResync) {
      this.#overtaken++
      return this.#fresh.take()
    }
    this.#overtaken = 0
    return this.#resyncs.take()
  }
}
