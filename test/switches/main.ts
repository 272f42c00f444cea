/**
 * Turns mechanisms off, one at a time, and looks whether their scenarios notice.
 *
 *   npm run switches [-- NAME…]   those, or all
 *   --jobs 3                      so many at the same time
 *   --no-as-is                    not first every scenario as it is; one that fails by itself shows nothing
 *   --sample 5 --seed TEXT        so many on the sandbox, chosen by the text
 *
 * Where nothing can be told of a switch, as where the operator started too late, it is tried once more at the end, alone. Ends with 1 if
 * one went unnoticed, or nothing could be told. What failed is written into docs/reference/mechanisms.md, but for a sample.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writePage } from './page.ts'
import { parts } from './parts.ts'
import { type Ran, root, runTests } from './scenarios.ts'
import { printUsage } from '../usage.ts'
import { changed, editsOf, type Server, type Switch } from './switch.ts'
import { type Verdict, verdictOf } from './verdict.ts'

const { values, positionals } = parseArgs({
  options: {
    jobs: { type: 'string', default: '3' },
    'as-is': { type: 'boolean', default: true },
    sample: { type: 'string' },
    seed: { type: 'string', default: '' },
    help: { type: 'boolean', short: 'h', default: false },
  },
  allowPositionals: true,
  allowNegative: true,
})
if (values.help) printUsage(import.meta.url)
const all = parts.flatMap(({ switches }) => switches)
const unknown = positionals.filter((name) => !all.some((each) => each.name === name))
if (unknown.length > 0) end(`no such switch: ${unknown.join(', ')}\nthere are: ${all.map(({ name }) => name).join(', ')}`)
const named = positionals.length === 0 ? all : all.filter(({ name }) => positionals.includes(name))
const serverOf = ({ server = 'sandbox' }: Switch): Server => server
// To start a control plane takes longer than all that a sample is to take.
const samples = named.filter((each) => serverOf(each) === 'sandbox')
const chosen = values.sample === undefined ? named : sampleOf(samples, Number(values.sample), values.seed)

// Before anything runs: a text that is gone, and so a mechanism that somebody has to look at.
for (const each of chosen) {
  for (const file of new Set(editsOf(each).map((edit) => edit.file))) {
    try {
      changed(
        readFileSync(join(root, file), 'utf8'),
        editsOf(each).filter((edit) => edit.file === file),
      )
    } catch (error) {
      end(`switch ${each.name}: ${(error as Error).message}`)
    }
  }
}

if (values['as-is']) {
  const ran: Ran[] = []
  for (const [server, switches] of Map.groupBy(chosen, serverOf)) {
    const first = await runAsIs(server, switches)
    const failed = switches.filter(({ test }) => first.some((each) => each.test === test && !each.passed))
    // All at a time are a load that a test may not be made for.
    const again = failed.length > 0 ? await runAsIs(server, failed) : []
    ran.push(...first.filter(({ test }) => !again.some((each) => each.test === test)), ...again)
  }
  const failed = ran.filter(({ passed }) => !passed)
  if (failed.length > 0) end(`these fail without any switch, so that nothing can be told:\n${failed.map(told).join('\n')}`)
  console.log(`${ran.length} tests pass without a switch`)
}

const noticed = new Map<string, Ran>()
const queue = [...chosen]
const first = (await Promise.all(Array.from({ length: Number(values.jobs) }, work))).flat()
const open: Tried[] = first.filter(({ verdict }) => verdict.kind === 'unnoticed')
// Alone, so that nothing of this run is a load.
for (const { each } of first.filter(({ verdict }) => verdict.kind === 'inconclusive')) {
  const again = await tryOut(each)
  if (again.verdict.kind !== 'noticed') open.push(again)
}
const untold = open.map(({ each, verdict }) => `\n  ${verdict.kind}: ${each.name}`).join('')
console.log(`${chosen.length} switches: ${noticed.size} noticed, ${open.length} not${untold}`)
process.exit(open.length > 0 ? 1 : 0)

function sampleOf(switches: readonly Switch[], count: number, seed: string): Switch[] {
  const place = ({ name }: Switch): string => createHash('sha256').update(`${seed} ${name}`).digest('hex')
  return switches.toSorted((one, other) => (place(one) < place(other) ? -1 : 1)).slice(0, count)
}

async function runAsIs(server: Server, switches: readonly Switch[]): Promise<Ran[]> {
  const scenarios = [...new Set(switches.map(({ scenario }) => scenario))]
  return await runTests({ scenarios, tests: [...new Set(switches.map(({ test }) => test))], server })
}

interface Tried {
  each: Switch
  verdict: Verdict
}

async function work(): Promise<Tried[]> {
  const tried: Tried[] = []
  for (let next = queue.shift(); next; next = queue.shift()) tried.push(await tryOut(next))
  return tried
}

async function tryOut(each: Switch): Promise<Tried> {
  const { name, scenario, test } = each
  const began = performance.now()
  const ran = await runTests({ scenarios: [scenario], tests: [test], switchName: name, server: serverOf(each) })
  const verdict = verdictOf(
    ran.find((one) => one.test === test),
    test,
  )
  const where = `${name} (${scenario}, ${((performance.now() - began) / 1000).toFixed(0)} s)`
  if (verdict.kind === 'noticed') {
    noticed.set(name, verdict.ran)
    // One at a time: a run that is broken off has told what it knows.
    if (values.sample === undefined) writePage(noticed)
    console.log(`noticed       ${where}\n${told(verdict.ran)}`)
  } else console.log(`${verdict.kind.toUpperCase().padEnd(13)} ${where}: ${verdict.why}`)
  return { each, verdict }
}

function told({ test, at, code, message }: Ran): string {
  return [test, message?.slice(0, 300), ...(at ? [`${at}: ${code}`] : [])].map((line) => `${' '.repeat(14)}${line}`).join('\n')
}

function end(text: string): never {
  console.error(text)
  process.exit(1)
}
