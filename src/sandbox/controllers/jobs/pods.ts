/** The pods of a job: made with the finalizer that keeps them until they are counted. (pkg/controller/job/job_controller.go) */
import { ApiError } from '../../status/api-error.ts'
import type { World } from '../controller.ts'
import { type Container, type Pod, podFromTemplate } from '../pods.ts'
import { endPod } from '../replica-sets.ts'
import { indexFailuresKey, indexIgnoredFailuresKey, indexKey, type Job, trackingFinalizer } from './job.ts'

export const isTracked = ({ metadata }: Pod): boolean => metadata.finalizers?.includes(trackingFinalizer) ?? false

/** How often an index of a job has failed: what counts, and what the job's policy ignores. */
export interface IndexFailures {
  readonly counted: number
  readonly ignored: number
}

/** @param index The completion index of an indexed job. @param failures Those of the index, where they are limited. */
export function jobPod(job: Job, index: number | undefined, failures: IndexFailures | undefined): Pod {
  const pod = podFromTemplate(job.spec.template, job, index === undefined ? undefined : `${job.metadata.name}-${index}-`)
  const finalizers = [...(pod.metadata.finalizers ?? []), trackingFinalizer]
  if (index === undefined) return { ...pod, metadata: { ...pod.metadata, finalizers } }
  const own = {
    [indexKey]: String(index),
    ...(failures && { [indexFailuresKey]: String(failures.counted) }),
    ...(failures?.ignored && { [indexIgnoredFailuresKey]: String(failures.ignored) }),
  }
  const { containers, initContainers } = pod.spec
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      finalizers,
      labels: { ...pod.metadata.labels, [indexKey]: String(index) },
      annotations: { ...pod.metadata.annotations, ...own },
    },
    spec: {
      ...pod.spec,
      hostname: `${job.metadata.name}-${index}`,
      containers: containers.map(withIndex),
      ...(initContainers ? { initContainers: initContainers.map(withIndex) } : {}),
    },
  }
}

function withIndex(container: Container): Container {
  const env = (container['env'] ?? []) as readonly { name: string }[]
  if (env.some(({ name }) => name === 'JOB_COMPLETION_INDEX')) return container
  const valueFrom = { fieldRef: { apiVersion: 'v1', fieldPath: `metadata.labels['${indexKey}']` } }
  return { ...container, env: [...env, { name: 'JOB_COMPLETION_INDEX', valueFrom }] }
}

/** Takes the finalizer away; a pod that is gone is no error. */
export function release(world: World, pod: Pod): void {
  const { namespace = '', name } = pod.metadata
  const fresh = world.get('/pods', namespace, name) as Pod | undefined
  if (!fresh || fresh.metadata.uid !== pod.metadata.uid || !isTracked(fresh)) return
  const { finalizers = [], ...metadata } = fresh.metadata
  const rest = finalizers.filter((finalizer) => finalizer !== trackingFinalizer)
  try {
    world.update('/pods', { ...fresh, metadata: rest.length > 0 ? { ...metadata, finalizers: rest } : metadata })
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 404)) throw error
  }
}

/** Ends a pod that is not to be counted any more. */
export function discard(world: World, pod: Pod): void {
  release(world, pod)
  endPod(pod, world)
}
