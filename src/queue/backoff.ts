/**
 * Back-off: how long a key that failed waits before its next try.
 *
 * The n-th failure in a row waits `base · 2ⁿ⁻¹`, at most `cap`; a success forgets the key. Events do not reset it: a resource that
 * flaps must not buy itself a faster retry. (client-go, ItemExponentialFailureRateLimiter; it resets on success only.)
 *
 * Events do end a wait early, since one of them may be what the key needs. A flood of them must not turn the wait into none at all, so
 * there is a pause that they do not end: none after the first failure, then the delay of the failure before, at most `pause`. For that it
 * makes no difference whether the failure has a next try of its own (`failed`) or says itself when it is looked at again (`refused`).
 */
import type { Milliseconds } from '../api/clock.ts'
import type { Key } from './key.ts'

export interface Backoff {
  /** Milliseconds until the next try, counting this failure. */
  failed(key: Key): Milliseconds
  /** Counts a failure that the same input would bring again: it makes no later wait longer. */
  refused(key: Key): void
  succeeded(key: Key): void
  /** Failures of both sorts in a row. */
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
  const counts = new Map<Key, { failed: number; refused: number }>()
  const countOf = (key: Key): { failed: number; refused: number } => counts.get(key) ?? { failed: 0, refused: 0 }
  const failures = (key: Key): number => countOf(key).failed + countOf(key).refused
  return {
    failed(key) {
      const { failed, refused } = countOf(key)
      counts.set(key, { failed: failed + 1, refused })
      // 2 ** 1024 is Infinity, and min() makes it the cap.
      return jitter(Math.min(cap, base * 2 ** failed))
    },
    refused(key) {
      const { failed, refused } = countOf(key)
      counts.set(key, { failed, refused: refused + 1 })
    },
    succeeded: (key) => void counts.delete(key),
    failures,
    pause: (key) => (failures(key) < 2 ? 0 : Math.min(pause, base * 2 ** (failures(key) - 2))),
  }
}
