/**
 * Back-off of one reflector: 0.8 s, doubled with each failure up to 30 s, each stretched by up to its own length again, so that the
 * reflectors of a fleet do not return together. Two minutes without a failure forget all earlier ones. (client-go, reflector.go)
 */
import type { Clock, Milliseconds } from '../api/clock.ts'

const first: Milliseconds = 800
const cap: Milliseconds = 30_000
const forgottenAfter: Milliseconds = 120_000

export class ReflectorBackoff {
  readonly #clock: Clock
  readonly #random: () => number
  #count = 0
  #last = -Infinity

  /** `random` answers with a number from 0 up to 1, 1 excluded. */
  constructor(clock: Clock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  /** Milliseconds until the next try, counting this failure. */
  failed(): Milliseconds {
    const now = this.#clock.now()
    if (now - this.#last > forgottenAfter) this.#count = 0
    this.#last = now
    return Math.min(cap, first * 2 ** this.#count++) * (1 + this.#random())
  }

  /** The same, but the first failure after a quiet time costs nothing: for what a single new list puts right. */
  failedLightly(): Milliseconds {
    const quiet = this.#clock.now() - this.#last > forgottenAfter
    const delay = this.failed()
    return quiet ? 0 : delay
  }
}
