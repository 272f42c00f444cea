/**
 * CronJobs: a job at each time of a schedule, by the sandbox's clock.
 *
 * Times are worked out in UTC where no time zone is asked for. After a gap only the last missed time is made up for. (pkg/controller/cronjob)
 */
import { Cron } from 'croner'
import { parseDuration } from '../../api/duration.ts'
import type { KubernetesObject, ObjectMeta } from '../../api/object.ts'
import { ApiError } from '../status/api-error.ts'
import { type Controller, timestamp, type World } from './controller.ts'
import { endOf, type Job } from './jobs/job.ts'
import { ControllerIndex, controllerReference, keyOfController, splitKey } from './ownership.ts'
import { isTerminating } from './pods.ts'
import { writeStatus } from './status-writer.ts'

const storage = 'batch/cronjobs'
const jobStorage = 'batch/jobs'
const scheduledAnnotation = 'batch.kubernetes.io/cronjob-scheduled-timestamp'

interface CronJob extends KubernetesObject {
  spec: {
    schedule: string
    timeZone?: string
    suspend?: boolean
    concurrencyPolicy?: 'Allow' | 'Forbid' | 'Replace'
    startingDeadlineSeconds?: number
    successfulJobsHistoryLimit?: number
    failedJobsHistoryLimit?: number
    jobTemplate: { metadata?: Partial<ObjectMeta>; spec: Job['spec'] }
  }
  status?: CronJobStatus
}

interface CronJobStatus {
  readonly active?: readonly JobReference[] | undefined
  readonly lastScheduleTime?: string | undefined
  readonly lastSuccessfulTime?: string | undefined
}

interface JobReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
  readonly resourceVersion: string
  readonly uid: string
}

export function cronJobs(): Controller {
  const jobs = new ControllerIndex()
  return {
    name: 'cronjob',
    watches: [storage, jobStorage],
    keys(change) {
      const { object } = change
      if (change.storage === storage) return [`${object.metadata.namespace ?? ''}/${object.metadata.name}`]
      jobs.observe(change)
      return keyOfController(object, 'batch', 'CronJob')
    },
    reconcile(key, world) {
      const cronJob = world.get(storage, ...splitKey(key)) as CronJob | undefined
      return cronJob && !isTerminating(cronJob) ? sync(world, cronJob, jobs.managedBy(cronJob.metadata.uid) as Job[]) : undefined
    },
  }
}

function sync(world: World, cronJob: CronJob, owned: readonly Job[]): number | undefined {
  cleanUp(world, cronJob, owned)
  let status = withJobs(cronJob, owned)
  const now = world.now()
  const next = nextTime(cronJob, now)
  const due = cronJob.spec.suspend ? undefined : lastMissed(cronJob, status, now)
  if (due !== undefined) status = start(world, cronJob, status, owned, due)
  writeStatus(world, storage, cronJob, status)
  return cronJob.spec.suspend || next === undefined ? undefined : next - now
}

/** Which jobs are at work, and when one last succeeded. */
function withJobs({ status = {} }: CronJob, owned: readonly Job[]): CronJobStatus {
  const active = (status.active ?? []).filter(({ uid }) => owned.some((job) => job.metadata.uid === uid && !endOf(job)))
  let lastSuccessfulTime = status.lastSuccessfulTime
  for (const job of owned) {
    const completed = endOf(job)?.type === 'Complete' ? job.status?.completionTime : undefined
    if (completed && (!lastSuccessfulTime || Date.parse(completed) > Date.parse(lastSuccessfulTime))) lastSuccessfulTime = completed
  }
  return { ...status, active: active.length > 0 ? active : undefined, lastSuccessfulTime }
}

function start(world: World, cronJob: CronJob, status: CronJobStatus, owned: readonly Job[], due: number): CronJobStatus {
  const { concurrencyPolicy = 'Allow' } = cronJob.spec
  const active = status.active ?? []
  if (concurrencyPolicy === 'Forbid' && active.length > 0) return status
  if (concurrencyPolicy === 'Replace') {
    for (const { uid } of active) for (const job of owned) if (job.metadata.uid === uid) remove(world, job)
  }
  const lastScheduleTime = timestamp(due)
  const job = create(world, cronJob, due)
  if (!job) return { ...status, lastScheduleTime }
  const { name, namespace = '', uid = '', resourceVersion = '' } = job.metadata
  const reference = { apiVersion: 'batch/v1', kind: 'Job', name, namespace, resourceVersion, uid }
  return { ...status, active: [...(concurrencyPolicy === 'Replace' ? [] : active), reference], lastScheduleTime }
}

/** The job of one time; undefined if it was made before. */
function create(world: World, cronJob: CronJob, due: number): KubernetesObject | undefined {
  const { metadata, spec } = cronJob.spec.jobTemplate
  try {
    return world.create(jobStorage, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: {
        name: `${cronJob.metadata.name}-${Math.floor(due / 60_000)}`,
        namespace: cronJob.metadata.namespace ?? '',
        ...(metadata?.labels ? { labels: { ...metadata.labels } } : {}),
        annotations: { ...metadata?.annotations, [scheduledAnnotation]: localTimestamp(due, cronJob.spec.timeZone) },
        ownerReferences: [controllerReference(cronJob)],
      },
      spec,
    })
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'AlreadyExists') return undefined
    throw error
  }
}

/** Deletes the oldest finished jobs beyond the limits of the history. */
function cleanUp(world: World, { spec }: CronJob, owned: readonly Job[]): void {
  const limits = [
    ['Complete', spec.successfulJobsHistoryLimit],
    ['Failed', spec.failedJobsHistoryLimit],
  ] as const
  for (const [type, limit] of limits) {
    if (limit === undefined) continue
    const finished = owned.filter((job) => endOf(job)?.type === type && !isTerminating(job))
    const sorted = [...finished].sort((a, b) => (a.status?.startTime ?? '').localeCompare(b.status?.startTime ?? ''))
    for (const job of sorted.slice(0, Math.max(0, finished.length - limit))) remove(world, job)
  }
}

function remove(world: World, { metadata }: Job): void {
  try {
    world.delete(jobStorage, metadata.namespace ?? '', metadata.name, { propagationPolicy: 'Background' })
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 404)) throw error
  }
}

const everyPrefix = '@every '

/** The first time after `after`, both in milliseconds since the epoch; undefined if there is none. */
function nextTime({ metadata, spec }: CronJob, after: number): number | undefined {
  if (spec.schedule.startsWith(everyPrefix)) {
    const step = Math.max(1000, parseDuration(spec.schedule.slice(everyPrefix.length).trim()) ?? 0)
    const created = Date.parse(String(metadata['creationTimestamp']))
    return created + (Math.floor((after - created) / step) + 1) * step
  }
  const cron = cronOf(spec)
  return cron?.nextRun(new Date(after))?.getTime()
}

/** The last time that has passed since the last job, or since the beginning; undefined if there was none. */
function lastMissed(cronJob: CronJob, { lastScheduleTime }: CronJobStatus, now: number): number | undefined {
  const { spec, metadata } = cronJob
  let since = Date.parse(lastScheduleTime ?? String(metadata['creationTimestamp']))
  if (spec.startingDeadlineSeconds !== undefined) since = Math.max(since, now - spec.startingDeadlineSeconds * 1000 - 1)
  if (!spec.schedule.startsWith(everyPrefix)) {
    const [last] = cronOf(spec)?.previousRuns(1, new Date(Math.floor(now / 1000) * 1000 + 1)) ?? []
    return last && last.getTime() <= now && last.getTime() > since ? last.getTime() : undefined
  }
  let due: number | undefined
  for (let next = nextTime(cronJob, since); next !== undefined && next <= now; next = nextTime(cronJob, next)) due = next
  return due
}

/** Undefined for a schedule that cannot be read; validation does not let one in. */
function cronOf({ schedule, timeZone }: CronJob['spec']): Cron | undefined {
  try {
    return new Cron(schedule, { timezone: timeZone ?? 'UTC', paused: true, mode: '5-part' })
  } catch {
    return undefined
  }
}

/** RFC 3339 with the offset of the time zone. */
function localTimestamp(time: number, timeZone: string | undefined): string {
  if (timeZone === undefined || timeZone === 'UTC' || timeZone === 'Etc/UTC') return timestamp(time)
  const parts = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' }).formatToParts(time)
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
  const [, sign = '+', hours = '00', minutes = '00'] = /GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name) ?? []
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
  return offset === 0 ? timestamp(time) : `${timestamp(time + offset * 60_000).slice(0, -1)}${sign}${hours}:${minutes}`
}
