/** A user as Go prints one with `%#v`. */
import type { WantedUser } from './impersonation.ts'

const list = (values: readonly string[]): string =>
  values.length === 0 ? '[]string(nil)' : `[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}`

export function goQuoted({ username, uid, groups, extra }: WantedUser): string {
  const entries = Object.entries(extra).sort(([first], [second]) => (first < second ? -1 : 1))
  const map =
    entries.length === 0
      ? 'map[string][]string(nil)'
      : `map[string][]string{${entries.map(([key, values]) => `${JSON.stringify(key)}:${list(values)}`).join(', ')}}`
  return `&user.DefaultInfo{Name:${JSON.stringify(username)}, UID:${JSON.stringify(uid)}, Groups:${list(groups)}, Extra:${map}}`
}
