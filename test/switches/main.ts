/**
 * `npm run switches [-- NAME…] [--jobs N] [--sample N --seed TEXT]`: turns mechanisms off, one at a time, and looks whether their scenarios
 * notice.
 *
 * First every named scenario runs as it is (unless --no-as-is): one that fails by itself shows nothing. Ends with 1 if a switch went
 * unnoticed, or could not be tried. What failed is written into docs/reference/mechanisms.md, but for a sample: some that the seed chooses.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writePage } from './page.ts'
import { parts } from './parts.ts'
import { type Ran, root, runTests } from './scenarios.ts'
import { changed, editsOf, type Server, type Switch } from './switch.ts'

const { values, positionals } = parseArgs({
  options: {
    jobs: { type: 'string', default: '3' },
    'as-is': { type: 'boolean', default: true },
    sample: { type: 'string' },
    seed: { type: 'string', default: '' },
  },
  allowPositionals: true,
  allowNegative: true,
})
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
const unnoticed: string[] = []
const queue = [...chosen]
await Promise.all(Array.from({ length: Number(values.jobs) }, work))
console.log(
  `${chosen.length} switches: ${noticed.size} noticed, ${unnoticed.length} unnoticed${unnoticed.map((name) => `\n  ${name}`).join('')}`,
)
process.exit(unnoticed.length > 0 ? 1 : 0)

function sampleOf(switches: readonly Switch[], count: number, seed: string): Switch[] {
  const place = ({ name }: Switch): string => createHash('sha256').update(`${seed} ${name}`).digest('hex')
  return switches.toSorted((one, other) => (place(one) < place(other) ? -1 : 1)).slice(0, count)
}

async function runAsIs(server: Server, switches: readonly Switch[]): Promise<Ran[]> {
  const scenarios = [...new Set(switches.map(({ scenario }) => scenario))]
  return await runTests({ scenarios, tests: [...new Set(switches.map(({ test }) => test))], server })
}

async function work(): Promise<void> {
  for (let next = queue.shift(); next; next = queue.shift()) await tryOut(next)
}

async function tryOut(each: Switch): Promise<void> {
  const { name, scenario, test } = each
  const began = performance.now()
  const ran = (await runTests({ scenarios: [scenario], tests: [test], switchName: name, server: serverOf(each) })).find(
    (one) => one.test === test,
  )
  const took = `${((performance.now() - began) / 1000).toFixed(0)} s`
  if (ran && !ran.passed) {
    noticed.set(name, ran)
    // One at a time: a run that is broken off has told what it knows.
    if (values.sample === undefined) writePage(noticed)
    return console.log(`noticed    ${name} (${scenario}, ${took})\n${told(ran)}`)
  }
  unnoticed.push(name)
  console.log(`UNNOTICED  ${name} (${scenario}, ${took}): ${ran ? 'the test passes' : `there is no test "${test}"`}`)
}

function told({ test, at, code, message }: Ran): string {
  return [`           ${test}`, `           ${message?.slice(0, 300)}`, ...(at ? [`           ${at}: ${code}`] : [])].join('\n')
}

function end(text: string): never {
  console.error(text)
  process.exit(1)
}
