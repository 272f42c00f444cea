/**
 * Changes by others that leave our entry looking right, so that only the live object shows them.
 *
 * Two spellings in the managed fields have two meanings, and without a schema nothing tells which is meant:
 *
 * - `f:x: {}` is a place that is owned as a whole, or one whose owned fields were all taken away while the place itself stayed
 *   ours: an element of a map of objects, or an item whose key fields are all defaults.
 * - No `f:x` for `x: []` is an associative list, where items of others are welcome, or an atomic list that another manager filled.
 *
 * The first occurs in custom resources only, and they are stored as they were sent: there the values are compared. For
 * the second a list that has items now counts as changed, unless it is one of Kubernetes' own associative lists; in a custom
 * resource so does one that is gone, while Kubernetes' own kinds do not keep an empty list.
 */
import { isMap, type JsonObject, type JsonValue } from '../api/object.ts'
import { isList, keysOf } from './match.ts'
import { field, item, type Path, type PathElement } from './path.ts'
import type { FieldSet, ItemKey } from './set.ts'

/** The paths of such changes. Expects a set that covers the body. */
export function unseen(set: FieldSet, body: JsonObject, live: JsonObject): Path[] {
  const at: PathElement[] = []
  const found: Path[] = []
  walkFields(set, body, live, 0, { at, found: () => found.push([...at]), stored: !isBuiltIn(body['apiVersion']) })
  return found
}

/** Whether there is any. */
export function hasUnseen(set: FieldSet, body: JsonObject, live: JsonObject): boolean {
  let any = false
  const found = () => {
    any = true
  }
  walkFields(set, body, live, 0, { at: undefined, found, stored: !isBuiltIn(body['apiVersion']) })
  return any
}

interface Walk {
  /** Not kept where nobody asks for paths. */
  readonly at: PathElement[] | undefined
  readonly found: () => void
  /** Values of this kind are stored as they were sent. */
  readonly stored: boolean
}

function walkFields(set: FieldSet | undefined, body: JsonObject, live: JsonValue | undefined, depth: number, state: Walk): void {
  for (const name in body) {
    const value = body[name]
    // Most members are scalars, and nothing about a scalar is unseen.
    if (typeof value !== 'object' || value === null) continue
    const child = set?.fields.get(name)
    const found = isMap(live) && Object.hasOwn(live, name) ? live[name] : undefined
    state.at?.push(field(name))
    if (isList(value) && value.length === 0) {
      const changed = isList(found) ? found.length > 0 && !isAssociative(name, depth) : state.stored
      if (!child && changed) state.found()
    } else walk(child, value, found, depth + 1, state)
    state.at?.pop()
  }
}

function walk(
  set: FieldSet | undefined,
  body: JsonObject | readonly JsonValue[],
  live: JsonValue | undefined,
  depth: number,
  state: Walk,
): void {
  if (set?.owned && set.leaf) {
    if (state.stored && !keeps(live, body)) state.found()
  } else if (!isList(body)) walkFields(set, body, live, depth, state)
  else if (set && set.items.size > 0) walkItems(set, body, isList(live) ? live : [], depth, state)
}

function walkItems(set: FieldSet, body: readonly JsonValue[], live: readonly JsonValue[], depth: number, state: Walk): void {
  const liveKeys = keysOf(set, live)
  const bodyKeys = keysOf(set, body)
  for (let from = 0; from < body.length; from++) {
    const position = bodyKeys[from] as number
    const key: ItemKey | undefined = set.keys[position]
    if (!key) continue
    state.at?.push(item(Object.fromEntries(key.names.map((name, at) => [name, key.values[at]]))))
    walk(key.set, body[from] as JsonObject, live[liveKeys.indexOf(position)], depth + 1, state)
    state.at?.pop()
  }
}

/** Whether everything that was sent is still there; what the server added beside it does not count, and nulls may be gone. */
function keeps(live: JsonValue | undefined, sent: JsonValue | undefined): boolean {
  if (live === sent || sent === null || sent === undefined) return true
  if (isList(sent)) return isList(live) && live.length === sent.length && sent.every((member, at) => keeps(live[at], member))
  if (!isMap(sent) || !isMap(live)) return false
  for (const name in sent) if (!keeps(Object.hasOwn(live, name) ? live[name] : undefined, sent[name])) return false
  return true
}

/** The API groups with a dot that are Kubernetes' own; other groups with one are of custom resources or aggregated. (k8s.io/api 1.36) */
const ownGroups: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
])

/** Whether a kind of this apiVersion is Kubernetes' own, and no custom resource. */
export function isBuiltIn(apiVersion: JsonValue | undefined): boolean {
  const group = typeof apiVersion === 'string' ? apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/'))) : ''
  return !group.includes('.') || ownGroups.has(group)
}

/** Associative lists and sets of Kubernetes' own kinds in which others put items beside ours. (x-kubernetes-list-type in its OpenAPI) */
const associative: ReadonlySet<string> = new Set([
  'conditions',
  'containers',
  'env',
  'ephemeralContainers',
  'finalizers',
  'hostAliases',
  'imagePullSecrets',
  'initContainers',
  'ownerReferences',
  'resourceClaims',
  'schedulingGates',
  'secrets',
  'topologySpreadConstraints',
  'volumeDevices',
  'volumeMounts',
  'volumes',
  'webhooks',
])

/** `depth` is that of the object around the list: the ports of an EndpointSlice stand at its root and are atomic, others are not. */
const isAssociative = (name: string, depth: number): boolean => associative.has(name) || (name === 'ports' && depth > 0)
