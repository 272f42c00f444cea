/**
 * `npm run bench:sandbox`: what the sandbox takes in time and memory, in process and over a socket; with `--real`, beside the real server.
 *
 * The sandbox runs as its own process on the first core, the load generator on the others.
 *
 *   node bench/sandbox.ts [--objects N] [--held N] [--events N] [--watchers N] [--deployments N] [--starts N] [--real]
 *     [--phase start|writes|custom|workloads|memory|mixed|http|https|real]… [--output text|json]
 */
import { availableParallelism, cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { goals } from './sandbox/goals.ts'
import { measure } from './sandbox/measure.ts'
import { isPinned } from './sandbox/part.ts'
import { short, table } from './statistics.ts'

const { values: flags } = parseArgs({
  options: {
    objects: { type: 'string', default: '5000' },
    held: { type: 'string', default: '50000' },
    events: { type: 'string', default: '200' },
    watchers: { type: 'string', default: '100' },
    deployments: { type: 'string', default: '1000' },
    starts: { type: 'string', default: '5' },
    real: { type: 'boolean', default: false },
    phase: { type: 'string', multiple: true, default: [] },
    output: { type: 'string', default: 'text' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (flags.help) {
  console.log(`npm run bench:sandbox -- [options]

  --objects N       ConfigMaps that are written and read (5000)
  --held N          objects that are held at once (50000)
  --events N        events whose way is measured (200)
  --watchers N      watchers that hear of each (100)
  --deployments N   Deployments of three pods (1000)
  --starts N        starts, of which the median counts (5)
  --phase PART      a part alone, any number of times: start, writes, custom, workloads, memory, mixed, http, https, real
  --real            the real API server beside the sandbox, by the same client; needs Go
  --output FORMAT   text or json`)
  process.exit()
}

const loadBefore = loadavg()[0] as number
const values = await measure({
  objects: Number(flags.objects),
  held: Number(flags.held),
  events: Number(flags.events),
  watchers: Number(flags.watchers),
  deployments: Number(flags.deployments),
  starts: Number(flags.starts),
  real: flags.real,
  phases: flags.phase,
  say: (line) => console.error(line),
})
const rows = goals(values)
const where = isPinned ? 'the sandbox on one of them' : 'the sandbox on any of them'
const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}, ${where}, Node ${process.version}, load before ${short(loadBefore)}`

if (flags.output === 'json') console.log(JSON.stringify({ machine, date: new Date().toISOString(), flags, rows, values }, undefined, 2))
else {
  const { objects, held, watchers, deployments } = flags
  console.log(`${machine}; ${objects} objects, ${held} held, ${watchers} watchers, ${deployments} Deployments\n`)
  const cell = (value: number | undefined): string => (value === undefined ? '' : short(value))
  console.log(
    table(
      ['', 'in process', 'HTTP', 'HTTPS', ...(flags.real ? ['real server'] : []), 'goal', ''],
      rows.map(({ name, inProcess, http, https, real, goal, met }) => [
        name,
        ...[inProcess, http, https, ...(flags.real ? [real] : [])].map(cell),
        goal,
        met === undefined ? '' : met ? '✓' : '✗',
      ]),
    ),
  )
}
