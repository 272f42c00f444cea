import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../src/api/object.ts'
import { formatProblem } from '../../src/api/problem.ts'
import type { Scope } from '../../src/playbook/scope.ts'
import type { Inputs } from '../../src/reconcile/program.ts'
import { compileSteps, found, sample, sampleInputs } from './sample.ts'

type Result = ReturnType<Scope['attempt']>

/** What the inputs of a step's request are, or what it tells. */
function inputsOf(written: string, inputs: Partial<Inputs> = {}, before = ''): Result {
  const { steps, scope } = sample(
    `${before}- id: a\n  onUnknown: retry\n  ${written}\n`.replace(
      / {2}onUnknown: retry\n(?= {2}(status|condition|event|metric|logs))/,
      '',
    ),
    { inputs },
  )
  const does = steps.at(-1)?.does
  if (does?.kind === 'request' || does?.kind === 'condition' || does?.kind === 'event' || does?.kind === 'metric')
    return scope.attempt((within) => does.inputs.evaluate(within))
  throw new Error('it asks for nothing')
}

const problemIn = (result: Result): string => (result.kind === 'problem' ? formatProblem(result.problem) : result.kind)

const dbSecret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db', namespace: 'eu', uid: 's' },
  data: { password: btoa('p4ssword'), user: btoa('app') },
}
const withSecret: Partial<Inputs> = { lookups: { 'v1/Secret eu/db': { state: 'found', objects: [dbSecret] } } }
const password = "base64Decode(lookup('v1', 'Secret', 'eu', 'db').data.password)"

describe('the inputs of a request', () => {
  it.each<[string, string, JsonObject]>([
    [
      'http, in short',
      'http: { post: http://a/<%= it.name %>, body: { size: <%= it.spec.size %> } }',
      { method: 'POST', url: 'http://a/shop', body: { size: 3 } },
    ],
    [
      'http, written out',
      'http: { method: put, url: http://a, headers: { X-Size: <%= it.spec.size %> }, body: text, expect: 202 }',
      { method: 'PUT', url: 'http://a', headers: { 'X-Size': '3' }, body: 'text', expect: [202] },
    ],
    [
      'http over TLS',
      'http: { get: https://a, tls: { secret: <%= it.name %>-tls, serverName: b } }',
      { method: 'GET', url: 'https://a', tls: { secret: 'shop-tls', serverName: 'b' } },
    ],
    [
      'exec',
      'exec: { pod: a-0, container: c, command: [sh, -c, "echo <%= it.name %>"] }',
      { pod: 'a-0', container: 'c', command: ['sh', '-c', 'echo shop'] },
    ],
    ['logs', 'logs: { pod: a-0, tail: 5 }\n  read: { every: 1m }', { pod: 'a-0', tail: 5 }],
    ['a command, in short', 'command: [rclone, sync]', { command: ['rclone', 'sync'] }],
    [
      'a job, with its defaults',
      'job: { image: busybox, args: [a], env: { SIZE: <%= it.spec.size %> } }',
      { image: 'busybox', args: ['a'], env: { SIZE: '3' }, keep: 'failed' },
    ],
    [
      'a job with volumes',
      'job: { image: a, volumes: { /data: { claim: data, readOnly: true }, /tmp: { emptyDir: true } }, keep: 1h }',
      { image: 'a', volumes: { '/data': { claim: 'data', readOnly: true }, '/tmp': { emptyDir: true } }, keep: '1h' },
    ],
    [
      'delete of a list',
      'delete: [{ kind: Pod, name: a }, { kind: Certificate.cert-manager.io, name: b }]',
      {
        objects: [
          { apiVersion: 'v1', kind: 'Pod', namespace: 'eu', name: 'a' },
          { apiVersion: 'cert-manager.io/v1', kind: 'Certificate', namespace: 'eu', name: 'b' },
        ],
      },
    ],
    [
      'delete of one object',
      'delete: { kind: Deployment, name: a, uid: u-7 }',
      { objects: [{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'eu', name: 'a', uid: 'u-7' }] },
    ],
    [
      "delete of somebody else's objects",
      'delete: { objects: [{ kind: Pod, name: a, namespace: us }], foreign: true }',
      { objects: [{ apiVersion: 'v1', kind: 'Pod', namespace: 'us', name: 'a' }], foreign: true },
    ],
    [
      'delete of what may not be there',
      "'delete': [<%= ref(null) %>, <%= it.spec.size %>]".replace(', <%= it.spec.size %>', ''),
      { objects: [] },
    ],
    [
      'patch',
      'patch: { ref: { kind: Service, name: a }, patch: { spec: { type: ClusterIP } }, foreign: true }',
      { target: { apiVersion: 'v1', kind: 'Service', namespace: 'eu', name: 'a' }, patch: { spec: { type: 'ClusterIP' } }, foreign: true },
    ],
    [
      'scale',
      'scale: { ref: { kind: StatefulSet, name: a }, replicas: <%= it.spec.size %> }',
      { target: { apiVersion: 'apps/v1', kind: 'StatefulSet', namespace: 'eu', name: 'a' }, replicas: 3 },
    ],
    [
      'a condition',
      'condition: { type: Available, status: true, message: "<%= it.spec.size %> of 3" }',
      { type: 'Available', status: 'True', reason: 'Told', message: '3 of 3' },
    ],
    ['an event', 'event: { reason: Done, message: it is }', { type: 'Normal', reason: 'Done', message: 'it is' }],
    [
      'a gauge',
      'metric: { gauge: shop_size, value: <%= it.spec.size %>, labels: { tier: gold } }',
      { type: 'gauge', name: 'shop_size', help: 'shop_size', labels: { tier: 'gold' }, value: 3 },
    ],
    [
      'a counter, which counts one',
      'metric: { counter: shop_updates_total, help: Updates. }',
      { type: 'counter', name: 'shop_updates_total', help: 'Updates.', labels: {}, value: 1 },
    ],
  ])('%s', (_title, written, expected) => {
    expect(inputsOf(written)).toEqual({ kind: 'value', value: expected })
  })

  it.each<[string, string, string]>([
    [
      'two methods',
      'http: { get: http://a, post: http://b }',
      'app/p.yaml:5:11: a request has one method, not get and post (STEP_INVALID)',
    ],
    ['no URL', 'http: { headers: {} }', 'app/p.yaml:5:11: the request has no URL; e.g. get: https://example.com/health (STEP_INVALID)'],
    [
      'a number of the wrong sort',
      'scale: { ref: { kind: StatefulSet, name: a }, replicas: <%= it.spec.version %> }',
      'app/p.yaml:5:65: scale.replicas must be integer (STEP_INVALID)',
    ],
    [
      'a kind that is not known',
      'delete: [{ kind: Pdo, name: a }]',
      'app/p.yaml:5:13: the kind "Pdo" is not known; did you mean Pod? (TEMPLATE_VALUE)',
    ],
    [
      'a reference without a name',
      'delete: [{ kind: Pod, name: <%= it.spec.image %> }]',
      'app/p.yaml:5:37: delete.0.name must be string (STEP_INVALID)',
    ],
    [
      'a volume of two sorts',
      'job: { image: a, volumes: { /x: { claim: a, secret: b } } }',
      'app/p.yaml:5:10: the volume at /x has 2 of claim, secret, configMap, emptyDir; it has one of them (STEP_INVALID)',
    ],
    [
      "the operator's own condition",
      'condition: { type: Ready, status: true }',
      'app/p.yaml:4:16: the condition Ready is written by the operator itself (STATUS_INVALID)',
    ],
    ['a metric without a value', 'metric: { gauge: a }', 'app/p.yaml:4:13: the metric a has no value (STEP_INVALID)'],
    [
      'a body that looks like a secret',
      'http: { post: http://a, body: <%= it.spec %> }',
      'app/p.yaml:5:11: the body has the key secretRef, which stands for values of Secrets; write it as a text: toJson() makes one (STEP_INVALID)',
    ],
  ])('refuse %s', (_title, written, expected) => {
    const primary = {
      apiVersion: 'app.company.com/v1',
      kind: 'App',
      metadata: { name: 'shop', namespace: 'eu' },
      spec: { size: 3, version: '1.4', image: { secretRef: { name: 'db', key: 'password' } } },
    }
    expect(problemIn(inputsOf(written, { primary }))).toBe(expected)
  })
})

describe('a secret value in inputs', () => {
  it('is a reference to its key, in headers and bodies', () => {
    const secretRef = { namespace: 'eu', name: 'db', key: 'password' }
    expect(
      inputsOf(
        `http: { post: http://a, headers: { X-Key: "<%= ${password} %>", Authorization: "Bearer <%= ${password} %>" }, body: { deep: ["<%= ${password} %>"] } }`,
        withSecret,
      ),
    ).toEqual({
      kind: 'value',
      value: {
        method: 'POST',
        url: 'http://a',
        headers: { 'X-Key': { secretRef }, Authorization: { secretText: ['Bearer ', { secretRef }] } },
        body: { deep: [{ secretRef }] },
      },
    })
  })
  it('is its base64 where it was not decoded', () => {
    expect(
      inputsOf(`http: { get: http://a, headers: { X: "<%= lookup('v1', 'Secret', 'eu', 'db').data.user %>" } }`, withSecret),
    ).toMatchObject({
      value: { headers: { X: { secretText: [{ secretRef: { key: 'user' } }], base64: true } } },
    })
  })
  it("is a reference to its key in a job's env, and only whole", () => {
    expect(
      inputsOf(
        `job: { image: a, env: { PASSWORD: "<%= ${password} %>", USER: "<%= lookup('v1', 'Secret', 'eu', 'db').data.user %>" } }`,
        withSecret,
      ),
    ).toMatchObject({
      value: { env: { PASSWORD: { secretRef: { namespace: 'eu', name: 'db', key: 'password' } }, USER: { secretRef: { key: 'user' } } } },
    })
    expect(problemIn(inputsOf(`job: { image: a, env: { URL: "db://<%= ${password} %>@db" } }`, withSecret))).toBe(
      'app/p.yaml:5:10: Secret eu/db, key password is not the whole value of a key of a Secret here; insert the value alone, as it stands in the Secret (SECRET_EXPOSED)',
    )
  })
  it('that is generated is a reference to where it is kept', () => {
    const generated = { root: { sort: 'password', options: '{}', parts: { value: btoa('abc') } } } as const
    expect(inputsOf(`job: { image: a, env: { PASSWORD: "<%= generate.password('root') %>" } }`, { generated })).toMatchObject({
      value: { env: { PASSWORD: { secretRef: { namespace: 'eu', name: 'shop-generated', key: 'root' } } } },
    })
  })
  it.each([
    'status: { a: "<%= PASSWORD %>" }',
    'condition: { type: A, status: true, message: "<%= PASSWORD %>" }',
    'event: { reason: A, message: "<%= PASSWORD %>" }',
    'metric: { gauge: a, value: 1, help: "<%= PASSWORD %>" }',
    'patch: { ref: { kind: Pod, name: a }, patch: { spec: { a: "<%= PASSWORD %>" } } }',
  ])('cannot be told: %s', (written) => {
    const { steps, scope } = sample(`- id: a\n  ${written.replace('PASSWORD', password)}\n`, { inputs: withSecret })
    const does = steps[0]?.does
    const result = scope.attempt((within) =>
      does?.kind === 'status'
        ? does.fields.evaluate(within)
        : (does as { inputs: { evaluate(scope: Scope): unknown } }).inputs.evaluate(within),
    )
    expect(problemIn(result)).toMatch(/the value of Secret eu\/db, key password .*SECRET_EXPOSED/)
  })
})

const pod = (name: string, labels = {}): Inputs['resources'][number] => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'eu', uid: `u-${name}`, labels },
})

describe('get', () => {
  const read = (written: string, inputs: Partial<Inputs> = {}): { result: Result; lacking: unknown } => {
    const { steps, scope } = sample(`- id: a\n  get: ${written}\n`, { inputs })
    const does = steps[0]?.does
    if (does?.kind !== 'get') throw new Error('it reads nothing')
    return { result: scope.attempt((within) => does.read(within)), lacking: scope.lacking }
  }
  it.each<[string, string, unknown]>([
    [
      'one object',
      '{ kind: Pod, name: <%= it.name %>-0 }',
      { kind: { group: '', version: 'v1', kind: 'Pod' }, namespace: 'eu', name: 'shop-0' },
    ],
    [
      'all with some labels',
      '{ kind: StatefulSet, labels: { app: <%= it.name %>, size: <%= it.spec.size %> } }',
      { kind: { group: 'apps', version: 'v1', kind: 'StatefulSet' }, namespace: 'eu', labels: { app: 'shop', size: '3' } },
    ],
    [
      'all of a kind',
      '{ apiVersion: a.b/v2, kind: Thing }',
      { kind: { group: 'a.b', version: 'v2', kind: 'Thing' }, namespace: 'eu', labels: {} },
    ],
    [
      'what is in another namespace',
      '{ kind: Pod, namespace: us, name: a }',
      { kind: { group: '', version: 'v1', kind: 'Pod' }, namespace: 'us', name: 'a' },
    ],
    ['what is in all namespaces', '{ kind: Pod, namespace: null }', { kind: { group: '', version: 'v1', kind: 'Pod' }, labels: {} }],
    ['what is in none', '{ kind: Node, name: n1 }', { kind: { group: '', version: 'v1', kind: 'Node' }, name: 'n1' }],
  ])('asks for %s to be watched', (_title, written, need) => {
    const { result, lacking } = read(written)
    expect(result.kind).toBe('unknown')
    expect(lacking).toEqual({ kind: 'needs', needs: [need] })
  })
  it('gives the object, null where it is not there, or the items', () => {
    const found = (...objects: Inputs['resources'][number][]): { state: 'found'; objects: Inputs['resources'] } => ({
      state: 'found',
      objects,
    })
    expect(read('{ kind: Pod, name: a }', { lookups: { 'v1/Pod eu/a': found(pod('a')) } }).result).toEqual({
      kind: 'value',
      value: pod('a'),
    })
    expect(read('{ kind: Pod, name: a }', { lookups: { 'v1/Pod eu/a': found() } }).result).toEqual({ kind: 'value', value: null })
    expect(read('{ kind: Pod, labels: { a: b } }', { lookups: { 'v1/Pod eu?a=b': found(pod('x'), pod('y')) } }).result).toEqual({
      kind: 'value',
      value: { items: [pod('x'), pod('y')] },
    })
  })
  it('is unknown where the objects are, and an error where they may not be read', () => {
    expect(
      read('{ kind: Pod, name: a }', { lookups: { 'v1/Pod eu/a': { state: 'unknown', reason: 'the watch is stale' } } }).result,
    ).toEqual({ kind: 'unknown', reason: 'Pod eu/a cannot be known now: the watch is stale' })
    const denied = { 'v1/Pod eu/a': { state: 'denied', reason: 'no', remedy: 'a role' } } as const
    expect(problemIn(read('{ kind: Pod, name: a }', { lookups: denied }).result)).toBe(
      'app/p.yaml:4:10: Pod eu/a cannot be looked up: no; a role (LOOKUP_DENIED)',
    )
  })
  it('reads by name or by labels', () => {
    expect(problemIn(read('{ kind: Pod, name: a, labels: {} }').result)).toBe(
      'app/p.yaml:4:10: get reads one object by its name, or all with some labels, and not both (STEP_INVALID)',
    )
  })
})

describe('wait', () => {
  const look = (written: string, inputs: Partial<Inputs> = {}): Result => {
    const { steps, scope } = sample(`- wait: ${written}\n`, { inputs })
    const does = steps[0]?.does
    if (does?.kind !== 'wait') throw new Error('it does not wait')
    return scope.attempt((within) => does.until(within))
  }
  const deployment = (available: boolean): Inputs['resources'][number] => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'eu', uid: 'd', generation: 1 },
    spec: { replicas: 1 },
    status: {
      observedGeneration: 1,
      replicas: 1,
      updatedReplicas: 1,
      readyReplicas: available ? 1 : 0,
      availableReplicas: available ? 1 : 0,
      conditions: [{ type: 'Available', status: available ? 'True' : 'False' }],
    },
  })
  it.each<[string, string, Partial<Inputs>, unknown]>([
    ['an expression', 'it.spec.size > 2', {}, { holds: true, message: 'it.spec.size > 2' }],
    ['an expression that is false', 'it.spec.size > 5', {}, { holds: false, message: 'it.spec.size > 5' }],
    ['a rule', "{ '>': [{ var: spec.size }, 2] }", {}, { holds: true, message: 'its condition' }],
    [
      'an own object to be ready',
      '{ ready: { kind: Deployment, name: web } }',
      { resources: [deployment(true)] },
      { holds: true, message: expect.stringContaining('Deployment/web to be ready') },
    ],
    [
      'an own object that is not',
      '{ ready: { kind: Deployment, name: web } }',
      { resources: [deployment(false)] },
      { holds: false, message: expect.stringContaining('Deployment/web to be ready: ') },
    ],
    [
      'an object that is not there',
      '{ ready: { kind: Deployment, name: web } }',
      { lookups: { 'apps/v1/Deployment eu/web': { state: 'found', objects: [] } } },
      { holds: false, message: 'Deployment/web, which is not there' },
    ],
    [
      'a condition',
      '{ condition: Available, of: { kind: Deployment, name: web } }',
      { resources: [deployment(true)] },
      { holds: true, message: 'Available=True of Deployment/web, which is True' },
    ],
    [
      'a condition to be False',
      '{ condition: Available, of: { kind: Deployment, name: web }, status: "False" }',
      { resources: [deployment(true)] },
      { holds: false, message: 'Available=False of Deployment/web, which is True' },
    ],
    [
      'an object to be gone',
      '{ gone: { kind: Deployment, name: web } }',
      { resources: [deployment(true)] },
      { holds: false, message: 'Deployment/web to be gone' },
    ],
    [
      'another incarnation to be gone',
      '{ gone: { kind: Deployment, name: web, uid: old } }',
      { resources: [deployment(true)] },
      { holds: true, message: 'Deployment/web to be gone' },
    ],
    ['a time', '{ until: 2026-11-23T10:00:10.5Z }', {}, { holds: false, message: '2026-11-23T10:00:10.5Z, in 10s', within: 10_000 }],
    ['a time that has passed', '{ until: 2026-11-23T09:00:00Z }', {}, { holds: true, message: '2026-11-23T09:00:00Z, in 0s' }],
  ])('waits for %s', (_title, written, inputs, expected) => {
    expect(look(written, inputs)).toEqual({ kind: 'value', value: expected })
  })
  it('says what the step says that it waits for, and is told as a condition', () => {
    const { steps, scope } = sample('- wait: false\n  message: <%= it.name %> to come\n  condition: Available\n')
    const does = steps[0]?.does
    if (does?.kind !== 'wait') throw new Error('it does not wait')
    expect(scope.attempt((within) => does.until(within))).toEqual({ kind: 'value', value: { holds: false, message: 'shop to come' } })
    expect(does.condition).toBe('Available')
  })
  it('for a while is counted from its start, by whoever walks', () => {
    const { steps, scope } = sample('- wait: { for: 10m }\n')
    const does = steps[0]?.does
    if (does?.kind !== 'wait') throw new Error('it does not wait')
    expect(scope.attempt((within) => does.pause?.evaluate(within))).toEqual({ kind: 'value', value: 600_000 })
  })
  it('has one form', () => {
    expect(compileSteps('- wait: { ready: { kind: Pod, name: a }, gone: { kind: Pod, name: a } }\n').errors).toHaveLength(1)
  })
})

describe('apply', () => {
  const render = (written: string, options: Parameters<typeof sample>[1] = {}) => {
    const { steps, scope } = sample(`- apply: ${written}\n`, options)
    const does = steps[0]?.does
    if (does?.kind !== 'apply') throw new Error('it applies nothing')
    return scope.attempt((within) => does.render(within))
  }
  const objectsIn = (result: ReturnType<typeof render>): unknown =>
    result.kind === 'value' ? [...result.value.documents.map(({ object }) => object), ...result.value.problems.map(formatProblem)] : result
  const map = (name: string): JsonObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } })

  it.each<[string, string]>([
    ['an object', '{ apiVersion: v1, kind: ConfigMap, metadata: { name: <%= it.name %> } }'],
    ['a list of objects', '[{ apiVersion: v1, kind: ConfigMap, metadata: { name: <%= it.name %> } }]'],
    ['objects with options', '{ objects: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: <%= it.name %> } }], prune: false }'],
    ['template files, with values', '{ templates: [a.yaml.eta], values: { name: <%= it.name %> } }'],
    ['static files', '{ templates: [b.yaml] }'],
  ])('renders %s', (_title, written) => {
    const files = {
      'templates/a.yaml.eta': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: <%= it.values.name %>\n',
      'templates/b.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: shop }\n',
    }
    expect(objectsIn(render(written, { files }))).toEqual([map('shop')])
  })
  it('knows the kinds that stand in its text', () => {
    const files = { 'templates/a.yaml.eta': 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n' }
    const { playbook } = sample(
      '- apply: { templates: [a.yaml.eta], objects: [{ apiVersion: v1, kind: Service, metadata: { name: a } }] }\n',
      { files },
    )
    expect(playbook.kinds.map(({ kind }) => kind)).toEqual(['Service', 'Deployment'])
  })
  it('shares partials and functions with the playbook', () => {
    const files = {
      'functions.js': 'export const twice = (n) => n * 2\n',
      'templates/_labels.yaml.eta': 'size: "<%= twice(it.spec.size) %>"\n',
      'templates/a.yaml.eta': "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels: <%= include('labels') %>\n",
    }
    expect(objectsIn(render('{ templates: [a.yaml.eta] }', { files }))).toEqual([
      { ...map('a'), metadata: { name: 'a', labels: { size: '6' } } },
    ])
  })
  it('tells the place of what is no object', () => {
    expect(objectsIn(render('{ apiVersion: v1, kind: ConfigMap, metadata: { name: <%= it.spec.size %> } }'))).toEqual([
      'app/p.yaml:3:69: metadata.name has to be a string (DOCUMENT_INVALID)',
    ])
    expect(
      objectsIn(
        render('[{ apiVersion: v1, kind: ConfigMap, metadata: { name: a } }, { apiVersion: v1, kind: ConfigMap, metadata: { name: a } }]'),
      ),
    ).toEqual([map('a'), map('a'), 'app/p.yaml:3:73: ConfigMap/a is rendered twice: first at app/p.yaml:3:13 (DOCUMENT_DUPLICATE)'])
  })
  it('puts secret values into Secrets, and nowhere else', () => {
    const object = (kind: string, place: string): string =>
      `{ apiVersion: v1, kind: ${kind}, metadata: { name: a }, ${place}: { p: "<%= ${password} %>" } }`
    expect(objectsIn(render(object('Secret', 'stringData'), { inputs: withSecret }))).toEqual([
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, stringData: { p: 'p4ssword' } },
    ])
    expect(objectsIn(render(object('ConfigMap', 'data'), { inputs: withSecret }))).toContainEqual(expect.stringContaining('SECRET_EXPOSED'))
  })
  it('is unknown where something that it reads is', () => {
    const lookups = { 'v1/Pod eu/a': { state: 'unknown', reason: 'the watch is stale' } } as const
    expect(
      render(`{ apiVersion: v1, kind: ConfigMap, metadata: { name: "<%= lookup('v1', 'Pod', 'eu', 'a').metadata.name %>" } }`, {
        inputs: { lookups },
      }),
    ).toEqual({
      kind: 'unknown',
      reason: 'Pod eu/a cannot be known now: the watch is stale',
    })
  })
  it('renders a chart with the values of the step over its own', () => {
    const chart = {
      'Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\n',
      'values.yaml': 'a: 1\nb: 1\n',
      'templates/c.yaml.eta':
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: <%= it.name %>\ndata:\n  all: "<%= it.values.a %><%= it.values.b %><%= it.values.size %>"\n',
    }
    const charts = () => ({ files: new Map(Object.entries(chart)), path: 'charts/web', problems: [] })
    const { playbook, scopeOf, errors } = compileSteps(
      '- apply: { chart: ../charts/web, values: { b: <%= it.spec.size %> } }\n',
      {},
      { charts },
    )
    if (!playbook || !scopeOf) throw new Error(errors.join('\n'))
    const scope = scopeOf(playbook, sampleInputs(), found())
    const does = playbook.steps[0]?.does
    if (does?.kind !== 'apply') throw new Error('it applies nothing')
    expect(objectsIn(scope.attempt((within) => does.render(within)))).toEqual([{ ...map('shop'), data: { all: '133' } }])
  })
})
