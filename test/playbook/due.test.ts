import { describe, expect, it } from 'vitest'
import { dueText, dueTimes } from '../../src/playbook/due.ts'

const times = (cron: string, timeZone: string | undefined, from: string, now: string) => {
  const { due, next } = dueTimes(cron, timeZone, Date.parse(from), Date.parse(now))
  return [due, next].map((time) => time && dueText(time))
}

describe('a schedule is due', () => {
  it.each([
    [
      'at the newest of the times that have passed',
      '*/15 * * * *',
      undefined,
      '2026-10-25T00:31:00Z',
      '2026-10-25T12:01:00Z',
      '2026-10-25T12:00:00Z',
      '2026-10-25T12:15:00Z',
    ],
    ['not before its first time', '0 0 1 1 *', 'UTC', '2026-10-25T00:31:00Z', '2026-10-25T12:01:00Z', undefined, '2027-01-01T00:00:00Z'],
    [
      'at the very moment',
      '0 3 * * *',
      'UTC',
      '2026-10-25T02:00:00Z',
      '2026-10-25T03:00:00Z',
      '2026-10-25T03:00:00Z',
      '2026-10-26T03:00:00Z',
    ],
    [
      'once for a time: from there on it is the next',
      '0 3 * * *',
      'UTC',
      '2026-10-25T03:00:00Z',
      '2026-10-25T03:00:01Z',
      undefined,
      '2026-10-26T03:00:00Z',
    ],
    [
      'each second, as of a year ago',
      '* * * * * *',
      'UTC',
      '2025-10-25T00:31:00Z',
      '2026-10-25T12:01:00Z',
      '2026-10-25T12:01:00Z',
      '2026-10-25T12:01:01Z',
    ],
    [
      'in UTC where no time zone is given',
      '0 12 * * *',
      undefined,
      '2026-07-01T00:00:00Z',
      '2026-07-01T12:30:00Z',
      '2026-07-01T12:00:00Z',
      '2026-07-02T12:00:00Z',
    ],
    [
      'in its time zone',
      '0 12 * * *',
      'America/New_York',
      '2026-07-01T00:00:00Z',
      '2026-07-01T16:30:00Z',
      '2026-07-01T16:00:00Z',
      '2026-07-02T16:00:00Z',
    ],
    [
      'at 3:00 where 2:30 is left out in spring',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      '2026-03-29T12:00:00Z',
      '2026-03-29T01:00:00Z',
      '2026-03-30T00:30:00Z',
    ],
    [
      'at the first 2:30 of the two in autumn',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      '2026-10-25T00:40:00Z',
      '2026-10-25T00:30:00Z',
      '2026-10-26T01:30:00Z',
    ],
    [
      'and not at the second',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-25T00:30:00Z',
      '2026-10-25T12:00:00Z',
      undefined,
      '2026-10-26T01:30:00Z',
    ],
  ])('%s', (_title, cron, timeZone, from, now, due, next) => {
    expect(times(cron, timeZone, from, now)).toEqual([due, next])
  })

  it('never by a pattern that is none', () => {
    expect(() => times('0 99 * * *', 'UTC', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')).toThrow()
    expect(() => times('0 3 * * *', 'Europe/Nowhere', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')).toThrow()
  })
})
