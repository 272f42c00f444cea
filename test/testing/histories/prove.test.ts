import { afterEach, describe, expect, it, vi } from 'vitest'
import { historiesOf, prove, shrunk } from '../../../src/testing/histories/prove.ts'
import { Simulation, Unrest } from '../../../src/testing/simulation/simulation.ts'
import { stageOf } from '../../histories/stages.ts'

afterEach(() => void vi.restoreAllMocks())

describe('a history with which something goes on and on', { timeout: 60_000 }, () => {
  it('is told like any other that ends wrong, and with as few faults and steps', async () => {
    const stage = stageOf('pruning')
    const made = (await historiesOf(stage))(1)
    vi.spyOn(Simulation.prototype, 'settled').mockRejectedValue(new Unrest('it is not settled'))
    const few = { ...made, steps: made.steps.slice(0, 3) }

    const proof = await prove(few, stage)

    expect(proof.wrong).toEqual(['without faults: it is not settled', 'it is not settled'])
    expect(await shrunk(proof, stage)).toMatchObject({ made: { steps: [], faults: [] }, wrong: proof.wrong })
  })
})
