import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const start = promisify(execFile)
const heap = new URL('../../src/operator/heap.ts', import.meta.url).href

/**
 * Bytes of the young generation of a process of its own while 100 MB are made and dropped, each object some time after it was made: the
 * least towards the end, since a collection that is under way has its copies beside the rest.
 */
async function youngGeneration(before: string, nodeOptions: readonly string[] = []): Promise<number> {
  const script = `
    import { getHeapSpaceStatistics } from 'node:v8'
    import { keepYoungGenerationSmall } from '${heap}'
    ${before}
    const held = []
    let least = Infinity
    for (let at = 0; at < 1_000_000; at++) {
      held[at % 20_000] = { at, path: [at, at, at] }
      if (at > 500_000 && at % 10_000 === 0)
        least = Math.min(least, getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size)
    }
    console.log(least)`
  const { stdout } = await start(process.execPath, [...nodeOptions, '--input-type=module', '--eval', script])
  return Number(stdout)
}

describe('the young generation', () => {
  it('grows under load, unless it is kept small', async () => {
    expect(await youngGeneration('')).toBeGreaterThan(12e6)
    expect(await youngGeneration('keepYoungGenerationSmall([])')).toBeLessThan(4e6)
  })

  it('has the size that Node was started with, where that was said', async () => {
    const grown = await youngGeneration('keepYoungGenerationSmall(process.execArgv)', ['--max-semi-space-size=4'])
    expect(grown).toBeGreaterThan(4e6)
    expect(grown).toBeLessThan(12e6)
  })
})

/** Megabytes that are resident while 60 MB are held, and the least within these seconds after they were dropped, or until it is much less. */
async function resident(before: string, seconds: number): Promise<{ held: number; rested: number }> {
  const script = `
    import { setTimeout as sleep } from 'node:timers/promises'
    import { giveBackAtRest } from '${heap}'
    ${before}
    const megabytes = () => process.memoryUsage.rss() / 1e6
    let held = Array.from({ length: 1_000_000 }, (_, at) => ({ at }))
    const most = megabytes()
    held = undefined
    let least = Infinity
    for (let at = 0; at < ${seconds * 10} && least > most - 40; at++) {
      await sleep(100)
      least = Math.min(least, megabytes())
    }
    console.log(JSON.stringify({ held: most, rested: least }))`
  const { stdout } = await start(process.execPath, ['--gc-memory-reducer-start-delay-ms=500', '--input-type=module', '--eval', script])
  return JSON.parse(stdout) as { held: number; rested: number }
}

describe('what was used', () => {
  it('is given back at rest, if V8 is told to', async () => {
    const kept = await resident('', 4)
    expect(kept.rested).toBeGreaterThan(kept.held - 20)
    const given = await resident('giveBackAtRest(100)', 12)
    expect(given.rested).toBeLessThan(given.held - 40)
  })
})
