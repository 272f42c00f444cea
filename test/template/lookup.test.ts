import { describe, expect, it } from 'vitest'
import type { LookupResults } from '../../src/reconcile/lookup.ts'
import { bodyFiles, chartOf, inputsFor, printed, render, renderErrors } from './sample.ts'

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db', namespace: 'market', resourceVersion: '7' },
  data: { password: btoa('canary'), bytes: '//8=' },
}
const found = (...objects: object[]) => ({ state: 'found', objects }) as LookupResults[string]
const lookups: LookupResults = { 'v1/Secret market/db': found(secret), 'v1/ConfigMap market/none': found() }
const inputs = (more: LookupResults = {}, spec: object = {}) => inputsFor(spec, { lookups: { ...lookups, ...more } })
const password = "lookup('v1', 'Secret', it.namespace, 'db').data.password"

const secretFiles = (body: string) => ({ 'templates/web.yaml.eta': `apiVersion: v1\nkind: Secret\nmetadata: { name: mine }\n${body}` })
const rendered = (files: Record<string, string>) => render(chartOf(files), inputs())[0]?.object
const errors = (files: Record<string, string>, given = inputs()) =>
  renderErrors(chartOf(files), given).map((error) => error.replace('charts/app/templates/web.yaml.eta:', ''))

describe('lookup()', () => {
  it('is a need where the snapshot lacks it, all of a chart at once, and nothing is rendered', () => {
    const chart = chartOf({
      ...bodyFiles("a: <%= lookup('v1', 'Secret', 'eu', 'a') %>\nb: <%= lookup('v1', 'Secret', 'eu', 'never reached') %>\n"),
      'templates/b.yaml.eta': "a: <%= lookupAll('apps/v1', 'Deployment', null, { app: 'web' }) %>",
    })
    const needs = [
      { kind: { group: 'apps', version: 'v1', kind: 'Deployment' }, labels: { app: 'web' } },
      { kind: { group: '', version: 'v1', kind: 'Secret' }, namespace: 'eu', name: 'a' },
    ]
    expect(chart.next(inputsFor())).toEqual({ kind: 'needs', needs, lookups: needs })
  })

  it('is null for what is missing, and tells what was read either way', () => {
    const answer = chartOf(bodyFiles("data: { a: <%= lookup('v1', 'ConfigMap', it.namespace, 'none') === null %> }\n")).next(inputs())
    expect(answer).toMatchObject({
      kind: 'rendered',
      documents: [{ object: { data: { a: true } } }],
      lookups: [{ namespace: 'market', name: 'none' }],
      readInputs: true,
    })
  })

  it('is an error with its place and the remedy where it is denied', () => {
    const denied = { 'v1/Pod market/a': { state: 'denied', reason: '403 Forbidden', remedy: 'grant it' } } as const
    expect(errors(bodyFiles("a: <%= lookup('v1', 'Pod', it.namespace, 'a') %>\n"), inputs(denied))).toEqual([
      '4:8: Pod market/a cannot be looked up: 403 Forbidden; grant it (LOOKUP_DENIED)',
    ])
  })

  it('is unknown, and not missing, while it is not known', () => {
    const unknown = { 'v1/Pod market/a': { state: 'unknown', reason: 'the watch is stale' } } as const
    expect(chartOf(bodyFiles("a: <%= lookup('v1', 'Pod', it.namespace, 'a') ?? 'none' %>\n")).next(inputs(unknown))).toMatchObject({
      kind: 'unknown',
      reads: ['Pod market/a: the watch is stale'],
    })
  })

  it.each([
    ["lookup('v1', 'Pod', 'eu', it.spec.text)", '"a,metadata.name!=b" is no name of Kubernetes'],
    ["lookup(it.spec.text, 'Pod', 'eu', 'a')", '"a,metadata.name!=b" is no apiVersion of Kubernetes'],
    ["lookup('v1', it.spec.text, 'eu', 'a')", '"a,metadata.name!=b" is no kind of Kubernetes'],
    ["lookup('v1', 'Pod', it.spec.text, 'a')", '"a,metadata.name!=b" is no namespace of Kubernetes'],
    ["lookupAll('v1', 'Pod', 'eu', { app: it.spec.text })", '"a,metadata.name!=b" is no label value of Kubernetes'],
    ["lookupAll('v1', 'Pod', 'eu', { [it.spec.text]: 'a' })", '"a,metadata.name!=b" is no label of Kubernetes'],
    ["lookup('v1', 'Pod', 'eu')", 'lookup(apiVersion, kind, namespace, name): "name" is missing; it must be a string'],
  ])('%s is refused: data is never syntax', (call, message) => {
    expect(errors(bodyFiles(`a: <%= ${call} %>\n`), inputs({}, { text: 'a,metadata.name!=b' }))[0]).toContain(message)
  })

  it('of what has been read in status.yaml.eta reads on through null', () => {
    const chart = chartOf({ 'status.yaml.eta': "zone: <%= lookup('v1', 'ConfigMap', it.namespace, 'none').data.zone %>\n" })
    expect(chart.status(inputs())).toMatchObject({ kind: 'status', status: {}, lookups: [{ name: 'none' }] })
  })
})

describe('a secret value', () => {
  it.each([
    ['data', `data: { a: <%= ${password} %>, b: "<%= ${password} %>" }`, { a: btoa('canary'), b: btoa('canary') }],
    [
      'data, decoded or encoded',
      `data: { a: <%= base64Decode(${password}) %>, b: <%= base64Encode(${password}) %> }`,
      { a: btoa('canary'), b: btoa(btoa('canary')) },
    ],
    ['data, all of it', "data: <%= lookup('v1', 'Secret', it.namespace, 'db').data %>", secret.data],
    ['stringData', `stringData: { a: <%= ${password} %>, b: <%= base64Decode(${password}) %> }`, { a: btoa('canary'), b: 'canary' }],
    ['a text of stringData', `stringData:\n  a: |\n    password = <%= base64Decode(${password}) %>\n`, { a: 'password = canary\n' }],
  ])('may stand in %s of a Secret', (_title, body, data) => {
    const object = rendered(secretFiles(body)) as Record<string, unknown>
    expect(object['data'] ?? object['stringData']).toEqual(data)
  })

  it.each([
    ['a ConfigMap', bodyFiles(`data:\n  a: <%= ${password} %>\n`), '5:10'],
    ['a text of a ConfigMap', bodyFiles(`data:\n  a: x-<%= ${password} %>\n`), '5:6'],
    ['another field of a Secret', secretFiles(`data:\n  b: a\ntype: <%= ${password} %>\n`), '6:11'],
    ['a list', bodyFiles(`data:\n  a: <%= [${password}] %>\n`), '5:10'],
    ['a spread map', bodyFiles("data:\n  <%... lookup('v1', 'Secret', it.namespace, 'db').data %>\n"), '5:9'],
  ])('is an error in %s, at its place, and the message does not say it', (_title, files, at) => {
    const found = errors(files)
    expect(found[0]).toBe(
      `${at}: the value of Secret market/db, key password may stand only in the data or stringData of a Secret; refer to the Secret by its name and key; reveal() makes a text of the value (SECRET_EXPOSED)`,
    )
    expect(found.join()).not.toMatch(/canary|Y2FuYXJ5/)
  })

  it.each([
    '`${x}`',
    "x + ''",
    'x.length',
    'JSON.stringify(x)',
    'toJson({ x })',
    'toYaml([x])',
    'textOf(x)',
    'digest({ x })',
    'sha256(x)',
    'fail(x)',
    '[x].join()',
    'Object.keys(x)',
  ])('%s does not get at it', (expression) => {
    const found = errors(bodyFiles(`<% const x = ${password} %>\na: <%= ${expression} %>\n`))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/^5:8: .*(a secret|the value of Secret market\/db, key password is a secret)/)
    expect(found[0]).not.toMatch(/canary|Y2FuYXJ5/)
  })

  it('is a text after reveal()', () => {
    expect(rendered(bodyFiles(`data: { a: <%= reveal(base64Decode(${password})) %>, b: x-<%= reveal(${password}) %> }\n`))).toMatchObject({
      data: { a: 'canary', b: `x-${btoa('canary')}` },
    })
  })

  it('of a dependent is one too, and so is one in the status', () => {
    const files = {
      ...bodyFiles("a: <%= it.resources['Secret/db'].data.password %>\n"),
      'status.yaml.eta': "a: <%= it.resources['Secret/db'].data.password %>\n",
    }
    const given = inputsFor({}, { resources: [secret] })
    expect(errors(files, given)[0]).toMatch(/^4:8: the value of Secret market\/db, key password may stand only/)
    const status = chartOf(files).status(given)
    expect(status.kind === 'problems' && printed(status.problems)).toEqual([
      expect.stringMatching(/status\.yaml\.eta:1:8: the value of Secret market\/db/),
    ])
  })

  it('that is no text stays out of stringData', () => {
    expect(errors(secretFiles("stringData: { a: <%= base64Decode(lookup('v1', 'Secret', it.namespace, 'db').data.bytes) %> }"))[0]).toMatch(
      /the value of Secret market\/db, key bytes is no UTF-8 text and cannot stand in stringData; put it in data/,
    )
  })
})
