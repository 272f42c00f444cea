/**
 * Whether two values mean the same: an absent list or map is an empty one, and equal amounts may be written differently.
 * (apimachinery, api/equality, Semantic.DeepEqual)
 */
import { parseQuantity } from '../../../api/quantity.ts'

/** Fields whose values are amounts by name. */
const amounts = new Set(['limits', 'requests', 'overhead', 'capacity'])

export function same(first: unknown, second: unknown): boolean {
  return equal(first, second, false)
}

function equal(first: unknown, second: unknown, quantities: boolean): boolean {
  if (first === second) return true
  if (isEmptyList(first) && isEmptyList(second)) return true
  if (Array.isArray(first) && Array.isArray(second))
    return first.length === second.length && first.every((item, index) => equal(item, second[index], false))
  if (typeof first === 'object' && typeof second === 'object' && first !== null && second !== null) {
    if (Array.isArray(first) || Array.isArray(second)) return false
    const [one, other] = [first as Record<string, unknown>, second as Record<string, unknown>]
    return (
      Object.keys(one).every((key) =>
        equal(one[key], Object.hasOwn(other, key) ? other[key] : undefined, amounts.has(key) || quantities),
      ) && Object.keys(other).every((key) => Object.hasOwn(one, key) || equal(undefined, other[key], false))
    )
  }
  if (quantities && typeof first === 'string' && typeof second === 'string')
    return parseQuantity(first)?.nano === parseQuantity(second)?.nano
  return false
}

const isEmptyList = (value: unknown): boolean => value === undefined || value === null || (Array.isArray(value) && value.length === 0)
