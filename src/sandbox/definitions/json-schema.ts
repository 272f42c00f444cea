/**
 * The schema of one version of a custom resource, as the definition writes it: structure and the checks of values.
 *
 * (apiextensions/v1 JSONSchemaProps; the definition has been validated, so that a structural schema is what it is)
 */
import type { JsonValue } from '../../api/object.ts'
import type { StructuralSchema } from '../../api/schema/structural.ts'

export interface SchemaProps extends StructuralSchema {
  readonly properties?: { readonly [name: string]: SchemaProps }
  readonly additionalProperties?: boolean | SchemaProps
  readonly items?: SchemaProps
  readonly title?: string
  readonly description?: string
  readonly format?: string
  readonly maximum?: number
  readonly exclusiveMaximum?: boolean
  readonly minimum?: number
  readonly exclusiveMinimum?: boolean
  readonly multipleOf?: number
  readonly maxLength?: number
  readonly minLength?: number
  readonly pattern?: string
  readonly maxItems?: number
  readonly minItems?: number
  readonly uniqueItems?: boolean
  readonly maxProperties?: number
  readonly minProperties?: number
  readonly enum?: readonly JsonValue[]
  readonly allOf?: readonly SchemaProps[]
  readonly anyOf?: readonly SchemaProps[]
  readonly oneOf?: readonly SchemaProps[]
  readonly not?: SchemaProps
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-map-type'?: 'granular' | 'atomic'
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[]
}

/** A rule in CEL. (apiextensions/v1 ValidationRule) */
export interface ValidationRule {
  readonly rule: string
  readonly message?: string
  readonly messageExpression?: string
  readonly reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired' | 'FieldValueDuplicate'
  readonly fieldPath?: string
  readonly optionalOldSelf?: boolean
}

/** The types that a value may have; int-or-string allows two. */
export const typesOf = (schema: SchemaProps): readonly string[] =>
  schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : schema.type ? [schema.type] : []
