import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exponentialBackoff } from '../../src/queue/backoff.ts'
import { type Key, keyOf, objectOf, watchOf } from '../../src/queue/key.ts'
import { settle } from '../../src/operator/settle.ts'
import { WorkQueue } from '../../src/queue/work-queue.ts'
import { runWorkers } from '../../src/operator/workers.ts'
import type { Outcome } from '../../src/reconcile/outcome.ts'
import { FakeClock, settled } from '../api/fake-clock.ts'

function setUp(limit?: (watch: string) => number) {
  const clock = new FakeClock()
  const queue = new WorkQueue({ clock, backoff: exponentialBackoff(), ...(limit ? { limit } : {}) })
  const taken: Key[] = []
  return {
    clock,
    queue,
    taken,
    /** Takes a key if there is one. */
    async take(): Promise<Key | undefined> {
      const before = taken.length
      void queue.take().then((key) => key && taken.push(key))
      await settled()
      return taken[before]
    },
  }
}

const [a, b, c] = [keyOf('apps', 'shop/a'), keyOf('apps', 'shop/b'), keyOf('apps', 'shop/c')]

describe('a key', () => {
  it('names a watch and an object', () => {
    expect([watchOf(a), objectOf(a)]).toEqual(['apps', 'shop/a'])
    expect([watchOf(keyOf('w', 'cluster-scoped')), objectOf(keyOf('w', 'cluster-scoped'))]).toEqual(['w', 'cluster-scoped'])
  })

  it('is handed out once for any number of adds', async () => {
    const { queue, take } = setUp()
    queue.add(a)
    queue.add(a)
    expect([await take(), await take()]).toEqual([a, undefined])
  })

  it('that is added while it is worked on is handed out once more, after that', async () => {
    const { queue, take, taken } = setUp()
    queue.add(a)
    await take()
    queue.add(a)
    queue.add(a)
    expect(await take()).toBeUndefined()
    queue.done(a)
    await settled()
    expect(taken).toEqual([a, a])
    queue.done(a)
    expect(queue.loads().get('apps')).toEqual({ depth: 0, processing: 0, oldestAge: 0 })
  })

  it('is handed out to a worker that was waiting before it was added', async () => {
    const { queue, take, taken } = setUp()
    expect(await take()).toBeUndefined()
    queue.add(a)
    await settled()
    expect(taken).toEqual([a])
  })

  it('comes in the order of adds', async () => {
    const { queue, take } = setUp()
    for (const key of [c, a, b, c]) queue.add(key)
    expect([await take(), await take(), await take()]).toEqual([c, a, b])
  })
})

describe('a delay', () => {
  it('ends at the earliest moment that was asked for, once', async () => {
    const { clock, queue, take, taken } = setUp()
    queue.addAfter(a, 5_000)
    queue.addAfter(a, 2_000)
    queue.addAfter(a, 9_000)
    expect([clock.timers, queue.delayed]).toEqual([1, 1])
    await take()
    await clock.advance(1_999)
    expect(taken).toEqual([])
    await clock.advance(1)
    expect(taken).toEqual([a])
    queue.done(a)
    await take()
    await clock.advance(20_000)
    expect([taken, clock.timers, queue.delayed]).toEqual([[a], 0, 0])
  })

  it('of nothing is no delay, and none at all is never', async () => {
    const { clock, queue, take } = setUp()
    queue.addAfter(a, 0)
    queue.addAfter(b, undefined)
    expect(await take()).toBe(a)
    expect([await take(), clock.timers]).toEqual([undefined, 0])
  })

  it('may be longer than a timer can be', async () => {
    const { clock, queue, take, taken } = setUp()
    queue.addAfter(a, 2 ** 32)
    expect(clock.next).toBe(2 ** 31 - 1)
    await take()
    await clock.advance(2 ** 32)
    expect(taken).toEqual([a])
  })

  it('uses one timer for any number of keys, and releases them in the order of their moments', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.record({ name: fc.nat(20), delay: fc.nat(1_000) }), { minLength: 1, maxLength: 60 }), async (delays) => {
        const { clock, queue } = setUp()
        const released: [Key, number][] = []
        const workers = runWorkers({
          queue,
          count: 1,
          work: async (key): Promise<Outcome> => {
            released.push([key, clock.now()])
            return { kind: 'done' }
          },
          onFault: () => {},
        })
        const earliest = new Map<Key, number>()
        for (const { name, delay } of delays) {
          const key = keyOf('w', String(name))
          queue.addAfter(key, delay + 1)
          earliest.set(key, Math.min(earliest.get(key) ?? Infinity, delay + 1))
        }
        expect(clock.timers).toBe(1)
        await clock.advance(1_001)
        expect(new Map(released)).toEqual(earliest)
        expect(released).toHaveLength(earliest.size)
        expect(released.map(([, at]) => at)).toEqual(released.map(([, at]) => at).toSorted((x, y) => x - y))
        await queue.shutdown()
        await workers
      }),
      { numRuns: 50 },
    ))
})

describe('watches', () => {
  it('take turns, so that ten thousand keys of one delay the key of another by one', async () => {
    const { queue, take } = setUp()
    for (let at = 0; at < 10_000; at++) queue.add(keyOf('big', String(at)))
    queue.add(keyOf('small', 'x'))
    queue.add(keyOf('small', 'y'))
    expect([await take(), await take(), await take(), await take(), await take()]).toEqual([
      'big 0',
      'small x',
      'big 1',
      'small y',
      'big 2',
    ])
  })

  it('have no more keys worked on at a time than they may, and do not hold up others', async () => {
    const { queue, take, taken } = setUp((watch) => (watch === 'narrow' ? 2 : Infinity))
    for (let at = 0; at < 5; at++) queue.add(keyOf('narrow', String(at)))
    for (let at = 0; at < 3; at++) queue.add(keyOf('wide', String(at)))
    for (let at = 0; at < 8; at++) await take()
    expect(taken).toEqual(['narrow 0', 'wide 0', 'narrow 1', 'wide 1', 'wide 2'])
    queue.done(keyOf('narrow', '0'))
    await settled()
    expect(taken.at(-1)).toBe('narrow 2')
    expect(queue.loads().get('narrow')).toMatchObject({ depth: 2, processing: 2 })
  })

  it('tell whether any key waits, but not of one that is worked on', async () => {
    const { queue, take } = setUp()
    queue.add(a)
    expect(queue.waiting).toBe(true)
    await take()
    expect(queue.waiting).toBe(false)
    queue.add(a)
    expect(queue.waiting).toBe(false)
    queue.add(b)
    expect(queue.waiting).toBe(true)
  })

  it('tell how many of their keys wait and how long the first has', async () => {
    const { clock, queue, take } = setUp()
    queue.add(a)
    await clock.advance(300)
    queue.add(b)
    queue.add(c)
    await clock.advance(200)
    expect(queue.loads().get('apps')).toEqual({ depth: 3, processing: 0, oldestAge: 500 })
    await take()
    expect(queue.loads().get('apps')).toEqual({ depth: 2, processing: 1, oldestAge: 200 })
  })
})

describe('an outcome', () => {
  const error = { class: 'conflict', message: 'conflict' }
  const problem = { code: 'TEMPLATE_FAILED', message: 'it failed' } as const

  it.each<[string, Outcome[], (number | undefined)[]]>([
    ['done has nothing to follow', [{ kind: 'done' }], [undefined]],
    ['done is looked at again after its resync', [{ kind: 'done', resyncAfter: 60_000 }], [60_000]],
    ['wait is woken by events only', [{ kind: 'wait', for: ['Deployment'] }], [undefined]],
    [
      'retry waits longer each time',
      [
        { kind: 'retry', error },
        { kind: 'retry', error },
        { kind: 'retry', error },
      ],
      [200, 400, 800],
    ],
    ['retry waits as long as the server asks', [{ kind: 'retry', error, after: 7_000 }], [7_000]],
    [
      'done makes the next retry a first one',
      [{ kind: 'retry', error }, { kind: 'done' }, { kind: 'retry', error }],
      [200, undefined, 200],
    ],
    [
      'wait does so too',
      [
        { kind: 'retry', error },
        { kind: 'wait', for: [] },
        { kind: 'retry', error },
      ],
      [200, undefined, 200],
    ],
    ['failed is over', [{ kind: 'failed', problem }], [undefined]],
    ['failed is tried again when it says so', [{ kind: 'failed', problem, retryAfter: 300_000 }], [300_000]],
  ])('%s', async (_title, outcomes, delays) => {
    const { clock, queue, take } = setUp()
    for (const [at, outcome] of outcomes.entries()) {
      queue.add(a)
      await take()
      settle(queue, a, outcome)
      queue.done(a)
      expect(clock.next).toBe(delays[at])
      // The event that comes in between does not shorten the next back-off.
      await clock.advance(clock.next ?? 0)
      if (delays[at] !== undefined) {
        await take()
        queue.done(a)
      }
    }
  })
})

describe('back-off', () => {
  it('doubles up to its cap, also after more failures than a number can count in powers', () => {
    const backoff = exponentialBackoff({ base: 1_000, cap: 300_000 })
    const delays = Array.from({ length: 2_000 }, () => backoff.failed(a))
    expect(delays.slice(0, 10)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000])
    expect(delays.at(-1)).toBe(300_000)
    expect([backoff.failures(a), backoff.failures(b)]).toEqual([2_000, 0])
    backoff.succeeded(a)
    expect(backoff.failed(a)).toBe(1_000)
  })

  it('is jittered as it is told', () => {
    expect(exponentialBackoff({ base: 1_000, jitter: (delay) => delay * 1.5 }).failed(a)).toBe(1_500)
  })
})

describe('workers', () => {
  it('report a pass that rejects as a fault, try its key again with back-off, and go on', async () => {
    const { clock, queue } = setUp()
    const faults: unknown[] = []
    const worked: [Key, number][] = []
    const workers = runWorkers({
      queue,
      count: 1,
      work: async (key): Promise<Outcome> => {
        worked.push([key, clock.now()])
        if (worked.length === 1) throw new TypeError('not a function')
        return { kind: 'done' }
      },
      onFault: (key, fault) => faults.push([key, fault]),
    })
    queue.add(a)
    queue.add(b)
    await clock.advance(1_000)
    expect(faults).toEqual([[a, new TypeError('not a function')]])
    expect(worked).toEqual([
      [a, 0],
      [b, 0],
      [a, 200],
    ])
    await queue.shutdown()
    await workers
  })

  it('end when the queue shuts down, after the passes that they run', async () => {
    const { clock, queue } = setUp()
    const pass = Promise.withResolvers<Outcome>()
    const started: Key[] = []
    const workers = runWorkers({
      queue,
      count: 3,
      work: (key) => {
        started.push(key)
        return pass.promise
      },
      onFault: () => {},
    })
    queue.add(a)
    await settled()
    queue.addAfter(b, 1_000)
    let down = false
    const shutdown = queue.shutdown().then(() => (down = true))
    queue.add(c)
    queue.addAfter(c, 10)
    await clock.advance(5_000)
    expect([down, started, clock.timers]).toEqual([false, [a], 0])
    pass.resolve({ kind: 'done', resyncAfter: 1_000 })
    await Promise.all([shutdown, workers])
    expect([down, started, clock.timers, await queue.take()]).toEqual([true, [a], 0, undefined])
  })

  it('never hold one key twice, and work on every key after its last add, whatever comes in whatever order', async () => {
    const key = fc.tuple(fc.constantFrom('w1', 'w2', 'w3'), fc.constantFrom('x', 'y', 'z')).map(([watch, object]) => keyOf(watch, object))
    const action = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('add' as const), key }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('addAfter' as const), key, delay: fc.nat(3_000) }) },
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('end' as const), at: fc.nat(8), outcome: fc.constantFrom('done', 'retry', 'throw') }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), by: fc.nat(2_000) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 80 }), fc.integer({ min: 1, max: 4 }), async (actions, count) => {
        const { clock, queue } = setUp((watch) => (watch === 'w1' ? 1 : Infinity))
        const running: { key: Key; end: PromiseWithResolvers<Outcome> }[] = []
        const asked = new Map<Key, number>()
        const startedAfter = new Map<Key, number>()
        let order = 0
        const workers = runWorkers({
          queue,
          count,
          work: (taken) => {
            expect(running.map((run) => run.key)).not.toContain(taken)
            if (watchOf(taken) === 'w1') expect(running.filter((run) => watchOf(run.key) === 'w1')).toEqual([])
            startedAfter.set(taken, ++order)
            const end = Promise.withResolvers<Outcome>()
            running.push({ key: taken, end })
            return end.promise
          },
          onFault: (_key, fault) => expect(fault).toBe('thrown'),
        })
        const end = async (at: number, how: string) => {
          const [run] = running.splice(at % Math.max(1, running.length), 1)
          if (how === 'throw') run?.end.reject('thrown')
          else run?.end.resolve(how === 'done' ? { kind: 'done' } : { kind: 'retry', error: { class: 'network', message: '' } })
          await settled()
        }
        for (const each of actions) {
          if (each.do === 'add') {
            asked.set(each.key, ++order)
            queue.add(each.key)
          } else if (each.do === 'addAfter') {
            asked.set(each.key, ++order)
            queue.addAfter(each.key, each.delay)
          } else if (each.do === 'end') await end(each.at, each.outcome)
          else await clock.advance(each.by)
        }
        for (let round = 0; round < 1_000; round++) {
          await clock.advance(3_000)
          if (running.length === 0 && queue.delayed === 0) break
          await end(0, 'done')
        }
        for (const [each, when] of asked) expect(startedAfter.get(each)).toBeGreaterThan(when)
        for (const load of queue.loads().values()) expect(load).toEqual({ depth: 0, processing: 0, oldestAge: 0 })
        await queue.shutdown()
        await workers
      }),
      { numRuns: 200 },
    )
  })
})
