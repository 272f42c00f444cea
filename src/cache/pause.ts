/** A wait that somebody can end early. */
import type { Clock, Milliseconds } from '../api/clock.ts'

export class Pause {
  readonly #clock: Clock
  #end: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether somebody waits. */
  get isOn(): boolean {
    return this.#end !== undefined
  }

  /** Resolves after the delay, at `end()`, or when the signal ends everything; `Infinity` leaves the last two. One at a time. */
  async for(delay: Milliseconds, signal: AbortSignal): Promise<undefined> {
    if (delay <= 0 || signal.aborted) return undefined
    const { promise, resolve } = Promise.withResolvers<void>()
    const end = () => resolve()
    const cancel = delay === Infinity ? () => {} : this.#clock.after(delay, end)
    signal.addEventListener('abort', end)
    this.#end = end
    await promise
    this.#end = undefined
    signal.removeEventListener('abort', end)
    cancel()
    return undefined
  }

  /** Does nothing while nobody waits. */
  end(): void {
    this.#end?.()
  }
}
