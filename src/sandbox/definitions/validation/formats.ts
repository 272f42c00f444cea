/**
 * Formats of texts that the server checks; a format that it does not know, or that does not belong to the type, is no check.
 *
 * (apiextensions-apiserver, apiserver/validation/formats.go; kube-openapi, validation/strfmt)
 */
import { type SchemaProps, typesOf } from '../json-schema.ts'
import { isCidr, isIp, isMac } from './addresses.ts'
import { isEmail, isRequestUri } from './identifiers.ts'

const hostname =
  /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$/u
const creditCard =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$/
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/
const rgb =
  /^rgb\([\t\n\f\r ]*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])[\t\n\f\r ]*,[\t\n\f\r ]*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])[\t\n\f\r ]*,[\t\n\f\r ]*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])[\t\n\f\r ]*\)$/
const shortName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const longName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const goDuration = /^[-+]?((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/
const looseDuration = /(\d+)[\t\n\f\r ]*([A-Za-zµ]+)/g
const units = [
  ['ns', 'nano'],
  ['us', 'µs', 'micro'],
  ['ms', 'milli'],
  ['s', 'sec'],
  ['m', 'min'],
  ['h', 'hr', 'hour'],
  ['d', 'day'],
  ['w', 'wk', 'week'],
]
const time = /^(\d{2}):(\d{2}):(\d{2})(.\d+)?(z|([+-]\d{2}:\d{2}))$/

const matches = (pattern: RegExp) => (text: string) => pattern.test(text)
const byteLength = (text: string): number => Buffer.byteLength(text)

/** By name without dashes. */
export const formats: ReadonlyMap<string, (text: string) => boolean> = new Map<string, (text: string) => boolean>([
  ['bsonobjectid', matches(/^[0-9a-fA-F]{24}$/)],
  ['uri', isRequestUri],
  ['email', isEmail],
  ['hostname', isHostname],
  ['ipv4', (text) => text.includes('.') && isIp(text, true)],
  ['ipv6', (text) => text.includes(':') && isIp(text, false)],
  ['cidr', isCidr],
  ['mac', isMac],
  ['uuid', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i)],
  ['uuid3', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i)],
  ['uuid4', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i)],
  ['uuid5', matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i)],
  ['isbn', (text) => isIsbn10(text) || isIsbn13(text)],
  ['isbn10', isIsbn10],
  ['isbn13', isIsbn13],
  ['creditcard', isCreditCard],
  ['ssn', (text) => byteLength(text) === 11 && /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text)],
  ['hexcolor', matches(/^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/)],
  ['rgbcolor', matches(rgb)],
  ['byte', matches(base64)],
  ['password', () => true],
  ['date', isDate],
  ['duration', isDuration],
  ['datetime', isDateTime],
  ['k8sshortname', (text) => byteLength(text) <= 63 && shortName.test(text)],
  ['k8slongname', (text) => byteLength(text) <= 253 && longName.test(text)],
])

/** The schema's format if the server heeds it, otherwise empty. */
export function effectiveFormat(schema: SchemaProps): string {
  const { format = '' } = schema
  if (format === '') return ''
  const types = typesOf(schema)
  switch (types.length === 1 ? types[0] : '') {
    case '':
    case 'string':
      return formats.has(format.replaceAll('-', '')) ? format : ''
    case 'integer':
      return format === 'int32' || format === 'int64' ? format : ''
    case 'number':
      return format === 'float' || format === 'double' ? format : ''
    default:
      return ''
  }
}

function isHostname(text: string): boolean {
  return hostname.test(text) && byteLength(text) <= 255 && text.split('.').every((label) => byteLength(label) <= 63)
}

/** `2024-02-29`. */
export function isDate(text: string): boolean {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (parts === null) return false
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number]
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
}

function isDateTime(text: string): boolean {
  if (byteLength(text) < 4) return false
  const [date = '', clock] = text.toLowerCase().split('t')
  if (clock === undefined || !isDate(date)) return false
  const parts = time.exec(clock)
  return parts !== null && (parts[1] as string) <= '23' && (parts[2] as string) <= '59' && (parts[3] as string) <= '59'
}

/** As Go writes durations, or any text that has a number with a unit in it. */
function isDuration(text: string): boolean {
  if (/^[-+]?0$/.test(text) || goDuration.test(text)) return true
  return [...text.matchAll(looseDuration)].some(([, , unit = '']) => {
    const lower = unit.toLowerCase()
    return units.some((variants) => variants.includes(lower) || lower.startsWith(variants.at(-1) as string))
  })
}

const withoutSeparators = (text: string): string => text.replace(/[\t\n\f\r -]+/g, '')

function isIsbn10(text: string): boolean {
  const digits = withoutSeparators(text)
  if (!/^(?:\d{9}X|\d{10})$/.test(digits)) return false
  let sum = 0
  for (let index = 0; index < 10; index += 1) sum += (index + 1) * (digits[index] === 'X' ? 10 : Number(digits[index]))
  return sum % 11 === 0
}

function isIsbn13(text: string): boolean {
  const digits = withoutSeparators(text)
  if (!/^\d{13}$/.test(digits)) return false
  let sum = 0
  for (let index = 0; index < 12; index += 1) sum += (index % 2 === 0 ? 1 : 3) * Number(digits[index])
  return Number(digits[12]) === (10 - (sum % 10)) % 10
}

function isCreditCard(text: string): boolean {
  const digits = text.replace(/[^0-9]+/g, '')
  if (!creditCard.test(digits)) return false
  let sum = 0
  for (let index = digits.length - 1, double = false; index >= 0; index -= 1, double = !double) {
    const digit = Number(digits[index]) * (double ? 2 : 1)
    sum += digit > 9 ? digit - 9 : digit
  }
  return sum % 10 === 0
}
