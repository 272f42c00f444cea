import { describe, expect, it } from 'vitest'
import { formatPruned, mergedPruned, parsePruned, type Pruned, withPruned } from '../../src/reconcile/pruned.ts'

const digest = (number: number): string => number.toString(16).padStart(8, '0')
const digests = (from: number, count: number): string[] => Array.from({ length: count }, (_, index) => digest(from + index))

describe('the record of what revisions deleted', () => {
  it('has each object once, and is the same object where nothing is new', () => {
    const one = withPruned({}, 'a', 'Shop', [digest(1), digest(2)])
    const two = withPruned(one, 'a', 'Shop', [digest(2), digest(3)])
    expect(two).toEqual({ a: { Shop: digests(1, 3) } })
    expect(withPruned(two, 'a', 'Shop', [digest(1)])).toBe(two)
  })

  it('keeps the watches of a revision apart, and the last four revisions', () => {
    let pruned: Pruned = {}
    for (const revision of ['a', 'b', 'c', 'd', 'a', 'e'])
      pruned = withPruned(pruned, revision, 'Shop', [digest(Object.keys(pruned).length)])
    pruned = withPruned(pruned, 'e', 'Cart', [digest(9)])
    expect(Object.keys(pruned)).toEqual(['c', 'd', 'a', 'e'])
    expect(pruned['a']).toEqual({ Shop: [digest(0), digest(4)] })
    expect(pruned['e']).toEqual({ Shop: [digest(4)], Cart: [digest(9)] })
  })

  it('has room in an annotation, whatever the limits are', () => {
    let pruned: Pruned = {}
    for (const revision of ['a', 'b', 'c'])
      for (let from = 0; from < 8000; from += 1000) pruned = withPruned(pruned, revision, 'Shop', digests(from, 1000))
    expect(formatPruned(pruned).length).toBeLessThan(64 * 1024)
    expect(Object.keys(pruned)).toEqual(['c'])
    expect(withPruned(pruned, 'c', 'Shop', digests(9000, 1))).toBe(pruned)
  })

  it('is read back as it was written, and merged with what another process wrote', () => {
    const pruned = withPruned(withPruned({}, 'a', 'Shop', digests(0, 3)), 'b', 'Cart#2', digests(5, 1))
    expect(parsePruned(formatPruned(pruned))).toEqual(pruned)
    expect(mergedPruned({ a: { Shop: [digest(7)] } }, pruned)).toEqual({
      a: { Shop: [digest(7), ...digests(0, 3)] },
      b: { 'Cart#2': digests(5, 1) },
    })
  })

  it.each([undefined, '', 'no', 'null', '[1]', '{"a":1}', '{"a":{"Shop":{"x":1}}}'])('that says %j counts nothing', (text) => {
    expect(Object.values(parsePruned(text)).flatMap((watches) => Object.values(watches).flat())).toEqual([])
  })
})
