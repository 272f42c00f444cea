import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exponentialBackoff } from '../../src/queue/backoff.ts'
import { settle } from '../../src/operator/settle.ts'
import { type Key, keyOf, namespaceOf, objectOf, watchOf } from '../../src/queue/key.ts'
import { freshPerResync } from '../../src/queue/lane.ts'
import { Line } from '../../src/queue/line.ts'
import type { Urgency } from '../../src/queue/urgency.ts'
import { type QueueOptions, WorkQueue } from '../../src/queue/work-queue.ts'
import type { Outcome } from '../../src/reconcile/outcome.ts'
import { FakeClock, settled } from '../api/fake-clock.ts'

function setUp(options: Partial<QueueOptions> = {}) {
  const clock = new FakeClock()
  const queue = new WorkQueue({ clock, backoff: exponentialBackoff(), ...options })
  const taken: Key[] = []
  let waits = false
  /** Takes the next key and ends its pass, with what `settle` does; undefined if none is to be had: the first to come is the next then. */
  async function next(settle?: (key: Key) => void): Promise<Key | undefined> {
    if (!waits) {
      waits = true
      void queue.take().then((key) => {
        waits = false
        if (key) taken.push(key)
      })
    }
    await settled()
    const key = taken.shift()
    if (!key) return undefined
    settle?.(key)
    queue.done(key)
    return key
  }
  async function several(count: number): Promise<(string | undefined)[]> {
    const objects: (string | undefined)[] = []
    for (let at = 0; at < count; at++) {
      const key = await next()
      objects.push(key && objectOf(key))
    }
    return objects
  }
  return { clock, queue, next, several }
}

const numbered = (namespace: string, count: number): Key[] => Array.from({ length: count }, (_, at) => keyOf('apps', `${namespace}/${at}`))

describe('namespaces', () => {
  it('take turns within a watch, so that ten thousand keys of one delay the key of another by one', async () => {
    const { queue, several } = setUp()
    for (const key of numbered('big', 10_000)) queue.add(key)
    for (const key of numbered('small', 2)) queue.add(key)
    expect(await several(5)).toEqual(['big/0', 'small/0', 'big/1', 'small/1', 'big/2'])
  })

  it('count what is outside of them as one more', async () => {
    expect([namespaceOf(keyOf('apps', 'eu/shop')), namespaceOf(keyOf('tenants', 'shop'))]).toEqual(['eu', ''])
    const { queue, several } = setUp()
    for (const object of ['a', 'b', 'eu/a']) queue.add(keyOf('apps', object))
    expect(await several(3)).toEqual(['a', 'eu/a', 'b'])
  })
})

describe('watches of one kind', () => {
  it('take turns and have limits of their own, where their keys wait in lanes of their own', async () => {
    const laneOf = (key: Key): string => (objectOf(key).startsWith('gold/') ? 'gold' : 'other')
    const { queue, clock } = setUp({ laneOf, limit: (lane) => (lane === 'gold' ? 1 : Infinity) })
    const taken: Key[] = []
    for (const key of [...numbered('gold', 2), ...numbered('iron', 2)]) queue.add(key)
    for (let at = 0; at < 4; at++) void queue.take().then((key) => key && taken.push(key))
    await clock.advance(0)
    expect(taken.map(objectOf)).toEqual(['gold/0', 'iron/0', 'iron/1'])
    expect(queue.loads().get('gold')).toEqual({ depth: 1, processing: 1, oldestAge: 0 })
    queue.done(taken[0] as Key)
    await clock.advance(0)
    expect(taken.map(objectOf).at(-1)).toBe('gold/1')
  })

  it('never share a key: one whose lane changes while it is worked on waits for that pass', async () => {
    let lane = 'gold'
    const { queue, next } = setUp({ laneOf: () => lane })
    const key = keyOf('apps', 'eu/a')
    queue.add(key)
    expect(await queue.take()).toBe(key)
    lane = 'iron'
    queue.add(key)
    expect(await next()).toBeUndefined()
    queue.done(key)
    expect(queue.loads()).toEqual(
      new Map([
        ['gold', { depth: 0, processing: 0, oldestAge: 0 }],
        ['iron', { depth: 0, processing: 1, oldestAge: 0 }],
      ]),
    )
  })
})

describe('a resync', () => {
  it('waits for what is fresh, but for no more than a number of them', async () => {
    const { queue, several } = setUp()
    queue.add(keyOf('apps', 'eu/resync'), 'resync')
    for (const key of numbered('eu', freshPerResync + 1)) queue.add(key)
    expect(await several(freshPerResync + 2)).toEqual([
      ...Array.from({ length: freshPerResync }, (_, at) => `eu/${at}`),
      'eu/resync',
      `eu/${freshPerResync}`,
    ])
  })

  it('becomes fresh when something happens while it waits, and is worked on once', async () => {
    const { queue, several } = setUp()
    for (const object of ['eu/a', 'eu/b', 'eu/c']) queue.add(keyOf('apps', object), 'resync')
    queue.add(keyOf('apps', 'eu/b'), 'change')
    queue.add(keyOf('apps', 'eu/b'), 'resync')
    expect(await several(4)).toEqual(['eu/b', 'eu/a', 'eu/c', undefined])
  })

  it('comes when it was last set to, and not if it was then set to never', async () => {
    const { clock, queue, next } = setUp({ jitter: (delay) => delay * 1.1 })
    const key = keyOf('apps', 'eu/a')
    queue.resyncAfter(key, 1_000)
    queue.resyncAfter(key, 10_000)
    await clock.advance(10_999)
    expect(await next()).toBeUndefined()
    await clock.advance(1)
    expect(await next()).toBe(key)
    queue.resyncAfter(key, 1_000)
    queue.resyncAfter(key, undefined)
    await clock.advance(20_000)
    expect([await next(), queue.delayed]).toEqual([undefined, 0])
  })
})

describe('a key that fails again and again', () => {
  const key = keyOf('apps', 'eu/a')
  /** How many tries an event every 10 ms for a minute sets off. */
  async function flood(urgency: Urgency, outcome: Outcome): Promise<number> {
    const { clock, queue, next } = setUp()
    let tries = 0
    for (let at = 0; at < 6_000; at++) {
      queue.add(key, urgency)
      if (await next((failed) => settle(queue, failed, outcome))) tries++
      await clock.advance(10)
    }
    return tries
  }

  describe.each<Outcome>([
    { kind: 'retry', error: { class: 'conflict', message: 'conflict' } },
    { kind: 'failed', problem: { code: 'WRITE_REFUSED', message: 'refused' }, retryAfter: 300_000 },
    { kind: 'failed', problem: { code: 'TEMPLATE_FAILED', message: 'it failed' } },
  ])('and ends as $kind, $retryAfter', (outcome) => {
    it('is tried a bounded number of times, however many events there are', async () => {
      const tries = await flood('event', outcome)
      // The pauses of 0, 0.2, 0.4, 0.8 and 1.6 s take 3 s; then there is one of 2 s after each try.
      expect(tries).toBeLessThanOrEqual(5 + 57 / 2 + 1)
      expect(tries).toBeGreaterThan(5)
    })

    it('is tried at once when somebody changes it, as often as that happens', async () => {
      expect(await flood('change', outcome)).toBe(6_000)
    })
  })

  it('has no longer back-off for tries that could not have succeeded', async () => {
    const { clock, queue, next } = setUp()
    for (let failures = 0; failures < 12; failures++) queue.refused(key, undefined)
    queue.add(key, 'change')
    await next((failed) => queue.retry(failed))
    await clock.advance(200)
    expect(await next()).toBe(key)
  })

  it('waits no longer than the pause when an event comes, and not at all after a success', async () => {
    const { clock, queue, next } = setUp()
    for (let failures = 0; failures < 12; failures++) queue.retry(key)
    queue.add(key)
    expect(await next()).toBeUndefined()
    await clock.advance(2_000)
    queue.forget(key)
    queue.add(key)
    expect(await next()).toBe(key)
  })

  it('does not lose an event that comes during its pass', async () => {
    const { clock, queue, next } = setUp()
    queue.retry(key)
    await clock.advance(1_000)
    expect(await queue.take()).toBe(key)
    queue.add(key)
    queue.retry(key)
    queue.done(key)
    expect(await next()).toBeUndefined()
    await clock.advance(200)
    expect(await next()).toBe(key)
  })
})

describe('a line', () => {
  it('serves in the order of arrival whoever has not left, like a list that is searched', () =>
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('add', 'delete', 'shift'), fc.nat(6)), { maxLength: 200 }), (actions) => {
        const line = new Line<number>()
        let list: number[] = []
        for (const [action, member] of actions) {
          if (action === 'add') {
            line.add(member)
            if (!list.includes(member)) list.push(member)
          } else if (action === 'delete') {
            expect(line.delete(member)).toBe(list.includes(member))
            list = list.filter((other) => other !== member)
          } else expect(line.shift()).toBe(list.shift())
          expect([line.size, line.first()]).toEqual([list.length, list[0]])
        }
      }),
    ))
})

describe('nobody', () => {
  it('starves, whatever else is added: each key comes within a number of turns that its place in line gives', async () => {
    const watches = ['w1', 'w2', 'w3']
    const namespaces = ['a', 'b', 'c']
    const addition = fc.record({
      watch: fc.constantFrom(...watches),
      namespace: fc.constantFrom(...namespaces),
      name: fc.nat(5),
      urgency: fc.constantFrom<Urgency>('change', 'event', 'resync'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(addition, { maxLength: 6 }), { minLength: 1, maxLength: 60 }), async (rounds) => {
        const { queue, next } = setUp()
        /** When each key that waits was added first, in turns, and how many of its own watch and namespace waited then. */
        const waiting = new Map<Key, { since: number; ahead: number }>()
        let turn = 0
        async function serve(): Promise<boolean> {
          const key = waiting.size > 0 ? await next() : undefined
          if (key === undefined) return false
          turn++
          const { since, ahead } = waiting.get(key) as { since: number; ahead: number }
          waiting.delete(key)
          // Each place in line costs a round of the watches, of the namespaces, and of the fresh keys that a resync lets go first.
          expect(turn - since).toBeLessThanOrEqual((ahead + 1) * watches.length * namespaces.length * (freshPerResync + 1))
          return true
        }
        for (const round of rounds) {
          for (const { watch, namespace, name, urgency } of round) {
            const key = keyOf(watch, `${namespace}/${name}`)
            const ahead = [...waiting.keys()].filter((other) => watchOf(other) === watch && namespaceOf(other) === namespace).length
            if (!waiting.has(key)) waiting.set(key, { since: turn, ahead })
            queue.add(key, urgency)
          }
          await serve()
        }
        while (await serve());
        expect([...waiting.keys()]).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  it('starves behind keys of the same watch that never stop coming', async () => {
    const { queue, next } = setUp()
    const starving = keyOf('apps', 'eu/resync')
    queue.add(starving, 'resync')
    let turns = 0
    for (let at = 0; ; at++) {
      queue.add(keyOf('apps', `eu/${at}`), 'change')
      turns++
      if ((await next()) === starving || turns > 1_000) break
    }
    expect(turns).toBe(freshPerResync + 1)
  })
})
