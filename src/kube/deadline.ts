/** Deadlines and waits of requests, that leave no timer and no listener behind. */
import type { Clock, Milliseconds } from '../api/clock.ts'

export const systemClock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    const timer = setTimeout(callback, delay)
    return () => clearTimeout(timer)
  },
}

export interface Deadline extends Disposable {
  /** Aborts with `timeout` or `aborted` as its reason. */
  signal: AbortSignal
  /** Takes the time limit away; the caller's signal still aborts. */
  keepOpen(): void
}

/** A signal that aborts after so many milliseconds, or when the outer one does. */
export function deadlineOf(timeout: Milliseconds, outer: AbortSignal | undefined): Deadline {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort('timeout'), timeout)
  const stop = () => controller.abort('aborted')
  if (outer?.aborted) stop()
  else outer?.addEventListener('abort', stop, { once: true })
  return {
    signal: controller.signal,
    keepOpen: () => clearTimeout(timer),
    [Symbol.dispose]() {
      clearTimeout(timer)
      outer?.removeEventListener('abort', stop)
    },
  }
}

/** Whether the time passed, rather than the signal aborting. */
export function sleep(clock: Clock, delay: Milliseconds, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false)
  return new Promise((resolve) => {
    const stop = () => {
      cancel()
      resolve(false)
    }
    const cancel = clock.after(delay, () => {
      signal.removeEventListener('abort', stop)
      resolve(true)
    })
    signal.addEventListener('abort', stop, { once: true })
  })
}
