/** What a deployment tells of itself: counts, availability and progress. (pkg/controller/deployment/progress.go and sync.go) */
import { conditionOf, replaceCondition, withoutCondition } from '../conditions.ts'
import { timestamp } from '../controller.ts'
import type { ReplicaSet } from '../replica-sets.ts'
import { countOrNothing } from '../status-writer.ts'
import {
  type Deployment,
  type DeploymentCondition,
  type DeploymentStatus,
  isComplete,
  progressDeadline,
  rollingLimits,
  wantedReplicas,
} from './deployment.ts'
import { available, total } from './replica-sets.ts'

type Conditions = readonly DeploymentCondition[] | undefined

export function condition(
  type: string,
  status: DeploymentCondition['status'],
  reason: string,
  message: string,
  now: number,
): DeploymentCondition {
  const time = timestamp(now)
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message }
}

/** The counts and the Available condition; the other conditions as they are. */
export function counted(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  now: number,
): DeploymentStatus {
  const all = current ? [...old, current] : old
  const sum = (count: (replicaSet: ReplicaSet) => number | undefined): number => all.reduce((result, one) => result + (count(one) ?? 0), 0)
  const availableReplicas = available(all)
  const enough = availableReplicas >= wantedReplicas(deployment) - rollingLimits(deployment).maxUnavailable
  const availability = enough
    ? condition('Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
    : condition('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.', now)
  const unreported = all.some(({ status }) => status?.observedGeneration && status.terminatingReplicas === undefined)
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: countOrNothing(sum(({ status }) => status?.replicas)),
    updatedReplicas: countOrNothing(current?.status?.replicas ?? 0),
    readyReplicas: countOrNothing(sum(({ status }) => status?.readyReplicas)),
    availableReplicas: countOrNothing(availableReplicas),
    unavailableReplicas: countOrNothing(Math.max(0, total(all) - availableReplicas)),
    terminatingReplicas: unreported ? undefined : sum(({ status }) => status?.terminatingReplicas),
    collisionCount: deployment.status?.collisionCount,
    conditions: replaceCondition(deployment.status?.conditions, availability),
  }
}

/** The status while a rollout may be going on: progress is made, was made, or has not been made for too long. */
export function withProgress(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  now: number,
): DeploymentStatus {
  const status = counted(deployment, current, old, now)
  const conditions = withFailure(progress(deployment, status, current, now), current, old)
  return { ...status, conditions }
}

function progress(deployment: Deployment, status: DeploymentStatus, current: ReplicaSet | undefined, now: number): Conditions {
  const deadline = progressDeadline(deployment)
  if (deadline === undefined) return withoutCondition(status.conditions, 'Progressing')
  const before = conditionOf(deployment.status?.conditions, 'Progressing')
  if ((status.replicas ?? 0) === (status.updatedReplicas ?? 0) && before?.reason === 'NewReplicaSetAvailable') return status.conditions
  const what = current ? `ReplicaSet "${current.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
  const progressing = (value: 'True' | 'False', reason: string, message: string): DeploymentCondition =>
    condition('Progressing', value, reason, `${what} ${message}`, now)
  if (isComplete(deployment, status)) {
    return replaceCondition(status.conditions, progressing('True', 'NewReplicaSetAvailable', 'has successfully progressed.'))
  }
  if (hasProgressed(deployment.status ?? {}, status)) {
    const next = progressing('True', 'ReplicaSetUpdated', 'is progressing.')
    const since = before?.status === 'True' ? before.lastTransitionTime : next.lastTransitionTime
    return [...withoutCondition(status.conditions, 'Progressing'), { ...next, lastTransitionTime: since ?? null }]
  }
  if (hasTimedOut(before, deadline, now)) {
    return replaceCondition(status.conditions, progressing('False', 'ProgressDeadlineExceeded', 'has timed out progressing.'))
  }
  return status.conditions
}

function hasProgressed(before: DeploymentStatus, after: DeploymentStatus): boolean {
  const outdated = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus): number => replicas - updatedReplicas
  return (
    (after.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) ||
    outdated(after) < outdated(before) ||
    (after.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (after.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

function hasTimedOut(progressing: DeploymentCondition | undefined, deadline: number, now: number): boolean {
  if (!progressing || progressing.reason === 'NewReplicaSetAvailable') return false
  return progressing.reason === 'ProgressDeadlineExceeded' || Date.parse(progressing.lastUpdateTime ?? '') + deadline * 1000 < now
}

function withFailure(conditions: Conditions, current: ReplicaSet | undefined, old: readonly ReplicaSet[]): Conditions {
  const failures = [...(current ? [current] : []), ...old].map(({ status }) => conditionOf(status?.conditions, 'ReplicaFailure'))
  const failure = failures.find((found) => found !== undefined)
  if (!failure) return withoutCondition(conditions, 'ReplicaFailure')
  return replaceCondition(conditions, { ...failure, lastUpdateTime: failure.lastTransitionTime ?? '' })
}

/** Milliseconds until a rollout that makes no progress has to be looked at again. */
export function nextProgressCheck(deployment: Deployment, now: number): number | undefined {
  const deadline = progressDeadline(deployment)
  const progressing = conditionOf(deployment.status?.conditions, 'Progressing')
  if (deadline === undefined || !progressing || deployment.spec.paused) return undefined
  if (isComplete(deployment, deployment.status) || progressing.reason === 'ProgressDeadlineExceeded') return undefined
  return Math.max(1000, Date.parse(progressing.lastUpdateTime ?? '') + (deadline + 1) * 1000 - now)
}
