import { describe, expect, it } from 'vitest'
import { checkFault } from '../../../src/sandbox/faults/fault.ts'
import { seeded } from '../../../src/sandbox/random.ts'
import { describe as told, historyOf } from '../../../src/testing/histories/history.ts'

const made = (seed: number) =>
  historyOf(
    { seed, variants: [{ title: 'small', spec: { size: 1 } }], names: ['one', 'two'], namespaces: ['a', 'b'], resources: ['configmaps'] },
    seeded(seed),
  )
const seeds = Array.from({ length: 300 }, (_, seed) => seed)

describe('a history', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(made(3)).toEqual(made(3))
    expect(told(made(3))).not.toBe(told(made(4)))
  })

  it('declares every custom resource, and then does more', () => {
    for (const seed of seeds) {
      const { steps } = made(seed)
      expect(new Set(steps.flatMap((step) => (step.kind === 'declare' ? [step.name] : [])))).toEqual(new Set(['one', 'two']))
      expect(steps.length).toBeGreaterThan(10)
    }
  })

  it('has faults that the sandbox takes, which end, and concern nobody but the operator', () => {
    for (const seed of seeds) {
      const { faults, steps } = made(seed)
      expect(faults.length).toBeGreaterThan(1)
      for (const { fault, from, until } of faults) {
        checkFault(fault)
        expect(fault.match?.userAgent).toBe('fairlead/')
        expect(until).toBeGreaterThan(from)
        expect(until).toBeLessThanOrEqual(steps.length)
      }
    }
  })

  it('meets, among some hundred, every fault that is meant', () => {
    const kinds = new Set(
      seeds.flatMap((seed) => made(seed).faults.map(({ fault }) => (fault.kind === 'error' ? `${fault.code}` : fault.kind))),
    )
    expect([...kinds].sort()).toEqual(
      ['409', '410', '429', '500', '503', '504', 'break', 'cut', 'delay', 'drop', 'duplicate', 'forbid', 'latency', 'stale'].sort(),
    )
    const places = seeds.flatMap((seed) => made(seed).faults.flatMap(({ fault }) => fault.match?.namespace ?? []))
    expect(new Set(places)).toEqual(new Set(['a', 'b']))
    expect(new Set(seeds.map((seed) => made(seed).namespaces.length))).toEqual(new Set([0, 2]))
  })
})
