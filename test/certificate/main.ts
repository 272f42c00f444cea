/**
 * The crash certificate on the command line: every history beside the scenarios, killed at every point.
 *
 *   npm run certificate                                 every point on the sandbox, 250 on a real control plane, and the page in docs/
 *   npm run certificate -- --on sandbox --share 0.1 --seed 7
 *   npm run certificate -- --on sandbox --scenario pruning --points 20
 *   npm run certificate -- --on control-plane --points 50
 *   npm run certificate -- --real KUBECONFIG            a control plane that runs already
 *
 *   --on sandbox | control-plane   one server alone
 *   --scenario NAME                these histories alone, any number of times
 *   --share 0.1, --points 20       a tenth of all points, or so many
 *   --seed 1                       which
 *   --jobs N                       so many at the same time
 *   --binary                       the real binary in a process of its own
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { certify } from '../../src/testing/crashes/certificate.ts'
import { startControlPlane } from '../controlplane/control-plane.ts'
import { accessIn, type Ground } from './grounds.ts'
import { startPool } from './pool.ts'
import { histories } from './histories.ts'
import { failureText, page, type Part, table, writePage } from './report.ts'
import { printUsage } from '../usage.ts'

const { values } = parseArgs({
  options: {
    on: { type: 'string', default: 'both' },
    real: { type: 'string' },
    scenario: { type: 'string', multiple: true },
    /** Of all points, on whichever server; 0.1 is a tenth. */
    share: { type: 'string' },
    points: { type: 'string' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string' },
    /** The real binary in a process of its own. */
    binary: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) printUsage(import.meta.url)

const { seed, scenario } = values
const server = values.real === undefined ? values.on : 'control-plane'
if (!['sandbox', 'control-plane', 'both'].includes(server)) throw new Error(`--on takes sandbox, control-plane or both, not "${server}"`)
const numberOf = (name: 'share' | 'points' | 'jobs'): number | undefined => {
  const text = values[name]
  if (text !== undefined && !(Number(text) > 0)) throw new Error(`--${name} takes a number above 0, not "${text}"`)
  return text === undefined ? undefined : Number(text)
}
const [share, points, jobs] = [numberOf('share'), numberOf('points'), numberOf('jobs')]
const chosen = histories(scenario)
const whole = values.on === 'both' && !scenario && share === undefined && points === undefined && values.real === undefined

/** So many points are played where nothing else is said: those of the real binary, and those on the control plane. */
const some = { binary: 40, controlPlane: 210 }

async function part(title: string, ground: Ground, count?: number): Promise<Part> {
  await using play = startPool(ground)
  const began = performance.now()
  let told = began
  // What works everywhere needs a cluster of its own.
  const playable = typeof ground.on === 'object' ? chosen.filter(({ scope }) => scope !== 'cluster') : chosen
  const certificate = await certify({
    histories: playable,
    play,
    count: (all) => Math.ceil(points ?? (share === undefined ? (count ?? all) : all * share)),
    seed,
    jobs: jobs ?? availableParallelism(),
    progress(done, all, failures) {
      if (performance.now() - told < 10_000 && done < all) return
      told = performance.now()
      console.log(`${title}: ${done}/${all}, ${failures} failures, ${Math.round((told - began) / 1000)} s`)
    },
    failed: (failure) => console.log(failureText(failure)),
  })
  const result: Part = { title, certificate, seconds: Math.round((performance.now() - began) / 1000), seed }
  console.log(table(result))
  return result
}

const parts: Part[] = []
if (server !== 'control-plane') {
  if (whole || !values.binary) parts.push(await part('the sandbox, in simulations', { on: 'simulation', binary: false }))
  if (whole || values.binary)
    parts.push(await part('the sandbox, the real binary and SIGKILL', { on: 'sandbox', binary: true }, some.binary))
}
if (server !== 'sandbox') {
  await using started = values.real === undefined ? await startControlPlane({ nodes: 2, say: (line) => console.error(line) }) : undefined
  const on = { server: accessIn(started?.kubeconfig ?? (values.real as string)) }
  if (whole || !values.binary) parts.push(await part('a real control plane', { on, binary: false }, some.controlPlane))
  if (whole || values.binary) parts.push(await part('a real control plane, the real binary and SIGKILL', { on, binary: true }, some.binary))
}
if (whole) writePage(page(parts.map(table)))
// Operators that were killed leave timers of requests that will never be answered.
process.exit(parts.some(({ certificate }) => certificate.failures.length > 0) ? 1 : 0)
