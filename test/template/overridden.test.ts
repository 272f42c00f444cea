import { describe, expect, it } from 'vitest'
import { overriddenPaths } from '../../src/template/overridden.ts'

describe('what a spec says and what does not count', () => {
  it.each([
    ['nothing where all of it counts', { a: 1, b: { c: [1, { d: 2 }] } }, { a: 1, b: { c: [1, { d: 2 }], more: 3 }, other: 4 }, []],
    ['the innermost of a map', { image: { tag: '1', name: 'web' } }, { image: { tag: '2', name: 'web' } }, ['spec.image.tag']],
    ['an item of a list', { list: [{ a: 1 }, 2] }, { list: [{ a: 3 }, 2] }, ['spec.list[0].a']],
    ['the same in whatever order they are', { b: 1, a: 1 }, { a: 2, b: 2 }, ['spec.a', 'spec.b']],
    ['a value of another sort', { a: { b: 1 } }, { a: 2 }, ['spec.a']],
    ['what is taken away', { a: 1 }, {}, ['spec.a']],
    ['null, where there is something all the same', { a: null, b: null }, { a: 1 }, ['spec.a']],
    ['a key that is no name', { 'a.b': 1 }, { 'a.b': 2 }, ['spec["a.b"]']],
  ])('is %s', (_what, spec, values, paths) => {
    expect(overriddenPaths(spec, values)).toEqual(paths)
  })
})
