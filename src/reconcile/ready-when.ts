/**
 * Readiness gates: what a template asks of one of its objects before it counts as ready, beside what its kind's own rules ask.
 *
 * `fairlead.dev/ready-when` holds a JSON Logic rule as JSON, or an expression as templates have them, which the program compiles; both read the
 * observed object. A rule comes from the template's text alone:
 * a value that was inserted could be a custom resource's, and what a custom resource contains is never a rule.
 */
import { readyWhenAnnotation } from '../api/names.ts'
import { displayName, isMap, type JsonValue, type KubernetesObject } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import { readiness, type Readiness } from '../api/readiness.ts'
import { type DesiredObject, isSecret } from './desired.ts'
import type { Gate } from './program.ts'
import { holds, ruleProblem } from './json-logic.ts'

/** What is wrong with the rules of these objects. */
export const readyWhenProblems = (objects: readonly DesiredObject[]): Problem[] =>
  objects.flatMap(({ body, document }) => {
    const text = body.metadata.annotations?.[readyWhenAnnotation]
    if (text === undefined) return []
    const path = ['metadata', 'annotations', readyWhenAnnotation]
    const wrong =
      document.isLiteral?.(path) === false
        ? { message: 'holds an inserted value', remedy: 'write the rule into the template: it can compare fields of the object itself' }
        : isRule(text)
          ? unreadable(text)
          : wrongExpression(document.gate)
    return wrong
      ? [
          {
            code: 'ORDER_INVALID' as const,
            message: `${displayName(body)}: ${readyWhenAnnotation} ${wrong.message}`,
            at: document.positionOf(path),
            remedy: wrong.remedy,
          },
        ]
      : []
  })

/** JSON Logic is a map; no expression begins with one. */
const isRule = (text: string): boolean => text.trimStart().startsWith('{')

const wrongExpression = (gate: Gate | undefined): { message: string; remedy: string } | undefined =>
  gate && gate.problem === undefined
    ? undefined
    : { message: gate?.problem ?? 'is not JSON', remedy: `e.g. it.status?.phase === 'Running'` }

function unreadable(text: string): { message: string; remedy: string } | undefined {
  const remedy = 'e.g. {"==": [{"var": "status.phase"}, "Running"]}'
  const rule = parse(text)
  if (rule === undefined) return { message: 'is not JSON', remedy }
  if (!isMap(rule)) return { message: 'is not a JSON Logic rule', remedy }
  const problem = ruleProblem(rule)
  return problem === undefined ? undefined : { message: `is not a JSON Logic rule: ${problem}`, remedy }
}

function parse(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return undefined
  }
}

function shortened(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, ' ')
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}

/**
 * The name of what is not ready; with what keeps it so, in parentheses, where that is for a person to end. All else is told without the
 * counts: each pod that becomes ready would be a write of the status.
 */
export const unreadyName = (name: string, { state, reason, message }: Readiness): string =>
  state === 'terminating' || reason === 'ReadyWhen' ? `${name} (${message})` : name

/**
 * Judges an observed object by the rules of its kind and then by what its template asks of it. Undefined is an object that is not there.
 *
 * @param now milliseconds since the epoch; without it a Pod that cannot be scheduled stays in progress
 */
export function gatedReadiness(
  { body, document }: Pick<DesiredObject, 'body'> & Partial<Pick<DesiredObject, 'document'>>,
  observed: KubernetesObject | undefined,
  now?: number,
): Readiness {
  if (!observed) return { state: 'inProgress', reason: 'NotFound', message: 'it is not there' }
  const own = readiness(observed, now)
  const text = body.metadata.annotations?.[readyWhenAnnotation]
  if (text === undefined || own.state !== 'current') return own
  const notYet = (message: string): Readiness => ({
    state: 'inProgress',
    reason: 'ReadyWhen',
    message: `its ${readyWhenAnnotation} ${message}`,
  })
  const yet = `does not hold yet: ${shortened(text)}`
  if (isRule(text)) return holds(parse(text) ?? null, observed) ? own : notYet(yet)
  const gate = document?.gate
  if (gate?.problem !== undefined || !gate) return notYet('is an expression, which is judged only with its template')
  const judged = gate.judge(observed)
  if (judged.holds) return own
  // What a function says of a value can hold the value.
  return notYet(judged.error === undefined || isSecret(body) ? yet : `${yet}, and ends in an error: ${shortened(judged.error)}`)
}
