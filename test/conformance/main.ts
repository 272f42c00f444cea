/**
 * The conformance suite as a command: every case on the sandbox and on the real control plane, with what differs.
 *
 *   node test/conformance/main.ts                       starts both servers, runs all groups, writes docs/reference/sandbox-conformance.md
 *   node test/conformance/main.ts --real KUBECONFIG     takes a control plane that runs already
 *   node test/conformance/main.ts GROUP [--case WORDS]  a part, nothing is written
 *   --on real | sandbox     one server alone; "real" twice, which finds what is not masked
 *   --sandbox URL           takes a sandbox that runs already (its token: "sandbox")
 *   --show                  prints the masked answers
 *   --workers 6             so many cases at the same time
 *   --seed 36               what is made up in them
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startControlPlane } from '../controlplane/control-plane.ts'
import type { Case } from './case.ts'
import { runAlone, runOnBoth, type Comparison } from './compare.ts'
import { casesOf, groups, type Group } from './groups.ts'
import { report, reportPath } from './report.ts'
import { Transport, type Endpoint } from './transport.ts'
import { printUsage } from '../usage.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    real: { type: 'string' },
    sandbox: { type: 'string' },
    on: { type: 'string', default: 'both' },
    case: { type: 'string', default: '' },
    show: { type: 'boolean', default: false },
    workers: { type: 'string', default: '6' },
    seed: { type: 'string', default: '36' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (values.help) printUsage(import.meta.url)

interface Started {
  endpoint: Endpoint
  stop: () => Promise<void>
}

async function realServer(): Promise<Started> {
  if (values.real === undefined) {
    const controlPlane = await startControlPlane({ nodes: 2, say: (line) => console.error(line) })
    return { endpoint: controlPlane.access, stop: async () => await controlPlane.stop() }
  }
  const config = JSON.parse(readFileSync(values.real, 'utf8'))
  const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster
  const endpoint = { server, ca: Buffer.from(ca, 'base64').toString(), token: config.users[0].user.token }
  return { endpoint, stop: async () => await Promise.resolve() }
}

async function sandboxServer(): Promise<Started> {
  if (values.sandbox !== undefined)
    return { endpoint: { server: values.sandbox, token: 'sandbox' }, stop: async () => await Promise.resolve() }
  const { startSandbox } = await import('./sandbox-server.ts')
  return await startSandbox(real === undefined ? 2 : await nodesOf(real.endpoint))
}

async function nodesOf(endpoint: Endpoint): Promise<number> {
  const transport = new Transport(endpoint)
  const { content } = await transport.send({ method: 'GET', path: '/api/v1/nodes', headers: {} })
  transport.close()
  return JSON.parse(content).items.length
}

const asked = positionals.length === 0 ? groups : groups.filter((group) => positionals.includes(group))
if (asked.length < positionals.length) throw new Error(`the groups are ${groups.join(', ')}`)
const list: { group: Group; each: Case }[] = []
for (const group of asked) for (const each of await casesOf(group)) if (each.title.includes(values.case)) list.push({ group, each })

const real = values.on === 'sandbox' ? undefined : await realServer()
const sandbox = values.on === 'real' ? undefined : await sandboxServer()
const options = { seed: Number(values.seed) }

async function run(each: Case): Promise<Comparison> {
  try {
    if (real !== undefined && sandbox !== undefined) return await runOnBoth(real.endpoint, sandbox.endpoint, each, options)
    if (real !== undefined) return await runOnBoth(real.endpoint, real.endpoint, each, options)
    if (sandbox !== undefined) return { differences: [], answers: await runAlone(sandbox.endpoint, each, options) }
    throw new Error('no server to run on')
  } catch (error) {
    return { differences: [String(error)], answers: [] }
  }
}

const counts = { equal: 0, known: 0, wrong: 0 }
const began = performance.now()
let next = 0
await Promise.all(
  Array.from({ length: Number(values.workers) }, async () => {
    for (let at = next++; at < list.length; at = next++) {
      const { group, each } = list[at] as (typeof list)[number]
      const { differences, answers } = await run(each)
      const different = differences.length > 0
      const twoServers = values.on === 'both'
      if (values.show) console.log(`${group}: ${each.title}\n${JSON.stringify(answers, null, 1)}`)
      if (each.differs !== undefined && twoServers && different) counts.known += 1
      else if (each.differs !== undefined && twoServers) {
        counts.wrong += 1
        console.log(`✗ ${group}: ${each.title}\n    is equal by now: take away its "differs"`)
      } else if (different) {
        counts.wrong += 1
        console.log([`✗ ${group}: ${each.title}`, ...differences.slice(0, 25).map((line) => `    ${line.slice(0, 2000)}`)].join('\n'))
      } else counts.equal += 1
    }
  }),
)
const seconds = ((performance.now() - began) / 1000).toFixed(1)
if (values.on === 'both' && positionals.length === 0 && values.case === '' && counts.wrong === 0) writeFileSync(reportPath, await report())
console.log(`${list.length} cases: ${counts.equal} equal, ${counts.known} known differences, ${counts.wrong} wrong; ${seconds} s`)
await sandbox?.stop()
await real?.stop()
process.exitCode = counts.wrong > 0 ? 1 : 0
