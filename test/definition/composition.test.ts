import { describe, expect, it } from 'vitest'
import type { GroupVersionKind } from '../../src/api/object.ts'
import { formatProblem } from '../../src/api/problem.ts'
import { circles } from '../../src/definition/composition.ts'

const kindOf = (kind: string): GroupVersionKind => ({ group: 'example.com', version: 'v1', kind })
let line = 0
/** A watch of the one kind that always renders the others. */
const watch = (kind: string, renders: string[], options: object = {}) => ({
  kind: kindOf(kind),
  position: { file: 'watches.yaml', line: ++line, column: 3 },
  selector: undefined,
  namespaceSelector: undefined,
  program: { always: renders.map((each) => ({ kind: kindOf(each), at: { file: `${kind}.yaml`, line: 2, column: 1 } })) },
  ...options,
})
const told = (...watches: ReturnType<typeof watch>[]) => circles(watches).map(formatProblem)
const remedy = 'leave one of them out, or render it under a condition that ends (WATCH_CIRCLE)'

describe('kinds that render each other', () => {
  it('are told with every step, at the watch where the circle begins', () => {
    line = 0
    expect(told(watch('A', ['B']), watch('B', ['C', 'X']), watch('C', ['B']))).toEqual([
      `watches.yaml:2:3: these kinds render each other without end: B.example.com renders C.example.com (B.yaml:2:1), C.example.com renders B.example.com (C.yaml:2:1); ${remedy}`,
    ])
  })
  it('are told for one kind that renders itself, and for each circle once', () => {
    line = 0
    expect(told(watch('A', ['A']), watch('B', ['C']), watch('C', ['B']))).toEqual([
      `watches.yaml:1:3: these kinds render each other without end: A.example.com renders A.example.com (A.yaml:2:1); ${remedy}`,
      expect.stringContaining('B.example.com renders C.example.com'),
    ])
  })
  it('are the same in another version', () => {
    const other = watch('A', [])
    other.program.always.push({ kind: { ...kindOf('A'), version: 'v2' }, at: { file: 'A.yaml', line: 2, column: 1 } })
    expect(told(other)).toHaveLength(1)
  })
  it.each([
    ['what is rendered by two is no circle', [watch('A', ['B', 'C']), watch('B', ['D']), watch('C', ['D']), watch('D', [])]],
    ['a kind that nobody watches ends it', [watch('A', ['B'])]],
    ['a selector may leave it out', [watch('A', ['A'], { selector: { matchLabels: { outer: 'yes' } } })]],
    ['the namespace may leave it out', [watch('A', ['A'], { namespaceSelector: {} })]],
    ['another watch may take it', [watch('A', ['A'], { selector: { matchLabels: { outer: 'yes' } } }), watch('A', [])]],
  ])('are not told where %s', (_why, watches) => {
    expect(told(...watches)).toEqual([])
  })
})
