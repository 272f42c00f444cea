/** How long something takes: always the same, or by chance. */
import type { Milliseconds } from '../../api/clock.ts'

/** In milliseconds; a number is always the same. What would be less than 0 is 0. */
export type Distribution =
  | Milliseconds
  | { readonly kind: 'uniform'; readonly from: Milliseconds; readonly to: Milliseconds }
  | { readonly kind: 'normal'; readonly mean: Milliseconds; readonly deviation: Milliseconds }
  /** Half are below the median; `sigma`: the deviation of the logarithm. 1 makes one in twenty longer than five times the median. */
  | { readonly kind: 'lognormal'; readonly median: Milliseconds; readonly sigma: number }

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
