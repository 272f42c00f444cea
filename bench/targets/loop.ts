/**
 * The bare loop: a process that writes what an engine would write, over the same transport and with as many at a time, and does nothing
 * else. Events are among it, as many as an operator lets itself tell in that time. It is told of each custom resource as soon as it is there, and knows beforehand what an engine has to find out.
 *
 *   loop.ts KUBECONFIG
 */
import { hash } from 'node:crypto'
import { hostname } from 'node:os'
import type { KubernetesObject } from '../../src/api/object.ts'
import { fieldManager } from '../../src/api/names.ts'
import { createClient, type Resource } from '../../src/kube/client.ts'
import { loadCredentials } from '../../src/kube/credentials.ts'
import { systemClock } from '../../src/kube/deadline.ts'
import { applyStatus, createOnly } from '../../src/kube/writes.ts'
import { EventRecorder } from '../../src/operator/events.ts'
import { silentLogger } from '../../src/operator/log.ts'
import { desiredObjects } from '../../src/reconcile/desired.ts'
import type { Write } from '../../src/reconcile/pass-events.ts'
import { programOf, shopStatus } from '../control-plane/bare-loop.ts'
import { loopAgent, watchesFile } from './subject.ts'

/** As many as an operator's passes. */
const workers = 8

const resource = (group: string, version: string, kind: string, plural: string): Resource => ({
  group,
  version,
  kind,
  plural,
  namespaced: true,
  verbs: [],
  subresources: ['status'],
})
const shops = resource('bench.fairlead.dev', 'v1', 'Shop', 'shops')
const resources = [
  resource('', 'v1', 'ConfigMap', 'configmaps'),
  resource('', 'v1', 'Service', 'services'),
  resource('', 'v1', 'ServiceAccount', 'serviceaccounts'),
  resource('apps', 'v1', 'Deployment', 'deployments'),
]

const sha256 = (text: string): string => hash('sha256', text, 'hex')
const loaded = await loadCredentials({ kubeconfig: process.argv[2], environment: {} })
if (loaded.kind === 'problem') throw new Error(loaded.problem.message)
const client = createClient(loaded.credentials, { userAgent: loopAgent, maxConnections: workers * 4 })
const program = programOf(watchesFile)
const capabilities = { kubeVersion: { version: 'v1.36.0', major: '1', minor: '36' }, apiVersions: [] }

const events = new EventRecorder({
  client,
  log: silentLogger,
  instance: hostname(),
  clock: systemClock,
  now: Date.now,
  counted: () => {},
  worded: (note) => note,
})

async function serve(primary: KubernetesObject): Promise<void> {
  const answer = program.next({ primary, resources: [], unknown: {}, capabilities, now: 0 })
  if (answer.kind !== 'rendered') throw new Error(`the workload does not render: ${JSON.stringify(answer)}`)
  const { objects } = desiredObjects(primary, answer.documents, { scopeOf: () => 'Namespaced', sha256 })
  const uid = primary.metadata.uid as string
  const writes = await Promise.all(
    objects.map(async ({ body }): Promise<Write> => {
      const found = resources.find(({ kind }) => kind === body.kind) as Resource
      const of = await createOnly(client, found, body, { manager: fieldManager('dependents', uid) })
      return { verb: 'created', cause: 'spec', of }
    }),
  )
  events.wrote(primary, writes)
  const { status } = shopStatus(primary.metadata.name)
  const { resourceVersion } = primary.metadata as { resourceVersion: string }
  await applyStatus(client, shops, primary.metadata, { manager: fieldManager('status', uid), uid, resourceVersion, status })
}

const waiting: KubernetesObject[] = []
let running = 0
function next(): void {
  while (running < workers) {
    const primary = waiting.shift()
    if (!primary) return
    running++
    void serve(primary).then(() => {
      running--
      next()
    })
  }
}
process.on('disconnect', () => process.exit())
process.on('message', (primary: KubernetesObject) => {
  waiting.push(primary)
  next()
})
process.send?.('ready')
