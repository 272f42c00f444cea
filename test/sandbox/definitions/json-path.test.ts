import { describe, expect, it } from 'vitest'
import { JsonPathError, parseJsonPath } from '../../../src/sandbox/definitions/json-path.ts'

const object = {
  spec: { a: 1, 'b.c': 'x', list: [{ name: 'one', value: 1 }, { name: 'two', value: 2 }, { name: 'three' }] },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Old', status: 'False' },
    ],
  },
}

describe('a path', () => {
  it.each<[string, unknown[]]>([
    ['.spec.a', [1]],
    ['.spec.missing.deeper', []],
    [".spec['b.c']", ['x']],
    ['.spec.b\\.c', ['x']],
    ['.spec.list[1].name', ['two']],
    ['.spec.list[-1].name', ['three']],
    ['.spec.list[0:2].value', [1, 2]],
    ['.spec.list[*].name', ['one', 'two', 'three']],
    ['.spec.list[0,2].name', ['one', 'three']],
    ['..type', ['Ready', 'Old']],
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    ['.spec.list[?(@.value>1)].name', ['two']],
    ['.spec.list[?(@.value)].name', ['one', 'two']],
  ])('%s selects %j', (path, expected) => {
    expect(parseJsonPath(path)(object)).toEqual(expected)
  })

  it('selects no member that the object inherits', () => {
    expect(parseJsonPath('.constructor')({})).toEqual([])
  })

  it.each(['.spec[', '.spec[x]', '.spec.list[?(name)]'])('%s is refused', (path) => {
    expect(() => parseJsonPath(path)).toThrow(JsonPathError)
  })
})
