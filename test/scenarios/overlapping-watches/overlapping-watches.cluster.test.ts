import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, collection, create, installDefinition, read, untilCondition } from '../objects.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const leaves = (cluster: Cluster) => collection(cluster, 'printers.example.com/v1', 'leaves')
const printed = async (cluster: Cluster, name: string) =>
  (await read<{ data: { ink: string; text: string } }>(cluster, `${collection(cluster, 'v1', 'configmaps')}/${name}`)).data
const leaf = (name: string, labels = {}) => ({
  apiVersion: 'printers.example.com/v1',
  kind: 'Leaf',
  metadata: { name, labels },
  spec: { text: 'first' },
})
const labelNamespace = async (cluster: Cluster, paper: string | null) =>
  await change(cluster, `/api/v1/namespaces/${cluster.namespace}`, { metadata: { labels: { paper } } })

describe('two watches of one kind', () => {
  test('that select by labels which one object can have are an error with both places', async ({ operator }) => {
    const watches = file('refused/watches.yaml')
    const process = await operator({ watches, wait: false })

    expect(await process.ended()).toBe(1)
    expect((await process.line(/WATCH_OVERLAP/)).msg).toBe(
      `${watches}:7:3: Leaf.printers.example.com with the labels ink=blue, urgent=true is selected here and by the watch at ${watches}:2:3; ` +
        'let one exclude what the other selects, with NotIn or DoesNotExist in matchExpressions (WATCH_OVERLAP)',
    )
  })

  test('that come to select one object by its namespace both leave it as it is, until one lets it go', async ({ cluster, operator }) => {
    await installDefinition(cluster, file('operator/charts/leaf/crds/leaf.yaml'))
    const watches = file('operator/watches.yaml')
    const process = await operator({ watches })
    await create(cluster, leaves(cluster), leaf('both', { ink: 'blue' }))
    await create(cluster, leaves(cluster), leaf('rest'))
    const both = `${leaves(cluster)}/both`
    await untilCondition(cluster, both, { status: 'True' })
    await untilCondition(cluster, `${leaves(cluster)}/rest`, { status: 'True' })
    expect(await printed(cluster, 'both')).toEqual({ ink: 'blue', text: 'first' })
    expect(await printed(cluster, 'rest')).toEqual({ ink: 'none', text: 'first' })

    await labelNamespace(cluster, 'red')
    const ready = await untilCondition(cluster, both, { status: 'False' })
    expect(ready).toMatchObject({
      reason: 'WatchesOverlap',
      message: `the watches at ${watches}:2:3 and ${watches}:8:3 select it; nothing is written until only one does`,
    })
    await change(cluster, both, { spec: { text: 'second' } })
    await untilCondition(cluster, both, { type: 'Stalled', status: 'True', message: /select it/ })
    await cluster.eventually(async () => (await scrape(process)).settled, { describe: 'no pass is due' })
    expect(await printed(cluster, 'both')).toEqual({ ink: 'blue', text: 'first' })
    expect(await printed(cluster, 'rest')).toEqual({ ink: 'red', text: 'first' })

    const policy = async (value: string | null) =>
      await change(cluster, both, { metadata: { annotations: { 'fairlead.dev/deletion-policy': value } } })
    const finalizers = async () => (await read<{ metadata: { finalizers?: string[] } }>(cluster, both)).metadata.finalizers
    await policy('orphan')
    await cluster.eventually(async () => (await finalizers())?.join() === 'fairlead.dev/dependents', {
      describe: 'nothing of it can be lost',
    })
    await policy(null)

    await change(cluster, both, { metadata: { labels: { ink: null } } })
    await untilCondition(cluster, both, { status: 'True' })
    expect(await printed(cluster, 'both')).toEqual({ ink: 'red', text: 'second' })
    expect(await untilCondition(cluster, both, { type: 'PruneHeld', status: 'True' })).toMatchObject({
      reason: 'InputChanged',
      message: expect.stringMatching(/^1 delete is held .*: Secret\/both-sheets;/),
    })

    await labelNamespace(cluster, null)
    await cluster.eventually(async () => (await printed(cluster, 'both')).ink === 'none', { describe: 'the watch for the rest takes it' })
  })
})
