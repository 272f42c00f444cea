import { describe, expect, it } from 'vitest'
import { chartOf, inputsFor, loadErrors, printed } from './sample.ts'

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'market' },
  status: { readyReplicas: 2 },
}

function status(text: string, more = {}, spec: unknown = {}): unknown {
  const answer = chartOf({ 'status.yaml.eta': text }).status(inputsFor(spec, more))
  return answer.kind === 'status'
    ? answer.status
    : answer.kind === 'unknown'
      ? answer.reads
      : answer.kind === 'needs'
        ? answer.needs
        : printed(answer.problems).map((error) => error.replace('charts/app/status.yaml.eta:', ''))
}

describe('a chart without status.yaml.eta', () => {
  it('has an empty status', () => {
    expect(chartOf({}).status(inputsFor())).toEqual({ kind: 'status', status: {}, readNow: false })
  })
})

describe('status.yaml.eta', () => {
  const text = `ready: <%= it.resources['Deployment/web'].status.readyReplicas %>\nurl: http://<%= it.name %>/\nsum: <%= it.resources['Deployment/web'].status.readyReplicas ?? 0 %>\n`

  it('reads the dependents as they are', () => {
    expect(status(text, { resources: [deployment] })).toEqual({ ready: 2, url: 'http://shop/', sum: 2 })
  })

  it('reads null on, and leaves out keys with null, while a dependent or its field is not there', () => {
    expect(status(text)).toEqual({ url: 'http://shop/', sum: 0 })
    expect(status(text, { resources: [{ ...deployment, status: {} }] })).toEqual({ url: 'http://shop/', sum: 0 })
    expect(
      status(`a: { b: <%= null %>, c: 1 }\n<% const d = it.resources['Deployment/x'] %>\ne: <%= d.status.conditions[0].type.length %>\n`),
    ).toEqual({ a: { c: 1 } })
    expect(status('a:\n  <%... { b: null, c: 1 } %>\n')).toEqual({ a: { c: 1 } })
  })

  it('still refuses a name that does not exist', () => {
    expect(status('a: <%= it.spec.imge %>\n', {}, { image: 'x' })).toEqual([
      '1:8: it.spec.imge is undefined; did you mean "image"? (TEMPLATE_UNDEFINED)',
    ])
    expect(status('a: <%= it.valuse %>\n')).toEqual(['1:8: it.valuse is undefined; did you mean "values"? (TEMPLATE_UNDEFINED)'])
  })

  it('has no answer while a kind that it reads cannot be known', () => {
    expect(status(text, { unknown: { 'Deployment.apps': 'stale' } })).toEqual(['Deployment.apps'])
  })

  it('may have conditions of its own', () => {
    expect(status('conditions:\n  - type: Serving\n    status: "True"\n    reason: Up\n')).toEqual({
      conditions: [{ type: 'Serving', status: 'True', reason: 'Up' }],
    })
  })

  it.each([
    ['observedGeneration: 1\n', '1:1: observedGeneration is written by the operator itself (STATUS_INVALID)'],
    ['conditions:\n  - type: Ready\n    status: "True"\n', '2:11: the condition Ready is written by the operator itself (STATUS_INVALID)'],
    [
      'conditions:\n  - { type: Stalled, status: "<%= it.name %>" }\n',
      '2:13: the condition Stalled is written by the operator itself (STATUS_INVALID)',
    ],
  ])("that claims what is the operator's own is a load error: %j", (content, error) => {
    expect(loadErrors({ 'status.yaml.eta': content })).toEqual([`charts/app/status.yaml.eta:${error}`])
  })

  it.each([
    ['<%= "observedGeneration" %>: 1\n', '1:30: observedGeneration is written by the operator itself (STATUS_INVALID)'],
    [
      'conditions:\n  - type: <%= "Ready" %>\n    status: "True"\n',
      '2:15: the condition Ready is written by the operator itself (STATUS_INVALID)',
    ],
    [
      'conditions:\n  - type: A\n    status: true\n',
      '3:13: the status of a condition has to be "True", "False" or "Unknown", as a string (STATUS_INVALID)',
    ],
    [
      'conditions:\n  - { type: A, status: "True" }\n  - { type: A, status: "True" }\n',
      '3:13: the condition A stands twice (STATUS_INVALID)',
    ],
    ['conditions: { A: "True" }\n', '1:13: conditions has to be a list, not a map (STATUS_INVALID)'],
    ['- 1\n', '1:1: the status has to be a map, not a list (STATUS_INVALID)'],
    ['a: 1\n---\nb: 1\n', '3:1: status.yaml.eta holds more than one document (STATUS_INVALID)'],
  ])('that renders what a status cannot hold is a problem: %j', (content, error) => {
    expect(status(content)).toEqual([error])
  })
})
