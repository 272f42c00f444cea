/**
 * The values that are worth trying for one field, as its schema has them: at its limits, empty, longest, each word of an enumeration, null.
 *
 * An ordinary value is one that nobody would wonder about; it stands where another field is tried. What a schema says in other words than these
 * (CEL, allOf) is the server's to refuse.
 */
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import { type StructuralSchema } from '../../api/schema/structural.ts'

export interface Value {
  /** What is tried: `its maximum`, `two items`. */
  title: string
  value: JsonValue
}

/** No field is tried with more than this, whatever its schema allows. */
const mostCharacters = 300
const mostItems = 12
/** What a number counts has to be made: where no maximum is, none is tried that is greater. */
const mostCounted = 40

/** Texts that a template or YAML could take for something else than a text. */
const odd: readonly Value[] = [
  { title: 'a text that YAML reads as another type', value: 'true' },
  { title: 'a text like a number', value: '1e3' },
  { title: 'a text like a template', value: '<%= it.name %>{{ .Values }}' },
  { title: 'a text like a list', value: '- a: b # c\n- d\n' },
  { title: 'letters of other alphabets', value: 'é漢😀' },
]

const ordinaryTexts = ['shop', 'a1', 'a.example.com', '1', 'A', '2026-01-02T03:04:05Z', '10.0.0.1', '1h', '100m']

/** An ordinary value of this schema. */
export function ordinary(schema: StructuralSchema): JsonValue {
  const { default: preset, minItems = 0 } = schema as { default?: JsonValue; minItems?: number }
  if (preset !== undefined) return preset
  const words = schema['enum'] as JsonValue[] | undefined
  if (words?.[0] !== undefined) return words[0]
  if (schema['x-kubernetes-int-or-string']) return 80
  switch (schema.type) {
    case 'boolean':
      return true
    case 'integer':
      return within(schema, 3)
    case 'number':
      return within(schema, 1.5)
    case 'string':
      return ordinaryText(schema)
    case 'array':
      return items(schema, Math.max(1, minItems))
    case 'object':
      return objectOf(schema, () => true)
    default:
      return schema['x-kubernetes-preserve-unknown-fields'] ? { any: ['thing', 1] } : null
  }
}

/** What is to be tried besides an ordinary value. */
export function limits(schema: StructuralSchema): Value[] {
  const values = schema.nullable ? [{ title: 'null', value: null }] : []
  const words = (schema['enum'] as JsonValue[] | undefined)?.map((value) => ({ title: `the word ${JSON.stringify(value)}`, value }))
  if (words) return [...values, ...words]
  if (schema['x-kubernetes-int-or-string'])
    return [...values, { title: '0', value: 0 }, { title: 'a number as text', value: '80' }, { title: 'a share', value: '50%' }]
  switch (schema.type) {
    case 'boolean':
      return [...values, { title: 'true', value: true }, { title: 'false', value: false }]
    case 'integer':
    case 'number':
      return [...values, ...numbers(schema)]
    case 'string':
      return [...values, ...texts(schema)]
    case 'array':
      return [...values, ...lists(schema)]
    case 'object':
      return [...values, ...objects(schema)]
    default:
      return [...values, ...(schema['x-kubernetes-preserve-unknown-fields'] ? anything : [])]
  }
}

const anything: readonly Value[] = [
  { title: 'a map within maps', value: { a: { b: { c: [1, { d: 'e' }] } } } },
  { title: 'an empty map', value: {} },
]

interface Bounds {
  minimum?: number
  maximum?: number
  exclusiveMinimum?: boolean
  exclusiveMaximum?: boolean
  multipleOf?: number
}

function boundsOf(schema: StructuralSchema): { least: number; most: number; step: number } {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema as Bounds
  const step = multipleOf ?? (schema.type === 'integer' ? 1 : 0.5)
  const least = minimum === undefined ? -mostCounted : Math.ceil(minimum / step) * step + (exclusiveMinimum ? step : 0)
  const most = maximum === undefined ? Math.max(least, mostCounted) : Math.floor(maximum / step) * step - (exclusiveMaximum ? step : 0)
  return { least, most, step }
}

function within(schema: StructuralSchema, wanted: number): number {
  const { least, most, step } = boundsOf(schema)
  return Math.min(most, Math.max(least, Math.round(wanted / step) * step))
}

function numbers(schema: StructuralSchema): Value[] {
  const { least, most, step } = boundsOf(schema)
  const wanted: [string, number][] = [
    [(schema as Bounds).minimum === undefined ? 'a value far below 0' : 'its least value', least],
    ['the one above its least', least + step],
    [(schema as Bounds).maximum === undefined ? 'a greater value' : 'its greatest value', most],
    ['0', 0],
    ['one less than nothing', -step],
  ]
  const allowed = wanted.filter(([, value]) => value >= least && value <= most)
  return unique(allowed.map(([title, value]) => ({ title, value })))
}

interface TextBounds {
  minLength?: number
  maxLength?: number
  pattern?: string
  format?: string
}

function fits(schema: StructuralSchema, text: string): boolean {
  const { minLength = 0, maxLength = Infinity, pattern } = schema as TextBounds
  const length = [...text].length
  return length >= minLength && length <= maxLength && (pattern === undefined || new RegExp(pattern, 'u').test(text))
}

function ordinaryText(schema: StructuralSchema): string {
  const formats: Record<string, string> = {
    'date-time': '2026-01-02T03:04:05Z',
    date: '2026-01-02',
    duration: '1h',
    byte: 'aGk=',
    uuid: zeros,
  }
  const formatted = formats[(schema as TextBounds).format ?? '']
  if (formatted !== undefined) return formatted
  const { minLength = 0 } = schema as TextBounds
  const long = 'x'.repeat(minLength)
  return [...ordinaryTexts, long].find((text) => fits(schema, text)) ?? long
}

const zeros = '00000000-0000-4000-8000-000000000000'

function texts(schema: StructuralSchema): Value[] {
  const { minLength = 0, maxLength = mostCharacters, format } = schema as TextBounds
  if (format !== undefined) return [{ title: `another ${format}`, value: ordinaryText(schema) }]
  const shortest = minLength === 0 ? { title: 'empty', value: '' } : { title: 'its least length', value: 'x'.repeat(minLength) }
  const longest = { title: 'its greatest length', value: 'x'.repeat(Math.min(maxLength, mostCharacters)) }
  const others = ordinaryTexts.slice(1).map((value) => ({ title: `the text ${value}`, value }))
  return unique([shortest, longest, ...odd, ...others.slice(0, 2)].filter(({ value }) => fits(schema, value as string)))
}

/** So many different items. */
function items(schema: StructuralSchema, count: number): JsonValue[] {
  const each = schema.items ?? {}
  return Array.from({ length: count }, (_, index) =>
    different(each, index, (schema['x-kubernetes-list-map-keys'] as string[] | undefined) ?? []),
  )
}

/** The ordinary value with another one for each index, where there are others. */
function different(schema: StructuralSchema, index: number, keys: readonly string[]): JsonValue {
  const value = ordinary(schema)
  if (index === 0) return value
  if (typeof value === 'number') return value + index
  if (typeof value === 'string') return schema['enum'] ? ((schema['enum'] as JsonValue[])[index] ?? value) : `${value}${index}`
  if (!isMap(value)) return value
  const [key] = keys.length > 0 ? keys : Object.keys(value)
  const member = key !== undefined && schema.properties?.[key]
  return key !== undefined && member ? { ...value, [key]: different(member, index, []) } : (value as JsonObject)
}

function lists(schema: StructuralSchema): Value[] {
  const { minItems = 0, maxItems = mostItems } = schema as { minItems?: number; maxItems?: number }
  const counts: [string, number][] = [
    ['no items', 0],
    ['one item', 1],
    ['two items', 2],
    ['as many items as it may have', Math.min(maxItems, mostItems)],
  ]
  return unique(
    counts.filter(([, count]) => count >= minItems && count <= maxItems).map(([title, count]) => ({ title, value: items(schema, count) })),
  )
}

function objects(schema: StructuralSchema): Value[] {
  if (schema.properties)
    return [
      { title: 'only what it needs', value: objectOf(schema, (name) => schema.required?.includes(name) === true) },
      { title: 'every field', value: objectOf(schema, () => true) },
    ]
  const member = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined
  if (!member) return schema['x-kubernetes-preserve-unknown-fields'] ? [...anything] : []
  const { maxProperties = mostItems } = schema as { maxProperties?: number }
  const map = (names: readonly string[]): JsonObject =>
    Object.fromEntries(names.slice(0, maxProperties).map((name, index) => [name, different(member, index, [])]))
  return [
    { title: 'no entries', value: {} },
    { title: 'one entry', value: map(['one']) },
    { title: 'several entries', value: map(['one', 'two', 'three']) },
    { title: 'names with dots and dashes', value: map(['a.b-c_d', '__proto__', 'constructor']) },
    { title: 'a name that is empty', value: map(['']) },
  ]
}

function objectOf(schema: StructuralSchema, has: (name: string) => boolean): JsonObject {
  return Object.fromEntries(
    Object.entries(schema.properties ?? {})
      .filter(([name]) => has(name))
      .map(([name, member]) => [name, ordinary(member)]),
  )
}

function unique(values: readonly Value[]): Value[] {
  const seen = new Set<string>()
  return values.filter(({ value }) => {
    const text = JSON.stringify(value)
    return !seen.has(text) && seen.add(text)
  })
}
