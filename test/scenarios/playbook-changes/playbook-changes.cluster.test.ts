import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { KubernetesObject } from '../../../src/api/object.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { change, collection, create, exists, installDefinition, read, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const apiVersion = 'changes.example.com/v1'
const one = (cluster: Cluster): string => `${collection(cluster, apiVersion, 'windows')}/one`
const web = (cluster: Cluster): string => `${collection(cluster, 'apps/v1', 'deployments')}/one-web`
const config = (cluster: Cluster, name: string): string => `${collection(cluster, 'v1', 'configmaps')}/${name}`

async function createWindow(cluster: Cluster, spec: object = {}): Promise<void> {
  await installDefinition(cluster, `${project}/crds/window.yaml`)
  const database = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'database' }, data: { host: 'db' } }
  await create(cluster, collection(cluster, 'v1', 'configmaps'), database)
  await create(cluster, collection(cluster, apiVersion, 'windows'), { apiVersion, kind: 'Window', metadata: { name: 'one' }, spec })
}

const dataOf = async (cluster: Cluster, name: string): Promise<object> =>
  (await read<{ data: object }>(cluster, config(cluster, name))).data

describe('a playbook', () => {
  test('scales what it has applied, once for each number: whoever scales it by hand in between is not undone', async ({
    cluster,
    operator,
  }) => {
    await createWindow(cluster, { replicas: 3 })
    const running = await operator({ watches })
    await untilCondition(cluster, one(cluster), { status: 'True' })
    expect((await read<KubernetesObject>(cluster, web(cluster)))['spec']).toMatchObject({ replicas: 3 })
    await change(cluster, web(cluster), { spec: { replicas: 2 } })
    await untilQuiet(cluster, running, one(cluster))
    expect((await read<KubernetesObject>(cluster, web(cluster)))['spec']).toMatchObject({ replicas: 2 })
    await change(cluster, one(cluster), { spec: { replicas: 4 } })
    await cluster.eventually(
      async () => ((await read<KubernetesObject>(cluster, web(cluster)))['spec'] as { replicas: number }).replicas === 4,
      {
        describe: 'four replicas',
      },
    )
    await untilCondition(cluster, one(cluster), { status: 'True' })
    await untilQuiet(cluster, running, one(cluster))
  })

  test('holds a field of somebody else’s object while its step is wanted, and gives it back, also after a restart', async ({
    cluster,
    operator,
  }) => {
    await createWindow(cluster, { paused: true })
    const first = await operator({ watches })
    await untilCondition(cluster, one(cluster), { status: 'True' })
    expect(await dataOf(cluster, 'database')).toEqual({ host: 'db', paused: 'yes' })
    await first.stop()
    const second = await operator({ watches })
    await untilQuiet(cluster, second, one(cluster))
    await change(cluster, one(cluster), { spec: { paused: false } })
    await cluster.eventually(async () => !('paused' in (await dataOf(cluster, 'database'))), { describe: 'it is given back' })
    expect(await dataOf(cluster, 'database')).toEqual({ host: 'db' })
    await untilCondition(cluster, one(cluster), { status: 'True' })
    await untilQuiet(cluster, second, one(cluster))
  })

  test('deletes nothing of others, and says so, unless the step is told to', async ({ cluster, operator }) => {
    await createWindow(cluster, { forget: 'database' })
    await operator({ watches })
    await untilCondition(cluster, one(cluster), {
      status: 'False',
      message: /ConfigMap \S+\/database is not one of Window \S+\/one; with foreign: true/,
    })
    expect(await exists(cluster, config(cluster, 'database'))).toBe(true)
    await change(cluster, one(cluster), { spec: { force: true } })
    await untilCondition(cluster, one(cluster), { status: 'True' })
    expect(await exists(cluster, config(cluster, 'database'))).toBe(false)
  })
})
