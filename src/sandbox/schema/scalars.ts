/**
 * Scalars as the server writes them: each has one text, however the client wrote it.
 *
 * What cannot be read is undefined here; decoding-error.ts tells why. (apimachinery: api/resource, apis/meta/v1 Time and MicroTime, util/intstr)
 */
import type { JsonValue } from '../../api/object.ts'
import { readQuantity } from './quantity-text.ts'
import { resourceQuantity, type ScalarSchema } from './schema.ts'
import { formatTime, parseTime } from './time.ts'

/** The value of a scalar field; undefined if it is none of this type. `null` stands for the zero value where Go's decoder takes it so. */
export function readScalar(schema: ScalarSchema, value: JsonValue): JsonValue | undefined {
  const { type, goType } = schema
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : undefined
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined
    case 'integer':
      return isInteger(value, goType) ? value : undefined
    case 'number':
      return typeof value === 'number' ? value : undefined
    case 'intOrString':
      return typeof value === 'string' || isInteger(value, 'int32') ? value : undefined
    case 'quantity':
      return typeof value === 'string' || typeof value === 'number' ? readQuantity(String(value), schema === resourceQuantity) : undefined
    case 'time':
    case 'microTime':
      return typeof value === 'string' ? canonicalTime(value, type === 'microTime') : undefined
    case 'duration':
      return typeof value === 'string' ? value : undefined
    case 'bytes':
      return typeof value === 'string' ? canonicalBase64(value) : bytesOfNumbers(value)
  }
}

/** What Go writes for a field that was never set. */
export function zeroScalar({ type }: ScalarSchema): JsonValue {
  switch (type) {
    case 'string':
      return ''
    case 'boolean':
      return false
    case 'integer':
    case 'number':
    case 'intOrString':
      return 0
    case 'quantity':
      return '0'
    case 'duration':
      return '0s'
    case 'time':
    case 'microTime':
    case 'bytes':
      return null
  }
}

const int32Limit = 2 ** 31
const int64Limit = 2 ** 63

function isInteger(value: JsonValue, goType: string): value is number {
  if (!Number.isInteger(value)) return false
  const limit = goType === 'int64' ? int64Limit : int32Limit
  // -2⁶³ and -2³¹ are integers of their types, 2⁶³ and 2³¹ are not.
  return (value as number) >= -limit && (value as number) < limit
}

const wholeSeconds = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/

function canonicalTime(text: string, micro: boolean): string | null | undefined {
  if (!micro && wholeSeconds.test(text) && !text.startsWith('0001-')) return text
  const time = parseTime(text, micro)
  return 'error' in time ? undefined : formatTime(time, micro)
}

const base64 = /^[A-Za-z0-9+/]*={0,2}$/

/** Line breaks are taken out, and bits that no byte needs are cleared. */
function canonicalBase64(text: string): string | undefined {
  const plain = /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]/g, '') : text
  if (plain.length % 4 !== 0 || !base64.test(plain)) return undefined
  return plain.endsWith('=') ? plain.slice(0, -4) + btoa(atob(plain.slice(-4))) : plain
}

function bytesOfNumbers(value: JsonValue): string | undefined {
  if (!Array.isArray(value)) return undefined
  const bytes = value as readonly JsonValue[]
  if (!bytes.every((each) => each === null || (Number.isInteger(each) && (each as number) >= 0 && (each as number) < 256))) return undefined
  return btoa(bytes.map((each) => String.fromCharCode((each ?? 0) as number)).join(''))
}
