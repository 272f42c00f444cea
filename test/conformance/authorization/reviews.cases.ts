import { cases, differs } from '../case.ts'
import { as, binding, clusterRoleBindings, clusterRoles, grant, grantEverywhere, rbac, role } from './users.ts'

const group = '/apis/authorization.k8s.io/v1'
const review = (spec: object): object => ({ spec })
const configMaps = [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'] }]
const onConfigMaps = (verb: string, more: object = {}): object => ({
  resourceAttributes: { namespace: '{ns}', verb, resource: 'configmaps', ...more },
})

interface RulesReview {
  readonly kind: string
  readonly status: string | { readonly resourceRules: object[]; readonly nonResourceRules: object[] }
}

const sorted = (rules: readonly object[]): string[] => rules.map((rule) => JSON.stringify(rule)).sort()
/** The real server tells rules in the order of a cache. */
const unordered = {
  pick: ({ status, ...body }: RulesReview) =>
    typeof status === 'object'
      ? {
          ...body,
          status: { ...status, resourceRules: sorted(status.resourceRules), nonResourceRules: sorted(status.nonResourceRules) },
        }
      : { ...body, status },
}

export default cases({
  'a subject is allowed, and why': async (api) => {
    await grant(api, configMaps)
    const ask = async (spec: object): Promise<unknown> =>
      await api.send(`POST ${group}/subjectaccessreviews`, review({ user: 'jane-{id}', ...spec }))
    await ask(onConfigMaps('get'))
    await ask(onConfigMaps('delete'))
    await ask(onConfigMaps('get', { name: 'x', version: 'v1' }))
    await ask(onConfigMaps('get', { namespace: '' }))
    await ask(onConfigMaps('get', { subresource: 'status' }))
    await ask(onConfigMaps('*'))
    await ask({ user: 'nobody', groups: ['system:masters'], ...onConfigMaps('get') })
    await ask({ nonResourceAttributes: { path: '/healthz', verb: 'get' } })
    await ask({ nonResourceAttributes: { path: '/nothing', verb: 'get' } })
  },
  'a subject is allowed by a role of the cluster, and why': async (api) => {
    await grantEverywhere(api, configMaps, [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'group-{id}' }])
    await api.send(`POST ${group}/subjectaccessreviews`, review({ groups: ['group-{id}'], ...onConfigMaps('get') }))
    await api.send(
      `POST ${group}/subjectaccessreviews`,
      review({ user: 'x', groups: ['group-{id}'], ...onConfigMaps('list', { namespace: '' }) }),
    )
  },
  'a subject is allowed as a service account, and why': async (api) => {
    await grant(api, configMaps, [{ kind: 'ServiceAccount', name: 'worker', namespace: '{ns}' }])
    await api.send(`POST ${group}/subjectaccessreviews`, review({ user: 'system:serviceaccount:{ns}:worker', ...onConfigMaps('get') }))
  },
  'a review that asks nothing or too much': async (api) => {
    const ask = async (body: unknown, kind = 'subjectaccessreviews'): Promise<unknown> => await api.send(`POST ${group}/${kind}`, body)
    await ask({})
    await ask(review({}))
    await ask(review({ user: 'jane' }))
    await ask(review(onConfigMaps('get')))
    await ask(review({ user: 'jane', ...onConfigMaps('get'), nonResourceAttributes: { path: '/x', verb: 'get' } }))
    await ask({}, 'selfsubjectaccessreviews')
    await ask(review({ ...onConfigMaps('get'), nonResourceAttributes: { path: '/x' } }), 'selfsubjectaccessreviews')
    await ask({}, 'selfsubjectrulesreviews')
    await ask(review({ unknown: 1, user: 'x', ...onConfigMaps('get') }))
  },
  'a review with a name': differs('the metadata that the error quotes has its fields in another order', [
    [`POST ${group}/subjectaccessreviews`, { metadata: { name: 'x' }, ...review({ user: 'jane', ...onConfigMaps('get') }) }],
  ]),
  'a review with selectors': async (api) => {
    const selected = (selector: object): object => review({ user: 'jane', ...onConfigMaps('list', selector) })
    for (const selector of [
      { labelSelector: { requirements: [{ key: 'a', operator: 'In', values: ['b'] }] } },
      { fieldSelector: { requirements: [{ key: 'metadata.name', operator: 'In', values: ['b'] }] } },
      { labelSelector: { rawSelector: 'a=b' } },
      { labelSelector: { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'Exists' }] } },
      { labelSelector: {} },
      { labelSelector: { requirements: [{ key: 'a', operator: 'Nothing' }] } },
      { fieldSelector: { requirements: [{ key: '', operator: 'In' }] } },
    ])
      await api.send(`POST ${group}/subjectaccessreviews`, selected(selector))
  },
  'a review in a namespace': async (api) => {
    await grant(api, configMaps)
    const ask = async (spec: object, more: object = {}): Promise<unknown> =>
      await api.send('POST authorization.k8s.io/v1/localsubjectaccessreviews', { ...more, ...review({ user: 'jane-{id}', ...spec }) })
    await ask(onConfigMaps('get'))
    await ask(onConfigMaps('create'))
    await ask(onConfigMaps('get', { namespace: '' }))
    await ask(onConfigMaps('get', { namespace: 'default' }))
    await ask({ nonResourceAttributes: { path: '/x', verb: 'get' } })
    await ask(onConfigMaps('get'), { metadata: { namespace: 'other' } })
    await ask({})
  },
  'what I may do': async (api) => {
    await grant(api, configMaps)
    const ask = async (spec: object): Promise<unknown> => await api.send(`POST ${group}/selfsubjectaccessreviews`, review(spec), as(api))
    await ask(onConfigMaps('get'))
    await ask(onConfigMaps('update'))
    await ask(onConfigMaps('get', { namespace: '' }))
    await ask({ nonResourceAttributes: { path: '/api', verb: 'get' } })
    await api.send(`POST ${group}/selfsubjectaccessreviews`, review(onConfigMaps('anything', { resource: 'anything' })))
    await api.send(`POST ${group}/selfsubjectaccessreviews`, review(onConfigMaps('get')), { headers: { authorization: '' } })
  },
  'who may ask for reviews': async (api) => {
    await grant(api, [])
    await api.send(`POST ${group}/subjectaccessreviews`, review({ user: 'x', ...onConfigMaps('get') }), as(api))
    await api.send('POST authorization.k8s.io/v1/localsubjectaccessreviews', review({ user: 'x', ...onConfigMaps('get') }), as(api))
    await api.send('POST /apis/authentication.k8s.io/v1/tokenreviews', review({ token: 'x' }), as(api))
    await api.send(`GET ${group}/subjectaccessreviews`, undefined, as(api))
    await api.send(`GET ${group}/selfsubjectaccessreviews`)
    await api.send(`GET ${group}/selfsubjectaccessreviews/x`)
    await api.send(`DELETE ${group}/selfsubjectaccessreviews/x`)
  },
  'the rules of a user': async (api) => {
    await grant(api, [
      { verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps', 'secrets'] },
      { verbs: ['*'], apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['a', 'b'] },
    ])
    await api.send(`POST ${group}/selfsubjectrulesreviews`, review({ namespace: '{ns}' }), { ...as(api), ...unordered })
    await api.send(`POST ${group}/selfsubjectrulesreviews`, review({ namespace: 'default' }), { ...as(api), ...unordered })
  },
  'the rules of a user of the whole cluster': async (api) => {
    await grantEverywhere(api, [
      { verbs: ['get'], apiGroups: [''], resources: ['nodes'] },
      { verbs: ['get'], nonResourceURLs: ['/metrics'] },
    ])
    await api.send(`POST ${group}/selfsubjectrulesreviews`, review({ namespace: '{ns}' }), { ...as(api), ...unordered })
    await api.send(`POST ${group}/selfsubjectrulesreviews`, review({ namespace: '{ns}' }), { headers: { authorization: '' }, ...unordered })
  },
  'the rules of an administrator': [[`POST ${group}/selfsubjectrulesreviews`, review({ namespace: 'default' }), unordered]],
  'the rules with a role that is not there': async (api) => {
    await api.prepare(`POST ${rbac}/rolebindings`, binding('missing', 'Role', 'nothing'))
    await grant(api, configMaps)
    await api.send(`POST ${group}/selfsubjectrulesreviews`, review({ namespace: '{ns}' }), { ...as(api), ...unordered })
    await api.send(`POST ${group}/selfsubjectaccessreviews`, review(onConfigMaps('create')), as(api))
  },
  'whom a token stands for': async (api) => {
    await api.prepare('POST v1/serviceaccounts', { metadata: { name: 'worker' } })
    const { body } = await api.prepare('POST v1/serviceaccounts/worker/token', { spec: {} })
    const ask = async (spec: object): Promise<unknown> =>
      await api.send('POST /apis/authentication.k8s.io/v1/tokenreviews', review(spec), {
        pick: ({ status, spec: asked, kind, message }: Record<string, unknown>) => ({
          kind,
          message,
          audiences: (asked as { audiences?: unknown } | undefined)?.audiences,
          status: withoutIdentity(status),
        }),
      })
    await ask({ token: body.status.token })
    await ask({ token: body.status.token, audiences: ['https://kubernetes.default.svc'] })
    await ask({ token: body.status.token, audiences: ['other'] })
    await ask({ token: 'nonsense' })
    await ask({ token: '' })
    await ask({})
    await ask({ token: 'eyJh.eyJh.eyJh' })
  },
  'whom a token with other audiences stands for': async (api) => {
    await api.prepare('POST v1/serviceaccounts', { metadata: { name: 'worker' } })
    const { body } = await api.prepare('POST v1/serviceaccounts/worker/token', { spec: { audiences: ['mine', 'yours'] } })
    const ask = async (spec: object): Promise<unknown> =>
      await api.send('POST /apis/authentication.k8s.io/v1/tokenreviews', review({ token: body.status.token, ...spec }), {
        pick: ({ status }: { status: object }) => withoutIdentity(status),
      })
    await ask({})
    await ask({ audiences: ['mine'] })
    await ask({ audiences: ['mine', 'nobody'] })
    await api.send('GET v1/configmaps', undefined, { headers: { authorization: `Bearer ${body.status.token}` } })
  },
  'who I am': async (api) => {
    const ask = 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews'
    await api.send(ask, {}, as(api))
    await api.send(ask, { metadata: { name: 'x', labels: { a: 'b' } } }, as(api))
    await api.send(`${ask}?dryRun=All`, {}, as(api))
    await api.send(ask, {}, { headers: { authorization: '' } })
    await api.send(ask, { status: { userInfo: { username: 'x' } } }, as(api))
    await api.send('GET /apis/authentication.k8s.io/v1/selfsubjectreviews')
  },
  'nobody grants what they do not have': async (api) => {
    await grant(
      api,
      [
        { verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'] },
        { verbs: ['*'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles', 'rolebindings'] },
      ].map((rule) => (rule.apiGroups[0] === '' ? rule : { ...rule, verbs: ['get', 'create', 'update', 'patch', 'delete'] })),
    )
    const who = as(api)
    const make = async (name: string, rules: Parameters<typeof role>[1]): Promise<unknown> =>
      await api.send(`POST ${rbac}/roles`, role(name, rules), who)
    await make('less', [{ verbs: ['get'], apiGroups: [''], resources: ['configmaps'] }])
    await make('more', [{ verbs: ['get', 'delete'], apiGroups: [''], resources: ['configmaps'] }])
    await make('other', [{ verbs: ['get'], apiGroups: ['', 'apps'], resources: ['secrets', 'deployments'] }])
    await make('named', [{ verbs: ['get', 'update'], apiGroups: [''], resources: ['configmaps', 'secrets'], resourceNames: ['a', 'b'] }])
    await make('all', [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }])
    await make('log', [{ verbs: ['get', 'create'], apiGroups: [''], resources: ['pods/log'] }])
    await api.send(`MERGE ${rbac}/roles/less`, { rules: [{ verbs: ['delete'], apiGroups: [''], resources: ['configmaps'] }] }, who)
    await api.send(
      `APPLY ${rbac}/roles/less?fieldManager=m&force=true`,
      { rules: [{ verbs: ['delete'], apiGroups: [''], resources: ['configmaps'] }] },
      who,
    )
    await api.send(`POST ${clusterRoles}`, role('less-{id}', []), who)
  },
  'nobody binds what they do not have': async (api) => {
    await api.prepare(`POST ${rbac}/roles`, role('big', [{ verbs: ['delete'], apiGroups: [''], resources: ['secrets'] }]))
    await grant(api, [
      { verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'] },
      { verbs: ['create', 'update', 'patch'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['rolebindings'] },
    ])
    const who = as(api)
    const bind = async (name: string, kind: string, of: string): Promise<unknown> =>
      await api.send(`POST ${rbac}/rolebindings`, binding(name, kind, of), who)
    await bind('a', 'Role', 'big')
    await bind('b', 'Role', 'granted')
    await bind('c', 'Role', 'nothing')
    await bind('d', 'ClusterRole', 'system:node-bootstrapper')
    await bind('e', 'ClusterRole', 'cluster-admin')
    await bind('f', 'ClusterRole', 'nothing-{id}')
    await bind('g', 'ClusterRole', 'system:discovery')
    await api.send(`POST ${clusterRoleBindings}`, binding('x-{id}', 'ClusterRole', 'view'), who)
  },
  'whoever may escalate and bind does': async (api) => {
    await grant(api, [
      { verbs: ['create', 'escalate'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['roles'] },
      { verbs: ['create'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['rolebindings'] },
      { verbs: ['bind'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'], resourceNames: ['view'] },
    ])
    const who = as(api)
    await api.send(`POST ${rbac}/roles`, role('big', [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }]), who)
    await api.send(`POST ${rbac}/rolebindings`, binding('view', 'ClusterRole', 'view'), who)
    await api.send(`POST ${rbac}/rolebindings`, binding('big', 'Role', 'big'), who)
  },
  'an aggregated role is granted by who has its parts': async (api) => {
    await grantEverywhere(api, [{ verbs: ['create', 'update'], apiGroups: ['rbac.authorization.k8s.io'], resources: ['clusterroles'] }])
    await api.send(
      `POST ${clusterRoles}`,
      { metadata: { name: 'aggregated-{id}' }, aggregationRule: { clusterRoleSelectors: [{ matchLabels: { of: '{id}' } }] } },
      as(api),
    )
    await api.send(`POST ${clusterRoles}`, {
      metadata: { name: 'other-{id}' },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { of: '{id}' } }] },
    })
    await api.prepare(`POST ${clusterRoles}`, { ...role('part-{id}', configMaps), metadata: { name: 'part-{id}', labels: { of: '{id}' } } })
    await api.send(`GET ${clusterRoles}/other-{id}`, undefined, {
      until: ({ rules }: { rules?: unknown[] }) => (rules?.length ?? 0) > 0,
      pick: ({ rules }: { rules: unknown }) => rules,
    })
  },
})

/** Without what a token has of its own: its identity, that of its node. */
function withoutIdentity(status: unknown): unknown {
  return JSON.parse(
    JSON.stringify(status ?? null, (key, value: unknown) => (key === 'authentication.kubernetes.io/credential-id' ? 'credential' : value)),
  )
}
