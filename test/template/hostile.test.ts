import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatProblem } from '../../src/api/problem.ts'
import { chartOf, inputsFor } from './sample.ts'

const chart = chartOf({
  'templates/web.yaml.eta': `apiVersion: v1
kind: ConfigMap
metadata:
  name: <%= it.name %>
  labels:
    fixed: label
    <%... it.spec.labels %>
typed: <%= it.spec.value %>
quoted: "<%= it.spec.text %>"
single: 'a <%= it.spec.text %> b'
block: |-
  <%= it.spec.text %>
longer: x-<%= it.spec.text %>-<%= it.spec.number %>
flow: [<%= it.spec.value %>, { key: <%= it.spec.text %> }, <%... it.spec.list %>]
keys:
  <%= it.spec.key %>: <%= it.spec.list %>
each:
<% for (const [key, value] of Object.entries(it.spec.labels)) { %>
  - <%= key %>: <%= value %>
    text: "<%= key %>=<%= value %>"
<% } %>
partial: <%= include('part', { value: it.spec.value, text: it.spec.text }) %>
`,
  'templates/_part.eta': 'value: <%= it.value %>\ntext: >-\n  <%= it.text %>\n',
})

/** The same tree, by hand. */
function expected(spec: Spec): unknown {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'shop', labels: record([['fixed', 'label'], ...Object.entries(spec.labels)]) },
    typed: spec.value,
    quoted: spec.text,
    single: `a ${spec.text} b`,
    block: spec.text,
    longer: `x-${spec.text}-${spec.number}`,
    flow: [spec.value, { key: spec.text }, ...spec.list],
    keys: record([[spec.key, spec.list]]),
    each:
      Object.keys(spec.labels).length === 0
        ? null
        : Object.entries(spec.labels).map(([key, value]) =>
            record([
              [key, value],
              ['text', `${key}=${value}`],
            ]),
          ),
    partial: { value: spec.value, text: spec.text },
  }
}

function record(entries: [string, unknown][]): Record<string, unknown> {
  const map = Object.create(null) as Record<string, unknown>
  for (const [key, value] of entries) map[key] = value
  return map
}

interface Spec {
  value: unknown
  text: string
  key: string
  number: number
  list: unknown[]
  labels: Record<string, string>
}

const nasty = fc.constantFrom(
  ...[
    '{{ .Values.x }}',
    '<%= it.name %>',
    '<% } %>',
    '%>',
    '---',
    '---\na: b',
    '...',
    ': ',
    'a: b',
    '- a',
    '&a *a',
    '*a',
    '&a',
    '!!js/function "x"',
    '!!binary x',
    '# c',
    ' #',
    '"',
    "'",
    '`',
    '\\',
    '${x}',
    '|',
    '>-',
    '[',
    '{',
    '},',
    '%TAG',
    '@',
    '?',
    '<<',
  ],
  ...[
    '\uE0000\uE001',
    '\uE000',
    '\uE001',
    '\uE0020\uE001',
    '\uE00099\uE001',
    '\uF8FF',
    '\uD800',
    '\uDC00',
    'a\uD83D',
    '\u0000',
    '\u0007',
    '\u2028',
    '\uFEFF',
    '\r',
    '\r\n',
    '\n',
    '\t',
    '\x85',
    ' ',
    '',
    '  lead',
    'trail  ',
  ],
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'toJSON',
    'length',
    'then',
    'null',
    '~',
    'true',
    'on',
    'yes',
    '0644',
    '0x1f',
    '1e3',
    '.inf',
    '.nan',
    '1_000',
    '2024-01-01',
    '=',
    'undefined',
  ],
)
const text = fc.oneof(
  nasty,
  fc.array(nasty, { maxLength: 4 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }),
  fc.string(),
)
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 53, 0.1),
)
const map = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.array(fc.tuple(text, value), { maxLength: 4 }).map((entries) => record(entries))
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    number,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    map(tie('value')),
  ),
}))
const spec: fc.Arbitrary<Spec> = fc.record({
  value,
  text,
  key: text,
  number,
  list: fc.array(value, { maxLength: 4 }),
  labels: fc
    .array(
      fc.tuple(
        text.filter((key) => key !== 'fixed' && key !== 'text'),
        text,
      ),
      { maxLength: 4 },
    )
    .map((entries) => record(entries) as Record<string, string>),
})

/** Deeply equal, with 0 and -0 told apart, and own keys only. */
function same(actual: unknown, wanted: unknown): void {
  if (wanted === null || typeof wanted !== 'object') return expect(actual).toBe(wanted)
  expect(Array.isArray(actual)).toBe(Array.isArray(wanted))
  expect(Object.keys(actual as object)).toEqual(Object.keys(wanted))
  for (const key of Object.keys(wanted)) same((actual as Record<string, unknown>)[key], (wanted as Record<string, unknown>)[key])
}

function renderOne(content: Spec): unknown {
  const answer = chart.next(inputsFor(content))
  if (answer.kind !== 'rendered') throw new Error(answer.kind === 'problems' ? answer.problems.map(formatProblem).join('\n') : answer.kind)
  return answer.documents[0]?.object
}

describe('whatever a custom resource holds', () => {
  it('the tree is the one that is built by hand, and the prototypes stay as they are', () => {
    const before = Object.getOwnPropertyNames(Object.prototype)
    fc.assert(
      fc.property(spec, (content) => same(renderOne(content), expected(content))),
      { numRuns: 600 },
    )
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before)
    expect(Object.getOwnPropertyNames(Array.prototype)).not.toContain('polluted')
  })

  it('holds as well for what JSON.parse makes, with its own key __proto__', () => {
    const content = JSON.parse(
      '{"value":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}},"text":"__proto__","key":"__proto__","number":1,"list":[{"__proto__":[]}],"labels":{"__proto__":"x"}}',
    ) as Spec
    same(renderOne(content), expected(content))
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('holds for strings of a mebibyte', () => {
    const long = `: &a *a\n---\n${'\uE0000\uE001{{x}}'.repeat(131_072)}`
    const content: Spec = { value: { [long]: 1 }, text: long, key: long, number: 1, list: [long], labels: {} }
    same(renderOne(content), expected(content))
  })
})
