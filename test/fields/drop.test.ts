import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/api/object.ts'
import { drop, droppedPaths } from '../../src/fields/drop.ts'
import { formatPath } from '../../src/fields/path.ts'
import { parseFieldsV1 } from '../../src/fields/serialize.ts'

const object = {
  data: { a: '1', b: '2' },
  spec: {
    ports: [
      { port: 80, name: 'http' },
      { port: 81, name: 'old' },
    ],
    finalizers: ['x', 'y'],
  },
}
const dropped = (fields: JsonObject) => drop(object, parseFieldsV1(fields))

describe('dropping a set', () => {
  it.each<[string, JsonObject, unknown]>([
    ['a field', { 'f:data': { 'f:a': {} } }, { ...object, data: { b: '2' } }],
    ['a map with its last field', { 'f:data': { 'f:a': {}, 'f:b': {} } }, { spec: object.spec }],
    ['a leaf whole', { 'f:spec': {} }, { data: object.data }],
    [
      'an item with its place',
      { 'f:spec': { 'f:ports': { 'k:{"port":81}': { '.': {}, 'f:name': {} } } } },
      { ...object, spec: { ...object.spec, ports: [{ port: 80, name: 'http' }] } },
    ],
    [
      'a field of an item that stays',
      { 'f:spec': { 'f:ports': { 'k:{"port":81}': { 'f:name': {} } } } },
      { ...object, spec: { ...object.spec, ports: [{ port: 80, name: 'http' }, { port: 81 }] } },
    ],
    ['a member of a set', { 'f:spec': { 'f:finalizers': { 'v:"x"': {} } } }, { ...object, spec: { ...object.spec, finalizers: ['y'] } }],
    ['nothing that is not there', { 'f:data': { 'f:z': {} }, 'f:other': {} }, object],
  ])('takes %s', (_, fields, rest) => {
    expect(dropped(fields)).toEqual(rest)
  })
  it('names each place once', () => {
    const set = parseFieldsV1({ 'f:data': { 'f:a': {} }, 'f:spec': { 'f:ports': { 'k:{"port":81}': { '.': {}, 'f:name': {} } } } })
    expect([...droppedPaths(set)].map(formatPath)).toEqual(['.data.a', '.spec.ports[port=81]'])
  })
})
