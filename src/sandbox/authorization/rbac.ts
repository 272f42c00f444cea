/**
 * Role-based access control: a request is allowed if a role that is bound to its user has a rule for it.
 *
 * Roles and bindings are read from the storage at each request, so that a change counts at once.
 * (plugin/pkg/auth/authorizer/rbac, pkg/registry/rbac/validation/rule.go)
 */
import type { KubernetesObject } from '../../api/object.ts'
import type { ObjectReader, UserInfo } from '../registry/resource.ts'
import type { Attributes, Decision } from './attributes.ts'
import { type PolicyRule, ruleAllows } from './rules.ts'

const group = 'rbac.authorization.k8s.io'
const administrators = 'system:masters'

interface Subject {
  readonly kind: string
  readonly name: string
  readonly namespace?: string
}

interface RoleRef {
  readonly kind: string
  readonly name: string
}

interface Bound {
  readonly rules: readonly PolicyRule[]
  /** `ClusterRoleBinding "x" of ClusterRole "y" to Group "z"` */
  readonly source: string
  readonly error: string | undefined
}

export function authorizeByRoles(objects: ObjectReader, attributes: Attributes): Decision {
  const { user } = attributes
  if (user.groups.includes(administrators)) return { allowed: true, reason: '' }
  const namespace = 'path' in attributes ? '' : attributes.namespace
  const errors: string[] = []
  for (const { rules, source, error } of boundRules(objects, user, namespace)) {
    if (error !== undefined) errors.push(error)
    else if (rules.some((rule) => ruleAllows(rule, attributes))) return { allowed: true, reason: `RBAC: allowed by ${source}` }
  }
  return { allowed: false, reason: errors.length === 0 ? '' : `RBAC: ${aggregated(errors)}` }
}

/** Several errors as Go puts them together. */
export function aggregated(errors: readonly string[]): string {
  const different = [...new Set(errors)]
  return different.length === 1 ? (different[0] as string) : `[${different.join(', ')}]`
}

/** All rules that a user has, cluster-wide and in a namespace, and what could not be found. */
export function rulesOf(objects: ObjectReader, user: UserInfo, namespace: string): { rules: PolicyRule[]; errors: string[] } {
  const bound = [...boundRules(objects, user, namespace)]
  return { rules: bound.flatMap(({ rules }) => rules), errors: bound.flatMap(({ error }) => error ?? []) }
}

function* boundRules(objects: ObjectReader, user: UserInfo, namespace: string): Generator<Bound> {
  for (const binding of objects.list(`${group}/clusterrolebindings`)) {
    const subject = subjectsOf(binding).find((each) => isMeant(each, user, ''))
    if (subject) yield bound(objects, binding, subject, '')
  }
  if (namespace === '') return
  for (const binding of objects.list(`${group}/rolebindings`, namespace)) {
    const subject = subjectsOf(binding).find((each) => isMeant(each, user, namespace))
    if (subject) yield bound(objects, binding, subject, namespace)
  }
}

function bound(objects: ObjectReader, binding: KubernetesObject, subject: Subject, namespace: string): Bound {
  const { kind, name } = binding['roleRef'] as RoleRef
  const rules = roleRules(objects, { kind, name }, namespace)
  const where = namespace ? `RoleBinding "${binding.metadata.name}/${namespace}"` : `ClusterRoleBinding "${binding.metadata.name}"`
  const who =
    subject.kind === 'ServiceAccount'
      ? `ServiceAccount "${subject.name}/${subject.namespace ?? namespace}"`
      : `${subject.kind} "${subject.name}"`
  return {
    rules: rules ?? [],
    source: `${where} of ${kind} "${name}" to ${who}`,
    error: rules ? undefined : `${kind.toLowerCase()}.${group} "${name}" not found`,
  }
}

/** Undefined for a role that does not exist. */
export function roleRules(objects: ObjectReader, { kind, name }: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
  const role = kind === 'ClusterRole' ? objects.get(`${group}/clusterroles`, '', name) : objects.get(`${group}/roles`, namespace, name)
  return role && ((role['rules'] ?? []) as readonly PolicyRule[])
}

const subjectsOf = (binding: KubernetesObject): readonly Subject[] => (binding['subjects'] ?? []) as readonly Subject[]

function isMeant({ kind, name, namespace: own }: Subject, user: UserInfo, namespace: string): boolean {
  switch (kind) {
    case 'User':
      return user.username === name
    case 'Group':
      return user.groups.includes(name)
    case 'ServiceAccount':
      return user.username === `system:serviceaccount:${own || namespace}:${name}`
    default:
      return false
  }
}
