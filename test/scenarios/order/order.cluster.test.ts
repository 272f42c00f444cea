import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import type { OperatorProcess } from '../operator-process.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const shops = (cluster: Cluster) => collection(cluster, 'order.example.com/v1', 'shops')
const deployment = (cluster: Cluster, name: string) => `${collection(cluster, 'apps/v1', 'deployments')}/${name}`
const job = (cluster: Cluster, name: string) => `${collection(cluster, 'batch/v1', 'jobs')}/${name}`
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

async function install(cluster: Cluster): Promise<void> {
  await installDefinition(cluster, `${project}/charts/shop/crds/shop.yaml`)
  await installDefinition(cluster, `${project}/charts/platform/crds/platform.yaml`)
}

async function createShop(cluster: Cluster, spec: object): Promise<string> {
  const body = { apiVersion: 'order.example.com/v1', kind: 'Shop', metadata: { name: 'shop' }, spec: { image: 'web:1', ...spec } }
  await create(cluster, shops(cluster), body)
  return `${shops(cluster)}/shop`
}

/** Resolves when a pass over the Shop, which is touched for it, has ended and waits. */
async function untilWaits(cluster: Cluster, process: OperatorProcess, shop: string): Promise<void> {
  const before = (await scrape(process)).passes('wait')
  await change(cluster, shop, { metadata: { annotations: { touched: 'yes' } } })
  await cluster.eventually(async () => (await scrape(process)).passes('wait') > before, { describe: 'one more pass that waits' })
}

interface Dated {
  metadata: { uid: string; creationTimestamp: string; labels: Record<string, string> }
  status?: { completionTime?: string; readyReplicas?: number }
}

describe('a web server that waits for a migration, which waits for a database', () => {
  test('is made last, the status says what waits for what, and the next pass costs nothing', async ({ cluster, operator }) => {
    await install(cluster)
    const process = await operator({ watches })
    const shop = await createShop(cluster, { node: 'none-like-this' })

    expect(await untilCondition(cluster, shop, { status: 'False', message: /waits for/ })).toMatchObject({
      reason: 'WaitingForDependents',
      message: 'Job/shop-migrate waits for Deployment/shop-db; Deployment/shop-web waits for Job/shop-migrate',
    })
    expect(await exists(cluster, job(cluster, 'shop-migrate'))).toBe(false)

    await change(cluster, shop, { spec: { node: null } })

    await untilCondition(cluster, shop, { status: 'True' })
    const migrated = await read<Dated>(cluster, job(cluster, 'shop-migrate'))
    const web = await read<Dated>(cluster, deployment(cluster, 'shop-web'))
    expect(migrated.status?.completionTime).toBeDefined()
    expect(web.metadata.creationTimestamp >= (migrated.status?.completionTime ?? '')).toBe(true)
    await untilQuiet(cluster, process, shop)
  })

  test('waits for the work of the migration, and not for its start', async ({ cluster, operator }) => {
    await install(cluster)
    const process = await operator({ watches })
    const shop = await createShop(cluster, { migrationNode: 'none-like-this' })
    await cluster.eventually(
      async () => (await read<{ status?: { active?: number } }>(cluster, job(cluster, 'shop-migrate'))).status?.active,
      {
        describe: 'the migration has begun',
      },
    )

    expect((await untilCondition(cluster, shop, { status: 'False', message: /^Deployment/ })).message).toBe(
      'Deployment/shop-web waits for Job/shop-migrate',
    )
    await untilWaits(cluster, process, shop)
    expect(await exists(cluster, deployment(cluster, 'shop-web'))).toBe(false)
  })

  test('loses nothing that is no longer rendered until the new is written', async ({ cluster, operator }) => {
    await install(cluster)
    await operator({ watches })
    const shop = await createShop(cluster, {})
    await untilCondition(cluster, shop, { status: 'True' })

    await change(cluster, shop, { spec: { node: 'none-like-this', suffix: '-v2' } })

    await untilCondition(cluster, shop, { status: 'False', message: /Deployment\/shop-web-v2 waits for/ })
    expect(await exists(cluster, deployment(cluster, 'shop-web'))).toBe(true)

    await change(cluster, shop, { spec: { node: null } })
    await untilCondition(cluster, shop, { status: 'True' })
    expect([await exists(cluster, deployment(cluster, 'shop-web')), await exists(cluster, deployment(cluster, 'shop-web-v2'))]).toEqual([
      false,
      true,
    ])
  })

  test('is put right at once when somebody edits it, whatever state the others are in', async ({ cluster, operator }) => {
    await install(cluster)
    await operator({ watches })
    const shop = await createShop(cluster, {})
    await untilCondition(cluster, shop, { status: 'True' })
    await change(cluster, shop, { spec: { node: 'none-like-this' } })
    await untilCondition(cluster, shop, { status: 'False', message: /Deployment\/shop-db/ })

    await change(cluster, deployment(cluster, 'shop-web'), { metadata: { labels: { 'fairlead.dev/primary-uid': 'somebody' } } })

    await cluster.eventually(
      async () => (await read<Dated>(cluster, deployment(cluster, 'shop-web'))).metadata.labels['fairlead.dev/primary-uid'] !== 'somebody',
      { describe: 'the edit is undone' },
    )
    await untilCondition(cluster, shop, { status: 'False', message: /Deployment\/shop-db/ })
  })

  test('names its way out of a circle and of a name that nothing has, by the line of the template', async ({ cluster, operator }) => {
    await install(cluster)
    await operator({ watches })
    const shop = await createShop(cluster, { notesAfter: 'Deployment/shop-wbe' })

    const at = `${project}/charts/shop/templates/db.yaml.eta`
    expect(await untilCondition(cluster, shop, { status: 'False' })).toMatchObject({
      reason: 'RenderFailed',
      message: `${at}:22:34: ConfigMap/shop-notes: it depends on Deployment/shop-wbe, which is not rendered; did you mean "Deployment/shop-web"? (ORDER_INVALID)`,
    })
    expect(await exists(cluster, deployment(cluster, 'shop-db'))).toBe(false)

    await change(cluster, shop, { spec: { notesAfter: 'ConfigMap/shop-notes' } })
    expect((await untilCondition(cluster, shop, { status: 'False', message: /circle/ })).message).toContain(
      'objects wait for each other in a circle: ConfigMap/shop-notes → ConfigMap/shop-notes',
    )
    await change(cluster, shop, { spec: { notesAfter: null } })
    await untilCondition(cluster, shop, { status: 'True' })
  })
})

describe('a definition and an object of its kind in one chart', () => {
  test('come one after the other, without a minute between them', async ({ cluster, operator }) => {
    await install(cluster)
    await operator({ watches })
    const group = `${cluster.namespace}.example.com`
    const path = '/apis/order.example.com/v1/platforms'
    const begun = performance.now()

    await create(cluster, path, {
      apiVersion: 'order.example.com/v1',
      kind: 'Platform',
      metadata: { name: cluster.namespace },
      spec: { group, namespace: cluster.namespace },
    })

    await untilCondition(cluster, `${path}/${cluster.namespace}`, { status: 'True' })
    console.log(`definition and object: ${Math.round(performance.now() - begun)} ms`)
    const widget = await read<{ spec: object }>(cluster, `${collection(cluster, `${group}/v1`, 'widgets')}/${cluster.namespace}`)
    expect(widget.spec).toEqual({ size: 3 })

    await remove(cluster, `${path}/${cluster.namespace}`)
    await cluster.eventually(async () => !(await exists(cluster, `${definitions}/widgets.${group}`)), {
      describe: 'the definition is gone',
    })
  })
})
