/**
 * When a schedule is due, and which run goes on. Pure: the time is an argument.
 *
 * A run is known by its schedule and the time at which it was due. It has a lane and records of its own, and goes on while `steps` waits.
 *
 *   first seen ─▶ from now on
 *   due, none runs ─▶ it begins        missed for longer than `missed.within` ─▶ passed over, the newest counts
 *   due, one runs ─▶ overlap: skip it, queue it, or replace the one that runs
 */
import type { JsonObject } from '../../api/object.ts'
import type { Problem } from '../../api/problem.ts'
import type { ScheduleRecord } from '../../reconcile/walk.ts'
import { dueText, dueTimes, runOf } from '../due.ts'
import type { Schedule } from '../step.ts'
import { type Course, stepsWithin } from './course.ts'
import { walkLane } from './lane.ts'

/** Milliseconds for which a run that is looked for a little late is not a missed one. */
const grace = 60_000

/** Begins what is due and walks what goes on, of each schedule; status.schedules, and what is wrong with a schedule. */
export function walkSchedules(course: Course): { status: JsonObject; problems: Problem[] } {
  const status: Record<string, JsonObject> = {}
  const problems: Problem[] = []
  for (const schedule of course.playbook.schedules) {
    const { record, next, problem } = walkSchedule(schedule, course)
    if (problem) problems.push({ at: schedule.at, ...problem })
    const told = record && toldOf(record, next)
    if (told && Object.keys(told).length > 0) status[schedule.name] = told
  }
  return { status, problems }
}

interface Walked {
  record?: ScheduleRecord | undefined
  next?: number | undefined
  problem?: Problem
}

function walkSchedule(schedule: Schedule, course: Course): Walked {
  const { ledger, scope, inputs } = course
  const { now } = inputs
  const known = ledger.schedule(schedule.name)
  const asked = scope.attempt((within) => {
    if (schedule.when && !schedule.when.evaluate(within)) return undefined
    const from = known?.from ?? now
    return {
      ...timesOf(schedule, schedule.cron.evaluate(within), schedule.timeZone?.evaluate(within), from, now),
      missedWithin: schedule.missedWithin?.evaluate(within) ?? 0,
    }
  })
  if (asked.kind === 'problem') return { record: known, problem: asked.problem }
  const times = asked.kind === 'value' ? asked.value : undefined
  if (times?.problem) return { record: known, problem: times.problem }
  // One that is off begins nothing; what goes on is brought to its end.
  if (!known && !times) return {}
  const record = begun(known ?? { from: now }, schedule, times, course)
  const left = goOn(record, schedule, course)
  // What a run that has ended, or was replaced, left running.
  ledger.closeOthers(`${schedule.name}@`, left.current && laneOf(schedule, left.current.due))
  ledger.setSchedule(schedule.name, left)
  if (times?.next !== undefined) course.look(Math.max(0, times.next - now))
  return { record: left, next: times?.next }
}

interface Times {
  due?: number | undefined
  next?: number | undefined
  problem?: Problem
}

function timesOf({ name, cron: { at } }: Schedule, cron: string, timeZone: string | undefined, from: number, now: number): Times {
  try {
    return dueTimes(cron, timeZone, from, now)
  } catch (error) {
    const message = `schedule "${name}": ${error instanceof Error ? error.message : String(error)}`
    return { problem: { code: 'PLAYBOOK_INVALID', message, at } }
  }
}

/** Where a time has come at which it is due. */
function begun(
  record: ScheduleRecord,
  schedule: Schedule,
  times: (Times & { missedWithin: number }) | undefined,
  { ledger, inputs: { now } }: Course,
): ScheduleRecord {
  const { due, missedWithin = 0 } = times ?? {}
  if (due === undefined) return record
  const passed = { ...record, from: due }
  if (now - due > Math.max(grace, missedWithin)) return passed
  if (!record.current) return { ...passed, current: { due, started: now } }
  switch (schedule.overlap) {
    case 'skip':
      return passed
    case 'queue':
      return { ...passed, queued: [...(record.queued ?? []), due] }
    case 'replace':
      ledger.replaceLane(laneOf(schedule, record.current.due))
      return { ...passed, current: { due, started: now } }
  }
}

const laneOf = ({ name }: Schedule, due: number): string => `${name}@${dueText(due)}`

/** Walks the run that goes on; with its end, the one that waited for it begins. */
function goOn(record: ScheduleRecord, schedule: Schedule, course: Course): ScheduleRecord {
  const { current, queued = [], ...rest } = record
  if (!current) {
    // What its runs applied goes with them.
    for (const { does } of stepsWithin(schedule.steps)) if (does.kind === 'apply') course.decided.add(does.mark)
    return record
  }
  const { ledger, scope, found, inputs } = course
  const lane = laneOf(schedule, current.due)
  found.run = runOf(inputs.primary.metadata.name, schedule.name, current.due)
  const ended = walkLane(schedule.steps, { lane, scope }, course)
  found.run = undefined
  const failure = ended.kind === 'stop' && ended.stop.kind === 'failed' ? ended.stop.problem.message : undefined
  if (ended.kind === 'stop' && failure === undefined) {
    if ('within' in ended.stop) course.look(ended.stop.within)
    return record
  }
  ledger.closeLane(lane)
  const [waiting, ...others] = queued
  if (waiting !== undefined) course.look(0)
  return {
    ...rest,
    last: {
      due: current.due,
      finished: inputs.now,
      ...(failure === undefined ? { outcome: 'done' } : { outcome: 'failed', message: failure }),
    },
    ...(waiting !== undefined && { current: { due: waiting, started: inputs.now } }),
    ...(others.length > 0 && { queued: others }),
  }
}

function toldOf({ last, current }: ScheduleRecord, next: number | undefined): JsonObject {
  return {
    ...(last && { last: { ...last, due: dueText(last.due), finished: dueText(last.finished) } }),
    ...(current && { current: { due: dueText(current.due), started: dueText(current.started) } }),
    ...(next !== undefined && { next: dueText(next) }),
  }
}
