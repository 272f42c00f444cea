/**
 * `npm run zero-calls`: what a fleet at rest asks of a real API server, by the server's own audit log; with anything but watches, leases
 * and what belongs to a start, it ends with 1.
 *
 *   node bench/zero-calls.ts [--primaries N] [--rounds N] [--output text|json]
 */
import { parseArgs } from 'node:util'
import { startControlPlane } from '../test/controlplane/control-plane.ts'
import { OperatorProcess } from '../test/scenarios/operator-process.ts'
import { dependents, restOf } from '../test/scenarios/zero-calls/fleet.ts'
import { table } from './statistics.ts'

const { values: flags } = parseArgs({
  options: {
    primaries: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '3' },
    output: { type: 'string', default: 'text' },
  },
})
const say = (line: string): void => console.error(line)

await using controlPlane = await startControlPlane({ say })
const cluster = await controlPlane.cluster()
const rest = await restOf({
  cluster,
  start: async (options) => {
    const operator = new OperatorProcess({ ...options, namespaces: [cluster.namespace] })
    await operator.ready(120_000)
    return operator
  },
  primaries: Number(flags.primaries),
  rounds: Number(flags.rounds),
  say,
})
if (flags.output === 'json') console.log(JSON.stringify({ date: new Date().toISOString(), ...rest }, undefined, 2))
else {
  const { primaries, churn, passes, during, restart, others } = rest
  console.log(`${primaries} primaries with ${dependents} dependents each; ${churn} status writes of others; ${passes} passes\n`)
  console.log(
    table(
      ['requests', 'while statuses change', 'restart'],
      (Object.keys(during) as (keyof typeof during)[]).map((purpose) => [purpose, String(during[purpose]), String(restart[purpose])]),
    ),
  )
  for (const other of others) console.log(other)
}
process.exitCode = rest.others.length > 0 ? 1 : 0
