/** What a job's `podFailurePolicy` says of a pod that failed. (pkg/controller/job/pod_failure_policy.go) */
import type { FailurePolicyRule } from '../../kinds/workloads/shapes.ts'
import type { ContainerStatus } from '../../programs/container.ts'
import { isFinished, isTerminating, type Pod } from '../pods.ts'
import type { Job } from './job.ts'

/** Whether the pod's failure counts, and why the whole job fails with it. */
export interface Match {
  readonly action: 'Count' | 'Ignore' | 'FailIndex' | 'FailJob'
  readonly message: string
}

/** Whether pods are replaced only once they have failed, not while they end. */
export const replacesFailedOnly = ({ spec }: Job): boolean => spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined

/** A pod that ends counts as failed, unless it is waited for how it does. */
export const hasFailed = (job: Job, pod: Pod): boolean =>
  pod.status?.phase === 'Failed' || (isTerminating(pod) && !isFinished(pod) && !replacesFailedOnly(job))

/** The first rule that fits; undefined where none does. */
export function matchFailurePolicy({ spec }: Job, pod: Pod): Match | undefined {
  for (const [index, rule] of (spec.podFailurePolicy?.rules ?? []).entries()) {
    const what = rule.onExitCodes ? exitCode(rule.onExitCodes, pod) : podCondition(rule.onPodConditions ?? [], pod)
    if (what === undefined) continue
    const action = rule.action as Match['action']
    return { action, message: `${what} matching ${action} rule at index ${index}` }
  }
  return undefined
}

function exitCode({ containerName, operator, values = [] }: NonNullable<FailurePolicyRule['onExitCodes']>, pod: Pod): string | undefined {
  const lists = [pod.status?.['containerStatuses'], pod.status?.['initContainerStatuses']] as (readonly ContainerStatus[] | undefined)[]
  for (const { name, state } of lists.flatMap((list) => list ?? [])) {
    const code = state?.terminated?.exitCode ?? 0
    if (code === 0 || (containerName !== undefined && containerName !== name)) continue
    if (values.includes(code) === (operator === 'In')) return `Container ${name} for pod ${nameOf(pod)} failed with exit code ${code}`
  }
  return undefined
}

function podCondition(patterns: NonNullable<FailurePolicyRule['onPodConditions']>, pod: Pod): string | undefined {
  for (const { type, status = 'True' } of patterns) {
    const found = pod.status?.conditions?.find((condition) => condition.type === type && condition.status === status)
    if (found) return `Pod ${nameOf(pod)} has condition ${found.type}`
  }
  return undefined
}

const nameOf = ({ metadata }: Pod): string => `${metadata.namespace ?? ''}/${metadata.name}`
