/** What a schema says about one path. */
import { memberSchema, objectFields, type StructuralSchema } from './structural.ts'

/**
 * - `described`: the schema describes this place.
 * - `open`: anything can stand here (preserve-unknown-fields, an object's metadata, below a scalar that has no structure).
 * - `closed`: the API server would drop it; `names` are the members that its parent has.
 */
export type SchemaAt = { kind: 'described'; schema: StructuralSchema } | { kind: 'open' } | { kind: 'closed'; names: readonly string[] }

/** The schema of the value at a path of the root object; numbers and numeric positions go into a list's items. */
export function schemaAt(root: StructuralSchema, path: readonly (string | number)[]): SchemaAt {
  let here: SchemaAt = { kind: 'described', schema: root }
  for (const [depth, step] of path.entries()) {
    if (here.kind !== 'described') return here
    here = schemaBelow(here.schema, step, depth === 0)
  }
  return here
}

/** The schema of one member or item. `isObject`: the value is a whole object, which always has apiVersion, kind and metadata. */
export function schemaBelow(schema: StructuralSchema, step: string | number, isObject = false): SchemaAt {
  const preserve = schema['x-kubernetes-preserve-unknown-fields'] === true
  if (schema.type === 'array' || typeof step === 'number')
    return schema.items ? { kind: 'described', schema: schema.items } : { kind: 'open' }
  // metadata has a shape of its own, which no schema of a custom resource may describe.
  if ((isObject || schema['x-kubernetes-embedded-resource']) && step === 'metadata') return { kind: 'open' }
  const member = memberSchema(schema, step)
  if (member !== undefined) return { kind: 'described', schema: member }
  if ((isObject || schema['x-kubernetes-embedded-resource']) && objectFields.has(step))
    return { kind: 'described', schema: { type: 'string' } }
  if (preserve || schema.additionalProperties === true) return { kind: 'open' }
  return { kind: 'closed', names: Object.keys(schema.properties ?? {}) }
}
