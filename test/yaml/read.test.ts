import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../src/api/problem.ts'
import { member, nodeAt, toValue } from '../../src/yaml/node.ts'
import { parseYaml, readYaml } from '../../src/yaml/read.ts'

const valueOf = (text: string): unknown => parseYaml('a.yaml', text).values[0]
const errors = (text: string): string[] => readYaml('a.yaml', text).problems.map(formatProblem)

describe('a plain scalar', () => {
  // What `helm template` 4.1 reads; kubectl agrees.
  it.each([
    ['on', true],
    ['off', false],
    ['yes', true],
    ['No', false],
    ['y', true],
    ['N', false],
    ['TRUE', true],
    ['tRUE', 'tRUE'],
    ['0644', 420],
    ['0o644', 420],
    ['0x1F', 31],
    ['0b11', 3],
    ['1_000', 1000],
    ['+12', 12],
    ['-0', 0],
    ['08', 8],
    ['1e3', 1000],
    ['1.', 1],
    ['.5', 0.5],
    ['1_0.5', 10.5],
    ['1:30', '1:30'],
    ['2024-01-01', '2024-01-01'],
    ['~', null],
    ['Null', null],
    ['.inf', '.inf'],
    ['.nan', '.nan'],
    ['0x', '0x'],
    ['1.2.3', '1.2.3'],
    ['9007199254740993', 9007199254740992],
    ['18446744073709551616', 18446744073709552000],
  ])('%s reads as %j', (text, value) => {
    expect(valueOf(`a: ${text}`)).toEqual({ a: value })
  })

  it('in quotes is a string', () => {
    expect(valueOf(`a: "on"\nb: '0644'\nc: !!str 1\nd: |-\n  1`)).toEqual({ a: 'on', b: '0644', c: '1', d: '1' })
  })
})

describe('positions', () => {
  it('stand on every key and value, from 1', () => {
    const [root] = readYaml('a.yaml', '# first\nspec:\n  list:\n    - name: "x"\n').documents
    expect(root && nodeAt(root, ['spec', 'list', 0, 'name'])).toMatchObject({
      kind: 'scalar',
      style: 'double',
      text: 'x',
      at: { file: 'a.yaml', line: 4, column: 13 },
    })
    expect(member(root, 'spec')?.at).toEqual({ file: 'a.yaml', line: 3, column: 3 })
    expect(root?.kind === 'mapping' && root.entries[0]?.key.at).toEqual({ file: 'a.yaml', line: 2, column: 1 })
  })

  it('of an empty value is that of its key, and of an empty item that of its list', () => {
    const [root] = readYaml('a.yaml', 'spec:\n  name:\n  list:\n    -\n').documents
    expect(root && nodeAt(root, ['spec', 'name']).at).toMatchObject({ line: 2, column: 3 })
    expect(root && nodeAt(root, ['spec', 'list', 0]).at).toMatchObject({ line: 4, column: 5 })
  })

  it('of a path that is not there is that of the nearest node around it', () => {
    const [root] = readYaml('a.yaml', 'spec: { a: 1 }').documents
    expect(root && nodeAt(root, ['spec', 'b', 'c']).at.column).toBe(7)
  })
})

describe('several documents', () => {
  it('are all read; empty and comment-only ones are left out', () => {
    expect(parseYaml('a.yaml', '---\na: 1\n---\n# nothing\n---\n---\nb: 2\n...\n').values).toEqual([{ a: 1 }, { b: 2 }])
    expect(parseYaml('a.yaml', '').values).toEqual([])
  })
})

describe('maps', () => {
  it('have no prototype, so that any key is data', () => {
    const value = valueOf('__proto__: { polluted: true }\nconstructor: 1') as object
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor'])
    expect(Object.getPrototypeOf(value)).toBeNull()
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('merge `<<` as Go does: own keys win, wherever they stand', () => {
    expect(valueOf('base: &b { a: 1, c: 2 }\nx: { a: 3, <<: *b }\ny: { <<: [*b, { d: 4 }], a: 5 }')).toEqual({
      base: { a: 1, c: 2 },
      x: { a: 3, c: 2 },
      y: { a: 5, c: 2, d: 4 },
    })
  })

  it('of an alias are a copy each', () => {
    const [root] = readYaml('a.yaml', 'a: &x { k: [1] }\nb: *x').documents
    const value = root && (toValue(root) as { a: { k: number[] }; b: { k: number[] } })
    value?.a.k.push(2)
    expect(value?.b).toEqual({ k: [1] })
  })
})

describe('a file that cannot be used', () => {
  it.each([
    ['a: 1\nb: 2\na: 3', 'a.yaml:3:1: the key "a" stands twice in one mapping (YAML_INVALID)'],
    ['a: 1\n"a": 3', 'a.yaml:2:1: the key "a" stands twice in one mapping (YAML_INVALID)'],
    ['a: *none', 'a.yaml:1:5: there is no anchor &none before this alias (YAML_INVALID)'],
    ['? [a]\n: 1', 'a.yaml:1:3: a key has to be a scalar (YAML_INVALID)'],
    ['a: !!js/function "x"', 'a.yaml:1:4: the tag !!js/function is unknown or does not fit its value (YAML_INVALID)'],
    ['a: !!int x', 'a.yaml:1:4: the tag !!int is unknown or does not fit its value (YAML_INVALID)'],
    ['a: !set { b }', 'a.yaml:1:4: the tag !set is unknown or does not fit its value (YAML_INVALID)'],
    ['<<: 1', 'a.yaml:1:1: `<<` merges a mapping, or a list of mappings (YAML_INVALID)'],
  ])('%j: the place and the reason', (text, error) => {
    expect(errors(text)).toEqual([error])
  })

  it('that the parser refuses has a place too', () => {
    expect(errors('a: [1\nb: 2')[0]).toMatch(/^a\.yaml:2:\d+: /)
    expect(errors('a: \u0000')[0]).toMatch(/^a\.yaml:1:4: /)
  })

  it('by aliases that would expand without end is refused at once', () => {
    const lines = [
      'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
      ...Array.from({ length: 8 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(10).fill(`*a${n}`).join(', ')}]`),
    ]
    expect(errors(lines.join('\n'))[0]).toMatch(/too many (aliases|nodes)/)
    expect(errors(`a: &a ${'['.repeat(200)}`)[0]).toContain('YAML_INVALID')
  })
})
