import type { Clock, Milliseconds } from '../api/clock.ts'

/** Aborts when nothing was heard for too long: a connection whose other end is gone looks the same as one with nothing to say. */
export interface Silence {
  readonly signal: AbortSignal
  heard(): void
  stop(): void
}

/** One timer for the whole watch: hearing something only notes the time, and the timer sets itself again for what is left. */
export function watchSilence(clock: Clock, limit: Milliseconds): Silence {
  const controller = new AbortController()
  let last = clock.now()
  let cancel = clock.after(limit, check)
  function check(): void {
    const left = last + limit - clock.now()
    if (left <= 0) controller.abort()
    else cancel = clock.after(left, check)
  }
  return {
    signal: controller.signal,
    heard: () => void (last = clock.now()),
    stop: () => cancel(),
  }
}
