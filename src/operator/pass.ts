/**
 * One pass over one primary: observe → next → plan → apply → assess → report.
 *
 * Level-based: a pass looks at what is, never at what happened. It may be repeated at any time, and one that finds nothing to do sends
 * nothing at all. The middle is pure; only `apply` and the status writer reach the server.
 */
import { groupKind, type GroupVersionKind, type JsonObject, type KubernetesObject, objectKey } from '../api/object.ts'
import { fieldManager } from '../api/names.ts'
import { formatProblem, type Problem } from '../api/problem.ts'
import { readiness } from '../api/readiness.ts'
import type { Informer } from '../cache/informer.ts'
import type { FieldSet } from '../fields/set.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { ApiError } from '../kube/errors.ts'
import { resourcePath } from '../kube/paths.ts'
import { type DesiredObject, desiredObjects, kindName } from '../reconcile/desired.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import { type Cause, type Observed, plan } from '../reconcile/plan.ts'
import type { Capabilities, Inputs, Program } from '../reconcile/program.ts'
import type { FailedWrite, PassReport } from '../reconcile/status.ts'
import { yieldReplicas } from '../reconcile/yield.ts'
import { apply, type Result } from './apply.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import { admittedKey, type Memory, type PrimaryMemory } from './memory.ts'
import type { StatusWriter } from './status-writer.ts'

/** What the passes of one watch share. */
export interface PassContext {
  program: Program
  /** The definition's content hash. */
  revision: string
  resource: Resource
  client: ApiClient
  primaries: Informer
  /** The cache of a dependents' kind; started when it is asked for the first time. */
  dependentsOf: (kind: GroupVersionKind) => Informer
  /** Every dependents' cache that has been started. */
  dependentCaches: () => Iterable<Informer>
  resourceOf: (kind: GroupVersionKind) => Resource | undefined
  capabilities: () => Capabilities
  statusWriter: StatusWriter
  memory: Memory
  parseFields: (fields: JsonObject) => FieldSet
  sha256: (text: string) => string
  now: () => number
  log: Logger
  /** Milliseconds after which an unchanged primary is looked at again; undefined for never. */
  reconcilePeriod: number | undefined
  metrics: Metrics
  /** What the kind is called in metrics. */
  name: string
}

/** Runs one pass for the primary of this key, and tells how it ended. Rejects only for a bug. */
export async function pass(key: string, context: PassContext): Promise<Outcome> {
  const primary = context.primaries.get(key)
  const uid = primary?.metadata.uid
  if (!primary || !uid) return done(context)
  const memory = context.memory.of(uid)
  // Owner references do the cleaning: a primary that is being deleted gets nothing new.
  if (primary.metadata.deletionTimestamp !== undefined) return { kind: 'done' }

  const version = versionOf(primary, context)
  if (memory.clean === version) return done(context)
  memory.clean = undefined

  const unsettled = unsettledKinds(context)
  if (unsettled.some(({ state }) => state === 'starting')) return { kind: 'wait', for: unsettled.map(({ kind }) => kindName(kind)) }

  const inputs = inputsFor(primary, unsettled, context)
  const since = performance.now()
  const answer = context.program.next(inputs)
  context.metrics.rendered(context.name, performance.now() - since)
  switch (answer.kind) {
    case 'problems':
      return await report({ ...emptyReport(primary, context), problems: answer.problems }, { kind: 'failed', problem: answer.problems[0] as Problem }, primary, context)
    case 'unknown':
      return await report({ ...emptyReport(primary, context), waiting: waitsFor(answer.reads, inputs) }, { kind: 'wait', for: [...answer.reads] }, primary, context)
    case 'rendered':
      return await carryOut(primary, answer, { inputs, memory, unsettled, context })
  }
}

interface Reading {
  inputs: Inputs
  memory: PrimaryMemory
  unsettled: Informer[]
  context: PassContext
}

async function carryOut(
  primary: KubernetesObject,
  answer: { documents: Parameters<typeof desiredObjects>[1]; readNow: boolean },
  { inputs, memory, unsettled, context }: Reading,
): Promise<Outcome> {
  const uid = primary.metadata.uid as string
  const manager = fieldManager('dependents', uid)
  const { objects, problems } = desiredObjects(primary, answer.documents, { scopeOf: scopeOf(context), sha256: context.sha256 })
  if (problems.length > 0) return await report({ ...emptyReport(primary, context), problems }, { kind: 'failed', problem: problems[0] as Problem }, primary, context)

  // A kind that was not to be seen in the templates' text is watched from now on.
  const starting = objects.map(({ kind }) => context.dependentsOf(kind)).filter(({ state }) => state === 'starting')
  if (starting.length > 0) return { kind: 'wait', for: starting.map(({ kind }) => kindName(kind)) }

  const observe = (desired: DesiredObject): Observed => observeObject(desired, context)
  const desired = yieldReplicas(objects, (object) => context.dependentsOf(object.kind).get(object.key), manager, context.sha256)
  const match = {
    manager,
    parse: context.parseFields,
    admitted: (object: KubernetesObject, item: Parameters<typeof admittedKey>[1]) => memory.admitted.has(admittedKey(object, item)),
    unmarked: (dependentUid: string) => memory.unmarked.get(dependentUid),
  }
  const planned = plan({
    primary,
    desired,
    observe,
    dependents: dependentsOf(uid, context),
    hadBefore: (object) => hadBefore(object, primary, memory, context),
    cause: causeOf(primary, memory, context),
    pruneForbidden: pruneForbidden(unsettled, desired),
    match,
  })
  const results = await apply(planned, {
    client: context.client,
    primary,
    memory,
    match,
    resourceOf: context.resourceOf,
    informerOf: context.dependentsOf,
    primaryStands: once(() => primaryStands(primary, context)),
    unmarked: (kind) => context.metrics.unmarked(kind),
    notice: (message) => context.log.info({ primary: primaryName(primary) }, message),
  })
  logResults(primary, results, planned.pruneSkipped, context)
  if (results.some(({ kind }) => kind === 'outdated')) return { kind: 'retry', error: outdated(primary, context) }

  const after = { ...inputs, resources: [...dependentsOf(uid, context)] }
  const status = context.program.status(after)
  const outcome = outcomeOf(results, status, context, answer.readNow || (status.kind === 'status' && status.readNow))
  const clean = outcome.kind === 'done' && results.every(({ kind }) => kind === 'unchanged')
  const passReport: PassReport = {
    ...emptyReport(primary, context),
    clean: outcome.kind === 'done',
    dependents: desired.map((object) => dependentReport(object, context)),
    waiting: [
      ...results.flatMap((result) => (result.kind === 'unknown' ? [`${result.object}: ${result.reason}`] : [])),
      ...(planned.pruneSkipped ? [`deletion of what is no longer rendered: ${planned.pruneSkipped}`] : []),
      ...(status.kind === 'unknown' ? waitsFor(status.reads, inputs) : []),
    ],
    problems: status.kind === 'problems' ? status.problems : [],
    failedWrites: failedWrites(results),
    program: status.kind === 'status' ? status.status : undefined,
  }
  const reported = await report(passReport, outcome, primary, context)
  if (clean && reported.kind === 'done') {
    memory.clean = versionOf(context.primaries.get(objectKey(primary.metadata)) ?? primary, context)
    memory.seen = { generation: primary.metadata.generation, revision: context.revision }
    memory.dependents = new Set(desired.map(identity))
  }
  return reported
}

/** Versions of the primary and its dependents, and the states of the caches: when none of it changed, neither does the pass. */
function versionOf(primary: KubernetesObject, context: PassContext): string {
  const uid = primary.metadata.uid as string
  let version = primary.metadata.resourceVersion ?? ''
  for (const cache of context.dependentCaches()) {
    if (cache.state !== 'synced') version += `|${cache.state}`
    for (const { metadata } of cache.byIndex(uid)) version += `|${metadata.uid}@${metadata.resourceVersion}`
  }
  return version
}

function* dependentsOf(uid: string, context: PassContext): Generator<KubernetesObject> {
  for (const cache of context.dependentCaches()) yield* cache.byIndex(uid)
}

const unsettledKinds = (context: PassContext): Informer[] => [...context.dependentCaches()].filter(({ state }) => state !== 'synced')

function inputsFor(primary: KubernetesObject, unsettled: readonly Informer[], context: PassContext): Inputs {
  return {
    primary,
    resources: [...dependentsOf(primary.metadata.uid as string, context)],
    // A kind that the cluster does not serve has no objects: that is known.
    unknown: Object.fromEntries(unsettled.filter(({ state }) => state !== 'gone').map(({ kind, state, reason }) => [groupKind(kind), reason ?? state])),
    capabilities: context.capabilities(),
    now: context.now(),
  }
}

function observeObject(desired: DesiredObject, context: PassContext): Observed {
  const cache = context.dependentsOf(desired.kind)
  const object = cache.get(desired.key)
  if (object) return { kind: 'present', object }
  return cache.state === 'synced' ? { kind: 'absent' } : { kind: 'unknown', reason: cache.reason ?? `${kindName(desired.kind)} is ${cache.state}` }
}

const scopeOf = (context: PassContext) => (kind: GroupVersionKind) => {
  const resource = context.resourceOf(kind)
  return resource && (resource.namespaced ? 'Namespaced' : 'Cluster')
}

/** A missing object that the last clean pass had is healed; any other is made for the first time. */
function hadBefore(object: DesiredObject, primary: KubernetesObject, memory: PrimaryMemory, context: PassContext): boolean {
  return memory.dependents ? memory.dependents.has(identity(object)) : causeOf(primary, memory, context) === 'input'
}

const identity = ({ kind, key }: DesiredObject): string => `${groupKind(kind)} ${key}`

/** What changed since the last clean pass, which the status recorded. */
function causeOf(primary: KubernetesObject, memory: PrimaryMemory, { revision, statusWriter }: PassContext): Exclude<Cause, 'drift'> {
  const last = memory.seen ?? statusWriter.lastClean(primary)
  if (last.generation !== primary.metadata.generation) return 'spec'
  return last.revision === revision ? 'input' : 'definition'
}

function pruneForbidden(unsettled: readonly Informer[], desired: readonly DesiredObject[]): string | undefined {
  const unknown = unsettled.find(({ kind, state }) => state !== 'gone' || desired.some((object) => groupKind(object.kind) === groupKind(kind)))
  return unknown && `${kindName(unknown.kind)} cannot be read now`
}

/** A quorum read of the primary, before anything that a stale cache could make wrong. */
async function primaryStands(primary: KubernetesObject, { client, resource }: PassContext): Promise<boolean> {
  try {
    const live = await client.request<KubernetesObject>({ method: 'GET', path: resourcePath(resource, primary.metadata) })
    const { uid, generation, deletionTimestamp } = live.metadata
    return uid === primary.metadata.uid && generation === primary.metadata.generation && deletionTimestamp === undefined
  } catch (error) {
    if (error instanceof ApiError && error.class === 'notFound') return false
    throw error
  }
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => (answer ??= read())
}

const emptyReport = (primary: KubernetesObject, { revision }: PassContext): PassReport => ({
  generation: primary.metadata.generation ?? 0,
  revision,
  clean: false,
  dependents: [],
  waiting: [],
  problems: [],
  failedWrites: [],
  program: undefined,
})

function dependentReport(object: DesiredObject, context: PassContext): PassReport['dependents'][number] {
  const live = context.dependentsOf(object.kind).get(object.key)
  const name = `${object.body.kind}/${object.body.metadata.name}`
  return live ? { name, readiness: readiness(live, context.now()) } : { name, readiness: { state: 'inProgress', reason: 'NotFound', message: 'it is not there' } }
}

const waitsFor = (kinds: readonly string[], { unknown }: Inputs): string[] => kinds.map((kind) => `${kind}: ${unknown[kind] ?? 'not known now'}`)

const failedWrites = (results: readonly Result[]): FailedWrite[] =>
  results.flatMap((result) => {
    if (result.kind === 'conflict') return [{ object: result.object, reason: 'Conflict', message: `not touched: ${result.message}` }]
    if (result.kind !== 'failed') return []
    const { error } = result
    return [{ object: result.object, reason: error.reason || error.class, message: describeFailure(result), retried: error.outcome === 'retry' }]
  })

/** The server's reason and fields, and the template line that the first of them came from; never the server's message. */
function describeFailure({ error, desired }: Extract<Result, { kind: 'failed' }>): string {
  const field = error.fields[0]?.path
  const at = desired?.document.positionOf(field ? field.split(/[.[\]]+/).filter(Boolean).map((step) => (/^\d+$/.test(step) ? Number(step) : step)) : [])
  return `${error.message}${at?.line === undefined ? '' : ` (${at.file}:${at.line}${at.column === undefined ? '' : `:${at.column}`})`}`
}

/** Five minutes: what the server refused is tried again, since what it lacked may come. */
const refusedRetry = 300_000

/** The primary or a dependent changed during the pass: the events of that change are on their way. */
const outdated = (primary: KubernetesObject, { resource }: PassContext) =>
  new ApiError({ class: 'conflict', method: 'GET', path: resourcePath(resource, primary.metadata), code: 409, reason: 'Conflict' })

function outcomeOf(results: readonly Result[], status: { kind: string; problems?: readonly Problem[] }, context: PassContext, readNow: boolean): Outcome {
  const failures = results.flatMap((result) => (result.kind === 'failed' ? [result] : []))
  const retriable = failures.find(({ error }) => error.outcome === 'retry')
  if (retriable) return { kind: 'retry', error: retriable.error, ...(retriable.error.retryAfter === undefined ? {} : { after: retriable.error.retryAfter }) }
  const refused = results.find(({ kind }) => kind === 'failed' || kind === 'conflict')
  if (refused) {
    const [failure] = failedWrites([refused])
    return { kind: 'failed', problem: { code: 'WRITE_REFUSED', message: `${failure?.object}: ${failure?.message}` }, retryAfter: refusedRetry }
  }
  if (status.kind === 'problems') return { kind: 'failed', problem: status.problems?.[0] as Problem }
  const unknown = results.flatMap((result) => (result.kind === 'unknown' ? [result.reason] : []))
  if (unknown.length > 0) return { kind: 'wait', for: unknown }
  return done(context, readNow)
}

const aMinute = 60_000

function done({ reconcilePeriod }: PassContext, readNow = false): Outcome {
  const after = readNow ? Math.min(aMinute, reconcilePeriod ?? aMinute) : reconcilePeriod
  return after === undefined ? { kind: 'done' } : { kind: 'done', resyncAfter: after }
}

/** Writes the status if it differs; a status that cannot be written now turns a done pass into a retry. */
async function report(passReport: PassReport, outcome: Outcome, primary: KubernetesObject, context: PassContext): Promise<Outcome> {
  if (outcome.kind === 'failed') context.log.warn({ primary: primaryName(primary) }, formatProblem(outcome.problem))
  try {
    const written = await context.statusWriter.write(primary, passReport, context.memory.of(primary.metadata.uid as string))
    if (written) context.primaries.wrote(written)
    return outcome
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    // Deleted in between: nothing is left to report to.
    if (error.class === 'notFound') return { kind: 'done' }
    context.log.debug({ primary: primaryName(primary), error: error.message }, 'the status was not written')
    return outcome.kind === 'done' || outcome.kind === 'wait' ? { kind: 'retry', error } : outcome
  }
}

function logResults(primary: KubernetesObject, results: readonly Result[], pruneSkipped: string | undefined, { log, metrics, name }: PassContext): void {
  const fields = { primary: primaryName(primary) }
  for (const result of results) {
    switch (result.kind) {
      case 'written':
        metrics.wrote(name, result.verb, result.cause)
        log.info({ ...fields, object: result.object, verb: result.verb, cause: result.cause }, `${result.verb} ${result.object}${result.detail ? `: ${result.detail}` : ''} (${result.cause})`)
        break
      case 'failed':
        log.warn({ ...fields, object: result.object, reason: result.error.reason, code: result.error.code }, `${result.object}: ${describeFailure(result)}`)
        break
      case 'conflict':
        log.warn({ ...fields, object: result.object }, `${result.object} is not touched: ${result.message}`)
        break
      case 'unknown':
        log.warn({ ...fields, object: result.object }, `${result.object} is left alone: ${result.reason}`)
        break
      case 'unchanged':
      case 'outdated':
        break
    }
  }
  if (pruneSkipped) log.warn(fields, `what is no longer rendered is left alone: ${pruneSkipped}`)
}

const primaryName = (primary: KubernetesObject): string => `${primary.kind}/${objectKey(primary.metadata)}`
