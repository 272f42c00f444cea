/** Messages of the protocol buffers encoding, field by field. */
import protobuf from 'protobufjs/minimal.js'

/** The bytes are no object of a built-in kind. */
export class ProtobufError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ProtobufError'
  }
}

/** The value of one field; each may be read once, with what its type says. Throws a ProtobufError for another type on the wire. */
export interface Value {
  bytes(): Uint8Array
  text(): string
  integer(): number
  boolean(): boolean
  double(): number
  /** Integers and booleans of a list may stand together in one field. */
  readonly packed: boolean
}

const [varint, fixed64, delimited] = [0, 1, 2]

/** Calls `visit` with every field. What it does not read is passed over. */
export function readMessage(bytes: Uint8Array, visit: (number: number, value: Value) => void): void {
  const reader = protobuf.Reader.create(bytes)
  while (reader.pos < reader.len) {
    const tag = reader.tag()
    const [number, wireType] = [tag >>> 3, tag & 7]
    const start = reader.pos
    const expect = (expected: number): protobuf.Reader => {
      if (wireType !== expected) throw new ProtobufError(`proto: wrong wireType = ${wireType} for field ${number}`)
      return reader
    }
    visit(number, {
      bytes: () => expect(delimited).bytes(),
      text: () => expect(delimited).string(),
      integer: () => Number(expect(varint).int64()),
      boolean: () => expect(varint).bool(),
      double: () => expect(fixed64).double(),
      packed: wireType === delimited,
    })
    if (reader.pos === start) reader.skipType(wireType)
  }
}

/** The integers that stand together in one field. */
export function readPacked(bytes: Uint8Array): number[] {
  const reader = protobuf.Reader.create(bytes)
  const integers: number[] = []
  while (reader.pos < reader.len) integers.push(Number(reader.int64()))
  return integers
}
