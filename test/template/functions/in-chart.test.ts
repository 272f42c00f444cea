import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import type { KubernetesObject } from '../../../src/api/object.ts'
import { compileChart } from '../../../src/template/chart.ts'
import { createLibrary } from '../../../src/template/functions/library.ts'

const library = createLibrary({ sha256: (text) => createHash('sha256').update(text).digest('hex') })

/** What a template inserts for an expression over a primary with this spec. */
function inserted(expression: string, spec: object, resources: readonly KubernetesObject[] = []): unknown {
  const files = new Map([
    ['Chart.yaml', 'apiVersion: v2\nname: c\nversion: 0.1.0\n'],
    ['templates/a.yaml.eta', `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: <%= ${expression} %>\n`],
  ])
  const { chart, problems } = compileChart({ files, path: 'chart', library, clock: { now: () => 0 } })
  expect(problems).toEqual([])
  const primary = { apiVersion: 'demo.io/v1', kind: 'Thing', metadata: { name: 'one', namespace: 'default' }, spec }
  const capabilities = { kubeVersion: { version: 'v1.36.0', major: '1', minor: '36' }, apiVersions: [] }
  const answer = chart?.next({ primary, resources, unknown: {}, capabilities, now: 0 })
  if (answer?.kind !== 'rendered') return answer
  const data = answer.documents[0]?.object['data'] as { x: unknown } | undefined
  return data?.x
}

const web = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'default', generation: 2 } }

it('readiness() judges what is observed, and what is not there', () => {
  expect(inserted("readiness(it.resources['Deployment/web']).state", {}, [{ ...web, status: { observedGeneration: 1 } }])).toBe(
    'inProgress',
  )
  const gate = { 'fairlead.dev/ready-when': '{"==": [{"var": "data.open"}, "yes"]}' }
  const door = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'door', namespace: 'default', annotations: gate } }
  expect(inserted("readiness(it.resources['ConfigMap/door'])", {}, [{ ...door, data: { open: 'no' } }])).toMatchObject({
    state: 'inProgress',
    reason: 'ReadyWhen',
  })
  expect(inserted("readiness(it.resources['ConfigMap/door']).state", {}, [{ ...door, data: { open: 'yes' } }])).toBe('current')
  expect(inserted("readiness(it.resources['ConfigMap/door']).reason", {})).toBe('NotFound')
})

const spec = { b: { c: [3, 1, 2], d: null }, a: 'x' }

// What a template reads is a guarded view of the primary, and every function has to see the data behind it.
it.each([
  ['merge(it.spec, { b: { e: 1 } })', { b: { c: [3, 1, 2], d: null, e: 1 }, a: 'x' }],
  ["pick(it.spec, ['a', 'nothing'])", { a: 'x' }],
  ["omitKeys(it.spec, ['b'])", { a: 'x' }],
  ["get(it.spec, ['b', 'nothing'], 'fallback')", 'fallback'],
  ["has(it.spec, 'nothing')", false],
  ['sortBy(it.spec.b.c)', [1, 2, 3]],
  ['max(it.spec.b.c)', 3],
  ['unique([it.spec.b, it.spec.b])', [{ c: [3, 1, 2], d: null }]],
  ['mapValues(it.spec, (value, key) => key)', { b: 'b', a: 'a' }],
  ['toJson(it.spec)', '{"b":{"c":[3,1,2],"d":null},"a":"x"}'],
  ['toYaml(it.spec.b.c)', '- 3\n- 1\n- 2\n'],
  ['digest(it.spec) === digest({ a: "x", b: { d: null, c: [3, 1, 2] } })', true],
])('%s works on what a template reads', (expression, value) => {
  expect(inserted(expression, spec)).toEqual(value)
})
