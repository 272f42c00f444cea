import { describe, expect, it } from 'vitest'
import { field, formatPath, item, type Path, value } from '../../../src/fields/path.ts'
import { fromPaths } from '../../../src/fields/set.ts'

import { toFieldsV1 } from '../../../src/sandbox/apply/fields-v1.ts'
import { compareText, compareValues, pathsInOrder } from '../../../src/sandbox/apply/wire-order.ts'

describe('the order of paths', () => {
  it('has fields, then items by the values of their keys, then values', () => {
    const at = (...below: Path) => [field('l'), ...below]
    const set = fromPaths([
      at(value(10)),
      at(value(9)),
      at(value('9')),
      at(item({ p: 443 })),
      at(item({ p: 80 })),
      at(field('z')),
      at(field('a')),
    ])
    expect(Object.keys(toFieldsV1(set)['f:l'] as object)).toEqual(['f:a', 'f:z', 'k:{"p":80}', 'k:{"p":443}', 'v:9', 'v:10', 'v:"9"'])
  })

  it('has in messages the places of a level before what is below them', () => {
    const set = fromPaths([[field('a'), field('x')], [field('b')], [field('c')], [field('c'), field('y')]])
    expect([...pathsInOrder(set)].map(formatPath)).toEqual(['.b', '.c', '.a.x', '.c.y'])
  })

  it('compares texts by their bytes', () => {
    const texts = ['a', 'B', 'ä', '😀', '\uffff', '', 'aa']
    expect([...texts].sort(compareText)).toEqual([...texts].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right))))
  })

  it('has numbers before texts before booleans', () => {
    expect([true, 'b', 10, 'a', 9, false].sort(compareValues)).toEqual([9, 10, 'a', 'b', false, true])
  })
})

describe('keys on the wire', () => {
  it('are safe inside HTML, as the server writes them', () => {
    expect(Object.keys(toFieldsV1(fromPaths([[item({ name: '<a&b>' })]])))).toEqual(['k:{"name":"\\u003ca\\u0026b\\u003e"}'])
    expect(Object.keys(toFieldsV1(fromPaths([[field('<')]])))).toEqual(['f:<'])
  })
})
