/**
 * Keys that are to be added later: a heap by deadline, and one timer for the nearest.
 *
 * A key has one deadline: the earliest that was asked for, until another one is set. An entry of the heap that is not its key's deadline
 * any more is passed over.
 */
import type { Clock, Milliseconds } from '../api/clock.ts'
import type { Key } from './key.ts'

interface Entry {
  due: Milliseconds
  key: Key
}

export class Delays {
  readonly #clock: Clock
  readonly #release: (key: Key) => void
  readonly #due = new Map<Key, Milliseconds>()
  readonly #heap: Entry[] = []
  #timer: { due: Milliseconds; cancel: () => void } | undefined

  constructor(clock: Clock, release: (key: Key) => void) {
    this.#clock = clock
    this.#release = release
  }

  get size(): number {
    return this.#due.size
  }

  add(key: Key, delay: Milliseconds): void {
    const due = this.#clock.now() + delay
    if (due >= (this.#due.get(key) ?? Infinity)) return
    this.#due.set(key, due)
    this.#push({ due, key })
    this.#arm()
  }

  /** The one deadline of this key from now on, whatever was asked for before; undefined: none. */
  set(key: Key, delay: Milliseconds | undefined): void {
    this.#due.delete(key)
    if (delay !== undefined) this.add(key, delay)
  }

  stop(): void {
    this.#timer?.cancel()
    this.#timer = undefined
    this.#due.clear()
    this.#heap.length = 0
  }

  #arm(): void {
    const next = this.#heap[0]
    if (!next || (this.#timer && this.#timer.due <= next.due)) return
    this.#timer?.cancel()
    // setTimeout takes at most 2³¹−1 ms and runs at once beyond that; a timer that comes early is set again.
    const delay = Math.min(Math.max(0, next.due - this.#clock.now()), 2 ** 31 - 1)
    this.#timer = { due: next.due, cancel: this.#clock.after(delay, () => this.#fire()) }
  }

  #fire(): void {
    this.#timer = undefined
    const now = this.#clock.now()
    for (let next = this.#heap[0]; next && next.due <= now; next = this.#heap[0]) {
      this.#pop()
      if (this.#due.get(next.key) !== next.due) continue
      this.#due.delete(next.key)
      this.#release(next.key)
    }
    this.#arm()
  }

  #push(entry: Entry): void {
    const heap = this.#heap
    let at = heap.length
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent] as Entry
      if (above.due <= entry.due) break
      heap[at] = above
      at = parent
    }
    heap[at] = entry
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as Entry
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && (heap[child + 1] as Entry).due < (heap[child] as Entry).due) child++
      if ((heap[child] as Entry).due >= last.due) break
      heap[at] = heap[child] as Entry
      at = child
    }
    heap[at] = last
  }
}
