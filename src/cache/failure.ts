/** Why a list or a watch did not go on, as one of the few reasons that a reflector acts on. */
import type { Milliseconds } from '../api/clock.ts'
import type { KubernetesObject } from '../api/object.ts'
import { ApiError } from '../kube/errors.ts'
import { errorOfStatus } from '../kube/status.ts'

export type Failure =
  | { kind: 'expired'; reason: string } // 410: the version is older than what the server remembers
  | { kind: 'forbidden'; reason: string }
  | { kind: 'gone'; reason: string } // nobody serves this path
  | { kind: 'silent'; reason: string } // the watch told nothing for too long
  | { kind: 'restored'; reason: string } // versions went back
  | { kind: 'differs'; reason: string } // the audit found what the watch had not told
  | { kind: 'unavailable'; reason: string; retryAfter?: Milliseconds | undefined }

/** Whatever a request rejected with. The message of an ApiError contains no value of an object; others' may, so it is not repeated. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof ApiError)) return { kind: 'unavailable', reason: error instanceof Error ? error.name : 'an unknown error' }
  const reason = error.message
  // A list continued too late is Expired, a watch is Expired or, on older servers, Gone; the class is the same. (apiserver, storage/errors)
  if (error.code === 410) return { kind: 'expired', reason }
  if (error.code === 403) return { kind: 'forbidden', reason }
  // A collection is never merely empty with a 404: whatever the answer's form, nobody serves it.
  if (error.code === 404) return { kind: 'gone', reason }
  return { kind: 'unavailable', reason, retryAfter: error.retryAfter }
}

/** An ERROR line of a watch, whose object is a Status. */
export function failureOfStatus(object: KubernetesObject | undefined, path: string): Failure {
  const status = object as unknown as Parameters<typeof errorOfStatus>[0]
  const seconds = status?.details?.retryAfterSeconds
  return failureOf(
    errorOfStatus(status, { method: 'GET', path, code: status?.code ?? 500, ...(seconds ? { retryAfter: seconds * 1000 } : {}) }),
  )
}
