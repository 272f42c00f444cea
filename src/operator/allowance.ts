/** An allowance: so many at once, and one more every so often. (token bucket) */
import type { Clock, Milliseconds } from '../api/clock.ts'

export class Allowance {
  readonly #burst: number
  readonly #every: Milliseconds
  readonly #clock: Clock
  #left: number
  #since: Milliseconds

  constructor({ burst, every }: { burst: number; every: Milliseconds }, clock: Clock) {
    this.#burst = burst
    this.#every = every
    this.#clock = clock
    this.#left = burst
    this.#since = clock.now()
  }

  /** Takes one, if there is one. */
  take(): boolean {
    const grown = Math.floor((this.#clock.now() - this.#since) / this.#every)
    this.#left = Math.min(this.#burst, this.#left + grown)
    this.#since += grown * this.#every
    if (this.#left === 0) return false
    this.#left--
    return true
  }
}
