import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { PolicyRule } from '../../controlplane/cluster.ts'
import type { Cluster } from '../../controlplane/fixture.ts'
import { FaultyServer, serviceUnavailable } from '../faulty-server.ts'
import { test as base } from '../fixture.ts'
import { scrape } from '../metrics.ts'
import { change, collection, create, definitionIn, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const watches = `${project}/watches.yaml`
const finalizer = 'fairlead.dev/dependents'

interface Live {
  metadata: { uid: string; finalizers?: string[]; ownerReferences?: object[]; labels: object; annotations: object }
  data?: object
}

const branches = (cluster: Cluster) => collection(cluster, 'branches.example.com/v1', 'branches')
const role = (cluster: Cluster) => `/apis/rbac.authorization.k8s.io/v1/clusterroles/${cluster.namespace}-branch`
const namespace = (name: string) => `/api/v1/namespaces/${name}`
const sign = (other: string, name = 'main-sign') => `${namespace(other)}/configmaps/${name}`

/** All that the operator needs but ConfigMaps. */
const rules: readonly PolicyRule[] = [
  { apiGroups: ['branches.example.com'], resources: ['branches'], verbs: ['get', 'list', 'watch', 'patch'] },
  { apiGroups: ['branches.example.com'], resources: ['branches/status'], verbs: ['patch'] },
  { apiGroups: ['branches.example.com'], resources: ['branches/finalizers'], verbs: ['update'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'patch'] },
  { apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: ['get'] },
]

/** A second namespace, and an end without anything that a finalizer holds. */
const test = base.extend('other', async ({ cluster }, { onCleanup }) => {
  const other = `${cluster.namespace}-other`
  await create(cluster, '/api/v1/namespaces', { metadata: { name: other } })
  onCleanup(async () => {
    const { items = [] } = await read<{ items?: { metadata: { name: string } }[] }>(cluster, branches(cluster)).catch(() => ({ items: [] }))
    for (const { metadata } of items)
      await change(cluster, `${branches(cluster)}/${metadata.name}`, { metadata: { finalizers: null } }).catch(() => undefined)
    for (const path of [role(cluster), namespace(other)]) await cluster.request('DELETE', path)
  })
  return other
})

async function createBranch(cluster: Cluster, spec: object, metadata: object = {}): Promise<string> {
  const body = { apiVersion: 'branches.example.com/v1', kind: 'Branch', metadata: { name: 'main', ...metadata }, spec }
  const { metadata: made } = await create(cluster, branches(cluster), body)
  return `${branches(cluster)}/${(made as { name: string }).name}`
}
const finalizersOf = async (cluster: Cluster, path: string) => (await read<Live>(cluster, path)).metadata.finalizers ?? []
const goOn = async (cluster: Cluster, path: string) =>
  await change(cluster, path, { metadata: { annotations: { 'fairlead.dev/deletion-policy': 'background' } } })
const untilGone = async (cluster: Cluster, path: string) =>
  await cluster.eventually(async () => !(await exists(cluster, path)), { describe: `${path} is gone`, interval: 20, timeout: 40_000 })

describe('a dependent in another namespace, and one outside of namespaces', () => {
  test('is made, healed and deleted with its primary', async ({ cluster, operator, other }) => {
    await installDefinition(cluster, `${project}/charts/branch/crds/branch.yaml`)
    const process = await operator({ watches, namespaces: [cluster.namespace, other] })
    const begin = cluster.audit.mark()
    const branch = await createBranch(cluster, { namespace: other, role: `${cluster.namespace}-branch` })
    await untilCondition(cluster, branch, { status: 'True' })

    for (const path of [sign(other), role(cluster)])
      expect((await read<Live>(cluster, path)).metadata.ownerReferences, path).toBeUndefined()
    expect((await read<Live>(cluster, `${collection(cluster, 'v1', 'configmaps')}/main`)).metadata.ownerReferences).toHaveLength(1)
    const writes = cluster.audit.requests({ userAgent: 'fairlead/', verb: 'patch', namespace: cluster.namespace, since: begin })
    const names = writes.map(({ resource, subresource }) => `${resource}${subresource}`)
    expect(names.indexOf('branches')).toBeLessThan(names.indexOf('configmaps'))
    expect(names.filter((name) => name === 'branches')).toHaveLength(1)

    await change(cluster, sign(other), { data: { of: 'somebody' } })
    await cluster.eventually(async () => (await read<Live>(cluster, sign(other))).data, { describe: 'the data' })
    await cluster.eventually(async () => (await read<{ data: { of: string } }>(cluster, sign(other))).data.of === cluster.namespace, {
      describe: 'the ConfigMap is healed',
      interval: 20,
    })
    await remove(cluster, role(cluster))
    await cluster.eventually(async () => await exists(cluster, role(cluster)), { describe: 'the ClusterRole is back', interval: 20 })
    await untilQuiet(cluster, process, branch)

    await remove(cluster, branch)
    for (const path of [branch, sign(other), role(cluster)]) await untilGone(cluster, path)
  })

  test('that does not go holds its primary, until that is told to go on', async ({ cluster, operator, other }) => {
    await installDefinition(cluster, `${project}/charts/branch/crds/branch.yaml`)
    await operator({ watches, namespaces: [cluster.namespace, other] })
    const branch = await createBranch(cluster, { namespace: other })
    await untilCondition(cluster, branch, { status: 'True' })
    await change(cluster, sign(other), { metadata: { finalizers: ['example.com/hold'] } })

    await remove(cluster, branch)
    await untilCondition(cluster, branch, { status: 'False', message: /^waits for the deletion of ConfigMap\/main-sign/ })
    await goOn(cluster, branch)

    await untilGone(cluster, branch)
    expect(await read(cluster, sign(other))).toMatchObject({ metadata: { deletionTimestamp: expect.any(String) } })
    await change(cluster, sign(other), { metadata: { finalizers: null } })
  })

  test('has a finalizer on its primary just as long as there is one', async ({ cluster, operator, other }) => {
    await installDefinition(cluster, `${project}/charts/branch/crds/branch.yaml`)
    const process = await operator({ watches, namespaces: [cluster.namespace, other] })
    const branch = await createBranch(cluster, {}, { finalizers: ['example.com/theirs'] })
    await untilCondition(cluster, branch, { status: 'True' })
    expect(await finalizersOf(cluster, branch)).toEqual(['example.com/theirs'])

    await change(cluster, branch, { spec: { namespace: other } })
    await untilCondition(cluster, branch, { status: 'True' })
    expect(await finalizersOf(cluster, branch)).toEqual(['example.com/theirs', finalizer])

    await change(cluster, branch, { spec: { namespace: null } })
    await untilGone(cluster, sign(other))
    await cluster.eventually(async () => (await finalizersOf(cluster, branch)).length === 1, {
      describe: 'the finalizer is dropped',
      interval: 20,
    })
    expect(await finalizersOf(cluster, branch)).toEqual(['example.com/theirs'])
    await untilQuiet(cluster, process, branch)
  })

  test('stays where it was not made by this primary: copies of the primary and of the dependent', async ({ cluster, operator, other }) => {
    await installDefinition(cluster, `${project}/charts/branch/crds/branch.yaml`)
    await operator({ watches, namespaces: [cluster.namespace, other] })
    const branch = await createBranch(cluster, { namespace: other })
    await untilCondition(cluster, branch, { status: 'True' })
    const { labels, annotations } = (await read<Live>(cluster, sign(other))).metadata
    await create(cluster, `${namespace(other)}/configmaps`, { metadata: { name: 'copy', labels, annotations } })
    const copy = await createBranch(cluster, {}, { name: 'copy', finalizers: [finalizer] })
    await cluster.eventually(async () => (await finalizersOf(cluster, copy)).length === 0, { describe: 'the copied finalizer is dropped' })

    await remove(cluster, copy)
    await untilGone(cluster, copy)
    expect(await exists(cluster, sign(other))).toBe(true)
    await remove(cluster, branch)
    await untilGone(cluster, branch)
    expect([await exists(cluster, sign(other)), await exists(cluster, sign(other, 'copy'))]).toEqual([false, true])
  })

  test('whose namespace is gone does not hold its primary up', { timeout: 60_000 }, async ({ cluster, operator, other }) => {
    await installDefinition(cluster, `${project}/charts/branch/crds/branch.yaml`)
    const process = await operator({ watches, namespaces: [cluster.namespace, other] })
    const branch = await createBranch(cluster, { namespace: other })
    await untilCondition(cluster, branch, { status: 'True' })
    await process.stop()
    await remove(cluster, namespace(other))
    await cluster.eventually(async () => !(await exists(cluster, namespace(other))), { describe: 'the namespace is gone', timeout: 30_000 })
    await remove(cluster, branch)
    expect(await exists(cluster, branch)).toBe(true)

    await operator({ watches, namespaces: [cluster.namespace, other] })

    await untilGone(cluster, branch)
  })

  test('whose namespace goes together with the Role in it does not hold its primary up', { timeout: 90_000 }, async ({
    cluster,
    operator,
    other,
  }) => {
    await installDefinition(cluster, `${project}/charts/branch/crds/branch.yaml`)
    const name = 'operator'
    await cluster.kubeconfigFor({ name, rules: [...rules, { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] }] })
    const configMaps = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['*'] }]
    await cluster.kubeconfigFor({ name, namespace: cluster.namespace, rules: configMaps })
    const kubeconfig = await cluster.kubeconfigFor({ name, namespace: other, rules: configMaps })
    const process = await operator({ watches, kubeconfig, namespaces: [cluster.namespace, other] })
    const branch = await createBranch(cluster, { namespace: other })
    await untilCondition(cluster, branch, { status: 'True' })
    const second = await createBranch(cluster, { namespace: cluster.namespace }, { name: 'second' })
    await untilCondition(cluster, second, { status: 'True' })

    await remove(cluster, namespace(other))
    await untilGone(cluster, namespace(other))
    await untilCondition(cluster, branch, { status: 'False', message: /namespace/, timeout: 30_000 })
    await remove(cluster, branch)

    await untilGone(cluster, branch)
    // What is elsewhere is healed as ever.
    await remove(cluster, sign(cluster.namespace, 'second-sign'))
    await cluster.eventually(async () => await exists(cluster, sign(cluster.namespace, 'second-sign')), { describe: 'it is healed' })
    expect(process.lines.some(({ msg }) => msg === `let go of Branch/${cluster.namespace}/main`)).toBe(true)
  })

  test('that was deleted while nobody looked does not hold its primary up; one that was made so is found', async ({
    cluster,
    operator,
    other,
  }) => {
    await installDefinition(cluster, `${project}/charts/branch/crds/branch.yaml`)
    const process = await operator({ watches, namespaces: [cluster.namespace, other] })
    const branch = await createBranch(cluster, { namespace: other, role: `${cluster.namespace}-branch` })
    await untilCondition(cluster, branch, { status: 'True' })
    await process.stop('SIGKILL')
    await remove(cluster, role(cluster))
    await remove(cluster, branch)

    // It is not told any more of the namespace: that it has put something there is in the inventory.
    await operator({ watches })

    for (const path of [branch, sign(other)]) await untilGone(cluster, path)
  })

  test('goes with its primary although the record of it was lost', { timeout: 60_000 }, async ({ cluster, operator, other }) => {
    await installDefinition(cluster, `${project}/charts/branch/crds/branch.yaml`)
    const namespaces = [cluster.namespace, other]
    const process = await operator({ watches, namespaces })
    const branch = await createBranch(cluster, { namespace: other, role: `${cluster.namespace}-branch` })
    await untilCondition(cluster, branch, { status: 'True' })
    await process.stop()
    await remove(cluster, branch)
    await remove(cluster, `${collection(cluster, 'coordination.k8s.io/v1', 'leases')}/fairlead-inventory`)

    await operator({ watches, namespaces })

    for (const path of [branch, sign(other), role(cluster)]) await untilGone(cluster, path)
  })

  test('of a kind that is gone does not hold its primary up, nor the finalizer of one that lives on', { timeout: 60_000 }, async ({
    cluster,
    operator,
    other,
  }) => {
    await installDefinition(cluster, `${project}/charts/branch/crds/branch.yaml`)
    const stamps = fileURLToPath(new URL('stamp.yaml', import.meta.url))
    await installDefinition(cluster, stamps)
    const process = await operator({ watches, namespaces: [cluster.namespace, other] })
    const spec = { namespace: other, extra: { apiVersion: 'stamps.example.com/v1', kind: 'Stamp' } }
    const branch = await createBranch(cluster, spec)
    const side = await createBranch(cluster, spec, { name: 'side' })
    for (const each of [branch, side]) await untilCondition(cluster, each, { status: 'True' })
    await process.stop()
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definitionIn(stamps).metadata.name}`
    await remove(cluster, path)
    await untilGone(cluster, path)
    await remove(cluster, branch)
    await change(cluster, side, { spec: { namespace: null, extra: null } })

    await operator({ watches, namespaces: [cluster.namespace, other] })

    for (const gone of [branch, sign(other), sign(other, 'side-sign')]) await untilGone(cluster, gone)
    await cluster.eventually(async () => (await finalizersOf(cluster, side)).length === 0, { describe: 'the finalizer is dropped' })
  })

  test('of a kind of which the server keeps nothing is no dependent: it is told, and its primary can be deleted', async ({
    cluster,
    operator,
    other,
  }) => {
    await installDefinition(cluster, `${project}/charts/branch/crds/branch.yaml`)
    await operator({ watches, namespaces: [cluster.namespace, other] })
    const extra = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview' }
    const branch = await createBranch(cluster, { namespace: other, extra })
    const review = /SubjectAccessReview\/main-extra: the server keeps no SubjectAccessReview\.authorization\.k8s\.io that could be listed/
    expect((await untilCondition(cluster, branch, { status: 'False', message: review })).reason).toBe('Waiting')
    expect([await exists(cluster, sign(other)), await finalizersOf(cluster, branch)]).toEqual([true, [finalizer]])

    await change(cluster, branch, { spec: { extra: null } })
    await untilCondition(cluster, branch, { status: 'True' })
    await change(cluster, branch, { spec: { extra } })
    await untilCondition(cluster, branch, { status: 'False', message: review })
    await remove(cluster, branch)
    for (const gone of [branch, sign(other)]) await untilGone(cluster, gone)
  })

  test('of a kind that nobody serves is not looked for any more when nobody wants it', async ({ cluster, operator, other }) => {
    await installDefinition(cluster, `${project}/charts/branch/crds/branch.yaml`)
    const process = await operator({ watches, namespaces: [cluster.namespace, other] })
    const nowhere = { apiVersion: 'nowhere.example.com/v1', kind: 'Nowhere' }
    const branch = await createBranch(cluster, { namespace: other, extra: nowhere })
    const side = await createBranch(cluster, { namespace: other, extra: nowhere }, { name: 'side' })
    const series = async () => (await scrape(process)).series('fairlead_informer_state', { kind: 'Nowhere.nowhere.example.com' }).length
    for (const each of [branch, side]) await untilCondition(cluster, each, { status: 'False', message: /does not serve Nowhere/ })
    expect(await series()).toBeGreaterThan(0)

    await change(cluster, branch, { spec: { extra: null } })
    await untilCondition(cluster, branch, { status: 'True' })
    expect(await series()).toBeGreaterThan(0)
    await remove(cluster, side)
    await cluster.eventually(async () => (await series()) === 0, { describe: 'nobody looks for what nobody wants' })
  })

  test('of a kind whose API answers nothing holds its primary, which says so, until that is told to go on', { timeout: 60_000 }, async ({
    cluster,
    operator,
    other,
  }) => {
    await installDefinition(cluster, `${project}/charts/branch/crds/branch.yaml`)
    const stamps = fileURLToPath(new URL('stamp.yaml', import.meta.url))
    await installDefinition(cluster, stamps)
    await using server = await FaultyServer.start(cluster)
    const first = await operator({ watches, kubeconfig: server.kubeconfig, namespaces: [cluster.namespace, other] })
    const extra = { apiVersion: 'stamps.example.com/v1', kind: 'Stamp' }
    const branch = await createBranch(cluster, { namespace: other, extra })
    await untilCondition(cluster, branch, { status: 'True' })

    await first.stop()
    server.refuse = ({ path }) => (path.startsWith('/apis/stamps.example.com/') ? serviceUnavailable : undefined)
    await remove(cluster, branch)
    await operator({ watches, kubeconfig: server.kubeconfig, namespaces: [cluster.namespace, other] })
    const stuck = await untilCondition(cluster, branch, { type: 'Stalled', status: 'True', message: /503/, timeout: 40_000 })
    expect(stuck).toMatchObject({ reason: 'DeletionStuck', message: expect.stringContaining('fairlead.dev/deletion-policy: background') })
    await goOn(cluster, branch)
    for (const gone of [branch, sign(other)]) await untilGone(cluster, gone)
    expect(await exists(cluster, `/apis/stamps.example.com/v1/namespaces/${other}/stamps/main-extra`)).toBe(true)
  })

  test('of a kind that may not be read holds its primary, which says why, until it may, or is told to go on', { timeout: 60_000 }, async ({
    cluster,
    operator,
    other,
  }) => {
    await installDefinition(cluster, `${project}/charts/branch/crds/branch.yaml`)
    const account = async (allowed: readonly PolicyRule[]) =>
      await cluster.kubeconfigFor({ name: 'operator', rules: [...rules, ...allowed] })
    const configMaps = { apiGroups: [''], resources: ['configmaps'], verbs: ['*'] }
    const kubeconfig = await account([configMaps])
    const first = await operator({ watches, kubeconfig, namespaces: [cluster.namespace, other] })
    const branch = await createBranch(cluster, { namespace: other })
    const side = await createBranch(cluster, { namespace: other }, { name: 'side' })
    for (const each of [branch, side]) await untilCondition(cluster, each, { status: 'True' })
    await first.stop()
    await account([])
    await cluster.eventually(
      async () =>
        (
          await cluster.kubectl([
            'auth',
            'can-i',
            'list',
            'configmaps',
            '-n',
            other,
            '--as',
            `system:serviceaccount:${cluster.namespace}:operator`,
          ])
        ).exitCode === 1,
      { describe: 'the permission is withdrawn' },
    )
    for (const each of [branch, side]) await remove(cluster, each)

    const second = await operator({ watches, kubeconfig, namespaces: [cluster.namespace, other] })

    await second.line(/the deletion waits for .*may not list configmaps/)
    expect((await untilCondition(cluster, branch, { status: 'False', message: /may not list configmaps/ })).reason).toBe('DeletionStuck')
    expect([await exists(cluster, sign(other)), await finalizersOf(cluster, branch)]).toEqual([true, [finalizer]])
    await goOn(cluster, side)
    await untilGone(cluster, side)
    expect(await exists(cluster, sign(other, 'side-sign'))).toBe(true)
    await second.line(/^let go of Branch.*side; what is left of it is not known: .*may not list configmaps/)
    await account([configMaps])
    for (const gone of [branch, sign(other)]) await untilGone(cluster, gone)
  })
})
