import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../src/api/duration.ts'

describe('a duration', () => {
  it.each([
    ['0', 0],
    ['-0', 0],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['250ms', 250],
    ['1us', 0.001],
    ['-5s', -5000],
    ['1h1h', 7_200_000],
  ])('%s has %d milliseconds', (text, milliseconds) => {
    expect(parseDuration(text)).toBeCloseTo(milliseconds, 9)
  })
  it.each(['', '5', '1d', '1 h', 's', '1h ', '1.2.3s', '--1s', '1H'])('is not %j', (text) => {
    expect(parseDuration(text)).toBeUndefined()
  })
  it.each([
    [0, '0s'],
    [1500, '1.5s'],
    [5_400_000, '1h30m0s'],
    [60_000, '1m0s'],
    [250, '250ms'],
    [0.5, '500µs'],
    [-90_000, '-1m30s'],
  ])('of %d milliseconds is written %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text)
    expect(parseDuration(text)).toBeCloseTo(milliseconds, 9)
  })
})
