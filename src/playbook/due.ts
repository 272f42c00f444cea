/** The times of a cron pattern. (croner: a time that daylight saving leaves out is taken when the clock has moved on, one that it repeats once) */
import { Cron } from 'croner'

/** The newest time after `from`, up to `now`, at which the pattern is due, and the next one after now. Throws what croner says of the pattern. */
export function dueTimes(
  cron: string,
  timeZone: string | undefined,
  from: number,
  now: number,
): { due: number | undefined; next: number | undefined } {
  const job = new Cron(cron, { paused: true, timezone: timeZone ?? 'UTC' })
  // Of a pattern of every second, one may lie between now and the second that is asked for.
  const due = job
    .previousRuns(2, new Date(now + 1_000))
    .map((date) => date.getTime())
    .find((time) => time <= now)
  return { due: due !== undefined && due > from ? due : undefined, next: job.nextRun(new Date(now))?.getTime() }
}

/** RFC 3339 without parts of a second. */
export const dueText = (due: number): string => `${new Date(due).toISOString().slice(0, 19)}Z`

/** What a run of a schedule is known by in its steps, as `it.run`. The name can be that of an object or a file. */
export const runOf = (primary: string, schedule: string, due: number): { name: string; due: string } => ({
  name: `${primary}-${schedule}-${dueText(due).replaceAll(/[-:]/g, '').toLowerCase()}`,
  due: dueText(due),
})
