import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/api/object.ts'
import { formatPath } from '../../../src/fields/path.ts'
import { type FieldSet, paths } from '../../../src/fields/set.ts'
import { compareObjects } from '../../../src/sandbox/apply/compare.ts'
import { thing } from './schemas.ts'

const texts = (set: FieldSet) => [...paths(set)].map(formatPath).sort()
function compared(before: JsonObject, after: JsonObject) {
  const { added, modified, removed } = compareObjects(thing, { spec: before }, { spec: after })
  return {
    ...(texts(added).length > 0 && { added: texts(added) }),
    ...(texts(modified).length > 0 && { modified: texts(modified) }),
    ...(texts(removed).length > 0 && { removed: texts(removed) }),
  }
}

describe('a comparison', () => {
  const cases: [string, JsonObject, JsonObject, object][] = [
    ['nothing', { text: 'x', items: [{ name: 'i' }] }, { text: 'x', items: [{ name: 'i' }] }, {}],
    ['a scalar', { text: 'x' }, { text: 'y' }, { modified: ['.spec.text'] }],
    ['null and a value', { text: null }, { text: 'y' }, { modified: ['.spec.text'] }],
    ['a new field', {}, { text: 'y' }, { added: ['.spec.text'] }],
    ['a field that is gone', { text: 'x' }, {}, { removed: ['.spec.text'] }],
    ['a new map', {}, { map: { k: '1' } }, { added: ['.spec.map', '.spec.map.k'] }],
    ['a map from null', { map: null }, { map: { k: '1' } }, { added: ['.spec.map.k'] }],
    ['an empty map', {}, { map: {} }, { added: ['.spec.map'] }],
    [
      'a new item',
      { items: [{ name: 'i' }] },
      { items: [{ name: 'i' }, { name: 'j' }] },
      { added: ['.spec.items[name="j"]', '.spec.items[name="j"].name'] },
    ],
    [
      'an item that is gone',
      { items: [{ name: 'i' }, { name: 'j' }] },
      { items: [{ name: 'j' }] },
      { removed: ['.spec.items[name="i"]', '.spec.items[name="i"].name'] },
    ],
    [
      'a changed item',
      { items: [{ name: 'i', value: '1' }] },
      { items: [{ name: 'i', value: '2' }] },
      { modified: ['.spec.items[name="i"].value'] },
    ],
    ['another order', { items: [{ name: 'i' }, { name: 'j' }] }, { items: [{ name: 'j' }, { name: 'i' }] }, {}],
    [
      'a default key that is written out',
      { ports: [{ port: 1 }] },
      { ports: [{ port: 1, protocol: 'TCP' }] },
      { added: ['.spec.ports[port=1,protocol="TCP"].protocol'] },
    ],
    ['members of a set', { tags: ['a', 'b'] }, { tags: ['b', 'c'] }, { added: ['.spec.tags[="c"]'], removed: ['.spec.tags[="a"]'] }],
    ['an empty list that comes', {}, { tags: [] }, { added: ['.spec.tags'] }],
    ['an atomic list', { args: ['a'] }, { args: ['a', 'b'] }, { modified: ['.spec.args'] }],
    ['an atomic map', { atomicMap: { a: '1' } }, { atomicMap: { a: '2' } }, { modified: ['.spec.atomicMap'] }],
    ['a new atomic struct', {}, { atomicStruct: { a: '1' } }, { added: ['.spec.atomicStruct'] }],
    ['a map that becomes a scalar', { any: { a: 1 } }, { any: 'x' }, { modified: ['.spec.any'], removed: ['.spec.any.a'] }],
    ['a list that becomes a map', { any: [1] }, { any: { a: 1 } }, { added: ['.spec.any.a'], modified: ['.spec.any'] }],
    [
      'duplicates that change',
      { items: [{ name: 'i' }, { name: 'i' }] },
      { items: [{ name: 'i' }, { name: 'i', value: '1' }] },
      { modified: ['.spec.items[name="i"]'] },
    ],
    [
      'duplicates that become one',
      { items: [{ name: 'i' }, { name: 'i' }] },
      { items: [{ name: 'i' }] },
      { added: ['.spec.items[name="i"]', '.spec.items[name="i"].name'], removed: ['.spec.items[name="i"]'] },
    ],
    [
      'one that becomes duplicates',
      { items: [{ name: 'i' }] },
      { items: [{ name: 'i' }, { name: 'i' }] },
      { added: ['.spec.items[name="i"]'], removed: ['.spec.items[name="i"]', '.spec.items[name="i"].name'] },
    ],
  ]
  it.each(cases)('tells %s', (_, before, after, expected) => {
    expect(compared(before, after)).toEqual(expected)
  })
})
