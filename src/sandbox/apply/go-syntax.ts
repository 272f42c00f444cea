/**
 * Values as Go prints them, because error messages show them so.
 *
 * `%v`: `map[a:1 b:[x y]]`; `%#v`: `map[string]interface {}{"a":1}`; `%T`: `string`. (fmt)
 */
import type { JsonValue } from '../../api/object.ts'
import { number, quoted } from '../status/go-text.ts'

/** `%T` of a value that was decoded from JSON. */
export function goType(value: JsonValue): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  switch (typeof value) {
    case 'object':
      return 'map[string]interface {}'
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64'
    case 'boolean':
      return 'bool'
    default:
      return 'string'
  }
}

/** `%v` */
export function goText(value: JsonValue): string {
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (typeof value === 'object')
    return `map[${Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, member]) => `${name}:${goText(member as JsonValue)}`)
      .join(' ')}]`
  return typeof value === 'number' ? number(value) : String(value)
}

/** `%#v` */
export function goSyntax(value: JsonValue): string {
  if (value === null) return 'interface {}(nil)'
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (typeof value === 'object')
    return `map[string]interface {}{${Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, member]) => `${quoted(name)}:${goSyntax(member as JsonValue)}`)
      .join(', ')}}`
  if (typeof value === 'string') return quoted(value)
  return typeof value === 'number' ? number(value) : String(value)
}
