/**
 * What becomes of an act: from its record, the response of this process, and whether it runs, to the next thing to do. Pure.
 *
 *   no record ─▶ ask                          the same inputs, done ─▶ done
 *   started, runs ─▶ wait                     failed ─▶ failed, for this generation and revision; then ask again
 *   started, a response ─▶ judge it           again ─▶ ask, when its delay is over
 *   started, and neither: nobody knows whether it was done ─▶ onUnknown
 *   other inputs ─▶ what runs ends first, or is cancelled ─▶ ask
 */
import { isMap, type JsonObject } from '../../api/object.ts'
import type { Problem } from '../../api/problem.ts'
import type { ActRecord, Response } from '../../reconcile/walk.ts'
import type { Step } from '../step.ts'

/** What a response means. `unjudged`: what judges it reads something that is not known. */
export type Judged =
  | { kind: 'done'; value: JsonObject }
  | { kind: 'again'; message: string; value: JsonObject }
  | { kind: 'failed'; message: string; value?: JsonObject; problem?: Problem }
  | { kind: 'unknown'; message: string }
  | { kind: 'unjudged'; reason: string }

export type Decision = {
  /** What is to be recorded now. */
  outcome?: Exclude<Judged, { kind: 'unjudged' | 'unknown' }>
} & (
  | { kind: 'done' }
  | { kind: 'failed'; message: string; problem?: Problem | undefined }
  | { kind: 'unknown'; message: string }
  | { kind: 'wait'; message: string; within?: number; cancels?: true }
  | { kind: 'ask'; attempt: number; isRepeated: boolean }
)

export interface Acting {
  record: ActRecord | undefined
  response: Response | undefined
  isRunning: boolean
  hash: string
  /** The generation and revision, as a failure stands for them. */
  of: string
  now: number
  step: Pick<Step, 'title' | 'onUnknown' | 'onAbandon' | 'retries' | 'delay'>
  /** The kind finds what it has begun again, so that it can be asked for as often as one likes. */
  reattaches: boolean
}

const first = { kind: 'ask', attempt: 1, isRepeated: false } as const

export function decide(acting: Acting, judge: (response: Response) => Judged): Decision {
  const { record, response, isRunning, hash, step } = acting
  if (!record) return first
  if (record.hash !== hash) {
    if (isRunning)
      return {
        kind: 'wait',
        message: `step "${step.title}" to end, which began with other inputs`,
        ...(step.onAbandon === 'cancel' && { cancels: true }),
      }
    if (record.state === 'started' && !response && !acting.reattaches && step.onUnknown === 'fail') return unknownOutcome(step)
    return first
  }
  switch (record.state) {
    case 'done':
      return { kind: 'done' }
    case 'failed':
      return record.of === acting.of ? failedBefore(record, step) : first
    case 'again': {
      const left = record.at + step.delay - acting.now
      return left > 0
        ? { kind: 'wait', message: `try ${(record.tries ?? 1) + 1} of ${step.retries + 1} of step "${step.title}"`, within: left }
        : { kind: 'ask', attempt: (record.tries ?? 1) + 1, isRepeated: false }
    }
    case 'started':
      if (response) return settled(judge(response), acting)
      if (isRunning) return { kind: 'wait', message: `step "${step.title}" to end` }
      return acting.reattaches || step.onUnknown === 'retry'
        ? { kind: 'ask', attempt: record.tries ?? 1, isRepeated: true }
        : unknownOutcome(step)
  }
}

function settled(judged: Judged, { record, step }: Acting): Decision {
  const tries = record?.tries ?? 1
  const isLast = tries > step.retries
  switch (judged.kind) {
    case 'unjudged':
      return { kind: 'unknown', message: judged.reason }
    case 'done':
      return { kind: 'done', outcome: judged }
    case 'again':
    case 'failed': {
      if (!isLast && !('problem' in judged))
        return {
          kind: 'wait',
          message: `try ${tries + 1} of ${step.retries + 1} of step "${step.title}": ${judged.message}`,
          within: step.delay,
          outcome: { kind: 'again', message: judged.message, value: judged.value ?? {} },
        }
      const message = step.retries > 0 ? `${judged.message}, after ${tries} tries` : judged.message
      const { problem } = judged as { problem?: Problem }
      return { kind: 'failed', message, problem, outcome: { kind: 'failed', message } }
    }
    case 'unknown':
      if (step.onUnknown === 'fail') return unknownOutcome(step, judged.message)
      if (isLast && step.retries > 0)
        return { kind: 'failed', message: judged.message, outcome: { kind: 'failed', message: judged.message } }
      return {
        kind: 'wait',
        message: `another try of step "${step.title}": ${judged.message}`,
        within: step.delay,
        outcome: { kind: 'again', message: judged.message, value: {} },
      }
  }
}

/** Recorded as failed: a change of the spec, or of the playbook, is what begins it anew. */
function unknownOutcome({ title }: Pick<Step, 'title'>, why = 'the operator was stopped in between'): Decision {
  const message = unknownMessage(why)
  const problem: Problem = { code: 'STEP_UNKNOWN', message: `step "${title}" ${message}` }
  return { kind: 'failed', message, outcome: { kind: 'failed', message, value: { unknown: why } }, problem }
}

function failedBefore(record: ActRecord, { title }: Pick<Step, 'title'>): Decision {
  const message = failureOf(record)
  const isUnknown = typeof record.result !== 'string' && record.result !== undefined
  return { kind: 'failed', message, ...(isUnknown && { problem: { code: 'STEP_UNKNOWN', message: `step "${title}" ${message}` } }) }
}

/** Why it failed, as it is told now and after a restart. */
export function failureOf(record: ActRecord): string {
  const { result } = record
  return typeof result === 'string'
    ? result
    : isMap(result) && typeof result['unknown'] === 'string'
      ? unknownMessage(result['unknown'])
      : 'has failed'
}

const unknownMessage = (why: string): string =>
  `has no known outcome (${why}): look whether it was done; onUnknown: retry does it again, and a change of the spec begins it anew`

/** The record of an act that is about to begin. */
export function intent(before: ActRecord | undefined, { hash, attempt, now }: { hash: string; attempt: number; now: number }): ActRecord {
  const since = before?.hash === hash && before.state !== 'done' && before.state !== 'failed' ? (before.since ?? before.at) : undefined
  return { hash, state: 'started', at: now, ...(since !== undefined && { since }), ...(attempt > 1 && { tries: attempt }) }
}

interface Outcome {
  record: ActRecord | undefined
  hash: string
  of: string
  now: number
  keepsResult: boolean
  /** What is kept of a result that is too large. */
  essentials: readonly string[]
}

/** The record of what it came to. */
export function outcome(
  judged: Exclude<Judged, { kind: 'unjudged' | 'unknown' }>,
  { record, hash, of, now, keepsResult, essentials }: Outcome,
): ActRecord {
  const { tries } = record ?? {}
  // Each try goes by when the first was.
  const since = record?.since ?? (judged.kind === 'again' ? record?.at : undefined)
  const kept = { hash, at: now, ...(since !== undefined && { since }), ...(tries !== undefined && { tries }) }
  switch (judged.kind) {
    case 'done': {
      const done: ActRecord = { ...kept, state: 'done' }
      if (Object.keys(judged.value).length === 0) return done
      const whole = { ...done, result: judged.value }
      if (keepsResult || bytesOf(whole) <= mostBytes) return whole
      const part = { ...done, result: Object.fromEntries(Object.entries(judged.value).filter(([key]) => essentials.includes(key))) }
      return essentials.length > 0 && bytesOf(part) <= mostBytes ? part : { ...done, result: tooLarge }
    }
    case 'again':
      return { ...kept, state: 'again' }
    case 'failed':
      return cutResult({ ...kept, state: 'failed', of }, judged.value?.['unknown'] === undefined ? judged.message : judged.value)
  }
}

/** Stands as a result for one that was too large to be kept. */
export const tooLarge = '(too large)'

/** Bytes of a record whose result is not asked to be kept whole. */
const mostBytes = 200

const bytesOf = (record: ActRecord): number => new TextEncoder().encode(JSON.stringify(record)).length

/** As much of why it failed as there is room for. */
function cutResult(record: ActRecord, why: string | JsonObject): ActRecord {
  let cut: ActRecord = { ...record, result: why }
  if (typeof why !== 'string') return cut
  for (let length = why.length; bytesOf(cut) > mostBytes && length > 0; )
    cut = { ...record, result: `${why.slice(0, (length = Math.floor(length * 0.9) - 1))}…` }
  return cut
}
