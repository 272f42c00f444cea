/**
 * JSON read to the letter: fields in the order and as often as they were written, numbers as their text, mistakes in Go's words.
 *
 * Slower than JSON.parse, so only for texts about which something has to be said. (Go, encoding/json/scanner.go)
 */
import type { JsonObject, JsonValue } from '../../api/object.ts'

export type JsonNode =
  | { readonly kind: 'object'; readonly entries: readonly (readonly [name: string, value: JsonNode])[] }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly value: string }
  /** As it was written. */
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'null' }

/** The text is no JSON; the message is that of Go's decoder. */
export class JsonSyntaxError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'JsonSyntaxError'
  }
}

/** The JSON value of a request's body. Throws a JsonSyntaxError, also for what is nested deeper than 10,000 levels. */
export function readJson(text: string): JsonValue {
  let value: JsonValue
  try {
    value = JSON.parse(text) as JsonValue
  } catch {
    // Reading it again is only for the message.
    parseJson(text)
    throw new JsonSyntaxError('unexpected end of JSON input')
  }
  const tooDeep = text.length > maximumDepth ? bracketTooDeep(text) : undefined
  if (tooDeep !== undefined) throw exceeded(tooDeep)
  return value
}

const exceeded = (bracket: string): JsonSyntaxError => new JsonSyntaxError(`invalid character '${bracket}' exceeded max depth`)

function bracketTooDeep(text: string): string | undefined {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at)
    else if (code === openBrace || code === openBracket) {
      depth += 1
      if (depth > maximumDepth) return text[at]
    } else if (code === closeBrace || code === closeBracket) depth -= 1
  }
  return undefined
}

/** The position of the quote that ends the string which begins at `start`; the end of a text that is no JSON. */
function endOfString(text: string, start: number): number {
  let at = start
  do at = text.indexOf('"', at + 1)
  while (at >= 0 && isEscaped(text, at))
  return at < 0 ? text.length : at
}

/**
 * Whether `value`, which readJson made of `text`, tells all: no field was written twice, and every number is a plain integer that JavaScript
 * keeps exactly.
 */
export function isRegular(text: string, value: JsonValue): boolean {
  let fields = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at)
    else if (code === colon) fields += 1
    else if (code >= zero && code <= nine) {
      const start = at
      while (isDigit(text.charCodeAt(at + 1))) at += 1
      const next = text.charCodeAt(at + 1)
      if (at - start >= exactDigits || next === point || next === lowerE || next === upperE) return false
    }
  }
  return fields === countFields(value)
}

const [quote, colon, zero, nine, point, lowerE, upperE, backslash] = [0x22, 0x3a, 0x30, 0x39, 0x2e, 0x65, 0x45, 0x5c]
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d]
/** Integers of so many digits are exact in JavaScript. */
const exactDigits = 15
const isDigit = (code: number): boolean => code >= zero && code <= nine

function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text.charCodeAt(before - 1) === backslash) before -= 1
  return (at - before) % 2 === 1
}

function countFields(value: JsonValue): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) for (const item of value as JsonValue[]) count += countFields(item)
  else for (const key in value as JsonObject) count += 1 + countFields((value as JsonObject)[key] as JsonValue)
  return count
}

/** A value as JSON.parse gives it, as a node. */
export function nodeOf(value: JsonValue | undefined): JsonNode {
  switch (typeof value) {
    case 'string':
      return { kind: 'string', value }
    case 'number':
      return { kind: 'number', text: String(value) }
    case 'boolean':
      return { kind: 'bool', value }
    default:
      if (value === null || value === undefined) return { kind: 'null' }
      if (Array.isArray(value)) return { kind: 'array', items: (value as JsonValue[]).map(nodeOf) }
      return { kind: 'object', entries: Object.entries(value as JsonObject).map(([name, each]) => [name, nodeOf(each)]) }
  }
}

/** Go refuses what is nested deeper. */
const maximumDepth = 10_000

/** Throws a JsonSyntaxError. */
export function parseJson(text: string): JsonNode {
  try {
    const reader = new Reader(text)
    const node = reader.value(0, 'looking for beginning of value')
    reader.end()
    return node
  } catch (error) {
    // The stack may end earlier than the limit.
    if (error instanceof RangeError) throw exceeded(bracketTooDeep(text) ?? '{')
    throw error
  }
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(depth: number, context: string): JsonNode {
    this.#skipSpace()
    const start = this.#text[this.#at]
    switch (start) {
      case '{':
        return this.#object(this.#deeper(depth))
      case '[':
        return this.#array(this.#deeper(depth))
      case '"':
        return { kind: 'string', value: this.#string() }
      case 't':
        return this.#word('true', { kind: 'bool', value: true })
      case 'f':
        return this.#word('false', { kind: 'bool', value: false })
      case 'n':
        return this.#word('null', { kind: 'null' })
      default:
        return start === '-' || isDigit(this.#text.charCodeAt(this.#at)) ? this.#number() : this.#fail(context)
    }
  }

  end(): void {
    this.#skipSpace()
    if (this.#at < this.#text.length) this.#fail('after top-level value')
  }

  #deeper(depth: number): number {
    if (depth >= maximumDepth) throw exceeded(this.#text[this.#at] as string)
    this.#at += 1
    return depth + 1
  }

  #object(depth: number): JsonNode {
    const entries: [string, JsonNode][] = []
    if (this.#next() === '}') return this.#close({ kind: 'object', entries })
    for (;;) {
      if (this.#next() !== '"') this.#fail('looking for beginning of object key string')
      const name = this.#string()
      if (this.#next() !== ':') this.#fail('after object key')
      this.#at += 1
      entries.push([name, this.value(depth, 'looking for beginning of value')])
      const next = this.#next()
      if (next === '}') return this.#close({ kind: 'object', entries })
      if (next !== ',') this.#fail('after object key:value pair')
      this.#at += 1
    }
  }

  #array(depth: number): JsonNode {
    const items: JsonNode[] = []
    if (this.#next() === ']') return this.#close({ kind: 'array', items })
    for (;;) {
      items.push(this.value(depth, 'looking for beginning of value'))
      const next = this.#next()
      if (next === ']') return this.#close({ kind: 'array', items })
      if (next !== ',') this.#fail('after array element')
      this.#at += 1
    }
  }

  #close(node: JsonNode): JsonNode {
    this.#at += 1
    return node
  }

  #string(): string {
    const start = this.#at
    for (;;) {
      this.#at += 1
      const code = this.#text.charCodeAt(this.#at)
      if (code === quote) break
      if (code === backslash) this.#escape()
      // NaN, beyond the end, compares false with everything.
      else if (!(code >= 0x20)) this.#fail('in string literal')
    }
    this.#at += 1
    return (JSON.parse(this.#text.slice(start, this.#at)) as string).toWellFormed()
  }

  #escape(): void {
    this.#at += 1
    const escaped = this.#text[this.#at]
    if (escaped === undefined || !'"\\/bfnrtu'.includes(escaped)) this.#fail('in string escape code')
    if (escaped !== 'u') return
    for (let digits = 0; digits < 4; digits += 1) {
      this.#at += 1
      if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? '')) this.#fail('in \\u hexadecimal character escape')
    }
  }

  #word(word: string, node: JsonNode): JsonNode {
    for (const [index, letter] of [...word].entries()) {
      if (this.#text[this.#at] !== letter) this.#fail(`in literal ${word} (expecting '${word[index]}')`)
      this.#at += 1
    }
    return node
  }

  #number(): JsonNode {
    const start = this.#at
    if (this.#text[this.#at] === '-') this.#at += 1
    if (this.#text[this.#at] === '0') this.#at += 1
    else this.#digits('in numeric literal')
    if (this.#text[this.#at] === '.') {
      this.#at += 1
      this.#digits('after decimal point in numeric literal')
    }
    if (this.#text[this.#at] === 'e' || this.#text[this.#at] === 'E') {
      this.#at += 1
      if (this.#text[this.#at] === '+' || this.#text[this.#at] === '-') this.#at += 1
      this.#digits('in exponent of numeric literal')
    }
    return { kind: 'number', text: this.#text.slice(start, this.#at) }
  }

  #digits(context: string): void {
    if (!isDigit(this.#text.charCodeAt(this.#at))) this.#fail(context)
    while (isDigit(this.#text.charCodeAt(this.#at))) this.#at += 1
  }

  #next(): string | undefined {
    this.#skipSpace()
    return this.#text[this.#at]
  }

  #skipSpace(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at += 1
  }

  #fail(context: string): never {
    const character = this.#text[this.#at]
    if (character === undefined) throw new JsonSyntaxError('unexpected end of JSON input')
    throw new JsonSyntaxError(`invalid character ${quoteCharacter(this.#text.slice(this.#at))} ${context}`)
  }
}

/** Go looks at bytes: of a character outside ASCII it names the first one. */
function quoteCharacter(rest: string): string {
  const [byte = 0] = new TextEncoder().encode(rest.slice(0, 2))
  if (byte === 0x27) return "'\\''"
  if (byte === 0x22) return `'"'`
  const named = { 0x07: '\\a', 0x08: '\\b', 0x09: '\\t', 0x0a: '\\n', 0x0b: '\\v', 0x0c: '\\f', 0x0d: '\\r', 0x5c: '\\\\' }[byte]
  if (named !== undefined) return `'${named}'`
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, '0')}'`
  return byte >= 0x80 && byte < 0xa1 ? `'\\u00${byte.toString(16)}'` : `'${String.fromCharCode(byte)}'`
}
