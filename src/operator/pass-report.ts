/** What a pass has to tell: the report that becomes the status, the outcome for the queue, and the lines of the log. */
import { formatPosition, type Problem } from '../api/problem.ts'
import { displayName, groupKind, gvkOf, type KubernetesObject, objectKey } from '../api/object.ts'
import { ApiError } from '../kube/errors.ts'
import { resourcePath } from '../kube/paths.ts'
import { unreadableKeeps } from '../reconcile/keep.ts'
import type { Orderable } from '../reconcile/order.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import type { Inputs } from '../reconcile/program.ts'
import { nothingRead } from '../reconcile/read-versions.ts'
import type { FailedWrite, PassReport } from '../reconcile/status.ts'
import type { Result } from './apply-context.ts'
import { readinessOf } from './composition.ts'
import type { LogFields } from './log.ts'
import { masked, type PrimaryMemory } from './memory.ts'
import { dependentsOf } from './observation.ts'
import { SparseSet } from './sparse.ts'
import type { PassContext } from './pass-context.ts'
import { templatePosition } from './template-position.ts'

export const emptyReport = (primary: KubernetesObject, context: PassContext): PassReport => ({
  generation: primary.metadata.generation ?? 0,
  revision: context.revision,
  watch: context.watch,
  style: context.conditionStyle,
  applied: false,
  clean: false,
  reads: nothingRead,
  changed: false,
  dependents: [],
  waiting: [],
  problems: [],
  failedWrites: [],
  unfollowed: unreadableKeeps(dependentsOf(primary.metadata.uid as string, context)),
  passing: undefined,
  blocked: [],
  hold: 'kept',
  program: undefined,
})

export function dependentReport(object: Orderable, context: PassContext): PassReport['dependents'][number] {
  const live = context.dependentsOf(object.kind).get(object.key)
  return { name: displayName(object.body), readiness: readinessOf(object, live, context) }
}

export const waitsFor = (kinds: readonly string[], { unknown }: Inputs): string[] =>
  kinds.map((kind) => (kind.includes(' ') ? kind : `${kind}: ${unknown[kind] ?? 'not known now'}`))

export const failedWrites = (results: readonly Result[]): FailedWrite[] =>
  results.flatMap((result) => {
    if (result.kind === 'conflict') return [{ object: result.object, reason: 'Conflict', message: `not touched: ${result.message}` }]
    if (result.kind !== 'failed') return []
    const { error } = result
    return [{ object: result.object, reason: error.reason || error.class, message: describeFailure(result), retried: isRetried(error) }]
  })

/** A namespace that has to come or go is in no cache, so it is looked for with back-off. */
export const isRetried = ({ outcome }: ApiError): boolean => outcome === 'retry' || outcome === 'wait'

/**
 * The server's reason and fields, the template line that the first of them came from, and the way out of a field that cannot change; of
 * the server's message only what kube/cause.ts lets through. What passes by itself has nothing to do with the template.
 */
function describeFailure({ error, desired, changedBy = [], wayOut }: Extract<Result, { kind: 'failed' }>): string {
  if (error.outcome === 'retry') return error.message
  const at = desired && templatePosition(desired, error.fields[0]?.path ?? '')
  const placed = at?.line === undefined ? error.message : `${error.message} (${formatPosition(at)})`
  const refused = changedBy.length > 0 ? `${placed}; it was changed by ${changedBy.join(', ')}` : placed
  return error.isOfImmutable ? `${refused}; ${wayOut ?? makeAnew(error)}` : refused
}

/** What a person does about a field that cannot change. */
function makeAnew({ target: { resource, name, namespace } }: ApiError): string {
  const command = `kubectl delete ${resource} ${name}${namespace ? ` -n ${namespace}` : ''}`
  return `this cannot change while the object is there: "${command}" ends it and all that it holds, and it is made again as it is rendered`
}

/** Five minutes: what the server refused is tried again, since what it lacked may come. */
const refusedRetry = 300_000

/** A stranger's object is in no cache, so nothing tells when it goes. A person who has just moved it away waits for this. */
const conflictRetry = 30_000

export function outcomeOf(
  results: readonly Result[],
  status: { kind: string; problems?: readonly Problem[] },
  context: PassContext,
  soon: boolean,
): Outcome {
  const failures = results.flatMap((result) => (result.kind === 'failed' ? [result] : []))
  const retriable = failures.find(({ error }) => isRetried(error))
  if (retriable)
    return {
      kind: 'retry',
      error: retriable.error,
      ...(retriable.error.retryAfter === undefined ? {} : { after: retriable.error.retryAfter }),
    }
  const [refused] = failedWrites(results)
  if (refused) {
    const retryAfter = results.some(({ kind }) => kind === 'conflict') ? conflictRetry : refusedRetry
    return { kind: 'failed', problem: { code: 'WRITE_REFUSED', message: `${refused.object}: ${refused.message}` }, retryAfter }
  }
  if (status.kind === 'problems') return { kind: 'failed', problem: status.problems?.[0] as Problem }
  const unknown = results.flatMap((result) => (result.kind === 'unknown' ? [result.reason] : []))
  if (unknown.length > 0) return { kind: 'wait', for: unknown }
  const awaited = [...new Set(results.flatMap((result) => (result.kind === 'blocked' ? result.by : [])))]
  if (awaited.length > 0) return awaiting(awaited, context)
  return done(context, soon)
}

/** The outcome, with another look in this many milliseconds: that somebody has stopped, or takes too long, is not an event. */
export function lookAgain(outcome: Outcome, after: number | undefined): Outcome {
  if (after === undefined) return outcome
  switch (outcome.kind) {
    case 'done':
      return { ...outcome, resyncAfter: Math.min(after, outcome.resyncAfter ?? after) }
    case 'failed':
      return { ...outcome, retryAfter: Math.min(after, outcome.retryAfter ?? after) }
    case 'wait':
    case 'retry':
      return outcome
  }
}

const aMinute = 60_000

/** @param soon something can change without an event: the time, or dependents that wake nobody */
export function done({ reconcilePeriod }: PassContext, soon = false): Outcome {
  const after = soon ? Math.min(aMinute, reconcilePeriod ?? aMinute) : reconcilePeriod
  return after === undefined ? { kind: 'done' } : { kind: 'done', resyncAfter: after }
}

/** Dependents that become ready wake the primary, unless the watch does not ask for their events. */
function awaiting(names: string[], { wokenByDependents, reconcilePeriod }: PassContext): Outcome {
  if (wokenByDependents) return { kind: 'wait', for: names }
  const error = { class: 'waiting', message: `waits for ${names.join(', ')}` }
  return { kind: 'retry', error, after: Math.min(aMinute, reconcilePeriod ?? aMinute) }
}

/** The primary or a dependent changed during the pass: the events of that change are on their way. */
export const outdated = (primary: KubernetesObject, { resource }: PassContext) =>
  new ApiError({ class: 'conflict', method: 'GET', path: resourcePath(resource, primary.metadata), code: 409, reason: 'Conflict' })

/** A line for each change, and Events. */
export function logWrites(
  primary: KubernetesObject,
  results: readonly Result[],
  { log, metrics, events, name, memory }: PassContext,
): void {
  const shown = (text: string): string => masked(text, memory.of(primary.metadata.uid as string))
  const writes = results.filter((result) => result.kind === 'written')
  for (const { of, verb, cause, detail } of writes) {
    const object = shown(displayName(of))
    metrics.wrote(name, { verb, cause, dependent: groupKind(gvkOf(of)) })
    log.info({ primary: primaryName(primary), object, verb, cause }, `${verb} ${object}${detail ? `: ${shown(detail)}` : ''} (${cause})`)
  }
  events.wrote(primary, writes)
}

/** Something that a person has to know. */
export interface Warning {
  fields: LogFields
  message: string
}

/** Each thing that did not come about. */
export function warningsOf(results: readonly Result[], pruneSkipped: string | undefined): Warning[] {
  const warnings = results.flatMap((result): Warning[] => {
    switch (result.kind) {
      case 'failed':
        return [
          {
            fields: { object: result.object, reason: result.error.reason, code: result.error.code },
            message: `${result.object}: ${describeFailure(result)}`,
          },
        ]
      case 'conflict':
        return [{ fields: { object: result.object }, message: `${result.object} is not touched: ${result.message}` }]
      case 'unknown':
        return [{ fields: { object: result.object }, message: `${result.object} is left alone: ${result.reason}` }]
      case 'blocked':
      case 'written':
      case 'unchanged':
      case 'slowed':
      case 'outdated':
        return []
    }
  })
  return pruneSkipped ? [...warnings, { fields: {}, message: `what is no longer rendered is left alone: ${pruneSkipped}` }] : warnings
}

/** Logs what the pass before did not tell: a failure that goes on would otherwise be a line in each pass. */
export function warnOfNews(warnings: readonly Warning[], primary: KubernetesObject, memory: PrimaryMemory, { log }: PassContext): void {
  for (const { fields, message } of warnings) {
    const { object } = fields
    const about = { primary: primaryName(primary), ...fields, ...(typeof object === 'string' && { object: masked(object, memory) }) }
    if (!memory.told.has(message)) log.warn(about, masked(message, memory))
  }
  memory.told = new SparseSet(warnings.map(({ message }) => message))
}

export const primaryName = (primary: KubernetesObject): string => `${primary.kind}/${objectKey(primary.metadata)}`
