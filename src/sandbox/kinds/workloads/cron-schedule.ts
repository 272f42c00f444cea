/**
 * Schedules in the form of cron: what the server says of text that is none.
 *
 * (robfig/cron v3, ParseStandard; batch/validation, validateScheduleFormat)
 */
import { parseDuration } from '../../../api/duration.ts'

interface Bounds {
  readonly low: number
  readonly high: number
  readonly names?: readonly string[]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** Minute, hour, day of the month, month, day of the week. */
const fields: readonly Bounds[] = [
  { low: 0, high: 59 },
  { low: 0, high: 23 },
  { low: 1, high: 31 },
  { low: 1, high: 12, names: months },
  { low: 0, high: 6, names: days },
]
const descriptors = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'])

/** What is wrong with a schedule; undefined if nothing is. */
export function scheduleProblem(schedule: string): string | undefined {
  let text = schedule
  if (text.startsWith('TZ=') || text.startsWith('CRON_TZ=')) {
    const blank = text.indexOf(' ')
    const start = text.indexOf('=') + 1
    if (blank < 0) return `invalid schedule format: runtime error: slice bounds out of range [:-1]`
    const zone = text.slice(start, blank)
    const problem = zoneProblem(zone)
    if (problem) return `provided bad location ${zone}: ${problem}`
    text = text.slice(blank).trim()
  }
  if (text.startsWith('@')) return descriptorProblem(text)
  const parts = text.split(/\s+/).filter((part) => part !== '')
  if (parts.length !== fields.length) return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`
  for (const [index, bounds] of fields.entries()) {
    const problem = fieldProblem(parts[index] as string, bounds)
    if (problem) return problem
  }
  return undefined
}

function descriptorProblem(text: string): string | undefined {
  if (descriptors.has(text)) return undefined
  if (!text.startsWith('@every ')) return `unrecognized descriptor: ${text}`
  const duration = text.slice('@every '.length)
  return parseDuration(duration) === undefined ? `failed to parse duration ${text}: ${durationProblem(duration)}` : undefined
}

/** As Go's time.ParseDuration puts it. */
function durationProblem(text: string): string {
  const quoted = JSON.stringify(text)
  const rest = text.replace(/^[+-]/, '')
  if (/^(\d+\.?\d*|\.\d+)$/.test(rest)) return `time: missing unit in duration ${quoted}`
  const unit = /^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*(?:\d+\.?\d*|\.\d+)([^\d.]+)/.exec(rest)?.[1]
  return unit ? `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}` : `time: invalid duration ${quoted}`
}

function fieldProblem(field: string, bounds: Bounds): string | undefined {
  for (const expression of field.split(',')) {
    const problem = expression === '' ? undefined : rangeProblem(expression, bounds)
    if (problem) return problem
  }
  return undefined
}

function rangeProblem(expression: string, { low, high, names }: Bounds): string | undefined {
  const [range = '', ...steps] = expression.split('/')
  const [first = '', ...others] = range.split('-')
  let [start, end] = [low, high]
  if (first !== '*' && first !== '?') {
    const from = number(first, names, low)
    if (typeof from === 'string') return from
    start = end = from
    if (others.length > 1) return `too many hyphens: ${expression}`
    if (others.length === 1) {
      const to = number(others[0] as string, names, low)
      if (typeof to === 'string') return to
      end = to
    }
  }
  let step = 1
  if (steps.length > 1) return `too many slashes: ${expression}`
  if (steps.length === 1) {
    const by = number(steps[0] as string, undefined, 0)
    if (typeof by === 'string') return by
    step = by
    if (others.length === 0) end = high
  }
  if (start < low) return `beginning of range (${start}) below minimum (${low}): ${expression}`
  if (end > high) return `end of range (${end}) above maximum (${high}): ${expression}`
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${expression}`
  return step === 0 ? `step of range should be a positive number: ${expression}` : undefined
}

/** `first`: the number of the first name. */
function number(text: string, names: readonly string[] | undefined, first: number): number | string {
  const index = names?.indexOf(text.toLowerCase()) ?? -1
  if (index >= 0) return index + first
  if (!/^[+-]?\d+$/.test(text)) return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
  const value = Number(text)
  if (value > Number.MAX_SAFE_INTEGER)
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: value out of range`
  return value < 0 ? `negative number (${value}) not allowed: ${text}` : value
}

/** What is wrong with the name of a time zone; undefined if the zone is known. */
export function zoneProblem(zone: string): string | undefined {
  if (zone === '' || zone === 'UTC' || zone === 'Local') return undefined
  if (/^[+-]\d/.test(zone)) return `unknown time zone ${zone}`
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return undefined
  } catch {
    return `unknown time zone ${zone}`
  }
}
