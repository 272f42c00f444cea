import type { Clock } from '../api/clock.ts'

/** The clock of this process: monotonic, so that a corrected wall clock moves no deadline. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after(delay, callback) {
    const timer = setTimeout(callback, delay)
    return () => clearTimeout(timer)
  },
}
