/** What is measured, in the order in which it is told, and what it should be. */
import type { Values } from './in-process.ts'

export interface Row {
  readonly name: string
  /** Undefined where it was not measured. */
  readonly inProcess: number | undefined
  readonly http: number | undefined
  readonly https: number | undefined
  readonly real: number | undefined
  readonly goal: string
  /** Undefined where there is no goal. */
  readonly met: boolean | undefined
}

interface Goal {
  readonly text: string
  met(values: Values): boolean
}

const atLeast =
  (key: string, bound: number): ((values: Values) => boolean) =>
  (values) =>
    (values[key] ?? Number.NaN) >= bound
const below =
  (key: string, bound: number): ((values: Values) => boolean) =>
  (values) =>
    (values[key] ?? Number.NaN) < bound

/** `part`: of the in-process values; `socket`: of those over a socket. */
const rows: readonly { name: string; part?: string; socket?: string; goal?: Goal }[] = [
  { name: 'start to first answer, ms', part: 'start.without', goal: { text: '< 100', met: below('start.without', 100) } },
  { name: 'the same with the import of the sources, ms', part: 'start.withImport' },
  {
    name: 'applies of new ConfigMaps a second',
    part: 'writes.created',
    socket: 'created',
    goal: { text: '≥ 5000; HTTP ≥ 2000', met: (values) => atLeast('writes.created', 5000)(values) && metOverSocket(values, 'created') },
  },
  {
    name: 'applies that change one field, a second',
    part: 'writes.changed',
    socket: 'changed',
    goal: { text: '≥ 5000; HTTP ≥ 2000', met: (values) => atLeast('writes.changed', 5000)(values) && metOverSocket(values, 'changed') },
  },
  { name: 'applies that change nothing, a second', part: 'writes.unchanged', socket: 'unchanged' },
  { name: 'GETs a second', part: 'writes.read', socket: 'read' },
  { name: 'list of all, first, ms', part: 'writes.list', socket: 'list' },
  { name: 'list of all, again, ms', part: 'writes.listAgain' },
  { name: 'applies of new custom resources with CEL, a second', part: 'custom.created' },
  { name: 'applies that change one field of them, a second', part: 'custom.changed' },
  { name: 'applies of Deployments of 3, a second', part: 'workloads.applies' },
  { name: 'until all their pods are ready, s', part: 'workloads.allReady', socket: 'deployments' },
  { name: 'one Deployment of 3 ready, ms', socket: 'deployment' },
  { name: 'event at a watcher, p50, ms', socket: 'reachMedian' },
  { name: 'event at a watcher, p99, ms', socket: 'reachMost' },
  { name: 'event at the last watcher, p50, ms', socket: 'lastMedian', goal: { text: '< 10', met: below('http.lastMedian', 10) } },
  { name: 'event at the last watcher, p99, ms', socket: 'lastMost' },
  { name: 'ConfigMaps: heap for each, bytes', part: 'memory.each' },
  { name: 'ConfigMaps: heap, MB', part: 'memory.heap', goal: { text: '< 500', met: below('memory.heap', 500) } },
  { name: 'ConfigMaps: resident at most, MB', part: 'memory.largest', goal: { text: '< 500', met: below('memory.largest', 500) } },
  { name: 'five kinds: heap for each, bytes', part: 'mixed.each' },
  { name: 'five kinds: heap, MB', part: 'mixed.heap', goal: { text: '< 500', met: below('mixed.heap', 500) } },
  { name: 'five kinds: resident at most, MB', part: 'mixed.largest', goal: { text: '< 500', met: below('mixed.largest', 500) } },
]

const metOverSocket = (values: Values, key: string): boolean =>
  values[`http.${key}`] === undefined || (values[`http.${key}`] as number) >= 2000

export function goals(values: Values): Row[] {
  return rows.flatMap(({ name, part, socket, goal }): Row[] => {
    const over = (scheme: string): number | undefined => (socket === undefined ? undefined : values[`${scheme}.${socket}`])
    const row = {
      name,
      inProcess: part === undefined ? undefined : values[part],
      http: over('http'),
      https: over('https'),
      real: over('real'),
    }
    const isMeasured = Object.values(row).some((value) => typeof value === 'number')
    return isMeasured ? [{ ...row, goal: goal?.text ?? '', met: goal?.met(values) }] : []
  })
}
