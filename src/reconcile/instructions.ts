/**
 * Instructions: what a person tells the operator about one primary, by annotations on it.
 *
 *   fairlead.dev/suspend: "true"         write nothing to the dependents until it is removed
 *   fairlead.dev/reconcile: <any text>   one full pass for each new text
 *   fairlead.dev/reconcile-period: 5m    in place of the watch's; 0: none
 *   fairlead.dev/deletion-policy: orphan in place of the watch's; see deletion-policy.ts
 *   fairlead.dev/rotate: db=1,tls=june   makes these generated values anew; see generated.ts
 *
 * Flux has the first three as spec.suspend, reconcile.fluxcd.io/requestedAt and spec.interval.
 */
import type { Milliseconds } from '../api/clock.ts'
import { parsePeriod } from '../api/duration.ts'
import { booleanOf } from './boolean-text.ts'
import { deletionPolicies } from './deletion-policy.ts'
import {
  deletionPolicyAnnotation,
  reconcileAnnotation,
  reconcilePeriodAnnotation,
  rotateAnnotation,
  suspendAnnotation,
} from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import { nearest } from '../api/nearest.ts'
import type { Problem } from '../api/problem.ts'
import { areRotations } from './generated.ts'

export interface Instructions {
  suspended: boolean
  /** The text of the request for a pass. */
  request: string | undefined
  /** 0: none. Undefined: the watch's. */
  reconcilePeriod: Milliseconds | undefined
  /** Annotations that cannot be read. */
  problems: readonly Problem[]
}

const none: Instructions = { suspended: false, request: undefined, reconcilePeriod: undefined, problems: [] }

/** A primary that is being deleted takes none but how: a deletion is carried out, whatever was put off before. */
export function readInstructions({ metadata: { annotations, deletionTimestamp } }: KubernetesObject): Instructions {
  const problems = policyProblems(annotations?.[deletionPolicyAnnotation])
  if (deletionTimestamp !== undefined) return problems.length > 0 ? { ...none, problems } : none
  const suspend = annotations?.[suspendAnnotation]
  const request = annotations?.[reconcileAnnotation]
  const period = annotations?.[reconcilePeriodAnnotation]
  const rotate = annotations?.[rotateAnnotation]
  if (!areRotations(rotate))
    problems.push(
      invalid(rotateAnnotation, 'no list of names and texts', 'e.g. db=1,tls=2026-06, each name once; until then nothing is made anew'),
    )
  if (suspend === undefined && request === undefined && period === undefined && problems.length === 0) return none
  return { suspended: isSuspended(suspend, problems), request, reconcilePeriod: periodOf(period, problems), problems }
}

function isSuspended(text: string | undefined, problems: Problem[]): boolean {
  if (text === undefined || text === '' || booleanOf(text) === false) return false
  // Whoever wrote it wanted something else than the usual: until it is clear what, nothing is written.
  if (booleanOf(text) === undefined)
    problems.push(invalid(suspendAnnotation, 'neither "true" nor "false"', 'until then it counts as "true"'))
  return true
}

function periodOf(text: string | undefined, problems: Problem[]): Milliseconds | undefined {
  if (text === undefined) return undefined
  const period = parsePeriod(text)
  if (period !== undefined) return period
  problems.push(invalid(reconcilePeriodAnnotation, 'no duration of 1s or more', 'e.g. 30s, 1m30s, 2h; "0" turns it off'))
  return undefined
}

function policyProblems(text: string | undefined): Problem[] {
  if (text === undefined || deletionPolicies.some((policy) => policy === text)) return []
  const meant = nearest(text, deletionPolicies)
  const remedy = `${meant ? `did you mean ${meant}? ` : ''}until then nothing is deleted with the custom resource`
  return [invalid(deletionPolicyAnnotation, `none of ${deletionPolicies.join(', ')}`, remedy)]
}

const invalid = (annotation: string, what: string, remedy: string): Problem => ({
  code: 'ANNOTATION_INVALID',
  message: `the annotation ${annotation} is ${what}`,
  remedy,
})
