/**
 * The body of a request, as the object that it means.
 *
 * (apimachinery, runtime/serializer; the messages are those of Go's decoders)
 */
import { load } from 'js-yaml'
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import { JsonSyntaxError, readJson } from '../schema/json-text.ts'
import { ApiError, badRequest, internalError, requestTooLarge, unsupportedMediaType } from '../status/api-error.ts'
import { writtenOut } from './aliases.ts'
import type { Exchange } from './exchange.ts'

/** More than this a server does not read. (apiserver, server/config.go) */
export const bodyLimitBytes = 3 * 1024 * 1024

/**
 * The body's bytes. Throws ApiError (413) for more than a server takes; of a body that comes in chunks, no more than that is read.
 *
 * A connection makes sure that a body is as long as its `Content-Length` says.
 */
export async function readBytes(request: Request, header: (name: string) => string | undefined): Promise<Uint8Array> {
  if (Number(header('content-length') ?? 0) > bodyLimitBytes) throw requestTooLarge(bodyLimitBytes)
  if (header('transfer-encoding') === undefined) {
    const bytes = new Uint8Array(await request.arrayBuffer())
    if (bytes.length > bodyLimitBytes) throw requestTooLarge(bodyLimitBytes)
    return bytes
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > bodyLimitBytes) throw requestTooLarge(bodyLimitBytes)
    chunks.push(chunk)
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks)
}

/** Levels of maps and lists that a decoder goes down. (sigs.k8s.io/json) */
const depthLimit = 10_000

export interface Body {
  readonly object: JsonObject
  /** The JSON as it came, for what parsing loses; undefined for another format. */
  readonly text: string | undefined
}

const offered = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf']

/** Throws an Error whose message tells what is wrong with the bytes. */
export type ProtobufDecoder = (bytes: Uint8Array, expected: { apiVersion: string; kind: string }) => JsonObject

/**
 * Reads the object that a request brings.
 *
 * @param expected the kind that the path stands for, as messages name it
 * @param protobuf where the kind has an encoding in protocol buffers; a body that does not say what it is is of the expected kind
 * @throws ApiError 400 for what cannot be read, 413 for what is too long, 415 for another format
 */
export async function readObject(
  exchange: Exchange,
  expected: { apiVersion: string; kind: string },
  protobuf?: ProtobufDecoder,
): Promise<Body> {
  const type = mediaType(exchange)
  const bytes = await exchange.body()
  switch (type) {
    case '':
    case 'application/json': {
      const text = textOf(bytes)
      return { object: parseTyped(text, expected.kind), text }
    }
    case 'application/yaml':
      return { object: parseTypedYaml(textOf(bytes), expected.kind), text: undefined }
    case 'application/vnd.kubernetes.protobuf':
      if (protobuf) return { object: decodeProtobuf(bytes, expected, protobuf), text: undefined }
      throw unsupportedMediaType(offered.slice(0, 2))
    default:
      throw unsupportedMediaType(protobuf ? offered : offered.slice(0, 2))
  }
}

function decodeProtobuf(bytes: Uint8Array, expected: { apiVersion: string; kind: string }, protobuf: ProtobufDecoder): JsonObject {
  try {
    return protobuf(bytes, expected)
  } catch (error) {
    const { message } = error as Error
    const [, kind, apiVersion = ''] = /^no kind "(.*)" is registered for version "(.*)"$/.exec(message) ?? []
    if (kind !== undefined)
      throw badRequest(
        `${kind} in version ${JSON.stringify(apiVersion.split('/').at(-1))} cannot be handled as a ${expected.kind}: ${message} in scheme "pkg/runtime/scheme.go:111"`,
      )
    throw badRequest(
      `the object provided is unrecognized (must be of type ${expected.kind}): ${(error as Error).message} (${shownBytes(bytes)})`,
    )
  }
}

/** A mark at the begin stays: it is no JSON. */
const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)

export const mediaType = (exchange: Exchange): string =>
  (exchange.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''

function parseTyped(text: string, expected: string, source = text): JsonObject {
  const unrecognized = (why: string, shown: string): ApiError =>
    badRequest(
      `the object provided is unrecognized (must be of type ${expected}): couldn't get version/kind; json parse error: ${why} (${shown})`,
    )
  let value: JsonValue
  try {
    value = parseJson(text)
  } catch (error) {
    // Too deep for a walk over it: no fault of the text.
    if (error instanceof RangeError) throw error
    throw unrecognized((error as Error).message, excerpt(text))
  }
  if (value === null) return {}
  if (!isMap(value)) throw unrecognized(intoTypeMeta(value), hex(source))
  for (const [name, member] of Object.entries(value))
    if ((name === 'apiVersion' || name === 'kind') && typeof (member ?? '') !== 'string')
      throw unrecognized(
        `json: cannot unmarshal ${jsonKind(member as JsonValue)} into Go struct field .${name} of type string`,
        excerpt(source),
      )
  return value
}

/** By way of JSON with sorted fields, where there is something to be said. */
function parseTypedYaml(text: string, expected: string): JsonObject {
  let value: unknown
  try {
    value = readYaml(text)
  } catch (error) {
    throw badRequest(`the object provided is unrecognized (must be of type ${expected}): ${yamlProblem(error)} (${hex(text)})`)
  }
  if (!isMap(value as JsonValue)) return parseTyped(JSON.stringify(value ?? {}), expected, text)
  const { apiVersion, kind } = value as JsonObject
  if (typeof (apiVersion ?? '') !== 'string' || typeof (kind ?? '') !== 'string')
    parseTyped(JSON.stringify({ apiVersion, kind }), expected, text)
  return value as JsonObject
}

const loadYaml = (text: string): unknown => (text.includes('*') ? writtenOut(load(text)) : load(text))

/** Throws an Error for what is no YAML. */
function readYaml(text: string): unknown {
  const value = loadYaml(text)
  // Without quotes the escape is none.
  if (!halfCharacter.test(text) || !(text.trimStart().startsWith('{') || halfCharacter.test(JSON.stringify(value)))) return value
  const line = text.slice(0, text.search(halfCharacter)).split('\n').length - 1
  throw Object.assign(new Error(halfCharacterProblem), line > 0 && { reason: halfCharacterProblem, mark: { line } })
}

const halfCharacter = /(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]/
const halfCharacterProblem = 'found invalid Unicode character escape code'

/** JSON; errors in the words of Go's decoder. */
export function parseJson(text: string): JsonValue {
  const deep = tooDeep(text)
  if (deep !== undefined) throw new SyntaxError(`invalid character '${deep}' exceeded max depth`)
  return loneSurrogate.test(text) ? wellFormed(readJson(text)) : readJson(text)
}

const loneSurrogate = /\\u[dD][89a-fA-F]/

/** Half a character is none: each becomes the sign for that, as in Go. */
function wellFormed(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map(wellFormed)
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toWellFormed(), wellFormed(member as JsonValue)]))
}

/** The bracket that goes too deep; undefined where none does. */
function tooDeep(text: string): string | undefined {
  if (text.length < depthLimit) return undefined
  let depth = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const character = text[at]
    if (quoted) {
      if (character === '\\') at++
      else if (character === '"') quoted = false
    } else if (character === '"') quoted = true
    else if (character === '{' || character === '[') {
      if (++depth > depthLimit) return character
    } else if (character === '}' || character === ']') depth--
  }
  return undefined
}

/** `meta/v1` DeleteOptions; undefined for an empty body. */
export async function readDeleteOptions(exchange: Exchange, protobuf: ProtobufDecoder): Promise<JsonObject | undefined> {
  const bytes = await exchange.body()
  if (bytes.length === 0) return undefined
  const type = mediaType(exchange)
  if (type === 'application/vnd.kubernetes.protobuf')
    return decodeProtobuf(bytes, { apiVersion: 'meta.k8s.io/v1', kind: 'DeleteOptions' }, protobuf)
  if (type !== '' && type !== 'application/json' && type !== 'application/yaml') throw unsupportedMediaType(offered)
  const text = textOf(bytes)
  const unreadable = (why: string): ApiError => badRequest(`couldn't get version/kind; json parse error: ${why}`)
  let value: JsonValue
  try {
    value = type === 'application/yaml' ? (loadYaml(text) as JsonValue) : parseJson(text)
  } catch (error) {
    throw unreadable((error as Error).message)
  }
  if (isMap(value)) return value
  throw unreadable(intoTypeMeta(value))
}

export type Patch =
  | { readonly kind: 'json'; readonly text: string }
  | { readonly kind: 'merge' | 'strategic'; readonly text: string }
  | { readonly kind: 'apply'; readonly configuration: JsonObject; readonly text: string }

/** The patch that a request brings, by its content type. */
export async function readPatch(exchange: Exchange): Promise<Patch> {
  const type = mediaType(exchange)
  const text = async (): Promise<string> => textOf(await exchange.body())
  switch (type) {
    case 'application/json-patch+json':
      return { kind: 'json', text: await text() }
    case 'application/merge-patch+json':
      return { kind: 'merge', text: await text() }
    case 'application/strategic-merge-patch+json':
      return { kind: 'strategic', text: await text() }
    case 'application/apply-patch+yaml':
      return readConfiguration(await text())
    default:
      throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
  }
}

function readConfiguration(text: string): Patch {
  if (/^\s*\{/.test(text) && tooDeep(text) !== undefined)
    throw badRequest(`error decoding YAML: error converting YAML to JSON: yaml: exceeded max depth of ${depthLimit}`)
  let value: unknown
  try {
    value = halfCharacter.test(text) ? undefined : fromJson(text)
    if (value === undefined) value = text.trim() === '' ? null : readYaml(text)
  } catch (error) {
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${yamlProblem(error)}`)
  }
  if (value === null || value === undefined) return { kind: 'apply', configuration: {}, text }
  if (!isMap(value as JsonValue))
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value as JsonValue)} into Go value of type map[string]interface {}`,
    )
  return { kind: 'apply', configuration: value as JsonObject, text }
}

/** JSON is YAML, and faster to read; undefined for what is none. */
function fromJson(text: string): unknown {
  if (!/^\s*\{/.test(text)) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Where a text stops being YAML. The words after the line are not those of the real server, whose parser is another. */
function yamlProblem(error: unknown): string {
  const { mark, reason, message } = error as Error & { mark?: { line: number }; reason?: string }
  return mark ? `yaml: line ${mark.line + 1}: ${reason}` : `yaml: ${message}`
}

/** As Go's decoder names the kind of a value. */
export const jsonKind = (value: JsonValue): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : value === null ? 'null' : typeof value

export const intoTypeMeta = (value: JsonValue): string =>
  `json: cannot unmarshal ${jsonKind(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`

const excerptLength = 30

/** Text that looks like JSON is shown as it is, another as its bytes. */
export function excerpt(text: string): string {
  if (text === '') return '<empty>'
  if (!text.startsWith('{')) return hex(text)
  return text.length > excerptLength ? `${text.slice(0, excerptLength)} ...` : text
}

const hex = (text: string): string => hexBytes(Buffer.from(text))

const shownBytes = (bytes: Uint8Array): string =>
  bytes.length === 0 || bytes[0] === 0x7b ? excerpt(textOf(bytes)) : hexBytes(Buffer.from(bytes))

function hexBytes(bytes: Buffer): string {
  return bytes.length > excerptLength ? `${bytes.subarray(0, excerptLength).toString('hex')} ...` : bytes.toString('hex')
}

/** Any error as an answer. Values that go too deep for a walk over them are the client's fault; what nobody foresaw is the sandbox's. */
export const asApiError = (error: unknown): ApiError => {
  if (error instanceof ApiError) return error
  if (error instanceof JsonSyntaxError || (error instanceof RangeError && /call stack/.test(error.message)))
    return badRequest('exceeded max depth')
  return internalError(`the sandbox failed: ${String(error)}`)
}
