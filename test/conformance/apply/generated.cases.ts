import fc from 'fast-check'
import type { Api } from '../api.ts'
import { cases, generated } from '../case.ts'
import { inAnyOrder } from './comparable.ts'

const manager = fc.constantFrom('one', 'two', 'three', 'kubectl')
const value = fc.constantFrom('1', '2', '3')
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 })
const record = (shape: Record<string, fc.Arbitrary<unknown>>) => fc.record(shape, { requiredKeys: [] })
const map = (...keys: string[]) => fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: keys.length })
const some = <T>(...members: T[]) => fc.shuffledSubarray(members)
const named = (names: string[], more: Record<string, fc.Arbitrary<unknown>>) =>
  fc
    .shuffledSubarray(names)
    .chain((chosen) => fc.tuple(...chosen.map((name) => fc.record({ name: fc.constant(name), ...more }, { requiredKeys: ['name'] }))))

const metadata = record({ labels: map('a', 'b'), annotations: map('a', 'b'), finalizers: some('x.io/a', 'x.io/b', 'x.io/c') })

interface Write {
  verb: 'APPLY' | 'FORCE' | 'PUT' | 'MERGE' | 'STRATEGIC' | 'POST' | 'RESET'
  manager: string
  metadata: object
  body: object
}

const writes = (body: fc.Arbitrary<object>, verbs: readonly Write['verb'][]) =>
  fc.array(fc.record({ verb: fc.constantFrom(...verbs), manager, metadata, body }), { minLength: 3, maxLength: 8 })

/** Each write, with the whole answer. */
async function write(
  api: Api,
  path: string,
  head: { apiVersion: string; kind: string },
  steps: readonly Write[],
  object = 'a',
): Promise<void> {
  for (const { verb, manager: name, metadata: more, body } of steps) {
    const whole = { ...head, metadata: { name: object, ...more }, ...body }
    const { metadata: patched, ...rest } = whole
    const { name: _, ...meta } = patched
    switch (verb) {
      case 'APPLY':
      case 'FORCE':
        await api.send(`APPLY ${path}/${object}?fieldManager=${name}&force=${verb === 'FORCE'}`, whole, { pick: inAnyOrder })
        break
      case 'POST':
        await api.send(`POST ${path}?fieldManager=${name}`, whole, { pick: inAnyOrder })
        break
      case 'PUT': {
        const { body: live } = await api.prepare(`GET ${path}/${object}`).catch(() => ({ body: undefined }))
        const { resourceVersion, managedFields } = (live as { metadata?: Record<string, unknown> } | undefined)?.metadata ?? {}
        await api.send(
          `PUT ${path}/${object}?fieldManager=${name}`,
          { ...whole, metadata: { ...whole.metadata, resourceVersion, managedFields } },
          { pick: inAnyOrder },
        )
        break
      }
      case 'RESET':
        await api.send(`MERGE ${path}/${object}?fieldManager=${name}`, { metadata: { managedFields: [{}] } }, { pick: inAnyOrder })
        break
      default:
        await api.send(`${verb} ${path}/${object}?fieldManager=${name}`, { ...rest, metadata: meta }, { pick: inAnyOrder })
    }
  }
}

const ports = optional(
  some(80, 443, 8080).chain((ports) =>
    fc.tuple(
      ...ports.map((containerPort) =>
        fc.record(
          { containerPort: fc.constant(containerPort), protocol: fc.constantFrom('TCP', 'UDP'), name: fc.constant(`p${containerPort}`) },
          { requiredKeys: ['containerPort'] },
        ),
      ),
    ),
  ),
)

const container = (names: string[]) =>
  named(names, {
    image: fc.constantFrom('i:1', 'i:2'),
    args: some('x', 'y'),
    env: named(['E1', 'E2', 'E3'], { value }),
    resources: record({ limits: fc.dictionary(fc.constantFrom('cpu', 'memory'), fc.constantFrom('1', '2', '1500m'), { maxKeys: 2 }) }),
  }).chain((containers) => {
    const [first = { name: 'c', image: 'i' }, ...others] = containers
    // The same port in two containers is warned of, which is another matter.
    return ports.map((own) => [own === undefined ? first : { ...first, ports: own }, ...others])
  })

const podTemplate = record({
  template: fc.record(
    {
      metadata: record({ labels: map('x', 'y') }),
      spec: fc.record(
        {
          containers: container(['a', 'b', 'c']),
          initContainers: container(['i', 'j']),
          volumes: named(['v', 'w'], { emptyDir: fc.constantFrom({}, { medium: 'Memory' }) }),
          tolerations: fc.constantFrom([], [{ key: 'a', operator: 'Exists' }], [{ key: 'b', operator: 'Exists' }]),
          nodeSelector: map('n', 'm'),
          imagePullSecrets: named(['p', 'q'], {}),
          securityContext: record({ runAsUser: fc.constantFrom(1, 2), supplementalGroups: some(1, 2) }),
        },
        { requiredKeys: ['containers'] },
      ),
    },
    { requiredKeys: ['spec'] },
  ),
})

const service = fc.record({
  spec: fc.record(
    {
      ports: some(443, 8080).chain((ports) =>
        fc.tuple(
          ...[80, ...ports].map((port) =>
            fc.record(
              {
                port: fc.constant(port),
                name: fc.constant(`p${port}`),
                protocol: fc.constantFrom('TCP', 'UDP'),
                targetPort: fc.constantFrom<string | number>(80, 'http'),
              },
              { requiredKeys: ['port', 'name'] },
            ),
          ),
        ),
      ),
      selector: map('s', 't'),
      sessionAffinity: fc.constantFrom('None', 'ClientIP'),
    },
    { requiredKeys: ['ports'] },
  ),
})

const free: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', maxDepth: 2 },
    value,
    fc.integer({ min: 0, max: 3 }),
    fc.boolean(),
    fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('p', 'q'), tie('any'), { maxKeys: 2 }),
  ),
})).any

const widgetSpec = record({
  replicas: fc.integer({ min: 1, max: 3 }),
  text: fc.constantFrom('1', '2', '<&>'),
  items: named(['a', 'b', 'c', 'd'], { value, opts: map('x', 'y'), deep: record({ a: value, b: value }) }),
  ports: fc.uniqueArray(
    fc.record({ port: fc.constantFrom(9, 80, 443), protocol: fc.constantFrom('TCP', 'UDP'), name: value }, { requiredKeys: ['port'] }),
    {
      selector: ({ port, protocol }) => `${port}/${protocol ?? 'TCP'}`,
      maxLength: 4,
    },
  ),
  tags: some('s', 't', '<u>'),
  numbers: some(1, 2, 9, 10),
  args: some('x', 'y'),
  atomicMap: map('x', 'y'),
  atomicStruct: map('a', 'b'),
  map: map('x', 'y', 'z'),
  maps: fc.dictionary(fc.constantFrom('m', 'n'), record({ a: value, b: fc.integer({ min: 0, max: 2 }) }), { maxKeys: 2 }),
  free: fc.dictionary(fc.constantFrom('f', 'g'), free, { maxKeys: 2 }),
  half: fc.dictionary(fc.constantFrom('u', 'v'), free, { maxKeys: 2 }),
  any: free,
})

const text = { type: 'string' }
const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })
const mapOf = (additionalProperties: object, more: object = {}) => ({ type: 'object', additionalProperties, ...more })
const unknown = { 'x-kubernetes-preserve-unknown-fields': true }
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.{id}.example.com' },
  spec: {
    group: '{id}.example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: object({
            spec: object({
              replicas: { type: 'integer' },
              text,
              items: {
                type: 'array',
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['name'],
                items: object({ name: text, value: text, opts: mapOf(text), deep: object({ a: text, b: text }) }, { required: ['name'] }),
              },
              ports: {
                type: 'array',
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['port', 'protocol'],
                items: object({ port: { type: 'integer' }, protocol: { ...text, default: 'TCP' }, name: text }, { required: ['port'] }),
              },
              tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: text },
              numbers: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'integer' } },
              args: { type: 'array', items: text },
              atomicMap: mapOf(text, { 'x-kubernetes-map-type': 'atomic' }),
              atomicStruct: object({ a: text, b: text }, { 'x-kubernetes-map-type': 'atomic' }),
              map: mapOf(text),
              maps: mapOf(object({ a: text, b: { type: 'integer' } })),
              free: { type: 'object', ...unknown },
              half: object({ known: text }, unknown),
              any: unknown,
            }),
            status: object({
              phase: text,
              conditions: {
                type: 'array',
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['type'],
                items: object({ type: text, status: text }, { required: ['type'] }),
              },
            }),
          }),
        },
      },
    ],
  },
}

async function define(api: Api): Promise<void> {
  await api.prepare('POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition)
  await api.prepare('GET /apis/{id}.example.com/v1/widgets', undefined, { until: (body: { kind: string }) => body.kind === 'WidgetList' })
}
const widget = { apiVersion: '{id}.example.com/v1', kind: 'Widget' }

export default cases({
  'any writes to a ConfigMap': generated({
    values: writes(record({ data: map('a', 'b', 'c'), immutable: fc.constant(false) }), [
      'APPLY',
      'APPLY',
      'FORCE',
      'PUT',
      'MERGE',
      'STRATEGIC',
      'POST',
      'RESET',
    ]),
    runs: 60,
    run: async (api, steps) => await write(api, 'v1/configmaps', { apiVersion: 'v1', kind: 'ConfigMap' }, steps),
  }),
  'any writes to a PodTemplate': generated({
    values: writes(podTemplate, ['APPLY', 'APPLY', 'FORCE', 'PUT', 'MERGE', 'STRATEGIC', 'POST', 'RESET']),
    runs: 60,
    run: async (api, steps) => await write(api, 'v1/podtemplates', { apiVersion: 'v1', kind: 'PodTemplate' }, steps),
  }),
  'any writes to a Service': generated({
    values: writes(service, ['APPLY', 'APPLY', 'FORCE', 'MERGE', 'STRATEGIC', 'POST', 'RESET']),
    runs: 40,
    run: async (api, steps) => await write(api, 'v1/services', { apiVersion: 'v1', kind: 'Service' }, steps),
  }),
  'any writes to custom resources': generated({
    // Several sequences for each definition: the real server takes a second to serve a new one.
    values: fc.array(writes(fc.record({ spec: widgetSpec }), ['APPLY', 'APPLY', 'FORCE', 'FORCE', 'PUT', 'MERGE', 'POST', 'RESET']), {
      minLength: 10,
      maxLength: 10,
    }),
    runs: 10,
    run: async (api, sequences) => {
      await define(api)
      const path = '{id}.example.com/v1/widgets'
      for (const [index, steps] of sequences.entries()) {
        await write(api, path, widget, steps, `w${index}`)
        // A definition whose objects cannot go keeps one of the real server's few workers for it busy.
        await api.prepare(`MERGE ${path}/w${index}`, { metadata: { finalizers: null } }).catch(() => {})
      }
    },
  }),
  'any writes to the status of a custom resource': generated({
    values: fc.array(
      fc.record({
        verb: fc.constantFrom('APPLY', 'FORCE', 'PUT', 'MERGE'),
        manager,
        labels: optional(map('a', 'b')),
        status: record({
          phase: value,
          conditions: named(['A', 'B'], {}).map((list) => list.map(({ name }) => ({ type: name, status: 'True' }))),
        }),
      }),
      { minLength: 2, maxLength: 6 },
    ),
    run: async (api, steps) => {
      await define(api)
      const path = '{id}.example.com/v1/widgets/a'
      await api.prepare(`APPLY ${path}?fieldManager=m`, { ...widget, metadata: { name: 'a', labels: { a: '1' } }, spec: { text: '1' } })
      for (const { verb, manager: name, labels, status } of steps) {
        const body = { ...widget, metadata: { name: 'a', ...(labels && { labels }) }, spec: { text: '2' }, status }
        const query = `fieldManager=${name}${verb === 'FORCE' ? '&force=true' : ''}`
        if (verb === 'PUT') {
          const { body: live } = await api.prepare(`GET ${path}`)
          await api.send(`PUT ${path}/status?${query}`, { ...live, status, spec: { text: '2' } }, { pick: inAnyOrder })
        } else await api.send(`${verb === 'FORCE' ? 'APPLY' : verb} ${path}/status?${query}`, body, { pick: inAnyOrder })
      }
    },
  }),
})
