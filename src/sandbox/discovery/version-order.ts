/**
 * Which version of a group clients prefer: `v10`, `v2`, `v1`, `v11beta2`, `v10beta3`, `v3beta1`, `v12alpha1`, `v11alpha2`, `foo1`, `foo10`.
 *
 * Stable before beta before alpha, greater numbers first, names of another form last and by the alphabet.
 * (apimachinery, pkg/version/helpers.go)
 */
const pattern = /^v([1-9][0-9]*)(?:(alpha|beta)([1-9][0-9]*))?$/
const stages = ['alpha', 'beta', undefined]

/** For `sort`: negative if `left` is preferred. */
export function compareVersions(left: string, right: string): number {
  const [first, second] = [pattern.exec(left), pattern.exec(right)]
  if (!first || !second) return first ? -1 : second ? 1 : left < right ? -1 : left > right ? 1 : 0
  return (
    stages.indexOf(second[2]) - stages.indexOf(first[2]) ||
    Number(second[1]) - Number(first[1]) ||
    Number(second[3] ?? 0) - Number(first[3] ?? 0)
  )
}
