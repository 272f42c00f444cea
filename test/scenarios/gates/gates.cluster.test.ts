import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { change, collection, create, exists, installDefinition, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'
import { untilTold } from '../told.ts'

/** As the condition names it while its rule does not hold. */
const broker =
  'ConfigMap/jobs-broker (its fairlead.dev/ready-when does not hold yet: {"and": [{"!!": {"get": ["metadata", "annotations", "broker.example.com/address"]}}, {"==": [{"var": "data.mode"}, "cluster"]}]})'
const project = fileURLToPath(new URL('operator', import.meta.url))
const queues = (cluster: Cluster) => collection(cluster, 'gates.example.com/v1', 'queues')
const configMap = (cluster: Cluster, name: string) => `${collection(cluster, 'v1', 'configmaps')}/${name}`

describe('an object with fairlead.dev/ready-when', () => {
  test('is not ready, and holds back what depends on it, until the rule holds; then an unchanged pass costs nothing', async ({
    cluster,
    operator,
  }) => {
    await installDefinition(cluster, `${project}/charts/queue/crds/queue.yaml`)
    const process = await operator({ watches: `${project}/watches.yaml` })
    const queue = `${queues(cluster)}/jobs`
    await create(cluster, queues(cluster), {
      apiVersion: 'gates.example.com/v1',
      kind: 'Queue',
      metadata: { name: 'jobs' },
      spec: { mode: 'single' },
    })
    const waits = { reason: 'WaitingForDependents', message: `ConfigMap/jobs-client waits for ${broker}` }
    expect(await untilCondition(cluster, queue, { status: 'False', message: /waits/ })).toMatchObject(waits)

    // One half of the rule is the template's, the other one somebody else's.
    await change(cluster, configMap(cluster, 'jobs-broker'), { metadata: { annotations: { 'broker.example.com/address': 'tcp://b' } } })
    await change(cluster, queue, { spec: { mode: 'dual' } })
    expect(await untilCondition(cluster, queue, { status: 'False', message: /waits/ })).toMatchObject(waits)
    expect(await exists(cluster, configMap(cluster, 'jobs-client'))).toBe(false)

    await change(cluster, queue, { spec: { mode: 'cluster' } })
    await untilCondition(cluster, queue, { status: 'True' })
    expect(await exists(cluster, configMap(cluster, 'jobs-client'))).toBe(true)

    await change(cluster, configMap(cluster, 'jobs-broker'), { metadata: { annotations: { 'broker.example.com/address': null } } })
    expect(await untilCondition(cluster, queue, { status: 'False' })).toMatchObject({
      reason: 'DependentsNotReady',
      message: `not ready: ${broker}`,
    })
    expect(await exists(cluster, configMap(cluster, 'jobs-client'))).toBe(true)
    await change(cluster, configMap(cluster, 'jobs-broker'), { metadata: { annotations: { 'broker.example.com/address': 'tcp://c' } } })
    await untilCondition(cluster, queue, { status: 'True' })
    await untilQuiet(cluster, process, queue)
  })
})

describe('a custom resource that has been on its way for ten minutes', () => {
  test('is told, also where an operator takes it over meanwhile', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/queue/crds/queue.yaml`)
    const metadata = { name: 'jobs' }
    await create(cluster, queues(cluster), { apiVersion: 'gates.example.com/v1', kind: 'Queue', metadata, spec: { mode: 'single' } })
    const queue = `${queues(cluster)}/jobs`
    await operator({ watches: `${project}/labelled.yaml` })
    const lastTransitionTime = `${new Date(Date.now() - 600_000 + 8_000).toISOString().slice(0, 19)}Z`
    const reconciling = { type: 'Reconciling', status: 'True', reason: 'WaitingForDependents', message: '', lastTransitionTime }
    const body = { status: { conditions: [reconciling] } }
    await cluster.request('PATCH', `${queue}/status`, { contentType: 'application/merge-patch+json', body })

    await change(cluster, queue, { metadata: { labels: { serve: 'yes' } } })

    expect(await untilTold(cluster, 'WaitingTooLong')).toMatchObject({
      type: 'Warning',
      regarding: { kind: 'Queue', name: 'jobs' },
      note: `on its way for ten minutes: ConfigMap/jobs-client waits for ${broker}`,
    })
  })
})

describe('an object whose fairlead.dev/ready-when is an expression', () => {
  test('is not ready until the expression holds for it as it is in the cluster', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/queue/crds/queue.yaml`)
    const process = await operator({ watches: `${project}/watches.yaml` })
    const queue = `${queues(cluster)}/jobs`
    const metadata = { name: 'jobs' }
    await create(cluster, queues(cluster), {
      apiVersion: 'gates.example.com/v1',
      kind: 'Queue',
      metadata,
      spec: { mode: 'cluster', monitor: 3 },
    })
    await cluster.eventually(async () => await exists(cluster, configMap(cluster, 'jobs-broker')), { describe: 'the broker is there' })
    await change(cluster, configMap(cluster, 'jobs-broker'), { metadata: { annotations: { 'broker.example.com/address': 'tcp://b' } } })
    const members = async (count: string) =>
      await change(cluster, configMap(cluster, 'jobs-monitor'), { metadata: { annotations: { 'monitor.example.com/members': count } } })
    const rule = String.raw`its fairlead\.dev/ready-when does not hold yet: Number\(it\.metadata\..* >= Number\(it\.data\.members\)`
    const waits = { status: 'False', message: new RegExp(String.raw`^not ready: ConfigMap/jobs-monitor \(${rule}\)$`) } as const
    await untilCondition(cluster, queue, waits)

    await members('2')
    await untilQuiet(cluster, process, queue)
    await untilCondition(cluster, queue, waits)
    await members('3')
    await untilCondition(cluster, queue, { status: 'True' })
    await untilQuiet(cluster, process, queue)
  })
})
