/**
 * A fleet at rest: what an operator asks of the server while other programs write the status of its dependents, and when it starts again.
 *
 * The operator has an account of its own, so that the audit log tells its requests from everybody else's. One Berth more than asked for
 * stands apart: an edit of its Deployment and its Service is healed after all that came before on the same watches, and tells that the
 * operator has taken it in. What it costs to heal this one, and to tell of it in Events, is not counted.
 */
import { fileURLToPath } from 'node:url'
import type { AuditRecord } from '../../controlplane/audit.ts'
import type { Cluster, PolicyRule } from '../../controlplane/cluster.ts'
import { scrape, untilPasses } from '../metrics.ts'
import { change, collection, create, installDefinition, read } from '../objects.ts'
import type { OperatorProcess } from '../operator-process.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
export const watches = `${project}/watches.yaml`
export const dependents = 5
/** Named so that it is neither the first nor among those that are counted. */
const lookout = 'lookout'

const rules: readonly PolicyRule[] = [
  { apiGroups: ['berths.example.com'], resources: ['berths'], verbs: ['get', 'list', 'watch', 'patch'] },
  { apiGroups: ['berths.example.com'], resources: ['berths/status'], verbs: ['patch'] },
  { apiGroups: ['berths.example.com'], resources: ['berths/finalizers'], verbs: ['update'] },
  {
    apiGroups: ['', 'apps'],
    resources: ['configmaps', 'secrets', 'serviceaccounts', 'services', 'deployments'],
    verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
  },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'patch'] },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
]

/** What a request at rest may be for, and what may not be. */
export type Purpose = 'watch' | 'list' | 'discovery' | 'definition' | 'lease' | 'other'

export const purposeOf = ({ verb, resource }: Pick<AuditRecord, 'verb' | 'resource'>): Purpose => {
  if (resource === '') return 'discovery'
  if (resource === 'leases') return 'lease'
  if (resource === 'customresourcedefinitions' && verb === 'get') return 'definition'
  return verb === 'watch' || verb === 'list' ? verb : 'other'
}

export type Calls = Readonly<Record<Purpose, number>>

export interface Rest {
  primaries: number
  /** Status writes of others that the operator was told of. */
  churn: number
  /** Requests from the last write of the creation on: while the statuses changed, and of the restart. */
  during: Calls
  restart: Calls
  /** Events about the counted primaries: nothing is done for them, so there is nothing to tell. */
  told: number
  /** What was asked besides: verb, path and answer. */
  others: readonly string[]
  /** Passes of both phases. */
  passes: number
}

export interface FleetOptions {
  cluster: Cluster
  /** Starts an operator with these credentials; resolves when it is ready. */
  start: (options: { kubeconfig: string; watches: string }) => Promise<OperatorProcess>
  primaries: number
  /** How often the status of each Deployment and each Service is written. */
  rounds: number
  say?: (line: string) => void
}

export async function restOf({ cluster, start, primaries, rounds, say = () => {} }: FleetOptions): Promise<Rest> {
  const berths = await installDefinition(cluster, `${project}/charts/berth/crds/berth.yaml`)
  const kubeconfig = await cluster.kubeconfigFor({ name: 'harbour', namespace: cluster.namespace, rules })
  const definitions = [{ apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['get'] }]
  await cluster.kubeconfigFor({ name: 'harbour', rules: definitions })
  const first = await start({ kubeconfig, watches })
  const names = Array.from({ length: primaries }, (_, number) => `berth-${number}`)
  await atOnce([...names, lookout], async (name) => {
    await create(cluster, berths, {
      apiVersion: 'berths.example.com/v1',
      kind: 'Berth',
      metadata: { name },
      spec: { ship: `ship of ${name}` },
    })
  })
  say(`${primaries} Berths are created`)
  await untilReady(cluster, berths, primaries + 1)
  await heal(cluster)
  await untilSettled(cluster, first)
  say('all are ready')

  const user = `system:serviceaccount:${cluster.namespace}:harbour`
  const toldBefore = await eventsAbout(cluster, names)
  const begin = cluster.audit.mark()
  const passesBefore = (await scrape(first)).passes()
  for (let round = 1; round <= rounds; round++) await atOnce(names, async (name) => await churn(cluster, name, round))
  await heal(cluster)
  await untilSettled(cluster, first)
  const passesOfChurn = (await scrape(first)).passes() - passesBefore
  say(`${rounds * primaries * 2} statuses are written; ${passesOfChurn} passes`)
  await first.stop()
  const restarted = cluster.audit.mark()
  const second = await start({ kubeconfig, watches })
  await untilPasses(cluster, second, primaries + 1)
  await heal(cluster)
  await untilSettled(cluster, second)
  const passesOfRestart = (await scrape(second)).passes()
  say(`started again; ${passesOfRestart} passes`)
  await second.stop()

  // The Events are those about the lookout, which is healed; those about others are counted in the cluster.
  const counted = (records: readonly AuditRecord[]): AuditRecord[] =>
    records.filter(({ name, resource }) => name !== lookout && resource !== 'events')
  const all = counted(cluster.audit.requests({ user, since: begin }))
  const again = counted(cluster.audit.requests({ user, since: restarted }))
  return {
    primaries,
    churn: rounds * primaries * 2,
    during: countsOf(all.slice(0, all.length - again.length)),
    restart: countsOf(again),
    told: (await eventsAbout(cluster, names)) - toldBefore,
    others: all.filter((record) => purposeOf(record) === 'other').map(({ verb, requestURI, code }) => `${verb} ${requestURI} ${code}`),
    passes: passesOfChurn + passesOfRestart,
  }
}

/** How often something was told of these primaries. */
async function eventsAbout(cluster: Cluster, names: readonly string[]): Promise<number> {
  const about = new Set(names)
  const { items } = await read<{ items: { regarding: { kind: string; name: string }; series?: { count: number } }[] }>(
    cluster,
    collection(cluster, 'events.k8s.io/v1', 'events'),
  )
  const found = items.filter(({ regarding }) => regarding.kind === 'Berth' && about.has(regarding.name))
  return found.reduce((sum, { series }) => sum + (series?.count ?? 1), 0)
}

function countsOf(records: readonly AuditRecord[]): Calls {
  const counts: Record<Purpose, number> = { watch: 0, list: 0, discovery: 0, definition: 0, lease: 0, other: 0 }
  for (const record of records) counts[purposeOf(record)]++
  return counts
}

/** A condition that no program knows: what the dependents' readiness is made of stays as it is. */
async function churn(cluster: Cluster, name: string, round: number): Promise<void> {
  const condition = { type: 'example.com/Tide', status: round % 2 === 1 ? 'True' : 'False', reason: 'Tide', message: `tide ${round}` }
  const patch = { status: { conditions: [condition] } }
  const lastTransitionTime = '2026-01-01T00:00:00Z'
  const ofService = { status: { conditions: [{ ...condition, lastTransitionTime }] } }
  for (const [path, body] of [
    [`${collection(cluster, 'apps/v1', 'deployments')}/${name}/status`, patch],
    [`${collection(cluster, 'v1', 'services')}/${name}/status`, ofService],
  ] as const) {
    const answer = await cluster.request('PATCH', path, { contentType: 'application/strategic-merge-patch+json', body })
    if (answer.status !== 200) throw new Error(`PATCH ${path} was answered ${answer.status}: ${answer.body.message}`)
  }
}

/** Edits the one that stands apart, on each watch that carries churn, and resolves when that is taken back. */
async function heal(cluster: Cluster): Promise<void> {
  const deployment = `${collection(cluster, 'apps/v1', 'deployments')}/${lookout}`
  const service = `${collection(cluster, 'v1', 'services')}/${lookout}`
  await change(cluster, deployment, { spec: { replicas: 1 } })
  await change(cluster, service, { spec: { selector: { app: 'nobody' } } })
  interface Live {
    spec: { replicas: number; selector: { app: string } }
  }
  await cluster.eventually(
    async () =>
      (await read<Live>(cluster, deployment)).spec.replicas === 0 && (await read<Live>(cluster, service)).spec.selector.app === lookout,
    { describe: 'both edits are taken back', timeout: 120_000 },
  )
}

async function untilReady(cluster: Cluster, berths: string, count: number): Promise<void> {
  interface Berth {
    status?: { conditions?: { type: string; status: string }[] }
  }
  await cluster.eventually(
    async () => {
      const { items } = await read<{ items: Berth[] }>(cluster, berths)
      const ready = items.filter(({ status }) => status?.conditions?.some((each) => each.type === 'Ready' && each.status === 'True'))
      if (ready.length < count) throw new Error(`${ready.length} are`)
      return true
    },
    { describe: `${count} Berths are ready`, interval: 1_000, timeout: 60_000 + count * 200 },
  )
}

async function untilSettled(cluster: Cluster, operator: OperatorProcess): Promise<void> {
  await cluster.eventually(async () => (await scrape(operator)).settled, { describe: 'no primary is due', timeout: 120_000 })
}

/** Sixteen at a time. */
async function atOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values()
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (const item of left) await work(item)
    }),
  )
}
