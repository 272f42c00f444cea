/**
 * Objects as a server keeps them, approximated: leaves by path, each path held by field managers.
 *
 * An object is a map from paths to leaves; a path is the names of fields and the keys of list items, as managed fields spell them. So an
 * apply, an edit by somebody else and the managed fields that follow from them are operations on sets of paths.
 */
import type { JsonObject, KubernetesObject, ManagedFieldsEntry } from '../../src/api/object.ts'

/** By path: steps such as `f:spec` and `k:{"name":"web"}`, joined by a character that no step has. */
export type Leaves = Map<string, unknown>

const separator = '\u0000'

/** Lists that merge by key; all others are leaves. */
const listKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  env: ['name'],
  volumes: ['name'],
  ports: ['port', 'protocol'],
  ownerReferences: ['uid'],
  conditions: ['type'],
}

export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function flatten(value: unknown, path: readonly string[] = [], leaves: Leaves = new Map()): Leaves {
  if (isMap(value) && Object.keys(value).length > 0) {
    for (const [name, child] of Object.entries(value)) {
      const keys = listKeys[name]
      if (keys && Array.isArray(child))
        for (const item of child as Record<string, unknown>[]) flatten(item, [...path, `f:${name}`, keyOf(keys, item)], leaves)
      else flatten(child, [...path, `f:${name}`], leaves)
    }
  } else leaves.set(path.join(separator), value)
  return leaves
}

function keyOf(keys: readonly string[], item: Record<string, unknown>): string {
  return `k:${JSON.stringify(Object.fromEntries(keys.flatMap((key) => (key === 'protocol' ? [[key, item[key] ?? 'TCP']] : item[key] === undefined ? [] : [[key, item[key]]]))))}`
}

export function unflatten(leaves: Leaves): Record<string, unknown> {
  const root: Record<string, unknown> = {}
  for (const [path, value] of leaves) place(root, path.split(separator), value)
  return root
}

function place(node: Record<string, unknown>, [step = '', next, ...rest]: string[], value: unknown): void {
  const name = step.slice(2)
  if (next === undefined) node[name] = value
  else if (next.startsWith('k:')) {
    const key = JSON.parse(next.slice(2)) as Record<string, unknown>
    const items = (node[name] ??= []) as Record<string, unknown>[]
    let item = items.find((candidate) => Object.entries(key).every(([field, part]) => candidate[field] === part))
    if (!item) items.push((item = { ...key }))
    if (rest.length > 0) place(item, rest, value)
  } else place((node[name] ??= {}) as Record<string, unknown>, [next, ...rest], value)
}

/** What the server never tracks. */
const untracked = new Set(
  [
    'apiVersion',
    'kind',
    ...['name', 'namespace', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'managedFields'].map(
      (field) => `metadata${separator}f:${field}`,
    ),
  ].map((path) => `f:${path}`),
)

export const tracked = (leaves: Leaves): Set<string> =>
  new Set([...leaves.keys()].filter((path) => ![...untracked].some((other) => path === other || path.startsWith(other + separator))))

/** Only what is below a field of the root, or all but that. */
export const within = (leaves: Leaves, field: string, inside: boolean): Leaves =>
  new Map([...leaves].filter(([path]) => (path === `f:${field}` || path.startsWith(`f:${field}${separator}`)) === inside))

export function fieldsV1(paths: Iterable<string>): JsonObject {
  const root: Record<string, unknown> = {}
  for (const path of paths) {
    let node = root
    for (const step of path.split(separator)) {
      node = (node[step] ??= {}) as Record<string, unknown>
      if (step.startsWith('k:')) node['.'] = {}
    }
  }
  return root as JsonObject
}

/** Who holds what: the paths of each manager. */
export interface Holding {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  subresource?: string
  paths: Set<string>
}

export const entryOf = ({ paths, ...holding }: Holding): ManagedFieldsEntry => ({
  ...holding,
  fieldsType: 'FieldsV1',
  fieldsV1: fieldsV1(paths),
})

/** Everything of an object that is content and not the server's own. */
export function contentOf({ metadata, ...object }: KubernetesObject): Leaves {
  const { managedFields: _fields, uid: _uid, resourceVersion: _version, generation: _generation, ...kept } = metadata
  return flatten({ ...object, metadata: kept })
}
