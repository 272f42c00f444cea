/**
 * A change of a deployment's size outside of a rollout: the only active replica set follows, or several share the difference.
 *
 * (pkg/controller/deployment/sync.go, scale)
 */
import type { World } from '../controller.ts'
import type { ReplicaSet } from '../replica-sets.ts'
import {
  byAge,
  type Deployment,
  desiredReplicasAnnotation,
  isRolling,
  maxReplicasAnnotation,
  rollingLimits,
  sizeOf,
  wantedReplicas,
} from './deployment.ts'
import { resize, total } from './replica-sets.ts'

/** Whether a replica set was sized for another number of replicas than is wanted now. */
export function isScaling(deployment: Deployment, all: readonly ReplicaSet[]): boolean {
  return all.some((replicaSet) => {
    const desired = annotatedNumber(replicaSet, desiredReplicasAnnotation)
    return sizeOf(replicaSet) > 0 && desired !== undefined && desired !== wantedReplicas(deployment)
  })
}

export function scale(world: World, deployment: Deployment, current: ReplicaSet | undefined, old: readonly ReplicaSet[]): void {
  const wanted = wantedReplicas(deployment)
  const active = [...old, ...(current ? [current] : [])].filter((replicaSet) => sizeOf(replicaSet) > 0)
  const newest = current ?? [...old].sort(byAge).at(-1)
  if (!newest) return
  if (active.length <= 1) {
    const only = active[0] ?? newest
    if (sizeOf(only) !== wanted) resize(world, deployment, only, wanted)
    return
  }
  if (current && isSaturated(deployment, current)) {
    for (const replicaSet of active) if (replicaSet !== current) resize(world, deployment, replicaSet, 0)
    return
  }
  if (isRolling(deployment)) scaleInProportion(world, deployment, active)
}

function isSaturated(deployment: Deployment, current: ReplicaSet): boolean {
  const wanted = wantedReplicas(deployment)
  return (
    sizeOf(current) === wanted &&
    annotatedNumber(current, desiredReplicasAnnotation) === wanted &&
    (current.status?.availableReplicas ?? 0) === wanted
  )
}

function scaleInProportion(world: World, deployment: Deployment, active: readonly ReplicaSet[]): void {
  const wanted = wantedReplicas(deployment)
  const { maxSurge } = rollingLimits(deployment)
  const difference = (wanted > 0 ? wanted + maxSurge : 0) - total(active)
  // The larger ones first; of equal ones the newer when growing, the older when shrinking.
  const sorted = [...active].sort((a, b) => sizeOf(b) - sizeOf(a) || (difference > 0 ? byAge(b, a) : byAge(a, b)))
  let rest = difference
  const sizes = sorted.map((replicaSet) => {
    const share = difference === 0 || rest === 0 ? 0 : shareOf(deployment, replicaSet, wanted + maxSurge)
    const added = difference > 0 ? Math.min(share, rest) : Math.max(share, rest)
    rest -= added
    return sizeOf(replicaSet) + added
  })
  sizes[0] = Math.max(0, (sizes[0] ?? 0) + rest)
  sorted.forEach((replicaSet, at) => void resize(world, deployment, replicaSet, sizes[at] ?? 0))
}

function shareOf(deployment: Deployment, replicaSet: ReplicaSet, most: number): number {
  const size = sizeOf(replicaSet)
  if (wantedReplicas(deployment) === 0) return -size
  const before = annotatedNumber(replicaSet, maxReplicasAnnotation) || (deployment.status?.replicas ?? 0)
  return before === 0 ? 0 : Math.round((size * most) / before) - size
}

function annotatedNumber({ metadata }: ReplicaSet, annotation: string): number | undefined {
  const text = metadata.annotations?.[annotation]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}
