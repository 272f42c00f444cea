import { describe, expect, it } from 'vitest'
import type { ApiClient, ApiRequest } from '../../src/kube/client.ts'
import { findTrees } from '../../src/operator/tree-search.ts'

const uid = '1b4e28ba-2fa1-11d2-883f-0016d3cca427'
const list = (...items: object[]) => ({ metadata: {}, items })
const resource = (name: string, kind: string) => ({ name, kind, namespaced: true, verbs: ['get', 'list'] })

/** A server with one App that has applied Secrets and ConfigMaps, and what it was asked. */
function server(more: Record<string, object> = {}) {
  const requests: ApiRequest[] = []
  const answers: Record<string, object> = {
    '/version': { gitVersion: 'v1.36.0', major: '1', minor: '36' },
    '/api': { kind: 'APIVersions', versions: ['v1'] },
    '/apis': {
      kind: 'APIGroupList',
      groups: ['example.com', 'events.k8s.io'].map((name) => ({ name, versions: [{ version: 'v1' }] })),
    },
    '/api/v1': { resources: [resource('secrets', 'Secret'), resource('configmaps', 'ConfigMap')] },
    '/apis/example.com/v1': { resources: [resource('apps', 'App')] },
    '/apis/events.k8s.io/v1': { resources: [resource('events', 'Event')] },
    '/apis/coordination.k8s.io/v1/leases': list({
      metadata: { name: 'x', annotations: { 'fairlead.dev/inventory': '{"App.example.com":["v1 ConfigMap","v1 Secret"]}' } },
    }),
    '/apis/example.com/v1/namespaces/eu/apps/shop': {
      apiVersion: 'example.com/v1',
      kind: 'App',
      metadata: { name: 'shop', namespace: 'eu', uid },
    },
    '/api/v1/namespaces/eu/secrets': list(),
    '/api/v1/namespaces/eu/configmaps': list(),
    '/apis/events.k8s.io/v1/namespaces/eu/events': list(),
    ...more,
  }
  const client = {
    request: async (request: ApiRequest) => {
      requests.push(request)
      const answer = answers[request.path]
      if (!answer) throw new Error(`nobody expected ${request.path}`)
      return answer
    },
  } as unknown as ApiClient
  return { client, requests }
}

describe('the search for the tree of a primary', () => {
  it('asks for the kinds of the inventory alone, by the label, and of Secrets for the metadata alone', async () => {
    const { client, requests } = server()
    const found = await findTrees({ client, kind: 'App', name: 'shop', namespace: 'eu', operatorNamespace: undefined, now: 0 })
    expect(found).toMatchObject({ kind: 'found', unread: [], trees: [{ kind: 'App.example.com', name: 'shop', state: 'untold' }] })
    const lists = requests.filter(({ path }) => path.startsWith('/api/v1/namespaces/'))
    expect(lists.map(({ path, query, accept }) => [path, query?.['labelSelector'], accept])).toEqual([
      ['/api/v1/namespaces/eu/configmaps', `fairlead.dev/primary-uid in (${uid})`, undefined],
      [
        '/api/v1/namespaces/eu/secrets',
        `fairlead.dev/primary-uid in (${uid})`,
        'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
      ],
    ])
    expect(requests.every(({ method }) => method === 'GET')).toBe(true)
  })
})

describe('a kind of Kubernetes itself that is watched', () => {
  const object = (kind: string, name: string, primary?: string) => ({
    apiVersion: 'v1',
    kind,
    metadata: {
      name,
      namespace: 'eu',
      uid: `uid-of-${kind}-${name}`,
      ...(primary !== undefined && {
        labels: { 'fairlead.dev/primary-uid': primary },
        managedFields: [{ manager: `fairlead/dependents/${primary}`, operation: 'Apply', apiVersion: 'v1' }],
      }),
    },
  })
  const app = { apiVersion: 'example.com/v1', kind: 'App', metadata: { name: 'shop', namespace: 'eu', uid } }
  const inventory = { 'App.example.com': ['v1 ConfigMap'], ConfigMap: ['v1 Secret'] }

  /** One App with a ConfigMap, and one ConfigMap that a watch mirrors into a Secret, among others. */
  async function search(target: { kind?: string; name?: string } = {}) {
    const { client } = server({
      '/apis/coordination.k8s.io/v1/leases': list({
        metadata: { name: 'x', annotations: { 'fairlead.dev/inventory': JSON.stringify(inventory) } },
      }),
      '/apis/example.com/v1/namespaces/eu/apps': list(app),
      '/apis/example.com/v1/namespaces/eu/apps/shop': app,
      '/api/v1/namespaces/eu/configmaps': list(
        object('ConfigMap', 'kube-root-ca.crt'),
        object('ConfigMap', 'source'),
        object('ConfigMap', 'shop', uid),
      ),
      '/api/v1/namespaces/eu/configmaps/kube-root-ca.crt': object('ConfigMap', 'kube-root-ca.crt'),
      '/api/v1/namespaces/eu/secrets': list(object('Secret', 'source', 'uid-of-ConfigMap-source')),
    })
    const found = await findTrees({ client, ...target, namespace: 'eu', operatorNamespace: undefined, now: 0 })
    return found.kind === 'found' ? found.trees : found
  }

  it('is shown where an object of it has dependents, and judged by them', async () => {
    expect(await search({ kind: 'ConfigMap' })).toMatchObject([
      { kind: 'ConfigMap', name: 'source', state: 'ready', reason: 'DependentsReady', dependents: [{ name: 'source', state: 'current' }] },
    ])
  })

  it('is shown by its name in any case', async () => {
    expect(await search({ kind: 'ConfigMap', name: 'kube-root-ca.crt' })).toMatchObject([{ state: 'untold', dependents: [] }])
  })

  it('makes no primary of each dependent of that kind', async () => {
    const trees = await search({ kind: 'App', name: 'shop' })
    expect(trees).toMatchObject([{ name: 'shop', dependents: [{ kind: 'ConfigMap', name: 'shop', state: 'current' }] }])
    expect(JSON.stringify(trees)).not.toContain('"primary"')
  })

  it('stands beside the custom resources where no kind is named', async () => {
    const trees = await search()
    expect(Array.isArray(trees) && trees.map(({ kind, name }) => `${kind}/${name}`)).toEqual(['App.example.com/shop', 'ConfigMap/source'])
  })
})
