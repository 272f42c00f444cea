import type { Clock } from '../../src/api/clock.ts'

/** A clock that stands still until it is told to go on. */
export class FakeClock implements Clock {
  #now = 0
  #timers: { due: number; callback: () => void }[] = []

  now(): number {
    return this.#now
  }

  after(delay: number, callback: () => void): () => void {
    const timer = { due: this.#now + delay, callback }
    this.#timers.push(timer)
    return () => void (this.#timers = this.#timers.filter((other) => other !== timer))
  }

  /** How far the next timer is away; undefined if none is set. */
  get next(): number | undefined {
    return this.#timers.length === 0 ? undefined : Math.min(...this.#timers.map(({ due }) => due)) - this.#now
  }

  get timers(): number {
    return this.#timers.length
  }

  /** Lets time pass, each timer at its own moment, with everything that follows from one done before the next. */
  async advance(by: number): Promise<void> {
    const end = this.#now + by
    await settled()
    for (;;) {
      const due = this.#timers.filter((timer) => timer.due <= end).toSorted((a, b) => a.due - b.due)[0]
      if (!due) break
      this.#now = due.due
      this.#timers = this.#timers.filter((other) => other !== due)
      due.callback()
      await settled()
    }
    this.#now = end
  }
}

/** Resolves when all that can happen without time passing has happened. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
