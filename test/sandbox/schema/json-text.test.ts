import { describe, expect, it } from 'vitest'
import { isRegular, readJson } from '../../../src/sandbox/schema/json-text.ts'

describe('a text that is no JSON', () => {
  it.each([
    ['', 'unexpected end of JSON input'],
    ['{', 'unexpected end of JSON input'],
    ['{"a"', 'unexpected end of JSON input'],
    ['"a', 'unexpected end of JSON input'],
    ['x', "invalid character 'x' looking for beginning of value"],
    ['{x', "invalid character 'x' looking for beginning of object key string"],
    ['{"a" 1', "invalid character '1' after object key"],
    ['{"a":1 "b"', `invalid character '"' after object key:value pair`],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['[1 2', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['{}x', "invalid character 'x' after top-level value"],
    ['"\n"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u00g0"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1ex', "invalid character 'x' in exponent of numeric literal"],
    ['01', "invalid character '1' after top-level value"],
    ['trux', "invalid character 'x' in literal true (expecting 'e')"],
    ["'a'", "invalid character '\\'' looking for beginning of value"],
    ['é', "invalid character 'Ã' looking for beginning of value"],
  ])('%j is refused in the words of Go', (text, message) => {
    expect(() => readJson(text)).toThrow(message)
  })

  it('is refused, however deep', () => {
    const message = "invalid character '[' exceeded max depth"
    expect(() => readJson('['.repeat(20_000))).toThrow(message)
    expect(() => readJson('['.repeat(10_001) + ']'.repeat(10_001))).toThrow(message)
    expect(readJson('['.repeat(10_000) + ']'.repeat(10_000))).toHaveLength(1)
    expect(readJson(`"${'['.repeat(20_000)}"`)).toHaveLength(20_000)
  })
})

describe('whether the parsed value tells all', () => {
  it.each([
    ['{"a":1,"b":{"a":[{"a":"x:y\\":z"}]},"c":-5}', true],
    ['{"a":"1.5e3 12345678901234567890"}', true],
    ['{"a":1,"a":2}', false],
    ['{"a":{"b":1,"b":1}}', false],
    ['{"a":1.5}', false],
    ['{"a":1e2}', false],
    ['{"a":1234567890123456}', false],
  ])('%s: %s', (text, expected) => {
    expect(isRegular(text, readJson(text))).toBe(expected)
  })
})
