import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { type OperatorProcess, test } from '../fixture.ts'
import type { PassOutcome } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const example = (file: string): string => fileURLToPath(new URL(`../../../examples/webapp/${file}`, import.meta.url))
const watches = example('watches.yaml')
const apiVersion = 'web.example.com/v1alpha1'
const apps = (cluster: Cluster): string => collection(cluster, apiVersion, 'webapplications')
const shop = (cluster: Cluster): string => `${apps(cluster)}/shop`
const deployment = (cluster: Cluster): string => `${collection(cluster, 'apps/v1', 'deployments')}/shop`
const quotas = (cluster: Cluster): string => collection(cluster, 'v1', 'resourcequotas')
const jobs = (cluster: Cluster): string => collection(cluster, 'batch/v1', 'jobs')

interface Live {
  metadata: { name: string; uid: string; generation?: number; resourceVersion: string; deletionTimestamp?: string }
  spec: { template: { spec: { containers: { image: string; env: object[] }[] } } }
  data?: Record<string, string>
}

const volumes = '/api/v1/persistentvolumes'

/** Creates the WebApplication, and the volumes that nobody else makes here. */
const scenario = test.extend('createShop', async ({ cluster }, { onCleanup }) => {
  const names = ['data-shop-db-0', 'shop-backups']
  onCleanup(async () => {
    for (const name of names) await remove(cluster, `${volumes}/${cluster.namespace}-${name}`)
  })
  for (const name of names)
    await create(cluster, volumes, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `${cluster.namespace}-${name}` },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/nonexistent' },
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: cluster.namespace, name },
      },
    })
  await installDefinition(cluster, example('crds/webapplication.yaml'))
  return async (spec: object = {}): Promise<string> => {
    const metadata = { name: 'shop' }
    await create(cluster, apps(cluster), { apiVersion, kind: 'WebApplication', metadata, spec: { image: 'shop', version: '1', ...spec } })
    return shop(cluster)
  }
})

const listed = async (cluster: Cluster, path: string): Promise<Live[]> =>
  (await read<{ items: Live[] }>(cluster, path)).items.filter(({ metadata }) => metadata.deletionTimestamp === undefined)

const imageOf = ({ spec }: Live): string | undefined => spec.template.spec.containers[0]?.image
const image = async (cluster: Cluster): Promise<string | undefined> => imageOf(await read<Live>(cluster, deployment(cluster)))
const jobImages = async (cluster: Cluster): Promise<(string | undefined)[]> => (await listed(cluster, jobs(cluster))).map(imageOf)

/** From here on there are no more of these in the namespace. */
async function hold(cluster: Cluster, what: 'pods' | 'count/replicasets.apps', most: number): Promise<{ release: () => Promise<void> }> {
  const name = what.replaceAll(/[^a-z]/g, '-')
  await create(cluster, quotas(cluster), {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name },
    spec: { hard: { [what]: String(most) } },
  })
  const path = `${quotas(cluster)}/${name}`
  await cluster.eventually(
    async () => (await read<{ status?: { hard?: Record<string, string> } }>(cluster, path)).status?.hard?.[what] !== undefined,
    { describe: `the quota of ${what} holds` },
  )
  return { release: async () => await remove(cluster, path) }
}

const ready = async (cluster: Cluster): Promise<unknown> =>
  await untilCondition(cluster, shop(cluster), { status: 'True', timeout: 60_000 })

const jobsMade = (cluster: Cluster, since?: ReturnType<Cluster['audit']['mark']>): number =>
  cluster.audit
    .requests({ userAgent: 'fairlead/', namespace: cluster.namespace, ...(since !== undefined && { since }) })
    .filter(({ resource, code }) => resource === 'jobs' && code === 201).length

/** All that the operator has made, each as it is. */
async function made(cluster: Cluster): Promise<string[]> {
  const paths = [
    jobs(cluster),
    ...['deployments', 'statefulsets'].map((plural) => collection(cluster, 'apps/v1', plural)),
    ...['secrets', 'services'].map((plural) => collection(cluster, 'v1', plural)),
  ]
  const objects = (await Promise.all(paths.map(async (path) => await listed(cluster, path)))).flat()
  return objects.map(({ metadata: { name, uid, generation, resourceVersion } }) => `${name} ${uid} ${generation ?? resourceVersion}`).sort()
}

/** Kills the operator when it has nothing more to do but to wait, and starts it again, three times: nothing may come of that. */
function killing(
  cluster: Cluster,
  operator: (options: { watches: string }) => Promise<OperatorProcess>,
  first: OperatorProcess,
): (until: PassOutcome | RegExp) => Promise<void> {
  let process = first
  // What is being deleted is read live in each pass, which is never free: there a line of the log tells that it is taken up again.
  const settled = async (until: PassOutcome | RegExp): Promise<unknown> =>
    await (until instanceof RegExp ? process.line(until) : untilQuiet(cluster, process, shop(cluster), until))
  return async (until) => {
    await settled(until)
    const before = await made(cluster)
    for (let kills = 0; kills < 3; kills++) {
      await process.stop('SIGKILL')
      process = await operator({ watches })
      await settled(until)
    }
    expect(await made(cluster)).toEqual(before)
  }
}

describe('a web application', () => {
  scenario('migrates each version once, before any pod of it, and tells which version runs', async ({ cluster, operator, createShop }) => {
    const path = await createShop()
    const process = await operator({ watches })
    await ready(cluster)
    expect(await image(cluster)).toBe('shop:1')

    const held = await hold(cluster, 'pods', 0)
    await change(cluster, path, { spec: { version: '2' } })
    await untilCondition(cluster, path, { status: 'False', message: /waits for step "migrate" to end/ })
    expect(await jobImages(cluster)).toEqual(['shop:2'])
    expect(await image(cluster)).toBe('shop:1')
    const [job] = await listed(cluster, jobs(cluster))
    expect(job?.spec.template.spec.containers[0]?.env).toContainEqual({
      name: 'DATABASE_PASSWORD',
      valueFrom: { secretKeyRef: { name: 'shop-generated', key: 'database' } },
    })

    await held.release()
    await ready(cluster)
    expect(await image(cluster)).toBe('shop:2')
    expect((await read<{ status: { version: string } }>(cluster, path)).status.version).toBe('2')
    await untilQuiet(cluster, process, path)
    expect(jobsMade(cluster)).toBe(2)
  })

  scenario(
    'whose migration fails goes on with the old version, and says which step and line',
    async ({ cluster, operator, createShop }) => {
      const path = await createShop()
      const process = await operator({ watches })
      await ready(cluster)

      const held = await hold(cluster, 'pods', 0)
      await change(cluster, path, { spec: { version: '2', migration: { timeout: '1s' } } })
      const condition = await untilCondition(cluster, path, { status: 'False', message: /failed/, timeout: 40_000 })
      expect(condition).toMatchObject({
        reason: 'StepFailed',
        message: expect.stringMatching(
          /^\S*webapp\.yaml:\d+:\d+: step "migrate" Job \S+\/shop-migrate-\S+ failed: DeadlineExceeded$/,
        ) as string,
      })
      await remove(cluster, deployment(cluster))
      await cluster.eventually(async () => (await image(cluster)) === 'shop:1', { describe: 'the Deployment is there again' })
      await untilQuiet(cluster, process, path, 'failed')
      expect(await jobImages(cluster)).toEqual(['shop:2'])

      await held.release()
      await change(cluster, path, { spec: { migration: { timeout: '30m' } } })
      await ready(cluster)
      expect(await image(cluster)).toBe('shop:2')
    },
  )

  scenario(
    'whose roll-out does not become ready goes back to the old version, and stays there',
    async ({ cluster, operator, createShop }) => {
      const path = await createShop({ rolloutTimeout: '5s' })
      const process = await operator({ watches })
      await ready(cluster)

      const held = await hold(cluster, 'count/replicasets.apps', 1)
      await change(cluster, path, { spec: { version: '2' } })
      await cluster.eventually(async () => (await image(cluster)) === 'shop:2', { describe: 'version 2 is rolled out' })
      const condition = await untilCondition(cluster, path, { status: 'False', message: /did not become ready/ })
      expect(condition).toMatchObject({
        reason: 'StepFailed',
        message: expect.stringMatching(/^\S*webapp\.yaml:\d+:\d+: version 2 did not become ready in 5s, version 1 runs$/) as string,
      })
      await untilQuiet(cluster, process, path, 'failed')
      expect(await image(cluster)).toBe('shop:1')
      expect((await read<{ status: { version: string } }>(cluster, path)).status.version).toBe('1')
      await untilCondition(cluster, path, { type: 'Available', status: 'True' })
      const before = await made(cluster)
      await untilQuiet(cluster, process, path, 'failed')
      expect(await made(cluster)).toEqual(before)

      await held.release()
      await change(cluster, path, { spec: { rolloutTimeout: '10m' } })
      await ready(cluster)
      expect(await image(cluster)).toBe('shop:2')
      expect(jobsMade(cluster)).toBe(2)
    },
  )

  scenario(
    'goes on where it was when the operator is killed in the middle of a phase, three times each',
    async ({ cluster, operator, createShop }) => {
      const path = await createShop({ rolloutTimeout: '1h' })
      const killed = killing(cluster, operator, await operator({ watches }))
      await ready(cluster)
      await killed('done')

      const pods = await hold(cluster, 'pods', 0)
      await change(cluster, path, { spec: { version: '2' } })
      await untilCondition(cluster, path, { status: 'False', message: /waits for step "migrate" to end/ })
      await killed('wait')

      const sets = await hold(cluster, 'count/replicasets.apps', 1)
      await pods.release()
      await untilCondition(cluster, path, { status: 'False', message: /Deployment\/shop to be ready/, timeout: 60_000 })
      await killed('retry')

      await change(cluster, path, { spec: { rolloutTimeout: '1s' } })
      await untilCondition(cluster, path, { status: 'False', message: /did not become ready/ })
      await killed('failed')
      expect(await image(cluster)).toBe('shop:1')
      await sets.release()
    },
    240_000,
  )

  scenario('that is deleted leaves the volumes of its database and of its backups', async ({ cluster, operator, createShop }) => {
    const path = await createShop({ backup: { schedule: '0 0 1 1 *', onDelete: true } })
    await operator({ watches })
    await ready(cluster)
    const mark = cluster.audit.mark()
    await remove(cluster, path)
    await cluster.eventually(async () => !(await exists(cluster, path)), { describe: 'the WebApplication is gone', timeout: 60_000 })
    await cluster.eventually(async () => !(await exists(cluster, deployment(cluster))), {
      describe: 'its Deployment is gone',
      timeout: 60_000,
    })
    expect(jobsMade(cluster, mark)).toBe(2)
    const claims = (await listed(cluster, collection(cluster, 'v1', 'persistentvolumeclaims'))).map(({ metadata }) => metadata.name)
    expect(claims.sort()).toEqual(['data-shop-db-0', 'shop-backups'])
  })

  scenario(
    'goes on with the start of its database, and with its last backup, when the operator is killed, three times each',
    async ({ cluster, operator, createShop }) => {
      const before = await hold(cluster, 'pods', 0)
      const path = await createShop({ backup: { schedule: '0 0 1 1 *', onDelete: true } })
      const killed = killing(cluster, operator, await operator({ watches }))
      await untilCondition(cluster, path, { status: 'False', message: /StatefulSet\/shop-db to be ready/ })
      await killed('wait')
      await before.release()
      await ready(cluster)

      const after = await hold(cluster, 'pods', 0)
      await remove(cluster, path)
      await cluster.eventually(async () => (await jobImages(cluster)).includes('postgres:17'), { describe: 'the last backup has begun' })
      await killed(/step "dump" begins/)
      await after.release()
      await cluster.eventually(async () => !(await exists(cluster, path)), { describe: 'the WebApplication is gone', timeout: 60_000 })
      expect(jobsMade(cluster)).toBe(3)
    },
    240_000,
  )
})
