import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import type { Cluster } from '../../controlplane/fixture.ts'
import { test } from '../fixture.ts'
import { create, exists, installDefinition, untilCondition } from '../objects.ts'

const project = fileURLToPath(new URL('operator', import.meta.url))
const template = `${project}/charts/tenant/templates/configmap.yaml.eta`
const tenants = '/apis/tenants.example.com/v1/tenants'
const namespaces = '/api/v1/namespaces'

async function createTenant(cluster: Cluster, namespace: string): Promise<string> {
  const name = `tenant-${randomBytes(4).toString('hex')}`
  await create(cluster, tenants, { apiVersion: 'tenants.example.com/v1', kind: 'Tenant', metadata: { name }, spec: { namespace } })
  return `${tenants}/${name}`
}

describe('a dependent whose namespace', () => {
  test('does not exist is waited for, and made when it appears', { timeout: 120_000 }, async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/tenant/crds/tenant.yaml`)
    await operator({ watches: `${project}/watches.yaml`, namespaces: [] })
    const namespace = `${cluster.namespace}-tenant`
    const tenant = await createTenant(cluster, namespace)

    expect(await untilCondition(cluster, tenant, { status: 'False', message: /namespace/ })).toMatchObject({
      reason: 'WriteRetried',
      message: `ConfigMap/tenant: PATCH configmaps "tenant" in namespace "${namespace}": 404 NotFound: the namespace does not exist (${template}:1:1)`,
    })

    await create(cluster, namespaces, { metadata: { name: namespace } })
    const made = performance.now()
    await untilCondition(cluster, tenant, { status: 'True', timeout: 45_000 })
    console.log(`ready ${((performance.now() - made) / 1000).toFixed(1)} s after its namespace appeared`)
    expect(await exists(cluster, `${namespaces}/${namespace}/configmaps/tenant`)).toBe(true)
    await cluster.request('DELETE', tenant)
    await cluster.request('DELETE', `${namespaces}/${namespace}`)
  })

  test('is being deleted is waited for', async ({ cluster, operator }) => {
    await installDefinition(cluster, `${project}/charts/tenant/crds/tenant.yaml`)
    const namespace = `${cluster.namespace}-going`
    await create(cluster, namespaces, { metadata: { name: namespace } })
    // Something that keeps the namespace from going.
    const kept = { metadata: { name: 'kept', finalizers: ['example.com/kept'] } }
    await create(cluster, `${namespaces}/${namespace}/configmaps`, kept)
    await cluster.request('DELETE', `${namespaces}/${namespace}`)
    await operator({ watches: `${project}/watches.yaml`, namespaces: [] })

    const tenant = await createTenant(cluster, namespace)

    expect(await untilCondition(cluster, tenant, { status: 'False', message: /namespace/ })).toMatchObject({
      reason: 'WriteRetried',
      message: `ConfigMap/tenant: PATCH configmaps "tenant" in namespace "${namespace}": 403 Forbidden: the namespace is being deleted (${template}:1:1)`,
    })
    await cluster.request('DELETE', tenant)
    await cluster.request('PATCH', `${namespaces}/${namespace}/configmaps/kept`, {
      contentType: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    })
  })
})
