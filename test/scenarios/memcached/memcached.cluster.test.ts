import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const example = (file: string): string => fileURLToPath(new URL(`../../../examples/memcached/${file}`, import.meta.url))
const apiVersion = 'cache.example.com/v1alpha1'

interface Memcached {
  status?: { nodes?: string[] }
}

const podsOf = async (cluster: Cluster): Promise<string[]> => {
  const { items } = await read<{ items: { metadata: { name: string } }[] }>(cluster, collection(cluster, 'v1', 'pods'))
  return items.map(({ metadata }) => metadata.name).sort()
}

describe.each(['watches.yaml', 'watches-chart.yaml'])('a Memcached by %s', (watches) => {
  test('has as many pods as it asks for, and their names in its status', async ({ cluster, operator }) => {
    await installDefinition(cluster, example('crds/memcached.yaml'))
    const process = await operator({ watches: example(watches) })
    const memcacheds = collection(cluster, apiVersion, 'memcacheds')
    await create(cluster, memcacheds, { apiVersion, kind: 'Memcached', metadata: { name: 'sample' }, spec: { size: 3 } })
    const sample = `${memcacheds}/sample`

    for (const size of [3, 1]) {
      await change(cluster, sample, { spec: { size } })
      await untilCondition(cluster, sample, { status: 'True' })
      await cluster.eventually(async () => (await read<Memcached>(cluster, sample)).status?.nodes?.length === size, {
        describe: `status.nodes has ${size} names`,
        timeout: 60_000,
      })
      await cluster.eventually(async () => (await podsOf(cluster)).length === size, { describe: `${size} pods are left`, timeout: 60_000 })
      expect((await read<Memcached>(cluster, sample)).status?.nodes).toEqual(await podsOf(cluster))
    }
    await untilQuiet(cluster, process, sample)

    await remove(cluster, sample)
    await cluster.eventually(async () => !(await exists(cluster, `${collection(cluster, 'apps/v1', 'deployments')}/sample`)), {
      describe: 'the Deployment goes with it',
      timeout: 60_000,
    })
  })
})
