/**
 * Lookups: objects that a render reads although they are not the primary's own.
 *
 * A render never waits. What the snapshot lacks it names as a need; whoever runs the program watches the object, and renders again when it is
 * known. Missing and denied are two different answers: nothing found is `found` with no object.
 */
import { apiVersionOf, type GroupVersionKind, gvkOf, type KubernetesObject, objectKey } from '../api/object.ts'

/** One object by its name, or all that carry some labels. */
export interface Lookup {
  kind: GroupVersionKind
  /** Left out: a cluster-scoped object, or all namespaces. */
  namespace?: string | undefined
  name?: string | undefined
  /** For a lookup without a name. Empty: every object. */
  labels?: Readonly<Record<string, string>> | undefined
}

export type LookupResult =
  | { state: 'found'; objects: readonly KubernetesObject[] }
  /** Not known now: nothing may follow from it. */
  | { state: 'unknown'; reason: string }
  /** The operator may not read it, or it cannot be read as it was asked for. `remedy` says what would help. */
  | { state: 'denied'; reason: string; remedy: string }

/** The results by `lookupId`. */
export type LookupResults = Readonly<Record<string, LookupResult>>

/** The same for the same lookup: `v1/Secret eu/db`, `v1/Pod eu?app=web`. */
export function lookupId({ kind, namespace = '', name, labels }: Lookup): string {
  const what = name === undefined ? `?${labelSelector(labels)}` : `/${name}`
  return `${apiVersionOf(kind)}/${kind.kind} ${namespace}${what}`
}

/** How messages name it: `Secret eu/db`, `Pods with app=web in eu`. */
export function lookupName({ kind, namespace, name, labels }: Lookup): string {
  if (name !== undefined) return `${kind.kind} ${namespace ? `${namespace}/` : ''}${name}`
  const selector = labelSelector(labels)
  return `each ${kind.kind}${selector ? ` with ${selector}` : ''}${namespace ? ` in ${namespace}` : ''}`
}

/** As the API takes it; the same text whatever the order of the labels. */
export const labelSelector = (labels: Lookup['labels'] = {}): string =>
  Object.keys(labels)
    .sort()
    .map((key) => `${key}=${labels[key]}`)
    .join(',')

/** Digests of what each lookup found, by those of the lookups; eight hexadecimal digits each. */
export type LookupVersions = Readonly<Record<string, string>>

export function lookupVersions(lookups: readonly Lookup[], results: LookupResults, sha256: (text: string) => string): LookupVersions {
  const digest = (text: string): string => sha256(text).slice(0, 8)
  const versions: Record<string, string> = {}
  for (const id of lookups.map(lookupId)) {
    const result = results[id]
    const found =
      result?.state === 'found'
        ? result.objects.map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`).join(',')
        : (result?.state ?? 'unknown')
    versions[digest(id)] = digest(found)
  }
  return versions
}

/** What a lookup finds among these objects, as it would in a cluster that holds nothing else. */
export function lookupAmong(objects: readonly KubernetesObject[], lookup: Lookup): LookupResult {
  const { namespace, name, labels = {} } = lookup
  const found = objects.filter((object) => {
    const { group, version, kind } = gvkOf(object)
    if (group !== lookup.kind.group || version !== lookup.kind.version || kind !== lookup.kind.kind) return false
    if (namespace !== undefined && object.metadata.namespace !== namespace) return false
    if (name !== undefined && object.metadata.name !== name) return false
    return Object.keys(labels).every((key) => object.metadata.labels?.[key] === labels[key])
  })
  return { state: 'found', objects: sortedObjects(found) }
}

/** By namespace and name, whatever order the server or a file has. */
export const sortedObjects = (objects: Iterable<KubernetesObject>): KubernetesObject[] =>
  [...objects].sort((a, b) => (objectKey(a.metadata) < objectKey(b.metadata) ? -1 : 1))
