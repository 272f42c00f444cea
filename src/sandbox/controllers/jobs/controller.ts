/**
 * Jobs: pods that run to their end, until enough have succeeded or too many have failed.
 *
 * A finished pod is counted once and then let go of its finalizer; both happen in one pass, so that nothing is ever left in
 * `uncountedTerminatedPods`. After a failure the next pod waits 10 s, then twice as long each time. (pkg/controller/job)
 */
import { type Condition, conditionOf, setCondition } from '../conditions.ts'
import { type Controller, timestamp, type World } from '../controller.ts'
import { claim, ControllerIndex, isControlledBy, keyOfController, splitKey } from '../ownership.ts'
import { isActive, isFinished, isReady, isTerminating, type Pod } from '../pods.ts'
import { countOrNothing, writeStatus } from '../status-writer.ts'
import { hasFailed, matchFailurePolicy, replacesFailedOnly } from './failure-policy.ts'
import {
  endOf,
  formatIndexes,
  indexFailuresKey,
  indexIgnoredFailuresKey,
  indexOf,
  isIndexed,
  type Job,
  type JobStatus,
  parseIndexes,
} from './job.ts'
import { discard, type IndexFailures, isTracked, jobPod, release } from './pods.ts'
import { completionsReached, type Count, toldBefore, type Verdict, verdictOf } from './verdict.ts'

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

function sync(world: World, job: Job, pods: readonly Pod[], failures: Map<string, Failures>): number | undefined {
  const now = world.now()
  if (endOf(job) || isTerminating(job)) {
    for (const pod of pods) if (isFinished(pod) || isTerminating(pod) || isTerminating(job)) release(world, pod)
    return undefined
  }
  const counted = pods.filter((pod) => isTracked(pod) && (isFinished(pod) || hasFailed(job, pod)))
  const count = countOf(job, counted)
  remember(failures, job, counted, now)
  const active = pods.filter(isActive)
  // What has come to its end is not suspended any more.
  const suspended = job.spec.suspend === true && !toldBefore(job)
  const startTime = suspended ? undefined : (resumedAt(job, now) ?? job.status?.startTime ?? timestamp(now))
  const verdict =
    verdictOf(job, pods, count, startTime, now) ?? (!suspended && isComplete(job, count, active.length) ? completionsReached : undefined)
  const isOver = verdict !== undefined
  // Whatever has not ended when the job has failed has failed with it.
  const dropped = isOver ? pods.filter((pod) => isTracked(pod) && !counted.includes(pod)) : []
  const lost = verdict?.type === 'FailureTarget' ? dropped.filter((pod) => countsAsFailed(job, pod)).length : 0

  let ended = 0
  let pause: number | undefined
  let created: readonly Pod[] = []
  let refused: Error | undefined
  if (isOver || suspended) {
    for (const pod of active) discard(world, pod)
    ended = active.length
  } else ({ created, ended, pause, refused } = manage(world, job, pods, active, count, failures))

  const left = active.length - ended + created.length
  const terminating = pods.filter((pod) => isTerminating(pod) && !isFinished(pod)).length + ended
  const conditions = conditionsOf(job, verdict, terminating === 0, suspended, now)
  const status: JobStatus = {
    active: countOrNothing(left),
    succeeded: countOrNothing(count.succeeded),
    failed: countOrNothing(count.failed + lost),
    ready: isOver || suspended ? 0 : active.filter(isReady).length,
    terminating,
    startTime,
    completionTime: conditionOf(conditions, 'Complete')?.lastTransitionTime ?? undefined,
    completedIndexes: formatIndexes(count.completedIndexes) || undefined,
    failedIndexes: job.spec.backoffLimitPerIndex === undefined ? undefined : formatIndexes(count.failedIndexes),
    uncountedTerminatedPods: {},
    conditions,
  }
  writeStatus(world, storage, job, status)
  for (const pod of [...counted, ...dropped]) release(world, pod)
  // The status tells where the job stands, and the pass is tried again.
  if (refused) throw refused
  return isOver ? undefined : soonest(pause, deadlineIn(job, startTime, now))
}

function countOf(job: Job, counted: readonly Pod[]): Count {
  const succeeded = counted.filter(({ status }) => status?.phase === 'Succeeded')
  const failed = counted.filter((pod) => !succeeded.includes(pod) && countsAsFailed(job, pod))
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

const countsAsFailed = (job: Job, pod: Pod): boolean => matchFailurePolicy(job, pod)?.action !== 'Ignore'

function isOutOfTries(job: Job, pod: Pod): boolean {
  const { backoffLimitPerIndex } = job.spec
  if (backoffLimitPerIndex === undefined || indexOf(pod) === undefined) return false
  return failuresOfIndex(pod) >= backoffLimitPerIndex || matchFailurePolicy(job, pod)?.action === 'FailIndex'
}

const numberAt = ({ metadata }: Pod, annotation: string): number => Number(metadata.annotations?.[annotation] ?? 0)
const failuresOfIndex = (pod: Pod): number => numberAt(pod, indexFailuresKey)

/** Failures in a row make the next try wait; a success ends the row. */
function remember(failures: Map<string, Failures>, { metadata }: Job, counted: readonly Pod[], now: number): void {
  const uid = metadata.uid ?? ''
  if (counted.some(({ status }) => status?.phase === 'Succeeded')) failures.delete(uid)
  const failed = counted.filter(({ status }) => status?.phase === 'Failed').length
  if (failed > 0) failures.set(uid, { count: (failures.get(uid)?.count ?? 0) + failed, last: now })
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
  const { parallelism = 1, completions } = job.spec
  const ending = replacesFailedOnly(job) ? pods.filter((pod) => isTerminating(pod) && !isFinished(pod)).length : 0
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

/** How often the index has failed before; undefined where that is not limited. */
function failedBefore(job: Job, pods: readonly Pod[], index: number | undefined): IndexFailures | undefined {
  if (job.spec.backoffLimitPerIndex === undefined || index === undefined) return undefined
  const tries = (pod: Pod): number => failuresOfIndex(pod) + numberAt(pod, indexIgnoredFailuresKey)
  const [last] = pods.filter((pod) => indexOf(pod) === index && hasFailed(job, pod)).toSorted((one, other) => tries(other) - tries(one))
  if (!last) return { counted: 0, ignored: 0 }
  const counts = countsAsFailed(job, last)
  return { counted: failuresOfIndex(last) + Number(counts), ignored: numberAt(last, indexIgnoredFailuresKey) + Number(!counts) }
}

function conditionsOf(
  job: Job,
  verdict: Verdict | undefined,
  isQuiet: boolean,
  suspended: boolean,
  now: number,
): readonly Condition[] | undefined {
  const time = timestamp(now)
  let conditions = job.status?.conditions
  const tell = (type: string, status: 'True' | 'False', reason: string, message: string): void => {
    conditions = setCondition(conditions, { lastProbeTime: time, lastTransitionTime: time, message, reason, status, type })
  }
  if (verdict) {
    const { type, reason, message } = verdict
    if (conditionOf(conditions, type)?.status !== 'True') tell(type, 'True', reason, message)
    if (isQuiet) tell(type === 'FailureTarget' ? 'Failed' : 'Complete', 'True', reason, message)
  } else if (suspended !== (conditionOf(conditions, 'Suspended')?.status === 'True')) {
    if (suspended) tell('Suspended', 'True', 'JobSuspended', 'Job suspended')
    else if (conditionOf(conditions, 'Suspended')) tell('Suspended', 'False', 'JobResumed', 'Job resumed')
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
