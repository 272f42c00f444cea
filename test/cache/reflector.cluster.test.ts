import { describe, expect, onTestFinished } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { type CacheOptions, type Cache, createCache } from '../../src/cache/cache.ts'
import type { InformerState } from '../../src/cache/informer.ts'
import { createClient, type Resource } from '../../src/kube/client.ts'
import { loadCredentials } from '../../src/kube/credentials.ts'
import { Cluster, type PolicyRule } from '../controlplane/cluster.ts'
import { test } from '../controlplane/fixture.ts'

const configMap = { group: '', version: 'v1', kind: 'ConfigMap' }
const configMaps: Resource = { ...configMap, plural: 'configmaps', namespaced: true, verbs: ['list', 'watch'], subresources: [] }

interface World {
  cache: Cache
  /** `+a`, `~a`, `-a` for each change. */
  changes: string[]
  states: InformerState[]
}

/** A cache of the test's namespace, stopped when the test ends. */
async function cacheOf(
  cluster: Cluster,
  options: Partial<CacheOptions> & { kubeconfig?: string; userAgent?: string } = {},
): Promise<World> {
  const loaded = await loadCredentials({ kubeconfig: options.kubeconfig ?? cluster.kubeconfig, environment: {} })
  if (loaded.kind === 'problem') throw new Error(loaded.problem.message)
  const client = createClient(loaded.credentials, { userAgent: options.userAgent ?? 'fairlead-cache-test' })
  const cache = createCache({ client, resolve: () => Promise.resolve(configMaps), namespaces: [cluster.namespace], ...options })
  onTestFinished(async () => {
    await cache.stop()
    await client.close()
  })
  const changes: string[] = []
  const states: InformerState[] = []
  cache.onChange(({ before, after }) => changes.push(`${before && after ? '~' : after ? '+' : '-'}${(after ?? before)?.metadata.name}`))
  cache.onState(({ state }) => state !== states.at(-1) && states.push(state))
  return { cache, changes, states }
}

const collection = (cluster: Cluster) => `/api/v1/namespaces/${cluster.namespace}/configmaps`

const create = async (cluster: Cluster, name: string, { labels = {}, value = '' } = {}): Promise<KubernetesObject> => {
  const { status, body } = await cluster.request('POST', collection(cluster), {
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels }, data: { value } },
  })
  expect(status).toBe(201)
  return body as unknown as KubernetesObject
}

const patch = async (cluster: Cluster, name: string, body: object): Promise<KubernetesObject> =>
  (await cluster.request('PATCH', `${collection(cluster)}/${name}`, { body, contentType: 'application/merge-patch+json' }))
    .body as unknown as KubernetesObject

/** The test's own objects: a controller puts one with the cluster's certificate into every namespace. */
const own = (names: readonly string[]) => names.filter((name) => !name.includes('kube-root-ca.crt'))

describe('a cache on the real API server', () => {
  test('lists 350 objects in pages, with apiVersion and kind, and equals what the server holds', async ({ cluster }) => {
    const names = Array.from({ length: 350 }, (_, at) => `c${at}`)
    await Promise.all(
      Array.from({ length: 20 }, async (_, lane) => {
        for (let at = lane; at < names.length; at += 20) await create(cluster, names[at] as string)
      }),
    )
    const userAgent = `cache-pages-${cluster.namespace}`
    const { cache } = await cacheOf(cluster, { userAgent })
    const informer = cache.informer(configMap)
    await cache.whenSettled(informer)

    expect([informer.state, informer.reason]).toEqual(['synced', undefined])
    const { body } = await cluster.request<{ items: KubernetesObject[] }>('GET', collection(cluster))
    const sorted = (objects: Iterable<KubernetesObject>) => [...objects].toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    expect(sorted(informer.values())).toEqual(sorted(body.items.map((item) => ({ ...item, apiVersion: 'v1', kind: 'ConfigMap' }))))
    const lists = await cluster.eventually(() => {
      const found = cluster.audit.requests({ userAgent, verb: 'list' })
      return found.length >= 4 && found
    })
    expect(lists).toHaveLength(4)
  })

  test('sees what happens, in its order', async ({ cluster }) => {
    await create(cluster, 'before')
    const { cache, changes } = await cacheOf(cluster)
    const informer = cache.informer(configMap)
    await cache.whenSettled(informer)
    await create(cluster, 'a')
    const changed = await patch(cluster, 'a', { data: { value: 'new' } })
    await cluster.request('DELETE', `${collection(cluster)}/before`)
    await cluster.eventually(() => changes.includes('-before'))
    expect(own(changes)).toEqual(['+before', '+a', '~a', '-before'])
    expect(informer.get(`${cluster.namespace}/a`)).toEqual(changed)
    expect(informer.byUid(changed.metadata.uid as string)).toBe(informer.get(`${cluster.namespace}/a`))
  })

  test('sees an object that loses the label as deleted, and one that gets it as added', async ({ cluster }) => {
    await create(cluster, 'mine', { labels: { owner: 'p1' } })
    await create(cluster, 'other')
    const { cache, changes } = await cacheOf(cluster)
    const informer = cache.informer(configMap, { selector: 'owner', index: ({ metadata }) => metadata.labels?.['owner'] })
    await cache.whenSettled(informer)
    await patch(cluster, 'mine', { metadata: { labels: { owner: null } } })
    await patch(cluster, 'other', { metadata: { labels: { owner: 'p2' } } })
    await cluster.eventually(() => changes.length === 3)
    expect(changes).toEqual(['+mine', '-mine', '+other'])
    expect([[...informer.byIndex('p1')].length, [...informer.byIndex('p2')].length]).toEqual([0, 1])
  })

  test('shows an own write at once, and then what the events say', async ({ cluster }) => {
    const { cache } = await cacheOf(cluster)
    const informer = cache.informer(configMap)
    await cache.whenSettled(informer)
    const key = `${cluster.namespace}/a`
    informer.wrote(await create(cluster, 'a'))
    expect(informer.get(key)?.metadata.name).toBe('a')
    for (let at = 0; at < 100; at++) {
      const written = await patch(cluster, 'a', { data: { value: String(at) } })
      informer.wrote(structuredClone(written))
      expect(informer.get(key)).toEqual(written)
    }
    const foreign = await patch(cluster, 'a', { data: { value: 'foreign' } })
    await cluster.eventually(() => informer.get(key)?.metadata.resourceVersion === foreign.metadata.resourceVersion)
    await cluster.request('DELETE', `${collection(cluster)}/a`)
    await cluster.eventually(() => informer.get(key) === undefined)
  })

  test('is forbidden while a role is missing, says which, and comes back', async ({ cluster }) => {
    await create(cluster, 'a')
    const rules = (verbs: string[]): PolicyRule[] => [
      { apiGroups: [''], resources: verbs.length > 0 ? ['configmaps'] : ['secrets'], verbs: verbs.length > 0 ? verbs : ['get'] },
    ]
    const role = { name: 'reader', namespace: cluster.namespace }
    const kubeconfig = await cluster.kubeconfigFor({ ...role, rules: rules(['list', 'watch']) })
    // A quarter of a second of silence ends the watch, so that the next list meets the role as it is then.
    const { cache, states } = await cacheOf(cluster, { kubeconfig, silence: 250 })
    const informer = cache.informer(configMap)
    await cache.whenSettled(informer)
    expect(informer.state).toBe('synced')

    await cluster.kubeconfigFor({ ...role, rules: rules([]) })
    await cluster.eventually(() => informer.state === 'forbidden')
    // Whichever of the two it asked for first.
    const denied = `system:serviceaccount:${cluster.namespace}:reader may not (list|watch) configmaps in namespace "${cluster.namespace}"`
    expect(informer.reason).toMatch(new RegExp(denied))
    expect(informer.get(`${cluster.namespace}/a`)?.metadata.name).toBe('a')

    await cluster.kubeconfigFor({ ...role, rules: rules(['list', 'watch']) })
    await create(cluster, 'b')
    await cluster.eventually(() => {
      cache.retryNow()
      return informer.state === 'synced' && informer.get(`${cluster.namespace}/b`)
    })
    // What was asked for again stayed forbidden until there was an answer.
    expect(states.filter((state, at) => state !== states[at - 1]).slice(-2)).toEqual(['forbidden', 'synced'])
  })

  test('is gone when the CRD is deleted, and comes back with it, without the old objects', async ({ cluster }) => {
    const group = `${cluster.namespace}.example.com`
    const crdPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `things.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { kind: 'Thing', plural: 'things' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    }
    const path = `/apis/${group}/v1/namespaces/${cluster.namespace}/things`
    const establish = async (name: string) => {
      await cluster.eventually(async () => (await cluster.request('POST', crdPath, { body: crd })).status === 201)
      const thing = { apiVersion: `${group}/v1`, kind: 'Thing', metadata: { name } }
      await cluster.eventually(async () => (await cluster.request('POST', path, { body: thing })).status === 201)
    }
    onTestFinished(async () => void (await cluster.request('DELETE', `${crdPath}/things.${group}`)))
    await establish('first')
    const thing = { group, version: 'v1', kind: 'Thing' }
    const resolve = async () =>
      (await cluster.request('GET', `/apis/${group}/v1`)).status === 200 ? { ...configMaps, ...thing, plural: 'things' } : undefined
    const { cache, states } = await cacheOf(cluster, { resolve })
    const informer = cache.informer(thing)
    await cache.whenSettled(informer)
    expect([informer.state, informer.size]).toEqual(['synced', 1])

    await cluster.request('DELETE', `${crdPath}/things.${group}`)
    await cluster.eventually(() => informer.state === 'gone', { timeout: 30_000 })
    expect(informer.reason).toContain(`does not serve Thing.${group}`)

    await establish('second')
    await cluster.eventually(() => {
      cache.retryNow(thing)
      return informer.state === 'synced' && informer.get(`${cluster.namespace}/second`)
    })
    expect([...informer.values()].map(({ metadata }) => metadata.name)).toEqual(['second'])
    expect(states.filter((state, at) => state !== states[at - 1]).slice(-2)).toEqual(['gone', 'synced'])
  })

  test('gets over a restart of the API server, and misses nothing of what happened around it', async ({ ownControlPlane }) => {
    const controlPlane = await ownControlPlane({ controllers: false })
    const cluster = await Cluster.open(controlPlane.access)
    await create(cluster, 'stays')
    await create(cluster, 'goes')
    const { cache, states } = await cacheOf(cluster)
    const informer = cache.informer(configMap)
    await cache.whenSettled(informer)

    await controlPlane.stopApiServer('SIGKILL')
    await cluster.eventually(() => informer.state === 'stale')
    expect(informer.size).toBe(2)
    await controlPlane.startApiServer()
    await cluster.request('DELETE', `${collection(cluster)}/goes`)
    await create(cluster, 'comes')
    await cluster.eventually(() => informer.get(`${cluster.namespace}/comes`) && informer.state === 'synced', { timeout: 45_000 })
    await patch(cluster, 'comes', { data: { value: 'seen' } })
    await cluster.eventually(
      () => (informer.get(`${cluster.namespace}/comes`)?.['data'] as { value: string } | undefined)?.value === 'seen',
    )
    expect([...informer.values()].map(({ metadata }) => metadata.name).toSorted()).toEqual(['comes', 'stays'])
    expect(states).toEqual(['synced', 'stale', 'synced'])
    await cluster.close()
  })
})
