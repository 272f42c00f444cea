/** What status.yaml.eta may say. Ready, Reconciling, Stalled and observedGeneration are the operator's own. */
import { isMap, type JsonObject } from '../api/object.ts'
import type { Position, Problem } from '../api/problem.ts'
import type { RenderedTree } from './render.ts'
import { describeValue, omit } from './value.ts'

const ownConditions = ['Ready', 'Reconciling', 'Stalled']
const ownFields = ['observedGeneration', 'observedRevision']
const conditionFields = new Set(['type', 'status', 'reason', 'message', 'lastTransitionTime', 'observedGeneration'])

/** The status that a tree holds; problems where it holds what it must not. */
export function toStatus(trees: readonly RenderedTree[]): { status: JsonObject; problems: Problem[] } {
  const [tree, ...others] = trees.filter(({ value }) => value !== null && value !== omit)
  if (!tree) return { status: {}, problems: [] }
  if (others[0]) return { status: {}, problems: [problem('status.yaml.eta holds more than one document', others[0].position)] }
  const { value } = tree
  if (!isMap(value)) return { status: {}, problems: [problem(`the status has to be a map, not ${describeValue(value)}`, tree.position)] }
  const problems = ownFields.filter((field) => field in value).map((field) => problem(ownedMessage(field), tree.positionOf([field])))
  if ('conditions' in value) problems.push(...checkConditions(value.conditions, (path) => tree.positionOf(['conditions', ...path])))
  return { status: value as unknown as JsonObject, problems }
}

const ownedMessage = (name: string): string => `${name} is written by the operator itself`

const problem = (message: string, at: Position): Problem => ({ code: 'STATUS_INVALID', message, at })

function checkConditions(conditions: unknown, at: (path: (string | number)[]) => Position): Problem[] {
  if (!Array.isArray(conditions)) return [problem(`conditions has to be a list, not ${describeValue(conditions)}`, at([]))]
  const types = new Set<unknown>()
  return conditions.flatMap((condition: unknown, index) => {
    if (!isMap(condition)) return [problem('a condition has to be a map', at([index]))]
    const { type, status } = condition as Record<string, unknown>
    const problems: Problem[] = []
    if (typeof type !== 'string' || type === '') problems.push(problem('a condition has to have a type', at([index])))
    else if (ownConditions.includes(type))
      problems.push(problem(`the condition ${type} is written by the operator itself`, at([index, 'type'])))
    else if (types.has(type)) problems.push(problem(`the condition ${type} stands twice`, at([index, 'type'])))
    types.add(type)
    if (status !== 'True' && status !== 'False' && status !== 'Unknown')
      problems.push(problem('the status of a condition has to be "True", "False" or "Unknown", as a string', at([index, 'status'])))
    for (const field of Object.keys(condition))
      if (!conditionFields.has(field)) problems.push(problem(`a condition has no field ${field}`, at([index, field])))
    return problems
  })
}

/** What can be told from a status template without its inputs. */
export function ownedNames(
  keys: readonly { key: string; at: Position }[],
  conditionTypes: readonly { type: string; at: Position }[],
): Problem[] {
  return [
    ...keys.filter(({ key }) => ownFields.includes(key)).map(({ key, at }) => problem(ownedMessage(key), at)),
    ...conditionTypes
      .filter(({ type }) => ownConditions.includes(type))
      .map(({ type, at }) => problem(`the condition ${type} is written by the operator itself`, at)),
  ]
}
