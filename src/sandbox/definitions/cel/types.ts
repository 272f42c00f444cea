/**
 * The types of CEL that a schema gives to its values, and the values themselves.
 *
 * An object is a message with the fields that the schema describes; a field whose type cannot be told is not there. Field names that CEL
 * cannot say are escaped. (apiserver, cel/common/schemas.go and values; cel/escaping.go)
 */
import { isMap } from '../../../api/object.ts'
import { isInteger } from '../../status/go-text.ts'
import type { SchemaProps } from '../json-schema.ts'
import type { Environment } from './module.ts'

/** A message value; a class of its own for each type, by which the engine tells them apart. */
type Message = Map<string, unknown>

export interface CelType {
  /** As the engine names it: `list<string>`, `Object3`. */
  readonly name: string
  toValue(value: unknown): unknown
}

export interface TypeMaker {
  /** The type of values of a schema; undefined where the schema does not tell. `whole`: the values are objects of the API. */
  typeOf(schema: SchemaProps, whole?: boolean): CelType | undefined
}

const text: SchemaProps = { type: 'string' }
const metadata: SchemaProps = { type: 'object', properties: { name: text, generateName: text } }

type DurationClass = new (seconds: bigint, nanoseconds: number) => unknown

/** Registers the types of messages in the environment. */
export function typeMaker(environment: Environment): TypeMaker {
  let count = 0
  // The class of durations is not exported.
  const { constructor: Duration } = environment.evaluate("duration('1s')") as { constructor: DurationClass }

  const textType = (format: string): CelType => {
    switch (format) {
      case 'byte':
        return { name: 'bytes', toValue: (value) => new Uint8Array(Buffer.from(String(value), 'base64')) }
      case 'duration':
        return { name: 'google.protobuf.Duration', toValue: (value) => durationOf(String(value), Duration) }
      case 'date':
      case 'date-time':
        return { name: 'google.protobuf.Timestamp', toValue: (value) => new Date(String(value)) }
      default:
        return { name: 'string', toValue: (value) => value }
    }
  }

  const objectType = (schema: SchemaProps, whole: boolean): CelType => {
    const { additionalProperties, properties = {} } = schema
    if (typeof additionalProperties === 'object') {
      const values = typeOf(additionalProperties)
      if (values) return mapType(values)
    }
    const all: Record<string, SchemaProps> = whole ? { ...properties, apiVersion: text, kind: text, metadata } : properties
    const fields = new Map<string, { readonly name: string; readonly type: CelType }>()
    for (const [property, member] of Object.entries(all)) {
      const name = escapeName(property)
      const type = typeOf(member)
      if (name !== undefined && type) fields.set(property, { name, type })
    }
    count += 1
    return messageType(environment, `Object${count}`, fields)
  }

  const plainType = (schema: SchemaProps, whole: boolean): CelType | undefined => {
    switch (schema.type) {
      case 'string':
        return textType(schema.format ?? '')
      case 'integer':
        return { name: 'int', toValue: (value) => (typeof value === 'number' ? BigInt(Math.trunc(value)) : value) }
      case 'number':
        return { name: 'double', toValue: (value) => value }
      case 'boolean':
        return { name: 'bool', toValue: (value) => value }
      case 'array': {
        const items = schema.items && typeOf(schema.items)
        return items && { name: `list<${items.name}>`, toValue: (value) => (Array.isArray(value) ? value.map(items.toValue) : value) }
      }
      case 'object':
        return objectType(schema, whole || schema['x-kubernetes-embedded-resource'] === true)
      default:
        return undefined
    }
  }

  function typeOf(schema: SchemaProps, whole = false): CelType | undefined {
    if (schema['x-kubernetes-int-or-string']) return { name: 'dyn', toValue: dynamicValue }
    const type = plainType(schema, whole)
    // The engine has no type for a value that may be null as well.
    return type && schema.nullable === true ? { name: 'dyn', toValue: (value) => (value === null ? null : type.toValue(value)) } : type
  }
  return { typeOf }
}

function mapType(values: CelType): CelType {
  return {
    name: `map<string, ${values.name}>`,
    toValue: (value) => (isMap(value) ? new Map(Object.entries(value).map(([key, member]) => [key, values.toValue(member)])) : value),
  }
}

function messageType(
  environment: Environment,
  typeName: string,
  fields: ReadonlyMap<string, { readonly name: string; readonly type: CelType }>,
): CelType {
  const Values = class extends Map<string, unknown> {}
  environment.registerType(typeName, {
    ctor: Values,
    fields: Object.fromEntries([...fields.values()].map(({ name, type }) => [name, type.name])),
  })
  environment.registerOperator(`${typeName} == ${typeName}`, (a: Message, b: Message) => areEqual(a, b))
  return {
    name: typeName,
    toValue: (value) => {
      if (!isMap(value)) return value
      const message = new Values()
      for (const [property, { name, type }] of fields) if (Object.hasOwn(value, property)) message.set(name, type.toValue(value[property]))
      return message
    },
  }
}

/** A value that no schema describes: whole numbers are integers. */
export function dynamicValue(value: unknown): unknown {
  if (typeof value === 'number') return isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(dynamicValue)
  return isMap(value) ? new Map(Object.entries(value).map(([key, member]) => [key, dynamicValue(member)])) : value
}

export function areEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (a instanceof Map)
    return b instanceof Map && a.size === b.size && [...a].every(([key, value]) => b.has(key) && areEqual(value, b.get(key)))
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => areEqual(item, b[index]))
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null)
    return a.valueOf() === b.valueOf() || String(a) === String(b)
  // An integer and a float may be the same number.
  if (typeof a === 'bigint' && typeof b === 'number') return Number.isInteger(b) && a === BigInt(b)
  return typeof a === 'number' && typeof b === 'bigint' && Number.isInteger(a) && BigInt(a) === b
}

const nanoseconds: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

function durationOf(value: string, Duration: DurationClass): unknown {
  let total = 0n
  for (const [, whole = '', fraction = '', unit = 's'] of value.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g))
    total += (BigInt(`${whole}${fraction}` || '0') * (nanoseconds[unit] ?? 1n)) / 10n ** BigInt(fraction.length)
  if (value.startsWith('-')) total = -total
  return new Duration(total / 1_000_000_000n, Number(total % 1_000_000_000n))
}

const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
)
const escapes: Readonly<Record<string, string>> = { __: '__underscores__', '.': '__dot__', '-': '__dash__', '/': '__slash__' }

/** How CEL says the name of a property; undefined for one that it cannot say. */
export function escapeName(name: string): string | undefined {
  if (reserved.has(name)) return `__${name}__`
  return /^[A-Za-z_][A-Za-z0-9_./-]*$/.test(name) ? name.replace(/__|[.\-/]/g, (part) => escapes[part] as string) : undefined
}
