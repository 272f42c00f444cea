/**
 * Values as the real server's messages print them: quoted texts, floats and JSON differ from JavaScript's in small ways.
 *
 * (Go: strconv.Quote, fmt's %v, encoding/json with HTML escapes and sorted keys)
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what has to be escaped.
const plain = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/
const named: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
}
const unprintable = /[\p{C}\p{Zl}\p{Zp}\p{Zs}]/u

/** A text in double quotes, as `%q` prints it. */
export function quoted(text: string): string {
  if (plain.test(text)) return `"${text}"`
  let out = '"'
  for (const character of text) {
    const code = character.codePointAt(0) as number
    if (named[character] !== undefined) out += named[character]
    else if (code >= 0xd800 && code <= 0xdfff) out += '\ufffd'
    else if (character === ' ' || !unprintable.test(character)) out += character
    else if (code < 0x80) out += `\\x${code.toString(16).padStart(2, '0')}`
    else out += code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`
  }
  return `${out}"`
}

/** Whether the server holds the number as an integer of 64 bits. */
export const isInteger = (value: number): boolean => Number.isInteger(value) && Math.abs(value) < 2 ** 63

/** A number as `%v` prints it: integers plainly, floats with an exponent from 1e+06 on and below 1e-04. */
export const number = (value: number): string => (isInteger(value) ? BigInt(value).toString() : float(value))

/** A float as `%v` prints it, whether or not it is whole. */
export function float(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return Object.is(value, -0) ? '-0' : String(value)
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

const escapes = /[<>&\u2028\u2029]/g

/** JSON as the server marshals it: keys sorted, `<`, `>` and `&` escaped. */
export function json(value: unknown): string {
  return JSON.stringify(sorted(value)).replace(escapes, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, member]) => [key, sorted(member)]))
}

/** A number that the server holds as a float, whole or not. */
export class Float {
  readonly value: number

  constructor(value: number) {
    this.value = value
  }
}

/** A value whose text is settled, such as one of the server's own types with its fields in their order. */
export class Verbatim {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** JSON with the members in the order given; `<`, `>` and `&` escaped. */
export const orderedJson = (value: unknown): string =>
  JSON.stringify(value).replace(escapes, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** A Go struct without names for JSON: its fields in their order. */
export const verbatimStruct = (fields: readonly (readonly [name: string, value: unknown])[]): Verbatim =>
  new Verbatim(`{${fields.map(([name, value]) => `"${name}":${value instanceof Verbatim ? value.text : json(value)}`).join(',')}}`)

/** A bad value in a field error. (util/validation/field/errors.go) */
export function badValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return quoted(value)
    case 'number':
      return number(value)
    case 'boolean':
      return String(value)
    case 'bigint':
      return value.toString()
    default:
      if (value instanceof Float) return float(value.value)
      if (value instanceof Verbatim) return value.text
      return value === undefined ? 'null' : json(value)
  }
}
