import { describe, expect, it } from 'vitest'
import { describeFight, fightingConditions, Fights, type Repair } from '../../src/reconcile/fights.ts'

const replicas: Repair = { field: 'spec.replicas', by: 'hpa-like-manager', ours: 3, theirs: 5 }
const image: Repair = { field: 'spec.image', by: undefined, ours: 'a', theirs: 'b' }

const web = { key: 'web', name: 'Deployment/web', body: 'first' }

/** Repairs of one field every so many milliseconds, from 0 on; the time of the last. */
function repeat(fights: Fights, { times, every, repair = replicas }: { times: number; every: number; repair?: Repair }): number {
  for (let count = 0; count < times; count++) fights.repaired(web, [repair], count * every)
  return (times - 1) * every
}

describe('a fight', () => {
  it('is recognised at the fifth repair of one field within a minute', () => {
    const fights = new Fights()
    repeat(fights, { times: 4, every: 3_000 })
    expect(fights.ongoing).toEqual([])
    expect(fights.repaired(web, [replicas], 12_000)).toEqual([{ ...replicas, object: 'Deployment/web', flips: 40 }])
    expect(fights.repaired(web, [replicas], 14_000)).toEqual([])
    expect(fights.ongoing).toHaveLength(1)
  })

  it('is not one where repairs are further apart, of different fields, or of different objects', () => {
    const slow = new Fights()
    for (let count = 0; count < 20; count++) slow.repaired(web, [replicas], count * 20_000 + (count % 2) * 7_000)
    expect(slow.ongoing).toEqual([])
    const rare = new Fights()
    repeat(rare, { times: 20, every: 76_000 })
    expect(rare.ongoing).toEqual([])
    const apart = new Fights()
    for (let count = 0; count < 8; count++) {
      apart.repaired({ ...web, key: `web-${count % 2}` }, [count % 4 < 2 ? replicas : image], count)
    }
    expect(apart.ongoing).toEqual([])
  })

  it('is recognised at the fifth repair, too, where the other comes back at a steady pace, which sets that of the repairs', () => {
    const fights = new Fights()
    let now = 0
    for (const pause of [0, 15_000, 15_400, 14_900, 15_100]) fights.repaired(web, [replicas], (now += pause))
    expect(fights.ongoing).toEqual([{ ...replicas, object: 'Deployment/web', flips: 8 }])
    expect(fights.pause(web, now)).toBe(15_100)
    fights.repaired(web, [replicas], (now += 16_000))
    expect(fights.pause(web, now)).toBe(30_200)
    expect(fights.settle(now + 30_199)).toEqual([])
    expect(fights.settle(now + 30_200)).toHaveLength(1)
  })

  it('slows down the repairs of its object alone: 2 s, then twice as long each time, at most 5 minutes', () => {
    const fights = new Fights()
    let now = repeat(fights, { times: 5, every: 100 })
    const pauses: number[] = []
    for (let count = 0; count < 9; count++) {
      const pause = fights.pause(web, now)
      pauses.push(pause)
      expect(fights.pause({ ...web, key: 'other' }, now)).toBe(0)
      now += pause
      expect(fights.pause(web, now)).toBe(0)
      fights.repaired(web, [replicas], now)
    }
    expect(pauses).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 300].map((seconds) => seconds * 1_000))
  })

  it('does not delay what was not sent before, and delays that from its second time on', () => {
    const fights = new Fights()
    const last = repeat(fights, { times: 5, every: 100 })
    const fresh = { ...web, body: 'second' }
    expect([fights.pause(web, last), fights.pause(fresh, last)]).toEqual([2_000, 0])
    fights.repaired(fresh, [replicas], last)
    expect(fights.pause(fresh, last)).toBe(4_000)
    fights.sent('web', () => 'third')
    expect([fights.pause({ ...web, body: 'third' }, last), fights.pause(fresh, last)]).toEqual([4_000, 0])
  })

  it('is over when nobody has contested the object for 15 s', () => {
    const fights = new Fights()
    const last = repeat(fights, { times: 5, every: 100 })
    expect(fights.settle(last + 14_999)).toEqual([])
    expect(fights.settle(last + 15_000)).toMatchObject([replicas])
    expect(fights.ongoing).toEqual([])
    expect(fights.pause(web, last + 15_000)).toBe(0)
  })

  it('is not over before its next repair is due, however long that is', () => {
    const fights = new Fights()
    const last = repeat(fights, { times: 9, every: 100 })
    expect(fights.settle(last + 31_999)).toEqual([])
    expect(fights.settle(last + 32_000)).toHaveLength(1)
  })

  it('goes on as long as the other comes back', () => {
    const fights = new Fights()
    const last = repeat(fights, { times: 5, every: 100 })
    expect(fights.pause(web, last + 14_000)).toBe(0)
    expect(fights.settle(last + 20_000)).toEqual([])
    expect(fights.settle(last + 29_000)).toHaveLength(1)
  })

  it('tells when it has to be looked at again', () => {
    const fights = new Fights()
    expect(fights.nextLook(0)).toBeUndefined()
    repeat(fights, { times: 4, every: 100 })
    expect(fights.nextLook(300)).toBeUndefined()
    fights.repaired(web, [replicas], 400)
    expect(fights.nextLook(400)).toBe(2_000)
    expect(fights.nextLook(2_400)).toBe(13_000)
  })

  it('has a rate of at most two flips a repair where all come within a second', () => {
    const fights = new Fights()
    repeat(fights, { times: 5, every: 1 })
    expect(fights.ongoing[0]?.flips).toBe(480)
  })
})

describe('its description', () => {
  it('names the field, both sides with their numbers, and the rate', () => {
    expect(describeFight({ ...replicas, object: 'Deployment/web', flips: 41 })).toBe(
      'Deployment/web spec.replicas: we 3, hpa-like-manager 5, 41 flips a minute',
    )
  })

  it('tells no text, which could be a secret', () => {
    expect(describeFight({ ...image, object: 'Thing/a', flips: 9 })).toBe('Thing/a spec.image: we and another manager, 9 flips a minute')
    expect(describeFight({ ...replicas, theirs: 'secret', object: 'Thing/a', flips: 9 })).not.toContain('secret')
  })

  it('is the condition, which is there only while there is a fight', () => {
    expect(fightingConditions([])).toEqual([])
    expect(fightingConditions([{ ...replicas, object: 'Deployment/web', flips: 41 }])).toEqual([
      {
        type: 'Fighting',
        status: 'True',
        reason: 'ManagersDisagree',
        message: 'Deployment/web spec.replicas: we 3, hpa-like-manager 5, 41 flips a minute',
      },
    ])
  })
})
