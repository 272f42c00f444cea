import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { FaultyServer } from '../faulty-server.ts'
import { type OperatorProcess, test } from '../fixture.ts'
import { may } from '../access.ts'
import { scrape } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const apiVersion = 'withdrawn.example.com/v1'

const rules = (configMaps: readonly string[]) => [
  {
    verbs: ['get', 'list', 'watch', 'patch'],
    apiGroups: ['withdrawn.example.com'],
    resources: ['harbors', 'harbors/status', 'harbors/finalizers'],
  },
  { verbs: ['get'], apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'] },
  { verbs: ['get', 'create', 'patch'], apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
  { verbs: ['*'], apiGroups: [''], resources: ['secrets'] },
  { verbs: configMaps, apiGroups: [''], resources: ['configmaps'] },
]
const writing = ['get', 'create', 'patch', 'delete']
const seeing = [...writing, 'list', 'watch']
const account = async (cluster: Cluster, configMaps: readonly string[]) =>
  await cluster.kubeconfigFor({ name: 'operator', rules: rules(configMaps) })
const user = (cluster: Cluster) => `system:serviceaccount:${cluster.namespace}:operator`
const configMap = (cluster: Cluster, name: string) => `${collection(cluster, 'v1', 'configmaps')}/${name}`

async function createHarbor(cluster: Cluster, name: string, spec: object): Promise<string> {
  const path = `${collection(cluster, apiVersion, 'harbors')}/${name}`
  await create(cluster, collection(cluster, apiVersion, 'harbors'), { apiVersion, kind: 'Harbor', metadata: { name }, spec })
  return path
}

/** Takes the permission to list and watch ConfigMaps away, and ends the watch that was opened with it. */
async function withdraw(cluster: Cluster, server: FaultyServer, process?: OperatorProcess): Promise<void> {
  await account(cluster, writing)
  await cluster.eventually(async () => !(await may(cluster, user(cluster), 'list', 'configmaps')), { describe: 'the permission is gone' })
  server.endWatches(({ path }) => path.endsWith('/configmaps'))
  await process?.line(/ConfigMap is forbidden/)
}

describe('the permission to see one kind of dependents, withdrawn while the operator runs', () => {
  test('leaves what the kind had, goes on with the others, says what is missing, and is made up for when it is back', async ({
    cluster,
    operator,
  }) => {
    await installDefinition(cluster, `${project}/charts/harbor/crds/harbor.yaml`)
    await using server = await FaultyServer.start(cluster, await account(cluster, seeing))
    const process = await operator({ watches, kubeconfig: server.kubeconfig })
    const harbor = await createHarbor(cluster, 'north', { berths: 1, light: true })
    await untilCondition(cluster, harbor, { status: 'True' })

    await withdraw(cluster, server, process)
    const denied = `GET configmaps in namespace "${cluster.namespace}": 403 Forbidden: ${user(cluster)} may not watch configmaps in namespace "${cluster.namespace}"`
    expect((await process.line(/is forbidden/)).msg).toBe(`ConfigMap is forbidden: ${denied}`)
    const blind = cluster.audit.mark()
    await change(cluster, harbor, { spec: { berths: 2, light: null } })

    expect(await untilCondition(cluster, harbor, { status: 'False', message: /cannot be read/ })).toMatchObject({
      reason: 'Waiting',
      message: `waits for deletion of what is no longer rendered: v1 ConfigMap cannot be read now (${denied})`,
    })
    const secret = await read<{ data: { berths: string } }>(cluster, `${collection(cluster, 'v1', 'secrets')}/north`)
    expect(Buffer.from(secret.data.berths, 'base64').toString()).toBe('2')
    expect(await exists(cluster, configMap(cluster, 'north-light'))).toBe(true)
    expect(cluster.audit.requests({ userAgent: 'fairlead/', verb: 'delete', namespace: cluster.namespace, since: blind })).toEqual([])

    await account(cluster, seeing)
    const granted = performance.now()
    await untilCondition(cluster, harbor, { status: 'True' })
    console.log(`all is done ${((performance.now() - granted) / 1000).toFixed(1)} s after the permission was granted`)
    expect(await exists(cluster, configMap(cluster, 'north-light'))).toBe(false)
    expect((await read<{ data: object }>(cluster, configMap(cluster, 'north'))).data).toEqual({ berths: '2' })
  })

  test('is noticed by the audit where the watch lives on', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/harbor/crds/harbor.yaml`)
    const process = await operator({ watches, kubeconfig: await account(cluster, seeing) })
    await untilCondition(cluster, await createHarbor(cluster, 'north', { berths: 1 }), { status: 'True' })
    await account(cluster, writing)
    await cluster.eventually(async () => !(await may(cluster, user(cluster), 'list', 'configmaps')), { describe: 'the permission is gone' })
    expect((await scrape(process)).series('fairlead_informer_state', { kind: 'ConfigMap', state: 'synced' })).toMatchObject([{ value: 1 }])

    await process.audit()
    await cluster.eventually(
      async () => (await scrape(process)).sum('fairlead_informer_state', { kind: 'ConfigMap', state: 'forbidden' }) === 1,
    )
    await account(cluster, seeing)
    await cluster.eventually(async () => (await scrape(process)).settled, { describe: 'it is synced again' })
  })
})

describe('a custom resource that is deleted while one kind cannot be seen', () => {
  test('keeps its finalizer and what it has in another namespace, says so, and goes when it can be seen again', async ({
    cluster,
    operator,
  }) => {
    await installDefinition(cluster, `${project}/charts/harbor/crds/harbor.yaml`)
    const other = `${cluster.namespace}-agency`
    await create(cluster, '/api/v1/namespaces', { metadata: { name: other } })
    await using server = await FaultyServer.start(cluster, await account(cluster, seeing))
    const process = await operator({ watches, kubeconfig: server.kubeconfig, namespaces: [] })
    const harbor = await createHarbor(cluster, 'south', { berths: 1, namespace: other })
    await untilCondition(cluster, harbor, { status: 'True' })
    const agency = `/api/v1/namespaces/${other}/configmaps/south-agency`
    expect(await exists(cluster, agency)).toBe(true)

    // What is in the caches is deleted all the same, so nothing may be in them: the operator starts anew.
    await process.stop()
    await withdraw(cluster, server)
    const second = await operator({ watches, kubeconfig: server.kubeconfig, namespaces: [] })
    await second.line(/ConfigMap is forbidden/)
    const blind = cluster.audit.mark()
    await remove(cluster, harbor)

    const stalled = await untilCondition(cluster, harbor, { type: 'Stalled', status: 'True' })
    expect(stalled.reason).toBe('DeletionStuck')
    expect(stalled.message).toBe(
      `it cannot be known what is left of Harbor/south: GET configmaps: 403 Forbidden: ${user(cluster)} may not list configmaps in the cluster; ` +
        'the deletion goes on as soon as that can be read, or the annotation fairlead.dev/deletion-policy: background on Harbor/south lets the deletion go on with what can be read',
    )
    expect(await exists(cluster, agency)).toBe(true)
    expect(
      cluster.audit.requests({ userAgent: 'fairlead/', verb: 'delete', since: blind, resource: 'configmaps', namespace: other }),
    ).toEqual([])

    await account(cluster, seeing)
    const granted = performance.now()
    await cluster.eventually(async () => !(await exists(cluster, harbor)), { describe: 'the Harbor is gone', timeout: 30_000 })
    console.log(`gone ${((performance.now() - granted) / 1000).toFixed(1)} s after the permission was granted`)
    expect(await exists(cluster, agency)).toBe(false)
    await cluster.request('DELETE', `/api/v1/namespaces/${other}`)
  })

  for (const policy of ['foreground', 'orphan'] as const)
    test(`with ${policy} deletion waits for it, and names the annotation that lets it go on`, async ({ cluster, operator }) => {
      await installDefinition(cluster, `${project}/charts/harbor/crds/harbor.yaml`)
      await using server = await FaultyServer.start(cluster, await account(cluster, seeing))
      const process = await operator({ watches, kubeconfig: server.kubeconfig })
      const harbor = await createHarbor(cluster, 'east', { berths: 1 })
      await change(cluster, harbor, { metadata: { annotations: { 'fairlead.dev/deletion-policy': policy } } })
      await cluster.eventually(async () => (await read(cluster, harbor)).metadata.finalizers?.includes('fairlead.dev/dependents'))
      await untilCondition(cluster, harbor, { status: 'True' })
      await withdraw(cluster, server, process)
      await remove(cluster, harbor)

      const stalled = await untilCondition(cluster, harbor, { type: 'Stalled', status: 'True', message: /cannot be known/ })
      expect(stalled.message).toMatch(
        /^it cannot be known what is left of Harbor\/east: v1 ConfigMap: GET configmaps .* may not watch configmaps .*, or the annotation fairlead.dev\/deletion-policy: background on Harbor\/east lets the deletion go on with what can be read$/,
      )
      expect(await exists(cluster, configMap(cluster, 'east'))).toBe(true)

      await change(cluster, harbor, { metadata: { annotations: { 'fairlead.dev/deletion-policy': 'background' } } })
      await cluster.eventually(async () => !(await exists(cluster, harbor)), { describe: 'the Harbor is gone' })
    })
})
