import { describe, expect, it } from 'vitest'
import { linesText, treesText } from '../../src/commands/status-text.ts'
import type { PrimaryTree } from '../../src/operator/tree.ts'

const now = Date.parse('2026-01-02T12:00:00Z')
const tree = (over: Partial<PrimaryTree> = {}): PrimaryTree => ({
  kind: 'App.example.com',
  namespace: 'eu',
  name: 'shop',
  uid: 'u1',
  created: '2025-12-30T12:00:00Z',
  generation: 7,
  observedGeneration: 6,
  observedRevision: '4f1c2d3e4f5a6b7c',
  state: 'stalled',
  reason: 'Fighting',
  message: 'Deployment/web spec.replicas: we 3, hpa 5, 41 flips a minute',
  since: '2026-01-02T11:58:00Z',
  dependents: [],
  ...over,
})

describe('a tree as text', () => {
  it('has a line for each thing that there is to tell, and one for each dependent', () => {
    const database: PrimaryTree = {
      ...tree(),
      kind: 'Database.example.com',
      name: 'db',
      state: 'ready',
      reason: 'Ready',
      message: 'there are no dependents',
    }
    const text = treesText(
      [
        tree({
          lastAction: { reason: 'Repaired', message: 'Deployment/web: spec.replicas put back', time: '2026-01-02T11:59:48Z', count: 4 },
          held: { why: 'a protected kind', deletes: ['StatefulSet/db'], count: 2, release: 'fairlead approve App.example.com/shop -n eu' },
          yields: 'Deployment/web spec.image to flux',
          dependents: [
            {
              kind: 'Deployment.apps',
              namespace: 'eu',
              name: 'web',
              state: 'inProgress',
              reason: 'LessReplicas',
              message: '2 of 3 pods are ready',
              created: '2026-01-02T09:00:00Z',
            },
            {
              kind: 'Database.example.com',
              namespace: 'db',
              name: 'db',
              state: 'current',
              reason: 'Current',
              message: '',
              created: '2026-01-02T09:00:00Z',
              primary: database,
            },
          ],
        }),
      ],
      { colours: false, now },
    )
    expect(text).toBe(`App.example.com/shop  namespace eu
  state   stalled Fighting: Deployment/web spec.replicas: we 3, hpa 5, 41 flips a minute
          since 2m, generation 7 (brought about: 6), definition 4f1c2d3e4f5a, age 3d
  last    Repaired 12s ago, seen 4 times: Deployment/web: spec.replicas put back
  held    2 deletes (a protected kind): StatefulSet/db and 1 more
          to delete: fairlead approve App.example.com/shop -n eu
  yields  Deployment/web spec.image to flux
  ├─ Deployment.apps/web            inProgress   3h     LessReplicas: 2 of 3 pods are ready
  └─ Database.example.com/db in db  ready        3h
     state   ready Ready: there are no dependents
             since 2m, generation 7 (brought about: 6), definition 4f1c2d3e4f5a
`)
  })

  it('has colours only where they are asked for', () => {
    expect(treesText([tree()], { colours: true, now })).toContain('\u001b[31mstalled\u001b[39m Fighting')
    expect(treesText([tree()], { colours: false, now })).not.toContain('\u001b')
  })

  it('passes no control character on to the terminal', () => {
    const evil = tree({ message: 'a\u001b[8mhidden\u001b[2Jb\u0007\u202eneddih\u2066', name: 'sh\u001bop', yields: '\u009b1m' })
    const text = treesText([evil], { colours: true, now })
    expect(text.replaceAll('\u001b[31mstalled\u001b[39m', '').replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e\u2066]/u)
  })
})

describe('a line for each', () => {
  it('counts what is ready, and names the conditions that are there only while there is something to know', () => {
    const dependent = { kind: 'ConfigMap', namespace: 'eu', name: 'web', reason: '', message: '' } as const
    const ready = tree({ name: 'db', state: 'ready', reason: 'Ready', message: '' })
    const text = linesText(
      [
        tree({
          yields: 'one',
          fights: 'two',
          overridden: 'three',
          held: { why: 'many', deletes: [], count: 2, release: '' },
          message: 'one\nline',
          dependents: [
            { ...dependent, state: 'current' },
            { ...dependent, state: 'current', primary: tree() },
            { ...dependent, state: 'inProgress', primary: ready },
          ],
        }),
        ready,
      ],
      { colours: false, now },
    )
    expect(text).toBe(`NAMESPACE  NAME                  READY  DEPENDENTS  AGE  CONDITIONS                                         MESSAGE
eu         App.example.com/shop  False  2/3         3d   PruneHeld,FieldsYielded,Fighting,ValuesOverridden  Fighting: one\ufffdline
eu         App.example.com/db    True   0/0         3d   -                                                  Ready
`)
  })
})
