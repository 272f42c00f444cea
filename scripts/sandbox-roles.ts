/** Reads the roles and bindings that a server makes for itself: the table src/sandbox/tables/roles.json. */
import type { RoleEntry, RolesTable } from '../src/sandbox/tables/roles.ts'
import type { Requester } from '../test/controlplane/request.ts'

const base = '/apis/rbac.authorization.k8s.io/v1'
const bootstrapping = 'labelSelector=kubernetes.io/bootstrapping%3Drbac-defaults'

interface RbacObject extends Omit<RoleEntry, 'resource' | 'name' | 'namespace' | 'labels'> {
  metadata: { name: string; namespace?: string; labels: Record<string, string> }
}

/** Rules that another controller aggregates are left out: the sandbox's own does that. */
export async function recordRoles(server: Requester): Promise<RolesTable> {
  const roles: RoleEntry[] = []
  for (const resource of ['clusterroles', 'clusterrolebindings', 'roles', 'rolebindings']) {
    const { status, body } = await server.send<{ items: RbacObject[] }>('GET', `${base}/${resource}?${bootstrapping}`)
    if (status !== 200) throw new Error(`GET ${resource}: ${status}`)
    for (const { metadata, rules, aggregationRule, roleRef, subjects } of body.items)
      roles.push({
        resource,
        name: metadata.name,
        ...(metadata.namespace && { namespace: metadata.namespace }),
        labels: metadata.labels,
        ...(rules && !aggregationRule && { rules }),
        ...(aggregationRule && { aggregationRule }),
        ...(roleRef && { roleRef }),
        ...(subjects && { subjects }),
      })
  }
  const version = await server.send<{ gitVersion: string }>('GET', '/version')
  return { kubernetes: version.body.gitVersion, roles }
}
