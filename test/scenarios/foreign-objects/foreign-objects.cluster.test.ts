import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { appPath, createApp, installAppDefinition, patchApp } from '../app/apps.ts'
import { type OperatorProcess, test } from '../fixture.ts'
import { collection, create, exists, read, remove, untilCondition } from '../objects.ts'

const configMaps = (cluster: Cluster) => collection(cluster, 'v1', 'configmaps')
const siblings = (cluster: Cluster) => [
  `${collection(cluster, 'apps/v1', 'deployments')}/shop`,
  `${collection(cluster, 'v1', 'services')}/shop`,
  `${collection(cluster, 'v1', 'serviceaccounts')}/shop`,
]
const config = { config: { GREETING: 'hello' } }

const thereBefore =
  'it was there before, or has lost the marks of this operator; where the watch says adoption: ifLabelled, the label or annotation fairlead.dev/adopt: shop hands it over'

const foreign: { title: string; make: (cluster: Cluster) => Promise<object>; says: string | ((cluster: Cluster) => string) }[] = [
  {
    title: 'that somebody made, with the same keys',
    make: async () => ({ data: { GREETING: 'mine' } }),
    says: `ConfigMap/shop: not touched: ${thereBefore}`,
  },
  {
    title: 'that somebody made, with other keys only, so that a merge would not even conflict',
    make: async () => ({ data: { OTHER: 'mine' } }),
    says: `ConfigMap/shop: not touched: ${thereBefore}`,
  },
  {
    title: 'that another controller owns',
    make: async (cluster) => {
      const owner = await create(cluster, configMaps(cluster), { metadata: { name: 'owner' } })
      return {
        metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata?.uid, controller: true }] },
      }
    },
    says: 'ConfigMap/shop: not touched: it is controlled by ConfigMap/owner',
  },
  {
    title: 'that carries the label of another App',
    make: async (cluster) => {
      const other = await createApp(cluster, 'other')
      return { metadata: { labels: { 'fairlead.dev/primary-uid': other.metadata?.uid } } }
    },
    says: ({ namespace }) => `ConfigMap/shop: not touched: it carries the label of App ${namespace}/other, which has not made it`,
  },
]

describe('a ConfigMap with the name of an App’s own', () => {
  for (const { title, make, says: expected } of foreign) {
    test(`${title}, is not touched, its siblings are applied, and the App says so`, async ({ cluster, operator }) => {
      const says = typeof expected === 'string' ? expected : expected(cluster)
      await installAppDefinition(cluster)
      const { metadata, ...content } = (await make(cluster)) as { metadata?: object }
      const before = await create(cluster, configMaps(cluster), { ...content, metadata: { ...metadata, name: 'shop' } })
      const process = await operator()

      await createApp(cluster, 'shop', config)
      const ready = await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'False', message: /not touched/ })

      expect(ready).toMatchObject({ reason: 'Conflict', message: says })
      expect(await untilCondition(cluster, appPath(cluster, 'shop'), { type: 'Stalled', status: 'True' })).toMatchObject({ message: says })
      for (const path of siblings(cluster)) expect(await exists(cluster, path), path).toBe(true)
      expect(await read(cluster, `${configMaps(cluster)}/shop`)).toEqual(before)
      expect((await process.line(/is not touched/)).msg).toBe(says.replace(': not touched', ' is not touched'))
    })
  }

  async function appInConflict(cluster: Cluster, operator: () => Promise<OperatorProcess>): Promise<void> {
    await installAppDefinition(cluster)
    await create(cluster, configMaps(cluster), { metadata: { name: 'shop' } })
    await operator()
    await createApp(cluster, 'shop', config)
    await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'False', message: /not touched/ })
    // From here on nothing of the App changes by itself, so that no event of a sibling starts a pass.
    await cluster.eventually(
      () => {
        const last = cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace }).at(-1)
        return last && Date.now() - last.time > 3_000
      },
      { describe: 'three seconds without a request' },
    )
  }

  const dataOf = async (cluster: Cluster) => (await read<{ data?: object }>(cluster, `${configMaps(cluster)}/shop`)).data

  test('is looked for again every 30 s, for a write and a read each: the App is ready soon after it is gone', { timeout: 120_000 }, async ({
    cluster,
    operator,
  }) => {
    await appInConflict(cluster, operator)
    const begin = cluster.audit.mark()
    await cluster.eventually(
      () => cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace, verb: 'get', since: begin }).length > 0,
      { timeout: 40_000 },
    )
    expect(cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: begin })).toEqual({
      'patch configmaps': 1,
      'get configmaps': 1,
    })

    await remove(cluster, `${configMaps(cluster)}/shop`)
    const removed = performance.now()
    await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'True', timeout: 40_000 })

    console.log(`ready ${((performance.now() - removed) / 1000).toFixed(1)} s after the foreign object was deleted`)
    expect(await dataOf(cluster)).toEqual(config.config)
  })

  test('that is gone is replaced at once when the App is touched', async ({ cluster, operator }) => {
    await appInConflict(cluster, operator)

    await remove(cluster, `${configMaps(cluster)}/shop`)
    await patchApp(cluster, 'shop', { metadata: { annotations: { again: 'please' } } })

    await untilCondition(cluster, appPath(cluster, 'shop'), { status: 'True', timeout: 5_000 })
    expect(await dataOf(cluster)).toEqual(config.config)
  })
})
