import fc from 'fast-check'
import { load, YAML11_SCHEMA } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { parseYaml } from '../../src/yaml/read.ts'
import { writeYaml, writeYamlDocuments } from '../../src/yaml/write.ts'

describe('written YAML', () => {
  it.each([
    'on',
    'y',
    'N',
    'Off',
    '0644',
    '0o644',
    '1_000',
    '1__0',
    '0b11',
    '1:30',
    '2024-01-01',
    '~',
    'null',
    '',
    '1e3',
    '.inf',
    '- a',
    'a: b',
    '# c',
    '<<',
    '=',
    ' x',
    'x ',
    '\t',
    'a\nb\n',
    '"',
    "'",
    '{{ x }}',
    '@x',
    '*a',
    '&a',
    '!x',
    '%x',
    '\u0007',
    '\uFEFF',
  ])('reads back as the same string: %j', (text) => {
    const written = writeYaml({ [text]: text })
    expect(parseYaml('a.yaml', written).values).toEqual([{ [text]: text }])
    expect(load(writeYaml({ a: text }), { schema: YAML11_SCHEMA })).toEqual({ a: text })
  })

  it('reads back as the same value, whatever it is', () => {
    const value = fc.jsonValue({ maxDepth: 4 }).filter((json) => json !== null)
    fc.assert(
      fc.property(value, (json) => {
        expect(JSON.stringify(parseYaml('a.yaml', writeYaml({ value: json })).values)).toBe(JSON.stringify([{ value: json }]))
      }),
      { numRuns: 500 },
    )
  })

  it('keeps the order of keys, leaves out undefined, and makes no anchors', () => {
    const shared = { x: 1 }
    expect(writeYaml({ b: shared, a: shared, c: undefined })).toBe('b:\n  x: 1\na:\n  x: 1\n')
  })

  it('keeps documents apart', () => {
    expect(parseYaml('a.yaml', writeYamlDocuments([{ a: 1 }, { b: 2 }])).values).toEqual([{ a: 1 }, { b: 2 }])
  })
})
