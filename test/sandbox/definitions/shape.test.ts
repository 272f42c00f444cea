import { describe, expect, it } from 'vitest'
import type { SchemaProps } from '../../../src/sandbox/definitions/json-schema.ts'
import { compileShape, type Dropped } from '../../../src/sandbox/definitions/shape.ts'

const shaped = (properties: Record<string, SchemaProps>, value: object): { value: unknown; dropped: string[] } => {
  const dropped: Dropped = { fields: [], embedded: [] }
  const result = compileShape({ type: 'object', properties })(value, '', dropped)
  return { value: result, dropped: [...dropped.fields, ...dropped.embedded] }
}
const text: SchemaProps = { type: 'string' }

describe('the shape of an object', () => {
  it('keeps what the whole object always has, and drops what is unknown', () => {
    expect(
      shaped({ spec: { type: 'object', properties: { a: text } } }, { kind: 'X', metadata: { x: 1 }, spec: { a: 'b', c: 1 }, other: 1 }),
    ).toEqual({
      value: { kind: 'X', metadata: { x: 1 }, spec: { a: 'b' } },
      dropped: ['spec.c', 'other'],
    })
  })

  it('names unknown fields in lists by their index', () => {
    const list: SchemaProps = { type: 'array', items: { type: 'object', properties: { a: text } } }
    expect(shaped({ list }, { list: [{ a: 'x' }, { b: 1 }] }).dropped).toEqual(['list[1].b'])
  })

  it('fills in defaults, and the defaults of defaults', () => {
    const nested: SchemaProps = { type: 'object', default: {}, properties: { a: { type: 'string', default: 'x' } } }
    expect(shaped({ nested }, {}).value).toEqual({ nested: { a: 'x' } })
  })

  it('replaces a null that is not allowed by the default, and drops it where there is none', () => {
    expect(
      shaped({ a: { type: 'string', default: 'x' }, b: text, c: { type: 'string', nullable: true } }, { a: null, b: null, c: null }),
    ).toEqual({
      value: { a: 'x', c: null },
      dropped: [],
    })
  })

  it('keeps unknown members where they are preserved, but not those of members that are described', () => {
    const open: SchemaProps = {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      properties: { known: { type: 'object', properties: { a: text } } },
    }
    expect(shaped({ open }, { open: { any: { x: 1 }, known: { a: 'b', z: 1 } } })).toEqual({
      value: { open: { any: { x: 1 }, known: { a: 'b' } } },
      dropped: ['open.known.z'],
    })
  })

  it('keeps members where any are allowed, and empties them', () => {
    const anything: SchemaProps = { type: 'object', additionalProperties: true }
    expect(shaped({ anything }, { anything: { a: 1, b: { c: 1 } } })).toEqual({
      value: { anything: { a: 1, b: {} } },
      dropped: ['anything.b.c'],
    })
  })

  it('hands out no part of the schema and none of the input', () => {
    const nested: SchemaProps = { type: 'object', default: { a: 'x' }, properties: { a: text } }
    const input = { open: { a: 'b' } }
    const shape = compileShape({ type: 'object', properties: { nested, open: { type: 'object', properties: { a: text } } } })
    const first = shape(input, '', { fields: [], embedded: [] }) as { nested: { a: string }; open: { a: string } }
    first.nested.a = 'changed'
    first.open.a = 'changed'
    expect(shape(input, '', { fields: [], embedded: [] })).toEqual({ nested: { a: 'x' }, open: { a: 'b' } })
  })

  it('takes __proto__ for a name like any other', () => {
    const open: SchemaProps = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
    const value = JSON.parse('{"open":{"__proto__":{"polluted":1}}}') as object
    const result = shaped({ open }, value).value as { open: object }
    expect(JSON.stringify(result)).toBe('{"open":{"__proto__":{"polluted":1}}}')
    expect(Object.getPrototypeOf(result.open)).toBe(Object.prototype)
  })
})
