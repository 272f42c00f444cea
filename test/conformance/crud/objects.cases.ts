import { cases } from '../case.ts'
import { configMap } from '../objects.ts'

export default cases({
  'a ConfigMap that is not there': 'GET v1/configmaps/none',
  'created, read, and created again': [
    ['POST v1/configmaps', configMap('a')],
    'GET v1/configmaps/a',
    ['POST v1/configmaps', configMap('a')],
  ],
  'a body without apiVersion and kind': [['POST v1/configmaps', { metadata: { name: 'a' }, data: { key: 'value' } }]],
  'a body without a name': [['POST v1/configmaps', { apiVersion: 'v1', kind: 'ConfigMap' }]],
  'a name that the server makes': async (api) => {
    const { body } = await api.send('POST v1/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'made-' } })
    await api.send(`GET v1/configmaps/${body.metadata.name}`)
  },
  'a name that wins over the prefix': [['POST v1/configmaps', configMap('a', { metadata: { name: 'a', generateName: 'made-' } })]],
  'a prefix of 300 letters is cut': [
    ['POST v1/configmaps', { metadata: { generateName: 'x'.repeat(200) } }],
    // Too long as a name; what is told of it holds the name that was made.
    [
      'POST v1/configmaps',
      { metadata: { generateName: 'x'.repeat(300) } },
      { pick: ({ reason, code }: Record<string, unknown>) => ({ reason, code }) },
    ],
  ],
  'names that are none': [
    ['POST v1/configmaps', configMap('Capital')],
    ['POST v1/configmaps', configMap('a_b')],
    ['POST v1/configmaps', configMap('-a')],
    ['POST v1/configmaps', configMap('x'.repeat(254))],
    ['POST v1/configmaps', configMap('..')],
    ['POST v1/configmaps', configMap('a/b')],
    ['POST v1/configmaps', configMap('a%b')],
    ['POST v1/services', { metadata: { name: '1a' }, spec: { ports: [{ port: 80 }] } }],
    ['POST v1/namespaces', { metadata: { name: 'a.b' } }],
  ],
  'a kind that is not the path\u2019s': [['POST v1/configmaps', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }]],
  'an apiVersion that is not the path\u2019s': [['POST v1/configmaps', { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'a' } }]],
  'another namespace in the body': [
    ['POST v1/configmaps', configMap('a', { metadata: { name: 'a', namespace: 'other' } })],
    ['PUT v1/configmaps/a', configMap('a', { metadata: { name: 'a', namespace: 'other' } })],
  ],
  'an object in a namespace that is not there': [['POST /api/v1/namespaces/none-{id}/configmaps', configMap('a')]],
  'fields of the server in a new object': [
    [
      'POST v1/configmaps',
      configMap('a', {
        metadata: {
          name: 'a',
          uid: '00000000-1111-2222-3333-444444444444',
          creationTimestamp: '2020-01-01T00:00:00Z',
          deletionTimestamp: '2020-01-01T00:00:00Z',
          deletionGracePeriodSeconds: 3,
          generation: 7,
          selfLink: '/somewhere',
        },
      }),
    ],
  ],
  'a new object with a resourceVersion': [['POST v1/configmaps', configMap('a', { metadata: { name: 'a', resourceVersion: '7' } })]],
  'an update of an old version': async (api) => {
    const { body } = await api.send('POST v1/configmaps', configMap('a'))
    await api.send('PUT v1/configmaps/a', { ...body, data: { key: '1' } })
    await api.send('PUT v1/configmaps/a', { ...body, data: { key: '2' } })
    await api.send('GET v1/configmaps/a')
  },
  'an update without a version': [
    ['POST v1/configmaps', configMap('a')],
    ['PUT v1/configmaps/a', configMap('a', { data: { other: 'value' } })],
  ],
  'an update that changes nothing': async (api) => {
    const { body } = await api.send('POST v1/configmaps', configMap('a'))
    await api.send('PUT v1/configmaps/a', body)
    await api.send('PUT v1/configmaps/a', configMap('a'))
    await api.send('GET v1/configmaps/a')
  },
  'an update of what is not there': [['PUT v1/configmaps/a', configMap('a')]],
  'an update of what is not there, with a version': [
    ['PUT v1/configmaps/a', configMap('a', { metadata: { name: 'a', resourceVersion: '5' } })],
  ],
  'an update of what is not there, with a uid': [
    ['PUT v1/configmaps/a', configMap('a', { metadata: { name: 'a', uid: '00000000-1111-2222-3333-444444444444' } })],
  ],
  'an update with another uid': [
    ['POST v1/configmaps', configMap('a')],
    ['PUT v1/configmaps/a', configMap('a', { metadata: { name: 'a', uid: '00000000-1111-2222-3333-444444444444' } })],
  ],
  'an update with another name': [
    ['POST v1/configmaps', configMap('a')],
    ['PUT v1/configmaps/a', configMap('b')],
    ['PUT v1/configmaps/a', { apiVersion: 'v1', kind: 'ConfigMap' }],
  ],
  'an update with a version that is no number': [
    ['POST v1/configmaps', configMap('a')],
    ['PUT v1/configmaps/a', configMap('a', { metadata: { name: 'a', resourceVersion: 'abc' } })],
    ['PUT v1/configmaps/a', configMap('a', { metadata: { name: 'a', resourceVersion: '1' } })],
    ['PUT v1/configmaps/a', configMap('a', { metadata: { name: 'a', resourceVersion: '0' } })],
  ],
  'the generation follows the spec': [
    ['POST v1/services', { metadata: { name: 'a' }, spec: { clusterIP: 'None', selector: { app: 'a' } } }],
    ['POST networking.k8s.io/v1/networkpolicies', { metadata: { name: 'a' }, spec: { podSelector: {} } }],
    ['MERGE networking.k8s.io/v1/networkpolicies/a', { metadata: { labels: { a: 'b' } } }],
    ['MERGE networking.k8s.io/v1/networkpolicies/a', { spec: { policyTypes: ['Ingress', 'Egress'] } }],
    ['MERGE networking.k8s.io/v1/networkpolicies/a', { spec: { policyTypes: ['Ingress', 'Egress'] } }],
  ],
  'a dry run of every write': [
    ['POST v1/configmaps?dryRun=All', configMap('a')],
    'GET v1/configmaps/a',
    ['POST v1/configmaps', configMap('a')],
    ['PUT v1/configmaps/a?dryRun=All', configMap('a', { data: { key: 'other' } })],
    ['MERGE v1/configmaps/a?dryRun=All', { data: { key: 'other' } }],
    ['APPLY v1/configmaps/a?dryRun=All&fieldManager=m', configMap('a', { data: { more: 'x' } })],
    'DELETE v1/configmaps/a?dryRun=All',
    'GET v1/configmaps/a',
  ],
  'a dry run that is none': [
    ['POST v1/configmaps?dryRun=some', configMap('a')],
    ['POST v1/configmaps?dryRun=', configMap('a')],
    ['POST v1/configmaps?dryRun=All&dryRun=All', configMap('a')],
  ],
  'an unknown field': [
    ['POST v1/configmaps?fieldValidation=Strict', configMap('a', { datum: 1 })],
    ['POST v1/configmaps?fieldValidation=Warn', configMap('a', { datum: 1 })],
    ['POST v1/configmaps?fieldValidation=Ignore', configMap('b', { datum: 1 })],
    ['POST v1/configmaps', configMap('c', { datum: 1 })],
    ['POST v1/configmaps?fieldValidation=Other', configMap('d')],
  ],
  'a field that is there twice': [
    ['POST v1/configmaps?fieldValidation=Strict', '{"metadata":{"name":"a","name":"b"},"data":{"x":"1","x":"2"}}'],
    ['POST v1/configmaps?fieldValidation=Warn', '{"metadata":{"name":"a","name":"b"},"data":{"x":"1","x":"2"}}'],
    'GET v1/configmaps/b',
  ],
  'several unknown fields, deep in the object': [
    [
      'POST apps/v1/deployments?fieldValidation=Strict',
      {
        metadata: { name: 'a', lables: {} },
        spec: {
          replica: 1,
          selector: { matchLabels: { a: 'b' } },
          template: {
            metadata: { labels: { a: 'b' } },
            spec: { containers: [{ name: 'c', image: 'i', imag: 'i', ports: [{ containerPort: 1, p: 1 }] }] },
          },
        },
      },
    ],
  ],
  'a manager\u2019s name': [
    ['POST v1/configmaps?fieldManager=mine', configMap('a')],
    ['PUT v1/configmaps/a?fieldManager=other', configMap('a', { data: { key: 'value', more: 'x' } })],
    ['MERGE v1/configmaps/a', { data: { third: 'y' } }, { headers: { 'user-agent': 'curl/8.0 (linux)' } }],
    ['MERGE v1/configmaps/a?fieldManager=', { data: { fourth: 'y' } }],
    [`MERGE v1/configmaps/a?fieldManager=${'m'.repeat(129)}`, { data: { fifth: 'y' } }],
    ['MERGE v1/configmaps/a?fieldManager=%01', { data: { fifth: 'y' } }],
  ],
  'labels and annotations that are none': [
    [
      'POST v1/configmaps',
      configMap('a', { metadata: { name: 'a', labels: { 'a b': 'c', ok: 'not ok', 'x/y/z': '', ['k'.repeat(64)]: 'v' } } }),
    ],
    ['POST v1/configmaps', configMap('a', { metadata: { name: 'a', annotations: { 'a b': 'anything goes', '/x': '' } } })],
    ['POST v1/configmaps', configMap('a', { metadata: { name: 'a', labels: { a: 'v'.repeat(64) } } })],
  ],
  'values of another type than the field\u2019s': [
    ['POST v1/configmaps', configMap('a', { data: { key: 1 } })],
    ['POST v1/configmaps', configMap('a', { data: ['x'] })],
    ['POST v1/configmaps', configMap('a', { metadata: { name: 7 } })],
    ['POST v1/configmaps', configMap('a', { metadata: { name: 'a', labels: { a: true } } })],
    ['POST v1/configmaps', configMap('a', { immutable: 'yes' })],
    ['POST v1/configmaps', configMap('a', { metadata: [] })],
  ],
  'null where there is a field': [
    ['POST v1/configmaps', configMap('a', { data: null, binaryData: null, metadata: { name: 'a', labels: null, ownerReferences: null } })],
    ['POST v1/configmaps', configMap('b', { data: { key: null } })],
    ['POST v1/configmaps', configMap('c', { metadata: null })],
  ],
  owners: [
    [
      'POST v1/configmaps',
      configMap('a', {
        metadata: {
          name: 'a',
          ownerReferences: [
            { apiVersion: 'v1', kind: 'ConfigMap', name: '', uid: '' },
            { apiVersion: 'x', name: 'y' },
          ],
        },
      }),
    ],
    [
      'POST v1/configmaps',
      configMap('a', {
        metadata: {
          name: 'a',
          ownerReferences: ['1', '2'].map((name) => ({ apiVersion: 'v1', kind: 'ConfigMap', name, uid: `u${name}`, controller: true })),
        },
      }),
    ],
  ],
  'finalizers that are none': [
    ['POST v1/configmaps', configMap('a', { metadata: { name: 'a', finalizers: ['noslash', 'a b/c', '', 'ok.io/x'] } })],
  ],
  'an object outside of namespaces': [
    ['POST /api/v1/namespaces', { metadata: { name: 'crud-{id}', labels: { a: 'b' } } }],
    'GET /api/v1/namespaces/crud-{id}',
    ['PUT /api/v1/namespaces/crud-{id}', { metadata: { name: 'crud-{id}' } }],
    ['POST /apis/scheduling.k8s.io/v1/priorityclasses', { metadata: { name: 'low-{id}' }, value: 5 }],
    ['PUT /apis/scheduling.k8s.io/v1/priorityclasses/low-{id}', { metadata: { name: 'low-{id}' }, value: 6 }],
    'DELETE /apis/scheduling.k8s.io/v1/priorityclasses/low-{id}',
  ],
  'a Secret\u2019s strings': [
    ['POST v1/secrets', { metadata: { name: 'a' }, data: { a: 'YQ==' }, stringData: { a: 'wins', b: 'x' } }],
    'GET v1/secrets/a',
    ['MERGE v1/secrets/a', { stringData: { c: 'ü' } }],
    ['POST v1/secrets', { metadata: { name: 'b' }, data: { a: 'no base64!' } }],
    ['POST v1/secrets', { metadata: { name: 'c' }, data: { 'a/b': '' } }],
  ],
  'what is immutable': [
    ['POST v1/configmaps', configMap('a', { immutable: true })],
    ['MERGE v1/configmaps/a', { data: { key: 'other' } }],
    ['MERGE v1/configmaps/a', { immutable: false }],
    ['MERGE v1/configmaps/a', { metadata: { labels: { still: 'allowed' } } }],
    ['MERGE v1/configmaps/a', { metadata: { name: 'b' } }],
    ['MERGE v1/configmaps/a', { metadata: { uid: 'x' } }],
    ['MERGE v1/configmaps/a', { metadata: { creationTimestamp: null } }],
  ],
  'binary and text data with the same key': [
    ['POST v1/configmaps', configMap('a', { binaryData: { key: 'YQ==' } })],
    ['POST v1/configmaps', configMap('a', { data: { 'a b': '' } })],
    ['POST v1/configmaps', configMap('b', { binaryData: { other: 'YQ==' } })],
  ],
  'only the metadata': [
    ['POST v1/configmaps', configMap('a')],
    ['GET v1/configmaps/a', undefined, { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' }],
    [
      'GET v1/configmaps?fieldSelector=metadata.name=a',
      undefined,
      { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' },
    ],
    ['MERGE v1/configmaps/a', { data: { key: 'x' } }, { accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' }],
  ],
  'a pretty answer': [['POST v1/configmaps', configMap('a')], ['GET v1/configmaps/a?pretty=true'], ['GET v1/configmaps/none?pretty=1']],
  'YAML in and out': [
    ['POST v1/configmaps', 'metadata:\n  name: a\ndata:\n  key: "1"\n  text: |\n    a\n    b\n', { contentType: 'application/yaml' }],
    ['GET v1/configmaps/a', undefined, { accept: 'application/yaml', pick: (body: string) => body.startsWith('apiVersion: v1\ndata:\n') }],
  ],
})
