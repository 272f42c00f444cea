import { describe, expect, it } from 'vitest'
import { type Distribution, draw } from '../../../src/sandbox/faults/distribution.ts'
import { seeded } from '../../../src/sandbox/random.ts'

const sample = (distribution: Distribution): number[] => {
  const random = seeded(3)
  return Array.from({ length: 20_000 }, () => draw(distribution, random)).sort((left, right) => left - right)
}
const at = (values: readonly number[], part: number): number => values[Math.floor(part * values.length)] as number

describe('how long something takes', () => {
  it('is always the same for a number', () => expect(new Set(sample(25))).toEqual(new Set([25])))

  it('lies evenly between the ends of a uniform one', () => {
    const values = sample({ kind: 'uniform', from: 10, to: 30 })
    expect(values[0]).toBeGreaterThanOrEqual(10)
    expect(values.at(-1)).toBeLessThan(30)
    expect(at(values, 0.25)).toBeCloseTo(15, 0)
    expect(at(values, 0.75)).toBeCloseTo(25, 0)
  })

  it('lies within one deviation of the mean of a normal one two times of three', () => {
    const values = sample({ kind: 'normal', mean: 100, deviation: 20 })
    expect(at(values, 0.5) / 100).toBeCloseTo(1, 1)
    expect(values.filter((value) => Math.abs(value - 100) <= 20).length / values.length).toBeCloseTo(0.683, 1)
  })

  it('is long now and then for a lognormal one', () => {
    const values = sample({ kind: 'lognormal', median: 20, sigma: 1 })
    expect(at(values, 0.5) / 20).toBeCloseTo(1, 1)
    expect(at(values, 0.95) / 20).toBeGreaterThan(4.5)
    expect(at(values, 0.95) / 20).toBeLessThan(6)
  })

  it('is never less than nothing', () => expect(sample({ kind: 'normal', mean: 0, deviation: 50 })[0]).toBe(0))
})
