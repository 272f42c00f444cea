import { describe, expect, it } from 'vitest'
import { SparseMap, SparseSet } from '../../src/operator/sparse.ts'

describe('a set that is nearly always empty', () => {
  it('holds what is added until it is deleted', () => {
    const set = new SparseSet(['a'])
    set.add('b')
    expect([set.size, set.has('a'), set.has('b'), set.has('c')]).toEqual([2, true, true, false])
    set.delete('a')
    set.delete('b')
    expect([set.size, set.has('a')]).toEqual([0, false])
    set.add('c')
    expect(set.has('c')).toBe(true)
  })
})

describe('a map that is nearly always empty', () => {
  it('holds what is set until it is deleted', () => {
    const map = new SparseMap<string, number>()
    expect(map.get('a')).toBeUndefined()
    map.set('a', 1)
    expect([map.has('a'), map.get('a')]).toEqual([true, 1])
    map.delete('a')
    expect(map.has('a')).toBe(false)
  })
})
