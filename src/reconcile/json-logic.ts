/**
 * JSON Logic: rules as data, evaluated over an object. (jsonlogic.com; the evaluator is json-logic-js)
 *
 * Two things are narrower than there. Operators are checked before a rule is ever evaluated, so that a misspelt one is an error in the
 * template and not a rule that never holds. And only own properties are read: `constructor` is no field of an object. One operator is
 * added: `get` takes a path in parts, for keys that contain dots.
 */
import jsonLogic, { type RulesLogic } from 'json-logic-js'
import { nearest } from '../api/nearest.ts'
import type { JsonObject, JsonValue } from '../api/object.ts'

/** `log` is left out: it prints, and has no other use. */
const operators: readonly string[] = [
  ...['var', 'get', 'missing', 'missing_some', 'if', '?:', '==', '===', '!=', '!==', '!', '!!', 'or', 'and', '>', '>=', '<', '<='],
  ...['max', 'min', '+', '-', '*', '/', '%', 'map', 'reduce', 'filter', 'all', 'none', 'some', 'merge', 'in', 'cat', 'substr'],
]

/** How deep a rule can be: both the check and the evaluation go down by calls. */
const deepest = 100

/** Why a value is no rule, or undefined if it is one. */
export function ruleProblem(value: JsonValue, depth = 0): string | undefined {
  if (depth > deepest) return `a rule is at most ${deepest} levels deep`
  if (Array.isArray(value)) {
    for (const item of value as readonly JsonValue[]) {
      const problem = ruleProblem(item, depth + 1)
      if (problem) return problem
    }
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const names = Object.keys(value)
  const [operator] = names
  if (operator === undefined || names.length > 1) return `a rule is a map with one operator, not one with ${names.length} keys`
  if (!operators.includes(operator)) {
    const near = nearest(operator, operators)
    return `"${operator}" is not an operator; ${near ? `did you mean "${near}"?` : `there are ${operators.join(', ')}`}`
  }
  return ruleProblem((value as JsonObject)[operator] ?? null, depth + 1)
}

/** Whether a rule, which `ruleProblem` found nothing wrong with, holds for an object. What cannot be evaluated does not hold. */
export function holds(rule: JsonValue, data: unknown): boolean {
  try {
    return isTrue(evaluateRule(rule, data))
  } catch {
    // Values of any shape come from the cluster: a map where a list is expected, an object without a text.
    return false
  }
}

/** What a rule, which `ruleProblem` found nothing wrong with, gives. Throws what reading the data throws, and TypeError for values that it cannot use. */
export const evaluateRule = (rule: JsonValue, data: unknown): unknown => jsonLogic.apply(rule as RulesLogic, data)

/** As JSON Logic takes it: an empty list is false. */
export const isTrue = (answer: unknown): boolean => (Array.isArray(answer) ? answer.length > 0 : Boolean(answer))

jsonLogic.add_operation('var', function (this: unknown, path: unknown, otherwise: unknown = null): unknown {
  return path === undefined || path === null || path === '' ? this : (own(this, String(path).split('.')) ?? otherwise)
})
jsonLogic.add_operation('get', function (this: unknown, ...path: unknown[]): unknown {
  return own(this, path.map(String)) ?? null
})

function own(data: unknown, path: readonly string[]): unknown {
  let value = data
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[step]
  }
  return value
}
