import { describe, expect, it } from 'vitest'
import { prune } from '../../../src/api/schema/prune.ts'
import { schemaAt } from '../../../src/api/schema/at.ts'
import type { StructuralSchema } from '../../../src/api/schema/structural.ts'

const schema: StructuralSchema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        image: { type: 'string' },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        anything: { type: 'object', additionalProperties: true },
        ports: { type: 'array', items: { type: 'object', properties: { port: { type: 'integer' } } } },
        port: { 'x-kubernetes-int-or-string': true },
        open: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { closed: { type: 'object', properties: { a: { type: 'string' } } } },
        },
        object: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          properties: { spec: { type: 'object', properties: { x: { type: 'string' } } } },
        },
        openObject: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
  },
}
const pruned = (spec: unknown): unknown => (prune(schema, { spec }).value as { spec: unknown }).spec

describe('pruning', () => {
  it('drops what the schema does not describe, and says where it was', () => {
    const { value, dropped } = prune(schema, { spec: { image: 'web', imge: 'x', ports: [{ port: 1, name: 'a' }] }, extra: 1 })
    expect(value).toEqual({ spec: { image: 'web', ports: [{ port: 1 }] } })
    expect(dropped).toEqual([['spec', 'imge'], ['spec', 'ports', 0, 'name'], ['extra']])
  })
  it('keeps apiVersion, kind and all metadata of the object', () => {
    const object = { apiVersion: 'a/v1', kind: 'App', metadata: { name: 'x', annotations: { a: 'b' } }, spec: {} }
    expect(prune(schema, object).value).toBe(object)
  })
  it('keeps every member of a map with additional properties', () => {
    expect(pruned({ labels: { a: 'b' }, anything: { a: { b: 1 } } })).toEqual({ labels: { a: 'b' }, anything: { a: { b: 1 } } })
  })
  it('keeps unknown fields where the schema says so, but prunes what it does describe there', () => {
    expect(pruned({ open: { x: { y: [{ z: 1 }] }, closed: { a: '1', b: '2' } } })).toEqual({
      open: { x: { y: [{ z: 1 }] }, closed: { a: '1' } },
    })
  })
  it('keeps apiVersion, kind and metadata of an embedded resource', () => {
    expect(pruned({ object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { x: '1', y: '2' }, status: {} } })).toEqual({
      object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { x: '1' } },
    })
    expect(pruned({ openObject: { kind: 'Pod', spec: { y: 1 } } })).toEqual({ openObject: { kind: 'Pod', spec: { y: 1 } } })
  })
  it('leaves scalars of a wrong type to validation', () => {
    expect(pruned({ image: 5, port: '80%', ports: 'x' })).toEqual({ image: 5, port: '80%', ports: 'x' })
  })
  it('drops the content of maps where only a scalar is described', () => {
    expect(pruned({ image: { a: 1 } })).toEqual({ image: {} })
  })
  it('never changes its input', () => {
    const object = Object.freeze({ spec: Object.freeze({ imge: 1, image: 'a' }) })
    expect(prune(schema, object).value).toEqual({ spec: { image: 'a' } })
    expect(object).toEqual({ spec: { imge: 1, image: 'a' } })
  })
  it('treats names of Object.prototype as names', () => {
    expect(pruned(JSON.parse('{"constructor": 1, "__proto__": {"a": 1}, "image": "a"}'))).toEqual({ image: 'a' })
    expect(JSON.stringify(pruned(JSON.parse('{"open": {"__proto__": {"a": 1}}, "x": 1}')))).toBe('{"open":{"__proto__":{"a":1}}}')
  })
})

describe('the schema at a path', () => {
  it('is that of the member, item or additional property', () => {
    expect(schemaAt(schema, ['spec', 'ports', 3, 'port'])).toEqual({ kind: 'described', schema: { type: 'integer' } })
    expect(schemaAt(schema, ['spec', 'labels', 'a.b/c'])).toEqual({ kind: 'described', schema: { type: 'string' } })
  })
  it('is closed for a name that would be pruned, with the names that there are', () => {
    expect(schemaAt(schema, ['spec', 'ports', 0, 'prot'])).toEqual({ kind: 'closed', names: ['port'] })
    expect(schemaAt(schema, ['spec', 'constructor'])).toMatchObject({ kind: 'closed' })
  })
  it('is open below preserved fields and in metadata', () => {
    expect(schemaAt(schema, ['spec', 'open', 'x', 'y'])).toEqual({ kind: 'open' })
    expect(schemaAt(schema, ['metadata', 'labels', 'a'])).toEqual({ kind: 'open' })
    expect(schemaAt(schema, ['spec', 'object', 'metadata', 'name'])).toEqual({ kind: 'open' })
  })
})
