/**
 * What is wrong with one field of an object, as validation reports it.
 *
 * A validation gathers all of these; `invalid()` in api-error.ts makes one answer of them.
 * (apimachinery, util/validation/field/errors.go)
 */

import { badValue, quoted } from './go-text.ts'

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

export const formatValue = badValue

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
  withValue('FieldValueNotSupported', field, value, `supported values: ${allowed.map(quoted).join(', ')}`)
/** `limit`: bytes. */
export const tooLong = (field: string, limit: number): FieldError =>
  withoutValue('FieldValueTooLong', field, `may not be more than ${limit} bytes`)
export const tooMany = (field: string, count: number, limit: number): FieldError =>
  withValue('FieldValueTooMany', field, count, `must have at most ${limit} items`)

/** `spec.x: Invalid value: "y": must be …` */
export const formatFieldError = ({ field, message }: FieldError): string => `${field}: ${message}`
