/**
 * When a schedule is due, and which run goes on. Pure: the time is an argument.
 *
 * A run is known by its schedule and the time at which it was due. It has a lane and records of its own, and goes on while `steps` waits.
 *
 *   first seen ─▶ from now on
 *   due, none runs ─▶ it begins        missed for longer than `missed.within` ─▶ passed over, the newest counts
 *   due, one runs ─▶ overlap: skip it, queue it, or replace the one that runs
 */
import type { JsonObject } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { ScheduleRecord } from '../reconcile/walk.ts'
import { dueText, dueTimes } from './due.ts'
import type { Schedule } from './step.ts'
import type { Walker } from './walk.ts'

/** Milliseconds for which a run that is looked for a little late is not a missed one. */
const grace = 60_000

const runName = (primary: string, schedule: string, due: number): string =>
  `${primary}-${schedule}-${dueText(due).replaceAll(/[-:]/g, '').toLowerCase()}`

interface ScheduleStatus {
  last?: JsonObject
  current?: JsonObject
  next?: string
}

/** Begins what is due and walks what goes on, for each schedule; status.schedules, and what is wrong with a schedule. */
export function walkSchedules(
  walker: Walker,
  schedules: readonly Schedule[],
  primary: string,
  now: number,
): { status: JsonObject; problems: Problem[] } {
  const status: Record<string, JsonObject> = {}
  const problems: Problem[] = []
  for (const schedule of schedules) {
    const walked = walkSchedule(walker, schedule, primary, now)
    if ('problem' in walked) problems.push(walked.problem)
    else status[schedule.name] = walked as JsonObject
  }
  return { status, problems }
}

function walkSchedule(walker: Walker, schedule: Schedule, primary: string, now: number): ScheduleStatus | { problem: Problem } {
  const { ledger, scope } = walker
  const known = ledger.schedule(schedule.name)
  const asked = scope.attempt((within) => ({
    isOn: schedule.when ? Boolean(schedule.when.evaluate(within)) : true,
    missedWithin: schedule.missedWithin?.evaluate(within) ?? 0,
  }))
  if (asked.kind === 'problem') return { problem: { at: schedule.at, ...asked.problem } }
  let record: ScheduleRecord = known ?? { from: now }
  let next: number | undefined
  if (asked.kind === 'value' && asked.value.isOn) {
    const times = scope.attempt((within) => {
      const cron = schedule.cron.evaluate(within)
      const zone = schedule.timeZone?.evaluate(within)
      try {
        return dueTimes(cron, zone, record.from, now)
      } catch (error) {
        return { refused: error instanceof Error ? error.message : String(error) }
      }
    })
    if (times.kind === 'problem') return { problem: { at: schedule.at, ...times.problem } }
    if (times.kind === 'value' && 'refused' in times.value)
      return { problem: { code: 'PLAYBOOK_INVALID', message: `schedule "${schedule.name}": ${times.value.refused}`, at: schedule.cron.at } }
    if (times.kind === 'value') {
      const { due } = times.value as { due: number | undefined }
      next = (times.value as { next: number | undefined }).next
      if (due !== undefined) record = begun(record, schedule, due, now, Math.max(grace, asked.value.missedWithin), walker)
    }
  } else if (asked.kind === 'value') record = { ...record, from: now }
  if (asked.kind === 'value' && !asked.value.isOn && !known) return {}
  // What is off has no time from which it counts: it begins anew when it is on.
  record = goOn(record, schedule, primary, now, walker)
  if (asked.kind === 'value' && !asked.value.isOn && known) record = { ...record, from: known.from }
  ledger.setSchedule(schedule.name, record)
  if (next !== undefined) walker.look(Math.max(0, next - now))
  return {
    ...(record.last && {
      last: {
        due: dueText(record.last.due),
        finished: dueText(record.last.finished),
        outcome: record.last.outcome,
        ...(record.last.message && { message: record.last.message }),
      },
    }),
    ...(record.current && { current: { due: dueText(record.current.due), started: dueText(record.current.started) } }),
    ...(next !== undefined && { next: dueText(next) }),
  }
}

/** A time at which it is due has come. */
function begun(record: ScheduleRecord, schedule: Schedule, due: number, now: number, within: number, walker: Walker): ScheduleRecord {
  const passed = { ...record, from: due }
  if (now - due > within) return passed
  if (!record.current) return { ...passed, current: { due, started: now } }
  switch (schedule.overlap) {
    case 'skip':
      return passed
    case 'queue':
      return { ...passed, queued: [...(record.queued ?? []), due] }
    case 'replace':
      walker.ledger.closeLane(laneOf(schedule, record.current.due))
      return { ...passed, current: { due, started: now } }
  }
}

const laneOf = ({ name }: Schedule, due: number): string => `${name}@${dueText(due)}`

/** Walks the run that goes on, and the one that waited for it. */
function goOn(record: ScheduleRecord, schedule: Schedule, primary: string, now: number, walker: Walker): ScheduleRecord {
  const { current } = record
  if (!current) {
    walker.idle(schedule)
    return record
  }
  const lane = laneOf(schedule, current.due)
  const ended = walker.run(schedule, { name: runName(primary, schedule.name, current.due), due: dueText(current.due) }, lane)
  if (ended.kind === 'stop' && ended.stop.kind !== 'failed') {
    walker.look('within' in ended.stop ? ended.stop.within : undefined)
    return record
  }
  walker.ledger.closeLane(lane)
  const { current: _ended, queued = [], ...rest } = record
  const last =
    ended.kind === 'stop' && ended.stop.kind === 'failed'
      ? { due: current.due, finished: now, outcome: 'failed' as const, message: ended.stop.problem.message }
      : { due: current.due, finished: now, outcome: 'done' as const }
  const [waiting, ...others] = queued
  // It is walked with the next pass, which is at once.
  if (waiting !== undefined) walker.look(0)
  return {
    ...rest,
    last,
    ...(waiting !== undefined && { current: { due: waiting, started: now } }),
    ...(others.length > 0 && { queued: others }),
  }
}
