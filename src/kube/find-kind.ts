/** The kind that a person means: `App`, `app`, `apps`, `App.app.company.com` or `apps.app.company.com`. */
import { nearest } from '../api/nearest.ts'
import { groupKind } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { Resource } from './client.ts'
import type { Discovery } from './discovery.ts'

/** The resource of the server's preferred version; a problem that names what is there where it is none, or more than one. */
export function findKind(name: string, { resources }: Pick<Discovery, 'resources'>): Resource | Problem {
  const wanted = name.toLowerCase()
  const named = resources.filter((resource) => namesOf(resource).includes(wanted))
  const exact = named.filter((resource) => resource.kind === name || groupKind(resource) === name)
  const found = exact.length > 0 ? exact : named
  const [first] = found
  if (!first) {
    const near = nearest(name, new Set(resources.flatMap(({ kind, plural }) => [kind, plural])))
    const remedy = near ? `did you mean ${near}?` : 'write it as Kind or Kind.group, e.g. App.app.company.com'
    return { code: 'OBJECT_MISSING', message: `the cluster has no kind ${name}`, remedy }
  }
  const groups = [...new Set(found.map(groupKind))]
  if (groups.length === 1) return first
  return { code: 'OBJECT_MISSING', message: `${name} is a kind of several groups`, remedy: `write one of ${groups.join(', ')}` }
}

const namesOf = ({ group, kind, plural }: Resource): string[] =>
  [kind, plural].flatMap((name) => [name, ...(group ? [`${name}.${group}`] : [])]).map((name) => name.toLowerCase())
