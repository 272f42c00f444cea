/** Jobs as their controller sees them: shape, indexes, and how a job has ended. (pkg/controller/job, indexed_job_utils.go) */
import type { KubernetesObject } from '../../../api/object.ts'
import type { LabelSelector } from '../../../api/selectors.ts'
import type { JobSpec } from '../../kinds/workloads/shapes.ts'
import { type Condition, conditionOf } from '../conditions.ts'
import type { Pod, PodTemplate } from '../pods.ts'

export const trackingFinalizer = 'batch.kubernetes.io/job-tracking'
export const indexKey = 'batch.kubernetes.io/job-completion-index'
export const indexFailuresKey = 'batch.kubernetes.io/job-index-failure-count'
export const indexIgnoredFailuresKey = 'batch.kubernetes.io/job-index-ignored-failure-count'

export interface JobStatus {
  readonly active?: number | undefined
  readonly succeeded?: number | undefined
  readonly failed?: number | undefined
  readonly ready?: number | undefined
  readonly terminating?: number | undefined
  readonly startTime?: string | undefined
  readonly completionTime?: string | undefined
  readonly completedIndexes?: string | undefined
  readonly failedIndexes?: string | undefined
  readonly uncountedTerminatedPods?: object | undefined
  readonly conditions?: readonly Condition[] | undefined
}

export interface Job extends KubernetesObject {
  spec: {
    parallelism?: number
    completions?: number
    completionMode?: 'NonIndexed' | 'Indexed'
    backoffLimit?: number
    backoffLimitPerIndex?: number
    maxFailedIndexes?: number
    activeDeadlineSeconds?: number
    ttlSecondsAfterFinished?: number
    suspend?: boolean
    managedBy?: string
    podReplacementPolicy?: 'TerminatingOrFailed' | 'Failed'
    podFailurePolicy?: JobSpec['podFailurePolicy']
    successPolicy?: JobSpec['successPolicy']
    selector?: LabelSelector
    template: PodTemplate
  }
  status?: JobStatus
}

export const isIndexed = ({ spec }: Job): boolean => spec.completionMode === 'Indexed'

/** The condition that ended the job, if one did. */
export const endOf = ({ status }: Job): Condition | undefined =>
  [conditionOf(status?.conditions, 'Complete'), conditionOf(status?.conditions, 'Failed')].find((condition) => condition?.status === 'True')

export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[indexKey]
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** `0,2-4` → 0, 2, 3, 4. */
export function parseIndexes(text: string | undefined): Set<number> {
  const indexes = new Set<number>()
  for (const part of (text ?? '').split(',').filter((one) => one !== '')) {
    const [first = 0, last = first] = part.split('-').map(Number)
    for (let index = first; index <= last; index++) indexes.add(index)
  }
  return indexes
}

/** 0, 2, 3, 4 → `0,2-4`; two neighbours are written as two. */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b)
  const parts: string[] = []
  for (let at = 0; at < sorted.length; ) {
    let end = at
    while (sorted[end + 1] === (sorted[end] as number) + 1) end++
    const [first, last] = [sorted[at] as number, sorted[end] as number]
    parts.push(first === last ? `${first}` : last === first + 1 ? `${first},${last}` : `${first}-${last}`)
    at = end + 1
  }
  return parts.join(',')
}
