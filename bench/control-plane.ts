/**
 * `npm run bench:control-plane`: one custom resource → ConfigMap, Service, ServiceAccount and Deployment with 0 replicas, on a real
 * Kubernetes control plane that shares the machine with the engine and the load generator. Beside the goals, and beside a bare loop that
 * sends the same bodies in the same run.
 *
 *   node bench/control-plane.ts [--runs N] [--samples N] [--burst N] [--many N] [--program FILE] [--output text|json]
 *     [--phase start|single|burst|bare|killed|many]… [-- flags of fairlead run]
 */
import { existsSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { load as parseYaml } from 'js-yaml'
import { startControlPlane } from '../test/controlplane/control-plane.ts'
import { eventually } from '../test/controlplane/eventually.ts'
import type { BareLoop } from './control-plane/bare-loop.ts'
import { Load } from './control-plane/load.ts'
import { type Measured, measure } from './control-plane/measure.ts'
import { goals } from './control-plane/goals.ts'
import { median, short, table } from './statistics.ts'

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '1' },
    samples: { type: 'string', default: '40' },
    burst: { type: 'string', default: '200' },
    many: { type: 'string', default: '1000' },
    phase: { type: 'string', multiple: true, default: [] },
    output: { type: 'string', default: 'text' },
    // dist/fairlead.js measures the bundle that npm run build makes.
    program: { type: 'string', default: 'bin/fairlead.js' },
    node: { type: 'string', multiple: true, default: [] },
  },
})

const program = resolve(fileURLToPath(new URL('..', import.meta.url)), flags.program)
if (!existsSync(program)) throw new Error(`${program} is not there: npm run build makes it`)
const say = (line: string): void => console.error(line)

await using controlPlane = await startControlPlane({ say })
await installDefinition()
const runs: { values: Measured; bare: BareLoop[] }[] = []
for (let number = 1; number <= Number(flags.runs); number++) {
  say(`run ${number} of ${flags.runs}`)
  runs.push(
    await measure({
      controlPlane,
      program,
      prefix: `run-${number}`,
      samples: Number(flags.samples),
      burst: Number(flags.burst),
      many: Number(flags.many),
      phases: flags.phase,
      args: positionals,
      nodeArgs: flags.node,
      say,
    }),
  )
}

const bare = [1, 4, 16, 64].map((inFlight) => {
  const levels = runs.flatMap((run) => run.bare.filter((each) => each.inFlight === inFlight))
  return {
    inFlight,
    creates: median(levels.map((each) => each.creates)),
    unchanged: median(levels.map((each) => each.unchanged)),
    gets: median(levels.map((each) => each.gets)),
  }
})
const values: Measured = Object.fromEntries(
  Object.keys(runs[0]?.values ?? {}).map((key) => [key, median(runs.map((run) => run.values[key]).filter((value) => value !== undefined))]),
)
const rows = goals(values)
const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, ${flags.program}`

if (flags.output === 'json') console.log(JSON.stringify({ machine, date: new Date().toISOString(), rows, bare, runs }, undefined, 2))
else {
  console.log(`${machine}; ${flags.runs} run${flags.runs === '1' ? '' : 's, medians of them'}\n`)
  console.log(
    table(
      ['', 'measured', 'goal', ''],
      rows.map(({ name, value, goal, met }) => [name, short(value), goal ?? '', met === undefined ? '' : met ? '✓' : '✗']),
    ),
  )
  console.log('\nThe bare loop in the same run, a second:\n')
  console.log(
    table(
      ['in flight', 'applies that create', 'applies that change nothing', 'GETs'],
      bare.map((each) => [each.inFlight, each.creates, each.unchanged, each.gets].map((value) => Math.round(value).toString())),
    ),
  )
}

async function installDefinition(): Promise<void> {
  await using load = new Load(controlPlane.access)
  const manifest = parseYaml(readFileSync(new URL('workload/chart/crds/shop.yaml', import.meta.url), 'utf8')) as object
  await load.send('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', manifest)
  await eventually(async () => await load.send('GET', '/apis/bench.fairlead.dev/v1/shops'), { describe: 'the server serves Shops' })
}
