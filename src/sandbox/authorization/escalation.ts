/**
 * Nobody can grant what they do not have themselves, unless they may escalate or bind.
 *
 * (pkg/registry/rbac/role/policybased and rolebinding/policybased)
 */
import type { KubernetesObject } from '../../api/object.ts'
import type { ObjectReader, Resource, UserInfo } from '../registry/resource.ts'
import { forbiddenError, notFound } from '../status/api-error.ts'
import { aggregated, authorizeByRoles, roleRules, rulesOf } from './rbac.ts'
import { covers, type PolicyRule, ruleText, simpleRules } from './rules.ts'

const group = 'rbac.authorization.k8s.io'

/** Throws an ApiError (403) for a role or binding that grants more than its writer has. */
export function checkEscalation(objects: ObjectReader, user: UserInfo, resource: Resource, object: KubernetesObject): void {
  if (resource.group !== group || user.groups.includes('system:masters')) return
  const namespace = object.metadata.namespace ?? ''
  const may = (verb: string, of: string, name: string): boolean =>
    authorizeByRoles(objects, { user, verb, group, resource: of, subresource: '', namespace, name }).allowed
  const { name } = object.metadata
  switch (resource.resource) {
    case 'roles':
    case 'clusterroles':
      if (may('escalate', resource.resource, name)) return
      checkHeld(objects, user, resource, object, (object['rules'] ?? []) as PolicyRule[])
      if (aggregates(object) && missingOf(objects, user, '', everything).missing.length > 0)
        throw forbiddenError(resource, name, 'must have cluster-admin privileges to use the aggregationRule')
      return
    case 'rolebindings':
    case 'clusterrolebindings': {
      const ref = object['roleRef'] as { kind: string; name: string }
      const of = ref.kind === 'ClusterRole' ? 'clusterroles' : 'roles'
      if (may('bind', of, ref.name)) return
      const rules = roleRules(objects, ref, namespace)
      if (!rules) throw notFound(resource, ref.name)
      checkHeld(objects, user, resource, object, rules)
      return
    }
    default:
  }
}

function checkHeld(
  objects: ObjectReader,
  user: UserInfo,
  resource: Resource,
  object: KubernetesObject,
  rules: readonly PolicyRule[],
): void {
  const { missing, errors } = missingOf(objects, user, object.metadata.namespace ?? '', rules)
  if (missing.length === 0) return
  const groups = user.groups.map((each) => JSON.stringify(each)).join(' ')
  throw forbiddenError(
    resource,
    object.metadata.name,
    `user ${JSON.stringify(user.username)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${missing.map(ruleText).sort().join('\n')}${errors.length === 0 ? '' : `; resolution errors: ${aggregated(errors)}`}`,
  )
}

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/** It gathers the rules of whatever its selectors select. */
function aggregates(object: KubernetesObject): boolean {
  const rule = object['aggregationRule'] as { clusterRoleSelectors?: readonly unknown[] } | undefined
  return (rule?.clusterRoleSelectors?.length ?? 0) > 0
}

function missingOf(
  objects: ObjectReader,
  user: UserInfo,
  namespace: string,
  rules: readonly PolicyRule[],
): { missing: PolicyRule[]; errors: string[] } {
  const { rules: held, errors } = rulesOf(objects, user, namespace)
  return { missing: compact(rules.flatMap((rule) => [...simpleRules(rule)]).filter((rule) => !covers(held, rule))), errors }
}

/** Rules for the same resource become one with all their verbs. */
function compact(rules: readonly PolicyRule[]): PolicyRule[] {
  const found = new Map<string, PolicyRule>()
  for (const { verbs, ...of } of rules) {
    const key = JSON.stringify(of)
    const before = found.get(key)
    found.set(key, { ...of, verbs: [...(before?.verbs ?? []), ...verbs] })
  }
  return [...found.values()]
}
