import { cases } from '../case.ts'
import { configMap, definition, deployment, established, pod } from '../objects.ts'

/** No controller acts on a Deployment that is paused and has no pods. */
const still = deployment('a', 0, { paused: true })
const observed = { until: (body: { status: { observedGeneration?: number } }) => body.status.observedGeneration === 1 }
const budget = { metadata: { name: 'a' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'a' } } } }
const scaleOf = (replicas: unknown, more: object = {}): object => ({
  apiVersion: 'autoscaling/v1',
  kind: 'Scale',
  metadata: { name: 'a', ...more },
  spec: { replicas },
})

const object = { type: 'object' }
const widgets = definition(
  {
    ...object,
    properties: {
      spec: { ...object, properties: { replicas: { type: 'integer' }, color: { type: 'string' } } },
      status: {
        ...object,
        properties: { replicas: { type: 'integer' }, selector: { type: 'string' }, phase: { type: 'string', enum: ['Up', 'Down'] } },
      },
    },
  },
  {
    subresources: {
      status: {},
      scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
    },
  },
)
const install = [
  ['POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions', widgets, { pick: ({ kind }: { kind: string }) => kind }],
  [
    'GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{id}.example.com',
    undefined,
    { until: established, pick: () => 'established' },
  ],
  ['GET {id}.example.com/v1/widgets', undefined, { until: ({ kind }: { kind: string }) => kind === 'WidgetList' }],
] as const
const widget = (more: object): object => ({ apiVersion: '{id}.example.com/v1', kind: 'Widget', metadata: { name: 'a' }, ...more })

export default cases({
  'a write leaves the status alone, a status write the rest': [
    ['POST policy/v1/poddisruptionbudgets', { ...budget, status: { currentHealthy: 9 } }, { pick: ({ spec }: { spec: object }) => spec }],
    ['MERGE v1/namespaces/x', {}],
    [
      'POST /api/v1/nodes',
      { metadata: { name: 'node-{id}' }, spec: { unschedulable: true }, status: { capacity: { cpu: '1' } } },
      { pick: ({ metadata }: { metadata: { name: string } }) => metadata.name },
    ],
    ['DELETE /api/v1/nodes/node-{id}', undefined, { pick: ({ kind, status }: Record<string, unknown>) => [kind, typeof status] }],
  ],
  'the status of a Deployment': [
    ['POST apps/v1/deployments', still],
    ['GET apps/v1/deployments/a', undefined, observed],
    'GET apps/v1/deployments/a/status',
    ['MERGE apps/v1/deployments/a', { status: { replicas: 7 } }],
    [
      'MERGE apps/v1/deployments/a/status',
      { spec: { replicas: 7 }, metadata: { labels: { set: 'by-status' } }, status: { conditions: [{ type: 'Mine', status: 'True' }] } },
    ],
    ['MERGE apps/v1/deployments/a/status', { status: { replicas: -7 } }],
  ],
  'the status is written by PUT': async (api) => {
    await api.send('POST v1/services', { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } })
    const { body } = await api.send('GET v1/services/a/status')
    await api.send('PUT v1/services/a/status', { ...body, spec: {}, status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } })
    await api.send('PUT v1/services/a/status', { ...body, status: {} })
    await api.send('PUT v1/services/a', { ...body, status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } })
  },
  'the status is applied': [
    [
      'POST batch/v1/jobs',
      {
        metadata: { name: 'a' },
        spec: { suspend: true, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } },
      },
      { pick: ({ kind }: { kind: string }) => kind },
    ],
    [
      'APPLY v1/resourcequotas/a?fieldManager=m',
      { apiVersion: 'v1', kind: 'ResourceQuota', spec: { scopes: [] }, status: { used: { pods: '1' } } },
    ],
  ],
  'status where there is none': [
    'GET v1/configmaps/a/status',
    ['PUT v1/secrets/a/status', {}],
    'GET rbac.authorization.k8s.io/v1/roles/a/status',
  ],
  'status of what is not there': [
    'GET apps/v1/deployments/none/status',
    ['MERGE apps/v1/deployments/none/status', {}],
    'GET apps/v1/deployments/none/scale',
    ['MERGE apps/v1/deployments/none/scale', {}],
  ],
  'the scale of a Deployment': [
    ['POST apps/v1/deployments', still],
    ['GET apps/v1/deployments/a', undefined, observed],
    'GET apps/v1/deployments/a/scale',
    ['MERGE apps/v1/deployments/a/scale', { spec: { replicas: 0 } }],
    ['MERGE apps/v1/deployments/a/scale', { spec: { replicas: -1 } }],
    ['MERGE apps/v1/deployments/a/scale', { spec: { replicas: 'x' } }],
    ['MERGE apps/v1/deployments/a/scale', { metadata: { labels: { x: 'y' } } }],
  ],
  'the scale is written by PUT': [
    ['POST apps/v1/statefulsets', { metadata: { name: 'a' }, spec: { ...deploymentSpec(), serviceName: 'a', replicas: 0 } }],
    ['PUT apps/v1/statefulsets/a/scale', scaleOf(0)],
    ['PUT apps/v1/statefulsets/a/scale', scaleOf(1, { resourceVersion: '1' })],
    ['PUT apps/v1/statefulsets/a/scale', scaleOf(1, { name: 'b' })],
    ['PUT apps/v1/statefulsets/a/scale', { ...scaleOf(1), apiVersion: 'v1' }],
    ['PUT apps/v1/statefulsets/a/scale', scaleOf(-2)],
  ],
  'the scale is applied': [
    ['POST apps/v1/replicasets', { metadata: { name: 'a' }, spec: { ...deploymentSpec(), replicas: 0 } }],
    // Its controller has an entry of its own in the managed fields by then.
    ['GET apps/v1/replicasets/a', undefined, observed],
    ['APPLY apps/v1/replicasets/a/scale?fieldManager=scaler', { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 0 } }],
    [
      'APPLY apps/v1/replicasets/a/scale?fieldManager=scaler&force=true',
      { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 0 } },
    ],
    ['APPLY apps/v1/replicasets/a/scale?fieldManager=other', { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 0 } }],
    ['GET apps/v1/replicasets/a', undefined, { pick: ({ metadata }: { metadata: { managedFields: object[] } }) => metadata.managedFields }],
  ],
  'scale where there is none': ['GET apps/v1/daemonsets/a/scale', 'GET v1/configmaps/a/scale', 'GET v1/replicationcontrollers/none/scale'],
  'a scale that others own': [
    ['APPLY apps/v1/deployments/a?fieldManager=owner', { ...still, apiVersion: 'apps/v1', kind: 'Deployment' }],
    [
      'APPLY apps/v1/deployments/a?fieldManager=owner',
      { ...deployment('a', 3, { paused: true }), apiVersion: 'apps/v1', kind: 'Deployment' },
      { pick: ({ spec }: { spec: { replicas: number } }) => spec.replicas },
    ],
    ['MERGE apps/v1/deployments/a/scale?fieldManager=scaler', { spec: { replicas: 5 } }],
    [
      'APPLY apps/v1/deployments/a?fieldManager=owner',
      { ...deployment('a', 3, { paused: true }), apiVersion: 'apps/v1', kind: 'Deployment' },
    ],
  ],
  'a write of a daemon set\u2019s status without annotations keeps what counts its templates': async (api) => {
    const set = (image: string): object => ({
      metadata: { name: 'a' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: { nodeSelector: { no: 'where' }, containers: [{ name: 'c', image }] } },
      },
    })
    const counted = ({ metadata }: { metadata: { generation: number; annotations: object } }): unknown => [
      metadata.generation,
      metadata.annotations,
    ]
    await api.send('POST apps/v1/daemonsets', set('i'), { pick: counted })
    await api.send('PUT apps/v1/daemonsets/a', set('j'), { pick: counted })
    await api.send('PUT apps/v1/daemonsets/a/status', set('j'), { pick: counted })
    await api.send('PUT apps/v1/daemonsets/a', set('j'), { pick: counted })
    await api.send('JSONPATCH apps/v1/daemonsets/a', [{ op: 'remove', path: '/metadata/annotations' }], { pick: counted })
    await api.send('PUT apps/v1/daemonsets/a', set('k'), { pick: counted })
  },
  'a write of a job\u2019s status without labels': async (api) => {
    const spec = { suspend: true, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } }
    await api.prepare('POST batch/v1/jobs', { metadata: { name: 'a' }, spec })
    const labels = ({ metadata }: { metadata: { labels: object } }): unknown => Object.keys(metadata.labels).toSorted()
    await api.send('PUT batch/v1/jobs/a/status', { metadata: { name: 'a' }, spec }, { pick: ({ kind, message }) => message ?? kind })
    await api.send('GET batch/v1/jobs/a', undefined, { pick: labels })
  },
  'a namespace without finalizers is updated': async (api) => {
    await api.prepare('POST /api/v1/namespaces', { metadata: { name: 'plain-{id}' } })
    await api.send('PUT /api/v1/namespaces/plain-{id}/finalize', { metadata: { name: 'plain-{id}' }, spec: {} })
    await api.send('PUT /api/v1/namespaces/plain-{id}', { metadata: { name: 'plain-{id}', labels: { a: 'b' } } })
    await api.send('GET /api/v1/namespaces/plain-{id}')
    await api.prepare('DELETE /api/v1/namespaces/plain-{id}')
  },
  'a namespace\u2019s end is written by finalize': async (api) => {
    await api.send('POST /api/v1/namespaces', { metadata: { name: 'final-{id}' } })
    const { body } = await api.send('GET /api/v1/namespaces/final-{id}')
    await api.send('PUT /api/v1/namespaces/final-{id}/finalize', {
      ...body,
      metadata: { ...body.metadata, labels: { x: 'y' } },
      spec: { finalizers: ['kubernetes', 'example.com/x'] },
    })
    await api.send('PUT /api/v1/namespaces/final-{id}/finalize', { metadata: { name: 'final-{id}' }, spec: { finalizers: ['nonsense'] } })
    await api.send('PUT /api/v1/namespaces/final-{id}', { ...body, metadata: { name: 'final-{id}' }, spec: { finalizers: [] } })
    await api.send('GET /api/v1/namespaces/final-{id}/finalize')
  },
  'an eviction of a pod that nobody disturbs': [
    ['POST v1/pods', pod('a', { schedulerName: 'nobody' }), { pick: ({ kind }: { kind: string }) => kind }],
    ['POST v1/pods/a/eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a' } }],
    'GET v1/pods/a',
    ['POST v1/pods/a/eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a' } }],
    ['POST v1/pods/a/eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'b' } }],
  ],
  'a binding of a pod': [
    ['POST v1/pods', pod('a', { schedulerName: 'nobody' }), { pick: ({ kind }: { kind: string }) => kind }],
    [
      'POST v1/pods/a/binding',
      { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'a' }, target: { kind: 'Node', name: 'nowhere-{id}' } },
    ],
    ['POST v1/pods/a/binding', { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'a' }, target: { kind: 'Node', name: 'other' } }],
    ['POST v1/pods/a/binding', { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'a' } }],
    ['GET v1/pods/a', undefined, { pick: ({ spec, status }: { spec: { nodeName: string }; status: object }) => [spec.nodeName, status] }],
  ],
  'ephemeral containers of a pod': [
    ['POST v1/pods', pod('a', { schedulerName: 'nobody' }), { pick: ({ kind }: { kind: string }) => kind }],
    'GET v1/pods/a/ephemeralcontainers',
    ['STRATEGIC v1/pods/a/ephemeralcontainers', { spec: { ephemeralContainers: [{ name: 'debug', image: 'busybox' }] } }],
    ['STRATEGIC v1/pods/a', { spec: { ephemeralContainers: [{ name: 'other', image: 'busybox' }] } }],
  ],
  'a token of a service account': [
    [
      'POST v1/serviceaccounts/default/token',
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } },
    ],
    [
      'POST v1/serviceaccounts/default/token',
      { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 1 } },
    ],
    ['POST v1/serviceaccounts/none/token', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }],
    'GET v1/serviceaccounts/default/token',
  ],
  'status and scale of a custom resource': [
    ...install,
    ['POST {id}.example.com/v1/widgets', widget({ spec: { replicas: 2 }, status: { replicas: 1 } })],
    ['PUT {id}.example.com/v1/widgets/a/status', widget({ spec: { replicas: 9 }, status: { replicas: 1, selector: 'a=b' } })],
    [
      'MERGE {id}.example.com/v1/widgets/a/status',
      { status: { replicas: 1, selector: 'a=b', phase: 'Up' }, spec: { replicas: 8 }, metadata: { labels: { x: 'y' } } },
    ],
    ['MERGE {id}.example.com/v1/widgets/a/status', { status: { phase: 'Sideways' } }],
    'GET {id}.example.com/v1/widgets/a/scale',
    ['MERGE {id}.example.com/v1/widgets/a/scale', { spec: { replicas: 4 } }],
    ['MERGE {id}.example.com/v1/widgets/a', { spec: { color: 'red' }, status: { phase: 'Down' } }],
    'GET {id}.example.com/v1/widgets/a',
    'GET {id}.example.com/v1/widgets/a/nothing',
  ],
  'a status that is applied to a custom resource': [
    ...install,
    ['APPLY {id}.example.com/v1/widgets/a?fieldManager=spec', widget({ spec: { replicas: 2 }, status: { phase: 'Up' } })],
    ['APPLY {id}.example.com/v1/widgets/a/status?fieldManager=status', widget({ spec: { replicas: 3 }, status: { phase: 'Up' } })],
    ['APPLY {id}.example.com/v1/widgets/a/status?fieldManager=other', widget({ status: { phase: 'Down' } })],
    ['APPLY {id}.example.com/v1/widgets/a/status?fieldManager=status', widget({ status: {} })],
    ['APPLY {id}.example.com/v1/widgets/none/status?fieldManager=status', { ...widget({ status: {} }), metadata: { name: 'none' } }],
  ],
  'the approval of a certificate request': async (api) => {
    const request = {
      metadata: { name: 'csr-{id}' },
      spec: { request: 'eA==', signerName: 'example.com/x', usages: ['digital signature'] },
    }
    await api.send('POST /apis/certificates.k8s.io/v1/certificatesigningrequests', request)
    await api.send('GET /apis/certificates.k8s.io/v1/certificatesigningrequests/none-{id}/approval')
  },
  'a subresource of a kind that has none of that name': [
    ['POST v1/configmaps', configMap('a')],
    'GET v1/configmaps/a/log',
    ['POST v1/configmaps/a/eviction', {}],
    'GET apps/v1/deployments/a/log',
  ],
})

function deploymentSpec(): object {
  return {
    selector: { matchLabels: { app: 'a' } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  }
}
