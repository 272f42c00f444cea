/**
 * The shape of a custom resource for server-side apply: which maps and lists are owned as a whole, which by member or item.
 *
 * (apiextensions-apiserver, controller/openapi/builder; kube-openapi, util/proto and schemaconv)
 */
import { anySchema, type ScalarType, type Schema, type StructField, type StructSchema } from '../schema/schema.ts'
import type { SchemaProps } from './json-schema.ts'

const scalar = (type: ScalarType): Schema => ({ kind: 'scalar', type, goType: '' })
const text = scalar('string')
const field = (name: string, schema: Schema, required = false, keyDefault?: string | number | boolean): StructField => ({
  name,
  schema,
  required,
  omit: 'absent',
  number: 0,
  ...(keyDefault !== undefined && { keyDefault }),
})
const struct = (fields: readonly StructField[], atomic = false, preserveUnknown = false): StructSchema => ({
  kind: 'struct',
  typeName: '',
  fullName: '',
  fields: new Map(fields.map((each) => [each.name, each])),
  atomic,
  preserveUnknown,
})
const fields = (types: Readonly<Record<string, Schema>>): StructField[] =>
  Object.entries(types).map(([name, schema]) => field(name, schema))

const ownerReference = struct(
  fields({ apiVersion: text, kind: text, name: text, uid: text, controller: scalar('boolean'), blockOwnerDeletion: scalar('boolean') }),
  true,
)
const managedFieldsEntry = struct(
  fields({
    manager: text,
    operation: text,
    apiVersion: text,
    time: scalar('time'),
    fieldsType: text,
    fieldsV1: anySchema,
    subresource: text,
  }),
)
const texts: Schema = { kind: 'map', values: text, atomic: false }

const objectMeta = struct(
  fields({
    name: text,
    generateName: text,
    namespace: text,
    selfLink: text,
    uid: text,
    resourceVersion: text,
    generation: scalar('integer'),
    creationTimestamp: scalar('time'),
    deletionTimestamp: scalar('time'),
    deletionGracePeriodSeconds: scalar('integer'),
    labels: texts,
    annotations: texts,
    ownerReferences: { kind: 'list', items: ownerReference, listType: 'map', keys: ['uid'] },
    finalizers: { kind: 'list', items: text, listType: 'set', keys: [] },
    managedFields: { kind: 'list', items: managedFieldsEntry, listType: 'atomic', keys: [] },
  }),
)

/** The shape of a whole object; without a schema anything goes. */
export function applySchema(schema: SchemaProps): StructSchema {
  const root = structOf(schema, true)
  return schema.type === undefined ? { ...root, preserveUnknown: true } : root
}

const scalars: Readonly<Record<string, ScalarType>> = { string: 'string', integer: 'integer', number: 'number', boolean: 'boolean' }

function schemaOf(schema: SchemaProps): Schema {
  if (schema['x-kubernetes-int-or-string']) return scalar('intOrString')
  const type = schema.type ?? ''
  if (type === 'array') return listOf(schema)
  if (type === 'object') return objectOf(schema)
  const simple = scalars[type]
  return simple === undefined ? anySchema : scalar(simple)
}

function listOf(schema: SchemaProps): Schema {
  return {
    kind: 'list',
    items: schema.items ? schemaOf(schema.items) : anySchema,
    listType: schema['x-kubernetes-list-type'] ?? 'atomic',
    keys: schema['x-kubernetes-list-map-keys'] ?? [],
  }
}

function objectOf(schema: SchemaProps): Schema {
  const { additionalProperties } = schema
  const atomic = schema['x-kubernetes-map-type'] === 'atomic'
  if (additionalProperties)
    return { kind: 'map', values: additionalProperties === true ? anySchema : schemaOf(additionalProperties), atomic }
  const embedded = schema['x-kubernetes-embedded-resource'] === true
  if (schema.properties === undefined && !embedded && !atomic && schema['x-kubernetes-preserve-unknown-fields'] === true) return anySchema
  return structOf(schema, embedded)
}

/** `whole`: the struct is an object of the API. */
function structOf(schema: SchemaProps, whole: boolean): StructSchema {
  const { properties = {}, required = [] } = schema
  const own = Object.entries(properties)
    .filter(([name]) => !whole || name !== 'metadata')
    .map(([name, member]) => field(name, schemaOf(member), required.includes(name), keyDefault(member.default)))
  const common = whole ? [field('apiVersion', text), field('kind', text), field('metadata', objectMeta)] : []
  return struct([...common, ...own], schema['x-kubernetes-map-type'] === 'atomic', schema['x-kubernetes-preserve-unknown-fields'] === true)
}

const keyDefault = (value: unknown): string | number | boolean | undefined =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined
