import { describe, expect, it } from 'vitest'
import { type Acting, decide, intent, type Judged, outcome, tooLarge } from '../../../src/playbook/walking/decide.ts'
import type { ActRecord, Response } from '../../../src/reconcile/walk.ts'

const step = { title: 'add', onUnknown: 'fail', onAbandon: 'wait', retries: 0, delay: 5_000 } as const
const started: ActRecord = { hash: 'a', state: 'started', at: 1_000 }
const answered: Response = { kind: 'answered', value: { status: 200 } }

const acting = (changed: Partial<Acting> = {}): Acting => ({
  record: started,
  response: undefined,
  isRunning: false,
  hash: 'a',
  of: '1/abc',
  now: 10_000,
  step,
  reattaches: false,
  ...changed,
})
const decided = (changed: Partial<Acting>, judged: Judged = { kind: 'done', value: {} }) => decide(acting(changed), () => judged)

describe('an act', () => {
  it('is asked for where nothing is recorded', () => {
    expect(decided({ record: undefined })).toEqual({ kind: 'ask', attempt: 1, isRepeated: false })
  })

  it('that was done with these inputs is done', () => {
    expect(decided({ record: { hash: 'a', state: 'done', at: 1 } })).toEqual({ kind: 'done' })
  })

  it('is asked for again with other inputs', () => {
    expect(decided({ record: { hash: 'b', state: 'done', at: 1 } })).toEqual({ kind: 'ask', attempt: 1, isRepeated: false })
  })

  it('that runs is waited for', () => {
    expect(decided({ isRunning: true })).toEqual({ kind: 'wait', message: 'step "add" to end' })
  })

  it('that runs with other inputs ends first, or is cancelled', () => {
    const record = { ...started, hash: 'b' }
    expect(decided({ record, isRunning: true })).toMatchObject({ kind: 'wait', message: expect.stringContaining('other inputs') as string })
    expect(decided({ record, isRunning: true, step: { ...step, onAbandon: 'cancel' } })).toMatchObject({ kind: 'wait', cancels: true })
  })

  describe('with an intent and no outcome', () => {
    it('has failed, and says how to go on, where it must not be done twice', () => {
      expect(decided({})).toMatchObject({
        kind: 'failed',
        outcome: { kind: 'failed' },
        problem: { code: 'STEP_UNKNOWN', message: expect.stringMatching(/no known outcome .* onUnknown: retry/) as string },
      })
    })

    it('is repeated where its step says retry, or its kind finds what it has begun', () => {
      const again = { kind: 'ask', attempt: 1, isRepeated: true }
      expect(decided({ step: { ...step, onUnknown: 'retry' } })).toEqual(again)
      expect(decided({ reattaches: true })).toEqual(again)
    })

    it('of other inputs has failed too', () => {
      expect(decided({ record: { ...started, hash: 'b' } })).toMatchObject({ kind: 'failed' })
    })
  })

  describe('that has answered', () => {
    it('is done', () => {
      expect(decided({ response: answered })).toEqual({ kind: 'done', outcome: { kind: 'done', value: {} } })
    })

    it('and is to be tried again is, after its delay, as often as it may', () => {
      const retrying = { ...step, retries: 2 }
      const again: Judged = { kind: 'again', message: 'is not as its until wants it', value: {} }
      expect(decided({ response: answered, step: retrying }, again)).toMatchObject({
        kind: 'wait',
        within: 5_000,
        outcome: { kind: 'again' },
      })
      expect(decided({ record: { ...started, state: 'again', at: 9_000 }, step: retrying })).toMatchObject({ kind: 'wait', within: 4_000 })
      expect(decided({ record: { ...started, state: 'again', at: 4_000 }, step: retrying })).toEqual({
        kind: 'ask',
        attempt: 2,
        isRepeated: false,
      })
      expect(decided({ record: { ...started, tries: 3 }, response: answered, step: retrying }, again)).toMatchObject({
        kind: 'failed',
        message: 'is not as its until wants it, after 3 tries',
      })
    })

    it('and has failed stays failed for its generation and revision only', () => {
      const record: ActRecord = { hash: 'a', state: 'failed', at: 1, of: '1/abc', result: 'answered 500' }
      expect(decided({ record })).toEqual({ kind: 'failed', message: 'answered 500' })
      expect(decided({ record: { ...record, of: '0/abc' } })).toEqual({ kind: 'ask', attempt: 1, isRepeated: false })
    })

    it('without telling whether it was done is tried again where its step says retry', () => {
      const unknown: Judged = { kind: 'unknown', message: 'the connection was lost' }
      expect(decided({ response: answered }, unknown)).toMatchObject({ kind: 'failed', problem: { code: 'STEP_UNKNOWN' } })
      expect(decided({ response: answered, step: { ...step, onUnknown: 'retry' } }, unknown)).toMatchObject({
        kind: 'wait',
        within: 5_000,
        outcome: { kind: 'again' },
      })
    })

    it('is not judged while its condition reads what is not known', () => {
      expect(decided({ response: answered }, { kind: 'unjudged', reason: 'members answered 503' })).toEqual({
        kind: 'unknown',
        message: 'members answered 503',
      })
    })
  })
})

describe('a record', () => {
  const context = { record: started, hash: 'a', of: '1/abc', now: 2_000, keepsResult: false, essentials: ['status'] }

  it('holds what others read of a result, where that is small', () => {
    expect(outcome({ kind: 'done', value: { status: 200 } }, context)).toEqual({
      hash: 'a',
      at: 2_000,
      state: 'done',
      result: { status: 200 },
    })
  })

  it('says of a larger result only that it was, unless it is to be kept', () => {
    const value = { text: 'x'.repeat(300) }
    expect(outcome({ kind: 'done', value }, { ...context, essentials: [] }).result).toBe(tooLarge)
    expect(outcome({ kind: 'done', value }, { ...context, keepsResult: true }).result).toEqual(value)
    expect(outcome({ kind: 'done', value: { status: 200, ...value } }, context).result).toEqual({ status: 200 })
  })

  it('has at most 200 bytes', () => {
    const hash = '0123456789abcdef'
    const long = {
      ...context,
      hash,
      of: '123456/0123456789ab',
      now: 1_790_000_000_000,
      record: { ...started, since: 1_790_000_000_000, tries: 100 },
    }
    for (const record of [
      outcome({ kind: 'failed', message: 'ä'.repeat(300) }, long),
      outcome({ kind: 'done', value: { text: 'ä'.repeat(40) } }, long),
    ])
      expect(Buffer.byteLength(JSON.stringify(record))).toBeLessThanOrEqual(200)
  })

  it('of an intent keeps when the first try was', () => {
    expect(intent(undefined, { hash: 'a', attempt: 1, now: 5 })).toEqual({ hash: 'a', state: 'started', at: 5 })
    expect(intent({ ...started, state: 'again' }, { hash: 'a', attempt: 2, now: 5_000 })).toEqual({
      hash: 'a',
      state: 'started',
      at: 5_000,
      since: 1_000,
      tries: 2,
    })
    expect(intent({ ...started, state: 'done' }, { hash: 'b', attempt: 1, now: 5_000 })).not.toHaveProperty('since')
  })
})
