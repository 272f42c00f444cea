/** Small checks that many rules share. Each one adds what is wrong to a list, as the server orders it. (core/validation) */
import { compareQuantities, formatQuantity, parseQuantity, type Quantity } from '../../../api/quantity.ts'
import { type FieldError, forbidden, formatValue, invalidValue, notSupported, required } from '../../status/field-error.ts'
import { isDns1123Label, isInRange, isPercent, isPortName, isPortNumber, isQualifiedName } from '../names.ts'
import type { IntOrString } from './shapes.ts'

/** What validation has found so far. */
export type Errors = FieldError[]

export const negativeMessage = 'must be greater than or equal to 0'
export const immutableMessage = 'field is immutable'

/** One error for each message about a value. */
export function each(errors: Errors, path: string, value: unknown, messages: readonly string[]): void {
  for (const message of messages) errors.push(invalidValue(path, value, message))
}

export function nonNegative(errors: Errors, path: string, value: number | undefined): void {
  if (value !== undefined && value < 0) errors.push(invalidValue(path, value, negativeMessage))
}

export function positive(errors: Errors, path: string, value: number | undefined): void {
  if ((value ?? 0) <= 0) errors.push(invalidValue(path, value ?? 0, 'must be greater than zero'))
}

export const dnsLabel = (errors: Errors, path: string, value: string): void => each(errors, path, value, isDns1123Label(value))
export const qualifiedName = (errors: Errors, path: string, value: string): void => each(errors, path, value, isQualifiedName(value))

/** A field that has to be there and to be one of a few values. */
export function oneOf(errors: Errors, path: string, value: string | undefined, allowed: readonly string[]): void {
  if (!value) errors.push(required(path))
  else if (!allowed.includes(value)) errors.push(notSupported(path, value, allowed))
}

/** The value of a field that may be left out, if it is none of the allowed ones. */
export function supported(errors: Errors, path: string, value: string | undefined, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(value)) errors.push(notSupported(path, value, allowed))
}

export function portNumberOrName(errors: Errors, path: string, port: IntOrString | undefined): void {
  if (typeof port === 'string') each(errors, path, port, isPortName(port))
  else each(errors, path, port ?? 0, isPortNumber(port ?? 0))
}

/** Modes of files are written in octal and kept as a number. */
export function fileMode(errors: Errors, path: string, mode: number | undefined): void {
  if (mode !== undefined && (mode > 0o777 || mode < 0))
    errors.push(invalidValue(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive'))
}

export const inRange = (errors: Errors, path: string, value: number, low: number, high: number): void =>
  each(errors, path, value, isInRange(value, low, high))

/** An amount, or a share of one: `3`, `25%`. (apps/validation, ValidatePositiveIntOrPercent) */
export function intOrPercent(errors: Errors, path: string, value: IntOrString | undefined): void {
  if (typeof value === 'string') each(errors, path, value, isPercent(value))
  else nonNegative(errors, path, value)
}

/** The number in an amount or a percentage; text that is neither counts as 0. */
export function intOrPercentValue(value: IntOrString | undefined): number {
  if (typeof value !== 'string') return value ?? 0
  const text = /^[+-]?\d+$/.test(value) || isPercent(value).length === 0 ? value : '0'
  return Number.parseInt(text, 10)
}

export function notMoreThan100Percent(errors: Errors, path: string, value: IntOrString | undefined): void {
  if (typeof value !== 'string' || isPercent(value).length > 0 || Number.parseInt(value, 10) <= 100) return
  errors.push(invalidValue(path, value, 'must not be greater than 100%'))
}

const zero: Quantity = { nano: 0n, format: 'decimal' }

/** Decoding has refused what is no quantity. */
export const quantity = (text: string | number | undefined): Quantity => (text === undefined ? zero : (parseQuantity(text) ?? zero))
export const quantityText = (text: string | number): string => formatQuantity(quantity(text))
export const isNegative = (text: string | number): boolean => compareQuantities(quantity(text), zero) < 0
export const isPositive = (text: string | number): boolean => compareQuantities(quantity(text), zero) > 0
export const isWhole = (text: string | number): boolean => quantity(text).nano % 1_000_000_000n === 0n

/** A value that is printed without itself: `Invalid value: must be …`. (field.OmitValueType) */
export const invalidWithoutValue = (path: string, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field: path,
  message: `Invalid value: ${detail}`,
})

/** Texts as Go prints a list of them: `["a" "b"]`. */
export const goList = (texts: readonly string[]): string => `[${texts.map((text) => formatValue(text)).join(' ')}]`

export { type FieldError, forbidden, invalidValue, notSupported, required }

/**
 * Bytes come whole. The server counts thousandths in 64 bits, of which those beyond are lost, or all of an amount with a decimal suffix.
 * (apimachinery, api/resource, MilliValue)
 */
export function isFractional(amount: string): boolean {
  const thousandths = (quantity(amount).nano + 999_999n) / 1_000_000n
  const kept = BigInt.asIntN(64, thousandths)
  if (kept !== thousandths && /[kMGTPE]$/.test(amount)) return false
  return kept % 1000n !== 0n
}
