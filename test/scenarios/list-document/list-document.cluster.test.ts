import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { untilWatching } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const configMap = (cluster: Cluster, name: string) => `${collection(cluster, 'v1', 'configmaps')}/${name}`

interface Live {
  metadata: { uid: string; ownerReferences: { kind: string; controller: boolean }[] }
  data: { text: string }
}

async function createBundle(cluster: Cluster, spec: object): Promise<string> {
  await installDefinition(cluster, `${project}/charts/bundle/crds/bundle.yaml`)
  const path = collection(cluster, 'bundles.example.com/v1', 'bundles')
  await create(cluster, path, { apiVersion: 'bundles.example.com/v1', kind: 'Bundle', metadata: { name: 'all' }, spec })
  return `${path}/all`
}

describe('a template that renders a List', () => {
  test('has each item as a dependent: owned, healed, and pruned when the List has it no more', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/bundle/crds/bundle.yaml`)
    const process = await operator({ watches })
    const bundle = await createBundle(cluster, { text: 'hello', pages: ['one'] })
    await untilCondition(cluster, bundle, { status: 'True' })
    const all = [configMap(cluster, 'all'), configMap(cluster, 'all-one'), `${collection(cluster, 'v1', 'serviceaccounts')}/all`]
    for (const path of all)
      expect((await read<Live>(cluster, path)).metadata.ownerReferences, path).toMatchObject([{ kind: 'Bundle', controller: true }])

    await change(cluster, configMap(cluster, 'all'), { data: { text: 'edited' } })
    await process.line(/^updated ConfigMap\/all: \.data\.text put back/)
    const { uid } = (await read<Live>(cluster, configMap(cluster, 'all-one'))).metadata
    await remove(cluster, configMap(cluster, 'all-one'))
    await cluster.eventually(async () => (await read<Live>(cluster, configMap(cluster, 'all-one'))).metadata.uid !== uid, {
      describe: 'the page is made again',
    })
    expect((await read<Live>(cluster, configMap(cluster, 'all'))).data.text).toBe('hello')

    await change(cluster, bundle, { spec: { pages: [] } })
    await cluster.eventually(async () => !(await exists(cluster, configMap(cluster, 'all-one'))), { describe: 'the page is pruned' })
    await untilQuiet(cluster, process, bundle)
  })

  test('that is larger than an object may be is applied, and is quiet after a restart', { timeout: 120_000 }, async ({
    cluster,
    operator,
  }) => {
    await installDefinition(cluster, `${project}/charts/bundle/crds/bundle.yaml`)
    const first = await operator({ watches })
    const pages = Array.from({ length: 24 }, (_, index) => `page-${index + 1}`)
    const bundle = await createBundle(cluster, { text: 'hello', pages, length: 100_000 })
    await untilCondition(cluster, bundle, { status: 'True', timeout: 40_000 })
    const texts = await Promise.all(pages.map(async (page) => (await read<Live>(cluster, configMap(cluster, `all-${page}`))).data.text))
    expect(texts.join('').length).toBe(2_400_000)
    await first.stop()
    const begin = cluster.audit.mark()

    const second = await operator({ watches })
    await untilWatching(cluster, second, begin)
    await untilQuiet(cluster, second, bundle)

    const requests = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: begin })
    expect(Object.keys(requests).filter((request) => !/^(list|watch) | leases$/.test(request))).toEqual([])
  })
})
