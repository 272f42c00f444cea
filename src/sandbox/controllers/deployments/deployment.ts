/** Deployments as their controller sees them: shape, annotations, and the numbers that bound a rolling update. (pkg/controller/deployment/util) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { LabelSelector } from '../../../api/selectors.ts'
import type { Condition } from '../conditions.ts'
import type { PodTemplate } from '../pods.ts'
import type { ReplicaSet } from '../replica-sets.ts'
import { scaledValue } from '../scaled-value.ts'

export const revisionAnnotation = 'deployment.kubernetes.io/revision'
export const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history'
export const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas'
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas'
export const hashLabel = 'pod-template-hash'

export interface DeploymentCondition extends Condition {
  readonly lastUpdateTime?: string
}

export interface DeploymentStatus {
  readonly observedGeneration?: number | undefined
  readonly replicas?: number | undefined
  readonly updatedReplicas?: number | undefined
  readonly readyReplicas?: number | undefined
  readonly availableReplicas?: number | undefined
  readonly unavailableReplicas?: number | undefined
  readonly terminatingReplicas?: number | undefined
  readonly collisionCount?: number | undefined
  readonly conditions?: readonly DeploymentCondition[] | undefined
}

export interface Deployment extends KubernetesObject {
  spec: {
    replicas?: number
    selector: LabelSelector
    template: PodTemplate
    strategy?: { type?: string; rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string } }
    minReadySeconds?: number
    revisionHistoryLimit?: number
    progressDeadlineSeconds?: number
    paused?: boolean
  }
  status?: DeploymentStatus
}

const noLimit = 2 ** 31 - 1

export const wantedReplicas = ({ spec }: Deployment): number => spec.replicas ?? 1
export const sizeOf = ({ spec }: ReplicaSet): number => spec.replicas ?? 1
export const isRolling = ({ spec }: Deployment): boolean => (spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate'
export const isComplete = (deployment: Deployment, status: DeploymentStatus = {}): boolean =>
  (status.updatedReplicas ?? 0) === wantedReplicas(deployment) &&
  (status.replicas ?? 0) === wantedReplicas(deployment) &&
  (status.availableReplicas ?? 0) === wantedReplicas(deployment) &&
  (status.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 0)

/** Seconds without progress after which a rollout counts as failed; undefined: never. */
export const progressDeadline = ({ spec }: Deployment): number | undefined =>
  spec.progressDeadlineSeconds === noLimit ? undefined : spec.progressDeadlineSeconds
/** How many old replica sets are kept; undefined: all. */
export const historyLimit = ({ spec }: Deployment): number | undefined =>
  spec.revisionHistoryLimit === noLimit ? undefined : spec.revisionHistoryLimit

/** By how many pods a rolling update may exceed the wanted number, and fall short of it. */
export function rollingLimits(deployment: Deployment): { maxSurge: number; maxUnavailable: number } {
  if (!isRolling(deployment)) return { maxSurge: 0, maxUnavailable: 0 }
  const wanted = wantedReplicas(deployment)
  const { maxSurge: surge = 0, maxUnavailable: unavailable = 0 } = deployment.spec.strategy?.rollingUpdate ?? {}
  const maxSurge = scaledValue(surge, wanted, 'up')
  let maxUnavailable = scaledValue(unavailable, wanted, 'down')
  // Both may be rounded to nothing, and then nothing could ever move.
  if (maxSurge === 0 && maxUnavailable === 0) maxUnavailable = 1
  return { maxSurge, maxUnavailable: Math.min(maxUnavailable, wanted) }
}

/** The number of a revision; 0 for none, undefined for text that is no number. */
export function revisionOf({ metadata }: KubernetesObject): number | undefined {
  const text = metadata.annotations?.[revisionAnnotation]
  if (text === undefined) return 0
  return /^[+-]?\d+$/.test(text) ? Number(text) : undefined
}

export const creationTime = ({ metadata }: KubernetesObject): string => String(metadata['creationTimestamp'] ?? '')

/** Older first, then by name. */
export const byAge = (first: KubernetesObject, second: KubernetesObject): number =>
  creationTime(first).localeCompare(creationTime(second)) || (first.metadata.name < second.metadata.name ? -1 : 1)
