/**
 * How a value is looked at under a schema: as a map, a list or a scalar.
 *
 * A value without a schema is deduced: its maps are granular, its lists atomic. A struct without fields is such a map.
 * (structured-merge-diff, typed/helpers.go, deduceAtom; kube-openapi, schemaconv)
 */
import type { JsonObject, JsonValue } from '../../api/object.ts'
import { isList } from '../../fields/match.ts'
import { anySchema, type ListSchema, type MapSchema, type Schema, type StructSchema } from '../schema/schema.ts'

export { isList }

/** A value that may be missing. Null is a value. */
export type Maybe = JsonValue | undefined

export const deducedMap: MapSchema = { kind: 'map', values: anySchema, atomic: false }
export const deducedList: ListSchema = { kind: 'list', items: anySchema, listType: 'atomic', keys: [] }

/** The schema of a field of a map or struct; undefined where the field is not declared. */
export function fieldSchema(schema: StructSchema | MapSchema, name: string): Schema | undefined {
  if (schema.kind === 'map') return schema.values
  const declared = schema.fields.get(name)
  if (declared) return declared.schema
  return schema.preserveUnknown || schema.fields.size === 0 ? anySchema : undefined
}

/** Whether a field has a name of its own in the schema: then holding something below it does not mean holding it. */
export const isNamed = (schema: StructSchema | MapSchema, name: string): boolean => schema.kind === 'struct' && schema.fields.has(name)

/** Sets an own property, also one that is called __proto__. */
export function define(object: Record<string, JsonValue | undefined>, name: string, value: JsonValue | undefined): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true })
  else object[name] = value
}

/** The own property of an object; undefined for what it only inherits. */
export const own = (object: JsonObject, name: string): JsonValue | undefined => (Object.hasOwn(object, name) ? object[name] : undefined)

export function isEmptyObject(object: JsonObject): boolean {
  for (const name in object) if (object[name] !== undefined) return false
  return true
}
