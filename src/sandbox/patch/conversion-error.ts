/**
 * What the server says of a strategic merge that makes something of an object that its types do not take.
 *
 * The merged maps are converted into the types without JSON in between, so these are not the messages of the JSON decoder; types that read
 * JSON themselves keep theirs. (apimachinery, pkg/runtime/converter.go)
 */
import type { Schema } from '../schema/schema.ts'

/** `why`: the decoder's message for the same value. */
export function conversionError(why: string, schema: Schema): string {
  const [, given, literal = '', , path = '', type] =
    /^json: cannot unmarshal (\w+)( \S+)? into Go (struct field [^.\s]+\.(\S+)|value) of type (\S+)$/.exec(why) ?? []
  if (given === undefined || type === undefined) return why
  const target = schemaAt(schema, path.split('.'), type)
  switch (target?.kind) {
    case undefined:
    case 'any':
      return why
    case 'struct':
      return `cannot restore struct from: ${kindOf(given, literal)}`
    case 'map':
      return `cannot restore map from ${kindOf(given, literal)}`
    case 'list':
      return `cannot restore slice from ${kindOf(given, literal)}`
    case 'scalar':
      if (readsJson.has(target.type)) return why.replace(/Go struct field \S+ of/, 'Go value of')
      return scalarError(kindOf(given, literal), target.type, type)
  }
}

const readsJson: ReadonlySet<string> = new Set(['intOrString', 'quantity', 'time', 'microTime', 'duration'])

const kinds: Readonly<Record<string, string>> = { array: 'slice', object: 'map' }

const kindOf = (given: string, literal: string): string =>
  given === 'number' ? (/[.eE]/.test(literal) ? 'float64' : 'int64') : (kinds[given] ?? given)

/** Go converts numbers into each other, and integers into texts; what it would convert and JSON does not is told apart from the rest. */
function scalarError(from: string, to: string, type: string): string {
  const isNumber = from === 'int64' || from === 'float64'
  const convertible = (isNumber && (to === 'integer' || to === 'number')) || (from === 'int64' && to === 'string')
  if (convertible) return `cannot convert ${from} to ${type}`
  return `unrecognized type: ${to === 'string' ? 'string' : to === 'boolean' ? 'bool' : type}`
}

/** The schema that the value was meant for. Lists have no place in the path, nor have the keys of maps. */
function schemaAt(schema: Schema, path: readonly string[], type: string): Schema | undefined {
  const [name, ...rest] = path
  switch (schema.kind) {
    case 'struct': {
      const field = name === undefined ? undefined : schema.fields.get(name)
      return name === undefined ? schema : field && schemaAt(field.schema, rest, type)
    }
    case 'list':
      return name === undefined && (type.startsWith('[]') || type === schema.goType) ? schema : schemaAt(schema.items, path, type)
    case 'map':
      return type === schema.goType || type.startsWith('map[') ? schema : schemaAt(schema.values, path, type)
    default:
      return schema
  }
}
