/** What the status of an App says. */
import type { KubernetesObject } from '../../src/api/object.ts'

interface AppStatus {
  readonly observedGeneration?: number
  readonly readyReplicas?: number
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly observedGeneration?: number }[]
}

const statusOf = (app: KubernetesObject): AppStatus => (app['status'] ?? {}) as AppStatus

/** Ready as its spec is now, not as it was before the last change. */
export const isReady = (app: KubernetesObject): boolean =>
  statusOf(app).conditions?.some(
    ({ type, status, observedGeneration }) => type === 'Ready' && status === 'True' && observedGeneration === app.metadata.generation,
  ) ?? false

export const readyReplicas = (app: KubernetesObject): number => statusOf(app).readyReplicas ?? 0
