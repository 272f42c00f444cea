import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { Readings } from '../../src/operator/readings.ts'
import type { RequestContext, RequestKind } from '../../src/operator/requests/request.ts'
import type { ReadRequest, Response } from '../../src/reconcile/walk.ts'
import { FakeClock, settled } from '../api/fake-clock.ts'

const shop: KubernetesObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'shop', uid: 'shop' } }
const context = {} as RequestContext
const read = (id: string, more: Partial<ReadRequest> = {}): ReadRequest => ({
  id,
  kind: 'test',
  inputs: {},
  hash: 'h',
  every: 10_000,
  step: id,
  at: { file: 'playbook.yaml' },
  secret: false,
  ...more,
})
const answered = (value: number): Response => ({ kind: 'answered', value: { value } })
const down: Response = { kind: 'failed', message: 'answered 503' }

function stage() {
  const clock = new FakeClock()
  const woken: string[] = []
  const open: { answer: (response: Response) => void; signal: AbortSignal }[] = []
  const world = { answers: answered(1) as Response | undefined, asked: 0 }
  const kind: RequestKind = {
    kind: 'test',
    timeout: 5_000,
    run: (_request, { signal }) => {
      world.asked++
      if (world.answers) return Promise.resolve(world.answers)
      return new Promise((resolve) => open.push({ answer: resolve, signal }))
    },
  }
  const readings = new Readings({
    kinds: new Map([['test', kind]]),
    clock,
    watch: () => () => {},
    now: () => clock.now(),
    log: { error: () => {} } as never,
    wake: (uid) => void woken.push(uid),
  })
  return {
    readings,
    clock,
    world,
    open,
    woken: () => woken.splice(0),
    asked: () => {
      const { asked } = world
      world.asked = 0
      return asked
    },
    async pass(duration: number) {
      for (let passed = 0; passed < duration; passed += 500) {
        await clock.advance(Math.min(500, duration - passed))
        await settled()
      }
    },
  }
}

describe('readings', () => {
  it('are read once they are wanted, and hold; the primary is woken by the first answer and by another one only', async () => {
    const { readings, pass, world, woken, asked } = stage()
    readings.want(shop, [read('members')], context)
    expect(readings.of('shop')).toEqual({})
    await settled()
    expect(woken()).toEqual(['shop'])
    expect(readings.of('shop')).toEqual({ members: { hash: 'h', at: expect.any(Number), response: answered(1) } })
    readings.want(shop, [read('members')], context)
    expect(asked()).toBe(1)

    const version = readings.versionOf('shop')
    await pass(40_000)
    expect(asked()).toBe(4)
    expect(woken()).toEqual([])
    expect(readings.versionOf('shop')).toBe(version)

    world.answers = answered(2)
    await pass(10_000)
    expect(woken()).toEqual(['shop'])
    expect(readings.of('shop')['members']?.response).toEqual(answered(2))
    expect(readings.versionOf('shop')).not.toBe(version)
  })

  it('that fail are failed, are tried again at growing intervals up to a minute, and heal', async () => {
    const { readings, pass, world, woken, asked } = stage()
    readings.want(shop, [read('members')], context)
    await settled()
    world.answers = down
    await pass(10_000)
    expect(readings.of('shop')['members']?.response).toEqual(down)
    woken()
    asked()
    await pass(3_600_000)
    // After 1, 2, 4, 8, 16 and 32 s, and 58 times a minute.
    expect(asked()).toBe(64)
    expect(woken()).toEqual([])
    world.answers = answered(1)
    await pass(60_000)
    expect(woken()).toEqual(['shop'])
    asked()
    await pass(10_000)
    expect(asked()).toBe(1)
  })

  it('are read anew after an act, and an answer from before it is never told', async () => {
    const { readings, world, open, woken } = stage()
    readings.want(shop, [read('members')], context)
    await settled()
    world.answers = undefined
    readings.drop('shop')
    expect(readings.of('shop')).toEqual({})
    readings.want(shop, [read('members')], context)
    readings.drop('shop')
    readings.want(shop, [read('members')], context)
    expect(open.map(({ signal }) => signal.aborted)).toEqual([true, false])
    woken()
    open[0]?.answer(answered(7))
    await settled()
    expect(readings.of('shop')).toEqual({})
    open[1]?.answer(answered(1))
    await settled()
    expect(readings.of('shop')['members']?.response).toEqual(answered(1))
    expect(woken()).toEqual(['shop'])
  })

  it('of other inputs are another read, and those that are wanted no more end', async () => {
    const { readings, pass, asked } = stage()
    readings.want(shop, [read('a'), read('b')], context)
    await settled()
    readings.want(shop, [read('a', { hash: 'other' })], context)
    expect(readings.of('shop')).toEqual({})
    await settled()
    expect(readings.of('shop')).toMatchObject({ a: { hash: 'other' } })
    asked()
    await pass(10_000)
    expect(asked()).toBe(1)
    readings.want(shop, [], context)
    await pass(60_000)
    expect(asked()).toBe(0)
  })

  it('that take too long or are too large have failed', async () => {
    const { readings, world, open, clock } = stage()
    world.answers = undefined
    readings.want(shop, [read('slow')], context)
    await clock.advance(5_000)
    expect(open[0]?.signal.reason).toBe('timeout')
    world.answers = { kind: 'answered', value: { text: 'x'.repeat(1_000_000) } }
    readings.want(shop, [read('large')], context)
    await settled()
    expect(readings.of('shop')['large']?.response).toEqual({ kind: 'failed', message: 'the answer is larger than 256 KiB' })
  })

  it('of a primary that is gone, and all when the operator stops, are broken off', async () => {
    const { readings, world, open, asked, pass } = stage()
    world.answers = undefined
    readings.want(shop, [read('a')], context)
    readings.forget('shop')
    expect(open[0]?.signal.aborted).toBe(true)
    readings.want(shop, [read('a')], context)
    const stopped = readings.stop()
    expect(open[1]?.signal.aborted).toBe(true)
    for (const { answer } of open) answer(answered(1))
    await stopped
    asked()
    readings.want(shop, [read('a')], context)
    await pass(60_000)
    expect(asked()).toBe(0)
  })
})
