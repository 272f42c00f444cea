/**
 * The document of version 2 in protocol buffers, which kubectl asks for before it sends a List, or a kind that it does not find.
 *
 * Only the definitions are in it: kubectl reads no paths. (gnostic-models, openapiv2/OpenAPIv2.proto: the numbers of the fields)
 */
import protobuf from 'protobufjs/minimal.js'
import type { JsonObject, JsonValue } from '../../api/object.ts'

type Writer = protobuf.Writer

const document = { swagger: 1, info: 2, paths: 8, definitions: 9 }
const info = { title: 1, version: 2 }
const named = { name: 1, value: 2 }
const schemaField = { additionalProperties: 21, type: 22, items: 23, allOf: 24, properties: 25, extension: 31 }

/** Fields that are one text or one flag. */
const texts: Readonly<Record<string, number>> = { $ref: 1, format: 2, title: 3, description: 4, pattern: 13 }
const embedded = 2
const varint = 0

/** `swagger`: the document as JSON has it. */
export function encodeDocument(swagger: JsonObject): Uint8Array<ArrayBuffer> {
  const writer = protobuf.Writer.create()
  const { title, version } = swagger['info'] as { title: string; version: string }
  text(writer, document.swagger, swagger['swagger'] as string)
  message(writer, document.info, (inner) => {
    text(inner, info.title, title)
    text(inner, info.version, version)
  })
  message(writer, document.paths, () => {})
  message(writer, document.definitions, (inner) => namedSchemas(inner, swagger['definitions'] as JsonObject))
  return writer.finish() as Uint8Array<ArrayBuffer>
}

function schema(writer: Writer, value: JsonObject): void {
  for (const [key, part] of Object.entries(value)) {
    const number = texts[key]
    if (number !== undefined) text(writer, number, part as string)
    else if (key.startsWith('x-')) {
      message(writer, schemaField.extension, (inner) => {
        text(inner, named.name, key)
        message(inner, named.value, (any) => text(any, 2, JSON.stringify(part)))
      })
    } else structure(writer, key, part as JsonValue)
  }
}

function structure(writer: Writer, key: string, part: JsonValue): void {
  switch (key) {
    case 'default':
      return message(writer, 5, (any) => text(any, 2, JSON.stringify(part)))
    case 'required':
      for (const name of part as string[]) text(writer, 19, name)
      return
    case 'enum':
      for (const each of part as JsonValue[]) message(writer, 20, (any) => text(any, 2, JSON.stringify(each)))
      return
    case 'additionalProperties':
      return message(writer, schemaField.additionalProperties, (inner) => {
        if (typeof part === 'boolean') inner.uint32((2 << 3) | varint).bool(part)
        else message(inner, 1, (of) => schema(of, part as JsonObject))
      })
    case 'type':
      return message(writer, schemaField.type, (inner) => {
        for (const each of typeof part === 'string' ? [part] : (part as string[])) text(inner, 1, each)
      })
    case 'items':
      return message(writer, schemaField.items, (inner) => message(inner, 1, (of) => schema(of, part as JsonObject)))
    case 'allOf':
      for (const each of part as JsonObject[]) message(writer, schemaField.allOf, (inner) => schema(inner, each))
      return
    case 'properties':
      return message(writer, schemaField.properties, (inner) => namedSchemas(inner, part as JsonObject))
    default:
      // Limits of values are not what clients check.
      return
  }
}

function namedSchemas(writer: Writer, schemas: JsonObject): void {
  for (const [name, value] of Object.entries(schemas))
    message(writer, 1, (inner) => {
      text(inner, named.name, name)
      message(inner, named.value, (of) => schema(of, value as JsonObject))
    })
}

const text = (writer: Writer, number: number, value: string): void => void writer.uint32((number << 3) | embedded).string(value)

function message(writer: Writer, number: number, write: (inner: Writer) => void): void {
  write(writer.uint32((number << 3) | embedded).fork())
  writer.ldelim()
}
