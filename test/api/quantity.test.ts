import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addQuantities, compareQuantities, formatQuantity, multiplyQuantity, parseQuantity, type Quantity } from '../../src/api/quantity.ts'

const quantity = (text: string): Quantity => parseQuantity(text) as Quantity
const canonical = (text: string): string => formatQuantity(quantity(text))

describe('the canonical form', () => {
  // By the rules of Go's Quantity: no fraction, no exponent that a larger suffix could take. (apimachinery pkg/api/resource, CanonicalizeBytes)
  it.each([
    ['0', '0'],
    ['0n', '0'],
    ['1', '1'],
    ['1000', '1k'],
    ['1500m', '1500m'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['1.', '1'],
    ['1000m', '1'],
    ['1024', '1024'],
    ['1024Ki', '1Mi'],
    ['1Ki', '1Ki'],
    ['0.5Ki', '512'],
    ['1.5Gi', '1536Mi'],
    ['0.5Mi', '512Ki'],
    ['100Ki', '100Ki'],
    ['1e3', '1e3'],
    ['1E3', '1e3'],
    ['12e6', '12e6'],
    ['1e-3', '1e-3'],
    ['5E', '5E'],
    ['1000000k', '1G'],
    ['-1Gi', '-1Gi'],
    ['+5', '5'],
    ['1.0000000001', '1000000001n'],
    ['1n', '1n'],
    ['0.1u', '100n'],
    ['0.1n', '1n'],
    ['9223372036854775807', '9223372036854775807'],
    ['1.1Mi', '1153433600m'],
  ])('of %s is %s', (text, written) => {
    expect(canonical(text)).toBe(written)
  })
  it('of a canonical form is itself', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.constantFrom('decimal', 'binary', 'exponent'), (nano, format) => {
        const text = formatQuantity({ nano, format })
        expect(quantity(text).nano).toBe(nano)
        expect(canonical(text)).toBe(text)
      }),
    )
  })
})

describe('text that is no quantity', () => {
  it.each(['', ' 1', '1 ', 'a', '1.2.3', '1KB', '1ki', '1mi', '.', '1e', '--1', 'Gi', '1e+', '0x10', '1_000'])('%j', (text) => {
    expect(parseQuantity(text)).toBeUndefined()
  })
})

describe('arithmetic', () => {
  it('compares amounts, not spellings', () => {
    expect(compareQuantities(quantity('1000m'), quantity('1'))).toBe(0)
    expect(compareQuantities(quantity('1G'), quantity('1Gi'))).toBe(-1)
    expect(compareQuantities(quantity('-1'), quantity('-2'))).toBe(1)
  })
  it('is exact past what a number can hold', () => {
    expect(formatQuantity(addQuantities(quantity('9007199254740993'), quantity('1')))).toBe('9007199254740994')
    expect(formatQuantity(addQuantities(quantity('0.1'), quantity('0.2')))).toBe('300m')
  })
  it('keeps the form of the first operand', () => {
    expect(formatQuantity(addQuantities(quantity('1Gi'), quantity('1048576k')))).toBe('2024Mi')
    expect(formatQuantity(addQuantities(quantity('1Gi'), quantity('1Gi')))).toBe('2Gi')
  })
  it('multiplies by fractions', () => {
    expect(formatQuantity(multiplyQuantity(quantity('1Gi'), 0.5))).toBe('512Mi')
    expect(formatQuantity(multiplyQuantity(quantity('1n'), 0.5))).toBe('1n')
    expect(formatQuantity(multiplyQuantity(quantity('2'), -1.5))).toBe('-3')
    expect(formatQuantity(multiplyQuantity(quantity('1'), 1e21))).toBe('1000E')
  })
})
