/** The rows of the report: what was measured beside what is aimed at. */
import { short } from '../statistics.ts'
import type { Values } from './values.ts'

export interface Row {
  name: string
  measured: string
  /** In words; undefined where a number is for information. */
  target: string | undefined
  met: boolean | undefined
}

interface Aim {
  text: string
  met: (value: number) => boolean
}

const atMost = (most: number): Aim => ({ text: `≤ ${most}`, met: (value) => value <= most })
const below = (limit: number): Aim => ({ text: `< ${limit}`, met: (value) => value < limit })
const atLeast = (least: number): Aim => ({ text: `≥ ${least}`, met: (value) => value >= least })

/** All rows of which every number was measured, in order. */
export function rows(values: Values, amounts: { burst: number; fleet: number; atRest: number }): Row[] {
  const { burst, fleet, atRest } = amounts
  const row = (name: string, keys: string | readonly string[], aim?: Aim): Row | undefined => {
    const found = [keys].flat().map((key) => values[key])
    const [first] = found
    if (first === undefined || found.includes(undefined)) return undefined
    return { name, measured: found.map((value) => short(value as number)).join(' / '), target: aim?.text, met: aim?.met(first) }
  }
  const pass = (what: string, key: string, aim?: Aim): (Row | undefined)[] => [
    row(`API calls ${what}`, `${key} calls`, aim),
    row(`bytes ${what}: read / written`, [`${key} bytes read`, `${key} bytes written`]),
  ]
  return [
    row(`${burst} from creation to Ready, as a share of what the bare loop reaches`, 'burst share', atLeast(0.9)),
    row(`${burst} from creation to Ready, s: engine / bare loop`, ['burst s', 'loop s']),
    row('CPU of that, s: engine / bare loop', ['burst cpu s', 'loop cpu s']),
    row('Events written meanwhile, within the same allowance: engine / bare loop', ['burst events', 'loop events']),
    row('new one under that load, in another namespace: four dependents, p99, s', 'load p99 s', atMost(2)),
    row('the same, p50, s', 'load p50 s'),
    row('of that, until anybody sees the custom resource itself: p50 / p99, s', ['load seen p50 s', 'load seen p99 s']),
    row('new one under that load, within the crowd: four dependents, p99, s', 'crowd p99 s'),
    row(`resident with ${fleet}, after a restart, MB`, 'found MB', atMost(350)),
    row(`resident with ${fleet}, by the process that made them, MB`, 'made MB', atMost(350)),
    row('the most that was resident, MB: after a restart / made', ['found most MB', 'made most MB']),
    row('resident with none, MB', 'idle MB'),
    row('resident for each, kB', 'found kB each'),
    row('heap for each in the caches, kB', 'heap kB each'),
    row(`full start over ${fleet}, lists to all verified, s`, 'start s', atMost(20)),
    row('CPU of that, s', 'start cpu s'),
    row('pass that finds nothing to do, after an annotation / a status of a dependent, µs', ['annotated µs', 'counted µs'], below(100)),
    row('pass that finds nothing to do, after a label: all rendered and compared, µs', 'compared µs', below(100)),
    row('pass that finds nothing to do, told by the versions, µs', 'versions µs', below(100)),
    row('render, µs', 'render µs'),
    row("from a custom resource's event to its dependent's, p50 / p99, ms", ['applied p50 ms', 'applied p99 ms']),
    ...pass('a creation', 'create'),
    ...pass('a changed field', 'change'),
    ...pass('a pass that finds nothing to do', 'touch', atMost(0)),
    row(
      `${atRest} at rest, churn and a restart: requests that are no watch, list, discovery, read of a definition or lease`,
      'rest others',
      atMost(0),
    ),
    row('status writes of others in that / passes', ['rest churn', 'rest passes']),
  ].filter((each) => each !== undefined)
}
