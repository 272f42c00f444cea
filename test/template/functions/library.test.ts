import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createLibrary, libraryTable } from '../../../src/template/functions/library.ts'
import { FunctionError } from '../../../src/template/functions/signature.ts'

const library = createLibrary({ sha256: (text) => createHash('sha256').update(text).digest('hex') })
const evaluate = (expression: string): unknown => new Function(...Object.keys(library), `return (${expression})`)(...Object.values(library))
const entries = Object.values(libraryTable).flat()

describe('the examples of the function table', () => {
  const examples = entries.flatMap(({ examples }) => examples)
  const results = examples.filter((example) => example.refused === undefined)
  const refusals = examples.filter((example) => example.refused !== undefined)

  it.each(results.map(({ call, gives }) => [call, gives]))('%s', (call, gives) => {
    expect(evaluate(call as string)).toEqual(gives)
  })
  it.each(refusals.map(({ call, refused }) => [call, refused]))('%s is refused', (call, refused) => {
    expect(() => evaluate(call as string)).toThrow(new FunctionError(refused as string))
  })
  it('show at least one result of each function', () => {
    expect(entries.filter(({ examples }) => !examples.some((example) => 'gives' in example)).map(({ name }) => name)).toEqual([])
  })
})

describe('the library', () => {
  it('has each name once', () => {
    const names = entries.map(({ name }) => name)
    expect(names).toEqual([...new Set(names)])
  })
  it('has no prototype and cannot be changed', () => {
    expect(Object.getPrototypeOf(library)).toBeNull()
    expect(Object.isFrozen(library)).toBe(true)
  })
  it('names function, parameter and what is allowed, and never shows text', () => {
    expect(() => evaluate("range('secret')")).toThrow('range(start, end?): "start" must be a whole number, not a string')
    expect(() => evaluate("trunc('abc')")).toThrow(
      'trunc(text, length): "length" is missing; it must be a whole number that is not negative',
    )
    expect(() => evaluate("trunc('abc', 1, 2)")).toThrow('trunc(text, length) takes 2 arguments, not 3')
    expect(() => evaluate('dnsName("a", null)')).toThrow('dnsName(...parts): "parts" must be a string, number or boolean, not null')
    expect(() => evaluate('digest(undefined)')).toThrow('digest(value, length?): "value" must be any value, not undefined')
  })
  it('lets errors of a function that a template passes through as they are', () => {
    expect(() => evaluate('sortBy([1], () => { throw new RangeError("mine") })')).toThrow(new RangeError('mine'))
  })
})

describe('maps', () => {
  it('treat __proto__ as a key like any other', () => {
    const hostile = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}')
    for (const name of ['merge', 'sortKeys'] as const) {
      const result = library[name]?.(hostile) as object
      expect(Object.keys(result).sort()).toEqual(['__proto__', 'a'])
      expect(Object.getPrototypeOf(result)).toBe(Object.prototype)
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
  it('are not changed by merging', () => {
    const first = Object.freeze({ a: Object.freeze({ x: 1 }) })
    expect(library['merge']?.(first, { a: { y: 2 } })).toEqual({ a: { x: 1, y: 2 } })
    expect(first).toEqual({ a: { x: 1 } })
  })
})

describe('dnsName', () => {
  it('is valid and at most 63 characters for anything', () => {
    for (const parts of [['-'], ['ÄÖ'], ['a'.repeat(500)], ['a-', '-b'], ['A'.repeat(64)], [`${'x'.repeat(53)}--y${'z'.repeat(20)}`]]) {
      expect(library['dnsName']?.(...parts)).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
    }
  })
  it('differs for texts that differ only in what is cut or replaced', () => {
    expect(library['dnsName']?.(`${'a'.repeat(70)}1`)).not.toBe(library['dnsName']?.(`${'a'.repeat(70)}2`))
    expect(library['dnsName']?.('a.b')).not.toBe(library['dnsName']?.('a_b'))
  })
})

describe('addresses', () => {
  it.each([
    ['::', '::'],
    ['1::', '1::'],
    ['0:0:1:0:0:0:1:0', '0:0:1::1:0'],
    ['2001:DB8::0:1', '2001:db8::1'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
    ['1:0:2:0:3:0:4:0', '1:0:2:0:3:0:4:0'],
    ['10:0:0:10:10:0:0:10', '10::10:10:0:0:10'],
  ])('%s is written %s', (text, written) => {
    expect(library['cidr']?.(`${text}/128`)).toMatchObject({ first: written })
  })
  it.each(['', '1.2.3', '256.0.0.1', '1:2:3:4:5:6:7', '1::2::3', ':::', '1:2:3:4:5:6:7:8::', 'g::', '1.2.3.4::', '::1.2.3.4:5'])(
    '%j is none',
    (text) => {
      expect(library['isAddress']?.(text)).toBe(false)
    },
  )
})

describe('ranges of versions', () => {
  it.each([
    ['1.2.3', '1.2.3', true],
    ['1.2.4', '1.2', true],
    ['1.3.0', '~1.2', false],
    ['0.2.9', '^0.2.3', true],
    ['0.3.0', '^0.2.3', false],
    ['0.0.4', '^0.0.3', false],
    ['2.0.0', '^1', false],
    ['1.5.0', '>= 1.2, < 2', true],
    ['1.5.0', '*', true],
    ['1.5.0', 'x', true],
    ['1.0.0-rc.2', '>1.0.0-rc.1', true],
    ['1.0.0-rc.10', '>1.0.0-rc.9', true],
    ['v1.36.3+k3s1', '>=1.36', true],
  ])('%s in %s: %s', (version, range, result) => {
    expect(library['semverSatisfies']?.(version, range)).toBe(result)
  })
})
