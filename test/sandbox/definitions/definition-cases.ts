/** Definitions that the server refuses, or takes: what is changed in one that is right. */
import type { KubernetesObject } from '../../../src/api/object.ts'
import type { SchemaProps } from '../../../src/sandbox/definitions/json-schema.ts'

export interface DefinitionCase {
  readonly name: string
  readonly spec?: object
  readonly version?: object
  readonly schema?: SchemaProps | object
  /** The properties of spec in the schema. */
  readonly properties?: { readonly [name: string]: object }
  readonly metadata?: object
}

const rules = (...texts: string[]): object[] => texts.map((rule) => ({ rule }))
const v1 = { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }

export const definitionCases: readonly DefinitionCase[] = [
  { name: 'right' },
  { name: 'a group without a dot', spec: { group: 'nodot' } },
  { name: 'no group', spec: { group: '' } },
  { name: 'a name of another form', metadata: { name: 'other' } },
  { name: 'a scope that is none', spec: { scope: 'Everywhere' } },
  { name: 'no names', spec: { names: { plural: '', kind: '' } } },
  {
    name: 'names of the wrong form',
    spec: { names: { plural: 'Foos', kind: 'f_o', singular: 'Foo', shortNames: ['A', 'ok'], categories: ['all', 'B!'], listKind: 'f_o' } },
  },
  { name: 'no versions', spec: { versions: [] } },
  { name: 'no storage version', spec: { versions: [{ ...v1, storage: false }] } },
  { name: 'two storage versions', spec: { versions: [v1, { ...v1, name: 'v2' }] } },
  { name: 'the same version twice', spec: { versions: [v1, { ...v1, storage: false }] } },
  { name: 'a version name of the wrong form', spec: { versions: [{ ...v1, name: 'V.1' }] } },
  { name: 'no schema', spec: { versions: [{ name: 'v1', served: true, storage: true }] } },
  { name: 'different schemas, one missing', spec: { versions: [v1, { name: 'v2', served: true, storage: false }] } },
  {
    name: 'different schemas, one wrong',
    spec: {
      versions: [v1, { name: 'v2', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object', properties: { a: {} } } } }],
    },
  },
  { name: 'unknown fields preserved', spec: { preserveUnknownFields: true } },
  { name: 'a warning without deprecation', version: { deprecationWarning: 'x' } },
  { name: 'an empty warning', version: { deprecated: true, deprecationWarning: '' } },
  { name: 'a warning with a line break', version: { deprecated: true, deprecationWarning: 'a\nb' } },
  { name: 'a webhook without a client', spec: { conversion: { strategy: 'Webhook' } } },
  {
    name: 'a webhook',
    spec: { conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'https://a.b/c' } } } },
  },
  {
    name: 'review versions of the wrong form',
    spec: {
      conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v2', 'v2', 'V'], clientConfig: { url: 'https://a.b/c' } } },
    },
  },
  { name: 'a strategy that is none', spec: { conversion: { strategy: 'Other' } } },
  {
    name: 'a client without webhook',
    spec: { conversion: { strategy: 'None', webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'https://a.b/c' } } } },
  },
  {
    name: 'columns',
    version: {
      additionalPrinterColumns: [
        { name: '', type: '', jsonPath: '' },
        { name: 'a', type: 'text', format: 'x', jsonPath: 'spec.a' },
      ],
    },
  },
  { name: 'scale without paths', version: { subresources: { scale: {} } } },
  {
    name: 'scale with wrong paths',
    version: {
      subresources: { scale: { specReplicasPath: '.status.x', statusReplicasPath: 'status.x', labelSelectorPath: '.metadata.x' } },
    },
  },
  {
    name: 'selectable fields',
    properties: {
      a: { type: 'string' },
      o: { type: 'object', properties: { b: { type: 'integer' } } },
      l: { type: 'array', items: { type: 'string' } },
    },
    version: {
      selectableFields: [
        { jsonPath: '.spec.a' },
        { jsonPath: '.spec.a' },
        { jsonPath: '.spec.o' },
        { jsonPath: '.spec.no' },
        { jsonPath: 'spec.a' },
        { jsonPath: '.spec[0]' },
        { jsonPath: '.metadata.name' },
        { jsonPath: '' },
      ],
    },
  },
  { name: 'a root without a type', schema: {} },
  { name: 'a root that is a list', schema: { type: 'array', items: { type: 'string' } } },
  { name: 'a root that may be null', schema: { type: 'object', nullable: true } },
  { name: 'a root that is a map', schema: { type: 'object', additionalProperties: { type: 'string' } } },
  {
    name: 'a root with oneOf and status',
    schema: { type: 'object', oneOf: [{ required: ['a'] }], properties: { a: { type: 'string' } } },
    version: { subresources: { status: {} } },
  },
  {
    name: 'metadata described',
    schema: { type: 'object', properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } } },
  },
  {
    name: 'the name described',
    schema: { type: 'object', properties: { metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 3 } } } } },
  },
  {
    name: 'kind with a type of its own',
    schema: { type: 'object', properties: { kind: { type: 'integer' }, apiVersion: { type: 'object' }, metadata: { type: 'string' } } },
  },
  { name: 'missing types', properties: { a: {}, l: { type: 'array', items: {} }, m: { type: 'object', additionalProperties: {} } } },
  { name: 'a list without items', properties: { l: { type: 'array' } } },
  { name: 'a type that is none', properties: { a: { type: 'text' }, n: { type: 'null' } } },
  {
    name: 'types in alternatives',
    properties: {
      a: {
        type: 'object',
        properties: { x: { type: 'string' } },
        anyOf: [
          { type: 'object' },
          { properties: { x: { type: 'string', description: 'd', nullable: true, default: 'x' }, y: { minLength: 1 } } },
        ],
        not: { title: 't', additionalProperties: { minLength: 1 }, 'x-kubernetes-list-type': 'set' },
      },
    },
  },
  {
    name: 'either type',
    properties: {
      a: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
      b: { 'x-kubernetes-int-or-string': true, allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, { pattern: 'x' }] },
    },
  },
  {
    name: 'either type the wrong way',
    properties: {
      a: { 'x-kubernetes-int-or-string': true, 'x-kubernetes-preserve-unknown-fields': true },
      b: { 'x-kubernetes-int-or-string': true, 'x-kubernetes-embedded-resource': true },
    },
  },
  {
    name: 'embedded objects',
    properties: {
      a: { type: 'object', 'x-kubernetes-embedded-resource': true },
      b: { 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      c: { type: 'object', 'x-kubernetes-embedded-resource': true, additionalProperties: { type: 'string' } },
    },
  },
  {
    name: 'patterns that are none',
    properties: {
      a: { type: 'string', pattern: '(' },
      b: { type: 'string', pattern: '[a' },
      c: { type: 'string', pattern: 'a(?=b)' },
      d: { type: 'string', pattern: '*' },
    },
  },
  { name: 'unique items', properties: { l: { type: 'array', uniqueItems: true, items: { type: 'string' } } } },
  {
    name: 'properties and others',
    properties: {
      a: { type: 'object', properties: { x: { type: 'string' } }, additionalProperties: { type: 'string' } },
      b: { type: 'object', properties: { x: { type: 'string' } }, additionalProperties: false },
    },
  },
  {
    name: 'list types',
    properties: {
      a: { type: 'array', 'x-kubernetes-list-type': 'bag', items: { type: 'string' } },
      b: { type: 'string', 'x-kubernetes-list-type': 'set' },
      c: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'object' } },
      d: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string', nullable: true } },
      e: { type: 'array', 'x-kubernetes-list-map-keys': ['a'], items: { type: 'object', properties: { a: { type: 'string' } } } },
    },
  },
  {
    name: 'lists with keys',
    properties: {
      a: { type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object' } },
      b: {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['x', 'y', 'y', 'z'],
        items: { type: 'object', required: ['x'], properties: { x: { type: 'object' }, y: { type: 'string', nullable: true } } },
      },
      c: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['x'], items: { type: 'string' } },
    },
  },
  {
    name: 'map types',
    properties: { a: { type: 'object', 'x-kubernetes-map-type': 'loose' }, b: { type: 'string', 'x-kubernetes-map-type': 'atomic' } },
  },
  { name: 'unknown fields not preserved', properties: { a: { type: 'object', 'x-kubernetes-preserve-unknown-fields': false } } },
  {
    name: 'references and the like',
    properties: {
      a: { type: 'object', $ref: '#/x' },
      b: {
        type: 'object',
        definitions: { a: { type: 'string' } },
        patternProperties: { a: { type: 'string' } },
        dependencies: { a: ['b'] },
      },
    },
  },
  {
    name: 'defaults that do not fit',
    properties: {
      a: { type: 'string', default: 1 },
      b: { type: 'integer', minimum: 3, default: 2 },
      c: { type: 'object', default: { x: 1 }, properties: { y: { type: 'string' } } },
      d: { type: 'string', enum: ['a'], default: 'b' },
    },
  },
  { name: 'defaults that break a rule', properties: { a: { type: 'integer', default: 2, 'x-kubernetes-validations': rules('self > 3') } } },
  {
    name: 'defaults in metadata',
    schema: { type: 'object', properties: { kind: { type: 'string', default: 'x' }, spec: { type: 'object', default: {} } } },
  },
  {
    name: 'rules that are right',
    properties: { a: { type: 'integer', 'x-kubernetes-validations': rules('self > 3 && self != oldSelf') } },
  },
  {
    name: 'rules without text',
    properties: {
      a: {
        type: 'integer',
        'x-kubernetes-validations': [
          { rule: ' ' },
          { rule: 'self > 1', message: ' ' },
          { rule: 'self > 1', message: 'a\nb' },
          { rule: 'self >\n1' },
          { rule: 'true', messageExpression: ' ' },
          { rule: 'true', reason: 'Other' },
          { rule: 'true', fieldPath: ' ' },
        ],
      },
    },
  },
  {
    name: 'a path of a rule that is none',
    properties: {
      a: {
        type: 'object',
        properties: { x: { type: 'string' } },
        'x-kubernetes-validations': [
          { rule: 'true', fieldPath: '.y' },
          { rule: 'true', fieldPath: 'x' },
          { rule: 'true', fieldPath: '.x' },
        ],
      },
    },
  },
  {
    name: 'a field that is not there',
    properties: { a: { type: 'object', properties: { x: { type: 'string' } }, 'x-kubernetes-validations': rules('self.y == 1') } },
  },
  { name: 'a name that is not there', properties: { a: { type: 'integer', 'x-kubernetes-validations': rules('other > 1') } } },
  { name: 'a function that is not there', properties: { a: { type: 'integer', 'x-kubernetes-validations': rules('nothing(self)') } } },
  {
    name: 'a method that is not there',
    properties: { a: { type: 'string', maxLength: 5, 'x-kubernetes-validations': rules('self.nothing() == 1') } },
  },
  {
    name: 'types that do not fit',
    properties: {
      a: { type: 'integer', 'x-kubernetes-validations': rules("self + 'x' == 'y'") },
      b: { type: 'string', maxLength: 4, 'x-kubernetes-validations': rules('self == 1') },
      c: { type: 'string', maxLength: 5, 'x-kubernetes-validations': rules('self.startsWith(1)') },
    },
  },
  { name: 'a rule that is not a bool', properties: { a: { type: 'integer', 'x-kubernetes-validations': rules('self + 1') } } },
  {
    name: 'a message that is not a text',
    properties: { a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'true', messageExpression: 'self' }] } },
  },
  { name: 'a rule that ends early', properties: { a: { type: 'integer', 'x-kubernetes-validations': rules('self >') } } },
  {
    name: 'the old value in a list',
    properties: { l: { type: 'array', maxItems: 3, items: { type: 'integer', 'x-kubernetes-validations': rules('self == oldSelf') } } },
  },
  {
    name: 'an optional old value that is not used',
    properties: { a: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > 1', optionalOldSelf: true }] } },
  },
  {
    name: 'items that are no schema',
    properties: { a: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['x'], items: 'text' as never } },
  },
  {
    name: 'a format of texts that is not checked',
    properties: { a: { type: 'string', format: 'nothing' }, c: { type: 'string', format: 'date' } },
  },
  {
    name: 'a format of numbers that is not checked',
    properties: { b: { type: 'integer', format: 'int8' } },
  },
]

export function definitionOfCase({ spec, version, schema, properties, metadata }: DefinitionCase, group: string): KubernetesObject {
  const described = schema ?? { type: 'object', properties: { spec: { type: 'object', properties: properties ?? {} } } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `foos.${group}`, ...metadata },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'foos', kind: 'Foo' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: described }, ...version }],
      ...spec,
    },
  }
}
