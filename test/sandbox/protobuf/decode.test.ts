import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../src/api/object.ts'
import { createProtobufDecoder, isProtobuf, ProtobufError } from '../../../src/sandbox/protobuf/decode.ts'
import { decode } from '../../../src/sandbox/schema/decode.ts'
import { createTypes } from '../../../src/sandbox/schema/types.ts'
import { typesTable } from '../../../src/sandbox/tables/types.ts'
import kubectl from './kubectl.json' with { type: 'json' }

const types = createTypes(typesTable)
const decodeProtobuf = createProtobufDecoder(types)

/** A field of a message: its number, and text or a message. */
const field = (number: number, content: string | Uint8Array): Uint8Array => {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return Uint8Array.from([number * 8 + 2, bytes.length, ...bytes])
}
const message = (...fields: Uint8Array[]): Uint8Array => Uint8Array.from(fields.flatMap((each) => [...each]))
const body = (apiVersion: string, kind: string, raw: Uint8Array): Uint8Array =>
  Uint8Array.from([0x6b, 0x38, 0x73, 0, ...field(1, message(field(1, apiVersion), field(2, kind))), ...field(2, raw)])

describe('what kubectl sends', () => {
  it.each(kubectl.map(({ command, ...each }): [string, Omit<typeof each, 'command'>] => [command, each]))(
    '%s',
    (_command, { body, object }) => {
      const bytes = Buffer.from(body, 'base64')
      const { apiVersion, kind } = object
      const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
      const schema = types.typeOf({ group, version, kind })
      if (schema === undefined) throw new Error(`no ${kind}`)
      expect(isProtobuf(bytes)).toBe(true)
      // kubectl's print leaves the namespace to the request, and the command to itself.
      const expected = decode(schema, object as unknown as JsonObject, [])
      const { metadata, ...rest } = decodeProtobuf(bytes)
      expect(rest).toEqual({ ...expected, metadata: undefined })
      expect({ ...(metadata as JsonObject), namespace: undefined }).toEqual({ ...(expected.metadata as JsonObject), namespace: undefined })
    },
  )
})

describe('what is no object', () => {
  it.each([
    [
      'something else',
      new TextEncoder().encode('{}'),
      'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    ],
    [
      'a kind that is not built in',
      body('example.com/v1', 'Thing', message()),
      'no kind "Thing" is registered for version "example.com/v1"',
    ],
    ['a body that is cut off', body('v1', 'ConfigMap', message(field(1, field(1, 'a')))).subarray(0, -1), 'unexpected EOF'],
    ['a message that is cut off', body('v1', 'ConfigMap', Uint8Array.from([0x0a, 9, 1])), 'unexpected EOF'],
    ['a number for a message', body('v1', 'ConfigMap', Uint8Array.from([0x08, 1])), 'proto: wrong wireType = 0 for field 1'],
    ['a wire type that does not exist', body('v1', 'ConfigMap', Uint8Array.from([0x0f, 1])), 'proto: '],
    ['JSON inside that is none', body('apps/v1', 'ControllerRevision', field(2, field(1, '{'))), 'unexpected EOF'],
  ])('%s is refused', (_title, bytes, told) => {
    expect(() => decodeProtobuf(bytes)).toThrow(ProtobufError)
    expect(() => decodeProtobuf(bytes)).toThrow(told)
  })
})

describe('what is read otherwise than it looks', () => {
  it('a body without a kind is of the expected one', () => {
    const bytes = body('', '', message(field(1, field(1, 'a'))))
    expect(decodeProtobuf(bytes, { apiVersion: 'v1', kind: 'ConfigMap' })).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
    })
  })

  it('the options of a request belong to every group', () => {
    expect(decodeProtobuf(body('apps/v1', 'DeleteOptions', field(4, 'Orphan')))).toEqual({
      apiVersion: 'apps/v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Orphan',
    })
  })

  it('fields that nobody knows are passed over', () => {
    const raw = message(field(1, field(1, 'a')), field(15, 'x'))
    expect(decodeProtobuf(body('v1', 'ConfigMap', raw))).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } })
  })

  it('a key of a map that is called __proto__ stays a key', () => {
    const { data } = decodeProtobuf(body('v1', 'ConfigMap', field(2, message(field(1, '__proto__'), field(2, 'x')))))
    expect(Object.getOwnPropertyDescriptor(data, '__proto__')?.value).toBe('x')
  })

  it('a map entry without a value has an empty one', () => {
    expect(decodeProtobuf(body('v1', 'ConfigMap', field(2, field(1, 'a'))))).toMatchObject({ data: { a: '' } })
  })
})
