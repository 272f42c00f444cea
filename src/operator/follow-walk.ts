/**
 * What follows from a walk beside its documents: records ─▶ acts and reads ─▶ what the status and the outcome say of it.
 *
 * An act begins only when its intent is recorded. What the walk found is behind documents that are in place, so nothing has to wait for what
 * this pass writes.
 */
import { stepAnnotation } from '../api/names.ts'
import type { JsonObject, KubernetesObject } from '../api/object.ts'
import { formatPosition } from '../api/problem.ts'
import { conditionsOf } from '../reconcile/conditions.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import type { PassReport } from '../reconcile/status.ts'
import type { Stop, Walk } from '../reconcile/walk.ts'
import type { Result } from './apply-context.ts'
import type { PassContext } from './pass-context.ts'
import { lookAgain, primaryName, type Warning } from './pass-report.ts'

/** Steps that the status has at most. */
const mostSteps = 50

/** Records what the walk found, then begins what it asks for. The result of a write that failed. */
export async function followWalk(primary: KubernetesObject, walk: Walk, context: PassContext): Promise<Result | undefined> {
  const { effects, log, events, metrics } = context
  const uid = primary.metadata.uid as string
  effects.cancel(uid, walk.cancelled)
  const failed = await effects.record(primary, walk.changes, context)
  if (failed) return failed
  for (const event of walk.events) events.said(primary, event)
  for (const why of metrics.stepped(primary, walk.metrics)) log.warn({ primary: primaryName(primary) }, why)
  for (const { step, kind, at, attempt } of walk.acts)
    log.info({ primary: primaryName(primary), step, kind, attempt }, `step "${step}" begins: ${kind} (${formatPosition(at)})`)
  effects.begin(primary, walk.acts, context)
  effects.keepReads(primary, walk.reads, walk.stop !== undefined, context)
  return undefined
}

/** Whether an object that is no longer rendered may go: only what the walk has decided on, or what it has no step for when it came to its end. */
export function mayPrune(walk: Walk | undefined): (object: KubernetesObject) => boolean {
  if (!walk) return () => true
  return ({ metadata }) => {
    const mark = metadata.annotations?.[stepAnnotation]
    if (mark === undefined || !walk.marks.has(mark)) return walk.stop === undefined
    return walk.decided.has(mark) && !walk.unpruned.has(mark)
  }
}

/** How a pass ends whose writes ended so. */
export function walkOutcome(outcome: Outcome, walk: Walk | undefined): Outcome {
  if (!walk || outcome.kind !== 'done') return outcome
  const { stop, within } = walk
  switch (stop?.kind) {
    case undefined:
      return lookAgain(outcome, within)
    case 'applying':
      return { kind: 'wait', for: waitsOf(walk) }
    case 'wait':
    case 'unknown':
      return within === undefined
        ? { kind: 'wait', for: [stopMessage(stop)] }
        : { kind: 'retry', error: { class: 'waiting', message: stopMessage(stop) }, after: within }
    case 'failed':
      return { kind: 'failed', problem: stop.problem, ...(within !== undefined && { retryAfter: within }) }
  }
}

/** In words: what is waited for, or which step and why. */
const stopMessage = (stop: Exclude<Stop, { kind: 'applying' }>): string => (stop.kind === 'failed' ? stop.problem.message : stop.message)

/** What the walk waits for, each a phrase that can follow "waits for". */
export function waitsOf(walk: Walk | undefined): string[] {
  const stop = walk?.stop
  if (stop?.kind === 'wait') return [stop.message]
  return stop?.kind === 'applying' ? ['what its steps apply to be in the cluster as it is rendered'] : []
}

/** For the status: a step that has failed, or does not know what it reads. */
export function stoppedBy(walk: Walk | undefined): PassReport['stopped'] {
  const stop = walk?.stop
  if (stop?.kind !== 'failed' && stop?.kind !== 'unknown') return undefined
  const at = stop.kind === 'failed' ? stop.problem.at : stop.at
  const message = stopMessage(stop)
  // What is not known may say itself where that comes from.
  const placed = at && !message.includes(`${at.file}:`) ? `${formatPosition(at)}: ${message}` : message
  return { reason: stop.kind === 'failed' ? 'StepFailed' : 'StepUnknown', message: placed }
}

/** What the walk says in the status beside what the pass says. */
export function walkStatus(walk: Walk, primary: KubernetesObject): JsonObject {
  const before = new Map(stepsOf(primary).map((step) => [step['id'], step]))
  const steps = walk.steps.slice(0, mostSteps).map(({ id, state, message, since }): JsonObject => {
    const known = before.get(id)
    const at =
      since === undefined ? (known?.['state'] === state ? known['since'] : undefined) : `${new Date(since).toISOString().slice(0, 19)}Z`
    return { id, state, ...(at !== undefined && { since: at }), ...(message !== undefined && message !== '' && { message }) }
  })
  const declared = conditionsOf(walk.status['conditions'])
  const conditions = [...declared.filter(({ type }) => !walk.conditions.some((own) => own.type === type)), ...walk.conditions]
  return {
    ...walk.status,
    ...(conditions.length > 0 && { conditions: conditions as unknown as JsonObject[] }),
    ...(steps.length > 0 && { steps }),
  }
}

function stepsOf(primary: KubernetesObject): JsonObject[] {
  const steps = (primary['status'] as JsonObject | undefined)?.['steps']
  return Array.isArray(steps) ? (steps as JsonObject[]) : []
}

/** What a person has to know. */
export function walkWarnings(walk: Walk | undefined): Warning[] {
  const stopped = stoppedBy(walk)
  const stop = walk?.stop
  return stopped && stop && stop.kind !== 'applying' ? [{ fields: { step: stop.step }, message: stopped.message }] : []
}
