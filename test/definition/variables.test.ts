import { describe, expect, it } from 'vitest'
import type { Problem } from '../../src/api/problem.ts'
import { formatProblem } from '../../src/api/problem.ts'
import { substitute } from '../../src/definition/variables.ts'
import type { Node } from '../../src/yaml/node.ts'
import { readYaml } from '../../src/yaml/read.ts'

const environment = { IMAGE: 'web:1.4', PORT: '8080', DEBUG: 'true', EMPTY: '', TRICK: '${PORT}', STRUCTURE: '{a: 1}', LINES: 'a: 1\nb: 2' }

function filled(text: string): { value: unknown; problems: string[] } {
  const problems: Problem[] = []
  const [node] = readYaml('w.yaml', text).documents
  return { value: substitute(node as Node, environment, problems), problems: problems.map(formatProblem) }
}

describe('a variable', () => {
  it.each([
    ['alone takes the type that YAML reads', 'x: ${PORT}', 8080],
    ['alone can be a boolean', 'x: ${DEBUG}', true],
    ['alone can be text', 'x: ${IMAGE}', 'web:1.4'],
    ['in quotes is text', 'x: "${PORT}"', '8080'],
    ['in single quotes is text', "x: '${PORT}'", '8080'],
    ['in a block is text', 'x: |-\n  ${PORT}', '8080'],
    ['inside a longer scalar is text', 'x: ${PORT}0', '80800'],
    ['stands several times', 'x: http://${IMAGE}:${PORT}/', 'http://web:1.4:8080/'],
    ['that is set to nothing is an empty text', 'x: ${EMPTY}', ''],
    ['is not scanned again', 'x: ${TRICK}', '${PORT}'],
    ['never becomes a map', 'x: ${STRUCTURE}', '{a: 1}'],
    ['never becomes several lines of YAML', 'x: ${LINES}', 'a: 1\nb: 2'],
    ['that is unset takes its default, typed', 'x: ${NONE:-5}', 5],
    ['that is unset takes its default as text in quotes', 'x: "${NONE:-5}"', '5'],
    ['that is empty takes its default', 'x: ${EMPTY:-a b}', 'a b'],
    ['that is set ignores its default', 'x: ${PORT:-5}', 8080],
    ['can have an empty default', 'x: ${NONE:-}', ''],
    ['is escaped by a second dollar sign', 'x: $${PORT} ${PORT}', '${PORT} 8080'],
    ['needs braces', 'x: $PORT costs $5', '$PORT costs $5'],
    ['that is named in a key is left alone', '"${PORT}": 1', undefined],
  ])('%s', (_title, text, value) => {
    const result = filled(text)
    expect(result.problems).toEqual([])
    expect((result.value as Record<string, unknown>)['x']).toEqual(value)
  })
  it('is found in lists and nested maps', () => {
    expect(filled('a: [{b: "${PORT}"}]').value).toEqual({ a: [{ b: '8080' }] })
  })
  it('that is not set is told with its place, and what was probably meant', () => {
    expect(filled('a: 1\nx: ${IMGE}').problems).toEqual([
      'w.yaml:2:4: the environment variable IMGE is not set; did you mean "IMAGE"? Otherwise set it, or give a default: ${IMGE:-…} (WATCH_UNSET_VARIABLE)',
    ])
  })
  it('is no name of Object.prototype', () => {
    expect(filled('x: ${constructor}').problems).toHaveLength(1)
  })
  it.each(['x: ${A-B}', 'x: ${', 'x: "${PORT"', 'x: ${1A}'])('that is malformed is told: %s', (text) => {
    expect(filled(text).problems).toMatchObject([expect.stringContaining('"${" does not begin a variable here')])
  })
})
