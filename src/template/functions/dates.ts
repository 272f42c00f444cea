/** Points in time are milliseconds since 1970, lengths of time are milliseconds: both can be added and compared as numbers. */
import { formatDuration, parseDuration } from '../../api/duration.ts'
import { type LibraryFunction, Refusal } from './signature.ts'

const timestamp = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

export const dateFunctions: readonly LibraryFunction[] = [
  {
    name: 'duration',
    summary: 'The milliseconds of a duration as Kubernetes writes it.',
    parameters: [{ name: 'text', type: 'string' }],
    result: 'number',
    examples: [
      { call: "duration('1h30m')", gives: 5_400_000 },
      { call: "duration('1 hour')", refused: 'duration: a duration is like 90s, 1h30m or 250ms' },
    ],
    create: () => (text: string) => {
      const milliseconds = parseDuration(text)
      if (milliseconds === undefined) throw new Refusal('a duration is like 90s, 1h30m or 250ms')
      return milliseconds
    },
  },
  {
    name: 'formatDuration',
    summary: 'Milliseconds as a duration.',
    parameters: [{ name: 'milliseconds', type: 'number' }],
    result: 'string',
    examples: [{ call: 'formatDuration(5400000)', gives: '1h30m0s' }],
    create: () => formatDuration,
  },
  {
    name: 'timestamp',
    summary: 'The point in time that an RFC 3339 text names, as in `metadata.creationTimestamp`.',
    parameters: [{ name: 'text', type: 'string' }],
    result: 'number',
    examples: [
      { call: "timestamp('2026-11-22T10:00:00Z') - timestamp('2026-11-22T11:00:00+02:00')", gives: 3_600_000 },
      { call: "timestamp('yesterday')", refused: 'timestamp: a time is like 2026-11-22T10:00:00Z' },
    ],
    create: () => (text: string) => {
      const milliseconds = timestamp.test(text) ? new Date(text).getTime() : Number.NaN
      if (Number.isNaN(milliseconds)) throw new Refusal('a time is like 2026-11-22T10:00:00Z')
      return milliseconds
    },
  },
  {
    name: 'formatTimestamp',
    summary: 'A point in time as RFC 3339 text in UTC, to the second, as Kubernetes writes it.',
    parameters: [{ name: 'milliseconds', type: 'number' }],
    result: 'string',
    examples: [{ call: "formatTimestamp(timestamp('2026-11-22T11:00:00+02:00'))", gives: '2026-11-22T09:00:00Z' }],
    create: () => (milliseconds: number) => {
      const date = new Date(milliseconds)
      if (Number.isNaN(date.getTime())) throw new Refusal('the number is outside the years that can be written')
      return date.toISOString().replace(/\.\d{3}Z$/, 'Z')
    },
  },
]
