/**
 * What a playbook asks of the shell beside its documents, and what the shell tells it: all data.
 *
 * A walk goes from the first step to where it can go no further. What it finds on the way is a `Walk`; what it cannot do itself (act, read what
 * is no object of the cluster, keep a record) stands in it as a request. The shell carries that out and the next walk sees it in its inputs:
 * `records` are what is kept in the cluster, `responses` what acts of this process have answered and no record has yet, `readings` what
 * reads have answered.
 *
 *   walk ─▶ acts: [{ record, kind, inputs }] ─▶ intent is recorded ─▶ the act runs ─▶ the primary is woken with its response
 *   walk ─▶ judges the response (until, failedWhen) ─▶ records: the outcome is recorded ─▶ the walk goes on behind the step
 */
import type { JsonObject, JsonValue } from '../api/object.ts'
import type { Position, Problem } from '../api/problem.ts'

/** Which act, of which item, in which lane. The text of it is unique in one primary: `steps/add`, `steps/discard/4f3c…`, `backup@2026-03-01T02:00:00Z/save`. */
export type RecordId = string

/** What is recorded of an act. */
export interface ActRecord {
  /** The first 16 characters of the SHA-256 of its evaluated inputs. */
  hash: string
  /** `started`: intended, and perhaps done. `done` and `failed` are outcomes; `again`: not yet as `until` wants it. */
  state: 'started' | 'again' | 'done' | 'failed'
  /** Milliseconds since the epoch: of the intent, and once there is an outcome, of that. */
  at: number
  /** Of the first intent; left out where it is `at`. */
  since?: number
  /** Of a failure: the generation and revision that it stands for. */
  of?: string
  /** How often it was tried; left out: once. */
  tries?: number
  /** What others read of it as it.steps.<id>, or of a failure why: at most 200 bytes, unless the step keeps it all. */
  result?: JsonValue
}

/** What is kept for one primary. */
export interface Records {
  /** it.memory. */
  memory: JsonObject
  acts: Readonly<Record<RecordId, ActRecord>>
  /** When a wait with a timeout began, by its id in its lane. */
  waits: Readonly<Record<string, number>>
  /** Blocks that failed: for which generation and revision, at which step and why. */
  blocks: Readonly<Record<string, FailedBlock>>
  /** Schedules: the last run that has ended, and the one that goes on. */
  schedules: Readonly<Record<string, ScheduleRecord>>
}

export interface FailedBlock {
  /** `<generation>/<first 12 characters of the revision>` */
  of: string
  step: string
  message: string
}

export interface ScheduleRecord {
  /** Runs that were due before are not looked for; milliseconds since the epoch. */
  from: number
  last?: { due: number; finished: number; outcome: 'done' | 'failed'; message?: string }
  current?: { due: number; started: number }
  /** Of a schedule whose runs wait for each other. */
  queued?: number[]
}

export const noRecords: Records = { memory: {}, acts: {}, waits: {}, blocks: {}, schedules: {} }

/** How far the records are known. `lost`: the primary had some, and they are gone: whatever acts may have been done. */
export type RecordsState =
  | { kind: 'known'; records: Records }
  /** `isOnItsWay`: nobody has to be told, it is known in a moment. */
  | { kind: 'unknown'; reason: string; isOnItsWay?: boolean }
  | { kind: 'lost'; reason: string; remedy: string }

/** What changes in the records: null takes an entry away. */
export interface RecordChanges {
  memory?: Readonly<Record<string, JsonValue | null>>
  acts?: Readonly<Record<RecordId, ActRecord | null>>
  waits?: Readonly<Record<string, number | null>>
  blocks?: Readonly<Record<string, FailedBlock | null>>
  schedules?: Readonly<Record<string, ScheduleRecord | null>>
}

/** What an act or a read answered. */
export type Response =
  /** `value` is what it.response, and as a result it.steps.<id>, has. */
  | { kind: 'answered'; value: JsonObject }
  /** It is known that it has failed: told without secret values. */
  | { kind: 'failed'; message: string; value?: JsonObject }
  /** It is not known whether it was done. */
  | { kind: 'unknown'; message: string }

/**
 * An effect that the shell is to bring about once, as data. In the inputs a value of a Secret stands as `{ secretRef: { namespace, name, key } }`, a text
 * with one as `{ secretText: […] }`: only where the kind's schema allows nothing but texts, or where data that looks like one is refused.
 */
export interface ActRequest {
  record: RecordId
  /** The step kind: `http`, `job`, … */
  kind: string
  inputs: JsonObject
  hash: string
  /** Which try this is: 1 for the first. */
  attempt: number
  /** The same for each try of these inputs: 32 hexadecimal characters. */
  idempotencyKey: string
  /** Milliseconds that one try may take; undefined: as long as the kind allows. */
  timeout?: number | undefined
  /** There is an intent without an outcome, of a process before this one, and the step wants it to be tried again. */
  isRepeated: boolean
  /** For messages. */
  step: string
  at: Position
  /** Whether nothing of it may be shown. */
  secret: boolean
}

/** A read of what is no object of the cluster. The same id and hash are the same read. */
export interface ReadRequest {
  /** In its lane, with its item: as a record's. */
  id: string
  kind: string
  inputs: JsonObject
  hash: string
  /** Milliseconds for which an answer holds. */
  every: number
  timeout?: number | undefined
  step: string
  at: Position
  secret: boolean
}

/** What a read answered, and when. */
export interface Reading {
  hash: string
  /** Milliseconds since the epoch. */
  at: number
  response: Response
}

export type StepStateName = 'done' | 'running' | 'waiting' | 'failed' | 'unknown'

/** For status.steps. */
export interface StepState {
  id: string
  state: StepStateName
  message?: string
  /** Milliseconds since the epoch, where a record tells it. */
  since?: number
}

/** Why a walk went no further. */
export type Stop =
  /** What it waits for, in words; `within`: milliseconds until it is to look again. */
  | { kind: 'wait'; step: string; at: Position; message: string; within?: number | undefined }
  /** Something that it reads is not known. */
  | { kind: 'unknown'; step: string; at: Position; message: string; within?: number | undefined }
  /** Documents before this step are not in the cluster yet. */
  | { kind: 'applying' }
  /** `isFinal`: it does not heal by itself. `within`: milliseconds until the next try. */
  | { kind: 'failed'; step: string; problem: Problem; isFinal: boolean; within?: number | undefined }

export interface StepEvent {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

export interface StepCondition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  reason: string
  message: string
}

/** A metric of the user's own. */
export interface StepMetric {
  type: 'counter' | 'gauge' | 'histogram' | 'summary'
  name: string
  help: string
  labels: Readonly<Record<string, string>>
  value: number
}

export interface Walk {
  /** Why it ended before the end; undefined: it came to the end of the lane. */
  stop: Stop | undefined
  acts: readonly ActRequest[]
  /** Acts whose inputs are no longer wanted and that are to be cancelled, and those to go on; others that run are left to end. */
  cancelled: readonly RecordId[]
  /** Every read that the walk came by. */
  reads: readonly ReadRequest[]
  changes: RecordChanges
  /** Marks of the apply steps that this walk has decided on, true or false. */
  decided: ReadonlySet<string>
  /** Marks of all apply steps of the playbook. */
  marks: ReadonlySet<string>
  /** Marks whose documents stay though they are no longer rendered. */
  unpruned: ReadonlySet<string>
  status: JsonObject
  conditions: readonly StepCondition[]
  events: readonly StepEvent[]
  metrics: readonly StepMetric[]
  steps: readonly StepState[]
  /** Of the lane `delete`: it takes longer than it may. */
  isOverdue?: boolean
  /** Milliseconds until something in it changes with the time; undefined: nothing does. */
  within: number | undefined
}
