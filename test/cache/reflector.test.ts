import { describe, expect, it } from 'vitest'
import type { Change, InformerState } from '../../src/cache/informer.ts'
import { createPool } from '../../src/cache/pool.ts'
import { type Location, Reflector, type ReflectorActivity } from '../../src/cache/reflector.ts'
import { Store } from '../../src/cache/store.ts'
import { FakeClock, settled } from '../api/fake-clock.ts'
import { error, FakeServer, statusObject } from './fake-server.ts'

const kind = { group: '', version: 'v1', kind: 'ConfigMap' }
const path = '/api/v1/configmaps'

interface SetUp {
  selector?: string
  random?: () => number
  silence?: number
  isGone?: () => Promise<boolean>
}

function setUp({ selector, random = () => 0.5, silence, isGone }: SetUp = {}) {
  const server = new FakeServer()
  const clock = new FakeClock()
  const store = new Store({ kind, clock, pool: createPool(), index: undefined, ingest: undefined })
  const changes: string[] = []
  const states: InformerState[] = []
  const activities: ReflectorActivity[] = []
  let told = 0
  let location: Location = { kind: 'path', path }
  let again: Location | Error = location
  const reflector = new Reflector({
    client: server,
    store,
    locate: (isAgain) => (!isAgain ? Promise.resolve(location) : again instanceof Error ? Promise.reject(again) : Promise.resolve(again)),
    labelSelector: selector,
    silence,
    isGone,
    clock,
    random,
    onChange: (change) => changes.push(describeChange(change)),
    onState: (state) => {
      told++
      if (state !== states.at(-1)) states.push(state)
    },
    observe: (activity) => activities.push(activity),
  })
  const stop = new AbortController()
  let ended: Promise<void> | undefined
  return {
    server,
    clock,
    store,
    reflector,
    changes,
    states,
    activities,
    moveTo: (to: Location) => void (location = to),
    /** What discovery says when it is asked again. */
    moveAgain: (to: Location | Error) => void (again = to),
    async start() {
      ended = reflector.run(stop.signal)
      await settled()
    },
    async stop() {
      stop.abort()
      await ended
    },
    /** How often a state, or its reason, was told. */
    tellings: () => told,
    /** What is still to be told in `changes` since the last call. */
    news: () => changes.splice(0),
    lists: () => server.requests.filter(({ verb }) => verb === 'list').length,
    watches: () => server.requests.filter(({ verb }) => verb === 'watch').length,
    held: () => [...store.values()].map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).toSorted(),
    kept: () => [...server.objects.values()].map(({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`).toSorted(),
  }
}

const describeChange = ({ before, after }: Change): string =>
  before && after ? `~${after.metadata.name}` : after ? `+${after.metadata.name}` : `-${before?.metadata.name}`

describe('a reflector that starts', () => {
  it('lists the most recent state, page by page, and then watches from the version of the list', async () => {
    const world = setUp()
    for (let at = 0; at < 250; at++) world.server.put(`c${at}`)
    await world.start()

    expect(world.held()).toEqual(world.kept())
    expect(world.states).toEqual(['synced'])
    expect(
      world.server.requests.map(({ verb, query }) => [verb, query['limit'], query['resourceVersion'], query['continue'] !== undefined]),
    ).toEqual([
      ['list', 100, undefined, false],
      ['list', 100, undefined, true],
      ['list', 100, undefined, true],
      ['watch', undefined, String(world.server.version), false],
    ])
    await world.stop()
  })

  it('asks for bookmarks, and for watches of five to ten minutes', async () => {
    for (const [random, seconds] of [
      [0, 300],
      [0.999999, 599],
    ] as const) {
      const world = setUp({ random: () => random })
      await world.start()
      expect(world.server.requests.at(-1)?.query).toMatchObject({ watch: true, allowWatchBookmarks: true, timeoutSeconds: seconds })
      await world.stop()
    }
  })

  it('holds nothing of a list that failed halfway, and begins it again', async () => {
    const world = setUp()
    for (let at = 0; at < 600; at++) world.server.put(`c${at}`)
    world.server.onPage = (continuation) => {
      if (!continuation) return
      world.server.onPage = undefined
      throw error('serverError', 500)
    }
    await world.start()
    expect([world.reflector.state, world.store.size, world.changes.length]).toEqual(['starting', 0, 0])
    expect(world.reflector.reason).toContain('500')

    await world.clock.advance(1_200)
    expect([world.reflector.state, world.reflector.reason, world.store.size]).toEqual(['synced', undefined, 600])
    await world.stop()
  })

  it('begins again at once when the list took longer than the server remembers', async () => {
    const world = setUp()
    for (let at = 0; at < 600; at++) world.server.put(`c${at}`)
    world.server.onPage = (continuation) => {
      if (!continuation) return
      world.server.onPage = undefined
      world.server.put('late')
      world.server.compact()
    }
    await world.start()
    expect([world.reflector.state, world.store.size, world.clock.now()]).toEqual(['synced', 601, 0])
    expect(world.states).not.toContain('stale')
    await world.stop()
  })

  it('waits longer after each failure, up to 30 s and its jitter, and twice as long as that never', async () => {
    const world = setUp({ random: () => 0 })
    world.server.failList = () => error('network', 0)
    await world.start()
    const delays: number[] = []
    for (let at = 0; at < 8; at++) {
      delays.push(world.clock.next as number)
      await world.clock.advance(world.clock.next as number)
    }
    expect(delays).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000])
    expect(world.reflector.state).toBe('starting')
    await world.stop()
  })

  it('waits as long as the server asks it to', async () => {
    const world = setUp()
    world.server.failList = () => error('tooManyRequests', 429, { retryAfter: 17_000 })
    await world.start()
    expect(world.clock.next).toBe(17_000)
    await world.stop()
  })

  it('takes an answer that is no list for a failure', async () => {
    const world = setUp()
    world.server.request = () => Promise.resolve('<html>' as never)
    await world.start()
    expect([world.reflector.state, world.reflector.reason]).toEqual(['starting', 'GET configmaps: 200 BrokenAnswer'])
    await world.stop()
  })
})

describe('a synced reflector', () => {
  it('follows additions, changes and deletions', async () => {
    const world = setUp()
    world.server.put('a')
    await world.start()
    expect(world.news()).toEqual(['+a'])
    world.server.put('a')
    world.server.put('b')
    world.server.delete('a')
    await settled()
    expect(world.news()).toEqual(['~a', '+b', '-a'])
    expect(world.held()).toEqual(world.kept())
    await world.stop()
  })

  it('sees an object that loses the label as deleted, and one that gets it as added', async () => {
    const world = setUp({ selector: 'mine' })
    world.server.put('a', { labels: { mine: 'yes' } })
    world.server.put('b')
    await world.start()
    expect(world.news()).toEqual(['+a'])
    world.server.put('a')
    world.server.put('b', { labels: { mine: 'yes' } })
    await settled()
    expect(world.news()).toEqual(['-a', '+b'])
    await world.stop()
  })

  it('stays synced when its watch ends, and goes on from the last version, a bookmark included, without a list', async () => {
    const world = setUp()
    world.server.put('a')
    await world.start()
    world.server.version = 5_000
    world.server.bookmark()
    await world.clock.advance(60_000)
    world.server.drop()
    await settled()
    expect(world.server.requests.at(-1)).toMatchObject({ verb: 'watch', query: { resourceVersion: '5000' } })
    expect([world.states, world.lists(), world.watches()]).toEqual([['synced'], 1, 2])
    await world.stop()
  })

  it('goes on from the last version when a watch that worked breaks', async () => {
    const world = setUp()
    await world.start()
    world.server.put('a')
    await settled()
    world.server.drop(() => error('network', 200))
    world.server.put('b')
    await settled()
    expect(world.held()).toEqual(world.kept())
    expect([world.states, world.lists(), world.watches()]).toEqual([['synced'], 1, 2])
    await world.stop()
  })

  it('is stale after a 410 in the stream, lists again at once, and tells what it missed', async () => {
    const world = setUp()
    world.server.put('a')
    world.server.put('b')
    world.server.put('c')
    await world.start()
    world.news()
    world.server.deaf = true
    world.server.delete('a')
    world.server.put('b')
    world.server.put('d')
    world.server.compact()
    world.server.deaf = false
    await world.clock.advance(5_000)
    world.server.drop()
    await settled()
    expect(world.states).toEqual(['synced', 'stale', 'synced'])
    expect(world.news()).toEqual(['-a', '~b', '+d'])
    expect(world.clock.now()).toBe(5_000)
    await world.stop()
  })

  it('is stale after a 410 that is the answer to the watch', async () => {
    const world = setUp()
    await world.start()
    world.server.failWatch = () => error('gone', 410)
    await world.clock.advance(5_000)
    world.server.drop()
    await Promise.resolve()
    await settled()
    expect(world.states.slice(0, 3)).toEqual(['synced', 'stale', 'synced'])
    await world.stop()
  })

  it('backs off when every watch is answered with a 410', async () => {
    const world = setUp({ random: () => 0 })
    world.server.failWatch = () => error('gone', 410)
    await world.start()
    await world.clock.advance(60_000)
    expect(world.lists()).toBeLessThan(10)
    await world.stop()
  })

  it('is stale after four minutes of silence, ends the watch and lists', async () => {
    const world = setUp()
    await world.start()
    world.server.deaf = true
    world.server.put('a')
    await world.clock.advance(239_999)
    expect([world.states, world.held()]).toEqual([['synced'], []])
    await world.clock.advance(1)
    expect(world.states).toEqual(['synced', 'stale', 'synced'])
    expect(world.held()).toEqual(world.kept())
    expect(world.server.watches.size).toBe(1)
    await world.stop()
  })

  it('is stale for silence once where no bookmark ever comes, and then lists without a word as long as nothing was missed', async () => {
    const world = setUp()
    world.server.put('a')
    await world.start()
    for (let silence = 0; silence < 4; silence++) await world.clock.advance(241_000)
    expect([world.states, world.lists()]).toEqual([['synced', 'stale', 'synced'], 5])

    world.server.deaf = true
    world.server.put('b')
    await world.clock.advance(241_000)
    expect([world.states.length, world.held()]).toEqual([3, world.kept()])
    world.server.deaf = false
    world.server.bookmark()
    await settled()
    await world.clock.advance(241_000)
    expect(world.states).toEqual(['synced', 'stale', 'synced', 'stale', 'synced'])
    await world.stop()
  })

  it('takes a bookmark for a sign of life', async () => {
    const world = setUp()
    await world.start()
    for (let bookmark = 0; bookmark < 5; bookmark++) {
      await world.clock.advance(200_000)
      world.server.bookmark()
    }
    await settled()
    expect([world.states, world.watches()]).toEqual([['synced'], 1])
    await world.stop()
  })

  it('is stale while the server refuses connections, and synced after a new list', async () => {
    const world = setUp()
    world.server.put('a')
    await world.start()
    world.server.failWatch = world.server.failList = () => error('network', 0)
    await world.clock.advance(5_000)
    world.server.drop(() => error('network', 200))
    await world.clock.advance(30_000)
    expect([world.reflector.state, world.store.size]).toEqual(['stale', 1])
    world.server.failWatch = world.server.failList = undefined
    world.server.put('b')
    await world.clock.advance(60_000)
    expect(world.states).toEqual(['synced', 'stale', 'synced'])
    expect(world.held()).toEqual(world.kept())
    await world.stop()
  })

  it('is stale after an ERROR event of another code, and does not repeat its message', async () => {
    const world = setUp()
    await world.start()
    for (const watch of world.server.watches) watch.push({ type: 'ERROR', object: statusObject(500, 'InternalError') })
    await settled()
    expect(world.reflector.state).toBe('stale')
    expect(world.reflector.reason).toContain('500')
    expect(world.reflector.reason).not.toContain('TOPSECRET')
    await world.clock.advance(2_000)
    expect(world.reflector.state).toBe('synced')
    await world.stop()
  })

  it('waits as long as an ERROR event asks it to', async () => {
    const world = setUp()
    await world.start()
    for (const watch of world.server.watches)
      watch.push({ type: 'ERROR', object: statusObject(429, 'TooManyRequests', { retryAfterSeconds: 21 }) })
    await settled()
    expect(world.clock.next).toBe(21_000)
    await world.stop()
  })

  it('takes a line that is no event for a broken watch', async () => {
    const world = setUp()
    await world.start()
    for (const watch of world.server.watches) watch.push({ type: 'ADDED' } as never)
    await settled()
    expect([world.reflector.state, world.reflector.reason]).toEqual(['stale', `watch ${path}: a line is no watch event`])
    await world.stop()
  })

  it('becomes a poll with growing pauses where every watch ends at once', async () => {
    const world = setUp({ random: () => 0 })
    world.server.onWatch = (watch) => watch.end()
    await world.start()
    await world.clock.advance(120_000)
    expect(world.lists()).toBeGreaterThanOrEqual(7)
    expect(world.lists()).toBeLessThanOrEqual(9)
    expect(world.watches()).toBe(world.lists())
    world.server.put('a')
    await world.clock.advance(30_000)
    expect(world.held()).toEqual(world.kept())
    await world.stop()
  })

  it('forgets its failures after two minutes without one', async () => {
    const world = setUp({ random: () => 0 })
    const fail = async () => {
      for (const watch of world.server.watches) watch.push({ type: 'ERROR', object: statusObject(500, '') })
      await settled()
      const delay = world.clock.timers === 1 ? world.clock.next : undefined
      await world.clock.advance(delay as number)
      return delay
    }
    await world.start()
    expect([await fail(), await fail(), await fail()]).toEqual([800, 1_600, 3_200])
    await world.clock.advance(121_000)
    expect(await fail()).toBe(800)
    await world.stop()
  })

  it('tells a deletion and an addition where a name came back with another UID, in a list and in the stream', async () => {
    const world = setUp()
    world.server.put('a', { uid: 'one' })
    await world.start()
    world.server.deaf = true
    world.server.delete('a')
    world.server.put('a', { uid: 'two' })
    world.server.deaf = false
    world.news()
    await world.clock.advance(240_000)
    expect(world.news()).toEqual(['-a', '+a'])
    for (const watch of world.server.watches) {
      const object = world.server.objects.get('shop/a')
      watch.push({
        type: 'MODIFIED',
        object: { ...object, metadata: { ...object?.metadata, uid: 'three', resourceVersion: String(++world.server.version) } } as never,
      })
    }
    await settled()
    expect(world.news()).toEqual(['-a', '+a'])
    expect([world.store.byUid('two'), world.store.byUid('three')?.metadata.name]).toEqual([undefined, 'a'])
    await world.stop()
  })

  it('lists again when versions go back, and takes an equal version for another object', async () => {
    const world = setUp()
    world.server.put('a')
    world.server.put('b')
    await world.start()
    world.news()
    world.store.wrote({
      ...world.server.put('ghost'),
      metadata: { name: 'ghost', namespace: 'shop', uid: 'ghost', resourceVersion: '900' },
    })
    await settled()
    world.server.objects.delete('shop/ghost')
    const a = world.server.objects.get('shop/a')
    world.server.objects.set('shop/a', { ...a, data: { value: 'restored' } } as never)
    world.server.restore(101)
    world.server.bookmark()
    await settled()
    expect(world.states).toEqual(['synced', 'stale', 'synced'])
    expect(world.store.get('shop/a')).toMatchObject({ data: { value: 'restored' } })
    expect(world.held()).toEqual(world.kept())
    await world.stop()
  })
})

describe('a reflector without permission', () => {
  it('is forbidden, and stays so while it asks again: after a second, then less and less often, up to every ten seconds', async () => {
    const world = setUp({ random: () => 0 })
    world.server.put('a')
    world.server.failList = () => error('forbidden', 403)
    await world.start()
    expect(world.states).toEqual(['forbidden'])
    await world.clock.advance(999)
    expect(world.lists()).toBe(1)
    await world.clock.advance(1)
    expect(world.lists()).toBe(2)
    await world.clock.advance(1_500 + 2_250)
    expect(world.lists()).toBe(4)
    await world.clock.advance(60_000)
    const before = world.lists()
    await world.clock.advance(60_000)
    expect([world.lists() - before, world.states]).toEqual([6, ['forbidden']])
    world.server.failList = undefined
    await world.clock.advance(10_000)
    expect([world.states, world.held()]).toEqual([['forbidden', 'synced'], world.kept()])
    await world.stop()
  })

  it('asks once a minute after ten minutes, and quickly again the next time', async () => {
    const world = setUp({ random: () => 0 })
    world.server.failList = () => error('forbidden', 403)
    await world.start()
    await world.clock.advance(660_000)
    const before = world.lists()
    await world.clock.advance(600_000)
    expect(world.lists() - before).toBe(10)
    world.server.failList = undefined
    await world.clock.advance(60_000)
    expect(world.reflector.state).toBe('synced')
    world.server.failWatch = world.server.failList = () => error('forbidden', 403)
    world.server.drop()
    await settled()
    expect(world.reflector.state).toBe('forbidden')
    world.server.failWatch = world.server.failList = undefined
    await world.clock.advance(4_000)
    expect(world.reflector.state).toBe('synced')
    await world.stop()
  })

  it('is forbidden when permission to watch is withdrawn, and keeps what it had', async () => {
    const world = setUp()
    world.server.put('a')
    await world.start()
    world.server.failWatch = () => error('forbidden', 403)
    await world.clock.advance(5_000)
    world.server.drop()
    await settled()
    expect([world.reflector.state, world.held()]).toEqual(['forbidden', world.kept()])
    await world.stop()
  })

  it('is not synced for a moment at each look by a list that is allowed, while the watch is not', async () => {
    const world = setUp()
    world.server.put('a')
    await world.start()
    world.server.failWatch = () => error('forbidden', 403)
    await world.clock.advance(5_000)
    world.server.drop()
    await world.clock.advance(60_000)
    expect([world.states, world.lists()]).toEqual([['synced', 'forbidden'], 1])
    world.server.put('b')
    world.server.failWatch = undefined
    await world.clock.advance(12_000)
    expect([world.states, world.held()]).toEqual([['synced', 'forbidden', 'synced'], world.kept()])
    await world.stop()
  })

  it('is unknown again, not forbidden, when the server does not answer any more', async () => {
    const world = setUp()
    world.server.failList = () => error('forbidden', 403)
    await world.start()
    expect(world.reflector.failed).toBe(true)
    world.server.failList = () => error('network', 0)
    await world.clock.advance(12_000)
    expect([world.states, world.reflector.failed]).toEqual([['forbidden', 'starting'], true])
    await world.stop()
  })

  it('is gone when its namespace is', async () => {
    const world = setUp({ isGone: () => Promise.resolve(true) })
    world.server.failList = () => error('forbidden', 403)
    await world.start()
    expect([world.reflector.state, world.reflector.reason]).toEqual(['gone', 'its namespace is gone'])
    await world.stop()
  })
})

describe('a reflector whose kind is not served', () => {
  it('is gone after a 404 if discovery says so too, and back when it is told to look', async () => {
    const world = setUp()
    world.server.put('a')
    world.server.failList = () => error('kindUnknown', 404)
    world.moveAgain({ kind: 'gone', reason: 'the server does not serve ConfigMap' })
    await world.start()
    expect([world.reflector.state, world.reflector.reason]).toEqual(['gone', 'the server does not serve ConfigMap'])
    world.server.failList = undefined
    world.reflector.retryNow()
    await settled()
    expect([world.states, world.held(), world.clock.now()]).toEqual([['gone', 'synced'], world.kept(), 0])
    await world.stop()
  })

  it('is unknown, not gone, after a 404 of a server that says it serves the kind, or does not say', async () => {
    const world = setUp()
    world.server.failList = () => error('kindUnknown', 404)
    await world.start()
    expect([world.reflector.state, world.reflector.reason]).toEqual(['starting', error('kindUnknown', 404).message])
    world.moveAgain(error('unavailable', 503))
    await world.clock.advance(60_000)
    expect([world.states, world.reflector.reason]).toEqual([['starting'], error('unavailable', 503).message])
    await world.stop()
  })

  it('is gone while discovery knows no such kind, and looks again', async () => {
    const world = setUp()
    world.moveTo({ kind: 'gone', reason: 'the server does not serve ConfigMap' })
    await world.start()
    expect([world.reflector.state, world.reflector.reason, world.lists()]).toEqual(['gone', 'the server does not serve ConfigMap', 0])
    world.moveTo({ kind: 'path', path })
    await world.clock.advance(1_100)
    expect(world.reflector.state).toBe('synced')
    await world.stop()
  })

  it('tells the objects that the kind took with it as deleted when it is back', async () => {
    const world = setUp()
    world.server.put('a')
    await world.start()
    world.news()
    world.server.failWatch = world.server.failList = () => error('kindUnknown', 404)
    world.moveAgain({ kind: 'gone', reason: 'the server does not serve ConfigMap' })
    world.server.deaf = true
    world.server.delete('a')
    await world.clock.advance(5_000)
    world.server.drop()
    await settled()
    expect([world.reflector.state, world.news(), world.store.size]).toEqual(['gone', [], 1])
    world.server.failWatch = world.server.failList = undefined
    await world.clock.advance(1_100)
    expect([world.states, world.news()]).toEqual([['synced', 'gone', 'synced'], ['-a']])
    await world.stop()
  })
})

describe('a server that does not answer', () => {
  it('has failed after some seconds, which is told; not before', async () => {
    const world = setUp({ random: () => 0 })
    world.server.failList = () => error('network', 0)
    await world.start()
    await world.clock.advance(4_999)
    expect([world.reflector.state, world.reflector.failed]).toEqual(['starting', false])
    const told = world.tellings()
    // The next try is the one after 0.8 + 1.6 + 3.2 seconds.
    await world.clock.advance(601)
    expect([world.reflector.failed, world.tellings() - told]).toEqual([true, 1])
    world.server.failList = undefined
    await world.clock.advance(10_000)
    expect([world.reflector.state, world.reflector.failed]).toEqual(['synced', false])
    await world.stop()
  })
})

describe('a first list that is slow', () => {
  it('is told after five seconds, as no failure, and ends as any other', async () => {
    const world = setUp()
    world.server.put('a')
    const { promise, resolve } = Promise.withResolvers<void>()
    const request = world.server.request.bind(world.server)
    world.server.request = async (asked) => {
      await promise
      return await request(asked)
    }
    await world.start()
    await world.clock.advance(4_999)
    expect([world.reflector.state, world.reflector.reason]).toEqual(['starting', undefined])
    await world.clock.advance(1)
    expect([world.reflector.state, world.reflector.reason, world.reflector.failed]).toEqual([
      'starting',
      'the first list takes more than 5 s',
      false,
    ])
    resolve()
    await settled()
    expect([world.reflector.state, world.reflector.reason, world.held()]).toEqual(['synced', undefined, world.kept()])
    await world.stop()
  })
})

describe('an audit', () => {
  const audits = (activities: readonly ReflectorActivity[]) =>
    activities.flatMap((activity) => (activity.kind === 'audit' ? [activity.repairs] : []))

  it('comes every ten minutes, a fifth more or less, and changes nothing where nothing was lost', async () => {
    const world = setUp({ random: () => 0.5, silence: Infinity })
    for (let at = 0; at < 250; at++) world.server.put(`c${at}`)
    await world.start()
    const before = world.lists()
    await world.clock.advance(599_999)
    expect(world.lists()).toBe(before)
    await world.clock.advance(1)
    expect(audits(world.activities)).toEqual([0])
    await world.clock.advance(600_000)
    expect([audits(world.activities), world.states, world.watches()]).toEqual([[0, 0], ['synced'], 1])
    await world.stop()
  })

  it('finds what was lost: an object made, one changed and one deleted; a new list and watch put it right', async () => {
    const world = setUp()
    world.server.put('a')
    world.server.put('b')
    await world.start()
    world.server.deaf = true
    world.server.put('a')
    world.server.delete('b')
    world.server.put('c')
    world.server.deaf = false
    world.server.bookmark()
    await settled()
    world.news()
    expect(await world.reflector.audit()).toBe(3)
    await settled()
    expect([audits(world.activities), world.states, world.news(), world.held()]).toEqual([
      [3],
      ['synced', 'stale', 'synced'],
      ['-b', '~a', '+c'],
      world.kept(),
    ])
    expect(await world.reflector.audit()).toBe(0)
    world.server.put('d')
    await settled()
    expect(world.news()).toEqual(['+d'])
    await world.stop()
  })

  it('waits for events that are on their way, and takes none of them for lost', async () => {
    const world = setUp()
    world.server.put('a')
    world.server.put('b')
    await world.start()
    world.server.deaf = true
    const held = world.server.put('a')
    world.server.delete('b')
    world.server.deaf = false
    const audited = world.reflector.audit()
    await world.clock.advance(4_000)
    const b = world.store.get('shop/b')
    for (const watch of world.server.watches) {
      watch.push({ type: 'MODIFIED', object: held })
      watch.push({
        type: 'DELETED',
        object: { ...b, metadata: { ...b?.metadata, resourceVersion: String(world.server.version) } } as never,
      })
    }
    await world.clock.advance(250)
    expect([await audited, world.states, world.held()]).toEqual([0, ['synced'], world.kept()])
    await world.stop()
  })

  it('believes what it finds after five seconds in which the watch tells nothing', async () => {
    const world = setUp()
    await world.start()
    world.server.deaf = true
    world.server.put('a')
    const audited = world.reflector.audit()
    await world.clock.advance(4_999)
    expect(world.states).toEqual(['synced'])
    await world.clock.advance(1)
    expect([await audited, world.held()]).toEqual([1, world.kept()])
    await world.stop()
  })

  it('takes nothing that changes while its pages come for lost', async () => {
    const world = setUp()
    for (let at = 0; at < 250; at++) world.server.put(`c${at}`)
    await world.start()
    world.server.onPage = (continuation) => {
      world.server.put(`new-${continuation}`)
      world.server.put('c1')
      world.server.delete(continuation ? 'c2' : 'c3')
    }
    expect([await world.reflector.audit(), world.states]).toEqual([0, ['synced']])
    await world.stop()
  })

  it('that is refused shows that the permission is gone; one without an answer is no news', async () => {
    const world = setUp()
    await world.start()
    world.server.failList = () => error('network', 0)
    expect([await world.reflector.audit(), world.states]).toEqual([0, ['synced']])
    world.server.failList = () => error('forbidden', 403)
    await world.reflector.audit()
    await settled()
    expect([world.states, world.server.watches.size]).toEqual([['synced', 'forbidden'], 0])
    await world.stop()
  })

  it('ends at once where there is nothing to compare', async () => {
    const world = setUp()
    world.server.failList = () => error('forbidden', 403)
    await world.start()
    expect([await world.reflector.audit(), audits(world.activities)]).toEqual([0, []])
    await world.stop()
  })
})

describe('the end of a reflector', () => {
  it.each([
    ['while it watches', async () => {}],
    ['while it waits to try again', async (server: FakeServer) => void (server.failList = () => error('network', 0))],
    ['while it is forbidden', async (server: FakeServer) => void (server.failList = () => error('forbidden', 403))],
  ])('comes %s, and leaves no timer and no watch', async (_when, prepare) => {
    const world = setUp()
    await prepare(world.server)
    await world.start()
    await world.stop()
    expect([world.clock.timers, world.server.watches.size]).toEqual([0, 0])
  })

  it('comes without an answer to its list', async () => {
    const world = setUp()
    world.server.request = ({ signal }) => new Promise((_, reject) => signal?.addEventListener('abort', () => reject(error('aborted', 0))))
    await world.start()
    await world.stop()
    expect(world.states).toEqual([])
  })
})

describe('what a reflector tells for metrics', () => {
  it('is its lists, watches, events and failures', async () => {
    const world = setUp()
    world.server.put('a')
    await world.start()
    world.server.put('b')
    await settled()
    for (const watch of world.server.watches) watch.push({ type: 'ERROR', object: statusObject(410, 'Expired') })
    await settled()
    expect(world.activities).toEqual([
      { kind: 'list', objects: 1, took: 0 },
      { kind: 'watch' },
      { kind: 'event', type: 'ADDED' },
      { kind: 'event', type: 'ERROR' },
      { kind: 'failure', failure: 'expired' },
      { kind: 'list', objects: 2, took: 0 },
      { kind: 'watch' },
    ])
    await world.stop()
  })
})
