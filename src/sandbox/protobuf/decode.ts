/**
 * Objects of built-in kinds in the protocol buffers encoding, which typed Go clients and some commands of kubectl send.
 *
 * A body is the four bytes `k8s\0` and a message that names the kind and holds the object in its kind's own message. The numbers of the fields
 * come from the types' table. What comes out is what the same object would be as JSON, in the form that the decoder of JSON gives it.
 * (apimachinery, pkg/runtime/serializer/protobuf)
 */
import { gvkOf, type JsonObject } from '../../api/object.ts'
import { normaliseStruct, wrongType } from '../schema/normalise.ts'
import type { Types } from '../schema/types.ts'
import { ValueReader } from './values.ts'
import { ProtobufError, readMessage } from './wire.ts'

export { ProtobufError }

export interface TypeMeta {
  readonly apiVersion: string
  readonly kind: string
}

/** `expected`: what a body is that does not name its kind. Throws a ProtobufError. */
export type DecodeProtobuf = (bytes: Uint8Array, expected?: TypeMeta) => JsonObject

/** One decoder for all requests. */
export function createProtobufDecoder(types: Types): DecodeProtobuf {
  const values = new ValueReader()
  return (bytes, expected = { apiVersion: '', kind: '' }) => {
    if (bytes.length === 0) throw new ProtobufError('empty data')
    if (bytes.length === magic.length && isProtobuf(bytes)) throw new ProtobufError('empty body')
    if (!isProtobuf(bytes))
      throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
    return told(() => {
      const { apiVersion, kind, raw } = readUnknown(bytes.subarray(magic.length))
      const meta: TypeMeta = { apiVersion: apiVersion || expected.apiVersion, kind: kind || expected.kind }
      const schema = types.typeOf(gvkOf(meta))
      if (schema === undefined)
        throw new ProtobufError(`no kind ${JSON.stringify(meta.kind)} is registered for version ${JSON.stringify(meta.apiVersion)}`)
      return normaliseStruct(schema, { ...meta, ...values.struct(raw, schema) }, { unknownFields: false })
    })
  }
}

const magic = [0x6b, 0x38, 0x73, 0x00]

/** Whether the bytes begin as every body in this encoding does. */
export const isProtobuf = (bytes: Uint8Array): boolean => magic.every((byte, index) => bytes[index] === byte)

/** (apimachinery, runtime.Unknown) */
function readUnknown(bytes: Uint8Array): TypeMeta & { raw: Uint8Array } {
  let [apiVersion, kind, raw] = ['', '', new Uint8Array()]
  readMessage(bytes, (number, value) => {
    if (number === 2) raw = value.bytes() as Uint8Array<ArrayBuffer>
    if (number !== 1) return
    readMessage(value.bytes(), (inner, part) => {
      if (inner === 1) apiVersion = part.text()
      else if (inner === 2) kind = part.text()
    })
  })
  return { apiVersion, kind, raw }
}

/** Every failure of reading as one kind of error. */
function told<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    // A message that ends too early, one that is nested too deep for the stack, or JSON inside that is none.
    if (error instanceof RangeError || error instanceof SyntaxError) throw new ProtobufError('unexpected EOF')
    if (error === wrongType) throw new ProtobufError('proto: a value is out of its range')
    if (error instanceof ProtobufError || error instanceof TypeError || !(error instanceof Error)) throw error
    // The wire reader's own.
    throw new ProtobufError(`proto: ${error.message}`)
  }
}
