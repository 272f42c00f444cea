/**
 * One pass over what a client sent, along the schema: the object as the server's own types would hold and write it.
 *
 * Fields stand in the order of the Go type. Nulls are dropped, and so are zero values where Go leaves them out; fields that Go always writes are
 * added; scalars get their canonical text. The answer shares nothing with the argument. Meant for what is right: a value of the wrong type
 * throws `wrongType`, and fields that the type lacks are only noted; decoding-error.ts then looks closely.
 * (sigs.k8s.io/json; Go, encoding/json)
 */
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import type { AnySchema, ListSchema, MapSchema, Schema, StructField, StructSchema } from './schema.ts'
import { readScalar, zeroScalar } from './scalars.ts'

/** Thrown for any value of the wrong type; says nothing more. */
export const wrongType: unique symbol = Symbol('a value of the wrong type')

export interface Findings {
  /** A struct had fields that its type lacks. They are not in the answer. */
  unknownFields: boolean
}

type Mutable = Record<string, JsonValue>

/** @throws wrongType */
export function normaliseStruct(schema: StructSchema, value: JsonValue, findings: Findings): JsonObject {
  if (!isMap(value)) throw wrongType
  const result: Mutable = {}
  let known = 0
  for (const field of schema.fields.values()) {
    const { name, omit } = field
    const given = value[name]
    if (given === undefined) {
      if (omit === 'never') result[name] = absent(field, findings)
      continue
    }
    known += 1
    if (given === null) {
      if (omit === 'never') result[name] = absent(field, findings)
      continue
    }
    const normalised = normalise(field.schema, given, findings)
    if (omit === 'absent') result[name] = normalised
    else if (!isEmpty(normalised)) result[name] = normalised
    // The storage does not tell an empty list from none; an empty struct stays.
    else if (omit === 'never') result[name] = isContainer(field.schema) ? null : normalised
  }
  if (!findings.unknownFields && known < countKeys(value)) findings.unknownFields = true
  return result
}

function normalise(schema: Schema, value: JsonValue, findings: Findings): JsonValue {
  switch (schema.kind) {
    case 'scalar': {
      const read = readScalar(schema, value)
      if (read === undefined) throw wrongType
      return read
    }
    case 'struct':
      return normaliseStruct(schema, value, findings)
    case 'list':
      return normaliseList(schema, value, findings)
    case 'map':
      return normaliseMap(schema, value, findings)
    case 'any':
      return normaliseAny(schema, value)
  }
}

function normaliseList({ items }: ListSchema, value: JsonValue, findings: Findings): JsonValue {
  if (!Array.isArray(value)) throw wrongType
  return (value as JsonValue[]).map((item) => (item === null ? zero(items, findings) : normalise(items, item, findings)))
}

function normaliseMap({ values }: MapSchema, value: JsonValue, findings: Findings): JsonObject {
  if (!isMap(value)) throw wrongType
  const result: Mutable = {}
  for (const key in value) {
    const given = value[key] as JsonValue
    setOwn(result, key, given === null ? zeroOfMap(values, findings) : normalise(values, given, findings))
  }
  return result
}

function normaliseAny({ either }: AnySchema, value: JsonValue): JsonValue {
  if (either === undefined || typeof value !== 'object' || value === null)
    return either === undefined ? copyJson(value) : other(either.or, value)
  // What such a type contains is read on its own, and never strictly.
  const findings: Findings = { unknownFields: false }
  if (!Array.isArray(value)) return normaliseStruct(either.struct, value, findings)
  switch (either.or) {
    case 'boolean':
      throw wrongType
    case 'list':
      return value.length === 0 ? null : value.map((item: JsonValue) => normaliseStruct(either.struct, item ?? {}, findings))
    case 'strings':
      if (value.some((item) => typeof item !== 'string' && item !== null)) throw wrongType
      return value.length === 0 ? null : value.map((item: JsonValue) => item ?? '')
  }
}

/** A scalar where a schema or something else is expected: only one of the three types minds. */
function other(or: 'boolean' | 'list' | 'strings', value: JsonValue): JsonValue {
  if (or !== 'boolean') return null
  if (typeof value !== 'boolean') throw wrongType
  return value
}

const absent = (field: StructField, findings: Findings): JsonValue => (field.pointer ? null : zero(field.schema, findings))

/** What Go writes for a value of this type that was never set. */
function zero(schema: Schema, findings: Findings): JsonValue {
  switch (schema.kind) {
    case 'scalar':
      return zeroScalar(schema)
    case 'struct':
      return normaliseStruct(schema, {}, findings)
    case 'list':
    case 'map':
    case 'any':
      return null
  }
}

/** Bytes in a map come back from the storage empty instead of null. */
const zeroOfMap = (values: Schema, findings: Findings): JsonValue =>
  values.kind === 'scalar' && values.type === 'bytes' ? '' : zero(values, findings)

/** What omitempty leaves out: false, 0, the empty string, null, and lists and maps without entries. */
export function isEmpty(value: JsonValue): boolean {
  if (typeof value !== 'object') return !value
  if (value === null) return true
  if (Array.isArray(value)) return value.length === 0
  for (const _ in value as JsonObject) return false
  return true
}

const isContainer = ({ kind }: Schema): boolean => kind === 'list' || kind === 'map'

/** A deep copy of plain JSON. */
export function copyJson(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return (value as JsonValue[]).map(copyJson)
  const copy: Mutable = {}
  for (const key in value as JsonObject) setOwn(copy, key, copyJson((value as JsonObject)[key] as JsonValue))
  return copy
}

/** Sets a property whose name comes from a client: assigning `__proto__` would change the object's prototype instead. */
function setOwn(object: Mutable, key: string, value: JsonValue): void {
  if (key === '__proto__') Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true })
  else object[key] = value
}

function countKeys(object: JsonObject): number {
  let count = 0
  for (const _ in object) count += 1
  return count
}
