/**
 * The groups and versions that a list of resources makes, in the order in which discovery tells them.
 *
 * Groups of built-in resources come first, in the order of the list, their versions too; then the other groups by name, their versions as
 * Kubernetes prefers them. The resources of a version stand by name. (kube-aggregator, handler_apis.go: built-in groups have higher priorities)
 */
import type { Resource } from '../registry/resource.ts'
import { compareVersions } from './version-order.ts'

export interface Group {
  /** Empty for the core group. */
  readonly name: string
  /** The preferred one first; never empty. */
  readonly versions: readonly GroupVersion[]
}

export interface GroupVersion {
  readonly version: string
  readonly resources: readonly Resource[]
}

/** The shapes of custom resources have no names. */
export const isBuiltIn = ({ schema }: Resource): boolean => schema.kind === 'struct' && schema.fullName !== ''

export function groupsOf(resources: Iterable<Resource>): Group[] {
  const builtIn = new Map<string, Map<string, Resource[]>>()
  const custom = new Map<string, Map<string, Resource[]>>()
  for (const resource of resources) {
    const groups = isBuiltIn(resource) || builtIn.has(resource.group) ? builtIn : custom
    const versions = entry(groups, resource.group, () => new Map<string, Resource[]>())
    entry(versions, resource.version, () => []).push(resource)
  }
  return [
    ...[...builtIn].map(([name, versions]) => ({ name, versions: [...versions].map(sorted) })),
    ...[...custom]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, versions]) => ({
        name,
        versions: [...versions].sort(([left], [right]) => compareVersions(left, right)).map(sorted),
      })),
  ]
}

const sorted = ([version, resources]: [string, Resource[]]): GroupVersion => ({
  version,
  resources: resources.sort((left, right) => (left.resource < right.resource ? -1 : 1)),
})

function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
