/**
 * What is wrong with one field of an object, as validation reports it.
 *
 * A validation gathers all of these; `invalid()` in api-error.ts makes one answer of them.
 * (apimachinery, util/validation/field/errors.go)
 */

export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'
  | 'FieldValueTypeInvalid'

export interface FieldError {
  readonly type: FieldErrorType
  /** `spec.template.spec.containers[0].name`; keys of maps in brackets: `metadata.labels[a]`. */
  readonly field: string
  /** The whole message without the field: `Invalid value: "x": must be …`. */
  readonly message: string
}

const words: Readonly<Record<FieldErrorType, string>> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  InternalError: 'Internal error',
  FieldValueTypeInvalid: 'Invalid value',
}

const withDetail = (head: string, detail: string): string => (detail ? `${head}: ${detail}` : head)

const withoutValue = (type: FieldErrorType, field: string, detail: string): FieldError => ({
  type,
  field,
  message: withDetail(words[type], detail),
})

const withValue = (type: FieldErrorType, field: string, value: unknown, detail: string): FieldError => ({
  type,
  field,
  message: withDetail(`${words[type]}: ${formatValue(value)}`, detail),
})

/** Texts quoted as Go does it, `null` for what is missing, all else as Go's JSON. */
export function formatValue(value: unknown): string {
  if (typeof value === 'string') return quoted(value)
  if (value === undefined) return 'null'
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, unicodeEscape)
}

const unicodeEscape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}

/** (Go, strconv.Quote) */
export const quoted = (text: string): string =>
  /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(text) ? `"${text}"` : `"${Array.from(text, quotedCharacter).join('')}"`

function quotedCharacter(character: string): string {
  const short = shortEscapes[character]
  if (short !== undefined) return short
  if (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : unicodeEscape(character)
}

export const required = (field: string, detail = ''): FieldError => withoutValue('FieldValueRequired', field, detail)
export const forbidden = (field: string, detail: string): FieldError => withoutValue('FieldValueForbidden', field, detail)
export const invalidValue = (field: string, value: unknown, detail: string): FieldError =>
  withValue('FieldValueInvalid', field, value, detail)
export const typeInvalid = (field: string, value: unknown, detail: string): FieldError =>
  withValue('FieldValueTypeInvalid', field, value, detail)
export const duplicate = (field: string, value: unknown): FieldError => withValue('FieldValueDuplicate', field, value, '')
export const notFoundValue = (field: string, value: unknown): FieldError => withValue('FieldValueNotFound', field, value, '')
/** The allowed values are printed in the order given. */
export const notSupported = (field: string, value: unknown, allowed: readonly string[]): FieldError =>
  withValue('FieldValueNotSupported', field, value, `supported values: ${allowed.map((each) => JSON.stringify(each)).join(', ')}`)
/** `limit`: bytes. */
export const tooLong = (field: string, limit: number): FieldError =>
  withoutValue('FieldValueTooLong', field, `may not be more than ${limit} bytes`)
export const tooMany = (field: string, count: number, limit: number): FieldError =>
  withValue('FieldValueTooMany', field, count, `must have at most ${limit} items`)

/** `spec.x: Invalid value: "y": must be …` */
export const formatFieldError = ({ field, message }: FieldError): string => `${field}: ${message}`
