/**
 * Schemas as the server prints its own form of them: all fields, by their Go names, in their order.
 *
 * (apiextensions-apiserver, apis/apiextensions/types_jsonschema.go)
 */
import { Verbatim, verbatimStruct } from '../../status/go-text.ts'
import type { SchemaProps, ValidationRule } from '../json-schema.ts'

type Print = (value: never) => unknown

const one = (schema: SchemaProps): Verbatim => internalSchema(schema)
const list = (schemas: readonly SchemaProps[]): Verbatim => join(schemas.map(one))
const byName = (schemas: { readonly [name: string]: SchemaProps }): Verbatim =>
  verbatimStruct(
    Object.entries(schemas)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, schema]) => [name, one(schema)]),
  )
const others = (schema: boolean | SchemaProps): Verbatim =>
  verbatimStruct([
    ['Allows', schema !== false],
    ['Schema', typeof schema === 'object' ? one(schema) : null],
  ])
/** Null: neither a schema nor a list of them was given. */
const items = (schema: SchemaProps | null): Verbatim =>
  verbatimStruct([
    ['Schema', schema && one(schema)],
    ['JSONSchemas', null],
  ])
const rules = (each: readonly ValidationRule[]): Verbatim => join(each.map(internalRule))
const join = (parts: readonly Verbatim[]): Verbatim => new Verbatim(`[${parts.map(({ text }) => text).join(',')}]`)

/** Go's name, ours, what stands for nothing, and how a value is printed. */
const fields: readonly (readonly [go: string, keyword: string, none: unknown, print?: Print])[] = [
  ['ID', 'id', ''],
  ['Schema', '$schema', ''],
  ['Ref', '$ref', null],
  ['Description', 'description', ''],
  ['Type', 'type', ''],
  ['Nullable', 'nullable', false],
  ['Format', 'format', ''],
  ['Title', 'title', ''],
  ['Default', 'default', null],
  ['Maximum', 'maximum', null],
  ['ExclusiveMaximum', 'exclusiveMaximum', false],
  ['Minimum', 'minimum', null],
  ['ExclusiveMinimum', 'exclusiveMinimum', false],
  ['MaxLength', 'maxLength', null],
  ['MinLength', 'minLength', null],
  ['Pattern', 'pattern', ''],
  ['MaxItems', 'maxItems', null],
  ['MinItems', 'minItems', null],
  ['UniqueItems', 'uniqueItems', false],
  ['MultipleOf', 'multipleOf', null],
  ['Enum', 'enum', null],
  ['MaxProperties', 'maxProperties', null],
  ['MinProperties', 'minProperties', null],
  ['Required', 'required', null],
  ['Items', 'items', null, items],
  ['AllOf', 'allOf', null, list],
  ['OneOf', 'oneOf', null, list],
  ['AnyOf', 'anyOf', null, list],
  ['Not', 'not', null, one],
  ['Properties', 'properties', null, byName],
  ['AdditionalProperties', 'additionalProperties', null, others],
  ['PatternProperties', 'patternProperties', null, byName],
  ['Dependencies', 'dependencies', null],
  ['AdditionalItems', 'additionalItems', null, others],
  ['Definitions', 'definitions', null, byName],
  ['ExternalDocs', 'externalDocs', null],
  ['Example', 'example', null],
  ['XPreserveUnknownFields', 'x-kubernetes-preserve-unknown-fields', null],
  ['XEmbeddedResource', 'x-kubernetes-embedded-resource', false],
  ['XIntOrString', 'x-kubernetes-int-or-string', false],
  ['XListMapKeys', 'x-kubernetes-list-map-keys', null],
  ['XListType', 'x-kubernetes-list-type', null],
  ['XMapType', 'x-kubernetes-map-type', null],
  ['XValidations', 'x-kubernetes-validations', null, rules],
]

export const internalSchema = (schema: SchemaProps): Verbatim =>
  verbatimStruct(
    fields.map(([go, keyword, none, print]) => {
      const value = Object.hasOwn(schema, keyword) ? schema[keyword] : undefined
      return [go, value === undefined ? none : print ? print(value as never) : value]
    }),
  )

export const internalRule = (rule: ValidationRule): Verbatim =>
  verbatimStruct([
    ['Rule', rule.rule],
    ['Message', rule.message ?? ''],
    ['MessageExpression', rule.messageExpression ?? ''],
    ['Reason', rule.reason ?? null],
    ['FieldPath', rule.fieldPath ?? ''],
    ['OptionalOldSelf', rule.optionalOldSelf ?? null],
  ])
