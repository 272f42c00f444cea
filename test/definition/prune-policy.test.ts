import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../src/api/problem.ts'
import { unknownProtected } from '../../src/definition/prune-policy.ts'
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

describe('a protected kind', () => {
  const known = [
    { group: 'apps', kind: 'StatefulSet' },
    { group: '', kind: 'Secret' },
  ]
  const warnings = (...names: string[]) =>
    unknownProtected(
      { prune: { protected: names, maxPerRevision: 9 }, position: { file: 'watches.yaml' } },
      known,
      (group) => group === 'down.example.com',
    ).map(({ severity, message, remedy }) => [severity, message.split(',')[0], remedy])

  it('that the cluster or a chart has, or a group that does not answer may have, is not told', () => {
    expect(warnings('StatefulSet', 'StatefulSet.apps', 'Secret', 'Database.down.example.com')).toEqual([])
  })

  it.each([
    ['StatefulSets', 'did you mean StatefulSet?'],
    ['Statefulset', 'did you mean StatefulSet?'],
    ['StatefulSet.app', 'did you mean StatefulSet.apps?'],
    ['Database', 'write it as Kind or Kind.group, as the cluster has it'],
  ])('that nobody has is a warning: %s', (name, remedy) => {
    expect(warnings(name)).toEqual([['warning', `prune.protected names ${name}`, remedy]])
  })
})
