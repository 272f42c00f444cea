/** Cluster roles with an aggregation rule have the rules of all that it selects. (pkg/controller/clusterroleaggregation) */
import type { JsonValue, KubernetesObject } from '../../api/object.ts'
import { type LabelSelector, matchesSelector } from '../../api/selectors.ts'
import type { Controller } from './controller.ts'
import { equalJson } from '../../api/equal.ts'

const storage = 'rbac.authorization.k8s.io/clusterroles'

interface ClusterRole extends KubernetesObject {
  aggregationRule?: { clusterRoleSelectors?: readonly LabelSelector[] }
  rules?: readonly JsonValue[]
}

export function clusterRoleAggregation(): Controller {
  const aggregating = new Set<string>()
  return {
    name: 'clusterrole-aggregation',
    watches: [storage],
    keys({ type, object }) {
      const { name } = object.metadata
      if (type !== 'DELETED' && (object as ClusterRole).aggregationRule) aggregating.add(name)
      else aggregating.delete(name)
      return aggregating
    },
    reconcile(name, world) {
      const role = world.get(storage, '', name) as ClusterRole | undefined
      if (!role?.aggregationRule) return undefined
      const rules: JsonValue[] = []
      for (const selector of role.aggregationRule.clusterRoleSelectors ?? []) {
        for (const other of world.list(storage) as Iterable<ClusterRole>) {
          if (other.metadata.name === name || !matchesSelector(selector, other.metadata.labels)) continue
          for (const rule of other.rules ?? []) if (!rules.some((known) => equalJson(known, rule))) rules.push(rule)
        }
      }
      if (!equalJson(rules, role.rules ?? [])) world.update(storage, { ...role, rules })
      return undefined
    },
  }
}
