import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { appPath, createApp, installAppDefinition, patchApp } from '../app/apps.ts'
import { test } from '../fixture.ts'
import { untilPasses } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const shelves = (cluster: Cluster) => collection(cluster, 'shelves.example.com/v1', 'shelves')
const book = (cluster: Cluster, title: string) => `${collection(cluster, 'v1', 'configmaps')}/${title}`

async function createShelf(cluster: Cluster, name: string, books: readonly string[]): Promise<string> {
  await create(cluster, shelves(cluster), { apiVersion: 'shelves.example.com/v1', kind: 'Shelf', metadata: { name }, spec: { books } })
  return `${shelves(cluster)}/${name}`
}

describe('a dependent that is no longer rendered', () => {
  test('is deleted, and a copy of it is not', async ({ cluster, operator }) => {
    await installAppDefinition(cluster)
    const process = await operator()
    const ingresses = collection(cluster, 'networking.k8s.io/v1', 'ingresses')
    await createApp(cluster, 'shop', { ingress: { host: 'shop.example.com' } })
    await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'True' })
    const original = await read<{ metadata: { labels: object; annotations: object; ownerReferences: object[] }; spec: object }>(
      cluster,
      `${ingresses}/shop`,
    )
    const { labels, annotations, ownerReferences } = original.metadata
    await create(cluster, ingresses, { metadata: { name: 'copy', labels, annotations, ownerReferences }, spec: original.spec })
    const begin = cluster.audit.mark()

    await patchApp(cluster, 'shop', { spec: { ingress: null } })

    await cluster.eventually(async () => !(await exists(cluster, `${ingresses}/shop`)), { describe: 'the Ingress is deleted' })
    await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'True' })
    expect(await exists(cluster, `${ingresses}/copy`)).toBe(true)
    expect((await process.line(/^deleted/)).msg).toBe('deleted Ingress/shop (spec)')
    await untilPasses(cluster, process, 0)
    const { 'patch apps/status': _status, ...requests } = cluster.audit.count({
      userAgent: 'fairlead/',
      namespace: cluster.namespace,
      since: begin,
    })
    // The read is of the App, live, before anything is deleted.
    expect(requests).toEqual({ 'get apps': 1, 'delete ingresses': 1, 'create events': 1 })
  })
})

describe('a Service of a new name', () => {
  test('gets the node port of the one that it replaces, which goes first for that', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/shelf/crds/shelf.yaml`)
    await operator({ watches })
    const services = collection(cluster, 'v1', 'services')
    const shelf = await createShelf(cluster, 'shelf', ['one'])
    // Whichever is free: other tests have node ports as well.
    await change(cluster, shelf, { spec: { doors: [{ name: 'front', nodePort: 0 }] } })
    await untilCondition(cluster, shelf, { status: 'True' })
    const portOf = async (name: string) =>
      (await read<{ spec: { ports: { nodePort: number }[] } }>(cluster, `${services}/${name}`)).spec.ports[0]?.nodePort as number
    await cluster.eventually(async () => await exists(cluster, `${services}/front`), { describe: 'the Service is there' })
    const nodePort = await portOf('front')
    await change(cluster, shelf, { spec: { doors: [{ name: 'front', nodePort }] } })
    await untilCondition(cluster, shelf, { status: 'True' })

    await change(cluster, shelf, { spec: { doors: [{ name: 'back', nodePort }], books: ['two'] } })

    await untilCondition(cluster, shelf, { status: 'True' })
    expect(await portOf('back')).toBe(nodePort)
    for (const path of [`${services}/front`, book(cluster, 'one')]) expect(await exists(cluster, path), path).toBe(false)
  })
})

describe('a template that renders no document at all', () => {
  test('deletes nothing, and says so', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/shelf/crds/shelf.yaml`)
    const process = await operator({ watches })
    const shelf = await createShelf(cluster, 'shelf', ['one', 'two'])
    await untilCondition(cluster, shelf, { status: 'True' })

    await change(cluster, shelf, { spec: { books: [] } })

    const says = 'no document was rendered'
    expect(await untilCondition(cluster, shelf, { status: 'False', message: /no document/ })).toMatchObject({
      reason: 'Waiting',
      message: `waits for deletion of what is no longer rendered: ${says}`,
    })
    expect((await process.line(/no longer rendered/)).msg).toBe(`what is no longer rendered is left alone: ${says}`)
    expect((await process.line(/are held/)).msg).toMatch(
      /^2 deletes are held \(no document was rendered\): ConfigMap\/one, ConfigMap\/two; to delete: fairlead approve .* \(set [0-9a-f]{12}\)$/,
    )
    expect([await exists(cluster, book(cluster, 'one')), await exists(cluster, book(cluster, 'two'))]).toEqual([true, true])

    await change(cluster, shelf, { spec: { books: ['two'] } })
    await untilCondition(cluster, shelf, { status: 'True' })
    expect([await exists(cluster, book(cluster, 'one')), await exists(cluster, book(cluster, 'two'))]).toEqual([false, true])
  })
})

describe('two custom resources that render one name', () => {
  test('do not take turns: the second one says who has it, and gets it when the first one lets go', { timeout: 90_000 }, async ({
    cluster,
    operator,
  }) => {
    await installDefinition(cluster, `${project}/charts/shelf/crds/shelf.yaml`)
    await operator({ watches })
    const first = await createShelf(cluster, 'first', ['one', 'shared'])
    await untilCondition(cluster, first, { status: 'True' })
    const before = await read(cluster, book(cluster, 'shared'))

    const second = await createShelf(cluster, 'second', ['two', 'shared'])

    expect(await untilCondition(cluster, second, { status: 'False', message: /shared/ })).toMatchObject({
      reason: 'Conflict',
      message: `ConfigMap/shared: not touched: Shelf ${cluster.namespace}/first renders it too and had it first; Shelf ${cluster.namespace}/second takes it over when Shelf ${cluster.namespace}/first is gone or does not render it any more`,
    })
    expect(await exists(cluster, book(cluster, 'two'))).toBe(true)
    expect(await read(cluster, book(cluster, 'shared'))).toEqual(before)

    await change(cluster, first, { spec: { books: ['one'] } })
    await cluster.eventually(
      async () =>
        !(await exists(cluster, book(cluster, 'shared'))) ||
        (await read<{ metadata: { uid: string } }>(cluster, book(cluster, 'shared'))).metadata.uid !== before.metadata?.uid,
    )
    await untilCondition(cluster, second, { status: 'True', timeout: 45_000 })
    await untilCondition(cluster, first, { status: 'True' })
    await remove(cluster, first)
  })
})
