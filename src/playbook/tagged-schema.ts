/** Schemas as they hold for what is written: wherever a value is wanted, a text with a tag may stand for it. */
import { isMap, type JsonObject, type JsonValue } from '../api/object.ts'

/** Of a text with a tag. */
export const tagPattern = '<%='

const tag: JsonObject = { type: 'string', pattern: tagPattern }

/** Keywords whose values are schemas by name, lists of schemas, and schemas. */
const byName = ['properties', 'patternProperties', '$defs']
const lists = ['anyOf', 'oneOf', 'allOf']
const single = ['items', 'additionalProperties']

export function tagged(schema: JsonObject): JsonObject {
  const inner: Record<string, JsonValue | undefined> = { ...schema }
  for (const key of byName) {
    const schemas = schema[key]
    if (isMap(schemas))
      inner[key] = Object.fromEntries(Object.entries(schemas).map(([name, each]) => [name, isMap(each) ? tagged(each) : each]))
  }
  for (const key of lists) {
    const schemas = schema[key]
    if (Array.isArray(schemas)) inner[key] = schemas.map((each: JsonValue) => (isMap(each) ? tagged(each) : each))
  }
  for (const key of single) {
    const each = schema[key]
    if (isMap(each)) inner[key] = tagged(each)
  }
  // A key may have a tag too.
  if (inner['propertyNames'] !== undefined) inner['propertyNames'] = { anyOf: [inner['propertyNames'] as JsonObject, tag] }
  return takesTag(schema) ? inner : { ...described(schema), anyOf: [without(inner, 'description'), tag] }
}

/** Whether a text with a tag is one of its values already. */
function takesTag(schema: JsonObject): boolean {
  if (['anyOf', 'oneOf', '$ref'].some((key) => key in schema)) return true
  if (schema['pattern'] !== undefined || schema['enum'] !== undefined || schema['const'] !== undefined) return false
  const { type } = schema
  return type === undefined || (Array.isArray(type) ? type.includes('string') : type === 'string')
}

const described = ({ description }: JsonObject): JsonObject => (description === undefined ? {} : { description })

const without = (schema: JsonObject, key: string): JsonObject => Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key))
