/**
 * The body of a request as an object of a built-in type: what Go's decoder would make of it, written back.
 *
 * Nearly all bodies are right, and take one pass (normalise.ts). Only what is not is looked at again, in the order of its text (inspect.ts).
 * (apimachinery, pkg/runtime/serializer/json; apiserver, pkg/endpoints/handlers/rest.go transformDecodeError)
 */
import type { JsonObject, JsonValue } from '../../api/object.ts'
import { type ApiError, badRequest } from '../status/api-error.ts'
import { inspect } from './inspect.ts'
import { isRegular, JsonSyntaxError, type JsonNode, nodeOf, parseJson } from './json-text.ts'
import { type Findings, normaliseStruct, wrongType } from './normalise.ts'
import type { Schema, StructSchema } from './schema.ts'

/** The value does not fit the type; the message is Go's. */
export class UnmarshalError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UnmarshalError'
  }
}

/**
 * A private copy of `body` as the server would hold it: types checked, unknown fields and nulls dropped, zero values dropped or added as in Go,
 * scalars in their canonical text, fields in the order of the type. Defaults are not filled in.
 *
 * @param problems Gathers what strict decoding refuses, in the server's order.
 * @param source The JSON text that `body` was parsed from. Without it, fields that were written twice are not seen, and a number is told as
 *   JavaScript writes it.
 * @throws ApiError (400) for a value of the wrong type
 */
export function decode(schema: StructSchema, body: JsonObject, problems: string[], source?: string): JsonObject {
  try {
    return unmarshal(schema, body, problems, source)
  } catch (error) {
    if (error instanceof UnmarshalError) throw cannotBeHandled(schema, body, error.message)
    throw error
  }
}

/** The same as `decode`, for callers with messages of their own. Throws an UnmarshalError. */
export function unmarshal(schema: StructSchema, body: JsonValue, problems: string[], source?: string): JsonObject {
  try {
    return unmarshalWithin(schema, body, problems, source)
  } catch (error) {
    // The stack may end earlier than the reader's limit of the depth.
    if (error instanceof RangeError || error instanceof JsonSyntaxError) throw new UnmarshalError('exceeded max depth')
    throw error
  }
}

function unmarshalWithin(schema: StructSchema, body: JsonValue, problems: string[], source: string | undefined): JsonObject {
  const findings: Findings = { unknownFields: false }
  let result: JsonObject | undefined
  try {
    if (source === undefined || isRegular(source, body)) {
      result = normaliseStruct(schema, body, findings)
      if (!findings.unknownFields) return result
    }
  } catch (error) {
    if (error !== wrongType) throw error
  }
  const node = source === undefined ? nodeOf(body) : parseJson(source)
  const inspection = inspect(schema, node)
  if (inspection.error !== undefined) throw new UnmarshalError(inspection.error)
  problems.push(...inspection.problems)
  return result ?? normaliseStruct(schema, plain(node, schema), findings)
}

/** `Deployment in version "v1" cannot be handled as a Deployment: …`: the answer to a body that does not fit, strictly or not at all. */
export function cannotBeHandled(schema: StructSchema, body: JsonObject, why: string): ApiError {
  const { kind, apiVersion } = body
  const version =
    typeof apiVersion === 'string' && apiVersion ? apiVersion.slice(apiVersion.indexOf('/') + 1) : schema.fullName.split('.').at(-2)
  const name = typeof kind === 'string' && kind ? kind : schema.typeName
  return badRequest(`${name} in version ${JSON.stringify(version)} cannot be handled as a ${schema.typeName}: ${why}`)
}

/** What strict decoding answers: `strict decoding error: unknown field "spec.x", …`. `problems` must not be empty. */
export const strictDecodingError = (schema: StructSchema, body: JsonObject, problems: readonly string[]): ApiError =>
  cannotBeHandled(schema, body, `strict decoding error: ${problems.join(', ')}`)

/** The value of a node. What was written twice is merged as Go's decoder does it, and quantities keep the text of a number. */
function plain(node: JsonNode, schema: Schema | undefined): JsonValue {
  switch (node.kind) {
    case 'null':
      return null
    case 'string':
    case 'bool':
      return node.value
    case 'number':
      return schema?.kind === 'scalar' && schema.type === 'quantity' ? node.text : numberOf(node.text)
    case 'array':
      return node.items.map((item) => plain(item, schema?.kind === 'list' ? schema.items : undefined))
    case 'object':
      return plainObject(node.entries, schema)
  }
}

/** The largest integers of 64 bits, which JavaScript would round up to one that is too large, become the largest that it has. */
const numberOf = (text: string): number => {
  const number = Number(text)
  return number === 2 ** 63 && text.length <= 19 && BigInt(text) < 2n ** 63n ? 2 ** 63 - 1024 : number
}

function plainObject(entries: readonly (readonly [string, JsonNode])[], schema: Schema | undefined): JsonObject {
  const nodes = new Map<string, JsonNode>()
  for (const [name, node] of entries) {
    const before = nodes.get(name)
    const merged = schema?.kind === 'struct' && before?.kind === 'object' && node.kind === 'object'
    nodes.set(name, merged ? { kind: 'object', entries: [...before.entries, ...node.entries] } : node)
  }
  const schemaOf = (name: string): Schema | undefined =>
    schema?.kind === 'struct' ? schema.fields.get(name)?.schema : schema?.kind === 'map' ? schema.values : undefined
  return Object.fromEntries([...nodes].map(([name, node]) => [name, plain(node, schemaOf(name))]))
}
