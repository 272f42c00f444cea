/**
 * Jobs: pods that run to their end, until enough have succeeded or too many have failed.
 *
 * A finished pod is counted once and then let go of its finalizer; both happen in one pass, so that nothing is ever left in
 * `uncountedTerminatedPods`. After a failure the next pod waits 10 s, then twice as long each time. Not looked at: `podFailurePolicy` and
 * `successPolicy`. (pkg/controller/job)
 */
import { type Condition, conditionOf, setCondition } from '../conditions.ts'
import { type Controller, timestamp, type World } from '../controller.ts'
import { claim, ControllerIndex, isControlledBy, keyOfController, splitKey } from '../ownership.ts'
import { isActive, isFinished, isReady, isTerminating, type Pod } from '../pods.ts'
import { countOrNothing, writeStatus } from '../status-writer.ts'
import { endOf, formatIndexes, indexOf, isIndexed, type Job, type JobStatus, parseIndexes } from './job.ts'
import { discard, isTracked, jobPod, release } from './pods.ts'

const storage = 'batch/jobs'
const firstPause = 10_000
const longestPause = 600_000

interface Failures {
  readonly count: number
  /** Milliseconds since the epoch. */
  readonly last: number
}

export function jobs(): Controller {
  const pods = new ControllerIndex()
  const failures = new Map<string, Failures>()
  /** Pods that are kept for a job, by the key of the job: they are let go when it is gone. */
  const kept = new Map<string, Map<string, Pod>>()
  return {
    name: 'job',
    watches: [storage, '/pods'],
    keys(change) {
      const { object, previous } = change
      if (change.storage === storage) {
        if (change.type === 'DELETED') failures.delete(object.metadata.uid ?? '')
        return [`${object.metadata.namespace ?? ''}/${object.metadata.name}`]
      }
      pods.observe(change)
      const keys = [...keyOfController(object, 'batch', 'Job'), ...(previous ? keyOfController(previous, 'batch', 'Job') : [])]
      for (const key of keys) {
        const known = kept.get(key) ?? new Map<string, Pod>()
        kept.set(key, known)
        if (change.type !== 'DELETED' && isTracked(object as Pod)) known.set(object.metadata.name, object as Pod)
        else known.delete(object.metadata.name)
        if (known.size === 0) kept.delete(key)
      }
      return keys
    },
    reconcile(key, world) {
      const job = world.get(storage, ...splitKey(key)) as Job | undefined
      for (const pod of [...(kept.get(key)?.values() ?? [])]) if (!job || !isControlledBy(pod, job)) release(world, pod)
      if (!job || (job.spec.managedBy !== undefined && job.spec.managedBy !== 'kubernetes.io/job-controller')) return undefined
      return sync(world, job, claim(world, '/pods', pods, job, job.spec.selector) as Pod[], failures)
    },
  }
}

interface Count {
  readonly succeeded: number
  readonly failed: number
  readonly completedIndexes: Set<number>
  readonly failedIndexes: Set<number>
}

function sync(world: World, job: Job, pods: readonly Pod[], failures: Map<string, Failures>): number | undefined {
  const now = world.now()
  if (endOf(job) || isTerminating(job)) {
    for (const pod of pods) if (isFinished(pod) || isTerminating(pod) || isTerminating(job)) release(world, pod)
    return undefined
  }
  const counted = pods.filter(
    (pod) => isTracked(pod) && (isFinished(pod) || (isTerminating(pod) && job.spec.podReplacementPolicy !== 'Failed')),
  )
  const count = countOf(job, counted)
  remember(failures, job, counted, now)
  const active = pods.filter(isActive)
  const suspended = job.spec.suspend === true
  const startTime = suspended ? undefined : (resumedAt(job, now) ?? job.status?.startTime ?? timestamp(now))
  const failure = suspended ? undefined : failureOf(job, count, startTime, now)
  const done = !failure && !suspended && isComplete(job, count, active.length)

  let ended = 0
  let pause: number | undefined
  let created: readonly Pod[] = []
  let refused: Error | undefined
  if (failure || done || suspended) {
    for (const pod of active) discard(world, pod)
    ended = active.length
  } else ({ created, ended, pause, refused } = manage(world, job, pods, active, count, failures))

  const left = active.length - ended + created.length
  const terminating = pods.filter((pod) => isTerminating(pod) && !isFinished(pod) && !isTracked(pod)).length
  const status: JobStatus = {
    active: countOrNothing(left),
    succeeded: countOrNothing(count.succeeded),
    failed: countOrNothing(count.failed + (failure ? ended : 0)),
    ready: failure || done || suspended ? 0 : active.filter(isReady).length,
    terminating,
    startTime,
    completionTime: done ? timestamp(now) : undefined,
    completedIndexes: formatIndexes(count.completedIndexes) || undefined,
    failedIndexes: job.spec.backoffLimitPerIndex === undefined ? undefined : formatIndexes(count.failedIndexes),
    uncountedTerminatedPods: {},
    conditions: conditionsOf(job, { failure, done, suspended }, now),
  }
  writeStatus(world, storage, job, status)
  for (const pod of counted) release(world, pod)
  // The status tells where the job stands, and the pass is tried again.
  if (refused) throw refused
  return soonest(pause, deadlineIn(job, startTime, now))
}

function countOf(job: Job, counted: readonly Pod[]): Count {
  const succeeded = counted.filter(({ status }) => status?.phase === 'Succeeded')
  const failed = counted.filter((pod) => !succeeded.includes(pod))
  const total = job.spec.completions ?? Infinity
  const completedIndexes = parseIndexes(job.status?.completedIndexes)
  const failedIndexes = parseIndexes(job.status?.failedIndexes)
  if (isIndexed(job)) {
    for (const pod of succeeded) if ((indexOf(pod) ?? Infinity) < total) completedIndexes.add(indexOf(pod) as number)
    for (const pod of failed) if (isOutOfTries(job, pod)) failedIndexes.add(indexOf(pod) as number)
  }
  return {
    succeeded: isIndexed(job) ? completedIndexes.size : (job.status?.succeeded ?? 0) + succeeded.length,
    failed: (job.status?.failed ?? 0) + failed.length,
    completedIndexes,
    failedIndexes,
  }
}

function isOutOfTries({ spec }: Job, pod: Pod): boolean {
  if (spec.backoffLimitPerIndex === undefined || indexOf(pod) === undefined) return false
  return failuresOfIndex(pod) >= spec.backoffLimitPerIndex
}

const failuresOfIndex = ({ metadata }: Pod): number => Number(metadata.annotations?.['batch.kubernetes.io/job-index-failure-count'] ?? 0)

/** Failures in a row make the next try wait; a success ends the row. */
function remember(failures: Map<string, Failures>, { metadata }: Job, counted: readonly Pod[], now: number): void {
  const uid = metadata.uid ?? ''
  if (counted.some(({ status }) => status?.phase === 'Succeeded')) failures.delete(uid)
  const failed = counted.filter(({ status }) => status?.phase === 'Failed').length
  if (failed > 0) failures.set(uid, { count: (failures.get(uid)?.count ?? 0) + failed, last: now })
}

function failureOf(
  { spec }: Job,
  count: Count,
  startTime: string | undefined,
  now: number,
): { reason: string; message: string } | undefined {
  const limit = spec.backoffLimit ?? 6
  if (count.failed > limit) return { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' }
  if (
    spec.activeDeadlineSeconds !== undefined &&
    startTime !== undefined &&
    now - Date.parse(startTime) >= spec.activeDeadlineSeconds * 1000
  ) {
    return { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' }
  }
  if (spec.backoffLimitPerIndex === undefined) return undefined
  if (spec.maxFailedIndexes !== undefined && count.failedIndexes.size > spec.maxFailedIndexes) {
    return { reason: 'MaxFailedIndexesExceeded', message: 'Job has exceeded the specified maximal number of failed indexes' }
  }
  const finished = new Set([...count.completedIndexes, ...count.failedIndexes]).size
  if (count.failedIndexes.size === 0 || finished < (spec.completions ?? 1)) return undefined
  return { reason: 'FailedIndexes', message: 'Job has failed indexes' }
}

const isComplete = ({ spec }: Job, { succeeded }: Count, active: number): boolean =>
  spec.completions === undefined ? succeeded > 0 && active === 0 : succeeded >= spec.completions

/** Creates and ends pods so that as many are at work as there is work for. */
interface Managed {
  readonly created: readonly Pod[]
  /** How many pods were ended. */
  readonly ended: number
  /** Milliseconds until the next pods may be made. */
  readonly pause: number | undefined
  /** Why no more pods could be made: a quota, for one. */
  readonly refused: Error | undefined
}

const nothingDone: Managed = { created: [], ended: 0, pause: undefined, refused: undefined }

function manage(
  world: World,
  job: Job,
  pods: readonly Pod[],
  active: readonly Pod[],
  count: Count,
  failures: ReadonlyMap<string, Failures>,
): Managed {
  const { parallelism = 1, completions, podReplacementPolicy } = job.spec
  const ending = podReplacementPolicy === 'Failed' ? pods.filter((pod) => isTerminating(pod) && !isFinished(pod)).length : 0
  const work =
    completions === undefined
      ? count.succeeded > 0
        ? active.length
        : parallelism
      : completions - count.succeeded - count.failedIndexes.size
  const wanted = Math.max(0, Math.min(parallelism, work))
  if (active.length > wanted) {
    const surplus = [...active].reverse().slice(0, active.length - wanted)
    for (const pod of surplus) discard(world, pod)
    return { ...nothingDone, ended: surplus.length }
  }
  const missing = wanted - active.length - ending
  if (missing <= 0) return nothingDone
  const row = failures.get(job.metadata.uid ?? '')
  const pause = row ? row.last + Math.min(firstPause * 2 ** (row.count - 1), longestPause) - world.now() : 0
  if (pause > 0) return { ...nothingDone, pause }
  const created: Pod[] = []
  for (const index of isIndexed(job) ? freeIndexes(job, active, count, missing) : new Array<undefined>(missing).fill(undefined)) {
    try {
      created.push(world.create('/pods', jobPod(job, index, failedBefore(job, pods, index))) as Pod)
    } catch (error) {
      return { ...nothingDone, created, refused: error as Error }
    }
  }
  return { ...nothingDone, created }
}

function freeIndexes({ spec }: Job, active: readonly Pod[], count: Count, most: number): number[] {
  const taken = new Set([...active.map(indexOf), ...count.completedIndexes, ...count.failedIndexes])
  const free: number[] = []
  for (let index = 0; index < (spec.completions ?? 0) && free.length < most; index++) if (!taken.has(index)) free.push(index)
  return free
}

function failedBefore({ spec }: Job, pods: readonly Pod[], index: number | undefined): number | undefined {
  if (spec.backoffLimitPerIndex === undefined || index === undefined) return undefined
  const failed = pods.filter((pod) => indexOf(pod) === index && pod.status?.phase === 'Failed')
  return failed.length === 0 ? 0 : Math.max(...failed.map(failuresOfIndex)) + 1
}

interface Verdict {
  readonly failure: { readonly reason: string; readonly message: string } | undefined
  readonly done: boolean
  readonly suspended: boolean
}

function conditionsOf(job: Job, { failure, done, suspended }: Verdict, now: number): readonly Condition[] | undefined {
  const time = timestamp(now)
  let conditions = job.status?.conditions
  const tell = (type: string, status: 'True' | 'False', reason: string, message: string): void => {
    conditions = setCondition(conditions, { lastProbeTime: time, lastTransitionTime: time, message, reason, status, type })
  }
  const isSuspended = conditionOf(conditions, 'Suspended')?.status === 'True'
  if (suspended && !isSuspended) tell('Suspended', 'True', 'JobSuspended', 'Job suspended')
  if (!suspended && isSuspended) tell('Suspended', 'False', 'JobResumed', 'Job resumed')
  if (failure) for (const type of ['FailureTarget', 'Failed']) tell(type, 'True', failure.reason, failure.message)
  if (done) {
    for (const type of ['SuccessCriteriaMet', 'Complete'])
      tell(type, 'True', 'CompletionsReached', 'Reached expected number of succeeded pods')
  }
  return conditions && conditions.length > 0 ? conditions : undefined
}

/** A job that goes on has started anew. */
const resumedAt = ({ status }: Job, now: number): string | undefined =>
  conditionOf(status?.conditions, 'Suspended')?.status === 'True' ? timestamp(now) : undefined

function deadlineIn({ spec }: Job, startTime: string | undefined, now: number): number | undefined {
  if (spec.activeDeadlineSeconds === undefined || startTime === undefined) return undefined
  const rest = Date.parse(startTime) + spec.activeDeadlineSeconds * 1000 - now
  return rest > 0 ? rest : undefined
}

function soonest(...delays: readonly (number | undefined)[]): number | undefined {
  const known = delays.filter((delay) => delay !== undefined)
  return known.length > 0 ? Math.min(...known) : undefined
}
