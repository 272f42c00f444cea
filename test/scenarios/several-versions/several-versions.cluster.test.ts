import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { change, collection, create, exists, installDefinition, read, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))

interface Lane {
  metadata: { uid: string; managedFields: { manager: string; apiVersion: string }[] }
  spec: object
}

/** Defines Lanes in these versions, the last of which is stored, and resolves when just these are served. */
async function defineLanes(cluster: Cluster, versions: readonly string[]): Promise<void> {
  const number = { type: 'integer' }
  const properties = { spec: { type: 'object', properties: { width: number, limit: number, note: { type: 'string' } } } }
  await cluster.request('PATCH', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/lanes.lanes.routes.example.com', {
    query: { fieldManager: 'scenario', force: true },
    contentType: 'application/apply-patch+yaml',
    body: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'lanes.lanes.routes.example.com' },
      spec: {
        group: 'lanes.routes.example.com',
        scope: 'Namespaced',
        names: { kind: 'Lane', listKind: 'LaneList', plural: 'lanes', singular: 'lane' },
        versions: versions.map((name) => ({
          name,
          served: true,
          storage: name === versions.at(-1),
          schema: { openAPIV3Schema: { type: 'object', properties } },
        })),
      },
    },
  })
  const isServed = async (version: string) => await exists(cluster, collection(cluster, `lanes.routes.example.com/${version}`, 'lanes'))
  await cluster.eventually(
    async () => {
      for (const version of ['v1', 'v2']) if ((await isServed(version)) !== versions.includes(version)) return false
      return true
    },
    { describe: `Lanes are served in ${versions.join(' and ')}` },
  )
}

interface Made {
  metadata: { uid: string; ownerReferences: { apiVersion: string }[] }
  data: { host: string }
}

describe('a definition with several versions', () => {
  test('is watched in one of them, whichever the objects were written in, and later in another', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/route/crds/route.yaml`)
    const [v1, v2] = ['v1', 'v2'].map((version) => collection(cluster, `routes.example.com/${version}`, 'routes')) as [string, string]
    const configMaps = collection(cluster, 'v1', 'configmaps')
    const first = await operator({ watches: `${project}/watches.yaml` })
    for (const [path, version] of [
      [v1, 'v1'],
      [v2, 'v2'],
    ] as const)
      await create(cluster, path, {
        apiVersion: `routes.example.com/${version}`,
        kind: 'Route',
        metadata: { name: `from-${version}` },
        spec: { host: `${version}.example.com` },
      })
    for (const name of ['from-v1', 'from-v2']) await untilCondition(cluster, `${v1}/${name}`, { status: 'True' })
    const before = await read<Made>(cluster, `${configMaps}/from-v2`)
    expect(before).toMatchObject({
      metadata: { ownerReferences: [{ apiVersion: 'routes.example.com/v1' }] },
      data: { host: 'v2.example.com' },
    })
    await change(cluster, `${v2}/from-v1`, { spec: { host: 'changed.example.com' } })
    await cluster.eventually(async () => (await read<Made>(cluster, `${configMaps}/from-v1`)).data.host === 'changed.example.com', {
      describe: 'a change in the other version is followed',
    })
    await untilQuiet(cluster, first, `${v1}/from-v1`)
    await first.stop()

    const second = await operator({ watches: `${project}/watches-v2.yaml` })
    await change(cluster, `${v1}/from-v2`, { spec: { host: 'later.example.com' } })
    await cluster.eventually(async () => (await read<Made>(cluster, `${configMaps}/from-v2`)).data.host === 'later.example.com', {
      describe: 'the watch of the other version has taken over',
    })
    const after = await read<Made>(cluster, `${configMaps}/from-v2`)
    expect(after.metadata.uid).toBe(before.metadata.uid)
    expect(after.metadata.ownerReferences).toMatchObject([{ apiVersion: 'routes.example.com/v2' }])
    for (const name of ['from-v1', 'from-v2']) await untilCondition(cluster, `${v2}/${name}`, { status: 'True' })
    await untilQuiet(cluster, second, `${v2}/from-v1`)
  })
})

/** Serves Routes in just these versions, and resolves when it is so; `kept` are those that the definition has. */
async function serveRoutes(cluster: Cluster, served: readonly string[], kept: readonly string[] = ['v1', 'v2']): Promise<void> {
  const definition = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/routes.routes.example.com'
  const { spec } = await read<{ spec: { versions: { name: string }[] } }>(cluster, definition)
  const versions = spec.versions.filter(({ name }) => kept.includes(name)).map((each) => ({ ...each, served: served.includes(each.name) }))
  await change(cluster, definition, { spec: { versions } })
  for (const version of ['v1', 'v2'])
    await cluster.eventually(
      async () => (await exists(cluster, collection(cluster, `routes.example.com/${version}`, 'routes'))) === served.includes(version),
      { describe: `Routes are served in ${served.join(' and ')}` },
    )
}

describe('a primary whose definition loses the version', () => {
  test('that is watched, is waited for and left as it is; one that others wrote in, has its status in the version that is left', {
    timeout: 120_000,
  }, async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/route/crds/route.yaml`)
    await serveRoutes(cluster, ['v1', 'v2'])
    const [v1, v2] = ['v1', 'v2'].map((version) => `${collection(cluster, `routes.example.com/${version}`, 'routes')}/main`) as [
      string,
      string,
    ]
    const hostOf = async () => (await read<Made>(cluster, `${collection(cluster, 'v1', 'configmaps')}/main`)).data.host
    const first = await operator({ watches: `${project}/watches.yaml` })
    const readyz = async () => (await fetch(`${await first.healthUrl()}/readyz`)).status
    await create(cluster, collection(cluster, 'routes.example.com/v1', 'routes'), {
      apiVersion: 'routes.example.com/v1',
      kind: 'Route',
      metadata: { name: 'main' },
      spec: { host: 'a.example.com' },
    })
    await untilCondition(cluster, v1, { status: 'True' })

    await serveRoutes(cluster, ['v2'])
    await first.line(/does not serve routes\.example\.com\/v1 Route, only v2; .*version: v2/)
    const gone = cluster.audit.mark()
    expect(await readyz()).toBe(503)
    await change(cluster, v2, { spec: { host: 'b.example.com' } })
    expect(await hostOf()).toBe('a.example.com')
    expect(cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace, since: gone })).toEqual([])
    await serveRoutes(cluster, ['v1', 'v2'])
    await untilCondition(cluster, v1, { status: 'True', timeout: 30_000 })
    expect([await hostOf(), await readyz()]).toEqual(['b.example.com', 200])

    await first.stop()
    await change(cluster, v1, { spec: { host: 'c.example.com' } })
    await serveRoutes(cluster, ['v2'], ['v2'])
    const second = await operator({ watches: `${project}/watches-v2.yaml` })
    await untilCondition(cluster, v2, { status: 'True', timeout: 40_000 })
    expect(await hostOf()).toBe('c.example.com')
    const { managedFields } = (await read<Pick<Lane, 'metadata'>>(cluster, v2)).metadata
    expect([...new Set(managedFields.map(({ apiVersion }) => apiVersion))]).toEqual(['routes.example.com/v2'])
    await untilQuiet(cluster, second, v2)
  })
})

describe('a dependent that was applied in a version which its definition has lost', () => {
  test('loses what is no longer rendered, and keeps what is somebody else’s', async ({ cluster, operator }) => {
    const lanes = fileURLToPath(new URL('lanes', import.meta.url))
    const roads = await installDefinition(cluster, `${lanes}/before/crds/road.yaml`)
    await defineLanes(cluster, ['v1', 'v2'])
    const [inV1, inV2] = ['v1', 'v2'].map((version) => `${collection(cluster, `lanes.routes.example.com/${version}`, 'lanes')}/main`) as [
      string,
      string,
    ]
    const before = await operator({ watches: `${lanes}/before.yaml` })
    await create(cluster, roads, { apiVersion: 'routes.example.com/v1', kind: 'Road', metadata: { name: 'main' } })
    await untilCondition(cluster, `${roads}/main`, { status: 'True' })
    await change(cluster, inV1, { spec: { note: 'mine' } })
    const made = await read<Lane>(cluster, inV2)
    expect(made.spec).toEqual({ width: 3, limit: 50, note: 'mine' })
    await before.stop()

    await defineLanes(cluster, ['v2'])
    const after = await operator({ watches: `${lanes}/after.yaml` })
    await cluster.eventually(async () => !('limit' in (await read<Lane>(cluster, inV2)).spec), { describe: 'the limit is gone' })
    const { metadata, spec } = await read<Lane>(cluster, inV2)
    expect([metadata.uid, spec]).toEqual([made.metadata.uid, { width: 3, note: 'mine' }])
    expect([...new Set(metadata.managedFields.map(({ apiVersion }) => apiVersion))]).toEqual(['lanes.routes.example.com/v2'])
    expect(metadata.managedFields.map(({ manager }) => manager)).toContain('somebody')
    await untilQuiet(cluster, after, `${roads}/main`)
  })

  test('while the operator runs is found in the one that is left, whether or not it is rendered there', async ({ cluster, operator }) => {
    const lanes = fileURLToPath(new URL('lanes', import.meta.url))
    const roads = await installDefinition(cluster, `${lanes}/moving/crds/road.yaml`)
    await defineLanes(cluster, ['v1', 'v2'])
    const process = await operator({ watches: `${lanes}/moving.yaml` })
    const [moving, closing] = [`${roads}/moving`, `${roads}/closing`]
    for (const [path, names] of [
      [moving, ['left', 'right']],
      [closing, ['only']],
    ] as const)
      await create(cluster, roads, {
        apiVersion: 'routes.example.com/v1',
        kind: 'Road',
        metadata: { name: path.slice(roads.length + 1) },
        spec: { version: 'v1', lanes: names },
      })
    for (const path of [moving, closing]) await untilCondition(cluster, path, { status: 'True' })
    const notIn = (version: string) =>
      new RegExp(`waits for Lane/left: the server does not serve Lane.lanes.routes.example.com in version ${version}, only in v2`)
    const lane = (name: string) => `${collection(cluster, 'lanes.routes.example.com/v2', 'lanes')}/${name}`
    const made = await read<Lane>(cluster, lane('left'))

    await defineLanes(cluster, ['v2'])
    await process.line(/^Lane\S* is gone/)
    await untilCondition(cluster, moving, { status: 'False', message: notIn('v1') })
    await change(cluster, closing, { spec: { lanes: [] } })
    await cluster.eventually(async () => !(await exists(cluster, lane('only'))), { describe: 'the Lane of the closed Road is gone' })

    await change(cluster, moving, { spec: { version: 'v2', lanes: ['left'] } })
    await cluster.eventually(async () => !(await exists(cluster, lane('right'))), { describe: 'the right Lane is gone' })
    await untilCondition(cluster, moving, { status: 'True' })
    expect((await read<Lane>(cluster, lane('left'))).metadata.uid).toBe(made.metadata.uid)
    for (const path of [moving, closing]) await untilQuiet(cluster, process, path)

    await change(cluster, moving, { spec: { version: 'v2beta1' } })
    await untilCondition(cluster, moving, { status: 'False', message: notIn('v2beta1') })
  })
})
