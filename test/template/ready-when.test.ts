import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { desiredObjects } from '../../src/reconcile/desired.ts'
import { gatedReadiness, readyWhenProblems } from '../../src/reconcile/ready-when.ts'
import { compileChart } from '../../src/template/chart.ts'
import { createLibrary } from '../../src/template/functions/library.ts'

const library = createLibrary({ sha256: (text) => createHash('sha256').update(text).digest('hex') })
const primary = { apiVersion: 'demo.io/v1', kind: 'Thing', metadata: { name: 'one', namespace: 'eu', uid: 'u1' }, spec: { rule: 'true' } }

/** A ConfigMap with this gate, rendered by a chart: what is wrong with it, and how a live one is judged. */
function gated(gate: string) {
  const text = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  annotations:\n    fairlead.dev/ready-when: ${gate}\n`
  const files = new Map([
    ['Chart.yaml', 'apiVersion: v2\nname: c\nversion: 0.1.0\n'],
    ['templates/a.yaml.eta', text],
  ])
  const { chart, problems } = compileChart({ files, path: 'chart', library, clock: { now: () => 0 } })
  expect(problems).toEqual([])
  const capabilities = { kubeVersion: { version: 'v1.36.0', major: '1', minor: '36' }, apiVersions: [] }
  const answer = chart?.next({ primary, resources: [], unknown: {}, capabilities, now: 0 })
  if (answer?.kind !== 'rendered') throw new Error(JSON.stringify(answer))
  const { objects } = desiredObjects(primary, answer.documents, { scopeOf: () => 'Namespaced', sha256: String })
  const live = (data?: object) =>
    ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, ...(data && { data }) }) as KubernetesObject
  return {
    problems: readyWhenProblems(objects).map(({ message, at }) => `${at?.line}: ${message}`),
    state: (data?: object) => gatedReadiness(objects[0]!, live(data), 0).state,
  }
}

describe('fairlead.dev/ready-when as an expression', () => {
  it('reads the observed object, and what is not there as null', () => {
    const { problems, state } = gated(`it.data.phase === 'full' && it.status.deep.members !== 3`)
    expect(problems).toEqual([])
    expect([state(), state({ phase: 'empty' }), state({ phase: 'full' })]).toEqual(['inProgress', 'inProgress', 'current'])
  })

  it('has the functions of templates, and does not hold where it ends in an error', () => {
    const { state } = gated(`"has(it.data, 'a') && it.data.a.split(',').length > 1"`)
    expect([state({ a: '1,2' }), state({ a: '1' }), state({ a: 1 }), state({})]).toEqual([
      'current',
      'inProgress',
      'inProgress',
      'inProgress',
    ])
  })

  it.each([
    ['phase === 1', 'is not an expression: phase is not defined; the object is "it"'],
    ['it.data ===', 'is not an expression'],
    ['<%= it.spec.rule %>', 'holds an inserted value'],
  ])('is refused with its line: %s', (gate, message) => {
    const { problems, state } = gated(gate)
    expect(problems).toEqual([expect.stringContaining(`6: ConfigMap/a: fairlead.dev/ready-when ${message}`)])
    expect(state({})).toBe('inProgress')
  })

  it('reads nothing but the object', () => {
    expect(gated(`"lookup('v1', 'ConfigMap', 'eu', 'a') !== null"`).state({})).toBe('inProgress')
  })
})
