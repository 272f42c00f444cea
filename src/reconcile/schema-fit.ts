/**
 * Cutting a value to a structural schema: what the schema does not declare, or declares with another type, is left out and named.
 *
 * Only what decides whether the server can take a value at all is looked at: declaration, type and enumeration. Patterns, bounds and
 * rules are left to the server. (apiextensions.k8s.io/v1, structural schemas)
 */
import { isMap, type JsonObject, type JsonValue } from '../api/object.ts'

/** A node of a schema; `any` below x-kubernetes-preserve-unknown-fields, where nothing is declared. */
export type Schema = JsonObject | 'any'

/** The schema of a map's field; undefined if the field has no place there. */
export function childSchema(schema: Schema, field: string): Schema | undefined {
  if (schema === 'any') return 'any'
  const properties = objectOf(schema['properties'])
  const declared = properties && Object.hasOwn(properties, field) ? objectOf(properties[field]) : undefined
  if (declared) return declared
  if (schema['additionalProperties'] === true) return 'any'
  const additional = objectOf(schema['additionalProperties'])
  if (additional) return additional
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return 'any'
  if (schema['x-kubernetes-embedded-resource'] === true && ['apiVersion', 'kind', 'metadata'].includes(field)) return 'any'
  return undefined
}

/** The schema of a list's items; undefined if the schema is not one of a list. */
export function itemSchema(schema: Schema): Schema | undefined {
  if (schema === 'any') return 'any'
  if (schema['type'] === 'array') return objectOf(schema['items']) ?? 'any'
  return schema['type'] === undefined && schema['x-kubernetes-preserve-unknown-fields'] === true ? 'any' : undefined
}

/** The part of a value that fits; undefined if nothing of it does. The paths of what is left out are added to `dropped`. */
export function fit(schema: Schema, value: JsonValue, path: string, dropped: string[]): JsonValue | undefined {
  if (schema === 'any') return value
  if (!accepts(schema, value)) {
    dropped.push(path)
    return undefined
  }
  if (Array.isArray(value)) {
    const items = itemSchema(schema) ?? 'any'
    return (value as readonly JsonValue[])
      .map((item, index) => fit(items, item, `${path}[${index}]`, dropped))
      .filter((item) => item !== undefined)
  }
  if (typeof value !== 'object' || value === null) return value
  const fitted: Record<string, JsonValue> = {}
  for (const [field, member] of Object.entries(value as JsonObject)) {
    if (member === undefined) continue
    const child = childSchema(schema, field)
    if (child === undefined) dropped.push(`${path}.${field}`)
    else {
      const result = fit(child, member, `${path}.${field}`, dropped)
      // defineProperty semantics: a field named __proto__ is data.
      if (result !== undefined)
        Object.defineProperty(fitted, field, { value: result, enumerable: true, configurable: true, writable: true })
    }
  }
  return fitted
}

function accepts(schema: JsonObject, value: JsonValue): boolean {
  if (value === null) return schema['nullable'] === true
  const enumeration = schema['enum']
  if (Array.isArray(enumeration) && typeof value !== 'object' && !enumeration.includes(value)) return false
  if (schema['x-kubernetes-int-or-string'] === true) return typeof value === 'string' || Number.isInteger(value)
  const type = schema['type']
  return typeof type !== 'string' || !Object.hasOwn(isOfType, type) || isOfType[type as keyof typeof isOfType](value)
}

const isOfType = {
  object: (value: JsonValue): boolean => typeof value === 'object' && !Array.isArray(value),
  array: (value: JsonValue): boolean => Array.isArray(value),
  string: (value: JsonValue): boolean => typeof value === 'string',
  boolean: (value: JsonValue): boolean => typeof value === 'boolean',
  integer: (value: JsonValue): boolean => Number.isInteger(value),
  number: (value: JsonValue): boolean => typeof value === 'number',
}

/** A value as a map, if it is one. */
export const objectOf = (value: unknown): JsonObject | undefined => (isMap(value) ? (value as JsonObject) : undefined)
