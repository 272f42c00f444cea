/** What is there in a cluster before anybody asks for something. What a restored state has brought stays as it is. */
import { bootstrapRoles } from './authorization/bootstrap.ts'
import type { World } from './controllers/controller.ts'
import { simulatedNode } from './controllers/nodes.ts'

const namespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

export interface Bootstrap {
  readonly nodes: readonly string[]
  /** Whether the roles and bindings are made that every cluster begins with. */
  readonly roles: boolean
  /** Milliseconds since 1970: when the nodes came up. */
  readonly now: number
}

export function bootstrap(world: World, { nodes, roles, now }: Bootstrap): void {
  const isMissing = (storage: string, name: string, namespace = ''): boolean => world.get(storage, namespace, name) === undefined
  for (const name of namespaces)
    if (isMissing('/namespaces', name)) world.create('/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  for (const name of nodes) {
    if (!isMissing('/nodes', name)) continue
    const node = simulatedNode(name, now)
    world.updateStatus('/nodes', { ...world.create('/nodes', node), status: node.status })
  }
  if (!roles) return
  for (const { storage, object } of bootstrapRoles())
    if (isMissing(storage, object.metadata.name, object.metadata.namespace)) world.create(storage, object)
}
