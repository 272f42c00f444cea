import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { createApp, installAppDefinition, untilReady } from '../app/apps.ts'
import { fairlead } from '../command.ts'
import { type OperatorProcess, test } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { repository } from '../operator-process.ts'

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const ferries = (cluster: Cluster) => collection(cluster, 'ferries.example.com/v1', 'ferries')
const configMap = (cluster: Cluster, name: string) => `${collection(cluster, 'v1', 'configmaps')}/${name}`
const served = async (cluster: Cluster, name: string) =>
  await read<{ metadata: { uid: string }; data: { line: string; port: string } }>(cluster, configMap(cluster, name))
const ferry = (name: string, line?: string) => ({
  apiVersion: 'ferries.example.com/v1',
  kind: 'Ferry',
  metadata: { name, ...(line && { labels: { line } }) },
  spec: { port: 'first' },
})

describe('two operators that divide a kind by labels', () => {
  test('serve their own only, and the other goes on with what a label moves to it', async ({ cluster, operator }) => {
    await installDefinition(cluster, file('chart/crds/ferry.yaml'))
    const north = await operator({ watches: file('north.yaml'), args: ['--operator-name', 'north'] })
    await operator({ watches: file('south.yaml'), args: ['--operator-name', 'south'] })
    for (const body of [ferry('aurora', 'north'), ferry('sol', 'south'), ferry('nobody')]) await create(cluster, ferries(cluster), body)
    const aurora = `${ferries(cluster)}/aurora`
    await untilCondition(cluster, aurora, { status: 'True' })
    await untilCondition(cluster, `${ferries(cluster)}/sol`, { status: 'True' })
    expect((await served(cluster, 'aurora')).data.line).toBe('north')
    expect((await served(cluster, 'sol')).data.line).toBe('south')
    expect(await exists(cluster, configMap(cluster, 'nobody'))).toBe(false)
    const { uid } = (await served(cluster, 'aurora')).metadata

    await change(cluster, aurora, { metadata: { labels: { line: 'south' } }, spec: { port: 'second' } })

    await cluster.eventually(async () => (await served(cluster, 'aurora')).data.line === 'south', { describe: 'the other has it' })
    await untilCondition(cluster, aurora, { status: 'True' })
    expect(await served(cluster, 'aurora')).toMatchObject({ metadata: { uid }, data: { line: 'south', port: 'second' } })
    await cluster.eventually(async () => (await scrape(north)).settled, { describe: 'the first has no pass due' })
    expect((await served(cluster, 'aurora')).data.line).toBe('south')

    // Nothing of it is left to the first one, which would else not start again.
    await north.stop()
    await operator({ watches: file('north.yaml'), args: ['--operator-name', 'north'] })
    await change(cluster, aurora, { metadata: { labels: { line: 'north' } } })
    await cluster.eventually(async () => (await served(cluster, 'aurora')).data.line === 'north', { describe: 'it comes back' })
    expect((await served(cluster, 'aurora')).metadata.uid).toBe(uid)
  })
})

describe('two operators of two kinds, in one namespace', () => {
  test('do not count or list as orphans what the other one has made', async ({ cluster, operator }) => {
    await installDefinition(cluster, file('chart/crds/ferry.yaml'))
    await installAppDefinition(cluster)
    const running = [
      { watches: file('north.yaml'), name: 'north' },
      { watches: `${repository}/watches.yaml`, name: 'apps' },
    ]
    const archive = `${cluster.namespace}-archive`
    await create(cluster, '/api/v1/namespaces', { metadata: { name: archive } })
    const namespaces = [cluster.namespace, archive]
    const operators: OperatorProcess[] = []
    for (const { watches, name } of running) operators.push(await operator({ watches, namespaces, args: ['--operator-name', name] }))
    const { spec, ...aurora } = ferry('aurora', 'north')
    await create(cluster, ferries(cluster), { ...aurora, spec: { ...spec, archive } })
    await createApp(cluster, 'shop', { config: { GREETING: 'hello' } })
    await untilCondition(cluster, `${ferries(cluster)}/aurora`, { status: 'True' })
    await untilReady(cluster, 'shop')

    const orphans = async () =>
      await Promise.all(
        running.map(async ({ watches, name }) => {
          const flags = [...namespaces.flatMap((each) => ['--namespace', each]), '--watches', watches, '--operator-name', name]
          return (await fairlead(cluster, 'orphans', ...flags)).out
        }),
      )
    const counted = async () => await Promise.all(operators.map(async (each) => (await scrape(each)).sum('fairlead_orphans')))
    expect(await orphans()).toEqual(['no orphans\n', 'no orphans\n'])
    expect(await counted()).toEqual([0, 0])
    const archived = await read<{ metadata: { annotations: object; ownerReferences?: object[] } }>(
      cluster,
      `/api/v1/namespaces/${archive}/configmaps/aurora`,
    )
    expect([archived.metadata.ownerReferences, archived.metadata.annotations]).toMatchObject([
      undefined,
      { 'fairlead.dev/primary': `Ferry.ferries.example.com/${cluster.namespace}/aurora` },
    ])

    // Somebody has taken the finalizer off: it is an orphan of the one that served it.
    await change(cluster, `${ferries(cluster)}/aurora`, { metadata: { labels: { line: 'none' } } })
    await cluster.eventually(async () => (await scrape(operators[0] as OperatorProcess)).settled, { describe: 'no pass is due' })
    await change(cluster, `${ferries(cluster)}/aurora`, { metadata: { finalizers: null } })
    await remove(cluster, `${ferries(cluster)}/aurora`)
    await cluster.eventually(async () => (await counted()).join() === '1,0', { describe: 'the one that served it counts it' })
    expect(await orphans()).toEqual([expect.stringContaining('ConfigMap') as string, 'no orphans\n'])

    const labels = { 'fairlead.dev/primary-uid': 'nobody' }
    await create(cluster, collection(cluster, 'v1', 'configmaps'), { metadata: { name: 'stray', labels } })
    await cluster.eventually(async () => (await counted()).join() === '2,1', { describe: 'both count it' })
  })
})
