import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../src/api/problem.ts'
import { readWatches } from '../../src/definition/watches.ts'
import { defaultPrunePolicy } from '../../src/reconcile/holds.ts'

const read = (prune: string) => {
  const { entries, problems } = readWatches('watches.yaml', `- version: v1\n  kind: App\n  chart: charts/app\n${prune}`, {})
  return { policy: entries[0]?.prune, problems: problems.map(formatProblem) }
}

describe('prune of a watch', () => {
  it.each([
    ['left out', '', defaultPrunePolicy],
    ['without kinds', '  prune: { protected: [], maxPerRevision: 0 }\n', { protected: [], maxPerRevision: 0 }],
    [
      'with kinds alone',
      '  prune: { protected: [Secret, Database.example.com] }\n',
      { ...defaultPrunePolicy, protected: ['Secret', 'Database.example.com'] },
    ],
  ])('%s is read', (_what, text, policy) => {
    expect(read(text)).toEqual({ policy, problems: [] })
  })

  it.each([
    ['  prune: all\n', 'watches.yaml:4:10: prune is a map; it has: protected, maxPerRevision (WATCH_INVALID)'],
    ['  prune: { protectd: [] }\n', 'watches.yaml:4:12: "protectd" is not a field of prune; did you mean "protected"? (WATCH_UNKNOWN_KEY)'],
    [
      '  prune: { maxPerRevision: -1 }\n',
      'watches.yaml:4:28: prune.maxPerRevision is a whole number; e.g. 10; 0 asks for approval of every delete that no spec caused (WATCH_INVALID)',
    ],
    [
      '  prune: { protected: [statefulset] }\n',
      'watches.yaml:4:24: an item of prune.protected is a kind; write Kind, or Kind.group where only that of one group is meant (WATCH_INVALID)',
    ],
  ])('that is wrong is told with its place: %s', (text, message) => {
    expect(read(text).problems).toEqual([message])
  })
})
