import { cases, differs } from '../case.ts'
import { configMap } from '../objects.ts'
import { configMapPatches, deploymentPatches, freshPatches } from './bodies.ts'

const merge = (...patches: readonly unknown[]) => freshPatches('MERGE', ...patches)
const deployments = (...patches: readonly unknown[]) => deploymentPatches('MERGE', ...patches)
const template = (spec: object) => ({ spec: { template: { spec } } })

export default cases({
  'merge patch: members that are added, changed and taken away': merge(
    { data: { key: 'changed' } },
    { data: { new: 'made' } },
    { data: { key: null } },
    { data: { key: null, other: null } },
    { data: null },
    { data: {} },
    { data: { none: null } },
    { binaryData: { a: 'AAAA' } },
    { binaryData: { a: null } },
    { immutable: true },
    { immutable: null },
  ),
  'merge patch: lists are replaced': merge(
    { metadata: { finalizers: ['x.io/c'] } },
    { metadata: { finalizers: [] } },
    { metadata: { finalizers: null } },
    { metadata: { finalizers: ['x.io/b', 'x.io/a'] } },
    { metadata: { finalizers: [null] } },
    { metadata: { finalizers: ['x.io/a', 1] } },
    { metadata: { finalizers: {} } },
    { metadata: { finalizers: 'x.io/c' } },
  ),
  'merge patch: nulls inside of what is new': merge(
    { binaryData: { a: null, b: 'AAAA' } },
    { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u', controller: null }] } },
    { metadata: { ownerReferences: [null] } },
  ),
  'merge patch: values of the wrong type': merge(
    { data: 'text' },
    { data: [] },
    { data: 1 },
    { data: { key: 1 } },
    { data: { key: true } },
    { data: { key: {} } },
    { data: { key: ['x'] } },
    { metadata: 'text' },
    { metadata: [] },
    { metadata: null },
    { metadata: { labels: { app: 1 } } },
    { metadata: { labels: ['app'] } },
    { immutable: 'true' },
    { immutable: 1 },
  ),
  'merge patch: patches that are no object': merge(
    null,
    [],
    [1],
    1,
    'true',
    '"text"',
    '',
    ' ',
    '{',
    '{}{}',
    '{"a"}',
    'nothing',
    '{"data":{"key":"\\ud800"}}',
  ),
  'merge patch: an empty patch changes nothing': [
    ...configMapPatches('MERGE', {}, { data: { key: 'value' } }, { data: {} }),
    'GET v1/configmaps/a',
  ],
  'merge patch: kind and version': merge(
    { kind: 'ConfigMap', apiVersion: 'v1' },
    { kind: 'Service' },
    { apiVersion: 'v2' },
    { apiVersion: 'apps/v1' },
    { kind: null },
    { apiVersion: null },
    { kind: '', apiVersion: '' },
    { kind: 1 },
    { apiVersion: {} },
  ),
  'merge patch: metadata that a patch may not change': merge(
    { metadata: { name: 'b' } },
    { metadata: { name: null } },
    { metadata: { name: '' } },
    { metadata: { namespace: 'other' } },
    { metadata: { namespace: null } },
    { metadata: { uid: 'other' } },
    { metadata: { uid: null } },
    { metadata: { uid: '' } },
    { metadata: { creationTimestamp: null } },
    { metadata: { creationTimestamp: '2020-01-01T00:00:00Z' } },
    { metadata: { deletionTimestamp: '2020-01-01T00:00:00Z' } },
    { metadata: { deletionGracePeriodSeconds: 3 } },
    { metadata: { generation: 9 } },
    { metadata: { generateName: 'x-' } },
  ),
  'merge patch: versions that have to fit': async (api) => {
    const { body } = await api.prepare('POST v1/configmaps', configMap('a'))
    const { resourceVersion, uid } = (body as { metadata: { resourceVersion: string; uid: string } }).metadata
    await api.send('MERGE v1/configmaps/a', { metadata: { resourceVersion, uid }, data: { key: '1' } })
    await api.send('MERGE v1/configmaps/a', { metadata: { resourceVersion }, data: { key: '2' } })
    await api.send('MERGE v1/configmaps/a', { metadata: { resourceVersion: '1' }, data: { key: '2' } })
    await api.send('MERGE v1/configmaps/a', { metadata: { resourceVersion: '0' }, data: { key: '3' } })
    await api.send('MERGE v1/configmaps/a', { metadata: { resourceVersion: '' }, data: { key: '4' } })
    await api.send('MERGE v1/configmaps/a', { metadata: { resourceVersion: null }, data: { key: '5' } })
    await api.send('MERGE v1/configmaps/a', { metadata: { resourceVersion: 'x' }, data: { key: '6' } })
    await api.send('MERGE v1/configmaps/a', { metadata: { resourceVersion: 7 }, data: { key: '7' } })
    await api.send('MERGE v1/configmaps/a', { metadata: { uid: 'other' }, data: { key: '8' } })
    await api.send('MERGE v1/configmaps/a', { metadata: { uid, resourceVersion: '1' }, data: { key: '9' } })
    await api.send('JSONPATCH v1/configmaps/a', [
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'add', path: '/data/key', value: '10' },
    ])
    await api.send('JSONPATCH v1/configmaps/a', [
      { op: 'replace', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'add', path: '/data/key', value: '11' },
    ])
    await api.send('STRATEGIC v1/configmaps/a', { metadata: { resourceVersion }, data: { key: '12' } })
    await api.send('STRATEGIC v1/configmaps/a', { metadata: { uid: 'other' }, data: { key: '13' } })
    await api.send('GET v1/configmaps/a')
  },
  'merge patch: managed fields': merge(
    { metadata: { managedFields: [] } },
    { metadata: { managedFields: [{}] } },
    { metadata: { managedFields: null } },
    { metadata: { managedFields: [{}, {}] } },
    { metadata: { managedFields: [{ manager: 'm', operation: 'Other' }] } },
    {
      metadata: {
        managedFields: [{ manager: 'm', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:data': {} } }],
      },
    },
    { metadata: { managedFields: 'x' } },
  ),
  'merge patch: unknown and repeated fields': ['Strict', 'Warn', 'Ignore'].flatMap((validation) => [
    ...(validation === 'Strict' ? [['POST v1/configmaps', configMap('a')] as const] : []),
    ...[
      '{"none":1}',
      '{"none":1,"data":{"key":"x"},"metadata":{"more":{}}}',
      '{"data":{"key":"1","key":"2"}}',
      '{"data":{"key":"1"},"data":{"other":"2"}}',
      '{"Data":{"key":"1"}}',
      '{"metadata":{"Labels":{"a":"b"}}}',
      '{"metadata":{"none":null}}',
      '{"none":null}',
      '{"":1}',
    ].map((text) => [`MERGE v1/configmaps/a?dryRun=All&fieldValidation=${validation}`, text] as const),
  ]),
  'merge patch: lists of a Deployment are replaced': deployments(
    template({ containers: [{ name: 'only', image: 'x' }] }),
    template({ containers: [{ name: 'one' }] }),
    template({ containers: [] }),
    template({ containers: null }),
    template({ tolerations: [] }),
    template({ tolerations: null }),
    template({ volumes: null }),
    template({ containers: [{ name: 'only', image: 'x', env: null, ports: [{ containerPort: 1, name: null }] }] }),
    template({ containers: { name: 'x' } }),
  ),
  'merge patch: objects of a Deployment are merged': deployments(
    { spec: { replicas: 3 } },
    { spec: { replicas: null } },
    { spec: { replicas: '3' } },
    { spec: { replicas: 2.5 } },
    { spec: { replicas: -1 } },
    { spec: { strategy: { type: 'Recreate' } } },
    { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } },
    { spec: { strategy: null } },
    { spec: { template: { metadata: { labels: { app: 'b' } } } } },
    { spec: { template: { metadata: { annotations: { note: null, more: 'x' } } } } },
    { spec: { template: null } },
    { spec: { selector: { matchLabels: { app: 'b' } } } },
    { spec: { selector: null } },
    { spec: null },
    { spec: 'x' },
    { spec: [] },
    { status: { replicas: 9 } },
    { status: null },
  ),
  'merge patch: directives of strategic merge mean nothing': merge(
    { data: { $patch: 'replace' } },
    { $patch: 'delete' },
    { metadata: { '$deleteFromPrimitiveList/finalizers': ['x.io/a'] } },
    { metadata: { '$setElementOrder/finalizers': ['x.io/a'] } },
  ),
  'merge patch: names that the language of the server might stumble over': merge(
    '{"data":{"__proto__":"x"}}',
    '{"data":{"constructor":"x","toString":null}}',
    '{"metadata":{"labels":{"__proto__":"x"}}}',
    '{"__proto__":{"data":{"key":"x"}}}',
    '{"data":{"__proto__":null}}',
    '{"metadata":{"annotations":{"__proto__":{"a":"b"}}}}',
  ),
  'merge patch: a Secret is patched with plain text': [
    ['POST v1/secrets', { metadata: { name: 'a' }, data: { a: 'AAAA', b: 'AAAA' } }],
    ['MERGE v1/secrets/a', { stringData: { a: 'text', c: 'more' } }],
    ['MERGE v1/secrets/a', { data: { b: null } }],
    ['MERGE v1/secrets/a', { data: { b: 'no base64' } }],
    ['MERGE v1/secrets/a', { data: { b: 'AAA' } }],
    ['MERGE v1/secrets/a', { type: 'other' }],
    ['MERGE v1/secrets/a', { immutable: true }],
    ['MERGE v1/secrets/a', { data: { a: 'BBBB' } }],
    ['STRATEGIC v1/secrets/a', { stringData: { z: 'text' } }],
  ],
  'merge patch: quantities are stored in one spelling': deployments(
    template({ containers: [{ name: 'only', image: 'x', resources: { limits: { cpu: 0.5, memory: '1024Mi' } } }] }),
    template({ containers: [{ name: 'only', image: 'x', resources: { limits: { cpu: '1000m', memory: 1e9 } } }] }),
    template({ containers: [{ name: 'only', image: 'x', resources: { limits: { cpu: 'x' } } }] }),
  ),
  'merge patch: a deletion is ended by taking finalizers away': [
    ['POST v1/configmaps', configMap('a', { metadata: { name: 'a', finalizers: ['x.io/a', 'x.io/b'] } })],
    'DELETE v1/configmaps/a',
    ['MERGE v1/configmaps/a', { metadata: { finalizers: ['x.io/a', 'x.io/b', 'x.io/c'] } }],
    ['MERGE v1/configmaps/a', { metadata: { finalizers: ['x.io/b'] } }],
    ['MERGE v1/configmaps/a', { metadata: { finalizers: null } }],
    'GET v1/configmaps/a',
  ],
  'merge patch: what is immutable stays': [
    ['POST v1/configmaps', configMap('a', { immutable: true })],
    ['MERGE v1/configmaps/a', { data: { key: 'x' } }],
    ['MERGE v1/configmaps/a', { immutable: false }],
    ['MERGE v1/configmaps/a', { immutable: null, data: null }],
    ['MERGE v1/configmaps/a', { metadata: { labels: { a: 'b' } } }],
  ],
  'merge patch: patches of what is not there': [
    ['MERGE v1/configmaps/none', { data: {} }],
    ['MERGE v1/configmaps/none', '{'],
    ['MERGE v1/nothing/none', {}],
    ['MERGE v1/configmaps', {}],
    ['MERGE apps/v1/deployments/none/scale', { spec: { replicas: 1 } }],
    ['MERGE apps/v1/deployments/none/status', {}],
    ['JSONPATCH v1/configmaps/none', []],
    ['STRATEGIC v1/configmaps/none', {}],
  ],
  'merge patch: large numbers': deployments(
    { spec: { replicas: 2147483647 } },
    { spec: { replicas: 2147483648 } },
    '{"spec":{"template":{"spec":{"terminationGracePeriodSeconds":9007199254740993}}}}',
  ),
  'merge patch: whole numbers with a fraction or an exponent': differs(
    'the sandbox reads numbers of a patch by their value, the real server refuses integers that are not written as such',
    deployments('{"spec":{"replicas":1e3}}', '{"spec":{"replicas":3.0}}', '{"spec":{"replicas":9007199254740993}}'),
  ),
  'merge patch: options of the request': [
    'dryRun=All',
    'dryRun=Some',
    'fieldManager=me',
    `fieldManager=${'m'.repeat(129)}`,
    'force=true',
    'fieldValidation=Other',
  ].flatMap((query) => [
    ['POST v1/configmaps', configMap('a')],
    [`MERGE v1/configmaps/a?${query}`, { data: { key: query.slice(0, 20) } }],
  ]),
  'merge patch: a dry run changes nothing': [
    ['POST v1/configmaps', configMap('a')],
    ['MERGE v1/configmaps/a?dryRun=All', { data: { key: 'dry' } }],
    ['JSONPATCH v1/configmaps/a?dryRun=All', [{ op: 'remove', path: '/data' }]],
    ['STRATEGIC v1/configmaps/a?dryRun=All', { data: null }],
    ['MERGE v1/configmaps/a?dryRun=All', { metadata: { finalizers: ['x.io/a'] } }],
    'GET v1/configmaps/a',
  ],
  'merge patch: beside an apply': [
    ['APPLY v1/configmaps/a?fieldManager=one', configMap('a', { data: { a: '1', b: '2' } })],
    ['MERGE v1/configmaps/a?fieldManager=two', { data: { a: 'two' } }],
    ['APPLY v1/configmaps/a?fieldManager=one', configMap('a', { data: { a: '1', b: '2' } })],
    ['JSONPATCH v1/configmaps/a?fieldManager=three', [{ op: 'add', path: '/data/c', value: '3' }]],
    ['APPLY v1/configmaps/a?fieldManager=one&force=true', configMap('a', { data: { a: '1' } })],
    ['STRATEGIC v1/configmaps/a?fieldManager=two', { data: { $patch: 'replace', d: '4' } }],
    ['APPLY v1/configmaps/a?fieldManager=one', configMap('a', { data: { e: '5' } })],
  ],
})
