import { describe, expect, it } from 'vitest'
import type { Schema } from '../../src/template/view.ts'
import { bodyErrors, bodyFiles, chartOf, inputsFor, renderBody, renderErrors } from './sample.ts'

const schema: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        image: { type: 'string' },
        autoscaling: { type: 'object', properties: { maxReplicas: { type: 'integer' } } },
        env: { type: 'object', additionalProperties: { type: 'string' } },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        items: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
      },
    },
    status: { type: 'object', properties: { url: { type: 'string' } } },
  },
}
const errors = (body: string, spec: unknown = {}): string[] => bodyErrors(body, spec, {}, { schema })

describe('a name that neither the custom resource nor its schema has', () => {
  it('is an error with file, line, column and the name that was meant', () => {
    const chart = chartOf(
      { 'templates/web.yaml.eta': 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  image: x-<%= it.spec.imge %>\n' },
      { schema },
    )
    expect(renderErrors(chart)).toEqual([
      'charts/app/templates/web.yaml.eta:6:16: it.spec.imge is undefined; did you mean "image"? (TEMPLATE_UNDEFINED)',
    ])
  })

  it.each([
    ['in a condition', '<% if (it.spec.imge) { %>\na: 1\n<% } %>\n', '4:8: it.spec.imge is undefined; did you mean "image"?'],
    ['in the second condition', '<% if (!it.spec.image) { %>\na: 1\n<% } else if (it.spec.imge) { %>\n<% } %>\n', undefined],
    ['behind ??', 'a: <%= it.spec.imge ?? 1 %>\n', '4:8: it.spec.imge is undefined; did you mean "image"?'],
    [
      'deeper',
      'a: <%= it.spec.autoscaling.maxReplica %>\n',
      '4:8: it.spec.autoscaling.maxReplica is undefined; did you mean "maxReplicas"?',
    ],
    ['through a variable', '<% const s = it.spec %>\na: <%= s.imge %>\n', '5:10: it.spec.imge is undefined; did you mean "image"?'],
    ['in a callback', 'a: <%= it.spec.items.map((item) => item.nam) %>\n', '4:41: it.spec.items[0].nam is undefined; did you mean "name"?'],
    ['of it', 'a: <%= it.valuse %>\n', '4:8: it.valuse is undefined; did you mean "values"?'],
    ['of metadata', 'a: <%= it.metadata.nam %>\n', '4:8: it.metadata.nam is undefined; did you mean "name"?'],
    ['of a status that is not there yet', 'a: <%= it.status.ulr %>\n', '4:8: it.status.ulr is undefined; did you mean "url"?'],
    ['of the prototype', 'a: <%= it.spec.constructor %>\n', '4:8: it.spec.constructor is undefined'],
    ['without a near one', 'a: <%= it.spec.somethingElse %>\n', '4:8: it.spec.somethingElse is undefined'],
  ])('%s is refused', (_, body, error) => {
    const spec = { image: 'x', autoscaling: {}, items: [{ name: 'x' }] }
    expect(errors(body, spec)).toEqual([error ?? '6:15: it.spec.imge is undefined; did you mean "image"?'])
  })
})

describe('a name that the schema declares and the custom resource lacks', () => {
  it('reads as undefined, so that conditions and ?? work', () => {
    expect(
      renderBody(
        '<% if (!it.spec.image) { %>\na: <%= it.spec.image ?? "none" %>\n<% } %>\nb: <%= it.spec.autoscaling?.maxReplicas ?? omit %>\n',
        {},
        {},
        { schema },
      ),
    ).toEqual({ a: 'none' })
  })

  it('is refused when it is inserted', () => {
    expect(errors('a: <%= it.spec.image %>\n')).toEqual(['4:8: it.spec.image is undefined'])
  })

  it('is named when something is read of it', () => {
    expect(errors('a: <%= it.spec.autoscaling.maxReplicas %>\n')).toEqual([
      '4:8: it.spec.autoscaling is undefined, so .maxReplicas cannot be read; it.spec.autoscaling?.maxReplicas reads on where it may be missing',
    ])
  })
})

describe('where the schema does not declare names', () => {
  it.each([
    ['below preserve-unknown-fields', 'free'],
    ['in a map of the user', 'env'],
  ])('%s only insertion refuses', (_, field) => {
    expect(renderBody(`a: <%= it.spec.${field}.any ? 1 : 2 %>\n`, { [field]: {} }, {}, { schema })).toEqual({ a: 2 })
    expect(errors(`a: <%= it.spec.${field}.colour %>\n`, { [field]: { color: 'x' } })).toEqual([
      `4:8: it.spec.${field}.colour is undefined; did you mean "color"?`,
    ])
  })

  it('without any schema only insertion refuses', () => {
    expect(renderBody('a: <%= it.spec.any ? 1 : 2 %>\n')).toEqual({ a: 2 })
    expect(bodyErrors('a: <%= it.spec.imge %>\n', { image: 'x' })).toEqual(['4:8: it.spec.imge is undefined; did you mean "image"?'])
  })
})

describe('it.values', () => {
  it('obeys values.schema.json in the same way', () => {
    const files = {
      'values.yaml': 'image: x\n',
      'values.schema.json': JSON.stringify({ type: 'object', properties: { image: { type: 'string' }, host: { type: 'string' } } }),
    }
    expect(bodyErrors('<% if (it.values.imge) { %>\n<% } %>\n', {}, files)).toEqual([
      '4:8: it.values.imge is undefined; did you mean "image"?',
    ])
    expect(renderBody('a: <%= it.values.host ?? "none" %>\n', {}, files)).toEqual({ a: 'none' })
  })
})

describe('what is read', () => {
  it('cannot be changed', () => {
    expect(bodyErrors('<% it.spec.a = 1 %>\n', { a: 0 })[0]).toContain('it.spec.a cannot be changed')
    expect(bodyErrors('<% delete it.spec.a %>\n', { a: 0 })[0]).toContain('it.spec.a cannot be changed')
    expect(bodyErrors('a: <%= it.spec.list.sort() %>\n', { list: [2, 1] })[0]).toMatch(/^4:8: .*read only/)
  })

  it('behaves as a plain map or list', () => {
    const spec = { map: { b: 1, a: { c: 2 } }, list: [3, { d: 4 }] }
    const body = `a: <%= Object.keys(it.spec.map) %>
b: <%= Object.entries(it.spec.map).length %>
c: <%= ({ ...it.spec.map, e: 5 }) %>
d: <%= [...it.spec.list, 5] %>
e: <%= JSON.stringify(it.spec) %>
f: <%= Array.isArray(it.spec.list) && 'a' in it.spec.map && !('x' in it.spec.map) && it.spec.map === it.spec.map %>
g: <%= it.spec.list.filter((item) => item.d).map((item) => item.d) %>
`
    expect(renderBody(body, spec)).toEqual({
      a: ['b', 'a'],
      b: 2,
      c: { ...spec.map, e: 5 },
      d: [...spec.list, 5],
      e: JSON.stringify(spec),
      f: true,
      g: [4],
    })
  })

  it('as text is an error that names it', () => {
    expect(bodyErrors('a: <%= `x${it.spec.map}` %>\n', { map: {} })).toEqual([
      '4:8: it.spec.map is a map and cannot stand in a text; textOf() or toJson() makes a text of it',
    ])
  })

  it('stays frozen and unchanged, and the tree shares nothing with it', () => {
    const spec = Object.freeze({ map: Object.freeze({ a: Object.freeze([1]) }) })
    const chart = chartOf(bodyFiles('data: <%= it.spec.map %>\n'))
    const [first, second] = [1, 2].map(() => {
      const answer = chart.next(inputsFor(spec))
      if (answer.kind !== 'rendered') throw new Error(answer.kind)
      return answer.documents[0]?.object as unknown as { data: { a: number[] } }
    })
    first?.data.a.push(2)
    expect(second?.data).toEqual({ a: [1] })
    expect(spec.map.a).toEqual([1])
  })
})
