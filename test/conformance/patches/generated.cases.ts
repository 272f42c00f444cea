import fc from 'fast-check'
import type { Api } from '../api.ts'
import { cases, generated } from '../case.ts'
import { inAnyOrder } from '../apply/comparable.ts'
import { configMap, definition, established } from '../objects.ts'
import { podTemplate } from './bodies.ts'

const key = fc.constantFrom('key', 'other', 'a', 'a/b', 'a~b', '')
const word = fc.constantFrom('x', 'y', 'value')
const scalar = fc.oneof({ weight: 6, arbitrary: word }, { weight: 1, arbitrary: fc.constantFrom<unknown>(null, 1, true, {}, []) })
const escape = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')

const place = fc.oneof(
  key.map((name) => `/data/${escape(name)}`),
  key.map((name) => `/metadata/labels/${escape(name)}`),
  fc.constantFrom('0', '1', '2', '3', '-', '-1', '-2', 'x').map((at) => `/metadata/finalizers/${at}`),
  fc.constantFrom(
    '/data',
    '/binaryData',
    '/metadata/labels',
    '/metadata/finalizers',
    '/none/below',
    '/metadata/annotations',
    '',
    '/immutable',
  ),
)
const operation = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'replace', 'test'), path: place, value: scalar }, { requiredKeys: ['op', 'path'] }),
  fc.record({ op: fc.constant('remove'), path: place }),
  fc.record({ op: fc.constantFrom('move', 'copy'), from: place, path: place }),
)

const start = configMap('a', {
  metadata: { name: 'a', labels: { key: 'value', other: 'x' }, finalizers: ['x.io/a', 'x.io/b'] },
  data: { key: 'value', other: 'thing', a: 'x' },
})

async function patchConfigMap(api: Api, method: string, patches: readonly unknown[]): Promise<void> {
  await api.prepare('POST v1/configmaps', start)
  for (const patch of patches) await api.send(`${method} v1/configmaps/a?fieldValidation=Warn`, patch, { pick: inAnyOrder })
}

const labels = fc.dictionary(fc.constantFrom('key', 'other', 'a', 'b'), scalar, { maxKeys: 3, noNullPrototype: true })
const finalizer = fc.constantFrom('x.io/a', 'x.io/b', 'x.io/c')
const optional = (shape: Record<string, fc.Arbitrary<unknown>>) => fc.record(shape, { requiredKeys: [], noNullPrototype: true })

const mergePatch = optional({
  data: fc.oneof({ weight: 5, arbitrary: labels }, { weight: 1, arbitrary: scalar }),
  binaryData: fc.constantFrom(null, {}, { a: 'AAAA' }, { a: null }),
  metadata: optional({ labels, annotations: labels, finalizers: fc.oneof(fc.uniqueArray(finalizer), fc.constant(null)) }),
  none: scalar,
})

const directive = fc.constantFrom('replace', 'delete')
const texts = fc.dictionary(fc.constantFrom('key', 'other', 'a', 'b'), fc.option(word), { maxKeys: 3, noNullPrototype: true })
const strategicMap = fc.oneof(
  { weight: 3, arbitrary: texts },
  { weight: 1, arbitrary: fc.tuple(texts, directive).map(([map, $patch]) => ({ ...map, $patch })) },
)
/** What is added and taken away by one patch depends on chance on the real server. */
const contradicts = ({ finalizers = [], '$deleteFromPrimitiveList/finalizers': taken = [] }: Record<string, unknown>): boolean =>
  (finalizers as string[]).some((one) => (taken as string[]).includes(one))

const strategicPatch = optional({
  data: strategicMap,
  metadata: optional({
    labels: strategicMap,
    finalizers: fc.uniqueArray(finalizer),
    '$deleteFromPrimitiveList/finalizers': fc.uniqueArray(finalizer),
    '$setElementOrder/finalizers': fc.uniqueArray(finalizer),
  }).filter((given) => !contradicts(given)),
})

const rare = fc.option(directive, { nil: undefined, freq: 5 })
const sparse = (value: object): object => Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined))
const item = (names: string[], by: string, more: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record({ [by]: fc.constantFrom(...names), $patch: rare, ...more }, { noNullPrototype: true }).map(sparse)
const maybe = (arbitrary: fc.Arbitrary<unknown>) => fc.option(arbitrary, { nil: undefined, freq: 2 })
const order = (names: string[], by: string) => maybe(fc.shuffledSubarray(names).map((chosen) => chosen.map((name) => ({ [by]: name }))))

const nameOf = (named: object): unknown => (named as { name?: unknown }).name

const env = ['A', 'B', 'C', 'D']
const containers = ['one', 'two', 'three', 'four']
const container = item(containers, 'name', {
  image: maybe(fc.constantFrom('x', 'y', null)),
  env: maybe(fc.uniqueArray(item(env, 'name', { value: maybe(word) }), { maxLength: 3, selector: nameOf })),
  '$setElementOrder/env': order(env, 'name'),
  args: maybe(fc.array(word, { maxLength: 2 })),
})
const podPatch = fc
  .record(
    {
      containers: maybe(fc.uniqueArray(container, { maxLength: 3, selector: nameOf })),
      '$setElementOrder/containers': order(containers, 'name'),
      volumes: maybe(
        fc.array(
          item(['v', 'w', 'x'], 'name', {
            emptyDir: maybe(fc.constantFrom({}, null)),
            configMap: maybe(fc.constantFrom({ name: 'c' }, null)),
          }),
          {
            maxLength: 2,
          },
        ),
      ),
      tolerations: maybe(fc.array(item(['a', 'b'], 'key', { operator: fc.constant('Exists') }), { maxLength: 2 })),
      imagePullSecrets: maybe(fc.array(item(['s', 't', 'u'], 'name', {}), { maxLength: 2 })),
    },
    { noNullPrototype: true },
  )
  .map(sparse)

const free: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(null, 0, 1, true, 'x', ''),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('value'), { maxKeys: 2, noNullPrototype: true }),
  ),
})).value
const widgetPatch = optional({
  spec: optional({
    size: fc.constantFrom(1, 2, null, 'x'),
    map: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2', null), { noNullPrototype: true }),
    names: fc.uniqueArray(fc.constantFrom('a', 'b')),
    free: fc.dictionary(fc.constantFrom('a', 'b'), free, { noNullPrototype: true }),
  }),
})

export default cases({
  'any JSON patches of a ConfigMap': generated({
    values: fc.array(fc.array(operation, { minLength: 1, maxLength: 4 }), { minLength: 4, maxLength: 10 }),
    run: (api, patches) => patchConfigMap(api, 'JSONPATCH', patches),
  }),
  'any merge patches of a ConfigMap': generated({
    values: fc.array(mergePatch, { minLength: 4, maxLength: 10 }),
    run: (api, patches) => patchConfigMap(api, 'MERGE', patches),
  }),
  'any strategic merge patches of a ConfigMap': generated({
    values: fc.array(strategicPatch, { minLength: 4, maxLength: 10 }),
    run: (api, patches) => patchConfigMap(api, 'STRATEGIC', patches),
  }),
  'any strategic merge patches of a PodTemplate': generated({
    runs: 40,
    values: fc.array(podPatch, { minLength: 4, maxLength: 8 }),
    run: async (api, patches) => {
      await api.prepare('POST v1/podtemplates', podTemplate)
      for (const spec of patches)
        await api.send('STRATEGIC v1/podtemplates/a?dryRun=All&fieldValidation=Ignore', { template: { spec } }, { pick: inAnyOrder })
    },
  }),
  'any merge patches of a custom resource': generated({
    runs: 12,
    values: fc.array(widgetPatch, { minLength: 4, maxLength: 8 }),
    run: async (api, patches) => {
      const string = { type: 'string' }
      const properties = {
        size: { type: 'integer' },
        map: { type: 'object', additionalProperties: string },
        names: { type: 'array', items: string },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      }
      const schema = { type: 'object', properties: { spec: { type: 'object', properties } } }
      await api.prepare('POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition(schema))
      await api.prepare('GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{id}.example.com', undefined, {
        until: established,
      })
      const path = '/apis/{id}.example.com/v1/namespaces/{ns}/widgets'
      await api.prepare(`GET ${path}`, undefined, { until: (body: { kind?: string }) => body.kind === 'WidgetList' })
      await api.prepare(`POST ${path}`, { apiVersion: '{id}.example.com/v1', kind: 'Widget', metadata: { name: 'a' }, spec: { size: 1 } })
      for (const patch of patches) await api.send(`MERGE ${path}/a`, patch, { pick: inAnyOrder })
    },
  }),
})
