import { describe, expect, it } from 'vitest'
import { ShapeCache } from '../../src/template/cache.ts'
import type { Shape } from '../../src/template/shape.ts'
import { bodyFiles, chartOf, dataOf, inputsFor, render, renderErrors } from './sample.ts'

/** A clock that goes on by a millisecond with each look. */
const tickingClock = (): { now: () => number } => {
  let now = 0
  return { now: () => now++ }
}
const errors = (body: string, spec: unknown = {}, limits = {}): string[] =>
  renderErrors(chartOf(bodyFiles(body), { clock: tickingClock(), limits: { milliseconds: 20, ...limits } }), inputsFor(spec))

describe('a render that would not end is stopped at its deadline, and the template is named', () => {
  it.each([
    ['for', 'for (let i = 0; i < it.spec.count; i++) { }'],
    ['while', 'while (true) { }'],
    ['do', 'do { } while (true)'],
    ['for … of an endless generator', 'function* all() { while (true) { yield 1 } } for (const x of all()) { }'],
    [
      'recursion',
      'const fib = (n) => n < 2 ? n : fib(n - 1) + fib(n - 2); function slow(n) { return n < 2 ? n : slow(n - 1) + slow(n - 2) } slow(60)',
    ],
    ['arrow functions', 'const slow = (n) => [n].flatMap((m) => m < 1 ? [] : [...slow(m - 1), ...slow(m - 1)]); slow(60)'],
    [
      'callbacks over a list',
      'const l = it.spec.list; l.forEach((a) => l.forEach((b) => l.forEach((c) => l.forEach((d) => a + b + c + d))))',
    ],
  ])('%s', (_, code) => {
    expect(errors(`a: 1\n<% ${code} %>\n`, { count: 1e9, list: Array(100).fill(1) })).toEqual([
      'charts/app/templates/web.yaml.eta:5:4: the render took longer than 20 ms (TEMPLATE_LIMIT)',
    ])
  })

  it('also when the loop spans the template', () => {
    expect(errors('a:\n<% for (let i = 0; i < it.spec.count; i++) { %>\n  - <%= i %>\n<% } %>\n', { count: 1e9 })[0]).toMatch(
      /web\.yaml\.eta:[56]:\d+: the render took longer than 20 ms \(TEMPLATE_LIMIT\)/,
    )
  })
})

describe('the size of a render is bounded', () => {
  it('by values', () => {
    expect(errors('a: <%= it.spec.list %>\n', { list: Array(200).fill(1) }, { nodes: 100 })).toEqual([
      'charts/app/templates/web.yaml.eta:4:8: the render inserts more than 100 values (TEMPLATE_LIMIT)',
    ])
  })

  it('by characters', () => {
    expect(errors('a: <%= "x".repeat(200) %>\n', {}, { characters: 100 })).toEqual([
      'charts/app/templates/web.yaml.eta:4:8: the render holds more than 100 characters (TEMPLATE_LIMIT)',
    ])
  })

  it('by static text that a loop repeats', () => {
    expect(errors('<% for (let i = 0; i < 50; i++) { %>\n# some text\n<% } %>\n', {}, { characters: 100 })).toEqual([
      'charts/app/templates/web.yaml.eta: the render holds more than 100 characters (TEMPLATE_LIMIT)',
    ])
  })

  it('by documents', () => {
    expect(
      errors(
        '<% for (let i = 0; i < 10; i++) { %>\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: "x<%= i %>" }\n<% } %>\n',
        {},
        { documents: 5 },
      ),
    ).toEqual(['charts/app/templates/web.yaml.eta: the render holds more than 5 documents (TEMPLATE_LIMIT)'])
  })

  it('by documents, static ones too', () => {
    const chart = chartOf(
      { 'templates/a.yaml': 'apiVersion: v1\nkind: A\nmetadata: { name: a }\n---\napiVersion: v1\nkind: A\nmetadata: { name: b }\n' },
      { limits: { documents: 1 } },
    )
    expect(renderErrors(chart)).toEqual(['charts/app/templates/a.yaml: the render holds more than 1 documents (TEMPLATE_LIMIT)'])
  })

  it('by steps, whatever the clock says', () => {
    const chart = chartOf(bodyFiles('<% while (true) { %>\n# text\n<% } %>\n'), { limits: { steps: 10_000 } })
    expect(renderErrors(chart)).toEqual(['charts/app/templates/web.yaml.eta:4:4: the render takes more than 10000 steps (TEMPLATE_LIMIT)'])
  })

  it('by depth', () => {
    let deep: unknown = 1
    for (let level = 0; level < 200; level++) deep = [deep]
    expect(errors('a: <%= it.spec.deep %>\n', { deep })[0]).toContain('inserted values go deeper than 100 levels (TEMPLATE_LIMIT)')
    expect(errors('<% const a = []; a.push(a) %>\na: <%= a %>\n')[0]).toContain(
      'inserted values go deeper than 100 levels (TEMPLATE_LIMIT)',
    )
    expect(errors('<% function f() { f() } f() %>\n')[0]).toMatch(/nested too deep|took longer/)
  })
})

describe('cached shapes', () => {
  it('give fresh containers each time', () => {
    const chart = chartOf(bodyFiles('data: { a: { b: [1] } }\n'))
    const data = (): { a: { b: number[] } } => dataOf(render(chart)) as { a: { b: number[] } }
    const first = data()
    first.a.b.push(2)
    expect(data()).toEqual({ a: { b: [1] } })
  })

  it('never mix up templates or branches', () => {
    const chart = chartOf({
      'templates/a.yaml.eta':
        'apiVersion: v1\nkind: A\nmetadata: { name: x }\n<% if (it.spec.on) { %>\nv: <%= 1 %>\n<% } else { %>\nw: <%= 2 %>\n<% } %>\n',
      'templates/b.yaml.eta':
        'apiVersion: v1\nkind: B\nmetadata: { name: x }\n<% if (it.spec.on) { %>\nx: <%= 3 %>\n<% } else { %>\ny: <%= 4 %>\n<% } %>\n',
    })
    const bodies = (on: boolean): unknown[] =>
      render(chart, inputsFor({ on })).map(({ object: { apiVersion: _, metadata: __, ...rest } }) => rest)
    for (const on of [true, false, true])
      expect(bodies(on)).toEqual(
        on
          ? [
              { kind: 'A', v: 1 },
              { kind: 'B', x: 3 },
            ]
          : [
              { kind: 'A', w: 2 },
              { kind: 'B', y: 4 },
            ],
      )
  })

  it('are dropped, the least recently used first, when they take too many bytes', () => {
    const cache = new ShapeCache(1000)
    const shape = { bytes: 400 } as Shape
    cache.set('a', shape)
    cache.set('b', shape)
    cache.get('a')
    cache.set('c', shape)
    expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.bytes]).toEqual([shape, undefined, shape, 800])
  })

  it('stay within their bytes over 20,000 shapes', () => {
    const chart = chartOf(
      bodyFiles('data:\n<% for (const on of it.spec.items) { %>\n<% if (on) { %>\n  - a\n<% } else { %>\n  - b\n<% } %>\n<% } %>\n'),
      { cacheBytes: 100_000 },
    )
    for (let number = 0; number < 20_000; number += 7)
      render(chart, inputsFor({ items: Array.from({ length: 15 }, (_, bit) => (number >> bit) & 1) }))
    expect(render(chart, inputsFor({ items: [1, 0] }))[0]?.object).toMatchObject({ data: ['a', 'b'] })
  })
})

describe('the same inputs', () => {
  it('give the same bytes, also from their JSON and in another chart', () => {
    const files = bodyFiles('data: <%= it.values %>\nnow: <%= it.now %>\nkeys: <%= Object.keys(it.spec) %>\n', {
      'values.yaml': 'a: { b: 1 }\n',
    })
    const inputs = inputsFor({ z: 1, a: { c: [2] } })
    const bytes = JSON.stringify(render(chartOf(files), inputs))
    expect(JSON.stringify(render(chartOf(files), JSON.parse(JSON.stringify(inputs))))).toBe(bytes)
  })
})
