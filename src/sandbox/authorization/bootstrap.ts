/** The roles and bindings that are there from the start where access is controlled by roles. */
import type { KubernetesObject } from '../../api/object.ts'
import { rolesTable } from '../tables/roles.ts'

const group = 'rbac.authorization.k8s.io'

/** Each with its storage; namespaces have to be there. */
export const bootstrapRoles = (): { storage: string; object: KubernetesObject }[] =>
  rolesTable.roles.map(({ resource, name, namespace, labels, ...parts }) => ({
    storage: `${group}/${resource}`,
    object: {
      apiVersion: `${group}/v1`,
      kind: kinds[resource] as string,
      metadata: {
        name,
        ...(namespace && { namespace }),
        labels: labels as Record<string, string>,
        annotations: { [`${group}/autoupdate`]: 'true' },
      },
      ...parts,
    },
  }))

const kinds: Readonly<Record<string, string>> = {
  clusterroles: 'ClusterRole',
  clusterrolebindings: 'ClusterRoleBinding',
  roles: 'Role',
  rolebindings: 'RoleBinding',
}
