import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/kube/deadline.ts'
import { silentLogger } from '../../src/operator/log.ts'
import { defaultEffects, PlaybookEffects } from '../../src/operator/playbook-effects.ts'
import type { ActRecord, ActRequest, ReadRequest } from '../../src/reconcile/walk.ts'
import { effectsStage, secret } from './effects-stage.ts'

/** A service that counts the keys that it is sent, and lists its members. */
async function countingServer() {
  const keys: string[] = []
  const members = ['a']
  const listening = createServer((request, response) => {
    const key = request.headers['idempotency-key']
    if (request.method === 'POST') {
      keys.push(String(key))
      members.push(`m${keys.length}`)
    }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ members }))
  })
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  return {
    keys,
    members,
    url: `http://127.0.0.1:${(listening.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      listening.closeAllConnections()
      await new Promise((resolve) => listening.close(resolve))
    },
  }
}

const at = { file: 'playbook.yaml' }
const started: ActRecord = { hash: 'h', state: 'started', at: 1 }
const done: ActRecord = { hash: 'h', state: 'done', at: 2 }

async function stageWith() {
  const server = await countingServer()
  const stage = await effectsStage()
  const shop = await stage.primary('shop')
  const uid = shop.metadata.uid as string
  const process = (): PlaybookEffects =>
    new PlaybookEffects({ ...defaultEffects, clock: systemClock, now: Date.now, log: silentLogger, wake: stage.wake })
  const add: ActRequest = {
    record: 'steps/add',
    kind: 'http',
    inputs: { method: 'POST', url: server.url },
    hash: 'h',
    attempt: 1,
    idempotencyKey: 'key-1',
    isRepeated: false,
    step: 'add',
    at,
    secret: false,
  }
  const list: ReadRequest = {
    id: 'steps/list',
    kind: 'http',
    inputs: { method: 'GET', url: server.url },
    hash: 'r',
    every: 60_000,
    step: 'list',
    at,
    secret: false,
  }
  return {
    server,
    stage,
    shop,
    uid,
    process,
    add,
    list,
    async [Symbol.asyncDispose]() {
      await stage[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

describe('the effects of a playbook', () => {
  it('go from the intent on record to the act, from its answer to the outcome on record, and what was read before is not known any more', async () => {
    await using it = await stageWith()
    const { stage, shop, server, uid } = it
    const { context } = stage
    const effects = it.process()
    effects.keepReads(shop, [it.list], true, context)
    await stage.eventually(() => effects.inputsOf(shop, context).readings?.['steps/list'])
    expect(await effects.record(shop, { acts: { 'steps/add': started } }, context)).toBeUndefined()
    const before = effects.versionOf(shop)
    effects.begin(shop, [it.add], context)
    expect(effects.inputsOf(shop, context)).toMatchObject({ running: ['steps/add'], responses: {} })
    stage.woken()
    await stage.eventually(() => effects.inputsOf(shop, context).responses?.['steps/add'])
    await stage.eventually(() => stage.woken().includes(uid))
    expect(effects.versionOf(shop)).not.toBe(before)
    const inputs = effects.inputsOf(shop, context)
    expect(inputs).toMatchObject({
      running: [],
      responses: { 'steps/add': { kind: 'answered', value: { status: 200, json: { members: ['a', 'm1'] } } } },
      records: { kind: 'known', records: { acts: { 'steps/add': started } } },
    })
    expect(inputs.readings).toEqual({})
    expect(await effects.record(shop, { acts: { 'steps/add': done } }, context)).toBeUndefined()
    effects.keepReads(shop, [it.list], true, context)
    const reading = await stage.eventually(() => effects.inputsOf(shop, context).readings?.['steps/list'])
    expect(reading.response).toMatchObject({ value: { json: { members: ['a', 'm1'] } } })
    expect(effects.inputsOf(shop, context)).toMatchObject({ responses: {}, records: { records: { acts: { 'steps/add': done } } } })
    expect(server.keys).toEqual(['key-1'])
    await effects.stop()
  })

  it('are found by the next process as they are on record: an intent without an outcome, and nothing that runs', async () => {
    await using it = await stageWith()
    const { stage, shop, server } = it
    const effects = it.process()
    await effects.record(shop, { acts: { 'steps/add': started } }, stage.context)
    effects.begin(shop, [it.add], stage.context)
    await stage.eventually(() => server.keys.length === 1)
    // It ends before the answer is on record.
    await effects.stop()
    const [next, context] = [it.process(), stage.newContext()]
    expect(next.inputsOf(shop, context)).toEqual({
      records: { kind: 'known', records: expect.objectContaining({ acts: { 'steps/add': started } }) },
      responses: {},
      running: [],
      readings: {},
    })
    next.begin(shop, [{ ...it.add, isRepeated: true }], context)
    await stage.eventually(() => next.inputsOf(shop, context).responses?.['steps/add'])
    expect(server.keys).toEqual(['key-1', 'key-1'])
    await next.stop()
  })

  it('are recorded when the operator is about to stop, and intents that nothing has come of are taken back', async () => {
    await using it = await stageWith()
    const { stage, shop, server } = it
    const { context } = stage
    const effects = it.process()
    await effects.record(shop, { acts: { 'steps/add': started } }, context)
    effects.begin(shop, [it.add], context)
    const settling = effects.settle()
    // What a pass may do until it hears of that.
    const again: ActRecord = { ...started, tries: 3, since: 1 }
    await effects.record(shop, { acts: { 'steps/late': started, 'steps/again': again } }, context)
    const late = [
      { ...it.add, record: 'steps/late' },
      { ...it.add, record: 'steps/again', attempt: 3 },
    ]
    effects.begin(shop, late, context)
    await stage.eventually(() => effects.inputsOf(shop, context).responses?.['steps/add'])
    await effects.record(shop, { acts: { 'steps/add': done } }, context)
    await settling
    await effects.stop()
    expect(server.keys).toEqual(['key-1'])
    const { records } = it.process().inputsOf(shop, stage.newContext())
    const acts = records?.kind === 'known' ? records.records.acts : undefined
    expect(acts).toEqual({ 'steps/add': done, 'steps/again': { ...again, state: 'again', tries: 2 } })
  })

  it('of a write that was refused do not begin: the failure is told with the object', async () => {
    await using it = await stageWith()
    const { stage, shop } = it
    const effects = it.process()
    await stage.create(secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'shop-records' } })
    expect(await effects.record(shop, { acts: { 'steps/add': started } }, stage.context)).toMatchObject({
      kind: 'conflict',
      object: 'Secret/shop-records',
    })
    const large = { acts: { 'steps/add': { ...done, result: 'x'.repeat(1_000_000) } } }
    expect(await effects.record(shop, large, stage.context)).toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('is of steps/add; fewer items at a time'),
    })
    await effects.stop()
  })

  it('of a primary that is gone are forgotten', async () => {
    await using it = await stageWith()
    const { stage, shop } = it
    const effects = it.process()
    effects.keepReads(shop, [it.list], true, stage.context)
    effects.begin(shop, [it.add], stage.context)
    effects.forget(it.uid)
    expect(effects.inputsOf(shop, stage.context)).toMatchObject({ responses: {}, running: [], readings: {} })
    await effects.stop()
  })
})
