/**
 * The crash certificate on the command line: every history beside the scenarios, killed at every point.
 *
 *   npm run certificate                                 every point on the sandbox, 240 on a real control plane, and the page in docs/
 *   npm run certificate -- --on sandbox --share 0.1 --seed 7
 *   npm run certificate -- --on sandbox --scenario pruning --points 20
 *   npm run certificate -- --on control-plane --points 50
 *   npm run certificate -- --real KUBECONFIG            a control plane that runs already
 */
import { parseArgs } from 'node:util'
import { certify, type Certificate } from '../../src/testing/crashes/certificate.ts'
import { controlPlaneGrounds, type Grounds, sandboxGrounds, simulatedGrounds } from './grounds.ts'
import { histories } from './histories.ts'
import { failureText, page, type Part, table, writePage } from './report.ts'

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
    /** The real binary on the sandbox too. */
    binary: { type: 'boolean', default: false },
  },
})

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

/** So many points of the real binary are played on the sandbox, and on the control plane, where nothing else is said. */
const someOnSandbox = 60
const someOnControlPlane = 240

async function part(title: string, grounds: Grounds, some?: number): Promise<Part> {
  const began = performance.now()
  let told = began
  const certificate: Certificate = await certify({
    histories: chosen,
    openReference: grounds.openReference,
    openCrash: grounds.openCrash,
    count: (all) => Math.ceil(points ?? (share === undefined ? (some ?? all) : all * share)),
    seed,
    jobs: jobs ?? grounds.jobs,
    progress(done, all, failures) {
      if (performance.now() - told < 10_000 && done < all) return
      told = performance.now()
      console.log(`${title}: ${done}/${all}, ${failures} failures, ${Math.round((told - began) / 1000)} s`)
    },
  })
  const result: Part = { title, certificate, seconds: Math.round((performance.now() - began) / 1000), seed }
  for (const failure of certificate.failures) console.log(failureText(failure))
  console.log(table(result))
  return result
}

const parts: Part[] = []
if (server !== 'control-plane' && !values.binary) {
  await using grounds = simulatedGrounds()
  parts.push(await part('the sandbox, in simulated time', grounds))
}
if (values.binary || whole) {
  await using grounds = sandboxGrounds()
  parts.push(await part('the sandbox, the real binary and SIGKILL', grounds, someOnSandbox))
}
if (server !== 'sandbox') {
  await using grounds = await controlPlaneGrounds(values.real)
  parts.push(await part('a real control plane, the real binary and SIGKILL', grounds, someOnControlPlane))
}
if (whole) writePage(page(parts))
// Operators that were killed leave timers of requests that will never be answered.
process.exit(parts.some(({ certificate }) => certificate.failures.length > 0) ? 1 : 0)
