/** Waiting for a state of the world: asked again and again until it is there, with one deadline. */
import { setTimeout as pause } from 'node:timers/promises'
import { inspect } from 'node:util'

export interface EventuallyOptions {
  /** Milliseconds; default 20 000. */
  timeout?: number
  /** What is waited for, for the error message. */
  describe?: string
  /** Milliseconds between two looks, at most: they grow up to it from 1; default 50. */
  interval?: number
}

/**
 * Resolves with the first truthy value of `check`. A `check` that throws has no value yet. After the deadline it rejects, and tells the
 * last value or error.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeout = 20_000, describe = 'what the check wants', interval = 50 }: EventuallyOptions = {},
): Promise<Exclude<T, undefined | null | false | 0 | ''>> {
  const deadline = performance.now() + timeout
  for (let wait = 1; ; wait = Math.min(wait * 2, interval)) {
    let last: unknown
    try {
      const value = await check()
      if (value) return value as Exclude<T, undefined | null | false | 0 | ''>
      last = value
    } catch (error) {
      last = error
    }
    if (performance.now() >= deadline)
      throw new Error(`not within ${timeout / 1000} s: ${describe}; the last look gave ${inspect(last, { depth: 6 })}`, { cause: last })
    await pause(wait)
  }
}
