import { describe, expect, it } from 'vitest'
import { sideBySide } from '../../src/operator/side-by-side.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('work side by side', () => {
  it('answers in the order of the items, whichever ends first, at most 16 at a time', async () => {
    let running = 0
    let most = 0
    const answers = await sideBySide(
      Array.from({ length: 50 }, (_, number) => number),
      async (number) => {
        most = Math.max(most, ++running)
        for (let turns = 0; turns < 5 - (number % 5); turns++) await turn()
        running--
        return number * 2
      },
    )
    expect(answers).toEqual(Array.from({ length: 50 }, (_, number) => number * 2))
    expect(most).toBe(16)
  })

  it('begins nothing more after a rejection', async () => {
    const begun: number[] = []
    const work = sideBySide(
      Array.from({ length: 50 }, (_, number) => number),
      async (number) => {
        begun.push(number)
        await turn()
        throw new Error('no')
      },
    )
    await expect(work).rejects.toThrow('no')
    await turn()
    expect(begun).toHaveLength(16)
  })

  it('has no answers for no items', async () => {
    expect(await sideBySide([], async () => 1)).toEqual([])
  })
})
