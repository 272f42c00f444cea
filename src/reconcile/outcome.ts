/**
 * How a pass ended, and so what the queue does with the primary.
 *
 * After the last two events of its dependents shorten the time to the next try, to a pause that grows to two seconds and that no number of
 * events ends. A change of the primary itself is tried at once.
 */
import type { Milliseconds } from '../api/clock.ts'
import type { Problem } from '../api/problem.ts'

export type Outcome =
  /** The primary is as its program wants it. `resyncAfter`: look again although nothing happened. */
  | { kind: 'done'; resyncAfter?: Milliseconds }
  /** Woken by the event that can change it; `for` says in words what that is. */
  | { kind: 'wait'; for: string[] }
  /** Tried again with back-off, or after the time that the server asked for. */
  | { kind: 'retry'; error: RetriedError; after?: Milliseconds }
  /** The same input cannot succeed. What something outside can change (a quota, a role) is tried again after `retryAfter`. */
  | { kind: 'failed'; problem: Problem; retryAfter?: Milliseconds }

/** What is kept of an API error here: its class, and a message that contains no value of an object. */
export interface RetriedError {
  readonly class: string
  readonly message: string
}
