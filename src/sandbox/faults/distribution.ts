/** How long something takes: always the same, or by chance. */
import type { Milliseconds } from '../../api/clock.ts'

/** In milliseconds; a number is always the same. What would be less than 0 is 0. */
export type Distribution =
  | Milliseconds
  | { readonly kind: 'uniform'; readonly from: Milliseconds; readonly to: Milliseconds }
  | { readonly kind: 'normal'; readonly mean: Milliseconds; readonly deviation: Milliseconds }
  /** Half are below the median; `sigma`: the deviation of the logarithm. 1 makes one in twenty longer than five times the median. */
  | { readonly kind: 'lognormal'; readonly median: Milliseconds; readonly sigma: number }

const parametersOf = { uniform: ['from', 'to'], normal: ['mean', 'deviation'], lognormal: ['median', 'sigma'] } as const

/** What is wrong with a distribution, as the end of a sentence; undefined: nothing. */
export function distributionProblem(distribution: Distribution | undefined): string | undefined {
  const needed =
    'it has to be a number from 0 on, or { kind: "uniform", from, to }, { kind: "normal", mean, deviation }, { kind: "lognormal", median, sigma }'
  if (typeof distribution === 'number') return distribution >= 0 && distribution < Infinity ? undefined : `is ${distribution}; ${needed}`
  if (typeof distribution !== 'object' || distribution === null || !Object.hasOwn(parametersOf, distribution.kind))
    return `is ${JSON.stringify(distribution)}; ${needed}`
  const given = distribution as unknown as Readonly<Record<string, unknown>>
  for (const name of parametersOf[distribution.kind]) {
    const value = given[name]
    if (!(Number.isFinite(value) && (value as number) >= 0))
      return `has the ${name} ${JSON.stringify(value)}; it has to be a number from 0 on`
  }
  return undefined
}

/** @param random from 0 up to but without 1 */
export function draw(distribution: Distribution, random: () => number): Milliseconds {
  if (typeof distribution === 'number') return Math.max(0, distribution)
  switch (distribution.kind) {
    case 'uniform':
      return Math.max(0, distribution.from + random() * (distribution.to - distribution.from))
    case 'normal':
      return Math.max(0, distribution.mean + standardNormal(random) * distribution.deviation)
    case 'lognormal':
      return distribution.median * Math.exp(standardNormal(random) * distribution.sigma)
  }
}

/** Mean 0, deviation 1. (Box and Muller) */
const standardNormal = (random: () => number): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
