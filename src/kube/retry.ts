/**
 * Which failed requests are sent again at once, below the queue's own back-off.
 *
 * | what happened                                   | reads | writes |
 * | ----------------------------------------------- | ----- | ------ |
 * | never sent: refused, no such host, TLS, timeout of the connect | again | again |
 * | 429: the server did nothing                      | again | again  |
 * | 401: once, with fresh credentials                | again | again  |
 * | sent, and the answer is lost                     | again | no     |
 * | 500, 502, 503, 504                               | again | no     |
 * | everything else                                  | no    | no     |
 *
 * A write that may have been carried out is never repeated here, though bound writes would survive it: repeated, a create says 409
 * about its own work, and a patch that is bound to a version says so about its own change. Who sent it looks at the object first.
 */
import type { ApiError } from './errors.ts'

export interface RetryPolicy {
  /** Sends in all, the first one included. */
  tries: number
  /** Milliseconds before the second send; doubles with each, at most `cap`. */
  base: number
  cap: number
  /** A server that asks for more than these milliseconds is not waited for: the error is the caller's. */
  longestRetryAfter: number
}

export const defaultRetryPolicy: RetryPolicy = { tries: 4, base: 100, cap: 2_000, longestRetryAfter: 10_000 }

/**
 * Milliseconds until the request is sent again; undefined if it is not.
 * @param sends how often it was sent already, at least 1
 * @param random a number from 0 to 1: half of each wait is jitter
 */
export function retryDelay(error: ApiError, sends: number, random: number, policy: RetryPolicy = defaultRetryPolicy): number | undefined {
  if (sends >= policy.tries || !isSafe(error, sends)) return undefined
  if (error.class === 'unauthorized') return 0
  const backoff = Math.min(policy.cap, policy.base * 2 ** (sends - 1)) * (0.5 + random / 2)
  if (error.retryAfter === undefined) return backoff
  if (error.retryAfter > policy.longestRetryAfter) return undefined
  // Not before the server allows it, and not all clients in the same moment.
  return error.retryAfter + backoff
}

function isSafe(error: ApiError, sends: number): boolean {
  const read = error.method === 'GET'
  switch (error.class) {
    case 'tooManyRequests':
      return true
    case 'unauthorized':
      return sends === 1
    case 'network':
      return read || !error.maybeDone
    case 'unavailable':
    case 'serverError':
      return read
    default:
      return false
  }
}
