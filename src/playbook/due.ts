/** The times of a cron pattern. (croner: what is due in an hour that daylight saving leaves out, or repeats) */
import { Cron } from 'croner'

/** Looked for at most so many times back: a cron of every second and a stop of a week are no reason to count for long. */
const mostMissed = 10_000

/** The newest time after `from`, up to `now`, at which the schedule is due, and the next one after now. Throws what croner says of the cron. */
export function dueTimes(
  cron: string,
  timeZone: string | undefined,
  from: number,
  now: number,
): { due: number | undefined; next: number | undefined } {
  const job = new Cron(cron, { paused: true, ...(timeZone !== undefined && { timezone: timeZone }) })
  const after = (time: number): number | undefined => job.nextRun(new Date(time))?.getTime()
  const [before] = job.previousRuns(1, new Date(now + 1_000)).map((date) => date.getTime())
  const due = before !== undefined && before > from && before <= now ? before : newestAfter(after, from, now)
  return { due, next: after(now) }
}

function newestAfter(after: (time: number) => number | undefined, from: number, now: number): number | undefined {
  let due: number | undefined
  for (let at = after(from), count = 0; at !== undefined && at <= now && count < mostMissed; at = after(at), count++) due = at
  return due
}

/** RFC 3339 without parts of a second. */
export const dueText = (due: number): string => `${new Date(due).toISOString().slice(0, 19)}Z`
