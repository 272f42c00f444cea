import type { Api } from '../api.ts'
import { cases, differs, type Step } from '../case.ts'
import { inAnyOrder } from './comparable.ts'

const configMap = (data?: object, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', ...metadata },
  ...(data && { data }),
})
const deployment = (spec: object = {}, pod: object = {}, metadata: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a', ...metadata },
  spec: {
    paused: true,
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }], ...pod } },
    ...spec,
  },
})
const podTemplate = (pod: object) => ({
  apiVersion: 'v1',
  kind: 'PodTemplate',
  metadata: { name: 'a' },
  template: { spec: { containers: [{ name: 'c', image: 'i' }], ...pod } },
})

const owned = { pick: inAnyOrder }
/** An apply of a ConfigMap with this data. */
const apply = (manager: string, data?: object, { query = '', metadata = {} } = {}): Step => [
  `APPLY v1/configmaps/a?fieldManager=${manager}${query}`,
  configMap(data, metadata),
  owned,
]
const merge = (manager: string, body: object): Step => [`MERGE v1/configmaps/a?fieldManager=${manager}`, body, owned]
const force = { query: '&force=true' }

/** The object's own version and times after each write tell whether there was one. */
async function twice(api: Api, line: string, body: unknown): Promise<void> {
  const first = await api.send(line, body)
  const second = await api.send(line, body)
  api.keep({
    asked: 'whether the second changed something',
    changed: first.body.metadata.resourceVersion !== second.body.metadata.resourceVersion,
  })
}

export default cases({
  'an apply creates': [apply('m', { a: '1' }), ['GET v1/configmaps/a', undefined, owned]],
  'an apply of nothing but a name': [apply('m')],
  'the same apply again changes nothing': async (api) => {
    await twice(api, 'APPLY v1/configmaps/a?fieldManager=m', configMap({ a: '1' }))
    await twice(api, 'APPLY v1/podtemplates/a?fieldManager=m', podTemplate({}))
  },
  'an apply with an empty map again changes nothing': async (api) =>
    await twice(api, 'APPLY v1/configmaps/a?fieldManager=m', configMap({ a: '1' }, { annotations: {}, labels: {} })),
  'an apply with nulls for what the server sets': async (api) =>
    await twice(
      api,
      'APPLY v1/configmaps/a?fieldManager=m',
      configMap({ a: '1' }, { creationTimestamp: null, resourceVersion: null, uid: null }),
    ),
  'quantities and defaults in another spelling change nothing': async (api) => {
    const pod = {
      containers: [{ name: 'c', image: 'i', resources: { limits: { cpu: '1000m', memory: '1024Mi' } }, ports: [{ containerPort: 80 }] }],
    }
    await twice(api, 'APPLY v1/podtemplates/a?fieldManager=m', podTemplate(pod))
  },
  'two appliers share': [apply('m', { a: '1' }), apply('n', { a: '1' }), apply('m', {}), apply('n', {})],
  'one conflict': [apply('m', { a: '1' }), apply('n', { a: '2' })],
  'several conflicts of several managers': [
    apply('m', { a: '1', b: '1' }),
    apply('n', { c: '1' }),
    merge('u', { data: { d: '1' } }),
    apply('x', { a: '2', b: '2', c: '2', d: '2' }),
  ],
  'a conflict and force': [
    apply('m', { a: '1', b: '1' }),
    apply('n', { a: '2' }, force),
    apply('m', { a: '1', b: '1' }),
    apply('m', { b: '1' }),
  ],
  'what an applier leaves out goes': [
    apply('m', { a: '1', b: '1' }, { metadata: { labels: { l: '1' } } }),
    apply('m', { b: '1' }),
    apply('m', {}),
    apply('m'),
  ],
  'what an updater changed is its own': [apply('m', { a: '1' }), merge('u', { data: { a: '2' } }), apply('m', {}), apply('m', { a: '2' })],
  'what an updater removed is nobody’s': [
    apply('m', { a: '1', b: '1' }),
    merge('u', { data: { a: null } }),
    apply('m', { a: '1', b: '1' }),
  ],
  'finalizers are a set': [
    apply('m', undefined, { metadata: { finalizers: ['a.b/c', 'a.b/d'] } }),
    apply('n', undefined, { metadata: { finalizers: ['a.b/d', 'a.b/e'] } }),
    apply('m', undefined, { metadata: { finalizers: ['a.b/d'] } }),
    apply('n', undefined, { metadata: { finalizers: [] } }),
    apply('m'),
    merge('u', { metadata: { finalizers: null } }),
  ],
  'owner references are told apart by uid': async (api) => {
    const references: object[] = []
    for (const name of ['x', 'y']) {
      const { body } = await api.send('POST v1/configmaps', { metadata: { name } })
      references.push({ apiVersion: 'v1', kind: 'ConfigMap', name, uid: body.metadata.uid })
    }
    const [x, y] = references
    for (const [manager, ownerReferences] of Object.entries({ m: [x], n: [y], o: [y, x], p: [x] }))
      await api.send(`APPLY v1/configmaps/a?fieldManager=${manager}`, configMap(undefined, { ownerReferences }), owned)
    await api.send('APPLY v1/configmaps/a?fieldManager=n', configMap(), owned)
    await api.send('APPLY v1/configmaps/a?fieldManager=o', configMap(), owned)
  },
  'values with characters that JSON may escape': [
    apply('m', { a: '<&>\u2028' }, { metadata: { finalizers: ['a.b/c'], annotations: { 'a.b/x': '"<' } } }),
    apply('n', { a: 'x' }),
  ],

  'a container and its ports': [
    [
      'APPLY v1/podtemplates/a?fieldManager=m',
      podTemplate({
        containers: [
          {
            name: 'c',
            image: 'i',
            ports: [{ containerPort: 443, name: 'x' }, { containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }],
          },
        ],
      }),
      owned,
    ],
    [
      'APPLY v1/podtemplates/a?fieldManager=n',
      podTemplate({ containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80, name: 'y' }] }] }),
      owned,
    ],
    [
      'APPLY v1/podtemplates/a?fieldManager=m',
      podTemplate({ containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 443 }] }] }),
      owned,
    ],
    [
      'APPLY v1/podtemplates/a?fieldManager=o',
      podTemplate({ containers: [{ name: 'c', ports: [{ containerPort: 80, name: 'z' }] }] }),
      owned,
    ],
  ],
  'the order of containers': [
    ['APPLY v1/podtemplates/a?fieldManager=m', podTemplate({ containers: ['x', 'y', 'z'].map((name) => ({ name, image: 'i' })) }), owned],
    ['APPLY v1/podtemplates/a?fieldManager=n', podTemplate({ containers: ['z', 'w', 'x'].map((name) => ({ name, image: 'i' })) }), owned],
    ['APPLY v1/podtemplates/a?fieldManager=m', podTemplate({ containers: ['z', 'y', 'x'].map((name) => ({ name, image: 'i' })) }), owned],
  ],
  'an empty struct differs from none': [
    ['APPLY v1/podtemplates/a?fieldManager=m', podTemplate({ volumes: [{ name: 'v', emptyDir: {} }], securityContext: {} }), owned],
    ['APPLY v1/podtemplates/a?fieldManager=m', podTemplate({ volumes: [{ name: 'v' }] }), owned],
  ],
  'an environment with the same name twice': [
    [
      'POST v1/podtemplates?fieldManager=u',
      podTemplate({
        containers: [
          {
            name: 'c',
            image: 'i',
            env: [
              { name: 'PATH', value: '1' },
              { name: 'PATH', value: '2' },
            ],
          },
        ],
      }),
      owned,
    ],
    [
      'APPLY v1/podtemplates/a?fieldManager=m',
      podTemplate({
        containers: [
          {
            name: 'c',
            image: 'i',
            env: [
              { name: 'PATH', value: '3' },
              { name: 'PATH', value: '4' },
            ],
          },
        ],
      }),
      owned,
    ],
    [
      'APPLY v1/podtemplates/a?fieldManager=m&force=true',
      podTemplate({ containers: [{ name: 'c', image: 'i', env: [{ name: 'PATH', value: '3' }] }] }),
      owned,
    ],
  ],
  'replicas that are left out go back to the default, or stay with who scales': [
    ['APPLY apps/v1/deployments/a?fieldManager=m', deployment({ replicas: 0 }), { pick: (body: never) => (body as { spec: object }).spec }],
    ['APPLY apps/v1/deployments/a?fieldManager=n', deployment({ replicas: 0 }), { pick: (body: never) => (body as { spec: object }).spec }],
    ['APPLY apps/v1/deployments/a?fieldManager=m', deployment(), { pick: (body: never) => (body as { spec: object }).spec }],
    ['APPLY apps/v1/deployments/a?fieldManager=n', deployment(), { pick: (body: never) => (body as { spec: object }).spec }],
  ],

  'no manager': ['APPLY v1/configmaps/a', ['APPLY v1/configmaps/a', configMap()]],
  'a manager whose name is too long or not printable': [apply('m'.repeat(129)), apply('%07')],
  'force without apply': [['MERGE v1/configmaps/a?force=true', {}]],
  'another kind, version or name': [
    ['APPLY v1/configmaps/a?fieldManager=m', { ...configMap(), kind: 'Secret' }],
    ['APPLY v1/configmaps/a?fieldManager=m', { ...configMap(), apiVersion: 'v2' }],
    ['APPLY v1/configmaps/a?fieldManager=m', { ...configMap(), apiVersion: 'a/b/c' }],
    ['APPLY v1/configmaps/a?fieldManager=m', {}],
    ['APPLY v1/configmaps/a?fieldManager=m', configMap({}, { name: 'b' })],
    ['APPLY v1/configmaps/a?fieldManager=m', configMap({}, { namespace: 'other' })],
    ['APPLY v1/configmaps/a?fieldManager=m', { apiVersion: 'v1', kind: 'ConfigMap' }],
    ['APPLY v1/configmaps/a?fieldManager=m', { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }],
  ],
  'managed fields in a configuration': [[], [{}], 'x', null, [{ manager: 'x' }]].map(
    (managedFields): Step => apply('m', {}, { metadata: { managedFields } }),
  ),
  'a uid, and a resourceVersion, of what is not there': [
    apply('m', {}, { metadata: { uid: 'x' } }),
    apply('m', {}, { metadata: { resourceVersion: '7' } }),
  ],
  'a resourceVersion is a lock': async (api) => {
    const { body } = await api.send('APPLY v1/configmaps/a?fieldManager=m', configMap({ a: '1' }))
    const { resourceVersion } = body.metadata
    await api.send('APPLY v1/configmaps/a?fieldManager=m', configMap({ a: '2' }, { resourceVersion }))
    await api.send('APPLY v1/configmaps/a?fieldManager=m', configMap({ a: '3' }, { resourceVersion }))
    await api.send('APPLY v1/configmaps/a?fieldManager=m', configMap({ a: '3' }, { uid: '6a4bb1f2-0000-0000-0000-000000000000' }))
  },
  'values of the wrong kind': [
    { replicas: '1' },
    { replicas: true },
    { replicas: {} },
    { replicas: 1.5 },
    { paused: 'x' },
    { foo: 1 },
    { selector: { foo: 1 } },
    { selector: [] },
    { template: 'x' },
    { template: { spec: { containers: {} } } },
    { template: { spec: { containers: ['x'] } } },
    { template: { spec: { containers: [null] } } },
    { template: { spec: { containers: [{ name: 'c' }, { name: 'c' }] } } },
    { template: { spec: { containers: [{ name: 'c', image: { a: [1, 'x', null] } }] } } },
    { template: { spec: { containers: [{ name: 'c', ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'TCP' }] }] } } },
  ].map((spec): Step => ['APPLY apps/v1/deployments/a?fieldManager=m&dryRun=All', deployment(spec)]),
  'bodies that are no configuration': [
    '[1]',
    '"x"',
    'null',
    '',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n',
  ].map((body): Step => ['APPLY v1/configmaps/a?fieldManager=m', body]),
  'YAML that cannot be read': differs('the messages of the YAML parser are its own', [
    ['APPLY v1/configmaps/a?fieldManager=m', 'a: ['],
    ['APPLY v1/configmaps/a?fieldManager=m', '{"a":'],
  ]),
  'a dry run stores nothing': [
    apply('m', { a: '1' }, { query: '&dryRun=All' }),
    'GET v1/configmaps/a',
    apply('m', { a: '1' }),
    apply('n', { b: '1' }, { query: '&dryRun=All' }),
    apply('n', { a: '2' }, { query: '&dryRun=All' }),
  ],

  'managed fields are reset': async (api) => {
    for (const managedFields of [[], [{}]]) {
      await api.send(...(apply('m', { a: '1' }) as [string, object, object]))
      await api.send(`MERGE v1/configmaps/a?fieldManager=u`, { metadata: { managedFields } }, owned)
      await api.send(`MERGE v1/configmaps/a?fieldManager=u`, { data: { b: '1' } }, owned)
      await api.send(...(apply('n', { c: '1' }) as [string, object, object]))
      await api.send('DELETE v1/configmaps/a')
    }
    await api.send(...(apply('m', { a: '1' }) as [string, object, object]))
    await api.send('STRATEGIC v1/configmaps/a?fieldManager=u', { metadata: { managedFields: [{}] } }, owned)
    await api.send('JSONPATCH v1/configmaps/a?fieldManager=u', [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }], owned)
    await api.send('PUT v1/configmaps/a?fieldManager=u', configMap({ a: '1' }, { managedFields: [] }), owned)
  },
  'managed fields are replaced, or kept if they are invalid': async (api) => {
    await api.send(...(apply('m', { a: '1' }) as [string, object, object]))
    const entry = { manager: 'x', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': { 'f:a': {} } } }
    for (const managedFields of [
      [entry],
      [{ ...entry, operation: 'Foo' }],
      [{ ...entry, apiVersion: '' }],
      [{ ...entry, fieldsType: 'FieldsV2' }],
      [{ ...entry, fieldsV1: { 'k:{': {} } }],
      [entry, { ...entry, fieldsV1: { 'f:data': { 'f:z': {} } } }],
      null,
    ])
      await api.send('MERGE v1/configmaps/a?fieldManager=u', { metadata: { managedFields } }, owned)
  },
  'applied managers are renamed': async (api) => {
    await api.send(...(apply('m', { a: '1' }) as [string, object, object]))
    const { body } = await api.send(...(apply('n', { b: '1' }) as [string, object, object]))
    const managedFields = body.metadata.managedFields.map((entry: object) => ({ ...entry, manager: 'one' }))
    await api.send('PUT v1/configmaps/a?fieldManager=u', { ...body, metadata: { ...body.metadata, managedFields } }, owned)
    await api.send(...(apply('one', { c: '1' }) as [string, object, object]))
  },
  'more than ten managers that update': async (api) => {
    await api.send(...(apply('m', { a: '1' }) as [string, object, object]))
    for (let at = 0; at < 12; at++)
      await api.send(
        `MERGE v1/configmaps/a?fieldManager=u${at}`,
        { data: { [`k${at}`]: '1' } },
        { pick: (body: never) => (body as { metadata: { managedFields: object[] } }).metadata.managedFields.length },
      )
  },
  'the manager of a client that gives none': [
    ['POST v1/configmaps', configMap(), { headers: { 'user-agent': 'client/1.2 (linux)' }, pick: inAnyOrder }],
    ['MERGE v1/configmaps/a', { data: { a: '1' } }, { headers: { 'user-agent': 'other' }, pick: inAnyOrder }],
  ],

  'from client-side to server-side apply': async (api) => {
    const annotation = 'kubectl.kubernetes.io/last-applied-configuration'
    const applied = configMap({ a: '1', b: '1' })
    await api.send(
      'POST v1/configmaps?fieldManager=kubectl-client-side-apply',
      configMap({ a: '1', b: '1' }, { annotations: { [annotation]: JSON.stringify(applied) } }),
      owned,
    )
    await api.send(...(merge('u', { data: { b: '2' } }) as [string, object, object]))
    await api.send(...(apply('kubectl', { a: '3', b: '3' }) as [string, object, object]))
    await api.send(...(apply('other', { a: '3' }) as [string, object, object]))
    await api.send(...(apply('kubectl', { a: '3', b: '2', c: '<' }, { metadata: { annotations: { x: '1' } } }) as [string, object, object]))
  },

  'the scale of a Deployment': async (api) => {
    const entries = async () =>
      await api.send('GET apps/v1/deployments/a', undefined, {
        pick: (body: never) =>
          (inAnyOrder(body) as { metadata: { managedFields?: { manager: string }[] } }).metadata.managedFields?.filter(
            ({ manager }) => !manager.startsWith('kube-'),
          ),
      })
    const status = {
      pick: (body: never) => {
        const { code, message, spec, details } = body as Record<string, unknown>
        return { code, message, spec, details }
      },
    }
    const scale = async (manager: string, replicas: number) => {
      await api.send(`MERGE apps/v1/deployments/a/scale?fieldManager=${manager}`, { spec: { replicas } }, status)
      await entries()
    }
    const applied = async (manager: string, replicas: number, query = '') => {
      await api.send(
        `APPLY apps/v1/deployments/a/scale?fieldManager=${manager}${query}`,
        { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { replicas } },
        status,
      )
      await entries()
    }
    await api.prepare('APPLY apps/v1/deployments/a?fieldManager=m', deployment())
    await scale('nobody', 2)
    await api.prepare('APPLY apps/v1/deployments/a?fieldManager=m', deployment({ replicas: 2 }))
    await scale('s', 3)
    await scale('t', 3)
    await scale('t', 4)
    await scale('t', 0)
    await applied('a', 5)
    await applied('b', 6)
    await applied('b', 6, '&force=true')
    await api.prepare('MERGE apps/v1/deployments/a?fieldManager=u', { spec: { replicas: 7, minReadySeconds: 3 } })
    await scale('s', 7)
    await scale('u', 8)
    await api.send(
      'APPLY apps/v1/deployments/a/scale?fieldManager=a',
      { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { foo: 1 } },
      status,
    )
  },
})
