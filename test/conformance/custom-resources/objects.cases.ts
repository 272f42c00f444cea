import fc from 'fast-check'
import type { Api } from '../api.ts'
import { cases, differs } from '../case.ts'
import { comparable } from '../../sandbox/definitions/answers.ts'
import { everything, valueFor } from '../../sandbox/definitions/everything.ts'
import { install, schemaOf, widget, widgets } from './widgets.ts'

const text = { type: 'string' }
const integer = { type: 'integer' }
const object = { type: 'object' }
const named = { ...object, required: ['name'], properties: { name: text, value: integer, tags: { type: 'array', items: text } } }
const lists = schemaOf({
  atomic: { type: 'array', items: text },
  set: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
  map: { type: 'array', items: named, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
  keys: {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['port', 'protocol'],
    items: { ...object, required: ['port'], properties: { port: integer, protocol: { ...text, default: 'TCP' }, name: text } },
  },
  granular: { ...object, additionalProperties: text },
  whole: { ...object, additionalProperties: text, 'x-kubernetes-map-type': 'atomic' },
  struct: { ...object, properties: { a: text, b: { ...object, properties: { c: text, d: text } } } },
  open: { ...object, 'x-kubernetes-preserve-unknown-fields': true },
})
const replicas = schemaOf({ replicas: { ...integer, default: 1 }, color: text })
const withStatus = {
  ...replicas,
  properties: {
    ...(replicas as { properties: object }).properties,
    status: {
      ...object,
      properties: {
        replicas: integer,
        selector: text,
        phase: { ...text, enum: ['Up', 'Down'] },
        ready: { type: 'boolean', default: false },
      },
    },
  },
}
const keywords: Readonly<Record<string, readonly [schema: object, values: readonly unknown[]]>> = {
  'lengths of texts': [{ ...text, minLength: 2, maxLength: 4 }, ['a', 'ab', 'abcde', '😀', '😀😀', '']],
  patterns: [{ ...text, pattern: '^[a-z]+(-[0-9]{2})?$' }, ['abc', 'abc-12', 'ABC', '', 'a-1']],
  'bounds of integers': [{ ...integer, minimum: 1, maximum: 5 }, [0, 1, 5, 6, 1.5, '3', null]],
  'exclusive bounds': [{ type: 'number', minimum: 1, exclusiveMinimum: true, maximum: 2.5, exclusiveMaximum: true }, [1, 1.1, 2.5, 2.4]],
  multiples: [{ type: 'number', multipleOf: 0.5 }, [1, 1.5, 1.2, 0]],
  'values of an enumeration': [{ ...text, enum: ['A', 'B'] }, ['A', 'C', 1, '']],
  'sizes of lists': [{ type: 'array', minItems: 1, maxItems: 2, items: text }, [[], ['a'], ['a', 'b', 'c'], [1], 'a']],
  'sizes of maps': [
    { ...object, minProperties: 1, maxProperties: 2, additionalProperties: integer },
    [{}, { a: 1 }, { a: 1, b: 2, c: 3 }, { a: 'x' }],
  ],
  'required fields': [{ ...object, required: ['a', 'b'], properties: { a: text, b: text } }, [{}, { a: 'x' }, { a: null, b: '' }, []]],
  'int or string': [{ 'x-kubernetes-int-or-string': true }, [1, '50%', 1.5, true, {}, null]],
  'a format of a date': [{ ...text, format: 'date-time' }, ['2024-01-02T03:04:05Z', '2024-01-02', 'x', '']],
  'formats of bytes and addresses': [
    { ...object, properties: { b: { ...text, format: 'byte' }, i: { ...text, format: 'ipv4' }, u: { ...text, format: 'uuid' } } },
    [{ b: 'YQ==', i: '1.2.3.4' }, { b: '!' }, { i: '1.2' }, { u: 'x' }],
  ],
  'any of': [
    { ...object, properties: { a: text, b: text }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
    [{}, { a: 'x' }, { a: 'x', b: 'y' }],
  ],
  'one of': [
    { ...object, properties: { a: text, b: text }, oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    [{}, { a: 'x' }, { a: 'x', b: 'y' }],
  ],
  'all of and not': [{ ...text, allOf: [{ minLength: 2 }, { maxLength: 3 }], not: { pattern: '^no' } }, ['a', 'ab', 'no', 'abcd']],
  'null where it is allowed': [{ ...text, nullable: true }, [null, 'x', 1]],
  'null where it is not allowed': [text, [null, 'x', 1]],
  'null with a default': [{ ...text, default: 'd' }, [null, 'x']],
  booleans: [{ type: 'boolean' }, [true, 'true', 0, null]],
  'numbers of 32 and 64 bits': [
    { ...object, properties: { a: { ...integer, format: 'int32' }, b: { ...integer, format: 'int64' }, c: integer } },
    [{ a: 2147483648 }, { b: 2 ** 53 }, { c: 1e3 }, { a: -2147483648 }],
  ],
  'sets of texts': [
    { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
    [
      ['a', 'b'],
      ['a', 'a'],
      ['a', 'b', 'a', 'b'],
    ],
  ],
  'lists with keys': [
    { type: 'array', items: named, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] },
    [[{ name: 'a' }, { name: 'a', value: 1 }], [{ value: 1 }], [{ name: 'a' }, { name: 'b' }]],
  ],
}

/** Of several embedded objects that cannot be read, the real server names the one that it happens to meet first. */
function problems(body: { message?: string }): unknown {
  const message = body.message ?? ''
  return message.includes('cannot be handled') && !message.includes('strict decoding') ? 'unreadable' : comparable(body)
}

const create = async (api: Api, spec: unknown, validation = 'Strict'): Promise<unknown> =>
  await api.send(`POST ${widgets}?dryRun=All&fieldValidation=${validation}`, widget('a', spec))

export default cases({
  ...Object.fromEntries(
    Object.entries(keywords).map(([name, [schema, values]]) => [
      name,
      async (api: Api) => {
        await install(api, schemaOf({ value: schema }))
        for (const value of values) await create(api, { value })
      },
    ]),
  ),
  'a spec of another type': async (api) => {
    await install(api, schemaOf({ a: text }))
    for (const spec of ['x', 1, [], null, true]) await create(api, spec)
    await api.send(`POST ${widgets}`, widget('a', {}, { spec: undefined, status: {} }))
  },
  'random objects with every keyword': async (api) => {
    const spec = everything.properties?.['spec'] ?? {}
    await install(api, everything, { subresources: { status: {} } })
    for (const value of fc.sample(fc.oneof(valueFor(spec, 0), valueFor(spec, 3)), { numRuns: 120, seed: 20260102 }))
      await api.send(`POST ${widgets}?dryRun=All&fieldValidation=Strict`, widget('a', value), { pick: problems })
  },
  'unknown fields are pruned': async (api) => {
    await install(
      api,
      schemaOf({
        known: { ...object, properties: { a: text } },
        list: { type: 'array', items: { ...object, properties: { a: text } } },
        map: { ...object, additionalProperties: { ...object, properties: { a: text } } },
      }),
    )
    const spec = { known: { a: 'x', b: 1 }, list: [{ a: 'x', b: 1 }, { c: 2 }], map: { k: { a: 'x', z: 1 } }, other: { deep: { er: 1 } } }
    await api.send(`POST ${widgets}?fieldValidation=Ignore`, widget('a', spec, { more: 1, metadata: { name: 'a', unknown: true } }))
    await api.send(`POST ${widgets}?fieldValidation=Warn`, widget('b', spec, { more: 1, metadata: { name: 'b', unknown: true } }))
    await api.send(`POST ${widgets}?fieldValidation=Strict`, widget('c', spec, { more: 1, metadata: { name: 'c', unknown: true } }))
    await api.send(`POST ${widgets}`, widget('d', spec))
    await api.send(`MERGE ${widgets}/a?fieldValidation=Strict`, { spec: { other: 1 } })
    await api.send(`MERGE ${widgets}/a`, { spec: { other: 1, known: { a: 'y' } } })
    await api.send(`APPLY ${widgets}/a?fieldManager=m&fieldValidation=Strict`, widget('a', { other: 1 }))
    await api.send(`JSONPATCH ${widgets}/a`, [{ op: 'add', path: '/spec/other', value: 1 }])
  },
  'fields that come twice': differs('a custom resource is read without a look at fields that come twice', async (api) => {
    await install(api, schemaOf({ a: text }))
    const body =
      '{"apiVersion":"{id}.example.com/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"a":"x","a":"y"},"spec":{"a":"z","b":1}}'
    for (const validation of ['Ignore', 'Warn', 'Strict']) await api.send(`POST ${widgets}?dryRun=All&fieldValidation=${validation}`, body)
    await api.send(`POST ${widgets}?fieldValidation=Other`, body)
  }),
  'unknown fields are kept where that is said': async (api) => {
    await install(
      api,
      schemaOf({
        open: { ...object, 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { ...object, properties: { a: text } } } },
        any: { 'x-kubernetes-preserve-unknown-fields': true },
        map: { ...object, additionalProperties: true },
      }),
    )
    await create(api, { open: { x: { y: 1 }, known: { a: 'b', c: 'd' } }, any: [1, 'x', null, { a: null }], map: { a: 1, b: { c: [] } } })
    await create(api, { any: 1.5 })
    await create(api, { any: null, open: { known: { a: 1 } } })
  },
  'a kind without a schema': async (api) => {
    await install(api, { ...object, 'x-kubernetes-preserve-unknown-fields': true })
    await api.send(`POST ${widgets}?fieldValidation=Strict`, widget('a', { any: [1, { a: 'b' }] }, { other: true }))
    await api.send(`APPLY ${widgets}/a?fieldManager=m`, widget('a', { more: { x: 1 } }))
    await api.send(`MERGE ${widgets}/a`, { spec: { any: null, list: [{ name: 'x' }] } })
    await api.send(`PUT ${widgets}/a`, widget('a', 'just a text'))
  },
  'values are filled in': async (api) => {
    await install(
      api,
      schemaOf({
        a: { ...text, default: 'x' },
        nested: { ...object, default: {}, properties: { b: { ...integer, default: 3 }, c: { ...text, nullable: true, default: 'd' } } },
        list: { type: 'array', items: { ...object, properties: { e: { type: 'boolean', default: true } } } },
        none: { ...object, properties: { f: { ...text, default: 'g' } } },
        map: { ...object, additionalProperties: { ...object, properties: { h: { ...text, default: 'i' } } } },
      }),
    )
    for (const spec of [
      {},
      { a: 'y', nested: { b: 0 } },
      { nested: null, list: [{}, null] },
      { nested: { c: null }, none: {} },
      { a: null, map: { k: {} } },
    ])
      await create(api, spec)
    await api.send(`POST ${widgets}`, widget('a', undefined))
    await api.send(`POST ${widgets}`, widget('b', {}))
    await api.send(`MERGE ${widgets}/b`, { spec: { a: null, nested: { b: null } } })
    await api.send(`GET ${widgets}`)
  },
  'objects inside of objects': async (api) => {
    await install(
      api,
      schemaOf({
        embedded: { ...object, 'x-kubernetes-embedded-resource': true, properties: { spec: { ...object, properties: { a: text } } } },
        open: { ...object, 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      }),
    )
    for (const embedded of [
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', labels: { a: 'b' } }, spec: { a: 'x', z: 1 } },
      { kind: 'Pod' },
      {},
      { apiVersion: 'a/b/c', kind: 'p o', metadata: { name: 'UPPER' } },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 1 } },
      { apiVersion: 'v1', kind: 'Pod', metadata: { labels: { 'a b': '!' }, unknown: 1 } },
    ])
      await api.send(`POST ${widgets}?dryRun=All&fieldValidation=Strict`, widget('a', { embedded }), { pick: comparable })
    await create(api, { open: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' }, anything: 1 } }, 'Warn')
  },
  'a status of its own': async (api) => {
    await install(api, withStatus, { subresources: { status: {} } })
    await api.send(`POST ${widgets}`, widget('a', { color: 'red' }, { status: { phase: 'Up' } }))
    await api.send(`MERGE ${widgets}/a`, { spec: { color: 'blue' }, status: { phase: 'Up' } })
    await api.send(`MERGE ${widgets}/a/status`, { spec: { color: 'green' }, status: { phase: 'Up' }, metadata: { labels: { a: 'b' } } })
    await api.send(`MERGE ${widgets}/a/status`, { status: { phase: 'Sideways' } })
    await api.send(`MERGE ${widgets}/a/status`, { status: { replicas: 'x' } })
    await api.send(`APPLY ${widgets}/a/status?fieldManager=s`, widget('a', undefined, { status: { replicas: 3 } }))
    await api.send(`GET ${widgets}/a/status`)
    await api.send(`MERGE ${widgets}/a`, { metadata: { annotations: { a: 'b' } } })
    await api.send(`GET ${widgets}/none/status`)
  },
  'no status of its own': async (api) => {
    await install(api, withStatus)
    await api.send(`POST ${widgets}`, widget('a', {}, { status: { phase: 'Up' } }))
    await api.send(`MERGE ${widgets}/a`, { status: { phase: 'Down' } })
    await api.send(`MERGE ${widgets}/a/status`, { status: { phase: 'Down' } })
    await api.send(`GET ${widgets}/a/scale`)
    await api.send(`MERGE ${widgets}/a`, { metadata: { labels: { a: 'b' } } })
  },
  'a scale': async (api) => {
    await install(api, withStatus, {
      subresources: {
        status: {},
        scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
      },
    })
    await api.prepare(`POST ${widgets}`, widget('a', {}))
    await api.send(`GET ${widgets}/a/scale`)
    await api.send(`MERGE ${widgets}/a/status`, { status: { replicas: 4, selector: 'a=b' } })
    await api.send(`MERGE ${widgets}/a/scale`, { spec: { replicas: 7 } })
    await api.send(`MERGE ${widgets}/a/scale`, { spec: { replicas: -1 } })
    await api.send(`GET ${widgets}/a`)
    await api.send(`PUT ${widgets}/a/scale`, { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: {} })
  },
  'a scale without a status': differs('replicas that are not there are shown as none, not as an internal error', async (api) => {
    await install(api, schemaOf({ count: integer }), {
      subresources: { scale: { specReplicasPath: '.spec.count', statusReplicasPath: '.status.count' } },
    })
    await api.prepare(`POST ${widgets}`, widget('a', {}))
    await api.send(`GET ${widgets}/a/scale`)
    await api.send(`MERGE ${widgets}/a/scale`, { spec: { replicas: 3 } })
    await api.send(`GET ${widgets}/a`)
  }),
  'columns of a table': async (api) => {
    await install(
      api,
      schemaOf({
        text,
        number: integer,
        date: text,
        list: { type: 'array', items: text },
        deep: { ...object, properties: { a: { type: 'array', items: { ...object, properties: { b: text } } } } },
        flag: { type: 'boolean' },
        ratio: { type: 'number' },
        map: { ...object, additionalProperties: text },
      }),
      {
        additionalPrinterColumns: [
          { name: 'Text', type: 'string', jsonPath: '.spec.text', description: 'a text' },
          { name: 'Number', type: 'integer', jsonPath: '.spec.number', priority: 1 },
          { name: 'Date', type: 'date', jsonPath: '.spec.date' },
          { name: 'List', type: 'string', jsonPath: '.spec.list' },
          { name: 'First', type: 'string', jsonPath: '.spec.list[0]' },
          { name: 'Deep', type: 'string', jsonPath: '.spec.deep.a[?(@.b=="x")].b' },
          { name: 'All', type: 'string', jsonPath: '.spec.deep.a[*].b' },
          { name: 'Flag', type: 'boolean', jsonPath: '.spec.flag', format: 'password' },
          { name: 'Ratio', type: 'number', jsonPath: '.spec.ratio' },
          { name: 'As number', type: 'integer', jsonPath: '.spec.ratio' },
          { name: 'Map', type: 'string', jsonPath: '.spec.map' },
          { name: 'Label', type: 'string', jsonPath: ".metadata.labels['example\\.com/a']" },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
      },
    )
    await api.prepare(
      `POST ${widgets}`,
      widget(
        'a',
        {
          text: 'x',
          number: 3,
          date: '2020-01-02T03:04:05Z',
          list: ['a', 'b'],
          deep: { a: [{ b: 'x' }, { b: 'y' }] },
          flag: true,
          ratio: 1.5,
          map: { k: 'v', a: 'b' },
        },
        { metadata: { name: 'a', labels: { 'example.com/a': 'l' } } },
      ),
    )
    await api.prepare(`POST ${widgets}`, widget('b', {}))
    await api.prepare(`POST ${widgets}`, widget('c', { date: 'never', list: [], deep: { a: [] }, flag: false, ratio: 2 }))
    await api.send(`TABLE ${widgets}`)
    await api.send(`TABLE ${widgets}/a?includeObject=None`)
    await api.send(`TABLE ${widgets}/c?includeObject=Object`)
  },
  'fields to select by': async (api) => {
    await install(api, schemaOf({ color: text, size: integer, flag: { type: 'boolean' } }), {
      selectableFields: [{ jsonPath: '.spec.color' }, { jsonPath: '.spec.size' }, { jsonPath: '.spec.flag' }],
    })
    await api.prepare(`POST ${widgets}`, widget('a', { color: 'red', size: 1, flag: true }))
    await api.prepare(`POST ${widgets}`, widget('b', { color: 'blue' }))
    for (const selector of [
      'spec.color=red',
      'spec.color!=red',
      'spec.size=1',
      'spec.flag=true',
      'spec.color=',
      'spec.other=x',
      'metadata.name=b,spec.color=blue',
      'status.x=1',
    ])
      await api.send(`GET ${widgets}?fieldSelector=${encodeURIComponent(selector)}`, undefined, {
        pick: ({ items, message }) =>
          (items as { metadata: { name: string } }[] | undefined)?.map(({ metadata }) => metadata.name) ?? message,
      })
  },
  generations: async (api) => {
    await install(api, withStatus, { subresources: { status: {} } })
    const generation = {
      pick: ({ metadata, message }: { metadata: { generation?: number }; message?: string }) => message ?? metadata.generation,
    }
    await api.send(`POST ${widgets}`, widget('a', {}, { metadata: { name: 'a', generation: 9 } }), generation)
    await api.send(`MERGE ${widgets}/a`, { metadata: { labels: { a: 'b' } } }, generation)
    await api.send(`MERGE ${widgets}/a`, { spec: { color: 'x' } }, generation)
    await api.send(`MERGE ${widgets}/a`, { spec: { color: 'x' } }, generation)
    await api.send(`MERGE ${widgets}/a/status`, { status: { phase: 'Up' } }, generation)
    await api.send(`MERGE ${widgets}/a`, { metadata: { generation: 50 } }, generation)
  },
  'a PUT without and with a version': async (api) => {
    await install(api, withStatus)
    const { body } = await api.prepare(`POST ${widgets}`, widget('a', { color: 'red' }))
    await api.send(`PUT ${widgets}/a`, widget('a', { color: 'blue' }))
    await api.send(`PUT ${widgets}/a`, { ...body, spec: { color: 'blue' } })
    await api.send(`PUT ${widgets}/a`, { ...body, spec: { color: 'green' } })
    await api.send(`PUT ${widgets}/b`, widget('b', {}))
    await api.send(`PUT ${widgets}/a`, widget('b', {}))
    await api.send(`PUT ${widgets}/a`, {
      ...body,
      metadata: { ...body.metadata, resourceVersion: '', uid: '6f2b5dd8-1111-4222-8333-444444444444' },
    })
  },
  'names and metadata are checked': async (api) => {
    await install(api, schemaOf({}))
    for (const metadata of [
      {},
      { name: 'A' },
      { name: 'a.b' },
      { name: 'a/b' },
      { name: 'x'.repeat(254) },
      { generateName: 'a-' },
      { name: 'a', labels: { 'a b': 'c' } },
      { name: 'a', finalizers: ['x'] },
      { name: 'a', ownerReferences: [{ name: 'x' }] },
      { name: 1 },
    ])
      await api.send(`POST ${widgets}?dryRun=All`, widget('', {}, { metadata }))
  },
  'two managers apply': async (api) => {
    await install(api, lists)
    const apply = async (manager: string, spec: unknown, more = ''): Promise<unknown> =>
      await api.send(`APPLY ${widgets}/a?fieldManager=${manager}${more}`, widget('a', spec))
    await apply('one', {
      atomic: ['a'],
      set: ['a', 'b'],
      map: [{ name: 'x', value: 1, tags: ['t'] }],
      granular: { a: '1' },
      whole: { a: '1' },
      struct: { a: '1', b: { c: '1' } },
      open: { x: { y: 1 } },
    })
    await apply('two', {
      set: ['b', 'c'],
      map: [{ name: 'y', value: 2 }, { name: 'x' }],
      granular: { b: '2' },
      struct: { b: { d: '2' } },
      open: { x: { z: 1 } },
    })
    await apply('two', { atomic: ['b'], whole: { b: '2' }, struct: { a: '2' }, map: [{ name: 'x', value: 3 }] })
    await apply('two', { atomic: ['b'], whole: { b: '2' }, struct: { a: '2' }, map: [{ name: 'x', value: 3 }] }, '&force=true')
    await apply('one', { set: ['a'] })
    await apply('two', {})
  },
  'lists with two keys are applied': async (api) => {
    await install(api, lists)
    const apply = async (manager: string, keys: unknown): Promise<unknown> =>
      await api.send(`APPLY ${widgets}/a?fieldManager=${manager}`, widget('a', { keys }))
    await apply('one', [{ port: 80 }, { port: 80, protocol: 'UDP', name: 'u' }])
    await apply('two', [{ port: 80, name: 'x' }, { port: 53 }])
    await apply('one', [{ port: 80, protocol: 'UDP' }])
    await apply('two', [{ port: 80 }, { port: 80, protocol: 'TCP' }])
    await apply('two', [{ protocol: 'TCP' }])
    await apply('two', { port: 80 })
  },
  'an apply that does not fit the schema': async (api) => {
    await install(api, lists)
    for (const spec of [
      { set: ['a', 'a'] },
      { set: 'a' },
      { map: [{ value: 1 }] },
      { map: [{ name: 'a' }, { name: 'a' }] },
      { struct: 'x' },
      { granular: { a: 1 } },
      { unknown: 1 },
      { atomic: [1] },
      { map: [{ name: 'a', other: 1 }] },
    ])
      await api.send(`APPLY ${widgets}/a?fieldManager=m&dryRun=All`, widget('a', spec))
  },
  'a merge patch and an update own fields': async (api) => {
    await install(api, lists)
    await api.send(
      `POST ${widgets}?fieldManager=c`,
      widget('a', { atomic: ['a'], set: ['a'], map: [{ name: 'x', value: 1 }], granular: { a: '1' } }),
    )
    await api.send(`MERGE ${widgets}/a?fieldManager=d`, { spec: { granular: { b: '2' }, set: ['a', 'b'], map: [{ name: 'x', value: 2 }] } })
    await api.send(`STRATEGIC ${widgets}/a`, { spec: {} })
    await api.send(`JSONPATCH ${widgets}/a?fieldManager=e`, [
      { op: 'remove', path: '/spec/atomic' },
      { op: 'add', path: '/spec/whole', value: { k: 'v' } },
    ])
  },
  'watches and lists': async (api) => {
    await install(api, schemaOf({ a: text }))
    const watch = await api.watch(`${widgets}`)
    await api.send(`POST ${widgets}`, widget('a', { a: 'x' }, { metadata: { name: 'a', labels: { l: '1' } } }))
    await api.send(`MERGE ${widgets}/a`, { spec: { a: 'y' } })
    await api.send(`DELETE ${widgets}/a`)
    await watch.take(3)
    await api.send(`POST ${widgets}`, widget('b', {}))
    await api.send(`GET ${widgets}?limit=1`)
    await api.send(`DELETE ${widgets}`)
    await api.send(`GET ${widgets}`, undefined, { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' })
  },
})
