import type { Api } from '../api.ts'
import { cases, differs } from '../case.ts'
import { samples } from '../../sandbox/protobuf/samples.ts'

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const metadataOnly = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'
const metadataList = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'

/** Kinds that no controller writes to on its own. */
const still = new Set([
  'ConfigMap',
  'Secret',
  'LimitRange',
  'PodTemplate',
  'ControllerRevision',
  'Ingress',
  'IngressClass',
  'NetworkPolicy',
  'Role',
  'StorageClass',
  'CSIDriver',
  'CSIStorageCapacity',
  'Lease',
  'EndpointSlice',
  'PriorityClass',
  'RuntimeClass',
  'DeviceClass',
  'ResourceClaim',
  'VolumeAttachment',
])

const single = new Set(['SubjectAccessReview', 'APIService', 'CustomResourceDefinition'])

/** The row of an object, and what is shown with it; of a kind that stays as it is also in lists and watches. */
async function rows(api: Api, path: string, kind: string, fields: object): Promise<void> {
  const where = path.replace('NS', '{ns}')
  const apiVersion = path.startsWith('/api/') ? 'v1' : path.split('/').slice(2, 4).join('/')
  const name = where.includes('{ns}') ? 'a' : 'a-{id}'
  const labelled = { name, labels: { app: 'x' }, annotations: { note: 'y' } }
  const object = JSON.parse(JSON.stringify({ apiVersion, kind, metadata: labelled, ...fields }).replaceAll('"NS"', '"{ns}"')) as object
  for (const include of ['', '&includeObject=None', '&includeObject=Object'])
    await api.send(`POST ${where}?dryRun=All${include}`, object, { accept: table })
  await api.send(`POST ${where}?dryRun=All`, object, { accept: metadataOnly })
  await api.send(`TABLE ${where}?fieldSelector=metadata.name=none-{id}`)
  await api.send(`GET ${where}?fieldSelector=metadata.name=none-{id}`, undefined, { accept: metadataList })
  await api.send(`TABLE ${where}/none-{id}`)
  if (!still.has(kind)) return
  await api.prepare(`POST ${where}`, object)
  await api.send(`TABLE ${where}/${name}`)
  for (const include of ['None', 'Metadata', 'Object', 'Other'])
    await api.send(`TABLE ${where}?labelSelector=app=x&fieldSelector=metadata.name=${name}&includeObject=${include}`)
  await api.send(`GET ${where}/${name}`, undefined, { accept: metadataOnly })
  await api.send(`GET ${where}?fieldSelector=metadata.name=${name}`, undefined, { accept: metadataList })
  const watch = await api.watch(`${where}?fieldSelector=metadata.name=${name}&resourceVersion=0`, { accept: table })
  await watch.take(1)
  watch.close()
  const metadata = await api.watch(`${where}?fieldSelector=metadata.name=${name}&resourceVersion=0`, { accept: metadataOnly })
  await metadata.take(1)
  metadata.close()
}

const known: Readonly<Record<string, string>> = {
  DaemonSet: 'the generation of the template is not kept in an annotation',
  CSIDriver: 'no warning of tokens in volume attributes',
  Role: 'an empty list of rules is owned by nobody',
}

export default cases({
  ...Object.fromEntries(
    samples
      .filter(([, kind]) => !single.has(kind))
      .map(([path, kind, fields]) => {
        const script = async (api: Api): Promise<void> => await rows(api, path, kind, fields)
        const reason = known[kind]
        return [`${kind} of ${path.split('/').slice(1, 4).join('/')}`, reason === undefined ? script : differs(reason, script)]
      }),
  ),
  'a Node': [
    [
      'POST /api/v1/nodes?dryRun=All',
      {
        metadata: { name: 'a-{id}', labels: { 'node-role.kubernetes.io/worker': '', 'kubernetes.io/role': 'edge' } },
        spec: { unschedulable: true, taints: [{ key: 'a', effect: 'NoSchedule' }] },
      },
      { accept: table },
    ],
    [
      'POST /api/v1/nodes?dryRun=All&includeObject=None',
      { metadata: { name: 'b-{id}' }, spec: { podCIDR: '10.250.0.0/24' } },
      { accept: table },
    ],
    'TABLE /api/v1/nodes?fieldSelector=metadata.name=none',
  ],
  'a Namespace': [
    ['POST /api/v1/namespaces?dryRun=All', { metadata: { name: 'a-{id}', labels: { a: 'b' } } }, { accept: table }],
    'TABLE /api/v1/namespaces?fieldSelector=metadata.name=none',
    'TABLE /api/v1/namespaces/{ns}',
  ],
  'bindings of roles': [
    [
      'POST rbac.authorization.k8s.io/v1/rolebindings?dryRun=All',
      {
        metadata: { name: 'a' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
        subjects: [
          { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'u' },
          { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'g' },
          { kind: 'ServiceAccount', name: 's', namespace: 'n' },
        ],
      },
      { accept: table },
    ],
    [
      'POST /apis/rbac.authorization.k8s.io/v1/clusterrolebindings?dryRun=All',
      { metadata: { name: 'a-{id}' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' } },
      { accept: table },
    ],
  ],
  'a request for a certificate': ['TABLE /apis/certificates.k8s.io/v1/certificatesigningrequests?fieldSelector=metadata.name=none'],
  'a ReplicaSet and a ReplicationController': [
    [
      'POST apps/v1/replicasets?dryRun=All',
      {
        metadata: { name: 'a' },
        spec: {
          replicas: 3,
          selector: { matchLabels: { a: 'b' } },
          template: {
            metadata: { labels: { a: 'b' } },
            spec: {
              containers: [
                { name: 'c', image: 'i:1' },
                { name: 'd', image: 'j' },
              ],
            },
          },
        },
      },
      { accept: table },
    ],
    [
      'POST v1/replicationcontrollers?dryRun=All',
      {
        metadata: { name: 'a' },
        spec: {
          replicas: 0,
          selector: { a: 'b', c: 'd' },
          template: { metadata: { labels: { a: 'b', c: 'd' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
        },
      },
      { accept: table },
    ],
  ],
  'services of every type': async (api) => {
    for (const spec of [
      { type: 'ClusterIP', clusterIP: 'None', selector: { b: '2', a: '1' } },
      {
        type: 'NodePort',
        ports: [
          { port: 80, nodePort: 31999 },
          { port: 53, protocol: 'UDP', name: 'dns', nodePort: 31997 },
        ].map((port, index) => ({ name: `p${index}`, ...port })),
      },
      { type: 'LoadBalancer', ports: [{ port: 80, nodePort: 31998 }], externalIPs: ['1.2.3.4', '5.6.7.8'] },
      { type: 'ExternalName', externalName: 'example.com' },
    ])
      await api.send('POST v1/services?dryRun=All', { metadata: { name: 'a' }, spec }, { accept: table })
  },
  'a table of the older version': differs('tables are made in v1 only', [
    ['GET v1/configmaps?fieldSelector=metadata.name=none', undefined, { accept: 'application/json;as=Table;v=v1beta1;g=meta.k8s.io' }],
  ]),
  'the metadata of one object where there is a list': differs('the list is answered', [
    ['GET v1/configmaps?fieldSelector=metadata.name=none', undefined, { accept: metadataOnly }],
  ]),
  'forms that cannot be had': async (api) => {
    for (const accept of [
      'application/json;as=Table;v=v2;g=meta.k8s.io',
      'application/json;as=Table;g=meta.k8s.io',
      'application/json;as=Other;v=v1;g=meta.k8s.io',
      'application/json;as=Table;v=v1;g=other.io',
      'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
      'application/json;as=Other;v=v1;g=meta.k8s.io, application/json;as=Table;v=v1;g=meta.k8s.io',
      'text/html',
      'application/json;q=0.5',
    ])
      await api.send('GET v1/configmaps?fieldSelector=metadata.name=none', undefined, { accept })
    await api.send('GET v1/configmaps/none', undefined, { accept: metadataList })
    await api.send('GET v1/configmaps?watch=true&timeoutSeconds=1&fieldSelector=metadata.name=none', undefined, { accept: metadataList })
  },
})
