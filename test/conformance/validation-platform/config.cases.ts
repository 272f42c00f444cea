/** What is refused of ConfigMaps, Secrets, metadata, service accounts and namespaces. */
import { cases, type Step } from '../case.ts'

type Part = Record<string, unknown>
const object = (kind: string, parts: Part) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'a', ...(parts['metadata'] as Part) },
  ...without(parts),
})
const without = ({ metadata: _metadata, ...parts }: Part): Part => parts
const created = { pick: ({ kind }: { kind: string }) => kind }
const text = (value: string): string => Buffer.from(value).toString('base64')

const configMaps: Record<string, Part> = {
  'a key with a slash': { data: { 'a/b': '' } },
  'an empty key': { data: { '': '' } },
  'the key .': { data: { '.': '' } },
  'the key ..': { data: { '..': '' } },
  'a key that begins with two dots': { data: { '..a': '' } },
  'a long key': { data: { ['k'.repeat(254)]: '' } },
  'a key in both maps': { data: { a: '' }, binaryData: { a: text('b') } },
  'a bad key among the bytes': { binaryData: { 'a b': text('b') } },
  'too much data': { data: { a: 'x'.repeat(1024 * 1024 + 1) } },
  'as much data as can be': { data: { a: 'x'.repeat(1024 * 1024 - 4) }, binaryData: { b: text('abcd') } },
}

const metadata: Record<string, Part> = {
  'a bad name': { name: 'A_b' },
  'a name with a dash at its end': { name: 'a-' },
  'a long name': { name: 'a'.repeat(254) },
  'a name with a slash': { name: 'a/b' },
  'no name': { name: '' },
  'a label without a name': { labels: { 'example.com/': 'x' } },
  'a label without a prefix': { labels: { '/x': 'x' } },
  'a label with two slashes': { labels: { 'a/b/c': 'x' } },
  'a label with a bad prefix': { labels: { 'A_b/c': 'x' } },
  'a label with a long name': { labels: { ['a'.repeat(64)]: 'x' } },
  'a label with a long prefix': { labels: { [`${'a.'.repeat(127)}a/b`]: 'x' } },
  'a long label': { labels: { a: 'x'.repeat(64) } },
  'a bad label': { labels: { a: '-x' } },
  'a label with special characters': { labels: { a: 'ü\n"<>' } },
  'an annotation with a bad name': { annotations: { 'a b': '' } },
  'an annotation with an upper-case prefix': { annotations: { 'Example.COM/x': '' } },
  'too many annotations': { annotations: { a: 'x'.repeat(256 * 1024) } },
  'a bad finalizer': { finalizers: ['a b'] },
  'a finalizer without a prefix': { finalizers: ['mine'] },
  'finalizers that exclude each other': { finalizers: ['orphan', 'foregroundDeletion'] },
  'an empty owner': { ownerReferences: [{ apiVersion: '', kind: '', name: '', uid: '' }] },
  'an owner of a bad version': { ownerReferences: [{ apiVersion: 'a/b/c', kind: 'X', name: 'x', uid: 'u' }] },
  'an event as owner': { ownerReferences: [{ apiVersion: 'v1', kind: 'Event', name: 'x', uid: 'u' }] },
  'two controllers': {
    ownerReferences: [
      { apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u', controller: true },
      { apiVersion: 'v1', kind: 'Y', name: 'y', uid: 'v', controller: true, blockOwnerDeletion: true },
    ],
  },
  'managed fields of a bad kind': {
    managedFields: [{ manager: 'x', operation: 'Patch', apiVersion: 'v1', fieldsType: 'FieldsV2', fieldsV1: {} }],
  },
  'a negative generation': { generation: -1 },
  'a generation': { generation: 7 },
}

const secrets: Record<string, Part> = {
  'a bad key': { data: { 'a b': '' } },
  'too much data': { data: { a: 'x'.repeat(4 * 350000) } },
  'a token without an account': { type: 'kubernetes.io/service-account-token' },
  'a registry file that is not there': { type: 'kubernetes.io/dockercfg' },
  'a registry file that is empty': { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': '' } },
  'a registry file that is no JSON': { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': text('x') } },
  'a registry configuration that is not there': { type: 'kubernetes.io/dockerconfigjson', data: { other: '' } },
  'a registry configuration that is a list': { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': text('[]') } },
  'a registry configuration that is a number': { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': text('1') } },
  'a registry configuration that ends early': { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': text('{"a":') } },
  'a registry configuration': { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': text('{}') } },
  'neither user nor password': { type: 'kubernetes.io/basic-auth' },
  'a user': { type: 'kubernetes.io/basic-auth', stringData: { username: 'u' } },
  'no key': { type: 'kubernetes.io/ssh-auth', data: { 'ssh-privatekey': '' } },
  'no certificate': { type: 'kubernetes.io/tls', data: { 'tls.key': '' } },
  'neither certificate nor key': { type: 'kubernetes.io/tls' },
  'text beside data': { data: { a: text('1'), b: text('2') }, stringData: { a: '3', c: 'ü' } },
  'an unknown type': { type: 'example.com/x' },
}

const changes: Record<string, { kind: string; from: Part; to: Part }> = {
  'an immutable ConfigMap': {
    kind: 'ConfigMap',
    from: { immutable: true, data: { a: '1' } },
    to: { data: { a: '2' }, binaryData: { b: text('x') } },
  },
  'an immutable ConfigMap that is to be mutable': {
    kind: 'ConfigMap',
    from: { immutable: true, data: { a: '1' } },
    to: { immutable: false },
  },
  'an immutable ConfigMap that gets a label': {
    kind: 'ConfigMap',
    from: { immutable: true, data: { a: '1' } },
    to: { metadata: { labels: { a: 'b' } } },
  },
  'a ConfigMap with a bad key': { kind: 'ConfigMap', from: { data: { a: '1' } }, to: { data: { 'b/c': '2' } } },
  'a ConfigMap with a bad label': { kind: 'ConfigMap', from: {}, to: { metadata: { labels: { 'a b': 'c' } } } },
  'a ConfigMap with a bad owner': {
    kind: 'ConfigMap',
    from: {},
    to: { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: '', name: 'x', uid: 'u' }] } },
  },
  'a ConfigMap with a bad finalizer': { kind: 'ConfigMap', from: {}, to: { metadata: { finalizers: ['a b'] } } },
  'an immutable Secret': { kind: 'Secret', from: { immutable: true, data: { a: '' } }, to: { stringData: { a: 'x' }, immutable: null } },
  'a Secret of another type': { kind: 'Secret', from: {}, to: { type: 'example.com/x' } },
  'a Secret with a bad label': { kind: 'Secret', from: {}, to: { metadata: { labels: { a: '-' } } } },
  'a Secret with an annotation that has a bad name': { kind: 'Secret', from: {}, to: { metadata: { annotations: { 'a b': '' } } } },
  'a service account with a bad label': { kind: 'ServiceAccount', from: {}, to: { metadata: { labels: { a: '-' } } } },
}
const path: Record<string, string> = { ConfigMap: 'configmaps', Secret: 'secrets', ServiceAccount: 'serviceaccounts' }

export default cases({
  ...Object.fromEntries(
    Object.entries(configMaps).map(([title, parts]) => [
      `a ConfigMap with ${title}`,
      [
        ['POST v1/configmaps?dryRun=All', object('ConfigMap', parts), { pick: ({ data: _data, ...rest }: { data: unknown }) => rest }],
      ] as Step[],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(metadata).map(([title, parts]) => [
      `metadata with ${title}`,
      [['POST v1/configmaps?dryRun=All', object('ConfigMap', { metadata: parts })]] as Step[],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(secrets).map(([title, parts]) => [
      `a Secret with ${title}`,
      [['POST v1/secrets?dryRun=All', object('Secret', parts)]] as Step[],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(changes).map(([title, { kind, from, to }]) => [
      `a change of ${title}`,
      [
        [`POST v1/${path[kind]}`, object(kind, from), created],
        [`MERGE v1/${path[kind]}/a`, to],
        [`PUT v1/${path[kind]}/a`, object(kind, { ...from, ...to })],
      ] as Step[],
    ]),
  ),
  'new finalizers of a ConfigMap that is about to go': [
    ['POST v1/configmaps', object('ConfigMap', { metadata: { finalizers: ['example.com/a'] } }), created],
    'DELETE v1/configmaps/a',
    ['MERGE v1/configmaps/a', { metadata: { finalizers: ['example.com/a', 'example.com/c', 'example.com/b'] } }],
    ['MERGE v1/configmaps/a', { metadata: { finalizers: null } }],
  ],
  'a token of a service account': async (api) => {
    await api.prepare('POST v1/serviceaccounts', object('ServiceAccount', {}))
    const request = (spec: Part) => ({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec })
    const pick = ({ spec, message, details }: Part): unknown => ({ spec, message, details })
    for (const spec of [
      {},
      { audiences: ['a'], expirationSeconds: 700 },
      { expirationSeconds: 1 },
      { expirationSeconds: 2 ** 33 },
      { boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'none' } },
      { boundObjectRef: { kind: 'X', apiVersion: 'a/v1', name: 'none' } },
    ])
      await api.send('POST v1/serviceaccounts/a/token', request(spec), { pick })
    await api.send('POST v1/serviceaccounts/none/token', request({}))
  },
  'a bad generated name': [
    [
      'POST v1/configmaps?dryRun=All',
      object('ConfigMap', { metadata: { name: '', generateName: 'A_' } }),
      { pick: ({ details }: { details: { causes: { field: string }[] } }) => details.causes.map(({ field }) => field) },
    ],
  ],
  'namespaces that have to stay': [
    'DELETE /api/v1/namespaces/default?dryRun=All',
    'DELETE /api/v1/namespaces/kube-system?dryRun=All',
    'DELETE /api/v1/namespaces/kube-public?dryRun=All',
  ],
  'namespaces with bad names': ['A', 'a.b', 'a'.repeat(64), ''].map(
    (name): Step => ['POST /api/v1/namespaces?dryRun=All', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }],
  ),
  'a namespace with finalizers': [
    [
      'POST /api/v1/namespaces?dryRun=All',
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{id}' }, spec: { finalizers: ['example.com/a'] } },
    ],
    [
      'POST /api/v1/namespaces?dryRun=All',
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{id}' }, spec: { finalizers: ['mine', 'a b'] } },
    ],
  ],
  'a changed namespace': [
    ['POST /api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{id}', labels: { a: 'b' } } }],
    ['MERGE /api/v1/namespaces/{id}', { metadata: { labels: { 'kubernetes.io/metadata.name': 'other' } }, spec: { finalizers: [] } }],
    ['MERGE /api/v1/namespaces/{id}', { metadata: { labels: { 'a b': '' } } }],
    ['MERGE /api/v1/namespaces/{id}/status', { status: { phase: 'Terminating' } }],
    [
      'PUT /api/v1/namespaces/{id}/finalize',
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '{id}' }, spec: { finalizers: ['mine'] } },
    ],
  ],
  'the tables of configuration': [
    ['POST v1/configmaps', object('ConfigMap', { data: { a: '' }, binaryData: { b: '' } }), created],
    ['POST v1/secrets', object('Secret', { data: { a: '' } }), created],
    ['POST v1/serviceaccounts', object('ServiceAccount', {}), created],
    'TABLE v1/configmaps/a',
    'TABLE v1/secrets/a',
    'TABLE v1/serviceaccounts/a',
    'TABLE /api/v1/namespaces/{ns}',
  ],
})
