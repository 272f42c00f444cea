/** Equality of JSON values; an absent member equals an undefined one. The order of keys does not matter, the order of items does. */
export function equalJson(first: unknown, second: unknown): boolean {
  if (first === second) return true
  if (typeof first !== 'object' || typeof second !== 'object' || first === null || second === null) return false
  if (Array.isArray(first) || Array.isArray(second)) {
    if (!Array.isArray(first) || !Array.isArray(second) || first.length !== second.length) return false
    return first.every((item, index) => equalJson(item, second[index]))
  }
  const [left, right] = [first as Record<string, unknown>, second as Record<string, unknown>]
  for (const key of Object.keys(left)) {
    if (left[key] !== undefined && !(Object.hasOwn(right, key) && equalJson(left[key], right[key]))) return false
  }
  return Object.keys(right).every((key) => right[key] === undefined || Object.hasOwn(left, key))
}
