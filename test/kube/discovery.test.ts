import { describe, expect, it } from 'vitest'
import { discover, rediscover, refreshGroupVersion } from '../../src/kube/discovery.ts'
import { json, startServer, statusOf, testClient, type Handler } from './http-server.ts'

const version = { gitVersion: 'v1.36.3', major: '1', minor: '36' }

const aggregatedResource = (resource: string, kind: string, scope: 'Namespaced' | 'Cluster', subresources: string[] = []) => ({
  resource,
  responseKind: { group: '', version: '', kind },
  scope,
  verbs: ['get', 'list'],
  subresources: subresources.map((subresource) => ({ subresource })),
})

const aggregated: Record<string, object> = {
  '/version': version,
  '/api': {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: {},
        versions: [
          {
            version: 'v1',
            freshness: 'Current',
            resources: [
              aggregatedResource('pods', 'Pod', 'Namespaced', ['status', 'log']),
              aggregatedResource('namespaces', 'Namespace', 'Cluster'),
            ],
          },
        ],
      },
    ],
  },
  '/apis': {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: { name: 'autoscaling' },
        versions: ['v2', 'v1'].map((name) => ({
          version: name,
          freshness: 'Current',
          resources: [aggregatedResource('horizontalpodautoscalers', 'HorizontalPodAutoscaler', 'Namespaced', ['status'])],
        })),
      },
      { metadata: { name: 'metrics.k8s.io' }, versions: [{ version: 'v1beta1', freshness: 'Stale' }] },
    ],
  },
}

const legacyResource = (name: string, kind: string, namespaced: boolean) => ({ name, kind, namespaced, verbs: ['get', 'list'] })

const legacy: Record<string, object> = {
  '/version': version,
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': {
    kind: 'APIGroupList',
    groups: [
      { name: 'autoscaling', versions: [{ version: 'v2' }, { version: 'v1' }] },
      { name: 'metrics.k8s.io', versions: [{ version: 'v1beta1' }] },
    ],
  },
  '/api/v1': {
    kind: 'APIResourceList',
    resources: [
      legacyResource('pods', 'Pod', true),
      legacyResource('pods/status', 'Pod', true),
      legacyResource('pods/log', 'Pod', true),
      legacyResource('namespaces', 'Namespace', false),
    ],
  },
  ...Object.fromEntries(
    ['v2', 'v1'].map((name) => [
      `/apis/autoscaling/${name}`,
      {
        kind: 'APIResourceList',
        resources: [
          legacyResource('horizontalpodautoscalers', 'HorizontalPodAutoscaler', true),
          legacyResource('horizontalpodautoscalers/status', 'HorizontalPodAutoscaler', true),
        ],
      },
    ]),
  ),
}

const serve =
  (answers: Record<string, object>): Handler =>
  ({ url }, response) => {
    const answer = answers[url]
    if (answer) json(response, answer)
    else if (url.startsWith('/apis/metrics.k8s.io')) json(response, statusOf(503, 'ServiceUnavailable'), 503)
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n')
  }

describe.each([
  { form: 'aggregated', answers: aggregated, requests: 3 },
  { form: 'legacy', answers: legacy, requests: 3 + 3 + 4 },
])('$form discovery', ({ answers, requests }) => {
  it("knows each kind, its path and scope, its preferred version, and the server's own version", async () => {
    await using server = await startServer(serve(answers))
    await using client = testClient(server.url)
    const discovery = await discover(client)
    expect(server.received).toHaveLength(requests)
    expect(discovery.version).toEqual({ version: 'v1.36.3', major: '1', minor: '36' })
    expect(discovery.resourceFor({ group: '', version: 'v1', kind: 'Pod' })).toEqual({
      group: '',
      version: 'v1',
      kind: 'Pod',
      plural: 'pods',
      namespaced: true,
      verbs: ['get', 'list'],
      subresources: ['status', 'log'],
    })
    expect(discovery.resourceFor({ group: '', version: 'v1', kind: 'Namespace' })?.namespaced).toBe(false)
    expect(discovery.resourcesFor({ group: 'autoscaling', kind: 'HorizontalPodAutoscaler' }).map((resource) => resource.version)).toEqual([
      'v2',
      'v1',
    ])
    expect(discovery.apiVersions).toEqual([
      'v1',
      'v1/Pod',
      'v1/Namespace',
      'autoscaling/v2',
      'autoscaling/v2/HorizontalPodAutoscaler',
      'autoscaling/v1',
      'autoscaling/v1/HorizontalPodAutoscaler',
      'metrics.k8s.io/v1beta1',
    ])
  })

  it('keeps a group version whose server does not answer apart from one that is not there', async () => {
    await using server = await startServer(serve(answers))
    await using client = testClient(server.url)
    const discovery = await discover(client)
    expect(discovery.unknown).toMatchObject([{ group: 'metrics.k8s.io', version: 'v1beta1' }])
    expect(discovery.stateOf({ group: 'metrics.k8s.io', version: 'v1beta1', kind: 'PodMetrics' })).toBe('unknown')
    expect(discovery.stateOf({ group: 'metrics.k8s.io', version: 'v1', kind: 'PodMetrics' })).toBe('absent')
    expect(discovery.stateOf({ group: '', version: 'v1', kind: 'Pod' })).toBe('served')
  })
})

describe('one group version read again', () => {
  it('appears, changes, becomes unknown and goes, for one request each', async () => {
    const answers: Record<string, object> = { ...aggregated }
    let down = false
    await using server = await startServer((request, response, count) =>
      down ? json(response, statusOf(500, 'InternalError'), 500) : serve(answers)(request, response, count),
    )
    await using client = testClient(server.url)
    const kind = { group: 'shop.dev', version: 'v1', kind: 'Cart' }
    const first = await discover(client)
    expect(first.stateOf(kind)).toBe('absent')

    answers['/apis/shop.dev/v1'] = { kind: 'APIResourceList', resources: [legacyResource('carts', 'Cart', true)] }
    server.received.length = 0
    const second = await refreshGroupVersion(client, first, kind)
    expect(server.received).toHaveLength(1)
    expect(second.resourceFor(kind)).toMatchObject({ plural: 'carts' })
    expect(second.resources).toHaveLength(first.resources.length + 1)
    expect(first.stateOf(kind), 'the earlier value stands').toBe('absent')

    answers['/apis/shop.dev/v1'] = {
      kind: 'APIResourceList',
      resources: [legacyResource('carts', 'Cart', true), legacyResource('carts/status', 'Cart', true)],
    }
    const third = await refreshGroupVersion(client, second, kind)
    expect(third.resourceFor(kind)?.subresources).toEqual(['status'])

    down = true
    const fourth = await refreshGroupVersion(client, third, kind)
    expect(fourth.stateOf(kind)).toBe('unknown')

    down = false
    delete answers['/apis/shop.dev/v1']
    expect((await refreshGroupVersion(client, fourth, kind)).stateOf(kind)).toBe('absent')
  })
})

describe('another look at all groups', () => {
  const groupsOf = (items: readonly object[]) => ({ kind: 'APIGroupDiscoveryList', items })
  const [autoscaling, metrics] = (aggregated['/apis'] as { items: [object, object] }).items
  const shop = (freshness: string, resources: object[]) => ({
    metadata: { name: 'shop.example.com' },
    versions: [{ version: 'v1', freshness, resources }],
  })
  const order = { group: 'shop.example.com', version: 'v1', kind: 'Order' }

  /** A server whose groups are as they are told, with a tag of their own. */
  const setUp = async (first: readonly object[]) => {
    let groups = first
    const direct: Record<string, object> = {}
    const server = await startServer((request, response, received) => {
      const { url, headers } = request
      const tag = JSON.stringify(String(JSON.stringify(groups).length))
      if (url !== '/apis') return serve({ ...aggregated, ...direct })(request, response, received)
      response.setHeader('etag', tag)
      if (headers['if-none-match'] === tag) return void response.writeHead(304).end()
      json(response, groupsOf(groups))
    })
    const client = testClient(server.url)
    return { server, client, direct, become: (next: readonly object[]) => void (groups = next) }
  }

  it('is one request, and says nothing while nothing has changed', async () => {
    const { server, client } = await setUp([autoscaling, metrics])
    await using _server = server
    await using _client = client
    const discovery = await discover(client)
    const first = await rediscover(client, { discovery, tag: undefined })
    expect([first?.tag, first?.discovery.apiVersions]).toEqual([expect.any(String), discovery.apiVersions])
    const before = server.received.length
    expect(first && (await rediscover(client, first))).toBeUndefined()
    expect(server.received).toHaveLength(before + 1)
  })

  it('finds what has come', async () => {
    const { server, client, become } = await setUp([autoscaling])
    await using _server = server
    await using _client = client
    const discovery = await discover(client)
    become([autoscaling, shop('Current', [aggregatedResource('orders', 'Order', 'Namespaced')])])
    const next = await rediscover(client, { discovery, tag: undefined })
    expect([discovery.stateOf(order), next?.discovery.stateOf(order)]).toEqual(['absent', 'served'])
    expect(next?.discovery.stateOf({ group: '', version: 'v1', kind: 'Pod' })).toBe('served')
  })

  it('keeps what was known of a group whose server does not answer any more', async () => {
    const { server, client, become } = await setUp([shop('Current', [aggregatedResource('orders', 'Order', 'Namespaced')])])
    await using _server = server
    await using _client = client
    const discovery = await discover(client)
    become([shop('Stale', [])])
    const next = await rediscover(client, { discovery, tag: undefined })
    expect([next?.discovery.resourceFor(order)?.plural, next?.discovery.unknown]).toMatchObject(['orders', [{ group: 'shop.example.com' }]])
  })

  it('asks the group itself for what is missing: an answer that was put together before it came is no sign that it went', async () => {
    const { server, client, direct, become } = await setUp([shop('Current', [aggregatedResource('orders', 'Order', 'Namespaced')])])
    await using _server = server
    await using _client = client
    const discovery = await discover(client)
    become([autoscaling])
    direct['/apis/shop.example.com/v1'] = { kind: 'APIResourceList', resources: [legacyResource('orders', 'Order', true)] }
    const late = await rediscover(client, { discovery, tag: undefined })
    expect(late?.discovery.stateOf(order)).toBe('served')
    delete direct['/apis/shop.example.com/v1']
    const next = await rediscover(client, { discovery, tag: undefined })
    expect(next?.discovery.stateOf(order)).toBe('absent')
  })
})
