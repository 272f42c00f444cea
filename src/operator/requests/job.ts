/**
 * `job`: one Job for each try, made by a bound create under a name that tells which try it is, so that whoever asks again finds it.
 *
 *   create ──▶ waits for its events ──▶ complete or failed ──▶ what the container has left ──▶ the outcome is on record ──▶ kept or deleted
 *     └─ there already, and ours: the same from here
 *
 * The program in it may still start twice: a node can be lost while its pod runs. (kubernetes.io, "Jobs", "Handling Pod and container failures")
 */
import { parseDuration } from '../../api/duration.ts'
import { actAnnotation, actKeepAnnotation, fieldManager, primaryUidLabel } from '../../api/names.ts'
import { groupKind, type GroupVersionKind, type JsonObject, type KubernetesObject } from '../../api/object.ts'
import type { Resource } from '../../kube/client.ts'
import { isApiError } from '../../kube/errors.ts'
import { findObject } from '../../kube/find.ts'
import { listAll } from '../../kube/list.ts'
import { createOnly, deleteBound, jsonPatch } from '../../kube/writes.ts'
import { applyEntry } from '../../reconcile/ingest.ts'
import { canOwn } from '../../reconcile/ownership.ts'
import type { JobInputs } from '../../reconcile/requests.ts'
import type { Records, Response } from '../../reconcile/walk.ts'
import { jobBody, jobName, mainContainer } from './job-body.ts'
import {
  type Around,
  brokenOff,
  type EffectRequest,
  failed,
  refused,
  type RequestContext,
  type RequestKind,
  unanswered,
  jsonOf,
} from './request.ts'
import { asInputs } from './secrets.ts'

const jobKind: GroupVersionKind = { group: 'batch', version: 'v1', kind: 'Job' }
const podKind: GroupVersionKind = { group: '', version: 'v1', kind: 'Pod' }

/** Milliseconds after which a Job is looked at though no event has told of it. */
const lookEvery = 300_000

export const jobRequests: RequestKind = {
  kind: 'job',
  timeout: 86_400_000,
  // The Job has the deadline itself, and says that it was missed.
  grace: 60_000,
  resumes: true,
  async run(request, around): Promise<Response> {
    const { primary, context } = around
    const inputs = asInputs<JobInputs>(request.inputs)
    const namespace = primary.metadata.namespace ?? context.inventory.namespace
    const name = jobName(primary, request, context.sha256)
    const body = jobBody(name, namespace, inputs, { request, primary })
    if ('problem' in body) return failed(body.problem as string)
    const title = `Job ${namespace}/${name}`
    try {
      const resource = await context.resolve(jobKind)
      if (!resource) return failed('the server does not serve batch/v1 Job')
      // Its cache has to be there before what it is to tell of.
      context.dependentsOf(jobKind)
      const namespaces = canOwn(primary, namespace) ? [] : [namespace]
      await context.inventory.record(groupKind(context.resource), [{ kind: jobKind, namespaces }])
      const job = await made(body, resource, around)
      if (!job) return failed(`the name ${title} is taken by a Job of somebody else`)
      const ended = await endOf(job, resource, around)
      switch (ended.kind) {
        case 'ended':
          return await outcomeOf(ended.job, title, around)
        case 'gone':
          return unanswered(`${title} was deleted before it ended`, request)
        case 'brokenOff':
          return await brokenOffJob(job, resource, title, { request, around })
      }
    } catch (error) {
      return refused(error, request)
    }
  },
  async settled(request, response, around) {
    const { primary, context } = around
    const latest = latestOf(request.id, primary, context)
    for (const job of jobsOf(primary, context)) if (actOf(job) === request.id && isEnded(job)) await tidy(job, latest, around, response)
  },
}

const actOf = ({ metadata }: KubernetesObject): string | undefined => metadata.annotations?.[actAnnotation]

/** The Job of the name: made now, or by an asking before this one. Undefined: it is not ours. */
async function made(
  body: Parameters<typeof createOnly>[2],
  resource: Resource,
  { primary, context, signal }: Around,
): Promise<KubernetesObject | undefined> {
  const manager = fieldManager('acts', primary.metadata.uid as string)
  try {
    const job = await createOnly(context.client, resource, body, { manager, signal })
    context.dependentsOf(jobKind).wrote(job)
    return job
  } catch (error) {
    if (!isApiError(error, 'alreadyExists')) throw error
    const found = await findObject(context.client, resource, body.metadata, signal)
    // Deleted in between: whoever did it wants it to be made again, or not; the next asking tells.
    if (!found) throw error
    return applyEntry(found, manager) ? found : undefined
  }
}

type Ended = { kind: 'ended'; job: KubernetesObject } | { kind: 'gone' } | { kind: 'brokenOff' }

/** Waits for the events of the Job. */
async function endOf(job: KubernetesObject, resource: Resource, { context, signal, clock, watch }: Around): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  const look = (current: KubernetesObject | undefined): void => {
    if (!current) resolve({ kind: 'gone' })
    else if (isEnded(current)) resolve({ kind: 'ended', job: current })
  }
  const stop = (): void => resolve({ kind: 'brokenOff' })
  const forget = watch(job.metadata.uid as string, look)
  let cancel: (() => void) | undefined
  const lookLater = (): void => {
    cancel = clock.after(lookEvery, () => {
      findObject(context.client, resource, job.metadata, signal)
        .then((found) => look(found?.metadata.uid === job.metadata.uid ? found : undefined))
        .catch(() => {})
      lookLater()
    })
  }
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  look(job)
  const cached = context.dependentsOf(jobKind).byUid(job.metadata.uid as string)
  if (cached) look(cached)
  lookLater()
  try {
    return await promise
  } finally {
    forget()
    cancel?.()
    signal.removeEventListener('abort', stop)
  }
}

interface JobCondition {
  type: string
  status: string
  reason?: string
}

const conditionOf = (job: KubernetesObject, type: string): JobCondition | undefined =>
  ((job['status'] as { conditions?: readonly JobCondition[] } | undefined)?.conditions ?? []).find(
    (condition) => condition.type === type && condition.status === 'True',
  )

const isEnded = (job: KubernetesObject): boolean => conditionOf(job, 'Complete') !== undefined || conditionOf(job, 'Failed') !== undefined

interface Terminated {
  exitCode: number
  reason?: string
  message?: string
  finishedAt?: string
}

/** What the container of its last pod has left. Rejects with ApiError. */
async function outcomeOf(job: KubernetesObject, title: string, { context }: Around): Promise<Response> {
  const pods = await context.resolve(podKind)
  const labelSelector = `batch.kubernetes.io/job-name=${job.metadata.name}`
  const found = pods ? await listAll(context.client, pods, { namespace: job.metadata.namespace, labelSelector }) : []
  const ends = found
    .flatMap((pod) => terminatedOf(pod) ?? [])
    .sort((one, other) => ((one.finishedAt ?? '') < (other.finishedAt ?? '') ? 1 : -1))
  const [last] = ends
  const message = last?.message ?? ''
  const value: JsonObject = { exitCode: last?.exitCode ?? null, reason: last?.reason ?? null, message, json: jsonOf(message) }
  const failure = conditionOf(job, 'Failed')
  if (!failure) return { kind: 'answered', value }
  // What it has written itself may hold anything: it is in the answer alone.
  const why = last && last.exitCode !== 0 ? `its container ended with exit code ${last.exitCode}` : (failure.reason ?? 'Failed')
  return failed(`${title} failed: ${why}`, value)
}

function terminatedOf(pod: KubernetesObject): Terminated | undefined {
  const { containerStatuses = [] } = (pod['status'] ?? {}) as {
    containerStatuses?: readonly { name: string; state?: { terminated?: Terminated } }[]
  }
  return containerStatuses.find(({ name }) => name === mainContainer)?.state?.terminated
}

/** The process ends and the next one finds the Job, or nobody wants it any more. Rejects with ApiError. */
async function brokenOffJob(
  { metadata }: KubernetesObject,
  resource: Resource,
  title: string,
  { request, around }: { request: EffectRequest; around: Around },
): Promise<Response> {
  const { signal, context } = around
  if (signal.reason === 'stopping') return unanswered(`${title} goes on`, request)
  await deleteBound(context.client, resource, metadata, { uid: metadata.uid as string, propagation: 'Background' })
  return failed(`${title} was deleted: ${brokenOff(signal, request)}`)
}

/** Those that acts of this primary have made, as the caches have them. */
function* jobsOf(primary: KubernetesObject, { dependentsOf }: RequestContext): Generator<KubernetesObject> {
  const manager = fieldManager('acts', primary.metadata.uid as string)
  for (const job of dependentsOf(jobKind).byIndex(primary.metadata.uid as string)) if (applyEntry(job, manager)) yield job
}

/** The UID of the Job that the act made last. */
const latestOf = (act: string, primary: KubernetesObject, context: RequestContext): string | undefined =>
  [...jobsOf(primary, context)].filter((job) => actOf(job) === act).sort((one, other) => (timeOf(one) < timeOf(other) ? 1 : -1))[0]
    ?.metadata.uid

const timeOf = ({ metadata }: KubernetesObject): string => metadata.creationTimestamp ?? ''

/** Keeps a Job that has ended, or deletes it, as it says itself. Of the failed ones of an act only the last is kept. */
async function tidy(
  job: KubernetesObject,
  latest: string | undefined,
  { context }: Pick<Around, 'context'>,
  response?: Response,
): Promise<void> {
  const { client } = context
  const resource = await context.resolve(jobKind)
  if (!resource || job.metadata.deletionTimestamp !== undefined) return
  const keep = job.metadata.annotations?.[actKeepAnnotation] ?? 'failed'
  const uid = job.metadata.uid as string
  const isLatest = uid === latest
  const hasFailed = conditionOf(job, 'Failed') !== undefined || (isLatest && response !== undefined && response.kind !== 'answered')
  const duration = parseDuration(keep)
  try {
    if (keep === 'always' || keep === 'all') return
    if (duration !== undefined) {
      const { ttlSecondsAfterFinished } = job['spec'] as { ttlSecondsAfterFinished?: number }
      const value = Math.max(0, Math.ceil(duration / 1000))
      if (ttlSecondsAfterFinished !== undefined) return
      const manager = fieldManager('acts', job.metadata.labels?.[primaryUidLabel] as string)
      await jsonPatch(client, resource, job.metadata, [{ op: 'add', path: '/spec/ttlSecondsAfterFinished', value }], { uid, manager })
    } else if (!(keep === 'failed' && hasFailed && isLatest))
      await deleteBound(client, resource, job.metadata, { uid, propagation: 'Background' })
  } catch (error) {
    // What is left is looked at again by the next process.
    if (!isApiError(error)) throw error
  }
}

/**
 * Looks once at what a process before this one may have left: Jobs that have ended, and whose outcomes are on record. Never rejects. False: it
 * is not known yet what there is.
 */
export function tidyUp(
  primary: KubernetesObject,
  { acts }: Records,
  context: RequestContext,
  begin: (work: Promise<void>) => void,
): boolean {
  // Where an act has ever made one, the inventory has the kind, and so there is a cache.
  const caches = [...context.dependentCaches()].filter(({ kind }) => groupKind(kind) === groupKind(jobKind))
  if (caches.length === 0) return true
  if (caches.some(({ state }) => state !== 'synced')) return false
  for (const job of jobsOf(primary, context)) {
    const act = actOf(job)
    if (act === undefined || !isEnded(job) || acts[act]?.state === 'started') continue
    begin(tidy(job, latestOf(act, primary, context), { context }))
  }
  return true
}
