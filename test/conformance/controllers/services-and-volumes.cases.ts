import type { AnyBody } from '../api.ts'
import { cases } from '../case.ts'
import { deployment, pod } from '../objects.ts'
import { bare, complete, gone, holds, items, nowhere, ready, settled, template } from './settled.ts'

const service = (name: string, spec: object): object => ({ metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } })
const slices = 'GET discovery.k8s.io/v1/endpointslices'
const addressed = (count: number) => (body: AnyBody) => items(1, (slice) => (slice.endpoints ?? []).length === count)(body)
const listed = (count: number) => (body: AnyBody) => (body.subsets?.[0]?.addresses ?? []).length === count && body.kind === 'Endpoints'
const withPorts = { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10', ports: [{ containerPort: 8080, name: 'http' }] }] }
const claim = (name: string, storageClassName: string | undefined, more: object = {}): object => ({
  metadata: { name },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    ...(storageClassName === undefined ? {} : { storageClassName }),
    ...more,
  },
})
const volume = (spec: object = {}): object => ({
  metadata: { name: '{id}' },
  spec: {
    capacity: { storage: '2Gi' },
    accessModes: ['ReadWriteOnce'],
    storageClassName: '{id}',
    hostPath: { path: '/tmp/none' },
    ...spec,
  },
})
const phase = (name: string) => (body: AnyBody) => body.status?.phase === name
const budget = (spec: object): object => ({ metadata: { name: 'web' }, spec: { selector: { matchLabels: { app: 'web' } }, ...spec } })
const budgeted = (allowed: number, expected: number) => (body: AnyBody) =>
  body.status?.observedGeneration === 1 && body.status.disruptionsAllowed === allowed && body.status.expectedPods === expected
const autoscaler = (spec: object): object => ({
  metadata: { name: 'web' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, ...spec },
})

/** Addresses in the order of their pods; how many writes it took is the server's own. */
const inOrder = (body: AnyBody): unknown => {
  const { generation: _generation, ...metadata } = body.metadata
  const byPod = (list: AnyBody[] | undefined): AnyBody => list?.toSorted((a, b) => (a.targetRef.name < b.targetRef.name ? -1 : 1))
  if (body.items) return body.items.map(inOrder)
  if (body.subsets)
    return bare({ ...body, metadata, subsets: body.subsets.map((subset: AnyBody) => ({ ...subset, addresses: byPod(subset.addresses) })) })
  return bare({ ...body, metadata, endpoints: byPod(body.endpoints) })
}

export default cases({
  'a service lists the pods behind it': [
    ['POST v1/services', service('web', { selector: { app: 'web' } }), { pick: bare }],
    ['POST apps/v1/deployments', deployment('web', 2), { pick: bare }],
    settled('GET v1/pods', items(2, ready)),
    ['GET v1/endpoints/web', undefined, { until: listed(2), pick: inOrder }],
    [slices, undefined, { until: addressed(2), pick: inOrder }],
  ],
  'a service finds ports by name': [
    [
      'POST v1/services',
      service('web', {
        selector: { app: 'web' },
        ports: [
          { name: 'a', port: 80, targetPort: 'http' },
          { name: 'b', port: 81, targetPort: 9090 },
        ],
      }),
      { pick: bare },
    ],
    ['POST v1/pods', pod('a', withPorts, { labels: { app: 'web' } }), { pick: bare }],
    settled('GET v1/endpoints/web', listed(1)),
    settled(slices, addressed(1)),
  ],
  'a service with nothing behind it': [
    ['POST v1/services', service('web', { selector: { app: 'none' } }), { pick: bare }],
    settled('GET v1/endpoints/web', (body) => body.kind === 'Endpoints'),
    settled(slices, items(1)),
  ],
  'a service without a selector': [['POST v1/services', service('web', {}), { pick: bare }], 'GET v1/endpoints', slices],
  'a headless service names the pods of a set': [
    ['POST v1/services', service('db', { clusterIP: 'None', selector: { app: 'db' } }), { pick: bare }],
    [
      'POST apps/v1/statefulsets',
      { metadata: { name: 'db' }, spec: { serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: template('db') } },
      { pick: bare },
    ],
    settled('GET v1/endpoints/db', listed(1)),
    settled(slices, addressed(1)),
  ],
  'a service that goes takes its lists with it': async (api) => {
    await api.prepare('POST v1/services', service('web', { selector: { app: 'none' } }))
    await api.prepare(slices, undefined, { until: items(1) })
    await api.prepare('GET v1/endpoints/web', undefined, { until: (body: AnyBody) => body.kind === 'Endpoints' })
    await api.prepare('DELETE v1/services/web')
    await api.step(gone('GET v1/endpoints/web'))
    await api.step(settled(slices, items(0)))
  },
  'a service whose selector changes': async (api) => {
    await api.prepare('POST v1/services', service('web', { selector: { app: 'none' } }))
    await api.prepare('POST v1/pods', pod('a', {}, { labels: { app: 'web' } }))
    await api.prepare('GET v1/pods/a', undefined, { until: ready })
    await api.prepare('MERGE v1/services/web', { metadata: { labels: { x: 'y' } }, spec: { selector: { app: 'web' } } })
    await api.step(settled('GET v1/endpoints/web', listed(1)))
    await api.step(settled(slices, addressed(1)))
  },
  'a claim gets the volume that fits': [
    ['POST /api/v1/persistentvolumes', volume(), { pick: bare }],
    settled('GET /api/v1/persistentvolumes/{id}', phase('Available')),
    ['POST v1/persistentvolumeclaims', claim('a', '{id}'), { pick: bare }],
    settled('GET v1/persistentvolumeclaims/a', phase('Bound')),
    settled('GET /api/v1/persistentvolumes/{id}', phase('Bound')),
    ['DELETE v1/persistentvolumeclaims/a', undefined, { pick: () => 'deleted' }],
    gone('GET v1/persistentvolumeclaims/a'),
    settled('GET /api/v1/persistentvolumes/{id}', phase('Released')),
  ],
  'a claim larger than the volume waits': [
    ['POST /api/v1/persistentvolumes', volume({ capacity: { storage: '1Mi' } }), { pick: bare }],
    ['POST v1/persistentvolumeclaims', claim('a', '{id}'), { pick: bare }],
    settled('GET v1/persistentvolumeclaims/a', phase('Pending')),
    settled('GET /api/v1/persistentvolumes/{id}', phase('Available')),
  ],
  'a claim that names its volume': [
    ['POST /api/v1/persistentvolumes', volume(), { pick: bare }],
    ['POST v1/persistentvolumeclaims', claim('a', '{id}', { volumeName: '{id}' }), { pick: bare }],
    settled('GET v1/persistentvolumeclaims/a', phase('Bound')),
    settled('GET /api/v1/persistentvolumes/{id}', phase('Bound')),
  ],
  'a claim of a class whose driver is not there': [
    ['POST /apis/storage.k8s.io/v1/storageclasses', { metadata: { name: '{id}' }, provisioner: 'example.com/none' }, { pick: bare }],
    ['POST v1/persistentvolumeclaims', claim('a', '{id}'), { pick: bare }],
    settled('GET v1/persistentvolumeclaims/a', ({ metadata }) => metadata.annotations),
  ],
  'a claim that a pod uses stays': async (api) => {
    await api.prepare('POST v1/persistentvolumeclaims', claim('a', ''))
    await api.prepare('POST v1/pods', pod('a', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'a' } }] }))
    await api.step(settled('GET v1/pods/a', holds('PodScheduled', 'False')))
    await api.send('DELETE v1/persistentvolumeclaims/a', undefined, { pick: () => 'deleted' })
    await api.prepare('DELETE v1/pods/a')
    await api.step(gone('GET v1/persistentvolumeclaims/a'))
  },
  'a pod whose claim is not there': [
    ['POST v1/pods', pod('a', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'none' } }] }), { pick: bare }],
    settled('GET v1/pods/a', holds('PodScheduled', 'False')),
  ],
  'a budget by how many have to be available': [
    ['POST policy/v1/poddisruptionbudgets', budget({ minAvailable: 1 }), { pick: bare }],
    settled('GET policy/v1/poddisruptionbudgets/web', budgeted(0, 0)),
    ['POST apps/v1/deployments', deployment('web', 3), { pick: bare }],
    settled('GET policy/v1/poddisruptionbudgets/web', budgeted(2, 3)),
  ],
  'a budget by how many may be unavailable': [
    ['POST apps/v1/deployments', deployment('web', 3), { pick: bare }],
    settled('GET apps/v1/deployments/web', complete(3)),
    settled('GET v1/pods', items(3, ready)),
    ['POST policy/v1/poddisruptionbudgets', budget({ maxUnavailable: '34%' }), { pick: bare }],
    settled('GET policy/v1/poddisruptionbudgets/web', budgeted(2, 3)),
  ],
  'a budget over pods that nobody manages': [
    ['POST v1/pods', pod('a', {}, { labels: { app: 'web' } }), { pick: bare }],
    settled('GET v1/pods/a', ready),
    ['POST policy/v1/poddisruptionbudgets', budget({ maxUnavailable: 1 }), { pick: bare }],
    settled('GET policy/v1/poddisruptionbudgets/web', budgeted(0, 0)),
  ],
  'an autoscaler keeps a Deployment within its bounds': [
    ['POST apps/v1/deployments', deployment('web', 1), { pick: bare }],
    settled('GET apps/v1/deployments/web', complete(1)),
    ['POST autoscaling/v2/horizontalpodautoscalers', autoscaler({ minReplicas: 2, maxReplicas: 3 }), { pick: bare }],
    settled('GET apps/v1/deployments/web', complete(2)),
    settled('GET v1/pods', items(2, ready)),
    settled('GET autoscaling/v2/horizontalpodautoscalers/web', holds('ScalingActive', 'False')),
  ],
  'an autoscaler of nothing': [
    ['POST autoscaling/v2/horizontalpodautoscalers', autoscaler({ maxReplicas: 3 }), { pick: bare }],
    settled('GET autoscaling/v2/horizontalpodautoscalers/web', holds('AbleToScale', 'False')),
  ],
  'a quota counts what is there': [
    ['POST v1/services', service('web', { type: 'NodePort' }), { pick: bare }],
    ['POST v1/persistentvolumeclaims', claim('a', ''), { pick: bare }],
    [
      'POST v1/pods',
      pod('a', {
        ...nowhere,
        containers: [
          { name: 'main', image: 'a:1', resources: { requests: { cpu: '100m', memory: '1Gi' }, limits: { cpu: '1', memory: '2Gi' } } },
        ],
      }),
      { pick: bare },
    ],
    [
      'POST v1/resourcequotas',
      {
        metadata: { name: 'all' },
        spec: {
          hard: {
            pods: '5',
            services: '5',
            'services.nodeports': '5',
            configmaps: '5',
            secrets: '5',
            persistentvolumeclaims: '5',
            'requests.storage': '5Gi',
            'requests.cpu': '5',
            'limits.cpu': '5',
            'requests.memory': '5Gi',
            'limits.memory': '5Gi',
            'count/pods': '5',
            'count/deployments.apps': '5',
          },
        },
      },
      { pick: bare },
    ],
    settled('GET v1/resourcequotas/all', ({ status }) => status?.used),
  ],
})
