import { cases, type Step } from '../case.ts'
import { configMap, deployment, pod } from '../objects.ts'

const held = (name: string, finalizers: string[]): object => configMap(name, { metadata: { name, finalizers } })
const a: Step = ['POST v1/configmaps', configMap('a')]
const options = (more: object): object => ({ apiVersion: 'v1', kind: 'DeleteOptions', ...more })
const gone = (body: { code?: number }): boolean => body.code === 404
const away = { until: gone }

export default cases({
  'an object goes at once': [a, 'DELETE v1/configmaps/a', 'GET v1/configmaps/a', 'DELETE v1/configmaps/a'],
  'a finalizer holds it': [
    ['POST v1/configmaps', held('a', ['example.com/one', 'example.com/two'])],
    'DELETE v1/configmaps/a',
    'DELETE v1/configmaps/a',
    ['MERGE v1/configmaps/a', { data: { still: 'writable' } }],
    ['MERGE v1/configmaps/a', { metadata: { finalizers: ['example.com/one', 'example.com/three'] } }],
    ['MERGE v1/configmaps/a', { metadata: { finalizers: ['example.com/one'] } }],
    ['MERGE v1/configmaps/a', { metadata: { deletionTimestamp: null } }],
    ['POST v1/configmaps', configMap('a')],
    ['MERGE v1/configmaps/a', { metadata: { finalizers: null } }],
    'GET v1/configmaps/a',
  ],
  'an update takes the last finalizer away': async (api) => {
    await api.prepare('POST v1/configmaps', held('a', ['example.com/one']))
    const { body } = await api.send('DELETE v1/configmaps/a')
    await api.send('PUT v1/configmaps/a', { ...body, metadata: { ...body.metadata, finalizers: [] } })
    await api.send('GET v1/configmaps/a')
  },
  'an apply takes the last finalizer away': [
    ['APPLY v1/configmaps/a?fieldManager=m', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { finalizers: ['example.com/one'] } }],
    'DELETE v1/configmaps/a',
    ['APPLY v1/configmaps/a?fieldManager=m', { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }],
    'GET v1/configmaps/a',
  ],
  'orphan: the server puts its finalizer first': [
    ['POST v1/configmaps', held('a', ['example.com/hold'])],
    ['DELETE v1/configmaps/a?propagationPolicy=Orphan'],
    ['GET v1/configmaps/a', undefined, { until: (body: { metadata: { finalizers: string[] } }) => body.metadata.finalizers.length === 1 }],
    ['MERGE v1/configmaps/a', { metadata: { finalizers: null } }],
  ],
  'foreground: the server puts its finalizer first': [
    ['POST v1/configmaps', held('a', ['example.com/hold'])],
    ['DELETE v1/configmaps/a', options({ propagationPolicy: 'Foreground' })],
    ['GET v1/configmaps/a', undefined, { until: (body: { metadata: { finalizers: string[] } }) => body.metadata.finalizers.length === 1 }],
    ['MERGE v1/configmaps/a', { metadata: { finalizers: null } }],
  ],
  'background, in body and query': [
    a,
    ['DELETE v1/configmaps/a', options({ propagationPolicy: 'Background' })],
    a,
    ['DELETE v1/configmaps/a?propagationPolicy=Background'],
  ],
  'a policy that is none': [
    a,
    ['DELETE v1/configmaps/a', options({ propagationPolicy: 'Other' })],
    'DELETE v1/configmaps/a?propagationPolicy=Other',
    ['DELETE v1/configmaps/a', options({ propagationPolicy: 'Orphan', orphanDependents: true })],
    ['DELETE v1/configmaps/a', options({ gracePeriodSeconds: -5 })],
    'DELETE v1/configmaps/a?gracePeriodSeconds=x',
    ['DELETE v1/configmaps/a', options({ orphanDependents: false })],
  ],
  preconditions: async (api) => {
    const { body } = await api.send('POST v1/configmaps', configMap('a'))
    const { uid, resourceVersion } = body.metadata
    await api.send('DELETE v1/configmaps/a', options({ preconditions: { uid: '00000000-1111-2222-3333-444444444444' } }))
    await api.send('DELETE v1/configmaps/a', options({ preconditions: { uid, resourceVersion: '1' } }), { pick: withoutVersions })
    await api.send('DELETE v1/configmaps/a', options({ preconditions: { uid, resourceVersion } }))
  },
  'a body that is none': [
    a,
    ['DELETE v1/configmaps/a', '{'],
    ['DELETE v1/configmaps/a', { kind: 'ConfigMap', apiVersion: 'v1' }],
    ['DELETE v1/configmaps/a', { apiVersion: 'v2', kind: 'DeleteOptions' }],
    ['DELETE v1/configmaps/a', [1]],
    ['DELETE v1/configmaps/a', 'gracePeriodSeconds: 1', { contentType: 'application/yaml' }],
  ],
  'a body of another content type': [a, ['DELETE v1/configmaps/a', '{}', { contentType: 'text/plain' }]],
  'a dry run in the body': [
    a,
    ['DELETE v1/configmaps/a', options({ dryRun: ['All'] })],
    ['DELETE v1/configmaps/a', options({ dryRun: ['x'] })],
    'GET v1/configmaps/a',
  ],
  'a pod goes after its grace': [
    ['POST v1/pods', pod('a', { terminationGracePeriodSeconds: 1 })],
    ['GET v1/pods/a', undefined, { until: (body: { status: { phase: string } }) => body.status.phase === 'Running' }],
    'DELETE v1/pods/a',
    ['GET v1/pods/a', undefined, away],
  ],
  'a pod goes now': [
    ['POST v1/pods', pod('a', { schedulerName: 'nobody' })],
    ['DELETE v1/pods/a', options({ gracePeriodSeconds: 0 })],
    'GET v1/pods/a',
  ],
  'a pod that no node has goes now': [['POST v1/pods', pod('a', { schedulerName: 'nobody' })], 'DELETE v1/pods/a', 'GET v1/pods/a'],
  'a collection': [
    ...['a', 'b', 'c'].map(
      (name): Step => ['POST v1/configmaps', configMap(name, { metadata: { name, labels: { case: name === 'c' ? 'y' : 'x' } } })],
    ),
    ['DELETE v1/configmaps?labelSelector=case=x', undefined, { pick: sorted }],
    'GET v1/configmaps?labelSelector=case',
    ['DELETE v1/configmaps?labelSelector=case=x'],
    ['DELETE v1/configmaps?fieldSelector=metadata.name=c&dryRun=All'],
    ['DELETE v1/configmaps?fieldSelector=data.x=c'],
    'GET v1/configmaps/c',
  ],
  'a collection that finalizers hold': [
    ['POST v1/secrets', { metadata: { name: 'a', finalizers: ['example.com/hold'] } }],
    ['DELETE v1/secrets', undefined, { pick: sorted }],
    'GET v1/secrets/a',
    ['MERGE v1/secrets/a', { metadata: { finalizers: null } }],
  ],
  'a collection that cannot be deleted': ['DELETE v1/services?labelSelector=x', 'DELETE /api/v1/namespaces?labelSelector={id}'],
  'dependents go with their owner': async (api) => {
    const { body } = await api.send('POST v1/configmaps', configMap('owner'))
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: body.metadata.uid }
    await api.send('POST v1/configmaps', configMap('a', { metadata: { name: 'a', ownerReferences: [owner] } }))
    await api.send('DELETE v1/configmaps/owner')
    await api.send('GET v1/configmaps/a', undefined, away)
  },
  'dependents go before their owner': async (api) => {
    const { body } = await api.send('POST v1/configmaps', configMap('owner'))
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: body.metadata.uid, blockOwnerDeletion: true }
    await api.send(
      'POST v1/configmaps',
      configMap('a', { metadata: { name: 'a', ownerReferences: [owner], finalizers: ['example.com/hold'] } }),
    )
    await api.send('DELETE v1/configmaps/owner', options({ propagationPolicy: 'Foreground' }))
    await api.send('GET v1/configmaps/a', undefined, { until: (found: { metadata: object }) => 'deletionTimestamp' in found.metadata })
    await api.send('GET v1/configmaps/owner')
    await api.send('MERGE v1/configmaps/a', { metadata: { finalizers: null } })
    await api.send('GET v1/configmaps/owner', undefined, away)
  },
  'dependents stay when they are orphaned': async (api) => {
    const { body } = await api.send('POST v1/configmaps', configMap('owner'))
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: body.metadata.uid }
    await api.send('POST v1/configmaps', configMap('a', { metadata: { name: 'a', ownerReferences: [owner] } }))
    // The collector has to know of the dependent before its owner goes.
    await api.send('DELETE v1/configmaps/owner?propagationPolicy=Orphan')
    await api.send('GET v1/configmaps/owner', undefined, away)
    await api.send('GET v1/configmaps/a', undefined, { until: (found: { metadata: object }) => !('ownerReferences' in found.metadata) })
  },
  'one of two owners goes': async (api) => {
    const owners = []
    for (const name of ['one', 'two']) {
      const { body } = await api.prepare('POST v1/configmaps', configMap(name))
      owners.push({ apiVersion: 'v1', kind: 'ConfigMap', name, uid: body.metadata.uid })
    }
    await api.send('POST v1/configmaps', configMap('a', { metadata: { name: 'a', ownerReferences: owners } }))
    await api.send('DELETE v1/configmaps/one')
    await api.send('GET v1/configmaps/a', undefined, {
      until: (found: { metadata: { ownerReferences: object[] } }) => found.metadata.ownerReferences.length === 1,
    })
    await api.send('DELETE v1/configmaps/two')
    await api.send('GET v1/configmaps/a', undefined, away)
  },
  'an owner that never was': async (api) => {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'ghost', uid: '00000000-1111-2222-3333-444444444444' }
    await api.send('POST v1/configmaps', configMap('a', { metadata: { name: 'a', ownerReferences: [owner] } }))
    await api.send('GET v1/configmaps/a', undefined, away)
  },
  'a Deployment takes its ReplicaSets and pods with it': [
    ['POST apps/v1/deployments', deployment('a', 1)],
    [
      'GET apps/v1/deployments/a',
      undefined,
      { until: (body: { status: { readyReplicas?: number } }) => body.status.readyReplicas === 1, pick: () => 'ready' },
    ],
    [
      'DELETE apps/v1/deployments/a',
      options({ propagationPolicy: 'Foreground' }),
      { pick: ({ metadata }: { metadata: { finalizers: string[] } }) => metadata.finalizers },
    ],
    ['GET apps/v1/deployments/a', undefined, away],
    'GET apps/v1/replicasets',
    'GET v1/pods',
  ],
  'a namespace goes with what is in it': async (api) => {
    await api.send('POST /api/v1/namespaces', { metadata: { name: 'gone-{id}' } })
    await api.prepare('POST /api/v1/namespaces/gone-{id}/configmaps', held('a', ['example.com/hold']))
    await api.send('DELETE /api/v1/namespaces/gone-{id}')
    await api.send('POST /api/v1/namespaces/gone-{id}/secrets', { metadata: { name: 'late' } })
    await api.send('DELETE /api/v1/namespaces/gone-{id}', undefined, {
      pick: ({ code, message, status }: Record<string, unknown>) => ({ code, message, phase: Object(status).phase }),
    })
    await api.send('GET /api/v1/namespaces/gone-{id}', undefined, {
      until: (body: { status: { conditions?: { type: string; status: string }[] } }) =>
        body.status.conditions?.some(({ type, status }) => type === 'NamespaceFinalizersRemaining' && status === 'True'),
    })
    await api.send('MERGE /api/v1/namespaces/gone-{id}/configmaps/a', { metadata: { finalizers: null } })
    await api.send('GET /api/v1/namespaces/gone-{id}', undefined, away)
  },
  'namespaces of the system cannot be deleted': [
    'DELETE /api/v1/namespaces/default?dryRun=All',
    'DELETE /api/v1/namespaces/kube-system?dryRun=All',
  ],
  'what the deletion of each kind answers': [
    ['POST v1/services', { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } }],
    'DELETE v1/services/a',
    ['POST v1/serviceaccounts', { metadata: { name: 'a' } }],
    'DELETE v1/serviceaccounts/a',
    [
      'POST v1/persistentvolumeclaims',
      {
        metadata: { name: 'a' },
        spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Gi' } } },
      },
    ],
    [
      'DELETE v1/persistentvolumeclaims/a',
      undefined,
      { pick: ({ kind, metadata }: { kind: string; metadata: { name: string } }) => [kind, metadata.name] },
    ],
    [
      'POST rbac.authorization.k8s.io/v1/roles',
      { metadata: { name: 'a' }, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
    ],
    'DELETE rbac.authorization.k8s.io/v1/roles/a',
    ['POST coordination.k8s.io/v1/leases', { metadata: { name: 'a' } }],
    'DELETE coordination.k8s.io/v1/leases/a',
  ],
})

/** A collection's answer lists what was there in the order of names already, but the versions follow the order of deletion. */
function sorted(body: { kind: string; items?: { metadata: { name: string } }[] }): unknown {
  return { kind: body.kind, names: body.items?.map(({ metadata }) => metadata.name) }
}

function withoutVersions(body: { message: string }): unknown {
  return { ...body, message: body.message.replaceAll(/\d+/g, '#') }
}
