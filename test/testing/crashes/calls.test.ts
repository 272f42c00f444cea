import { describe, expect, it } from 'vitest'
import { CallNames, pointsOf, sample } from '../../../src/testing/crashes/calls.ts'

const uid = '1b4e28ba-2fa1-11d2-883f-0016d3cca427'

describe('the name of a call', () => {
  it('is the same in each run: without its namespace, UIDs, versions and times', () => {
    const names = new CallNames((text) => text.replaceAll('crash-17', '<namespace>'))
    expect(names.next('PATCH', `/api/v1/namespaces/crash-17/configmaps/a?fieldManager=fairlead%2Fdependents%2F${uid}&force=true`)).toBe(
      'PATCH /api/v1/namespaces/<namespace>/configmaps/a?fieldManager=fairlead/dependents/<uid>&force=true',
    )
    expect(names.next('GET', '/api/v1/namespaces/crash-17/configmaps?watch=true&resourceVersion=17&timeoutSeconds=300')).toBe(
      'GET /api/v1/namespaces/<namespace>/configmaps?watch=true',
    )
  })

  it('counts how often it came', () => {
    const names = new CallNames((text) => text)
    expect(['/a', '/b', '/a?resourceVersion=2', '/a'].map((url) => names.next('GET', url))).toEqual([
      'GET /a',
      'GET /b',
      'GET /a (2)',
      'GET /a (3)',
    ])
  })
})

describe('the points of a run', () => {
  const points = pointsOf(['GET /a', 'GET /b'])

  it('are three for each call', () => {
    expect(points.map(({ call, moment }) => `${moment} ${call}`)).toEqual([
      'before GET /a',
      'during GET /a',
      'after GET /a',
      'before GET /b',
      'during GET /b',
      'after GET /b',
    ])
  })

  it('are drawn by the seed, in their order, none twice', () => {
    const all = Array.from({ length: 1000 }, (_, index) => index)
    const drawn = sample(all, 100, 'seed')
    expect(new Set(drawn).size).toBe(100)
    expect(drawn.toSorted((one, other) => one - other)).toEqual(drawn)
    expect(sample(all, 100, 'seed')).toEqual(drawn)
    expect(sample(all, 100, 'other')).not.toEqual(drawn)
    expect(sample(all, 2000, 'seed')).toEqual(all)
  })
})
