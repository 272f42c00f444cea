import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition, untilConditions } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const gauges = fileURLToPath(new URL('gauge.yaml', import.meta.url))
const watches = `${project}/watches.yaml`
const apiVersion = 'capabilities.example.com/v1'

async function createProbe(cluster: Cluster, name: string, spec: { ask: boolean; store?: boolean }): Promise<string> {
  const probes = await installDefinition(cluster, `${project}/charts/probe/crds/probe.yaml`)
  await create(cluster, probes, { apiVersion, kind: 'Probe', metadata: { name }, spec })
  return `${probes}/${name}`
}

const untilGauges = async (cluster: Cluster, name: string, text: string): Promise<number> => {
  const since = performance.now()
  const path = `${collection(cluster, 'v1', 'configmaps')}/${name}`
  await cluster.eventually(async () => (await read<{ data: { gauges: string } }>(cluster, path)).data.gauges === text, {
    describe: `ConfigMap/${name} says ${text}`,
    timeout: 40_000,
  })
  return performance.now() - since
}

describe('a kind that the cluster offers from some time on, and then no longer', () => {
  test('wakes the custom resources whose templates have read what it offers', { timeout: 120_000 }, async ({ cluster, operator }) => {
    const process = await operator({ watches, wait: false })
    const asking = await createProbe(cluster, 'asking', { ask: true })
    const other = await createProbe(cluster, 'other', { ask: false })
    const storing = await createProbe(cluster, 'storing', { ask: false, store: true })
    await untilCondition(cluster, asking, { status: 'True' })
    await untilCondition(cluster, other, { status: 'True' })
    await untilCondition(cluster, storing, { status: 'True' })
    await untilGauges(cluster, 'asking', 'no')
    await cluster.eventually(async () => (await scrape(process)).settled, { describe: 'no pass is due' })

    const claim = `${collection(cluster, 'v1', 'persistentvolumeclaims')}/storing`
    await installDefinition(cluster, gauges)
    const appeared = await untilGauges(cluster, 'asking', 'yes')
    await cluster.eventually(async () => await exists(cluster, claim), { describe: 'a claim is there' })
    await cluster.eventually(async () => (await scrape(process)).settled, { describe: 'no pass is due' })
    await change(cluster, storing, { metadata: { annotations: { 'fairlead.dev/suspend': 'true' } } })
    await untilConditions(cluster, storing, ['Ready Unknown Suspended'])
    await remove(cluster, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gauges.optional.capabilities.example.com')
    const went = await untilGauges(cluster, 'asking', 'no')
    // Nobody's spec asked for that: what goes with the kind is held, though the spec changes in the same pass.
    await change(cluster, storing, { spec: { ask: true }, metadata: { annotations: { 'fairlead.dev/suspend': null } } })
    const held = await untilCondition(cluster, storing, { type: 'PruneHeld', status: 'True' })
    expect([held.reason, held.message]).toEqual(['InputChanged', expect.stringContaining('PersistentVolumeClaim/storing;')])
    expect(await exists(cluster, claim)).toBe(true)
    console.log(`seen ${(appeared / 1000).toFixed(1)} s after it appeared, ${(went / 1000).toFixed(1)} s after it went`)

    await cluster.eventually(async () => (await scrape(process)).settled, { describe: 'no pass is due' })
    await cluster.eventually(
      () => cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace, verb: 'patch', name: 'asking' }).length >= 3,
    )
    expect(
      cluster.audit.requests({
        userAgent: 'fairlead/',
        namespace: cluster.namespace,
        verb: 'patch',
        resource: 'configmaps',
        name: 'other',
      }),
    ).toHaveLength(1)
  })
})
