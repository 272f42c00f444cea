import { describe, expect, it } from 'vitest'
import { formatIndexes, parseIndexes } from '../../../../src/sandbox/controllers/jobs/job.ts'

describe('completed indexes', () => {
  it.each([
    [[], ''],
    [[3], '3'],
    [[0, 1], '0,1'],
    [[0, 1, 2], '0-2'],
    [[7, 0, 2, 3, 4, 6], '0,2-4,6,7'],
  ])('%j are written as %j, and read again', (indexes, text) => {
    expect(formatIndexes(indexes)).toBe(text)
    expect([...parseIndexes(text)].sort((a, b) => a - b)).toEqual([...indexes].sort((a, b) => a - b))
  })
})
