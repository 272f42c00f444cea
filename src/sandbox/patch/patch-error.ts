/** What the server answers to patches that it cannot read or do. (apiserver, endpoints/handlers/patch.go) */
import type { JsonValue } from '../../api/object.ts'
import { ApiError } from '../status/api-error.ts'

/** What becomes of unknown and duplicate fields: an error, a warning, nothing. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

/** A patch that cannot be done: the server does not say why. */
export const patchRejected = (): ApiError =>
  new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {})

/** What kind of JSON a value is, as decoding errors call it. */
export function jsonKind(value: JsonValue): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
