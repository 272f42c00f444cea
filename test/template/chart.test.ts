import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { bodyErrors, bodyFiles, chartOf, dataOf, inputsFor, loadErrors, render, renderBody, renderErrors } from './sample.ts'

const configMap = (name: string, rest = ''): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n${rest}`

describe('the files of a chart', () => {
  it('in templates/ are rendered in the order of their names; partials and other files are not', () => {
    const chart = chartOf({
      'templates/b.yaml.eta': configMap('b'),
      'templates/sub/a.yaml': `${configMap('static')}---\n# nothing\n---\n${configMap('second')}`,
      'templates/_part.eta': 'x: 1',
      'templates/NOTES.txt': '{{ anything }}',
      'crds/app.yaml': 'kind: CustomResourceDefinition',
      'README.md': '{{',
    })
    expect(render(chart).map(({ object }) => object.metadata.name)).toEqual(['b', 'static', 'second'])
    expect(chart).toMatchObject({ name: 'app', version: '0.1.0', crds: [{ path: 'charts/app/crds/app.yaml' }] })
  })

  it('beside them are read through it.files', () => {
    const files = { 'config/app.conf': 'a = <%= "raw" %>\n', 'bytes.txt': new TextEncoder().encode('ü') }
    expect(
      render(chartOf({ ...bodyFiles(`data: <%= it.files['config/app.conf'] %>\nmore: <%= it.files['bytes.txt'] %>\n`), ...files }))[0]
        ?.object,
    ).toMatchObject({ data: 'a = <%= "raw" %>\n', more: 'ü' })
    expect(bodyErrors(`data: <%= it.files['config/app.con'] %>\n`, {}, { 'config/app.conf': '' })).toEqual([
      '4:11: it.files["config/app.con"] is undefined; did you mean "config/app.conf"?',
    ])
  })

  it.each([
    [{ 'Chart.yaml': 'name: app\nversion: "1"\n' }, 'charts/app/Chart.yaml: apiVersion has to be v2, and is missing (CHART_INVALID)'],
    [{ 'Chart.yaml': 'apiVersion: v2\nversion: "1"\n' }, 'charts/app/Chart.yaml: name has to be a string (CHART_INVALID)'],
    [
      { 'Chart.yaml': 'apiVersion: v2\nname: app\nversion: 1.0\n' },
      'charts/app/Chart.yaml: version has to be a string; put it in quotes, for example "0.1.0" (CHART_INVALID)',
    ],
    [{ 'values.yaml': '- a\n' }, 'charts/app/values.yaml:1:1: the file has to hold a map (CHART_INVALID)'],
    [{ 'values.yaml': 'a: 1\na: 2\n' }, 'charts/app/values.yaml:2:1: the key "a" stands twice in one mapping (YAML_INVALID)'],
    [
      { 'templates/a.yaml': 'a: 1\nb: {{ .Values.x }}\n' },
      'charts/app/templates/a.yaml:2:4: Go templates are not supported yet: "{{" in a.yaml; write it as a.yaml.eta with <%= %> (CHART_INVALID)',
    ],
    [
      { 'templates/a.yaml': '{{- if eq .Values.x 1 }}\na: 1\n{{- end }}\n' },
      'charts/app/templates/a.yaml:1:1: Go templates are not supported yet: "{{" in a.yaml; write it as a.yaml.eta with <%= %> (CHART_INVALID)',
    ],
    [
      { 'templates/a.yaml': 'a: <%= it.name %>\n' },
      'charts/app/templates/a.yaml:1:4: a.yaml is a static document, and its tags are text; name it a.yaml.eta (CHART_INVALID)',
    ],
    [
      { 'templates/a.yaml.eta': 'a: {{ .Values.x }}\n' },
      'charts/app/templates/a.yaml.eta:1:4: Go templates are not supported yet: "{{" in a.yaml.eta; write it with <%= %> (CHART_INVALID)',
    ],
    [
      { 'templates/_helpers.tpl': '{{ define "x" }}' },
      'charts/app/templates/_helpers.tpl:1:1: Go templates are not supported yet: "{{" in _helpers.tpl; write it as _helpers.eta with <%= %> (CHART_INVALID)',
    ],
    [
      { 'README.md': '' },
      'charts/app: the chart has neither templates nor static documents, so it renders nothing; a template is a file templates/NAME.yaml.eta (CHART_INVALID)',
    ],
    [
      { 'charts/redis/Chart.yaml': 'x', 'charts/redis/values.yaml': 'x' },
      'charts/app/charts/redis/Chart.yaml: subcharts are not supported yet; move the templates of the subchart into this chart (CHART_INVALID)',
    ],
    [
      { 'templates/a.yaml': 'kind: ConfigMap\nmetadata: { name: a }\n' },
      'charts/app/templates/a.yaml:1:1: apiVersion has to be a string, and is missing (DOCUMENT_INVALID)',
    ],
    [{ 'values.schema.json': '{' }, 'charts/app/values.schema.json: the schema cannot be used'],
    [{ 'values.schema.json': '{"type":"nothing"}' }, 'charts/app/values.schema.json: the schema cannot be used'],
    [
      { 'templates/_a.eta': 'x', 'templates/sub/_a.yaml.eta': 'x' },
      'charts/app/templates/sub/_a.yaml.eta: the partial "a" stands in two files: also in charts/app/templates/_a.eta (CHART_INVALID)',
    ],
  ])('that cannot be used are named: %j', (files, error) => {
    const found = loadErrors(files as Record<string, string>)
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(error)
  })

  it('with another language’s tags are left as they are where they are text, and told where they are no YAML', () => {
    const rule = `${configMap('rule')}data: { text: "{{ $value }} of {{ .Labels.job }}" }\n`
    const chart = chartOf({ 'templates/rule.yaml': rule })
    expect(render(chart)[0]?.object).toMatchObject({ data: { text: '{{ $value }} of {{ .Labels.job }}' } })
    expect(bodyErrors('a: {{ .Values.x }}\n')).toEqual([
      expect.stringMatching(/; it holds a Go template, \{\{ … \}\}: write <%= %> in its place$/),
    ])
  })

  it('lack a Chart.yaml', () => {
    expect(loadErrors({ 'Chart.yaml': '', 'templates/a.yaml.eta': '' })).toEqual([])
  })

  it('have all their problems told at once', () => {
    expect(
      loadErrors({ 'templates/a.yaml.eta': 'a: <%= it. %>\n', 'templates/b.yaml.eta': 'b: <%~ 1 %>\n', 'values.yaml': '[' }),
    ).toHaveLength(3)
  })
})

describe('the kinds of a chart', () => {
  it('are those whose names stand in its text, in every branch', () => {
    const chart = chartOf({
      'templates/a.yaml.eta': `<% if (it.spec.x) { %>\napiVersion: apps/v1\nkind: Deployment\n<% } else { %>\napiVersion: apps/v1\nkind: "StatefulSet" # comment\n<% } %>\nmetadata: { name: x }\n---\nkind: Service\napiVersion: v1\nmetadata: { name: y }\nnested:\n  kind: Pod\n`,
      'templates/b.yaml': 'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: z }\n',
      'crds/c.yaml': 'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n',
    })
    expect(chart.kinds).toEqual([
      { group: 'networking.k8s.io', version: 'v1', kind: 'Ingress' },
      { group: 'apps', version: 'v1', kind: 'Deployment' },
      { group: 'apps', version: 'v1', kind: 'StatefulSet' },
      { group: '', version: 'v1', kind: 'Service' },
    ])
  })
})

describe('the kinds of documents', () => {
  const account = { group: '', version: 'v1', kind: 'ServiceAccount' }

  it.each([
    ['in braces', '{ apiVersion: v1, kind: ServiceAccount, metadata: { name: <%= it.name %> } }\n'],
    ['with quoted keys', '{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "<%= it.name %>"}}\n'],
    ['indented', '  apiVersion: v1\n  kind: ServiceAccount\n  metadata: { name: <%= it.name %> }\n'],
    ['as items of a List', 'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ServiceAccount\n  metadata: { name: x }\n'],
  ])('%s are seen in a template, also in a branch, and in a static file', (_style, text) => {
    expect(chartOf({ 'templates/a.yaml.eta': `<% if (it.spec.x) { %>\n${text}<% } %>\n` }).kinds).toEqual([account])
    expect(chartOf({ 'templates/a.yaml': text.replace('<%= it.name %>', 'x') }).kinds).toEqual([account])
  })

  it('are not what they hold', () => {
    const text = 'apiVersion: v1\nkind: Service\nmetadata: { name: x }\ntarget: { apiVersion: apps/v1, kind: Deployment }\n'
    expect(chartOf({ 'templates/a.yaml.eta': text, 'templates/b.yaml': text.replace('name: x', 'name: other') }).kinds).toEqual([
      { group: '', version: 'v1', kind: 'Service' },
    ])
  })
})

describe('it.values', () => {
  const files = { 'values.yaml': 'a: { b: 1, c: [1, 2], d: { e: 1 } }\nz: 1\n', ...bodyFiles('data: <%= it.values %>\n') }
  const values = (spec: unknown, overrideValues: Record<string, unknown> = {}): unknown =>
    dataOf(render(chartOf(files, { overrideValues }), inputsFor(spec)))

  it("is the chart's values, the spec, and overrideValues: maps merge, lists and scalars replace, null deletes", () => {
    expect(values({ a: { c: [3], d: null, f: 2 }, z: { y: 1 } }, { a: { b: 5, f: null }, g: { h: null, i: 1 } })).toEqual({
      a: { b: 5, c: [3] },
      z: { y: 1 },
      g: { i: 1 },
    })
  })

  it('takes overrideValues by path, also into lists and past dots in names', () => {
    expect(values({ a: { c: [{ x: 1, y: 2 }] } }, { 'a.c[0].x': 7, 'a.c[2]': 8, 'a.d.e': null, 'n.k\\.io': 1, z: 2 })).toEqual({
      a: { b: 1, c: [{ x: 7, y: 2 }, null, 8], d: {} },
      n: { 'k.io': 1 },
      z: 2,
    })
  })

  it('never changes what it is made of, and takes __proto__ for data', () => {
    const spec = JSON.parse('{"__proto__":{"polluted":true},"a":{"__proto__":{"polluted":true}}}') as object
    const result = values(spec) as Record<string, unknown>
    expect(Object.keys(result)).toEqual(['a', 'z', '__proto__'])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(JSON.stringify(spec)).toBe('{"__proto__":{"polluted":true},"a":{"__proto__":{"polluted":true}}}')
  })

  it.each(['a..b', 'a[99999999]'])('the path %s, which is none, is a load error', (path) => {
    expect(
      loadErrors(files, { overrideValues: { [path]: 1 }, overridePosition: () => ({ file: 'watches.yaml', line: 7, column: 5 }) }),
    ).toEqual([`watches.yaml:7:5: "${path}" is no path of a value; write a path like a.b[0].c (WATCH_INVALID)`])
  })

  it('is validated by values.schema.json, and an error names where the value came from', () => {
    const schema = {
      type: 'object',
      additionalProperties: false,
      properties: {
        replicas: { type: 'integer', minimum: 1 },
        image: { type: 'string' },
        mode: { enum: ['a', 'b'] },
        port: { type: 'integer' },
      },
      required: ['image'],
    }
    const chart = chartOf(
      { ...bodyFiles(''), 'values.yaml': 'mode: c\n', 'values.schema.json': JSON.stringify(schema) },
      { overrideValues: { port: 'x' }, overridePosition: () => ({ file: 'watches.yaml', line: 9, column: 7 }) },
    )
    expect(renderErrors(chart, inputsFor({ replicas: 0, imge: 'x' })).sort()).toEqual([
      'charts/app/values.yaml:1:7: mode must be one of "a", "b" (VALUES_INVALID)',
      "spec must have required property 'image' (VALUES_INVALID)",
      'spec.imge is not a value of this chart (VALUES_INVALID)',
      'spec.replicas must be >= 1 (VALUES_INVALID)',
      'watches.yaml:9:7: overrideValues.port (it.values.port) must be integer (VALUES_INVALID)',
    ])
  })
})

describe('a value that overrideValues give twice', () => {
  it('is refused where it was given last, also inside of a list', () => {
    const schema = { properties: { ports: { items: { properties: { number: { type: 'integer' } } } } } }
    const chart = chartOf(
      { ...bodyFiles(''), 'values.schema.json': JSON.stringify(schema) },
      {
        overrideValues: { ports: [{ number: 1 }, { number: 'first' }], 'ports[1].number': 'last' },
        overridePosition: (key) => ({ file: 'watches.yaml', line: key === 'ports' ? 7 : 9, column: 5 }),
      },
    )
    expect(renderErrors(chart, inputsFor({}))).toEqual([
      'watches.yaml:9:5: overrideValues.ports[1].number (it.values.ports.1.number) must be integer (VALUES_INVALID)',
    ])
  })

  it('is refused in the list that gave it', () => {
    const schema = { properties: { ports: { items: { properties: { number: { type: 'integer' } } } } } }
    const chart = chartOf(
      { ...bodyFiles(''), 'values.yaml': 'ports: [{ number: 1 }]\n', 'values.schema.json': JSON.stringify(schema) },
      { overrideValues: { ports: [{ number: 'x' }] }, overridePosition: () => ({ file: 'watches.yaml', line: 7, column: 5 }) },
    )
    expect(renderErrors(chart, inputsFor({}))).toEqual([
      'watches.yaml:7:5: overrideValues.ports (it.values.ports.0.number) must be integer (VALUES_INVALID)',
    ])
  })
})

describe('it', () => {
  it('has the names that charts use', () => {
    const body =
      'data: <%= [it.name, it.namespace, it.metadata.uid, it.chart.version, it.capabilities.kubeVersion.minor, it.capabilities.apiVersions.includes("apps/v1")] %>\n'
    expect(renderBody(body)).toEqual({ data: ['shop', 'market', '1', '0.1.0', '36', true] })
  })

  it('has the time, cut to the minute; only reading it makes the render depend on it', () => {
    const read = chartOf(bodyFiles('data: <%= it.now %>\n')).next(inputsFor())
    expect(read).toMatchObject({
      kind: 'rendered',
      readNow: true,
      readInputs: true,
      documents: [{ object: { data: '2026-03-01T02:03:00Z' } }],
    })
    const not = chartOf(
      bodyFiles('data: <%= include("p", { ...it, x: 1 }) %>\nmore: <%= include("p", it) %>\n', { 'templates/_p.eta': '<%= it.name %>' }),
    ).next(inputsFor())
    expect(not).toMatchObject({
      kind: 'rendered',
      readNow: false,
      readInputs: false,
      documents: [{ object: { data: 'shop', more: 'shop' } }],
    })
  })

  it.each([
    ['it.status.phase ?? "none"', true],
    ['"phase" in it.status', true],
    ['it.status', true],
    ['it.resources["ConfigMap/web"] === null', true],
    ['it.capabilities.apiVersions.length', true],
    ['include("p", { ...it, x: 1 })', true],
    ['[it.spec, it.metadata, it.values, it.chart, it.files].length', false],
  ])('tells whether a render depends on more than the declaration: %s', (expression, readInputs) => {
    const chart = chartOf(bodyFiles(`data: <%= ${expression} %>\n`, { 'templates/_p.eta': '<%= it.capabilities.kubeVersion.minor %>' }))
    expect(chart.next(inputsFor())).toMatchObject({ kind: 'rendered', readInputs })
  })
})

describe('it.resources', () => {
  const object = (kind: string, name: string, more: Record<string, unknown> = {}, namespace = 'market'): KubernetesObject => ({
    apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
    kind,
    metadata: { name, namespace },
    ...more,
  })
  const resources = [
    object('Deployment', 'web', { status: { readyReplicas: 2 } }),
    object('Service', 'web'),
    object('Service', 'web', {}, 'other'),
  ]
  const read = (expression: string, more = {}): unknown => {
    const answer = chartOf(bodyFiles(`data: <%= ${expression} %>\n`)).next(inputsFor({}, { resources, ...more }))
    return answer.kind === 'rendered'
      ? dataOf(answer.documents)
      : answer.kind === 'unknown'
        ? answer.reads
        : renderErrors(chartOf(bodyFiles(`data: <%= ${expression} %>\n`)), inputsFor({}, { resources, ...more }))[0]
  }

  it.each([
    [`it.resources['Deployment/web'].status.readyReplicas`, 2],
    [`it.resources['Deployment.apps/web'].kind`, 'Deployment'],
    [`it.resources['Deployment.apps/market/web'].kind`, 'Deployment'],
    [`it.resources['Service/other/web'].metadata.namespace`, 'other'],
    [`it.resources['Deployment/none']`, null],
    [`it.resources['Deployment.other/web']`, null],
    [`it.resources['Deployment/none']?.status ?? 'none'`, 'none'],
    [`Object.keys(it.resources)`, ['Deployment.apps/market/web', 'Service/market/web', 'Service/other/web']],
  ])('%s is %j', (expression, value) => {
    expect(read(expression)).toEqual(value)
  })

  it('of an ambiguous name is an error that lists the longer ones', () => {
    expect(read(`it.resources['Service/web']`)).toContain(
      `it.resources["Service/web"] is ambiguous; use one of 'Service/market/web', 'Service/other/web' (TEMPLATE_VALUE)`,
    )
  })

  it('of a name without a kind is an error', () => {
    expect(read(`it.resources.web`)).toContain(`:4:11: it.resources["web"]: a dependent is named 'Kind/name'`)
  })

  it('of a kind that cannot be known now is neither absent nor an error: the render has no answer', () => {
    const unknown = { 'Deployment.apps': 'forbidden' }
    expect(read(`it.resources['Deployment/web']`, { unknown })).toEqual(['Deployment.apps'])
    expect(read(`it.resources['Deployment.apps/web'] ?? 1`, { unknown })).toEqual(['Deployment.apps'])
    expect(read(`Object.keys(it.resources)`, { unknown })).toEqual(['Deployment.apps'])
    expect(read(`it.resources['Service/market/web'].kind`, { unknown })).toBe('Service')
  })

  it('keeps that answer when a template catches errors', () => {
    const chart = chartOf(bodyFiles(`<% let x = 1; try { x = it.resources['Deployment/web'] } catch { x = 2 } %>\ndata: <%= x %>\n`))
    expect(chart.next(inputsFor({}, { unknown: { 'Deployment.apps': 'stale' } }))).toEqual({ kind: 'unknown', reads: ['Deployment.apps'] })
  })
})

describe('a rendered document', () => {
  const errors = (text: string): string[] =>
    renderErrors(chartOf({ 'templates/a.yaml.eta': text })).map((error) => error.replace('charts/app/templates/', ''))
  it.each([
    ['- 1\n', 'a.yaml.eta:1:1: a document has to be a map, not a list (DOCUMENT_INVALID)'],
    ['kind: A\nmetadata: { name: a }\n', 'a.yaml.eta:1:1: apiVersion has to be a string, and is missing (DOCUMENT_INVALID)'],
    ['apiVersion: v1\nkind: <%= 1 %>\nmetadata: { name: a }\n', 'a.yaml.eta:2:11: kind has to be a string (DOCUMENT_INVALID)'],
    ['apiVersion: v1\nkind: A\n', 'a.yaml.eta:1:1: metadata has to be a map with a name (DOCUMENT_INVALID)'],
    ['apiVersion: v1\nkind: A\nmetadata:\n  name: <%= 5 %>\n', 'a.yaml.eta:4:13: metadata.name has to be a string (DOCUMENT_INVALID)'],
    [
      'apiVersion: v1\nkind: A\nmetadata:\n  generateName: x\n',
      'a.yaml.eta:4:3: metadata.name has to be a string, and is missing; generateName would make a new object on every pass (DOCUMENT_INVALID)',
    ],
    [
      'apiVersion: v1\nkind: A\nmetadata:\n  name: a\n  uid: x\n',
      'a.yaml.eta:5:8: metadata.uid is written by the server alone; leave it out (DOCUMENT_INVALID)',
    ],
    [
      'apiVersion: v1\nkind: A\nmetadata:\n  name: a\n  <%... { resourceVersion: "1" } %>\n',
      'a.yaml.eta:5:9: metadata.resourceVersion is written by the server alone; leave it out (DOCUMENT_INVALID)',
    ],
    [
      'apiVersion: v1\nkind: A\nmetadata:\n  name: a\n  labels:\n    version: <%= 1 %>\n',
      'a.yaml.eta:6:18: metadata.labels["version"] has to be a string, not a number; put it in quotes (DOCUMENT_INVALID)',
    ],
  ])('that is no object is refused at its place: %j', (text, error) => {
    expect(errors(text)).toEqual([error])
  })

  it('that stands twice is refused', () => {
    expect(errors(`${configMap('a')}---\n${configMap('a')}`)).toEqual([
      'a.yaml.eta:5:1: ConfigMap/a is rendered twice: first at charts/app/templates/a.yaml.eta:1:1 (DOCUMENT_DUPLICATE)',
    ])
  })

  it('that is empty is dropped, and a List is taken apart', () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n  - ${configMap('a').trim().replaceAll('\n', '\n    ')}\n  - ${configMap('b').trim().replaceAll('\n', '\n    ')}\n`
    const documents = render(
      chartOf({ 'templates/a.yaml.eta': `<% if (false) { %>\n${configMap('x')}<% } %>\n---\n# only a comment\n---\n${list}` }),
    )
    expect(documents.map(({ object }) => object.metadata.name)).toEqual(['a', 'b'])
    expect(documents[1]?.positionOf(['metadata', 'name'])).toMatchObject({ line: 17 })
  })

  it('tells the template line of each field', () => {
    const [document] = render(
      chartOf(
        bodyFiles(
          'data:\n<% for (const x of [1, 2]) { %>\n  k<%= x %>: <%= x %>\n<% } %>\n  <%... { s: 1 } %>\nlist:\n  - <%... [1, 2] %>\n  - a: b\nplain: text\n',
        ),
      ),
    )
    const at = (...path: (string | number)[]): unknown => {
      const position = document?.positionOf(path)
      return `${position?.line}:${position?.column}`
    }
    expect(document?.position).toEqual({ file: 'charts/app/templates/web.yaml.eta', line: 1, column: 1 })
    expect([
      at('data', 'k2'),
      at('data', 's'),
      at('list', 1),
      at('list', 2, 'a'),
      at('plain'),
      at('plain', 'deeper'),
      at('metadata', 'name'),
    ]).toEqual(['6:18', '8:9', '10:11', '11:8', '12:8', '12:8', '3:19'])
  })
})
