/**
 * Nobody can grant what they do not have themselves, unless they may escalate or bind.
 *
 * (pkg/registry/rbac/role/policybased and rolebinding/policybased)
 */
import type { KubernetesObject } from '../../api/object.ts'
import type { ObjectReader, Resource, UserInfo } from '../registry/resource.ts'
import { forbiddenError } from '../status/api-error.ts'
import { authorizeByRoles, roleRules, rulesOf } from './rbac.ts'
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
      if (!may('escalate', resource.resource, name)) checkHeld(objects, user, resource, object, (object['rules'] ?? []) as PolicyRule[])
      return
    case 'rolebindings':
    case 'clusterrolebindings': {
      const ref = object['roleRef'] as { kind: string; name: string }
      const of = ref.kind === 'ClusterRole' ? 'clusterroles' : 'roles'
      if (may('bind', of, ref.name)) return
      checkHeld(objects, user, resource, object, roleRules(objects, ref, namespace) ?? [])
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
  const held = rulesOf(objects, user, object.metadata.namespace ?? '')
  const missing = compact(rules.flatMap((rule) => [...simpleRules(rule)]).filter((rule) => !covers(held, rule)))
  if (missing.length === 0) return
  const groups = user.groups.map((each) => JSON.stringify(each)).join(' ')
  throw forbiddenError(
    resource,
    object.metadata.name,
    `user ${JSON.stringify(user.username)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${missing.map(ruleText).sort().join('\n')}`,
  )
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
