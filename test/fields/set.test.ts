import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatPath } from '../../src/fields/path.ts'
import { difference, emptySet, equals, fromPaths, has, intersection, isEmpty, leafPaths, paths, union } from '../../src/fields/set.ts'
import { fieldSets, path } from './arbitrary.ts'

const texts = (set: Parameters<typeof paths>[0]) => new Set([...paths(set)].map((at) => JSON.stringify(at)))
const check = <T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => void) => fc.assert(fc.property(arbitrary, holds), { numRuns: 300 })

describe('a field set', () => {
  it('holds the paths that it was made of, and no other', () => {
    check(fc.tuple(fc.array(path, { maxLength: 6 }), path), ([held, other]) => {
      const set = fromPaths(held)
      for (const at of held) expect(has(set, at)).toBe(true)
      expect(has(set, other)).toBe(texts(set).has(JSON.stringify([...paths(fromPaths([other]))][0])))
    })
  })

  it('is equal to another exactly if they hold the same paths', () => {
    check(fc.tuple(fieldSets, fieldSets), ([left, right]) => {
      expect(equals(left, right)).toBe(texts(left).symmetricDifference(texts(right)).size === 0)
      expect(equals(left, fromPaths([...paths(left)].reverse()))).toBe(true)
    })
  })

  it('combines as sets of paths do', () => {
    check(fc.tuple(fieldSets, fieldSets), ([left, right]) => {
      expect(texts(union(left, right))).toEqual(texts(left).union(texts(right)))
      expect(texts(intersection(left, right))).toEqual(texts(left).intersection(texts(right)))
      expect(texts(difference(left, right))).toEqual(texts(left).difference(texts(right)))
    })
  })

  it('obeys the laws of set algebra', () => {
    check(fc.tuple(fieldSets, fieldSets, fieldSets), ([a, b, c]) => {
      expect(equals(union(a, b), union(b, a))).toBe(true)
      expect(equals(union(union(a, b), c), union(a, union(b, c)))).toBe(true)
      expect(equals(intersection(a, union(b, c)), union(intersection(a, b), intersection(a, c)))).toBe(true)
      expect(equals(union(difference(a, b), intersection(a, b)), a)).toBe(true)
      expect(isEmpty(difference(a, a))).toBe(true)
      expect(equals(union(a, emptySet), a)).toBe(true)
      expect(isEmpty(intersection(a, emptySet))).toBe(true)
    })
  })

  it('names as leaves the paths that have nothing below them', () => {
    check(fieldSets, (set) => {
      const all = [...paths(set)]
      const leaves = all.filter(
        (at) =>
          !all.some(
            (other) => other.length > at.length && at.every((element, depth) => JSON.stringify(element) === JSON.stringify(other[depth])),
          ),
      )
      expect([...leafPaths(set)].map(formatPath).sort()).toEqual(leaves.map(formatPath).sort())
    })
  })
})
