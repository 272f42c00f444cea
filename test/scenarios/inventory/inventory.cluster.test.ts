import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { scrape, untilPasses, untilWatching } from '../metrics.ts'
import { change, collection, create, exists, installDefinition, read, remove, untilCondition } from '../objects.ts'
import { untilQuiet } from '../quiet.ts'

const projectOf = (run: 'before' | 'after') => fileURLToPath(new URL(`${run}/watches.yaml`, import.meta.url))
const definition = fileURLToPath(new URL('before/charts/vault/crds/vault.yaml', import.meta.url))
const lease = (cluster: Cluster) => `${collection(cluster, 'coordination.k8s.io/v1', 'leases')}/fairlead-inventory`
const recorded = async (cluster: Cluster, what: 'inventory' | 'selections' = 'inventory'): Promise<unknown> =>
  JSON.parse(
    (await read<{ metadata: { annotations: Record<string, string> } }>(cluster, lease(cluster))).metadata.annotations[
      `fairlead.dev/${what}`
    ] as string,
  )
const content = (cluster: Cluster, plural: string) => `${collection(cluster, 'v1', plural)}/main-content`

async function createVault(cluster: Cluster, name: string, kind = 'Secret'): Promise<string> {
  const vaults = collection(cluster, 'vaults.example.com/v1', 'vaults')
  await create(cluster, vaults, {
    apiVersion: 'vaults.example.com/v1',
    kind: 'Vault',
    metadata: { name },
    spec: { apiVersion: 'v1', kind },
  })
  return `${vaults}/${name}`
}

describe('the inventory', () => {
  test('is written before the first object of a kind, and costs nothing after that', async ({ cluster, operator }) => {
    await installDefinition(cluster, definition)
    const process = await operator({ watches: projectOf('before') })
    const begin = cluster.audit.mark()
    const vault = await createVault(cluster, 'main')
    await untilCondition(cluster, vault, { status: 'True' })

    expect(await recorded(cluster)).toEqual({ 'Vault.vaults.example.com': ['v1 Secret', 'v1 ServiceAccount'] })
    const requests = cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace, since: begin })
    const order = requests.filter(({ verb }) => verb === 'patch').map(({ resource }) => resource)
    expect(order.indexOf('leases')).toBe(0)
    expect(order.filter((resource) => resource === 'leases')).toHaveLength(1)

    await createVault(cluster, 'other')
    await untilPasses(cluster, process, (await scrape(process)).passes('done'))
    await untilQuiet(cluster, process, vault)
    const after = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: begin })
    expect(after['patch leases']).toBe(1)

    await process.stop()
    const restart = cluster.audit.mark()
    const again = await operator({ watches: projectOf('before') })
    await untilWatching(cluster, again, restart)
    await untilPasses(cluster, again, 2)
    const { 'get leases': reads, ...others } = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: restart })
    expect(reads).toBe(1)
    expect(Object.keys(others).filter((request) => !/^(list|watch) /.test(request))).toEqual([])
  })

  test('finds what a changed chart does not name any more, and a copy of it stays', async ({ cluster, operator }) => {
    await installDefinition(cluster, definition)
    const first = await operator({ watches: projectOf('before') })
    const vault = await createVault(cluster, 'main')
    await untilCondition(cluster, vault, { status: 'True' })
    await first.stop()
    const { metadata } = await read<{ metadata: { labels: object; annotations: object } }>(cluster, content(cluster, 'secrets'))
    const { labels, annotations } = metadata
    await create(cluster, collection(cluster, 'v1', 'secrets'), { metadata: { name: 'copy', labels, annotations } })

    const second = await operator({ watches: projectOf('after') })
    await cluster.eventually(async () => !(await exists(cluster, content(cluster, 'secrets'))), { describe: 'the Secret is pruned' })

    expect((await second.line(/^deleted/)).msg).toBe('deleted Secret/main-content (definition)')
    await untilCondition(cluster, vault, { status: 'True' })
    expect(await exists(cluster, content(cluster, 'configmaps'))).toBe(true)
    expect(await exists(cluster, `${collection(cluster, 'v1', 'secrets')}/copy`)).toBe(true)
    expect(await recorded(cluster)).toEqual({ 'Vault.vaults.example.com': ['v1 ConfigMap', 'v1 Secret', 'v1 ServiceAccount'] })
  })

  test('that somebody deleted is made again, whole, before the next kind', async ({ cluster, operator }) => {
    await installDefinition(cluster, definition)
    await operator({ watches: projectOf('before') })
    const vault = await createVault(cluster, 'main')
    await untilCondition(cluster, vault, { status: 'True' })
    await remove(cluster, lease(cluster))

    await change(cluster, vault, { spec: { kind: 'ConfigMap' } })

    await cluster.eventually(async () => !(await exists(cluster, content(cluster, 'secrets'))), { describe: 'the Secret is pruned' })
    expect(await recorded(cluster)).toEqual({ 'Vault.vaults.example.com': ['v1 ConfigMap', 'v1 Secret', 'v1 ServiceAccount'] })
  })

  test('that was lost while the operator was stopped is made again of what is there, before any pass', async ({ cluster, operator }) => {
    await installDefinition(cluster, definition)
    const first = await operator({ watches: projectOf('before') })
    const vault = await createVault(cluster, 'main')
    await untilCondition(cluster, vault, { status: 'True' })
    await first.stop()
    await remove(cluster, lease(cluster))

    const second = await operator({ watches: projectOf('after') })

    await second.line(/^deleted Secret\/main-content \(definition\)/)
    await untilCondition(cluster, vault, { status: 'True' })
    expect(await exists(cluster, content(cluster, 'secrets'))).toBe(false)
    expect(await recorded(cluster)).toEqual({ 'Vault.vaults.example.com': ['v1 ConfigMap', 'v1 Secret', 'v1 ServiceAccount'] })
    const { msg } = await second.line(/knows again/)
    expect(msg).toBe('Lease/fairlead-inventory knows again what Vault.vaults.example.com has: v1 Secret, v1 ServiceAccount')
    await second.stop()

    const restart = cluster.audit.mark()
    await untilWatching(cluster, await operator({ watches: projectOf('after') }), restart)
    const requests = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: restart })
    expect(
      Object.keys(requests)
        .filter((request) => request.startsWith('list '))
        .toSorted(),
    ).toEqual(['list configmaps', 'list secrets', 'list serviceaccounts', 'list vaults'])
  })

  test('that could not be written at the start gets what is watched with its first kind', async ({ cluster, operator }) => {
    await installDefinition(cluster, definition)
    const rules = [
      { verbs: ['*'], apiGroups: ['', 'vaults.example.com'], resources: ['*'] },
      { verbs: ['get'], apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'] },
    ]
    const account = async (...more: (typeof rules)[0]['verbs']) =>
      await cluster.kubeconfigFor({
        name: 'operator',
        rules: [{ verbs: ['get', ...more], apiGroups: ['coordination.k8s.io'], resources: ['leases'] }, ...rules],
      })
    const process = await operator({ watches: projectOf('before'), kubeconfig: await account() })
    expect((await process.line(/does not have the kinds/)).msg).toMatch(
      /^Lease\/fairlead-inventory does not have the kinds that are watched: PATCH leases\.coordination\.k8s\.io .* may not/,
    )
    await account('create', 'patch')

    await untilCondition(cluster, await createVault(cluster, 'main'), { status: 'True' })

    expect(await recorded(cluster)).toEqual({ 'Vault.vaults.example.com': ['v1 Secret', 'v1 ServiceAccount'] })
    expect(await recorded(cluster, 'selections')).toEqual({ 'Vault.vaults.example.com': [{ namespaces: [cluster.namespace] }] })
    await process.stop()
    const restart = cluster.audit.mark()
    await untilWatching(cluster, await operator({ watches: projectOf('before') }), restart)
    expect(cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: restart })).not.toHaveProperty('patch leases')
  })

  test('has a kind that nobody serves as soon as somebody does, and not before', async ({ cluster, operator }) => {
    await installDefinition(cluster, definition)
    const first = await operator({ watches: projectOf('before') })
    const vault = await createVault(cluster, 'main', 'Sceret')
    await untilCondition(cluster, vault, { status: 'False', message: /Sceret/ })
    expect(await recorded(cluster)).toEqual({ 'Vault.vaults.example.com': ['v1 ServiceAccount'] })
    await change(cluster, vault, { spec: { kind: 'Secret' } })
    await untilCondition(cluster, vault, { status: 'True' })
    expect(await recorded(cluster)).toEqual({ 'Vault.vaults.example.com': ['v1 Secret', 'v1 ServiceAccount'] })
    await first.stop()

    await change(cluster, lease(cluster), {
      metadata: { annotations: { 'fairlead.dev/inventory': '{"Vault.vaults.example.com":["v1 Sceret","v1 Secret"]}' } },
    })
    const second = await operator({ watches: projectOf('before') })
    expect((await second.line(/nobody serves/)).msg).toBe(
      'Lease/fairlead-inventory knows v1 Sceret, which nobody serves and no chart names: if it is not to come back, stop the operator and ' +
        'take "v1 Sceret" out of the annotation fairlead.dev/inventory there',
    )
  })

  test('that is a stranger’s Lease keeps the operator from starting, and is not touched', async ({ cluster, operator }) => {
    await installDefinition(cluster, definition)
    const leases = collection(cluster, 'coordination.k8s.io/v1', 'leases')
    await create(cluster, leases, { metadata: { name: 'fairlead-inventory' }, spec: { holderIdentity: 'somebody' } })
    const before = await read(cluster, lease(cluster))
    const vault = await createVault(cluster, 'main')

    const process = await operator({ watches: projectOf('before'), wait: false })

    expect((await process.line(/INVENTORY_UNUSABLE/)).msg).toMatch(
      /its annotation fairlead\.dev\/inventory is not an inventory; put the annotation right, or delete the Lease/,
    )
    expect((await fetch(`${await process.healthUrl()}/readyz`)).status).toBe(503)
    expect(await read(cluster, lease(cluster))).toEqual(before)
    await remove(cluster, lease(cluster))
    await untilCondition(cluster, vault, { status: 'True' })
  })
})
