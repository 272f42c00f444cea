import type { AnyBody, Api } from '../api.ts'
import { cases } from '../case.ts'
import { configMap, pod } from '../objects.ts'
import { bare, gone, holds, items, nowhere, ready, settled } from './settled.ts'

const reference = ({ apiVersion, kind, metadata }: AnyBody, more: object = {}): object => ({
  apiVersion,
  kind,
  name: metadata.name,
  uid: metadata.uid,
  ...more,
})
const maps = 'GET v1/configmaps?labelSelector=case'
const owned = (name: string, ownerReferences: object[], finalizers?: string[]): object =>
  configMap(name, { metadata: { name, labels: { case: 'x' }, ownerReferences, ...(finalizers ? { finalizers } : {}) } })
const create = async (api: Api, name: string, owners: object[] = [], finalizers?: string[]): Promise<AnyBody> =>
  (await api.prepare('POST v1/configmaps', owned(name, owners, finalizers))).body
const names = (wanted: string[]) => (body: AnyBody) => body.items?.map(({ metadata }: AnyBody) => metadata.name).join() === wanted.join()
const nobody = '00000000-1111-2222-3333-444444444444'

export default cases({
  'dependents go after their owner, and theirs too': async (api) => {
    const owner = await create(api, 'owner')
    const child = await create(api, 'child', [reference(owner)])
    await create(api, 'grandchild', [reference(child)])
    await create(api, 'stranger')
    await api.prepare('DELETE v1/configmaps/owner')
    await api.step(settled(maps, names(['stranger'])))
  },
  'a dependent with another owner stays': async (api) => {
    const [first, second] = [await create(api, 'first'), await create(api, 'second')]
    await create(api, 'child', [reference(first), reference(second)])
    await api.prepare('DELETE v1/configmaps/first')
    await api.step(settled('GET v1/configmaps/child', ({ metadata }) => metadata.ownerReferences.length === 1))
  },
  'an owner in the foreground waits for who blocks it': async (api) => {
    const owner = await create(api, 'owner')
    await create(api, 'free', [reference(owner)])
    await create(api, 'held', [reference(owner, { blockOwnerDeletion: true })], ['example.com/hold'])
    await api.prepare('DELETE v1/configmaps/owner?propagationPolicy=Foreground')
    await api.step(settled('GET v1/configmaps/held', ({ metadata }) => metadata.deletionTimestamp))
    await api.step(gone('GET v1/configmaps/free'))
    await api.step(settled('GET v1/configmaps/owner', ({ metadata }) => metadata.finalizers))
    await api.prepare('MERGE v1/configmaps/held', { metadata: { finalizers: null } })
    await api.step(gone('GET v1/configmaps/owner'))
  },
  'an owner in the foreground does not wait for others': async (api) => {
    const owner = await create(api, 'owner')
    await create(api, 'held', [reference(owner)], ['example.com/hold'])
    await api.prepare('DELETE v1/configmaps/owner?propagationPolicy=Foreground')
    await api.step(gone('GET v1/configmaps/owner'))
    await api.step(settled('GET v1/configmaps/held', ({ metadata }) => metadata.deletionTimestamp))
    await api.prepare('MERGE v1/configmaps/held', { metadata: { finalizers: null } })
  },
  'dependents of an owner that orphans forget it': async (api) => {
    const owner = await create(api, 'owner')
    await create(api, 'child', [reference(owner)])
    await api.prepare('DELETE v1/configmaps/owner?propagationPolicy=Orphan')
    await api.step(gone('GET v1/configmaps/owner'))
    await api.step(settled(maps, names(['child'])))
  },
  'a dependent of nobody goes': async (api) => {
    await create(api, 'child', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'none', uid: nobody }])
    await api.step(gone('GET v1/configmaps/child'))
  },
  'a dependent of a namesake goes': async (api) => {
    const owner = await create(api, 'owner')
    await create(api, 'child', [{ ...reference(owner), uid: nobody }])
    await api.step(gone('GET v1/configmaps/child'))
    await api.step(settled(maps, names(['owner'])))
  },
  'a dependent of an owner in another namespace goes': async (api) => {
    const { body: owner } = await api.prepare('GET /api/v1/namespaces/kube-system/configmaps/kube-root-ca.crt')
    await create(api, 'child', [{ ...reference({ apiVersion: 'v1', kind: 'ConfigMap', metadata: owner.metadata }) }])
    await api.step(gone('GET v1/configmaps/child'))
  },
  'a dependent of an owner at cluster scope goes with it': async (api) => {
    const { body: owner } = await api.prepare('POST /apis/rbac.authorization.k8s.io/v1/clusterroles', {
      metadata: { name: '{id}' },
      rules: [],
    })
    await create(api, 'child', [reference({ ...owner, apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' })])
    await create(api, 'last', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'none', uid: nobody }])
    await api.step(gone('GET v1/configmaps/last'))
    await api.send('GET v1/configmaps/child', undefined, { pick: bare })
    await api.prepare('DELETE /apis/rbac.authorization.k8s.io/v1/clusterroles/{id}')
    await api.step(gone('GET v1/configmaps/child'))
  },
  'a dependent of an unknown kind stays': async (api) => {
    await create(api, 'child', [{ apiVersion: 'example.com/v1', kind: 'Unknown', name: 'none', uid: nobody }])
    await create(api, 'last', [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'none', uid: nobody }])
    await api.step(gone('GET v1/configmaps/last'))
    await api.send('GET v1/configmaps/child', undefined, { pick: bare })
  },
  'a namespace has a service account and the certificate': [
    settled('GET v1/serviceaccounts', items(1)),
    [
      'GET v1/configmaps/kube-root-ca.crt',
      undefined,
      { pick: ({ data, ...rest }: AnyBody) => ({ ...(bare(rest) as object), keys: Object.keys(data) }) },
    ],
  ],
  'a service account comes back': async (api) => {
    await api.prepare('DELETE v1/serviceaccounts/default')
    await api.step(
      settled('GET v1/serviceaccounts/default', ({ kind, metadata }) => kind === 'ServiceAccount' && !metadata.deletionTimestamp),
    )
  },
  'a namespace goes with what is in it': async (api) => {
    await api.prepare('POST /api/v1/namespaces', { metadata: { name: '{id}' } })
    await api.prepare('POST /api/v1/namespaces/{id}/configmaps', configMap('a'))
    await api.send('DELETE /api/v1/namespaces/{id}', undefined, { pick: bare })
    await api.step(gone('GET /api/v1/namespaces/{id}/configmaps/a'))
    await api.step(gone('GET /api/v1/namespaces/{id}'))
  },
  'a namespace waits for finalizers': async (api) => {
    await api.prepare('POST /api/v1/namespaces', { metadata: { name: '{id}' } })
    await api.prepare(
      'POST /api/v1/namespaces/{id}/configmaps',
      configMap('a', { metadata: { name: 'a', finalizers: ['example.com/hold'] } }),
    )
    await api.prepare('DELETE /api/v1/namespaces/{id}')
    await api.step(settled('GET /api/v1/namespaces/{id}', holds('NamespaceFinalizersRemaining', 'True')))
    await api.send('POST /api/v1/namespaces/{id}/configmaps', configMap('late'))
    await api.prepare('MERGE /api/v1/namespaces/{id}/configmaps/a', { metadata: { finalizers: null } })
    await api.step(gone('GET /api/v1/namespaces/{id}'))
  },
  'a cluster role has the rules of others': async (api) => {
    const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
    const part = (name: string, resource: string): object => ({
      metadata: { name: `{id}-${name}`, labels: { '{id}': 'part' } },
      rules: [{ apiGroups: [''], resources: [resource], verbs: ['get'] }],
    })
    await api.prepare(`POST ${roles}`, part('b', 'secrets'))
    await api.prepare(`POST ${roles}`, part('a', 'pods'))
    await api.prepare(`POST ${roles}`, {
      metadata: { name: '{id}' },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { '{id}': 'part' } }] },
    })
    await api.step(settled(`GET ${roles}/{id}`, ({ rules }) => rules?.length === 2))
    await api.prepare(`DELETE ${roles}/{id}-a`)
    await api.step(settled(`GET ${roles}/{id}`, ({ rules }) => rules?.length === 1))
  },
  'a pod runs': [
    ['POST v1/pods', pod('a', { initContainers: [{ name: 'first', image: 'a:1' }] }), { pick: bare }],
    settled('GET v1/pods/a', ready),
  ],
  'a pod with readiness gates and the network of its node': [
    ['POST v1/pods', pod('a', { hostNetwork: true, readinessGates: [{ conditionType: 'example.com/gate' }] }), { pick: bare }],
    settled('GET v1/pods/a', ready),
  ],
  'a pod that no node can have': [
    ['POST v1/pods', pod('a', nowhere), { pick: bare }],
    settled('GET v1/pods/a', holds('PodScheduled', 'False')),
  ],
  'a pod that asks for more than there is': [
    [
      'POST v1/pods',
      pod('a', { containers: [{ name: 'main', image: 'a:1', resources: { requests: { cpu: '2k', memory: '2Ti' } } }] }),
      { pick: bare },
    ],
    settled('GET v1/pods/a', holds('PodScheduled', 'False')),
  ],
  'a pod behind a scheduling gate waits': [
    ['POST v1/pods', pod('a', { schedulingGates: [{ name: 'example.com/gate' }] }), { pick: bare }],
    settled('GET v1/pods/a', holds('PodScheduled', 'False')),
  ],
  'a pod that is deleted goes': async (api) => {
    await api.prepare('POST v1/pods', pod('a'))
    await api.prepare('GET v1/pods/a', undefined, { until: ready })
    await api.prepare('DELETE v1/pods/a')
    await api.step(gone('GET v1/pods/a'))
  },
  'a pod that a finalizer holds': async (api) => {
    await api.prepare('POST v1/pods', pod('a', {}, { finalizers: ['example.com/hold'] }))
    await api.prepare('GET v1/pods/a', undefined, { until: ready })
    await api.prepare('DELETE v1/pods/a')
    await api.step(settled('GET v1/pods/a', ({ metadata }) => metadata.deletionGracePeriodSeconds === 0))
    await api.prepare('MERGE v1/pods/a', { metadata: { finalizers: null } })
    await api.step(gone('GET v1/pods/a'))
  },
})
