/**
 * Whether two label selectors can select one object.
 *
 * Their requirements hold for each label key by itself, so the answer is exact: either there are labels that both select, or there can be none.
 */
import { type LabelSelector, type Requirement, requirements } from './selectors.ts'

/** Labels that both select, as few as there can be; undefined where none can be. Undefined as a selector takes everything. */
export function commonLabels(one: LabelSelector | undefined, other: LabelSelector | undefined): Record<string, string> | undefined {
  const demands = [...requirements(one ?? {}), ...requirements(other ?? {})]
  const labels: [string, string][] = []
  for (const [key, ofKey] of Map.groupBy(demands, ({ key }) => key)) {
    const isNeeded = ofKey.some(({ operator }) => operator === 'In' || operator === 'Exists')
    // Without the label NotIn holds too.
    if (!isNeeded) continue
    if (ofKey.some(({ operator }) => operator === 'DoesNotExist')) return undefined
    const value = commonValue(ofKey)
    if (value === undefined) return undefined
    labels.push([key, value])
  }
  return Object.fromEntries(labels)
}

/** A value that all of these requirements on one label allow, which is there. */
function commonValue(demands: readonly Requirement[]): string | undefined {
  const refused = new Set(demands.flatMap(({ operator, values }) => (operator === 'NotIn' ? values : [])))
  const lists = demands.flatMap(({ operator, values }) => (operator === 'In' ? [values] : []))
  // Where any value will do there is always one more than those that are refused.
  const [first = Array.from({ length: refused.size + 1 }, (_, index) => `any${index || ''}`), ...others] = lists
  return first.find((value) => !refused.has(value) && others.every((values) => values.includes(value)))
}
