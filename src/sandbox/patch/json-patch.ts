/**
 * JSON patch: a list of operations on places of a document, all or none. (RFC 6902; evanphx/json-patch v4 as the API server uses it)
 *
 * The server differs from the RFC in small ways: `replace` of a missing field adds it, `copy` of a missing field adds null, `add` without a
 * value adds null, and -1 is the last index. An operation that fails says nothing about why.
 */
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import { isList } from '../../fields/match.ts'
import { equalJson } from '../../api/equal.ts'
import { ApiError, badRequest } from '../status/api-error.ts'
import { type FieldValidation, jsonKind, patchRejected } from './patch-error.ts'
import { type Document, WorkingCopy } from './working-copy.ts'

const operationsLimit = 10_000

export interface JsonPatch {
  readonly operations: readonly JsonValue[]
  /** What strict decoding refuses and lenient decoding warns of. */
  readonly problems: readonly string[]
}

/** @throws ApiError 400 for what is no list of operations, 413 for too many */
export function readJsonPatch(patch: JsonValue, validation: FieldValidation): JsonPatch {
  const problems: string[] = []
  if (patch === null) return { operations: [], problems }
  const typed = validation !== 'Ignore'
  const mismatch = (kind: string, type: string) =>
    badRequest(`${typed ? 'error decoding patch: ' : ''}json: cannot unmarshal ${kind} into Go ${type}`)
  if (!isList(patch)) throw mismatch(jsonKind(patch), `value of type ${typed ? '[]handlers.jsonPatchOp' : 'jsonpatch.Patch'}`)
  patch.forEach((operation, at) => {
    if (operation === null) return
    if (!isMap(operation)) throw mismatch(jsonKind(operation), `value of type ${typed ? 'handlers.jsonPatchOp' : 'jsonpatch.Operation'}`)
    if (!typed) return
    for (const name of Object.keys(operation)) {
      const value = operation[name] as JsonValue
      if (name === 'op' || name === 'path' || name === 'from') {
        if (value !== null && typeof value !== 'string') throw mismatch(jsonKind(value), `struct field jsonPatchOp.${name} of type string`)
      } else if (name !== 'value') problems.push(`json patch unknown field "[${at}].${name}"`)
    }
  })
  if (patch.length > operationsLimit)
    throw new ApiError(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${operationsLimit}, got ${patch.length}`,
    )
  return { operations: patch, problems }
}

/**
 * The document after the operations; the document itself is not changed, and what they do not touch is shared.
 *
 * @throws ApiError 422 if one of them cannot be done
 */
export function applyJsonPatch(document: JsonObject, operations: readonly JsonValue[]): JsonValue {
  const copy = new WorkingCopy(document)
  for (const operation of operations) if (!isMap(operation) || !perform(copy, operation)) throw patchRejected()
  return copy.result()
}

/** Answers whether it could be done. */
function perform(copy: WorkingCopy, operation: JsonObject): boolean {
  const value = operation['value'] ?? null
  const path = pointer(operation['path'])
  switch (operation['op']) {
    case 'add':
      return path !== undefined && addAt(copy, path, value)
    case 'remove': {
      const place = path && placeAt(copy, path)
      return !!place && removeFrom(place)
    }
    case 'replace':
      return path !== undefined && replaceAt(copy, path, value)
    case 'move': {
      const from = pointer(operation['from'])
      const place = from && placeAt(copy, from)
      const moved = place && valueIn(place)
      if (!moved || !removeFrom(place) || path === undefined) return false
      return addAt(copy, path, moved.value ?? null)
    }
    case 'copy': {
      const from = pointer(operation['from'])
      const place = from && placeAt(copy, from)
      const copied = place && valueIn(place)
      if (!copied || path === undefined) return false
      return addAt(copy, path, structuredClone(copied.value ?? null))
    }
    case 'test':
      return path !== undefined && testAt(copy, path, operation['value'])
    default:
      return false
  }
}

/** `/a~1b/0` → `a/b`, `0`; the empty text is the whole document. */
type Pointer = readonly string[]

function pointer(text: JsonValue | undefined): Pointer | undefined {
  if (typeof text !== 'string') return undefined
  if (text === '') return []
  const parts = text.split('/')
  // What stands before the first slash is not looked at; without a slash there is no place.
  return parts.length < 2 ? [] : parts.slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** A place in an object or list that is there; the place itself may be empty. */
interface Place {
  readonly container: Document
  readonly key: string
}

function placeAt(copy: WorkingCopy, path: Pointer): Place | undefined {
  const key = path.at(-1)
  if (key === undefined) return undefined
  let container: Document = copy.root
  for (const part of path.slice(0, -1)) {
    const below = valueIn({ container, key: part })?.value
    if (below === undefined || below === null || typeof below !== 'object') return undefined
    container = copy.own(container, keyFor(container, part), below)
  }
  return { container, key }
}

const keyFor = (container: Document, key: string): string | number =>
  Array.isArray(container) ? (position(key, container.length) as number) : key

/** As Go reads a number: with a sign, with leading zeros. Negative ones count from the end. Undefined for what is none or before the start. */
function position(key: string, length: number): number | undefined {
  if (!/^[+-]?\d+$/.test(key)) return undefined
  const at = Number(key)
  return at < 0 ? (at < -length ? undefined : at + length) : at
}

/** Undefined where there cannot be a value; its `value` is undefined for a field that is not there. */
function valueIn({ container, key }: Place): { value: JsonValue | undefined } | undefined {
  if (!Array.isArray(container)) return { value: Object.hasOwn(container, key) ? container[key] : undefined }
  const at = position(key, container.length)
  return at === undefined || at >= container.length ? undefined : { value: container[at] }
}

function addAt(copy: WorkingCopy, path: Pointer, value: JsonValue): boolean {
  const place = placeAt(copy, path)
  if (!place) return false
  const { container, key } = place
  if (!Array.isArray(container)) {
    copy.set(container, key, value)
    return true
  }
  const at = key === '-' ? container.length : position(key, container.length + 1)
  if (at === undefined || at > container.length) return false
  container.splice(at, 0, value)
  return true
}

function removeFrom({ container, key }: Place): boolean {
  if (!Array.isArray(container)) return Object.hasOwn(container, key) && Reflect.deleteProperty(container, key)
  const at = position(key, container.length)
  if (at === undefined || at >= container.length) return false
  container.splice(at, 1)
  return true
}

function replaceAt(copy: WorkingCopy, path: Pointer, value: JsonValue): boolean {
  if (path.length === 0) return typeof value === 'object' && value !== null && copy.replaceRoot(value)
  const place = placeAt(copy, path)
  if (!place || !valueIn(place)) return false
  copy.set(place.container, keyFor(place.container, place.key), value)
  return true
}

function testAt(copy: WorkingCopy, path: Pointer, expected: JsonValue | undefined): boolean {
  if (path.length === 0) return equalJson(copy.root as JsonValue, expected)
  const place = placeAt(copy, path)
  const found = place && valueIn(place)
  return !!found && equalJson(found.value ?? null, expected ?? null)
}
