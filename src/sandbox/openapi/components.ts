/**
 * Schemas of the built-in types as OpenAPI tells them, gathered with all that they refer to.
 *
 * They hold what clients act on: structure, formats, what is required, how lists and maps merge. They hold no descriptions.
 * (kube-openapi, pkg/builder3; the extensions: kubernetes.io, OpenAPI extensions)
 */
import type { JsonObject } from '../../api/object.ts'
import type { ListSchema, MapSchema, ScalarSchema, Schema, StructField, StructSchema } from '../schema/schema.ts'

export interface Components {
  /** A reference to the type, which is gathered if it is new. */
  refer(struct: StructSchema): JsonObject
  /** A schema under a name of its own. */
  define(name: string, schema: JsonObject): JsonObject
  /** By name, in the order of names. */
  schemas(): JsonObject
}

export interface GroupVersionKindEntry extends JsonObject {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** @param kindsOf The kinds that a type is, by its full name. */
export function createComponents(kindsOf: (fullName: string) => readonly GroupVersionKindEntry[]): Components {
  const found = new Map<string, JsonObject>()

  const reference = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` })

  function refer(struct: StructSchema): JsonObject {
    if (!found.has(struct.fullName)) {
      // A type may contain itself: its place is taken before its fields are looked at.
      found.set(struct.fullName, {})
      found.set(struct.fullName, structOf(struct))
    }
    return reference(struct.fullName)
  }

  function structOf(struct: StructSchema): JsonObject {
    const fields = [...struct.fields.values()]
    const required = fields.filter((field) => field.required).map(({ name }) => name)
    const kinds = kindsOf(struct.fullName)
    return {
      type: 'object',
      ...(required.length > 0 && { required }),
      ...(fields.length > 0 && { properties: Object.fromEntries(fields.map((field) => [field.name, property(field)])) }),
      ...(kinds.length > 0 && { 'x-kubernetes-group-version-kind': kinds }),
      ...(struct.atomic && { 'x-kubernetes-map-type': 'atomic' }),
    }
  }

  function property({ schema, patch, keyDefault }: StructField): JsonObject {
    const beside = {
      ...(keyDefault !== undefined && { default: keyDefault }),
      ...(patch && { 'x-kubernetes-patch-strategy': patch.strategies.join(',') }),
      ...(patch?.mergeKey && { 'x-kubernetes-patch-merge-key': patch.mergeKey }),
    }
    const own = schemaOf(schema)
    // Nothing may stand beside a reference.
    return '$ref' in own && Object.keys(beside).length > 0 ? { allOf: [own], ...beside } : { ...own, ...beside }
  }

  function schemaOf(schema: Schema): JsonObject {
    switch (schema.kind) {
      case 'struct':
        return refer(schema)
      case 'list':
        return listOf(schema)
      case 'map':
        return mapOf(schema)
      case 'scalar':
        return scalarOf(schema)
      case 'any':
        // Something has to stand there: kubectl takes an empty schema for none.
        return schema.either ? { description: 'One of several types.' } : { type: 'object' }
    }
  }

  const listOf = ({ items, listType, keys }: ListSchema): JsonObject => ({
    type: 'array',
    items: schemaOf(items),
    ...(listType === 'map' && { 'x-kubernetes-list-map-keys': keys }),
    'x-kubernetes-list-type': listType,
  })

  const mapOf = ({ values, atomic }: MapSchema): JsonObject => ({
    type: 'object',
    additionalProperties: schemaOf(values),
    ...(atomic && { 'x-kubernetes-map-type': 'atomic' }),
  })

  function scalarOf({ type, goType }: ScalarSchema): JsonObject {
    switch (type) {
      case 'string':
        return { type: 'string' }
      case 'integer':
        return { type: 'integer', format: goType.endsWith('64') || goType === 'int' ? 'int64' : 'int32' }
      case 'number':
        return { type: 'number', format: 'double' }
      case 'boolean':
        return { type: 'boolean' }
      case 'bytes':
        return { type: 'string', format: 'byte' }
      case 'intOrString':
        return named('io.k8s.apimachinery.pkg.util.intstr.IntOrString', {
          format: 'int-or-string',
          oneOf: [{ type: 'integer' }, { type: 'string' }],
        })
      case 'quantity':
        return named('io.k8s.apimachinery.pkg.api.resource.Quantity', { oneOf: [{ type: 'string' }, { type: 'number' }] })
      case 'time':
        return named('io.k8s.apimachinery.pkg.apis.meta.v1.Time', { type: 'string', format: 'date-time' })
      case 'microTime':
        return named('io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime', { type: 'string', format: 'date-time' })
      case 'duration':
        return named('io.k8s.apimachinery.pkg.apis.meta.v1.Duration', { type: 'string' })
    }
  }

  function named(name: string, schema: JsonObject): JsonObject {
    found.set(name, schema)
    return reference(name)
  }

  return {
    refer,
    define: named,
    schemas: () => Object.fromEntries([...found].sort(([left], [right]) => (left < right ? -1 : 1))),
  }
}
