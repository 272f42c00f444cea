/** The schemas that a schema is made of, one level down. (apiextensions-apiserver, apis/apiextensions/validation, SchemaHas) */
import type { SchemaProps } from '../json-schema.ts'

export function subschemas(schema: SchemaProps): SchemaProps[] {
  const { items, allOf = [], oneOf = [], anyOf = [], not, properties = {}, additionalProperties } = schema
  return [
    ...(items ? [items] : []),
    ...allOf,
    ...anyOf,
    ...oneOf,
    ...(not ? [not] : []),
    ...Object.values(properties),
    ...(typeof additionalProperties === 'object' ? [additionalProperties] : []),
  ]
}
