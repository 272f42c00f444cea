import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { Acts } from '../../src/operator/acts.ts'
import type { RequestContext, RequestKind } from '../../src/operator/requests/request.ts'
import type { ActRequest, Response } from '../../src/reconcile/walk.ts'
import { FakeClock, settled } from '../api/fake-clock.ts'

const primaryOf = (uid: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: uid, uid } })
const shop = primaryOf('shop')
const context = {} as RequestContext
const act = (record: string, more: Partial<ActRequest> = {}): ActRequest => ({
  record,
  kind: 'test',
  inputs: {},
  hash: 'h',
  attempt: 1,
  idempotencyKey: 'k',
  isRepeated: false,
  step: record,
  at: { file: 'playbook.yaml' },
  secret: false,
  ...more,
})
const ok: Response = { kind: 'answered', value: { ok: true } }

/** A kind of requests that answers when the test says so. */
function stage({ resumes = false, ...options }: { mostOfOne?: number; most?: number; resumes?: boolean } = {}) {
  const clock = new FakeClock()
  const open = new Map<string, { answer: (response: Response) => void; signal: AbortSignal }>()
  const woken: string[] = []
  const logged: string[] = []
  const kind: RequestKind = {
    kind: 'test',
    timeout: 60_000,
    resumes,
    run: ({ id }, { signal, primary }) => new Promise((resolve) => open.set(`${primary.metadata.uid} ${id}`, { answer: resolve, signal })),
  }
  const broken: RequestKind = { kind: 'broken', timeout: 1_000, run: () => Promise.reject(new TypeError('token=hunter2')) }
  const acts = new Acts({
    kinds: new Map([
      ['test', kind],
      ['broken', broken],
    ]),
    clock,
    watch: () => () => {},
    log: { error: (_fields: object, message: string) => void logged.push(message) } as never,
    wake: (uid) => void woken.push(uid),
    ...options,
  })
  return {
    acts,
    clock,
    open,
    logged,
    woken: () => woken.splice(0),
    async answer(id: string, response: Response = ok) {
      const found = open.get(id)
      if (!found) throw new Error(`${id} does not run`)
      open.delete(id)
      found.answer(response)
      await settled()
    },
  }
}

describe('acts', () => {
  it('run beside the passes, and wake their primary with the answer, which stays until it is on record', async () => {
    const { acts, answer, woken } = stage()
    acts.begin(shop, [act('steps/add')], context)
    expect(acts.runningOf('shop')).toEqual(['steps/add'])
    expect(woken()).toEqual([])
    await answer('shop steps/add')
    expect(woken()).toEqual(['shop'])
    expect(acts.runningOf('shop')).toEqual([])
    expect(acts.responsesOf('shop')).toEqual({ 'steps/add': ok })
    acts.forget('shop', ['steps/add'])
    expect(acts.responsesOf('shop')).toEqual({})
    expect(acts.versionOf('shop')).toBe('')
  })

  it('are not begun again while they run, nor before their answer is on record', async () => {
    const { acts, answer, open } = stage()
    acts.begin(shop, [act('a')], context)
    acts.begin(shop, [act('a')], context)
    await answer('shop a')
    acts.begin(shop, [act('a')], context)
    expect(open.size).toBe(0)
    acts.forget('shop', ['a'])
    acts.begin(shop, [act('a')], context)
    expect(open.size).toBe(1)
  })

  it('of one primary leave places for those of others, and those that wait for a place count as running', async () => {
    const { acts, open, answer } = stage({ mostOfOne: 2, most: 3 })
    acts.begin(
      shop,
      ['a', 'b', 'c', 'd'].map((record) => act(record)),
      context,
    )
    acts.begin(primaryOf('other'), [act('x'), act('y')], context)
    expect([...open.keys()]).toEqual(['shop a', 'shop b', 'other x'])
    expect(acts.runningOf('shop')).toEqual(['a', 'b', 'c', 'd'])
    await answer('shop a')
    expect([...open.keys()]).toEqual(['shop b', 'other x', 'shop c'])
    await answer('shop b')
    expect([...open.keys()]).toEqual(['other x', 'shop c', 'other y'])
  })

  it('of a loop of a thousand items, a second each, wake their primary at most 40 times', async () => {
    const { acts, clock, open, answer, woken } = stage()
    const records = Array.from({ length: 1_000 }, (_, at) => `steps/dump/${at}`)
    acts.begin(
      shop,
      records.map((record) => act(record)),
      context,
    )
    let wakes = 0
    while (acts.runningOf('shop').length > 0) {
      expect(open.size).toBe(Math.min(16, acts.runningOf('shop').length))
      await clock.advance(1_000)
      for (const id of [...open.keys()]) await answer(id)
      const now = woken().length
      wakes += now
      // The walk records what it is told of.
      if (now > 0) acts.forget('shop', Object.keys(acts.responsesOf('shop')))
    }
    expect(Object.keys(acts.responsesOf('shop')).length).toBe(0)
    expect(wakes).toBe(3)
  })

  it('that take long do not keep those that have answered from being recorded', async () => {
    const { acts, clock, answer, woken } = stage()
    acts.begin(
      shop,
      Array.from({ length: 100 }, (_, at) => act(`${at}`)),
      context,
    )
    await answer('shop 0')
    await clock.advance(10_000)
    expect(woken()).toEqual([])
    await clock.advance(21_000)
    expect(woken()).toEqual(['shop'])
  })

  it('that take too long are broken off, and are unknown where they say nothing of it', async () => {
    const { acts, clock, open, woken } = stage()
    acts.begin(shop, [act('a', { timeout: 2_000 })], context)
    await clock.advance(2_000)
    expect(open.get('shop a')?.signal.reason).toBe('timeout')
    await clock.advance(5_000)
    await settled()
    expect(woken()).toEqual(['shop'])
    expect(acts.responsesOf('shop')['a']).toEqual({ kind: 'unknown', message: 'it was broken off and does not end' })
  })

  it('that are cancelled before they began have failed, and those that run say what they know', async () => {
    const { acts, open, answer } = stage({ mostOfOne: 1 })
    acts.begin(shop, [act('a'), act('b')], context)
    acts.cancel('shop', 'b')
    expect(acts.responsesOf('shop')['b']?.kind).toBe('failed')
    acts.cancel('shop', 'a')
    expect(open.get('shop a')?.signal.reason).toBe('cancelled')
    await answer('shop a', { kind: 'unknown', message: 'it was cancelled' })
    expect(acts.responsesOf('shop')['a']).toEqual({ kind: 'unknown', message: 'it was cancelled' })
  })

  it('that end in a fault are unknown, and nothing of what was sent is told', async () => {
    const { acts, logged } = stage()
    acts.begin(shop, [act('a', { kind: 'broken' }), act('b', { kind: 'nothing' })], context)
    await settled()
    expect(acts.responsesOf('shop')).toEqual({
      a: { kind: 'unknown', message: 'it ended in a fault of the operator' },
      b: { kind: 'failed', message: 'this operator has no step kind "nothing" with an effect' },
    })
    expect(logged).toEqual(['a request of kind broken ended in a fault of the operator: TypeError'])
  })

  it('of a primary that is gone are broken off, and wake nobody', async () => {
    const { acts, open, answer, woken } = stage({ mostOfOne: 1 })
    acts.begin(shop, [act('a'), act('b')], context)
    acts.drop('shop')
    expect(open.get('shop a')?.signal.aborted).toBe(true)
    await answer('shop a')
    expect([...open.keys()]).toEqual([])
    expect(woken()).toEqual([])
    expect(acts.responsesOf('shop')).toEqual({})
  })

  it('may answer and be recorded when the operator is about to stop; nothing begins any more, and what was not begun is told', async () => {
    const { acts, open, answer, woken } = stage({ mostOfOne: 2 })
    acts.begin(shop, [act('a'), act('b'), act('c')], context)
    let isSettled = false
    const settling = acts.settle().then(() => (isSettled = true))
    acts.begin(shop, [act('d')], context)
    await answer('shop a')
    expect([...open.keys()]).toEqual(['shop b'])
    expect(woken()).toEqual(['shop'])
    acts.forget('shop', ['a'])
    await answer('shop b')
    await settled()
    expect(isSettled).toBe(false)
    acts.forget('shop', ['b'])
    await settling
    expect(acts.runningOf('shop')).toEqual(['c', 'd'])
    expect((await acts.stop()).map(({ request }) => request.record)).toEqual(['c', 'd'])
  })

  it('that last longer are broken off then, and go on as running, so that nobody asks for them again', async () => {
    const { acts, clock, open, answer } = stage()
    acts.begin(shop, [act('a')], context)
    const settling = acts.settle()
    await clock.advance(5_000)
    await settling
    expect(open.get('shop a')?.signal.aborted).toBe(false)
    const stopped = acts.stop()
    expect(open.get('shop a')?.signal.reason).toBe('stopping')
    await answer('shop a', { kind: 'unknown', message: 'the operator stopped' })
    expect(await stopped).toEqual([])
    expect(acts.runningOf('shop')).toEqual(['a'])
    expect(acts.responsesOf('shop')).toEqual({})
  })

  it('that the next process finds again are not waited for', async () => {
    const { acts, open } = stage({ resumes: true })
    acts.begin(shop, [act('a')], context)
    await acts.settle()
    expect(open.get('shop a')?.signal.reason).toBe('stopping')
    expect(acts.runningOf('shop')).toEqual(['a'])
  })
})
