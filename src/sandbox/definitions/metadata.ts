/**
 * The metadata of a custom resource, and of objects embedded in it: typed, cleaned of what it does not know, empty values left out.
 *
 * (apiextensions-apiserver, schema/objectmeta: a round trip through Go's ObjectMeta; messages are those of encoding/json)
 */
import { isMap } from '../../api/object.ts'
import { isInteger } from '../status/go-text.ts'

interface Type {
  readonly kind: 'text' | 'integer' | 'boolean' | 'time' | 'texts' | 'textMap' | 'anything' | 'structs'
  /** As messages name it. */
  readonly go: string
  readonly struct?: Struct
  /** Written even when empty. */
  readonly always?: true
  /** A pointer: zero is a value. */
  readonly pointer?: true
}

interface Struct {
  readonly name: string
  readonly fields: ReadonlyMap<string, Type>
}

const struct = (name: string, fields: Readonly<Record<string, Type>>): Struct => ({ name, fields: new Map(Object.entries(fields)) })
const text: Type = { kind: 'text', go: 'string' }
const integer: Type = { kind: 'integer', go: 'int64' }
const time: Type = { kind: 'time', go: 'string' }
const uid: Type = { kind: 'text', go: 'types.UID' }
const textMap: Type = { kind: 'textMap', go: 'map[string]string' }
const flag: Type = { kind: 'boolean', go: 'bool', pointer: true }

const ownerReference = struct('OwnerReference', {
  apiVersion: { ...text, always: true },
  kind: { ...text, always: true },
  name: { ...text, always: true },
  uid: { ...uid, always: true },
  controller: flag,
  blockOwnerDeletion: flag,
})

const managedFieldsEntry = struct('ManagedFieldsEntry', {
  manager: text,
  operation: { kind: 'text', go: 'v1.ManagedFieldsOperationType' },
  apiVersion: text,
  time,
  fieldsType: text,
  fieldsV1: { kind: 'anything', go: 'v1.FieldsV1' },
  subresource: text,
})

const objectMeta = struct('ObjectMeta', {
  name: text,
  generateName: text,
  namespace: text,
  selfLink: text,
  uid,
  resourceVersion: text,
  generation: integer,
  creationTimestamp: time,
  deletionTimestamp: time,
  deletionGracePeriodSeconds: { ...integer, pointer: true },
  labels: textMap,
  annotations: textMap,
  ownerReferences: { kind: 'structs', go: 'v1.OwnerReference', struct: ownerReference },
  finalizers: { kind: 'texts', go: '[]string' },
  managedFields: { kind: 'structs', go: 'v1.ManagedFieldsEntry', struct: managedFieldsEntry },
})

/** A value of the wrong type; the message is Go's. */
export class MetadataTypeError extends Error {}

/**
 * @param unknown Gathers the paths of unknown fields, relative to the metadata: `ownerReferences[0].x`.
 * @throws MetadataTypeError
 */
export function coerceMetadata(value: unknown, unknown: string[]): Record<string, unknown> {
  if (value === null) return {}
  if (!isMap(value)) throw new MetadataTypeError(`json: cannot unmarshal ${jsonType(value)} into Go value of type v1.ObjectMeta`)
  return coerceStruct(value, objectMeta, '', '', unknown)
}

const jsonType = (value: unknown): string =>
  Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value

function mismatch(value: unknown, owner: string, go: string, withNumber = false): never {
  const what = withNumber ? `number ${JSON.stringify(value)}` : jsonType(value)
  throw new MetadataTypeError(`json: cannot unmarshal ${what} into Go struct field ${owner} of type ${go}`)
}

/** `where`: the fields that lead to the struct, as messages name them. */
function coerceStruct(
  map: { readonly [name: string]: unknown },
  { name: structName, fields }: Struct,
  where: string,
  path: string,
  unknown: string[],
): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const [name, type] of fields) if (type.always) result[name] = ''
  for (const [name, value] of Object.entries(map)) {
    const type = fields.get(name)
    if (type === undefined) {
      unknown.push(path + name)
      continue
    }
    if (value === null) continue
    const kept = coerce(value, type, where === '' ? `${structName}.${name}` : `${structName}.${where}.${name}`, path + name, unknown)
    if (kept !== undefined) result[name] = kept
  }
  return result
}

/** Undefined for a value that is left out. */
function coerce(value: unknown, type: Type, owner: string, path: string, unknown: string[]): unknown {
  switch (type.kind) {
    case 'text':
      if (typeof value !== 'string') mismatch(value, owner, type.go)
      return value === '' && !type.always ? undefined : value
    case 'integer':
      if (typeof value !== 'number') mismatch(value, owner, type.go)
      if (!isInteger(value)) mismatch(value, owner, type.go, true)
      return value === 0 && !type.pointer ? undefined : value
    case 'boolean':
      if (typeof value !== 'boolean') mismatch(value, owner, type.go)
      return value
    case 'time':
      if (typeof value !== 'string') mismatch(value, owner, type.go)
      return normalTime(value)
    case 'anything':
      return value
    case 'textMap':
      return textMapOf(value, owner, type.go)
    case 'texts':
      return textsOf(value, owner, type.go)
    case 'structs':
      return structsOf(value, type, owner, path, unknown)
  }
}

function textMapOf(value: unknown, owner: string, go: string): unknown {
  if (!isMap(value)) mismatch(value, owner, go)
  const entries = Object.entries(value)
  if (entries.length === 0) return undefined
  let nulls = false
  for (const [, member] of entries) {
    if (member === null) nulls = true
    else if (typeof member !== 'string') mismatch(member, owner, 'string')
  }
  return nulls ? Object.fromEntries(entries.map(([key, member]) => [key, member ?? ''])) : value
}

function textsOf(value: unknown, owner: string, go: string): unknown {
  if (!Array.isArray(value)) mismatch(value, owner, go)
  for (const item of value) if (item !== null && typeof item !== 'string') mismatch(item, owner, 'string')
  return value.length === 0 ? undefined : value.map((item) => item ?? '')
}

function structsOf(value: unknown, type: Type, owner: string, path: string, unknown: string[]): unknown {
  const { go, struct: item } = type
  if (!Array.isArray(value)) mismatch(value, owner, `[]${go}`)
  if (value.length === 0 || item === undefined) return undefined
  const field = owner.slice(owner.indexOf('.') + 1)
  return value.map((each, index) => {
    if (each !== null && !isMap(each)) mismatch(each, owner, go)
    return coerceStruct(each ?? {}, item, field, `${path}[${index}].`, unknown)
  })
}

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,]\d+)?(Z|[+-]\d{2}:\d{2})$/

/** To the second, in UTC. */
function normalTime(value: string): string {
  if (value.endsWith('Z') && value.length === 20 && rfc3339.test(value)) return value
  const parsed = rfc3339.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(parsed))
    throw new MetadataTypeError(
      `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`,
    )
  return `${new Date(parsed).toISOString().slice(0, 19)}Z`
}
