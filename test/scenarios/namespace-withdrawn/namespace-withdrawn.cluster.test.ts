import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { may } from '../access.ts'
import { FaultyServer } from '../faulty-server.ts'
import { type OperatorProcess, test } from '../fixture.ts'
import { change, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const apiVersion = 'ports.withdrawn.example.com/v1'

const clusterRules = [
  { verbs: ['get'], apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'] },
  { verbs: ['get'], apiGroups: [''], resources: ['namespaces'] },
  { verbs: ['get', 'create', 'patch'], apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
]
const rules = (configMaps: readonly string[]) => [
  {
    verbs: ['get', 'list', 'watch', 'patch'],
    apiGroups: ['ports.withdrawn.example.com'],
    resources: ['piers', 'piers/status', 'piers/finalizers'],
  },
  { verbs: configMaps, apiGroups: [''], resources: ['configmaps'] },
]
const writing = ['get', 'create', 'patch', 'delete']
const seeing = [...writing, 'list', 'watch']
const user = (cluster: Cluster) => `system:serviceaccount:${cluster.namespace}:operator`
const grant = async (cluster: Cluster, namespace: string, configMaps: readonly string[]) =>
  await cluster.kubeconfigFor({ name: 'operator', rules: rules(configMaps), namespace })

const configMap = (namespace: string, name: string) => `/api/v1/namespaces/${namespace}/configmaps/${name}`
const dataOf = async (cluster: Cluster, path: string) =>
  (await exists(cluster, path)) ? (await read<{ data?: Record<string, string> }>(cluster, path)).data : undefined

async function createPier(cluster: Cluster, namespace: string, spec: object): Promise<string> {
  const piers = `/apis/${apiVersion}/namespaces/${namespace}/piers`
  await create(cluster, piers, { apiVersion, kind: 'Pier', metadata: { name: 'pier' }, spec })
  return `${piers}/pier`
}

/** An operator that may work in two namespaces, by a Role in each. */
async function twoNamespaces(cluster: Cluster): Promise<{ near: string; far: string; kubeconfig: string }> {
  await installDefinition(cluster, `${project}/charts/pier/crds/pier.yaml`)
  const [near, far] = [`${cluster.namespace}-near`, `${cluster.namespace}-far`]
  for (const name of [near, far]) await create(cluster, '/api/v1/namespaces', { metadata: { name } })
  await cluster.kubeconfigFor({ name: 'operator', rules: clusterRules })
  await grant(cluster, near, seeing)
  return { near, far, kubeconfig: await grant(cluster, far, seeing) }
}

/** Resolves when the pier in this namespace is changed, healed and pruned. */
async function untilServed(cluster: Cluster, namespace: string, pier: string): Promise<void> {
  await change(cluster, pier, { spec: { length: 7, light: true } })
  await untilCondition(cluster, pier, { status: 'True' })
  expect(await exists(cluster, configMap(namespace, 'pier-light'))).toBe(true)
  await change(cluster, pier, { spec: { light: null } })
  await cluster.eventually(async () => !(await exists(cluster, configMap(namespace, 'pier-light'))), {
    describe: 'what is not rendered is gone',
  })
  await remove(cluster, configMap(namespace, 'pier'))
  await cluster.eventually(async () => (await dataOf(cluster, configMap(namespace, 'pier')))?.['length'] === '7', {
    describe: 'it is healed',
  })
  await untilCondition(cluster, pier, { status: 'True' })
}

const readiness = async (process: OperatorProcess) => (await fetch(`${await process.healthUrl()}/readyz`)).status

describe('the permission to see one kind in one of two namespaces, withdrawn while the operator runs', () => {
  test('holds up what is in that namespace, says so there, and nothing else', async ({ cluster, operator }) => {
    const { near, far, kubeconfig } = await twoNamespaces(cluster)
    await using server = await FaultyServer.start(cluster, kubeconfig)
    const process = await operator({ watches, kubeconfig: server.kubeconfig, namespaces: [near, far] })
    const nearby = await createPier(cluster, near, { length: 1 })
    const remote = await createPier(cluster, far, { length: 1, light: true })
    await untilCondition(cluster, nearby, { status: 'True' })
    await untilCondition(cluster, remote, { status: 'True' })

    await grant(cluster, far, writing)
    await cluster.eventually(async () => !(await may(cluster, user(cluster), 'list', 'configmaps', far)), { describe: 'it is withdrawn' })
    server.endWatches(({ path }) => path === `/api/v1/namespaces/${far}/configmaps`)
    const denied = `GET configmaps in namespace "${far}": 403 Forbidden: ${user(cluster)} may not watch configmaps in namespace "${far}"`
    expect((await process.line(/is forbidden/)).msg).toBe(`ConfigMap is forbidden: ${denied}`)
    await change(cluster, remote, { spec: { light: null } })

    expect((await untilCondition(cluster, remote, { status: 'False', message: /cannot be read/ })).message).toBe(
      `waits for deletion of what is no longer rendered: v1 ConfigMap cannot be read now (${denied})`,
    )
    await untilServed(cluster, near, nearby)
    expect(await exists(cluster, configMap(far, 'pier-light'))).toBe(true)
    expect(await readiness(process)).toBe(200)

    await grant(cluster, far, seeing)
    const granted = performance.now()
    await untilCondition(cluster, remote, { status: 'True' })
    console.log(`the namespace is served again ${((performance.now() - granted) / 1000).toFixed(1)} s after the permission was granted`)
    await untilServed(cluster, far, remote)
    for (const name of [near, far]) await cluster.request('DELETE', `/api/v1/namespaces/${name}`)
  })
})

describe('a namespace that is deleted together with its Role', () => {
  test('holds up neither the other namespace nor the deletion of what had something in it', async ({ cluster, operator }) => {
    const { near, far, kubeconfig } = await twoNamespaces(cluster)
    const process = await operator({ watches, kubeconfig, namespaces: [near, far] })
    const nearby = await createPier(cluster, near, { length: 1, namespace: far })
    await untilCondition(cluster, await createPier(cluster, far, { length: 1 }), { status: 'True' })
    await untilCondition(cluster, nearby, { status: 'True' })
    expect((await read(cluster, nearby)).metadata.finalizers).toEqual(['fairlead.dev/dependents'])
    expect(await exists(cluster, configMap(far, 'pier-agency'))).toBe(true)

    await cluster.request('DELETE', `/api/v1/namespaces/${far}`)
    await cluster.eventually(async () => (await cluster.request('GET', `/api/v1/namespaces/${far}`)).status === 404, {
      describe: 'the namespace is gone',
      timeout: 40_000,
    })
    // Nothing of it is rendered any more; the watches of the namespace end some time, and an audit does not wait for that.
    await change(cluster, nearby, { spec: { namespace: null } })
    await process.audit()
    await process.line(/ConfigMap is gone: its namespace is gone/)

    await untilServed(cluster, near, nearby)
    expect(await readiness(process)).toBe(200)
    await remove(cluster, nearby)
    await cluster.eventually(async () => !(await exists(cluster, nearby)), { describe: 'the custom resource is gone' })
    await cluster.request('DELETE', `/api/v1/namespaces/${near}`)
  })
})
