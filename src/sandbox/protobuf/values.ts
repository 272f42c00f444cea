/**
 * Values of the API's types in the protocol buffers encoding, as JSON.
 *
 * A field may come more than once: a list's items one by one, a map's entries one by one, and of a single value the last one counts.
 * (The generated.proto of each group, and what api/resource, meta/v1 and util/intstr write by hand.)
 */
import type { JsonObject, JsonValue } from '../../api/object.ts'
import type { AnySchema, ListSchema, MapSchema, ScalarSchema, Schema, StructSchema } from '../schema/schema.ts'
import { formatTime } from '../schema/time.ts'
import { type Message, messageOf } from './messages.ts'
import { ProtobufError, readMessage, readPacked, type Value } from './wire.ts'

/** Remembers which fields the messages have that it has met. */
export class ValueReader {
  readonly #messages = new Map<StructSchema, Message>()

  /** A struct's message. Zero values are in the answer, as the encoding writes them. */
  struct(bytes: Uint8Array, schema: StructSchema): JsonObject {
    let message = this.#messages.get(schema)
    if (message === undefined) {
      message = messageOf(schema)
      this.#messages.set(schema, message)
    }
    const values = new Map<string, JsonValue>()
    this.#fields(bytes, message, values)
    return Object.fromEntries(values)
  }

  #fields(bytes: Uint8Array, message: Message, values: Map<string, JsonValue>): void {
    readMessage(bytes, (number, value) => {
      const inlined = message.inlined.get(number)
      if (inlined !== undefined) return this.#fields(value.bytes(), inlined, values)
      const field = message.fields.get(number)
      if (field !== undefined) values.set(field.name, this.#field(field.schema, value, values.get(field.name)))
    })
  }

  #field(schema: Schema, value: Value, before: JsonValue | undefined): JsonValue {
    switch (schema.kind) {
      case 'list':
        return this.#items(schema, value, (before ?? []) as JsonValue[])
      case 'map':
        return this.#entry(schema, value, (before ?? {}) as JsonObject)
      case 'scalar':
      case 'struct':
      case 'any':
        return this.#single(schema, value)
    }
  }

  #items({ items }: ListSchema, value: Value, before: JsonValue[]): JsonValue {
    const integers = items.kind === 'scalar' && (items.type === 'integer' || items.type === 'boolean')
    if (integers && value.packed) before.push(...readPacked(value.bytes()).map((each) => (items.type === 'boolean' ? each !== 0 : each)))
    else before.push(this.#single(items, value))
    return before
  }

  /** An entry is a message of a key and a value, which is left out if it is empty. */
  #entry({ values }: MapSchema, entry: Value, before: JsonObject): JsonObject {
    let key = ''
    let value: JsonValue | undefined
    readMessage(entry.bytes(), (number, part) => {
      if (number === 1) key = part.text()
      else if (number === 2) value = this.#mapValue(values, part)
    })
    Object.defineProperty(before, key, { value: value ?? emptyOf(values), enumerable: true, writable: true, configurable: true })
    return before
  }

  /** A list as the value of a map is a message with the items. */
  #mapValue(schema: Schema, value: Value): JsonValue {
    if (schema.kind !== 'list') return this.#single(schema, value)
    let items: JsonValue = []
    readMessage(value.bytes(), (number, item) => {
      if (number === 1) items = this.#items(schema, item, items as JsonValue[])
    })
    return items
  }

  #single(schema: Schema, value: Value): JsonValue {
    switch (schema.kind) {
      case 'struct':
        return this.struct(value.bytes(), schema)
      case 'scalar':
        return readScalar(schema, value)
      case 'any':
        return schema.either === undefined ? readJson(value) : this.#either(schema.either, value)
      case 'list':
      case 'map':
        throw new TypeError('a list or a map is no single value')
    }
  }

  /** (apiextensions, JSONSchemaPropsOrBool, JSONSchemaPropsOrArray, JSONSchemaPropsOrStringArray) */
  #either({ struct, or }: NonNullable<AnySchema['either']>, value: Value): JsonValue {
    const schemaNumber = or === 'boolean' ? 2 : 1
    let schema: JsonValue | undefined
    let allows = false
    const list: JsonValue[] = []
    readMessage(value.bytes(), (number, part) => {
      if (number === schemaNumber) schema = this.struct(part.bytes(), struct)
      else if (or === 'boolean' && number === 1) allows = part.boolean()
      else if (or === 'list' && number === 2) list.push(this.struct(part.bytes(), struct))
      else if (or === 'strings' && number === 2) list.push(part.text())
    })
    if (list.length > 0) return list
    return schema ?? (or === 'boolean' ? allows : null)
  }
}

function readScalar({ type }: ScalarSchema, value: Value): JsonValue {
  switch (type) {
    case 'string':
      return value.text()
    case 'boolean':
      return value.boolean()
    case 'integer':
      return value.integer()
    case 'number':
      return value.double()
    case 'bytes':
      return Buffer.from(value.bytes()).toString('base64')
    case 'quantity':
      return readQuantity(value)
    case 'intOrString':
      return readIntOrString(value)
    case 'time':
    case 'microTime':
      return readTime(value, type === 'microTime')
    case 'duration':
      throw new TypeError('no built-in type has a duration')
  }
}

/** What stands for a value of a map that was left out. */
function emptyOf(schema: Schema): JsonValue {
  if (schema.kind === 'scalar') return schema.type === 'integer' ? 0 : ''
  return schema.kind === 'list' ? [] : {}
}

function readQuantity(value: Value): JsonValue {
  let text = '0'
  readMessage(value.bytes(), (number, part) => {
    if (number === 1) text = part.text()
  })
  return text
}

function readIntOrString(value: Value): JsonValue {
  let [type, integer, text] = [0, 0, '']
  readMessage(value.bytes(), (number, part) => {
    if (number === 1) type = part.integer()
    else if (number === 2) integer = part.integer()
    else if (number === 3) text = part.text()
  })
  return type === 0 ? integer : text
}

/** Without any field it is the time that was never set; fractions count only in a time to the microsecond. */
function readTime(value: Value, micro: boolean): JsonValue {
  const bytes = value.bytes()
  if (bytes.length === 0) return null
  let [seconds, nanoseconds] = [0, 0]
  readMessage(bytes, (number, part) => {
    if (number === 1) seconds = part.integer()
    else if (number === 2) nanoseconds = part.integer()
  })
  if (Math.abs(seconds) > latestSeconds) throw new ProtobufError('proto: a time is out of range')
  return formatTime({ seconds, nanoseconds: micro ? nanoseconds : 0 }, micro)
}

/** What a JavaScript date can tell. */
const latestSeconds = 8_640_000_000_000

/** JSON as it is. (runtime.RawExtension, meta/v1 FieldsV1, apiextensions JSON) */
function readJson(value: Value): JsonValue {
  let json: JsonValue = null
  readMessage(value.bytes(), (number, part) => {
    if (number !== 1) return
    const text = part.text()
    json = text === '' ? null : (JSON.parse(text) as JsonValue)
  })
  return json
}
