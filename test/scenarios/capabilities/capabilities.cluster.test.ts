import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { collection, create, installDefinition, read, remove, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const gauges = fileURLToPath(new URL('gauge.yaml', import.meta.url))
const watches = `${project}/watches.yaml`
const apiVersion = 'capabilities.example.com/v1'

async function createProbe(cluster: Cluster, name: string, ask: boolean): Promise<string> {
  const probes = await installDefinition(cluster, `${project}/charts/probe/crds/probe.yaml`)
  await create(cluster, probes, { apiVersion, kind: 'Probe', metadata: { name }, spec: { ask } })
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
    const asking = await createProbe(cluster, 'asking', true)
    const other = await createProbe(cluster, 'other', false)
    await untilCondition(cluster, asking, { status: 'True' })
    await untilCondition(cluster, other, { status: 'True' })
    await untilGauges(cluster, 'asking', 'no')
    await cluster.eventually(async () => (await scrape(process)).settled, { describe: 'no pass is due' })

    await installDefinition(cluster, gauges)
    const appeared = await untilGauges(cluster, 'asking', 'yes')
    await remove(cluster, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gauges.optional.capabilities.example.com')
    const went = await untilGauges(cluster, 'asking', 'no')
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
