/**
 * Back-off: how long a key that failed waits before its next try.
 *
 * The n-th failure in a row waits `base · 2ⁿ⁻¹`, at most `cap`; a success forgets the key. Events do not reset it: a resource that
 * flaps must not buy itself a faster retry. (client-go, ItemExponentialFailureRateLimiter; it resets on success only.)
 *
 * Events do end a wait early, since one of them may be what the key needs. A flood of them must not turn the wait into none at all, so
 * there is a pause that they do not end: none after the first failure, then the delay of the failure before, at most `pause`.
 */
import type { Milliseconds } from '../api/clock.ts'
import type { Key } from './key.ts'

export interface Backoff {
  /** Milliseconds until the next try, counting this failure. */
  failed(key: Key): Milliseconds
  succeeded(key: Key): void
  /** Failures in a row. */
  failures(key: Key): number
  /** Milliseconds after the last failure in which events start no try. */
  pause(key: Key): Milliseconds
}

export interface BackoffOptions {
  /** Default 200 ms: a conflict with another writer is over soon. */
  base?: Milliseconds
  /** Default 5 minutes. */
  cap?: Milliseconds
  /** Default 2 s. */
  pause?: Milliseconds
  /** Stretches or shrinks a delay, so that keys that failed together do not return together. Default: leaves it as it is. */
  jitter?: (delay: Milliseconds) => Milliseconds
}

export function exponentialBackoff(options: BackoffOptions = {}): Backoff {
  const { base = 200, cap = 300_000, pause = 2_000, jitter = (delay) => delay } = options
  const failures = new Map<Key, number>()
  return {
    failed(key) {
      const count = (failures.get(key) ?? 0) + 1
      failures.set(key, count)
      // 2 ** 1024 is Infinity, and min() makes it the cap.
      return jitter(Math.min(cap, base * 2 ** (count - 1)))
    },
    succeeded: (key) => void failures.delete(key),
    failures: (key) => failures.get(key) ?? 0,
    pause(key) {
      const count = failures.get(key) ?? 0
      return count < 2 ? 0 : Math.min(pause, base * 2 ** (count - 2))
    },
  }
}
