/** The halves of step kinds that have an effect: what each is given, and what it answers. */
import type { Clock } from '../../api/clock.ts'
import { formatDuration } from '../../api/duration.ts'
import type { JsonObject, JsonValue, KubernetesObject } from '../../api/object.ts'
import { ApiError } from '../../kube/errors.ts'
import type { ActRequest, ReadRequest, Response } from '../../reconcile/walk.ts'
import type { PassContext } from '../pass-context.ts'
import type { RecordsContext } from '../records-store.ts'

/** One request of an act or a read, as its kind sees it. */
export interface EffectRequest {
  kind: string
  inputs: JsonObject
  /** The record of an act, the id of a read. */
  id: string
  /** Of an act: the same for each try of the same inputs. Undefined: it is a read. */
  idempotencyKey: string | undefined
  /** Milliseconds that it may take; the signal is aborted by then. */
  timeout: number | undefined
  hash: string
  /** Which try this is: 1 for the first. */
  attempt: number
  /** Perhaps it was begun by a process before this one. */
  isRepeated: boolean
}

/** Why a request is broken off: what the signal has as its reason. */
export type BreakOff =
  /** It took too long. */
  | 'timeout'
  /** It is not wanted any more. */
  | 'cancelled'
  /** The process ends: what goes on by itself is found again by the next one. */
  | 'stopping'

/** What of a context requests need. */
export type RequestContext = RecordsContext & Pick<PassContext, 'resolve' | 'dependentCaches' | 'sha256' | 'now'>

export interface Around {
  primary: KubernetesObject
  context: RequestContext
  /** Aborted with a BreakOff. */
  signal: AbortSignal
  clock: Clock
  /** Told of each change that a cache has of the object with this UID; `undefined`: it is gone. The answer ends it. */
  watch: (uid: string, changed: (object: KubernetesObject | undefined) => void) => () => void
}

export interface RequestKind {
  /** As StepKind.key has it. */
  readonly kind: string
  /** Milliseconds that it may take where the step says nothing. */
  readonly timeout: number
  /** Milliseconds beyond that until it is broken off; default 0. For a kind whose requests have a deadline of their own in the cluster. */
  readonly grace?: number
  /** What was begun is found by whoever asks again: it is not waited for when the operator stops. */
  readonly resumes?: boolean
  /** Carries it out. Never rejects but for a bug. */
  run(request: EffectRequest, around: Around): Promise<Response>
  /** Its outcome is on record: what was kept until then may go. */
  settled?(request: EffectRequest, response: Response, around: Around): Promise<void>
  /** Lets go of what it holds for later requests. */
  close?(): Promise<void>
}

export const requestOfAct = (act: ActRequest): EffectRequest => ({ ...act, id: act.record, timeout: act.timeout })

export const requestOfRead = (read: ReadRequest): EffectRequest => ({
  ...read,
  timeout: read.timeout,
  idempotencyKey: undefined,
  attempt: 1,
  isRepeated: false,
})

/** The most that an answer may have, in bytes. */
export const mostAnswerBytes = 256 * 1024

export const failed = (message: string, value?: JsonObject): Response => ({ kind: 'failed', message, ...(value && { value }) })

/** What was begun and has no answer: of a read it is a failure, since nothing was changed. */
export const unanswered = (message: string, { idempotencyKey }: EffectRequest): Response =>
  idempotencyKey === undefined ? failed(message) : { kind: 'unknown', message }

/** What an error of the API server is for a request. Rethrows everything else. */
export function refused(error: unknown, request: EffectRequest, what = ''): Response {
  if (!(error instanceof ApiError)) throw error
  const message = `${what}${error.message}`
  return error.maybeDone ? unanswered(message, request) : failed(message)
}

/** In words, for what was broken off. */
export function brokenOff({ reason }: AbortSignal, { timeout }: EffectRequest): string {
  switch (reason as BreakOff) {
    case 'timeout':
      return `no answer within ${formatDuration(timeout ?? 0)}`
    case 'cancelled':
      return 'it was cancelled'
    case 'stopping':
      return 'the operator stopped'
  }
}

/** Null for what is no JSON. */
export function jsonOf(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return null
  }
}
