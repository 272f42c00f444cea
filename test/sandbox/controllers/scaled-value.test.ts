import { expect, it } from 'vitest'
import { scaledValue } from '../../../src/sandbox/controllers/scaled-value.ts'

it.each([
  [3, 10, 'up', 3],
  ['25%', 10, 'up', 3],
  ['25%', 10, 'down', 2],
  ['100%', 7, 'down', 7],
  ['0%', 7, 'up', 0],
  [undefined, 7, 'up', 0],
] as const)('%j of %i, rounded %s, is %i', (value, total, round, expected) => expect(scaledValue(value, total, round)).toBe(expected))
