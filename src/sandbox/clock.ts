/**
 * The sandbox's time: the machine's, shifted by what a test has advanced it.
 *
 * Waits end when the shifted time reaches them, so that advancing by an hour lets everything happen that an hour would bring, in order.
 */
import type { Clock, Milliseconds } from '../api/clock.ts'

interface Wait {
  readonly due: Milliseconds
  readonly callback: () => void
  timer: NodeJS.Timeout | undefined
}

const longestTimer: Milliseconds = 2 ** 31 - 1

export class SandboxClock implements Clock {
  readonly #machine: () => Milliseconds
  readonly #waits = new Set<Wait>()
  #offset = 0
  #holds = 0
  #alive: NodeJS.Timeout | undefined

  constructor(machine: () => Milliseconds) {
    this.#machine = machine
  }

  /** Milliseconds since the epoch. */
  now(): Milliseconds {
    return this.#machine() + this.#offset
  }

  after(delay: Milliseconds, callback: () => void): () => void {
    const wait: Wait = { due: this.now() + delay, callback, timer: undefined }
    this.#waits.add(wait)
    this.#arm(wait)
    return () => this.#forget(wait)
  }

  /** Lets time pass at once: what was due in between is called in its order, each at its own time. */
  advance(by: Milliseconds): void {
    if (!(by >= 0)) throw new RangeError(`time only goes forward: cannot advance by ${by} ms`)
    const end = this.now() + by
    for (;;) {
      const next = this.#earliest(end)
      if (!next) break
      this.#offset += Math.max(0, next.due - this.now())
      this.#forget(next)
      next.callback()
    }
    this.#offset += Math.max(0, end - this.now())
    for (const wait of this.#waits) this.#arm(wait)
  }

  /** Milliseconds until the next wait ends, 0 if one is over; undefined: nobody waits. */
  get next(): Milliseconds | undefined {
    const wait = this.#earliest(Infinity)
    return wait && Math.max(0, wait.due - this.now())
  }

  /** Keeps the process alive, which waits alone do not, until the answer is called: somebody waits for what time brings. */
  hold(): () => void {
    if (++this.#holds === 1) this.#alive = setInterval(() => {}, longestTimer)
    let held = true
    return () => {
      if (held && --this.#holds === 0) clearInterval(this.#alive)
      held = false
    }
  }

  /** Calls nobody back any more. */
  stop(): void {
    for (const wait of [...this.#waits]) this.#forget(wait)
  }

  #earliest(end: Milliseconds): Wait | undefined {
    let first: Wait | undefined
    for (const wait of this.#waits) if (wait.due <= end && (!first || wait.due < first.due)) first = wait
    return first
  }

  #arm(wait: Wait): void {
    clearTimeout(wait.timer)
    // Longer waits than a timer can hold are looked at again.
    wait.timer = setTimeout(
      () => {
        if (wait.due > this.now()) return this.#arm(wait)
        this.#forget(wait)
        wait.callback()
      },
      Math.min(Math.max(0, wait.due - this.now()), longestTimer),
    )
    wait.timer.unref()
  }

  #forget(wait: Wait): void {
    clearTimeout(wait.timer)
    this.#waits.delete(wait)
  }
}
