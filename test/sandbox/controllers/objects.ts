/** Complete objects for tests of controllers, as defaults would have left them. */
import type { KubernetesObject } from '../../../src/api/object.ts'
import type { Deployment } from '../../../src/sandbox/controllers/deployments/deployment.ts'
import { simulatedNode } from '../../../src/sandbox/controllers/nodes.ts'
import type { MemoryWorld } from './memory-world.ts'

export const namespace = 'shop'

export const podTemplate = (labels: Record<string, string>, image = 'web:1', extra: object = {}) => ({
  metadata: { labels, ...extra },
  spec: { containers: [{ name: 'web', image }], restartPolicy: 'Always' },
})

export function deployment(name: string, spec: Partial<Deployment['spec']> = {}): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: podTemplate({ app: name }),
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec,
    },
  }
}

export function withNodes(world: MemoryWorld, count = 2): void {
  for (let number = 1; number <= count; number++) world.create('/nodes', simulatedNode(`node-${number}`, world.now()))
}

/** Writes a change to the spec of an object as it is now. */
export function change(world: MemoryWorld, storage: string, name: string, spec: object): KubernetesObject {
  const object = world.get(storage, namespace, name)
  if (!object) throw new Error(`there is no ${storage} ${name}`)
  return world.update(storage, { ...object, spec: { ...(object['spec'] as object), ...spec } })
}
