import { describe, expect, it } from 'vitest'
import { createCache } from '../../src/cache/cache.ts'
import type { Resource } from '../../src/kube/client.ts'
import { FakeClock, settled } from '../api/fake-clock.ts'
import { error, FakeServer } from './fake-server.ts'

const kind = { group: '', version: 'v1', kind: 'ConfigMap' }
const configMaps: Resource = { ...kind, plural: 'configmaps', namespaced: true, verbs: ['list', 'watch'], subresources: [] }

function setUp({ namespaces = [] as string[], resource = configMaps as Resource | undefined } = {}) {
  const server = new FakeServer()
  const clock = new FakeClock()
  let served = resource
  const cache = createCache({ client: server, resolve: () => Promise.resolve(served), namespaces, clock, random: () => 0.5 })
  const changes: string[] = []
  cache.onChange(({ after, before }, informer) =>
    changes.push(`${informer.kind.kind} ${after ? '+' : '-'}${(after ?? before)?.metadata.name}`),
  )
  return {
    server,
    clock,
    cache,
    changes,
    serve: (next: Resource | undefined) => void (served = next),
    paths: () => server.requests.map(({ verb, path }) => `${verb} ${path}`),
  }
}

describe('an informer', () => {
  it('is started when it is first asked for, and shared by kind and selector', async () => {
    const { server, cache } = setUp()
    await settled()
    expect(server.requests).toEqual([])
    const all = cache.informer(kind)
    const mine = cache.informer(kind, { selector: 'mine' })
    expect(cache.informer(kind)).toBe(all)
    expect(cache.informer(kind, { selector: 'mine' })).toBe(mine)
    expect(mine).not.toBe(all)
    await settled()
    expect(server.requests.filter(({ verb }) => verb === 'list').map(({ query }) => query['labelSelector'])).toEqual([undefined, 'mine'])
    expect([...cache.informers()]).toEqual([all, mine])
    await cache.stop()
  })

  it('tells its changes and states to whoever listens, until they stop listening', async () => {
    const { server, cache, changes } = setUp()
    const states: string[] = []
    const quiet = cache.onState(({ state }) => states.push(state))
    server.put('a')
    const informer = cache.informer(kind)
    await cache.whenSettled(informer)
    server.put('b')
    server.delete('a')
    await settled()
    expect([changes, states]).toEqual([['ConfigMap +a', 'ConfigMap +b', 'ConfigMap -a'], ['synced']])
    quiet()
    server.drop(() => error('network', 0))
    await cache.stop()
    expect(states).toEqual(['synced'])
  })

  it('tells everybody although one listener throws, and hands on what it threw', async () => {
    const server = new FakeServer()
    const faults: unknown[] = []
    const cache = createCache({
      client: server,
      resolve: () => Promise.resolve(configMaps),
      clock: new FakeClock(),
      onFault: (fault) => faults.push(fault),
    })
    const told: string[] = []
    cache.onChange(() => {
      throw new TypeError('not a function')
    })
    cache.onChange(({ after }) => told.push(after?.metadata.name as string))
    const informer = cache.informer(kind)
    await settled()
    server.put('a')
    server.put('b')
    await settled()
    expect([told, faults, informer.state]).toEqual([
      ['a', 'b'],
      [new TypeError('not a function'), new TypeError('not a function')],
      'synced',
    ])
    await cache.stop()
  })

  it('is waited for until its first answer, good or bad', async () => {
    const { server, clock, cache } = setUp()
    server.failList = () => error('network', 0)
    const informer = cache.informer(kind)
    let isSettled = false
    const waiting = cache.whenSettled(informer).then(() => (isSettled = true))
    await clock.advance(5_000)
    expect([isSettled, informer.state]).toEqual([false, 'starting'])
    server.failList = () => error('forbidden', 403)
    await clock.advance(30_000)
    expect([isSettled, informer.state]).toEqual([true, 'forbidden'])
    await waiting
    await cache.stop()
  })

  it('is waited for no longer once the cache stops', async () => {
    const { server, cache } = setUp()
    server.failList = () => error('network', 0)
    const waiting = cache.whenSettled(cache.informer(kind))
    await settled()
    await cache.stop()
    await expect(waiting).resolves.toBeUndefined()
  })

  it('is gone while the server does not serve its kind, and comes back when told to look', async () => {
    const { server, cache, serve } = setUp()
    serve(undefined)
    const informer = cache.informer(kind)
    await cache.whenSettled(informer)
    expect([informer.state, informer.reason, server.requests]).toEqual(['gone', 'the server does not serve ConfigMap', []])
    serve(configMaps)
    cache.retryNow({ ...kind, kind: 'Other' })
    await settled()
    expect(informer.state).toBe('gone')
    cache.retryNow(kind)
    await settled()
    expect([informer.state, informer.reason]).toEqual(['synced', undefined])
    await cache.stop()
  })
})

it('has nothing to read of a kind that cannot be listed and watched', async () => {
  const { server, cache } = setUp({ resource: { ...configMaps, verbs: ['create'] } })
  const informer = cache.informer(kind)
  await cache.whenSettled(informer)
  expect([informer.state, informer.reason, server.requests]).toEqual(['gone', 'the server keeps no ConfigMap that could be listed', []])
  await cache.stop()
})

describe('a permission that was lacking', () => {
  it('and is given has the others looked for at once, since it seldom comes alone', async () => {
    const { server, clock, cache } = setUp()
    server.failList = () => error('forbidden', 403)
    const one = cache.informer(kind)
    await clock.advance(60_000)
    const other = cache.informer(kind, { selector: 'mine' })
    await settled()
    expect([one.state, other.state]).toEqual(['forbidden', 'forbidden'])
    server.failList = undefined
    // The second one is looked for after a second, the first one only after ten.
    await clock.advance(1_100)
    expect([one.state, other.state]).toEqual(['synced', 'synced'])
    await cache.stop()
  })
})

describe('an audit of all caches', () => {
  it('answers with the number of objects that differ', async () => {
    const { server, cache } = setUp()
    cache.informer(kind)
    cache.informer(kind, { selector: 'mine' })
    await settled()
    server.deaf = true
    server.put('a')
    server.put('b', { labels: { mine: 'yes' } })
    server.deaf = false
    server.bookmark()
    await settled()
    expect(await cache.audit()).toBe(3)
    await settled()
    expect([await cache.audit(), [...cache.informers()].map(({ size }) => size)]).toEqual([0, [2, 1]])
    await cache.stop()
  })
})

describe('an informer over several namespaces', () => {
  it('reads them as one and asks for nothing else', async () => {
    const { server, cache, paths } = setUp({ namespaces: ['shop', 'bank'] })
    server.put('a', { namespace: 'shop', labels: { owner: 'p' } })
    server.put('a', { namespace: 'bank', labels: { owner: 'p' }, uid: 'bank-a' })
    server.put('a', { namespace: 'other' })
    const informer = cache.informer(kind, { index: ({ metadata }) => metadata.labels?.['owner'] })
    await cache.whenSettled(informer)
    const namespaces = (objects: Iterable<{ metadata: { namespace?: string } }>) => [...objects].map(({ metadata }) => metadata.namespace)
    expect([namespaces(informer.values()), namespaces(informer.byIndex('p')), informer.size]).toEqual([
      ['shop', 'bank'],
      ['shop', 'bank'],
      2,
    ])
    expect([informer.get('bank/a')?.metadata.uid, informer.byUid('bank-a')?.metadata.namespace, informer.get('other/a')]).toEqual([
      'bank-a',
      'bank',
      undefined,
    ])
    informer.wrote(server.put('new', { namespace: 'bank' }))
    expect(informer.get('bank/new')?.metadata.name).toBe('new')
    expect(paths().filter((path) => path.startsWith('list'))).toEqual([
      'list /api/v1/namespaces/shop/configmaps',
      'list /api/v1/namespaces/bank/configmaps',
    ])
    await cache.stop()
  })

  it('is as bad as the worst of them, and settled when each has answered', async () => {
    const { server, clock, cache } = setUp({ namespaces: ['shop', 'bank'] })
    const request = server.request.bind(server)
    let answer: () => Error | undefined = () => error('network', 0)
    server.request = async (asked) => {
      const failure = asked.path.includes('bank') ? answer() : undefined
      if (failure) throw failure
      return await request(asked)
    }
    const informer = cache.informer(kind)
    await settled()
    expect(informer.state).toBe('starting')
    answer = () => error('forbidden', 403)
    await clock.advance(5_000)
    expect(informer.state).toBe('forbidden')
    answer = () => undefined
    await clock.advance(60_000)
    expect([informer.state, informer.reason]).toEqual(['synced', undefined])
    await cache.stop()
  })

  const refusing = ({ server, namespace, gone = false }: { server: FakeServer; namespace: string; gone?: boolean }) => {
    const request = server.request.bind(server)
    const refused = { yes: true }
    server.request = async (asked) => {
      if (asked.path === `/api/v1/namespaces/${namespace}`) throw gone ? error('notFound', 404) : error('forbidden', 403)
      if (refused.yes && asked.path.includes(namespace)) throw error('forbidden', 403)
      return await request(asked)
    }
    return refused
  }

  it('is told apart by namespace: one that is refused makes nothing unknown of another', async () => {
    const { server, clock, cache } = setUp({ namespaces: ['shop', 'bank', 'mill'] })
    const refused = refusing({ server, namespace: 'bank' })
    const told: string[] = []
    cache.onState(({ state }, namespace) => told.push(`${namespace} ${state}`))
    const informer = cache.informer(kind)
    await settled()
    const within = (...namespaces: string[]) => informer.within(namespaces).state
    expect([within('shop'), within('bank'), within('shop', 'mill'), within('shop', 'bank'), within('elsewhere')]).toEqual([
      'synced',
      'forbidden',
      'synced',
      'forbidden',
      'forbidden',
    ])
    expect([informer.state, informer.blind]).toEqual(['forbidden', false])
    refused.yes = false
    told.length = 0
    await clock.advance(2_000)
    expect([informer.state, told]).toEqual(['synced', ['bank synced']])
    await cache.stop()
  })

  it('knows that nothing is in a namespace that is gone, and took the permission with it', async () => {
    const { server, cache } = setUp({ namespaces: ['shop', 'bank'] })
    refusing({ server, namespace: 'bank', gone: true })
    const informer = cache.informer(kind)
    await settled()
    expect([informer.within(['shop']), informer.within(['bank'])]).toMatchObject([
      { state: 'synced' },
      { state: 'gone', reason: 'its namespace is gone' },
    ])
    await cache.stop()
  })

  it('stands for all namespaces where its kind is cluster-scoped', async () => {
    const { server, cache } = setUp({ namespaces: ['shop', 'bank'], resource: { ...configMaps, namespaced: false } })
    server.failList = () => error('forbidden', 403)
    const informer = cache.informer(kind)
    await settled()
    expect([informer.within(['bank']).state, informer.within(['bank', 'elsewhere']).state, informer.blind]).toEqual([
      'forbidden',
      'forbidden',
      false,
    ])
    await cache.stop()
  })

  it('lists a cluster-scoped kind once', async () => {
    const { server, cache, paths } = setUp({
      namespaces: ['shop', 'bank'],
      resource: { ...configMaps, kind: 'Node', plural: 'nodes', namespaced: false },
    })
    server.put('n1', { namespace: '' })
    const node = server.objects.get('/n1')
    delete node?.metadata.namespace
    const informer = cache.informer({ ...kind, kind: 'Node' })
    await cache.whenSettled(informer)
    expect([paths(), informer.get('n1')?.metadata.name, informer.state]).toEqual([
      ['list /api/v1/nodes', 'watch /api/v1/nodes'],
      'n1',
      'synced',
    ])
    await cache.stop()
  })
})

it('stops when every loop has ended, with no watch and no timer left', async () => {
  const { server, clock, cache } = setUp({ namespaces: ['shop', 'bank'] })
  cache.informer(kind)
  cache.informer(kind, { selector: 'mine' })
  await settled()
  expect(server.watches.size).toBe(4)
  await cache.stop()
  expect([server.watches.size, clock.timers]).toEqual([0, 0])
})
