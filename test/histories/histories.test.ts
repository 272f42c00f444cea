import { describe, expect, it } from 'vitest'
import { historiesOf, prove, report } from '../../src/testing/histories/prove.ts'
import { stageNames, stageOf } from './stages.ts'

/** `npm run histories` plays 200 of them. */
const seeds = [1, 2, 3, 4, 5]
/** Showed a fault once: a primary that is gone, but not in the cache, had its dependents made for ever. */
const others: Readonly<Record<string, readonly number[]>> = { app: [169] }

describe('an operator whose server and connections fail comes to the end that it comes to without, and touches nobody else’s object', () => {
  it.each(stageNames)('%s', { timeout: 300_000 }, async (name) => {
    const stage = stageOf(name)
    const make = await historiesOf(stage)
    for (const seed of [...seeds, ...(others[name] ?? [])]) {
      const proof = await prove(make(seed), stage)
      expect(proof.wrong, report(proof)).toEqual([])
    }
  })
})
