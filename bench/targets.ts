/**
 * `npm run bench:targets`: every number that has a target, measured in one run and written into docs/performance.md beside it.
 *
 * Whole runs only are written; parts and smaller amounts are printed.
 *
 *   node bench/targets.ts [--part passes|fleet|server|rest]… [--burst N] [--rounds N] [--samples N] [--fleet N] [--rest N] [--output text|json]
 */
import { execFile } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { parseArgs, promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { short, table } from './statistics.ts'
import { writeSection } from './targets/document.ts'
import { fleet } from './targets/fleet.ts'
import { rows } from './targets/rows.ts'
import { onServer } from './targets/server.ts'
import type { Values } from './targets/values.ts'

const amounts = { burst: '1000', rounds: '3', samples: '100', fleet: '10000', rest: '2000' }
const { values: flags } = parseArgs({
  options: {
    part: { type: 'string', multiple: true, default: [] },
    burst: { type: 'string', default: amounts.burst },
    rounds: { type: 'string', default: amounts.rounds },
    samples: { type: 'string', default: amounts.samples },
    fleet: { type: 'string', default: amounts.fleet },
    rest: { type: 'string', default: amounts.rest },
    output: { type: 'string', default: 'text' },
  },
})
const say = (line: string): void => console.error(line)
const isWhole = flags.part.length === 0 && Object.entries(amounts).every(([name, amount]) => flags[name as keyof typeof amounts] === amount)
const loadBefore = loadavg()[0] as number

const values: Values = {}
const part = async (name: string, measure: () => Promise<Values>): Promise<void> => {
  if (flags.part.length > 0 && !flags.part.includes(name)) return
  say(name)
  Object.assign(values, await measure())
}
await part('passes', passes)
await part('fleet', async () => await fleet({ count: Number(flags.fleet), say }))
const { burst, rounds, samples } = flags
await part('server', async () => await onServer({ burst: Number(burst), rounds: Number(rounds), samples: Number(samples), say }))
await part('rest', atRest)

const found = rows(values, { burst: Number(flags.burst), fleet: Number(flags.fleet), atRest: Number(flags.rest) })
const date = new Date().toISOString()
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, load before ${short(loadBefore)}`
const report = table(
  ['', 'measured', 'target', ''],
  found.map(({ name, measured, target, met }) => [name, measured, target ?? '', met === undefined ? '' : met ? '✓' : '✗']),
)
if (flags.output === 'json') console.log(JSON.stringify({ machine, date, flags, rows: found, values }, undefined, 2))
else console.log(`${machine}\n\n${report}`)
if (isWhole) writeSection(`\nOne run on ${date.slice(0, 10)}: ${machine}.\n\n${report}\n`)

/** The pure middle, in microseconds, and the caches. */
async function passes(): Promise<Values> {
  interface Result {
    timings: { name: string; median: number }[]
    memory: { apps: number; each: number }[]
  }
  const { timings, memory } = await run<Result>('main.ts', [])
  const timing = (beginning: string): number => timings.find(({ name }) => name.startsWith(beginning))?.median ?? Number.NaN
  return {
    'annotated µs': timing('pass: somebody annotated'),
    'counted µs': timing('pass: the status of a dependent'),
    'compared µs': timing('pass: somebody labelled'),
    'versions µs': timing('pass: nothing changed'),
    'render µs': timing('render of charts/app, shape known'),
    'heap kB each': (memory.at(-1)?.each ?? Number.NaN) / 1000,
  }
}

async function atRest(): Promise<Values> {
  interface Result {
    others: string[]
    churn: number
    passes: number
  }
  const { others, churn, passes: count } = await run<Result>('zero-calls.ts', ['--primaries', flags.rest])
  for (const other of others) say(other)
  return { 'rest others': others.length, 'rest churn': churn, 'rest passes': count }
}

/** Another command of this folder, in a process of its own. */
async function run<Result>(script: string, args: readonly string[]): Promise<Result> {
  const path = fileURLToPath(new URL(script, import.meta.url))
  // A requirement that is not met is a result, too.
  const { stdout } = await promisify(execFile)(process.execPath, [path, ...args, '--output', 'json'], { maxBuffer: 2 ** 26 }).catch(
    (error: unknown) => {
      if (typeof (error as { stdout?: unknown }).stdout === 'string' && (error as { stdout: string }).stdout !== '')
        return error as { stdout: string }
      throw error
    },
  )
  return JSON.parse(stdout) as Result
}
