/**
 * Bounds of numbers. An integer is compared with the bound without its fraction, a float with the bound itself.
 *
 * (kube-openapi, validation/validate/values.go and validator.go, numberValidator)
 */
import { Float, float, isInteger, number } from '../../status/go-text.ts'
import { type SchemaProps, typesOf } from '../json-schema.ts'
import { report, type ValueProblem } from './result.ts'

type NumberCheck = (value: number, path: string, problems: ValueProblem[]) => void

const numberKinds = new Set(['integer', 'number'])
const formatsOfType: Readonly<Record<string, readonly string[]>> = { integer: ['int32', 'int64'], number: ['float', 'double'] }

export function numberCheck(schema: SchemaProps): NumberCheck | undefined {
  const types = typesOf(schema)
  const [first = ''] = types
  const type = types.length === 1 && numberKinds.has(first) ? first : ''
  const format = (formatsOfType[type] ?? []).includes(schema.format ?? '') ? (schema.format as string) : ''
  const inRange = rangeOf(type, format)
  const range = (value: number, what: string, path: string, problems: ValueProblem[]): boolean => {
    if (inRange(value)) return true
    const named = format === '' ? `${type} (default format)` : `${type} with format ${format}`
    report(problems, { kind: 'nowhere', message: `${what} value must be of type ${named} in ${path}` })
    return false
  }
  const parts = [multipleOf(schema, range), bound(schema, 'minimum', range), bound(schema, 'maximum', range)].filter(
    (part) => part !== undefined,
  )
  if (parts.length === 0 && type !== 'integer' && format !== 'float') return undefined
  return (value, path, problems) => {
    range(value, 'Checked', path, problems)
    for (const part of parts) part(value, path, problems)
  }
}

type Range = (value: number, what: string, path: string, problems: ValueProblem[]) => boolean

function rangeOf(type: string, format: string): (value: number) => boolean {
  if (type === 'integer') return format === 'int32' ? (value) => isInteger(value) && value === (value | 0) : isInteger
  // A 32-bit float overflows where rounding gives infinity.
  return format === 'float' ? (value) => Number.isFinite(Math.fround(value)) : () => true
}

function multipleOf({ multipleOf: factor }: SchemaProps, range: Range): NumberCheck | undefined {
  if (factor === undefined) return undefined
  return (value, path, problems) => {
    const native = range(factor, 'MultipleOf', path, problems)
    const whole = native && isInteger(value)
    const divisor = whole ? Math.trunc(factor) : factor
    const text = whole ? number(divisor) : float(divisor)
    if (divisor <= 0)
      return report(problems, {
        kind: 'other',
        path,
        value: whole ? divisor : new Float(divisor),
        message: `factor MultipleOf declared for ${path} must be positive: ${text}`,
      })
    const quotient = divisor < 1 ? (1 / divisor) * value : value / divisor
    const divides = whole ? value % divisor === 0 : isJsonInteger(quotient)
    if (!divides)
      report(problems, {
        kind: 'other',
        path,
        value: whole ? value : new Float(value),
        message: `${path} in body should be a multiple of ${text}`,
      })
  }
}

/** Whether the server takes a float for a whole number: it is one, or just above one. (go-openapi/swag, IsFloat64AJSONInteger) */
export function isJsonInteger(value: number): boolean {
  if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return false
  const whole = Math.trunc(value)
  if (value === whole) return true
  return value > 0 && whole > 0 && (value - whole) / (value + whole) < 1e-9
}

function bound(schema: SchemaProps, keyword: 'minimum' | 'maximum', range: Range): NumberCheck | undefined {
  const limit = schema[keyword]
  if (limit === undefined) return undefined
  const upper = keyword === 'maximum'
  const exclusive = (upper ? schema.exclusiveMaximum : schema.exclusiveMinimum) === true
  const what = upper ? 'Maximum boundary' : 'Minimum boundary'
  const words = upper ? (exclusive ? 'less than' : 'less than or equal to') : exclusive ? 'greater than' : 'greater than or equal to'
  return (value, path, problems) => {
    const native = range(limit, what, path, problems)
    const whole = native && isInteger(value)
    const edge = whole ? Math.trunc(limit) : limit
    const beyond = upper ? value > edge : value < edge
    if (beyond || (exclusive && value === edge))
      report(problems, {
        kind: 'other',
        path,
        value: whole ? value : new Float(value),
        message: `${path} in body should be ${words} ${whole ? number(edge) : float(edge)}`,
      })
  }
}
