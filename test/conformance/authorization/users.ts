/** Users that the administrator acts as, and the roles that they are given. */
import type { Api } from '../api.ts'

type Headers = Readonly<Record<string, string>>

/** What `options.headers` of a step are, with `{id}` and `{ns}` filled in. */
export const as = (api: Api, user = 'jane', more: Headers = {}): { headers: Headers } => ({
  headers: { 'impersonate-user': user === 'jane' ? `jane-${api.id}` : user, ...more },
})

interface Rule {
  readonly verbs: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

export const rbac = 'rbac.authorization.k8s.io/v1'
export const clusterRoles = `/apis/${rbac}/clusterroles`
export const clusterRoleBindings = `/apis/${rbac}/clusterrolebindings`

const user = { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane-{id}' }

export const role = (name: string, rules: readonly Rule[]): object => ({ metadata: { name }, rules })
export const binding = (name: string, kind: string, of: string, subjects: readonly object[] = [user]): object => ({
  metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: of },
  subjects,
})

/** Gives jane the rules in the case's namespace. */
export async function grant(api: Api, rules: readonly Rule[], subjects?: readonly object[]): Promise<void> {
  await api.prepare(`POST ${rbac}/roles`, role('granted', rules))
  await api.prepare(`POST ${rbac}/rolebindings`, binding('granted', 'Role', 'granted', subjects))
  await seen(api)
}

/** Gives jane the rules everywhere. */
export async function grantEverywhere(api: Api, rules: readonly Rule[], subjects?: readonly object[]): Promise<void> {
  await api.prepare(`POST ${clusterRoles}`, role('granted-{id}', rules))
  await api.prepare(`POST ${clusterRoleBindings}`, binding('granted-{id}', 'ClusterRole', 'granted-{id}', subjects))
  await seen(api)
}

/** The authorizer reads roles from a cache: a role that is made last has reached it when its permission counts. */
async function seen(api: Api): Promise<void> {
  const name = `probe-${api.id}`
  await api.namespace()
  await api.prepare(`POST ${rbac}/roles`, role(name, [{ verbs: ['get'], apiGroups: ['probe'], resources: ['probes'] }]))
  await api.prepare(`POST ${rbac}/rolebindings`, binding(name, 'Role', name, [{ ...user, name: `probe-{id}` }]))
  await api.prepare(
    'POST /apis/authorization.k8s.io/v1/subjectaccessreviews',
    {
      spec: { user: `probe-{id}`, resourceAttributes: { namespace: '{ns}', verb: 'get', group: 'probe', resource: 'probes' } },
    },
    { until: ({ status }: { status: { allowed: boolean } }) => status.allowed },
  )
}
