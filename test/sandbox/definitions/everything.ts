/** A definition that uses every keyword, and random objects for it: mostly near to valid, with something wrong here and there. */
import fc from 'fast-check'
import type { SchemaProps } from '../../../src/sandbox/definitions/json-schema.ts'

const formats = [
  'bsonobjectid',
  'uri',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'cidr',
  'mac',
  'uuid',
  'uuid3',
  'uuid4',
  'uuid5',
  'isbn',
  'isbn10',
  'isbn13',
  'creditcard',
  'ssn',
  'hexcolor',
  'rgbcolor',
  'byte',
  'password',
  'date',
  'duration',
  'date-time',
  'k8s-short-name',
  'k8s-long-name',
  'unknown',
]

export const everything: SchemaProps = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['text'],
      properties: {
        text: { type: 'string', minLength: 2, maxLength: 5, pattern: '^[a-zé]+$' },
        unanchored: { type: 'string', pattern: 'b+(c|d)?$' },
        integer: { type: 'integer', minimum: 2, maximum: 10 },
        exclusive: { type: 'integer', minimum: 2, exclusiveMinimum: true, maximum: 10, exclusiveMaximum: true },
        small: { type: 'integer', format: 'int32' },
        large: { type: 'integer', format: 'int64', multipleOf: 3 },
        fractional: { type: 'integer', multipleOf: 0.5, minimum: 0.5, maximum: 1.5 },
        decimal: { type: 'number', minimum: -1.5, maximum: 1000000, multipleOf: 0.25 },
        float: { type: 'number', format: 'float' },
        boolean: { type: 'boolean' },
        choice: { type: 'string', enum: ['a', 'b', 'with "quotes"'] },
        number: { type: 'integer', enum: [1, 2, 97] },
        letter: { 'x-kubernetes-preserve-unknown-fields': true, enum: ['a', 1, 2.5, null, true, { a: 1 }, [1]] },
        either: { 'x-kubernetes-int-or-string': true, minimum: 3, maxLength: 3 },
        eitherOf: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }], pattern: '^x' },
        nullable: { type: 'string', nullable: true, minLength: 1 },
        defaulted: { type: 'string', default: 'here' },
        nested: {
          type: 'object',
          default: {},
          properties: {
            one: { type: 'integer', default: 1 },
            two: { type: 'string', nullable: true, default: 'x' },
            three: { type: 'string' },
          },
        },
        list: {
          type: 'array',
          minItems: 1,
          maxItems: 3,
          items: { type: 'object', required: ['x'], properties: { x: { type: 'string' }, y: { type: 'integer', default: 7 } } },
        },
        texts: { type: 'array', items: { type: 'string', nullable: true, maxLength: 2 } },
        set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
        numbers: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'number' } },
        map: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, value: { type: 'integer', maximum: 5 } } },
        },
        keys: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['port', 'protocol'],
          items: {
            type: 'object',
            required: ['port'],
            properties: { port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' } },
          },
        },
        labels: { type: 'object', minProperties: 1, maxProperties: 2, additionalProperties: { type: 'string', maxLength: 3 } },
        anything: { type: 'object', additionalProperties: true },
        open: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { known: { type: 'object', properties: { a: { type: 'string' } } } },
        },
        embedded: {
          type: 'object',
          'x-kubernetes-embedded-resource': true,
          properties: { spec: { type: 'object', properties: { a: { type: 'integer' } } } },
        },
        any: {
          type: 'object',
          properties: { a: { type: 'string' }, b: { type: 'string' }, c: { type: 'integer' } },
          anyOf: [
            { required: ['a'], properties: { a: { minLength: 2 } } },
            { required: ['b', 'c'], properties: { c: { minimum: 3 } } },
          ],
        },
        one: {
          type: 'object',
          properties: { a: { type: 'string' }, b: { type: 'string' }, c: { type: 'integer' } },
          oneOf: [{ required: ['a'] }, { required: ['b'] }, { required: ['c'], properties: { c: { maximum: 1 } } }],
        },
        all: {
          type: 'object',
          properties: { a: { type: 'string' }, b: { type: 'string' } },
          allOf: [{ required: ['a'] }, { properties: { b: { pattern: '^b' } } }],
          not: { properties: { a: { enum: ['no'] } }, required: ['a'] },
        },
        formats: { type: 'object', properties: Object.fromEntries(formats.map((format) => [format, { type: 'string', format }])) },
      },
    },
    status: { type: 'object', properties: { ready: { type: 'boolean' }, count: { type: 'integer', minimum: 1 } } },
  },
}

const samples = [
  '',
  'a',
  'ab',
  'abc',
  'é',
  'éé',
  'abcdef',
  'xx',
  'no',
  'b',
  'bd',
  'here',
  '😀',
  'a"b',
  'tab\t',
  '<&>',
  'ÄÖ',
  '507f1f77bcf86cd799439011',
  'http://a.b/c?d#e',
  '/x',
  'mailto:a@b.c',
  '://',
  'http://[::1]:80/',
  'http://a b/',
  'a@b.c',
  'A <a@b.c>',
  'a@',
  '@b',
  'example.com',
  'a_b',
  '-a',
  'a..b',
  '1.2.3.4',
  '01.2.3.4',
  '1.2.3',
  '256.1.1.1',
  '::1',
  '::ffff:1.2.3.4',
  '1::2::3',
  'fe80::1%eth0',
  '10.0.0.0/8',
  '10.0.0.0/33',
  '::/0',
  '::/129',
  '00:00:5e:00:53:01',
  '00-00-5e-00-53-01',
  '0000.5e00.5301',
  '00:00',
  '123e4567-e89b-12d3-a456-426614174000',
  '123e4567-e89b-32d3-a456-426614174000',
  '123E4567-E89B-42D3-A456-426614174000',
  '123e4567-e89b-52d3-a456-426614174000',
  '0321751043',
  '978-0321751041',
  '0-321-75104-X',
  '4111 1111 1111 1111',
  '4111111111111112',
  '123-45-6789',
  '123456789',
  '#fff',
  '#ffff',
  'rgb(1,2,3)',
  'rgb(256,0,0)',
  'YWJj',
  'YWI=',
  'YW',
  '2024-02-29',
  '2023-02-29',
  '2024-13-01',
  '1h30m',
  '5 days',
  '3w',
  'soon',
  '-1.5h',
  '2024-01-02T03:04:05Z',
  '2024-01-02t03:04:05.123+01:00',
  '2024-01-02 03:04:05',
  '2024-01-02T24:00:00Z',
  'a.b.c',
  'A.b',
  'x'.repeat(64),
  'a'.repeat(254),
  '__proto__',
  'TCP',
  'UDP',
]
const text = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...samples) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }) },
)
const integer = fc.oneof(fc.integer({ min: -3, max: 12 }), fc.constantFrom(97, 2147483647, 2147483648, -2147483649, 3000000, 1000001))
const decimal = fc.constantFrom(0.5, 1.5, -1.75, 2.1, 3.4e39, 1000000.5, 123456789.25, 0.00001, 2.0000000001)
const scalar = fc.oneof(text, integer, decimal, fc.boolean(), fc.constant(null))
const wrong = fc.oneof(
  { weight: 4, arbitrary: scalar },
  fc.array(scalar, { maxLength: 2 }),
  fc.dictionary(fc.constantFrom('a', 'b', 'known', 'x'), fc.oneof(scalar, fc.constant({ a: 1, z: { y: 1 } })), {
    maxKeys: 2,
    noNullPrototype: true,
  }),
)

const unknownNames = fc.constantFrom('unknown', 'toString', 'a.b', 'x')

/** A value for the schema; `mistakes` of a hundred values are of any type. */
export function valueFor(schema: SchemaProps, mistakes: number): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 100 - mistakes, arbitrary: rightType(schema, mistakes) }, { weight: mistakes, arbitrary: wrong })
}

function rightType(schema: SchemaProps, mistakes: number): fc.Arbitrary<unknown> {
  if (schema['x-kubernetes-int-or-string']) return fc.oneof(text, integer)
  if (schema['x-kubernetes-embedded-resource']) return embedded
  const listed = schema.enum
  if (listed && listed.length > 0) return fc.oneof(fc.constantFrom(...listed), scalar)
  switch (schema.type) {
    case 'string':
      return text
    case 'integer':
      return integer
    case 'number':
      return fc.oneof(integer, decimal)
    case 'boolean':
      return fc.boolean()
    case 'array':
      return fc.array(valueFor(schema.items ?? {}, mistakes), { maxLength: 4 })
    case 'object':
      return objectFor(schema, mistakes)
    default:
      return wrong
  }
}

function objectFor(schema: SchemaProps, mistakes: number): fc.Arbitrary<unknown> {
  const { properties, additionalProperties, required = [] } = schema
  if (properties === undefined)
    return fc.dictionary(
      fc.constantFrom('a', 'b', 'c', 'd'),
      additionalProperties ? (additionalProperties === true ? wrong : valueFor(additionalProperties, mistakes)) : wrong,
      { maxKeys: 4, noNullPrototype: true },
    )
  const names = Object.keys(properties)
  const extra = schema['x-kubernetes-preserve-unknown-fields'] ? 30 : 3
  return fc
    .record({
      chosen: fc.subarray(names, { maxLength: Math.min(names.length, 6) }),
      keepRequired: fc.integer({ min: 0, max: 9 }),
      extra: fc.oneof({ weight: 100 - extra, arbitrary: fc.constant(undefined) }, { weight: extra, arbitrary: unknownNames }),
      extraValue: wrong,
    })
    .chain(({ chosen, keepRequired, extra, extraValue }) => {
      const all = [...new Set([...(keepRequired > 0 ? required : []), ...chosen])]
      return fc
        .record(Object.fromEntries(all.map((name) => [name, valueFor(properties[name] as SchemaProps, mistakes)])), {
          noNullPrototype: true,
        })
        .map((object) => (extra === undefined ? object : { ...object, [extra]: extraValue }))
    })
}

const embedded: fc.Arbitrary<unknown> = fc.record(
  {
    apiVersion: fc.oneof({ weight: 5, arbitrary: fc.constantFrom('v1', 'a/v1', '', 'a/b/c') }, { weight: 1, arbitrary: scalar }),
    kind: fc.oneof({ weight: 5, arbitrary: fc.constantFrom('Pod', 'foo.bar', '') }, { weight: 1, arbitrary: scalar }),
    metadata: fc.constantFrom<unknown>({ name: 'a' }, {}, { name: '..', labels: { a: '$' } }, { labels: { a: 1 } }, { x: 1 }, 'x', {
      namespace: 'A',
    }),
    spec: fc.constantFrom<unknown>({ a: 1 }, { a: 'x' }, { b: 1 }),
  },
  { requiredKeys: ['apiVersion', 'kind'], noNullPrototype: true },
)
