/**
 * Whether a job has come to its end, and why.
 *
 * The verdict is told at once, by `FailureTarget` or `SuccessCriteriaMet`; `Failed` or `Complete` follows when none of its pods is left that
 * still ends. (pkg/controller/job/job_controller.go, success_policy.go)
 */
import type { ContainerStatus } from '../../programs/container.ts'
import { conditionOf } from '../conditions.ts'
import type { Pod } from '../pods.ts'
import { hasFailed, matchFailurePolicy } from './failure-policy.ts'
import { isIndexed, type Job, parseIndexes } from './job.ts'

export interface Verdict {
  readonly type: 'FailureTarget' | 'SuccessCriteriaMet'
  readonly reason: string
  readonly message: string
}

/** What was counted so far, this pass included. */
export interface Count {
  readonly succeeded: number
  readonly failed: number
  readonly completedIndexes: ReadonlySet<number>
  readonly failedIndexes: ReadonlySet<number>
}

export const completionsReached: Verdict = {
  type: 'SuccessCriteriaMet',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
}

/** @param now milliseconds since the epoch */
export function verdictOf(job: Job, pods: readonly Pod[], count: Count, startTime: string | undefined, now: number): Verdict | undefined {
  const told = toldBefore(job)
  if (told) return told
  if (job.spec.suspend) return undefined
  const failure = failureOf(job, pods, count, startTime, now)
  return failure ? { type: 'FailureTarget', ...failure } : successByPolicy(job, count)
}

/** What an earlier pass has decided. */
export function toldBefore({ status }: Job): Verdict | undefined {
  for (const type of ['SuccessCriteriaMet', 'FailureTarget'] as const) {
    const condition = conditionOf(status?.conditions, type)
    if (condition?.status === 'True') return { type, reason: condition.reason ?? '', message: condition.message ?? '' }
  }
  return undefined
}

function failureOf(
  job: Job,
  pods: readonly Pod[],
  count: Count,
  startTime: string | undefined,
  now: number,
): Pick<Verdict, 'reason' | 'message'> | undefined {
  const { spec } = job
  const fatal = pods
    .filter((pod) => hasFailed(job, pod))
    .map((pod) => matchFailurePolicy(job, pod))
    .find((match) => match?.action === 'FailJob')
  if (fatal) return { reason: 'PodFailurePolicy', message: fatal.message }
  const limit = spec.backoffLimit ?? 6
  if (count.failed > limit || (spec.template.spec.restartPolicy === 'OnFailure' && restartsOf(pods) >= Math.max(1, limit)))
    return { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
  if (
    spec.activeDeadlineSeconds !== undefined &&
    startTime !== undefined &&
    now - Date.parse(startTime) >= spec.activeDeadlineSeconds * 1000
  )
    return { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
  if (spec.backoffLimitPerIndex === undefined) return undefined
  if (spec.maxFailedIndexes !== undefined && count.failedIndexes.size > spec.maxFailedIndexes)
    return { reason: 'MaxFailedIndexesExceeded', message: 'Job has exceeded the specified maximal number of failed indexes' }
  const finished = new Set([...count.completedIndexes, ...count.failedIndexes]).size
  if (count.failedIndexes.size === 0 || finished < (spec.completions ?? 1)) return undefined
  return { reason: 'FailedIndexes', message: 'Job has failed indexes' }
}

/** How often containers of pods that go on were started again. */
function restartsOf(pods: readonly Pod[]): number {
  const statuses = pods
    .filter(({ status }) => status?.phase === 'Running' || status?.phase === 'Pending')
    .flatMap(
      ({ status }) => [status?.['initContainerStatuses'], status?.['containerStatuses']] as (readonly ContainerStatus[] | undefined)[],
    )
  return statuses.flatMap((list) => list ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0)
}

function successByPolicy(job: Job, { completedIndexes }: Count): Verdict | undefined {
  if (!isIndexed(job)) return undefined
  for (const [index, { succeededIndexes, succeededCount }] of (job.spec.successPolicy?.rules ?? []).entries()) {
    const wanted = succeededIndexes === undefined ? completedIndexes : parseIndexes(succeededIndexes)
    const met = [...wanted].filter((each) => completedIndexes.has(each)).length
    if (met >= (succeededCount ?? wanted.size))
      return { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message: `Matched rules at index ${index}` }
  }
  return undefined
}
