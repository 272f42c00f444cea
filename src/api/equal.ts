/** Equality of JSON values. */

/** Whether two values are the same: members in any order, items in theirs. A member that is undefined counts as missing. */
export function equalJson(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false
  if (Array.isArray(left))
    return Array.isArray(right) && left.length === right.length && left.every((item, at) => equalJson(item, right[at]))
  if (Array.isArray(right)) return false
  return sameMembers(left as Members, right as Members)
}

/** Whether two maps hold the same, but for the members that do not count; one that is undefined counts as missing. */
export function sameMembers(one: Members, other: Members, isIgnored?: (name: string) => boolean): boolean {
  for (const name in one)
    if (one[name] !== undefined && !isIgnored?.(name) && !(Object.hasOwn(other, name) && equalJson(one[name], other[name]))) return false
  for (const name in other)
    if (other[name] !== undefined && !isIgnored?.(name) && (!Object.hasOwn(one, name) || one[name] === undefined)) return false
  return true
}

type Members = Readonly<Record<string, unknown>>
