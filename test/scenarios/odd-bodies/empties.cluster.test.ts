import { describe, expect } from 'vitest'
import type { JsonValue } from '../../../src/api/object.ts'
import { valueAt } from '../../../src/fields/cut.ts'
import { field, item, type Path } from '../../../src/fields/path.ts'
import { withValueAt } from '../../fields/objects.ts'
import { test } from '../fixture.ts'
import { untilPasses, untilWatching } from '../metrics.ts'
import { untilQuiet } from '../quiet.ts'
import { createOddity, installOddDefinitions, type OddKind, watches } from './odd.ts'

const at = (...steps: (string | Path[number])[]): Path => steps.map((step) => (typeof step === 'string' ? field(step) : step))
const pod = (...steps: (string | Path[number])[]): Path => at('spec', 'template', 'spec', ...steps)

interface Filling {
  kind: OddKind
  path: Path
  value: JsonValue
}

/** What is rendered empty and owned whole: no key tells whose an item is. */
const whole: readonly Filling[] = [
  { kind: 'NetworkPolicy', path: at('spec', 'ingress'), value: [{}] },
  { kind: 'NetworkPolicy', path: at('spec', 'egress'), value: [{}] },
  { kind: 'NetworkPolicy', path: at('spec', 'podSelector'), value: { matchLabels: { theirs: 'x' } } },
  { kind: 'Deployment', path: pod('tolerations'), value: [{ operator: 'Exists' }] },
  { kind: 'Deployment', path: pod('nodeSelector'), value: { 'kubernetes.io/os': 'linux' } },
  { kind: 'Deployment', path: pod('containers', item({ name: 'third' }), 'args'), value: ['theirs'] },
  { kind: 'Deployment', path: pod('initContainers', item({ name: 'first' }), 'command'), value: ['theirs'] },
  { kind: 'Thing', path: at('spec', 'emptyAtomic'), value: ['theirs'] },
  { kind: 'Thing', path: at('spec', 'any', 'list'), value: ['theirs'] },
]

/** Lists of pods that are exclusively ours, also while they are empty. */
const exclusive: readonly Filling[] = [
  { kind: 'Deployment', path: pod('initContainers', item({ name: 'first' }), 'env'), value: [{ name: 'THEIRS', value: 'x' }] },
]

/** Lists and maps whose items have keys: what others put in stands beside what is ours. */
const shared: readonly Filling[] = [
  { kind: 'ServiceAccount', path: at('imagePullSecrets'), value: [{ name: 'theirs' }] },
  { kind: 'Thing', path: at('spec', 'emptyKeyed'), value: [{ name: 'theirs' }] },
  { kind: 'Thing', path: at('spec', 'emptySet'), value: ['theirs'] },
  { kind: 'Thing', path: at('spec', 'map', 'two'), value: { a: 1, b: 'filled' } },
  { kind: 'Thing', path: at('spec', 'any', 'empty'), value: { theirs: 1 } },
]

const title = ({ kind, path }: Filling): string => `${kind} ${path.map((step) => (step.kind === 'field' ? step.name : '')).join('.')}`

describe('what is rendered empty', () => {
  test('is empty again when somebody fills it', { timeout: 120_000 }, async ({ cluster, operator }) => {
    await installOddDefinitions(cluster)
    const running = await operator({ watches })
    const oddity = await createOddity(cluster)
    for (const filling of [...whole, ...exclusive]) {
      const dependent = oddity.dependent(filling.kind)
      const before = await dependent.read()
      const answer = await dependent.put((live) => withValueAt(live, filling.path, filling.value))
      expect(answer.status, `${title(filling)}: ${JSON.stringify(answer.body)}`).toBe(200)
      expect(valueAt(answer.body, filling.path), title(filling)).toEqual(filling.value)
      await cluster.eventually(
        async () => JSON.stringify(valueAt(await dependent.read(), filling.path)) === JSON.stringify(valueAt(before, filling.path)),
        {
          describe: `${title(filling)} is empty again`,
          timeout: 10_000,
        },
      )
    }
    await untilQuiet(cluster, running, oddity.path)
  })

  test('keeps what others put beside, where items have keys', { timeout: 120_000 }, async ({ cluster, operator }) => {
    await installOddDefinitions(cluster)
    const running = await operator({ watches })
    const oddity = await createOddity(cluster)
    await untilQuiet(cluster, running, oddity.path)
    for (const filling of shared) {
      const dependent = oddity.dependent(filling.kind)
      const before = await untilPasses(cluster, running, 0)
      const mark = cluster.audit.mark()
      const answer = await dependent.put((live) => withValueAt(live, filling.path, filling.value))
      expect(answer.status, title(filling)).toBe(200)
      await untilPasses(cluster, running, before.passes('done') + 1)
      const after = await dependent.read()
      expect(valueAt(after, filling.path), title(filling)).toEqual(filling.value)
      expect(after.metadata.resourceVersion).toBe(answer.body.metadata.resourceVersion)
      expect(cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: mark }), title(filling)).toEqual({})
    }
    await untilQuiet(cluster, running, oddity.path)

    await running.stop()
    const restarted = cluster.audit.mark()
    const second = await operator({ watches })
    await untilWatching(cluster, second, restarted)
    await untilPasses(cluster, second, 1)
    const requests = cluster.audit.requests({ userAgent: 'fairlead/', namespace: cluster.namespace, since: restarted })
    // The inventory is read once.
    const verbs = requests.map(({ verb, resource }) => (resource === 'leases' ? `${verb} ${resource}` : verb))
    expect([...new Set(verbs)].sort()).toEqual(['get leases', 'list', 'watch'])
  })
})
