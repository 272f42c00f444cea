/**
 * `npm run bench`: what the pure middle costs in microseconds, and what the caches cost in memory. Needs only Node.
 *
 *   node bench/main.ts [--rounds N] [--apps 1000,10000] [--output text|json]
 */
import { cpus } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parseArgs } from 'node:util'
import { type Case, cases } from './offline/cases.ts'
import { defaultWatch, filledCache, liveFamily, ScriptedServer } from './offline/stage.ts'
import { median, quantile, short, table } from './statistics.ts'

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    apps: { type: 'string', default: '1000,10000' },
    output: { type: 'string', default: 'text' },
  },
})
const rounds = Number(flags.rounds)

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

interface Timing {
  name: string
  median: number
  p95: number
}

interface Memory {
  apps: number
  /** Bytes of heap for an App and its four dependents. */
  each: number
}

const timings: Timing[] = []
for (const each of await cases()) timings.push(await time(each))
const memory: Memory[] = []
for (const count of flags.apps.split(',').map(Number)) memory.push(await measureMemory(count))

const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`
if (flags.output === 'json') console.log(JSON.stringify({ machine, date: new Date().toISOString(), rounds, timings, memory }, undefined, 2))
else {
  console.log(`${machine}; ${rounds} rounds\n`)
  console.log(
    table(
      ['', 'median, µs', 'p95, µs'],
      timings.map(({ name, median: middle, p95 }) => [name, short(middle), short(p95)]),
    ),
  )
  console.log()
  console.log(
    table(
      ['Apps, each with 4 dependents', 'heap for each, kB', 'heap, MB'],
      memory.map(({ apps, each }) => [short(apps), short(each / 1000), short((each * apps) / 1e6)]),
    ),
  )
}

/** Microseconds a call: medians over rounds of some milliseconds each, after as much again to warm up. */
async function time({ name, before, run }: Case): Promise<Timing> {
  const once = async (calls: number): Promise<number> => {
    before?.()
    const began = performance.now()
    for (let call = 0; call < calls; call++) {
      const answer = run()
      if (answer instanceof Promise) await answer
    }
    return ((performance.now() - began) * 1000) / calls
  }
  let calls = 1
  if (!before) while ((await once(calls)) * calls < 10_000) calls *= 2
  for (let round = 0; round < rounds; round++) await once(calls)
  const times: number[] = []
  for (let round = 0; round < rounds; round++) times.push(await once(calls))
  return { name, median: median(times), p95: quantile(times, 0.95) }
}

/** What a cache full of Apps and their dependents keeps alive. */
async function measureMemory(count: number): Promise<Memory> {
  const { program } = defaultWatch()
  const server = new ScriptedServer(count, (kind, number) => liveFamily(number, program).get(kind))
  const before = heap()
  const { cache, primaries, dependents } = await filledCache(server, program)
  const sizes = [primaries, ...dependents.values()].map(({ size }) => size)
  const after = heap()
  if (Math.max(...sizes) !== count || sizes.reduce((sum, size) => sum + size) !== 5 * count)
    throw new Error(`the caches hold ${sizes.join(', ')} objects`)
  await cache.stop()
  return { apps: count, each: (after - before) / count }
}

function heap(): number {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().heapUsed
}
