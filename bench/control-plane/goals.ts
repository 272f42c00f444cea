/** The rows of the report: what was measured, and what is aimed at. */
import { short } from '../statistics.ts'
import type { Measured } from './measure.ts'

export interface Row {
  name: string
  value: number
  /** In words; left out where a number is for information. */
  goal?: string
  met?: boolean
}

/** All rows that were measured, in order. */
export function goals(values: Measured): Row[] {
  const row = (key: string, name: string, most?: number): Row => {
    const value = values[key] ?? Number.NaN
    return { name, value, ...(most !== undefined && { goal: `≤ ${most}`, met: value <= most }) }
  }
  const rate = values['burst children a second'] ?? Number.NaN
  // The whole job in the same run, custom resources and controllers included: the rates of bare applies alone leave those out.
  const limit = values['whole children a second'] ?? Number.NaN
  const rows = [
    row('start s', 'start until a waiting custom resource is ready, s', 0.6),
    row('child p50 ms', 'one created: 4th child p50, ms', 15),
    row('whole child p50 ms', 'one created, by a loop without an engine: 4th child p50, ms'),
    row('child p95 ms', 'one created: 4th child p95, ms'),
    row('status p50 ms', 'one created: status p50, ms', 30),
    row('whole status p50 ms', 'one created, by a loop without an engine: status p50, ms'),
    row('status p95 ms', 'one created: status p95, ms'),
    row('ready p50 ms', 'one created: Ready p50, ms'),
    row('ready p95 ms', 'one created: Ready p95, ms'),
    {
      name: 'all at once: children a second',
      value: rate,
      goal: `≥ 205, or 90 % of what a loop without an engine reaches (${short(limit)})`,
      met: rate >= 205 || rate >= 0.9 * limit,
    },
    row('whole children a second', 'all at once, by a loop without an engine: children a second'),
    row('burst statuses s', 'all at once: all statuses, s', 4.8),
    row('whole statuses s', 'all at once, by a loop without an engine: all statuses, s'),
    row('burst ready s', 'all at once: all Ready, s'),
    row('burst engine cpu s', "all at once: engine's CPU, s"),
    row('burst server cpu s', "all at once: API server's and etcd's CPU, s"),
    row('requests create', 'requests a create', 6),
    row('requests create writes', 'writes a create'),
    row('burst requests create', 'all at once: requests a create', 6),
    row('requests update', 'requests an update of one field', 2),
    row('requests touch', 'requests a touched annotation', 0),
    row('requests resync', 'requests a resync', 0),
    row('requests restart', 'requests a restart', 0),
    row('deployment back s', 'deleted Deployment back, s', 1),
    row('config map back s', 'changed ConfigMap value back, s', 1),
    row('service port back s', 'edited Service port back, s', 1),
    row('killed wrong', 'kill −9 during the creation: wrong at the end', 0),
    row('idle MB', 'resident when idle, MB', 95),
    row('burst kB a resource', 'all at once: kB a custom resource'),
    row('many kB a resource', 'many: kB a custom resource', 25),
    row('many kB a resource after restart', 'many, after a restart: kB a custom resource'),
  ]
  return rows.filter(({ value }) => !Number.isNaN(value))
}
