import { describe, expect, it } from 'vitest'
import { describeFeeding, Feedback, type Feeding, type Surroundings } from '../../src/reconcile/feedback.ts'

const around: Surroundings = { outside: 'spec 1', others: 'spec 1' }
const wish = (found: number) => [{ name: 'ConfigMap/web', content: { data: { found: String(found), kept: 'a' } } }]

/** So many passes that write, one every so many milliseconds; what was recognised. */
function passes(
  feedback: Feedback,
  {
    times,
    every = 100,
    from = 0,
    begin = () => around,
  }: { times: number; every?: number; from?: number; begin?: (pass: number) => Surroundings },
): (Feeding | undefined)[] {
  return Array.from({ length: times }, (_, pass) => {
    feedback.begin(begin(pass), from + pass * every)
    return feedback.wrote(wish(pass), from + pass * every)
  })
}

/** The first pass was set off by something else; ten that follow are enough. */
const fed = (): Feedback => {
  const feedback = new Feedback()
  passes(feedback, { times: 11 })
  return feedback
}

describe('a primary that is rendered from what its own pass writes', () => {
  it('is recognised at the tenth pass within a minute that nothing else has set off', () => {
    const feedback = new Feedback()
    const found = passes(feedback, { times: 11 })
    expect(found.slice(0, 10)).toEqual(Array(10).fill(undefined))
    expect(found[10]).toMatchObject({ fields: ['ConfigMap/web data.found'], rate: 540 })
    expect(feedback.ongoing).toBe(found[10])
  })

  it('is named by the object where that is another each time', () => {
    const feedback = new Feedback()
    for (let pass = 0; pass < 11; pass++) {
      feedback.begin(around, pass)
      feedback.wrote([{ name: `ConfigMap/web-${pass}`, content: {} }], pass)
    }
    expect(feedback.ongoing?.fields).toEqual(['ConfigMap/web-10'])
  })

  it.each<[string, (pass: number) => Surroundings]>([
    ['the spec, or an object that is looked up', (pass) => ({ outside: String(pass), others: String(pass) })],
    ['the status of a dependent', (pass) => ({ outside: 'spec 1', others: String(pass) })],
  ])('is none where each pass follows another change: %s', (_title, begin) => {
    const feedback = new Feedback()
    passes(feedback, { times: 100, begin })
    expect(feedback.ongoing).toBeUndefined()
  })

  it('is none where it comes to an end in a few steps, or a pass a while after the one before', () => {
    const feedback = new Feedback()
    passes(feedback, { times: 10 })
    passes(feedback, { times: 100, every: 7_000, from: 100_000 })
    expect(feedback.ongoing).toBeUndefined()
  })

  it('waits 2 s with what it renders anew, then twice as long each time, at most 5 minutes', () => {
    const feedback = fed()
    let now = 1_000
    const pauses: number[] = []
    for (let count = 0; count < 9; count++) {
      const pause = feedback.nextLook(now) as number
      pauses.push(pause)
      feedback.begin(around, now + pause - 1)
      expect(feedback.slowed).toBe(true)
      now += pause
      feedback.begin(around, now)
      expect(feedback.slowed).toBe(false)
      feedback.wrote(wish(count), now)
    }
    expect(pauses).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300].map((seconds) => seconds * 1_000))
  })

  it('follows at once what somebody else changes', () => {
    const feedback = fed()
    feedback.begin({ ...around, others: 'status of a dependent' }, 1_500)
    expect(feedback.slowed).toBe(true)
    feedback.begin({ outside: 'spec 2', others: 'spec 2' }, 1_600)
    expect(feedback.slowed).toBe(false)
  })

  it('is over when it is due and for 5 s nothing had to be written', () => {
    const feedback = fed()
    feedback.begin(around, 2_900)
    feedback.waited(2_900)
    expect(feedback.settle(7_899)).toBeUndefined()
    expect(feedback.settle(7_900)).toMatchObject({ fields: ['ConfigMap/web data.found'] })
    expect([feedback.ongoing, feedback.nextLook(7_900)]).toEqual([undefined, undefined])
  })

  it('is none where each change of something else settles in a few steps, however often that changes', () => {
    const feedback = new Feedback()
    passes(feedback, { times: 100, begin: (pass) => ({ outside: `spec ${Math.floor(pass / 5)}`, others: `spec ${Math.floor(pass / 5)}` }) })
    expect(feedback.ongoing).toBeUndefined()
  })

  it('is described by object, field and rate, and by no value', () => {
    expect(describeFeeding({ fields: ['ConfigMap/web data.found'], rate: 41, through: [] })).toBe(
      'ConfigMap/web data.found: rendered anew 41 times a minute from what this pass itself writes',
    )
    expect(describeFeeding({ fields: ['ConfigMap/web'], rate: 41, through: ['u-2'] })).toMatch(/, by way of fairlead\/dependents\/u-2$/)
  })
})
