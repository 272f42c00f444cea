/**
 * When to look again where a permission or the kind itself is missing, which only a person puts right.
 *
 * Somebody who has just started an operator, or has just broken it, is at it: the looks come after 1 s, 1.5 s, … up to 10 s. A refusal
 * costs the server next to nothing, but who is refused for ten minutes waits for nobody in particular, and looks once a minute.
 */
import type { Clock, Milliseconds } from '../api/clock.ts'

const first: Milliseconds = 1_000
const growth = 1.5
const cap: Milliseconds = 10_000
const soon: Milliseconds = 600_000
const later: Milliseconds = 60_000

export class Looks {
  readonly #clock: Clock
  readonly #random: () => number
  #since: Milliseconds | undefined
  #count = 0

  /** `random` answers with a number from 0 up to 1, 1 excluded. */
  constructor(clock: Clock, random: () => number) {
    this.#clock = clock
    this.#random = random
  }

  /** Milliseconds until the next look, counting this refusal; stretched by up to a fifth, so that many do not look together. */
  refused(): Milliseconds {
    this.#since ??= this.#clock.now()
    const isSoon = this.#clock.now() - this.#since < soon
    return (isSoon ? Math.min(cap, first * growth ** this.#count++) : later) * (1 + this.#random() / 5)
  }

  /** It was answered. */
  answered(): void {
    this.#since = undefined
    this.#count = 0
  }
}
