/** What the kinds that keep a number of pods have in common. (apps/validation) */
import { type FieldError, invalidValue } from '../../status/field-error.ts'
import { type Errors, immutableMessage, nonNegative, required } from './checks.ts'
import { same } from './equality.ts'
import { labelsNotSelected, validateAlwaysRunning, validatePodTemplate } from './pod/template.ts'
import { isEmptySelector, isUsable, printedSelector, selects, validateSelector } from './selectors.ts'
import type { LabelSelector, PodTemplate } from './shapes.ts'

/** A selector that has to be there and to select something. `kind`: as the server names it. */
export function validateOwnSelector(errors: Errors, path: string, selector: LabelSelector | undefined, kind: string): void {
  if (!selector) {
    errors.push(required(path))
    return
  }
  validateSelector(errors, path, selector)
  if (isEmptySelector(selector)) errors.push(invalidValue(path, printedSelector(selector), `empty selector is invalid for ${kind}`))
}

/** The template of Deployments and ReplicaSets: selected by its owner and always running. */
export function validateSelectedTemplate(errors: Errors, path: string, selector: LabelSelector | undefined, template: PodTemplate): void {
  if (selector && !isUsable(selector)) {
    errors.push(invalidValue(`${path}.selector`, printedSelector(selector), 'invalid label selector'))
    return
  }
  const at = `${path}.template`
  const unselected = selector ? !isEmptySelector(selector) && !selects(selector, template.metadata?.labels) : true
  if (unselected) errors.push(labelsNotSelected(at, template))
  validatePodTemplate(errors, at, template)
  validateAlwaysRunning(errors, at, template, 'ReplicaSet')
}

export function immutableSelector(path: string, next: LabelSelector | undefined, old: LabelSelector | undefined): FieldError[] {
  return same(next, old) ? [] : [invalidValue(path, next ? printedSelector(next) : null, immutableMessage)]
}

/** A status whose fields may be counts. */
type Counts = object

const field = (status: object | undefined, name: string): unknown => (status as Readonly<Record<string, unknown>> | undefined)?.[name]

/** Counts of a status: none negative, and none greater than the one that contains it. Fields are named in the server's order. */
export function validateCounts(
  status: Counts,
  fields: readonly string[],
  bounds: readonly (readonly [name: string, bound: string, message: string])[],
): FieldError[] {
  const errors: Errors = []
  const count = (name: string): number => (field(status, name) as number | undefined) ?? 0
  for (const name of fields) nonNegative(errors, `status.${name}`, count(name))
  for (const [name, bound, message] of bounds)
    if (count(name) > count(bound)) errors.push(invalidValue(`status.${name}`, count(name), message))
  return errors
}

export function collisionsDecremented(next: Counts | undefined, old: Counts | undefined): FieldError[] {
  const before = field(old, 'collisionCount')
  const after = field(next, 'collisionCount')
  if (typeof before !== 'number' || (typeof after === 'number' && after >= before)) return []
  return [invalidValue('status.collisionCount', typeof after === 'number' ? after : 0, 'cannot be decremented')]
}
