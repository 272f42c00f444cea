import { describe, expect } from 'vitest'
import { discover, refreshGroupVersion } from '../../src/kube/discovery.ts'
import { onControlPlane, test } from '../controlplane/fixture.ts'
import { clientOf } from './stage.ts'

describe('discovery', () => {
  test('reads all kinds with three requests, and knows paths, scopes and versions', async ({ cluster }) => {
    const userAgent = `discovery/${cluster.namespace}`
    await using client = await clientOf(cluster.kubeconfig, userAgent)
    const discovery = await discover(client)
    await cluster.eventually(() => cluster.audit.requests({ userAgent }).length >= 3)
    expect(cluster.audit.requests({ userAgent })).toHaveLength(3)
    expect(discovery.version).toMatchObject({ version: expect.stringMatching(/^v1\.36\./), major: '1', minor: '36' })
    expect(discovery.resourceFor({ group: 'apps', version: 'v1', kind: 'Deployment' })).toMatchObject({
      plural: 'deployments',
      namespaced: true,
      verbs: expect.arrayContaining(['patch', 'watch']),
      subresources: expect.arrayContaining(['scale', 'status']),
    })
    expect(discovery.resourceFor({ group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole' })?.namespaced).toBe(false)
    expect(discovery.resourcesFor({ group: 'autoscaling', kind: 'HorizontalPodAutoscaler' }).map(({ version }) => version)).toEqual([
      'v2',
      'v1',
    ])
    expect(discovery.apiVersions).toEqual(
      expect.arrayContaining(['v1', 'v1/Pod', 'apps/v1', 'apps/v1/Deployment', 'networking.k8s.io/v1/Ingress']),
    )
    expect(discovery.unknown).toEqual([])
  })

  test('gives the same in its legacy form', async ({ cluster }) => {
    await using client = await clientOf(cluster.kubeconfig)
    const plain = {
      ...client,
      request: <T>(request: Parameters<typeof client.request>[0]) => client.request<T>({ ...request, accept: 'application/json' }),
    }
    const told = (await discover(client)).resources.map(({ verbs, subresources, ...resource }) =>
      JSON.stringify([resource, verbs.toSorted(), subresources.toSorted()]),
    )
    const legacy = (await discover(plain)).resources.map(({ verbs, subresources, ...resource }) =>
      JSON.stringify([resource, verbs.toSorted(), subresources.toSorted()]),
    )
    const own = (text: string): boolean => !text.includes('.example.com')
    expect(legacy.filter(own).toSorted()).toEqual(told.filter(own).toSorted())
  })

  test('learns of a kind that appears later, and that it went, by one request', async ({ cluster }) => {
    const group = `${cluster.namespace}.example.com`
    const kind = { group, version: 'v1', kind: 'Late' }
    const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    const userAgent = `refresh/${cluster.namespace}`
    await using client = await clientOf(cluster.kubeconfig)
    await using counted = await clientOf(cluster.kubeconfig, userAgent)
    const before = await discover(client)
    expect(before.stateOf(kind)).toBe('absent')
    expect((await refreshGroupVersion(client, before, kind)).stateOf(kind)).toBe('absent')

    await cluster.request('POST', crds, {
      body: {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: `lates.${group}` },
        spec: {
          group,
          scope: 'Cluster',
          names: { kind: 'Late', plural: 'lates' },
          versions: [
            { name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: { type: 'object' } } },
          ],
        },
      },
    })
    await cluster.eventually(async () => (await cluster.request('GET', `/apis/${group}/v1`)).status === 200)
    const after = await refreshGroupVersion(counted, before, kind)
    expect(after.resourceFor(kind)).toMatchObject({ plural: 'lates', namespaced: false, subresources: ['status'] })
    await cluster.eventually(() => cluster.audit.requests({ userAgent }).length > 0)
    expect(cluster.audit.requests({ userAgent })).toHaveLength(1)

    await cluster.request('DELETE', `${crds}/lates.${group}`)
    await cluster.eventually(async () => (await cluster.request('GET', `/apis/${group}/v1`)).status === 404)
    expect((await refreshGroupVersion(client, after, kind)).stateOf(kind)).toBe('absent')
  })

  // The sandbox serves no APIs of other servers.
  test.runIf(onControlPlane)('keeps an aggregated API whose server is down as unknown', async ({ cluster }) => {
    const group = `${cluster.namespace}.aggregated.example.com`
    const path = '/apis/apiregistration.k8s.io/v1/apiservices'
    const name = `v1.${group}`
    await cluster.request('POST', path, {
      body: {
        apiVersion: 'apiregistration.k8s.io/v1',
        kind: 'APIService',
        metadata: { name },
        spec: {
          group,
          version: 'v1',
          groupPriorityMinimum: 100,
          versionPriority: 100,
          insecureSkipTLSVerify: true,
          service: { name: 'none', namespace: cluster.namespace },
        },
      },
    })
    try {
      await using client = await clientOf(cluster.kubeconfig)
      const kind = { group, version: 'v1', kind: 'Anything' }
      const discovery = await cluster.eventually(async () => {
        const found = await discover(client)
        return found.stateOf(kind) === 'absent' ? undefined : found
      })
      expect(discovery.stateOf(kind)).toBe('unknown')
      expect((await refreshGroupVersion(client, discovery, kind)).stateOf(kind)).toBe('unknown')
      expect(discovery.stateOf({ group: 'apps', version: 'v1', kind: 'Deployment' })).toBe('served')
    } finally {
      await cluster.request('DELETE', `${path}/${name}`)
    }
  })
})
