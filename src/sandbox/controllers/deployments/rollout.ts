/**
 * From the old template to the new one: step by step, or all old pods first.
 *
 * Each call makes one step and answers the replica sets as they are then; the change that a step makes calls again.
 * (pkg/controller/deployment/rolling.go and recreate.go)
 */
import type { World } from '../controller.ts'
import type { ReplicaSet } from '../replica-sets.ts'
import { byAge, type Deployment, rollingLimits, sizeOf, wantedReplicas } from './deployment.ts'
import { available, resize, sizeOfNew, total } from './replica-sets.ts'

export interface Sets {
  readonly current: ReplicaSet
  readonly old: readonly ReplicaSet[]
}

/** Grows the new one as far as the surge allows, or else shrinks old ones as far as availability allows. `moved`: a size was written. */
export function rollingStep(world: World, deployment: Deployment, { current, old }: Sets): Sets & { moved: boolean } {
  const wanted = wantedReplicas(deployment)
  const size = sizeOf(current) > wanted ? wanted : sizeOfNew(deployment, [...old, current], current)
  if (sizeOf(current) !== wanted && size !== sizeOf(current)) {
    return { current: resize(world, deployment, current, size), old, moved: true }
  }
  const shrunk = shrinkOld(world, deployment, current, old)
  return { current, old: shrunk, moved: total(shrunk) !== total(old) }
}

function shrinkOld(world: World, deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const active = old.filter((replicaSet) => sizeOf(replicaSet) > 0)
  if (active.length === 0) return old
  const least = wantedReplicas(deployment) - rollingLimits(deployment).maxUnavailable
  const unavailable = sizeOf(current) - (current.status?.availableReplicas ?? 0)
  let spare = total([...old, current]) - least - unavailable
  if (spare <= 0) return old

  const sizes = new Map(active.map((replicaSet) => [replicaSet, sizeOf(replicaSet)]))
  const shrink = (replicaSet: ReplicaSet, by: number): void => void sizes.set(replicaSet, (sizes.get(replicaSet) ?? 0) - by)
  const oldest = [...active].sort(byAge)
  // Pods that are not available are missed by nobody.
  for (const replicaSet of oldest) {
    const idle = Math.min(spare, sizeOf(replicaSet) - (replicaSet.status?.availableReplicas ?? 0))
    if (idle <= 0) continue
    shrink(replicaSet, idle)
    spare -= idle
  }
  let dispensable = available([...active, current]) - least
  for (const replicaSet of oldest) {
    const by = Math.min(sizes.get(replicaSet) ?? 0, dispensable)
    if (by <= 0) continue
    shrink(replicaSet, by)
    dispensable -= by
  }
  return old.map((replicaSet) => {
    const size = sizes.get(replicaSet)
    return size === undefined || size === sizeOf(replicaSet) ? replicaSet : resize(world, deployment, replicaSet, size)
  })
}

/** Shrinks all old ones to nothing. */
export function endOld(world: World, deployment: Deployment, old: readonly ReplicaSet[]): readonly ReplicaSet[] {
  return old.map((replicaSet) => (sizeOf(replicaSet) === 0 ? replicaSet : resize(world, deployment, replicaSet, 0)))
}
