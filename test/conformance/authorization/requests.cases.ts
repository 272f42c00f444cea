import type { Api } from '../api.ts'
import { cases, generated } from '../case.ts'
import fc from 'fast-check'
import { configMap, deployment, pod } from '../objects.ts'
import { as, binding, clusterRoleBindings, clusterRoles, grant, grantEverywhere, rbac, role } from './users.ts'

const readers = [{ verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['configmaps'] }]

/** One request of each verb. */
const everyVerb = async (api: Api, resource: string, options: { headers: Readonly<Record<string, string>> }): Promise<void> => {
  await api.send(`GET ${resource}/a`, undefined, options)
  await api.send(`GET ${resource}`, undefined, options)
  await api.send(`GET ${resource}?watch=true&timeoutSeconds=1`, undefined, options)
  await api.send(`GET ${resource}?fieldSelector=metadata.name=a`, undefined, options)
  await api.send(`POST ${resource}`, { metadata: { name: 'new' } }, options)
  await api.send(`POST ${resource}`, { metadata: { generateName: 'new-' } }, options)
  await api.send(`PUT ${resource}/a`, { metadata: { name: 'a' } }, options)
  await api.send(`MERGE ${resource}/a`, { metadata: { labels: { a: 'b' } } }, options)
  await api.send(`APPLY ${resource}/a?fieldManager=m`, { metadata: { name: 'a' } }, options)
  await api.send(`DELETE ${resource}/a`, undefined, options)
  await api.send(`DELETE ${resource}`, undefined, options)
}

const verbs = fc.subarray(['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', '*'], { maxLength: 3 })
const rule = fc.record({
  verbs: fc.oneof(verbs, fc.constant(['get'])).filter((list) => list.length > 0),
  apiGroups: fc.constantFrom([''], ['*'], ['apps'], ['', 'apps']),
  resources: fc.constantFrom(
    ['configmaps'],
    ['*'],
    ['pods/log', 'pods'],
    ['*/status'],
    ['deployments', 'deployments/scale'],
    ['configmaps/status'],
  ),
  resourceNames: fc.constantFrom([], [], ['a'], ['b', 'a'], ['']),
})

/** Whatever else is told of a token has a value of its own. */
const withoutIdentity = ({ status: { userInfo } }: { status: { userInfo: { extra?: object } } }): object => ({
  ...userInfo,
  extra: Object.keys(userInfo.extra ?? {}),
})

export default cases({
  'a user without rights is refused each verb': async (api) => {
    await api.prepare('POST v1/configmaps', configMap('a'))
    await everyVerb(api, 'v1/configmaps', as(api))
  },
  'a user without rights is refused in other groups': async (api) => await everyVerb(api, 'apps/v1/deployments', as(api)),
  'a user without rights is refused in other kinds of scope': async (api) => {
    await everyVerb(api, '/api/v1/nodes', as(api))
    await api.send('GET /api/v1/pods', undefined, as(api))
    await api.send('GET /api/v1/namespaces/{ns}', undefined, as(api))
    await api.send('GET /api/v1/namespaces', undefined, as(api))
    await api.send('DELETE /api/v1/namespaces/{ns}', undefined, as(api))
    await api.send('GET /apis/nothing.example.com/v1/nothings', undefined, as(api))
    await api.send('GET nothing.example.com/v1/nothings/a', undefined, as(api))
    await api.send('POST nothing.example.com/v1/nothings', {}, as(api))
  },
  'subresources are resources of their own': async (api) => {
    await api.prepare('POST v1/pods', pod('a'))
    await grant(api, [{ verbs: ['get', 'create', 'patch'], apiGroups: ['', 'apps'], resources: ['pods', 'deployments'] }])
    const who = as(api)
    await api.send('GET v1/pods/a', undefined, { ...who, pick: ({ kind }: { kind: string }) => kind })
    await api.send('GET v1/pods/a/log', undefined, who)
    await api.send('GET v1/pods/a/status', undefined, who)
    await api.send('POST v1/pods/a/eviction', {}, who)
    await api.send('POST v1/pods/a/binding', {}, who)
    await api.send('POST v1/pods/a/exec?command=x', undefined, who)
    await api.send('GET v1/pods/a/exec?command=x', undefined, who)
    await api.send('POST v1/pods/a/portforward', undefined, who)
    await api.send('GET v1/pods/a/proxy/x/y', undefined, who)
    await api.send('MERGE v1/pods/a/ephemeralcontainers', {}, who)
    await api.send('GET apps/v1/deployments/a/scale', undefined, who)
    await api.send('MERGE apps/v1/deployments/a/scale', { spec: { replicas: 1 } }, who)
    await api.send('PUT apps/v1/deployments/a/status', deployment('a', 1), who)
    await api.send('POST v1/serviceaccounts/default/token', {}, who)
  },
  'the log may be read alone': async (api) => {
    await grant(api, [{ verbs: ['get'], apiGroups: [''], resources: ['pods/log'] }])
    await api.send('GET v1/pods/a/log', undefined, as(api))
    await api.send('GET v1/pods/a', undefined, as(api))
    await api.send('GET v1/pods/a/status', undefined, as(api))
  },
  'all subresources of one name': async (api) => {
    await grantEverywhere(api, [{ verbs: ['get', 'update'], apiGroups: ['*'], resources: ['*/scale'] }])
    await api.send('GET apps/v1/deployments/a/scale', undefined, as(api))
    await api.send('GET apps/v1/statefulsets/a/scale', undefined, as(api))
    await api.send('GET apps/v1/statefulsets/a/status', undefined, as(api))
    await api.send('GET apps/v1/statefulsets/a', undefined, as(api))
  },
  'a role counts in its namespace only': async (api) => {
    await grant(api, readers)
    const who = as(api)
    await api.send('GET v1/configmaps/none', undefined, who)
    await api.send('GET v1/configmaps', undefined, { ...who, pick: ({ kind }: { kind: string }) => kind })
    await api.send('POST v1/configmaps', configMap('a'), who)
    await api.send('GET /api/v1/namespaces/default/configmaps', undefined, who)
    await api.send('GET /api/v1/configmaps', undefined, who)
    await api.send('GET v1/secrets', undefined, who)
  },
  'a cluster role counts in the namespace that it is bound in': async (api) => {
    await api.prepare(`POST ${rbac}/rolebindings`, binding('viewer', 'ClusterRole', 'view'))
    await grant(api, [])
    const who = as(api)
    await api.send('GET v1/configmaps/none', undefined, who)
    await api.send('GET apps/v1/deployments/none/scale', undefined, who)
    await api.send('GET v1/secrets', undefined, who)
    await api.send('GET /api/v1/configmaps', undefined, who)
    await api.send('GET /api/v1/nodes', undefined, who)
    await api.send('POST v1/configmaps', configMap('a'), who)
  },
  'the roles that every cluster has': async (api) => {
    for (const name of ['admin', 'edit', 'view', 'cluster-admin', 'system:discovery', 'system:public-info-viewer', 'system:basic-user'])
      await api.send(`GET ${clusterRoles}/${name}`, undefined, { pick: ({ rules, metadata }) => ({ rules, labels: metadata['labels'] }) })
    await api.send(`GET ${clusterRoleBindings}/cluster-admin`, undefined, { pick: ({ roleRef, subjects }) => ({ roleRef, subjects }) })
    await api.send(`GET ${clusterRoleBindings}/system:discovery`, undefined, { pick: ({ roleRef, subjects }) => ({ roleRef, subjects }) })
  },
  'a rule for objects with names': async (api) => {
    await api.prepare('POST v1/configmaps', configMap('a'))
    await api.prepare('POST v1/configmaps', configMap('b'))
    await grant(api, [{ verbs: ['*'], apiGroups: [''], resources: ['configmaps'], resourceNames: ['a'] }])
    const who = as(api)
    await everyVerb(api, 'v1/configmaps', who)
    await api.send('GET v1/configmaps/b', undefined, who)
    await api.send('GET v1/configmaps?fieldSelector=metadata.name=b', undefined, who)
    await api.send('GET v1/configmaps?fieldSelector=metadata.name!=a', undefined, who)
    await api.send('POST v1/configmaps', configMap('a'), who)
  },
  'paths outside of resources': async (api) => {
    await grantEverywhere(api, [{ verbs: ['get'], nonResourceURLs: ['/metrics', '/logs/*'] }])
    const who = as(api)
    for (const path of ['/logs', '/logs/x', '/openapi', '/nothing', '/nothing/below', '/apisx', '/debug/pprof', '/metrics/other'])
      await api.send(`GET ${path}`, undefined, { ...who, pick: (body) => (typeof body === 'string' ? 'text' : body) })
    await api.send('POST /metrics', {}, who)
    await api.send('DELETE /logs/x', undefined, who)
    await api.send('GET /api', undefined, { ...who, pick: ({ kind }) => kind })
    await api.send('GET /version', undefined, { ...who, pick: ({ major }) => major })
    await api.send('GET /healthz', undefined, who)
  },
  'a role that is not there is told': async (api) => {
    await api.prepare(`POST ${rbac}/rolebindings`, binding('a', 'Role', 'nothing'))
    await api.prepare(`POST ${rbac}/rolebindings`, binding('b', 'ClusterRole', 'nothing-{id}'))
    await grant(api, [])
    // The server goes through them in an order of chance.
    const inOrder = ({ message, ...body }: { message: string }): unknown => [
      message.replace(/\[.*\]/, (list) => list.slice(1, -1).split(', ').toSorted().join()),
      body,
    ]
    // Each binding is seen some time after it was made.
    const both = ({ message }: { message: string }): boolean => message.includes('"nothing"') && message.includes('"nothing-')
    await api.send('GET v1/configmaps', undefined, { ...as(api), until: both, pick: inOrder })
  },
  'a role of the cluster that is not there is told': async (api) => {
    await api.prepare(`POST ${clusterRoleBindings}`, binding('missing-{id}', 'ClusterRole', 'nothing-{id}'))
    await grant(api, [])
    await api.send('GET v1/configmaps', undefined, as(api))
    await api.send('GET /api/v1/nodes', undefined, as(api))
    await api.send('GET /nothing', undefined, as(api))
  },
  'groups and service accounts as subjects': async (api) => {
    const subjects = [
      { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'group-{id}' },
      { kind: 'ServiceAccount', name: 'worker', namespace: '{ns}' },
      { kind: 'ServiceAccount', name: 'other', namespace: 'default' },
    ]
    await grant(api, readers, subjects)
    const group = { 'impersonate-group': `group-${api.id}` }
    const namespace = await api.namespace()
    await api.send('GET v1/configmaps/a', undefined, as(api))
    await api.send('GET v1/configmaps/a', undefined, as(api, 'jane', group))
    await api.send('GET v1/configmaps/a', undefined, as(api, `system:serviceaccount:${namespace}:worker`))
    await api.send('GET v1/configmaps/a', undefined, as(api, `system:serviceaccount:${namespace}:other`))
    await api.send('GET v1/configmaps/a', undefined, as(api, 'system:serviceaccount:default:other'))
  },
  'all accounts of a namespace': async (api) => {
    await grant(api, readers, [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:serviceaccounts:{ns}' }])
    const namespace = await api.namespace()
    await api.send('GET v1/configmaps/a', undefined, as(api, `system:serviceaccount:${namespace}:anyone`))
    await api.send('GET v1/configmaps/a', undefined, as(api, 'system:serviceaccount:default:anyone'))
  },
  'a service account with its token': async (api) => {
    await api.prepare('POST v1/serviceaccounts', { metadata: { name: 'worker' } })
    await grant(api, readers, [{ kind: 'ServiceAccount', name: 'worker', namespace: '{ns}' }])
    const { body } = await api.prepare('POST v1/serviceaccounts/worker/token', { spec: {} })
    const headers = { authorization: `Bearer ${body.status.token}` }
    await api.send('GET v1/configmaps/none', undefined, { headers })
    await api.send('GET v1/secrets', undefined, { headers })
    await api.send(
      'POST /apis/authentication.k8s.io/v1/selfsubjectreviews',
      {},
      {
        headers,
        pick: withoutIdentity,
      },
    )
    await api.prepare('DELETE v1/serviceaccounts/worker')
    await api.send('GET v1/configmaps/none', undefined, { headers, until: ({ code }: { code: number }) => code === 401 })
  },
  'nobody that is known': async (api) => {
    const headers = { authorization: '' }
    for (const path of ['/version', '/healthz', '/livez', '/readyz'])
      await api.send(`GET ${path}`, undefined, { headers, pick: (body) => (typeof body === 'string' ? body : 'json') })
    for (const path of ['/api', '/apis', '/openapi/v2', '/', '/metrics', '/api/v1/namespaces', '/api/v1/nodes/x'])
      await api.send(`GET ${path}`, undefined, { headers })
    await api.send('POST v1/configmaps', configMap('a'), { headers })
    await api.send('POST /version', {}, { headers })
  },
  'credentials that nobody has': async (api) => {
    await api.namespace()
    for (const authorization of [
      'Bearer nobody',
      'Bearer',
      'Bearer ',
      'bearer nobody',
      'Basic YWRtaW46YWRtaW4=',
      'nonsense',
      'Bearer a b',
      'Bearer  x',
    ])
      await api.send('GET v1/configmaps/a', undefined, { headers: { authorization } })
    await api.send('GET /version', undefined, { headers: { authorization: 'Bearer nobody' } })
  },
  'any rule allows what it says': generated({
    values: fc.array(rule, { minLength: 1, maxLength: 2 }),
    runs: 20,
    run: async (api, rules) => {
      await grant(api, rules)
      const who = {
        ...as(api),
        pick: (body: { kind: string; message?: string; code?: number }) => [body.kind, body.message, body.code] as const,
      }
      for (const line of [
        'GET v1/configmaps/a',
        'GET v1/configmaps/b',
        'GET v1/configmaps',
        'DELETE v1/configmaps/a',
        'MERGE v1/configmaps/a/status',
        'GET v1/pods/a/log',
        'GET v1/pods/a/status',
        'GET apps/v1/deployments/a',
        'GET apps/v1/deployments/a/scale',
        'GET apps/v1/deployments',
        'DELETE apps/v1/deployments/b',
      ])
        await api.send(line, line.startsWith('MERGE') ? {} : undefined, who)
    },
  }),
  'a role that changes counts at once': async (api) => {
    await grant(api, readers)
    await api.send('GET v1/configmaps/none', undefined, as(api))
    await api.prepare(`PUT ${rbac}/roles/granted`, role('granted', [{ verbs: ['list'], apiGroups: [''], resources: ['configmaps'] }]))
    await api.send('GET v1/configmaps/none', undefined, { ...as(api), until: ({ code }: { code: number }) => code === 403 })
    await api.prepare(`DELETE ${rbac}/rolebindings/granted`)
    await api.send('GET v1/configmaps', undefined, { ...as(api), until: ({ code }: { code: number }) => code === 403 })
  },
  'a role without anything': async (api) => {
    await api.send(`POST ${rbac}/roles`, { metadata: { name: 'a' } })
    await api.send(`POST ${clusterRoles}`, { metadata: { name: 'empty-{id}' } })
    await api.send(`POST ${rbac}/roles`, { metadata: { name: 'b' }, rules: [{ verbs: [] }] })
    await api.send(`POST ${rbac}/roles`, { metadata: { name: 'c' }, rules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }] })
    await api.send(`PUT ${rbac}/rolebindings/x`, binding('x', 'Role', 'a', []))
  },
})
