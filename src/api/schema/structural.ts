/**
 * Structural schemas: what a CustomResourceDefinition says about the objects of one version.
 *
 * A structural schema gives every level a type, so that an object can be defaulted and pruned by walking the two together, before any rule
 * is checked. (apiextensions/v1 JSONSchemaProps, the part that matters for structure)
 */
import type { JsonValue } from '../object.ts'

export interface StructuralSchema {
  readonly type?: string
  readonly properties?: { readonly [name: string]: StructuralSchema }
  /** The schema of every member that `properties` does not name; `true` lets anything stand. */
  readonly additionalProperties?: boolean | StructuralSchema
  readonly items?: StructuralSchema
  readonly required?: readonly string[]
  readonly nullable?: boolean
  readonly default?: JsonValue
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-embedded-resource'?: boolean
  readonly 'x-kubernetes-int-or-string'?: boolean
  /** Value validations and other keywords: read by validation only. */
  readonly [keyword: string]: unknown
}

/** The member's own schema, or the one for additional members, or undefined for a member that no schema describes. */
export function memberSchema(schema: StructuralSchema | undefined, name: string): StructuralSchema | undefined {
  if (schema?.properties && Object.hasOwn(schema.properties, name)) return schema.properties[name]
  return typeof schema?.additionalProperties === 'object' ? schema.additionalProperties : undefined
}

/** Every object carries these, also where a schema does not name them. */
export const objectFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata'])

/** Nulls are dropped, or replaced by the default, unless the schema allows them. */
export const isForbiddenNull = (value: unknown, schema: StructuralSchema | undefined): boolean =>
  value === null && schema !== undefined && schema.nullable !== true
