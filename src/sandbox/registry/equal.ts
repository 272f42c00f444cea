/** What of two objects is compared, where it is not everything. */
import { equalJson } from '../../api/equal.ts'

type Members = Readonly<Record<string, unknown>>
/** Whether two maps have the same members, those in `except` aside. */
export function equalMembers(left: Members, right: Members, except: ReadonlySet<string>): boolean {
  for (const name of Object.keys(left)) {
    if (except.has(name)) continue
    const other = Object.hasOwn(right, name) ? right[name] : undefined
    if (!equalJson(left[name], other)) return false
  }
  for (const name of Object.keys(right))
    if (!except.has(name) && right[name] !== undefined && (!Object.hasOwn(left, name) || left[name] === undefined)) return false
  return true
}

const managed: ReadonlySet<string> = new Set(['metadata'])
const managedFields: ReadonlySet<string> = new Set(['managedFields'])
const time: ReadonlySet<string> = new Set(['time'])

/**
 * Whether a write changes nothing but the times of managed fields, so that nothing has to be stored.
 * (apiserver, handlers/fieldmanager/equality.go)
 */
export function isNoChange(
  next: { readonly metadata: { readonly managedFields?: readonly object[] } },
  old: { readonly metadata: { readonly managedFields?: readonly object[] } },
): boolean {
  const entries = next.metadata.managedFields ?? []
  const before = old.metadata.managedFields ?? []
  return (
    entries.length === before.length &&
    equalMembers(next as unknown as Members, old as unknown as Members, managed) &&
    equalMembers(next.metadata as Members, old.metadata as Members, managedFields) &&
    entries.every((entry, at) => entry === before[at] || equalMembers(entry as Members, before[at] as Members, time))
  )
}
