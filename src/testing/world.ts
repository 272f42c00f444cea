/**
 * What a cluster holds, without what is another in every run: so that two ends can be compared that were reached on two ways.
 *
 * UIDs become the names of the objects that they are of; versions, generations, times and hashes go; generated values become their names. What
 * only the cluster's own controllers write (pods, endpoints, the status of a Deployment) is left out: it follows from the rest.
 */
import { appliedAnnotation, defaultOperatorName, inventoryName, parseFieldManager } from '../api/names.ts'
import { groupKind, gvkOf, isMap, type KubernetesObject, objectKey } from '../api/object.ts'
import { canonicalJson } from '../api/canonical.ts'
import { readObservedRevision } from '../reconcile/observed-revision.ts'
import { generatedSuffix, recordsKey } from '../reconcile/generated.ts'
import { decodedData, normalise, type Rules, uidPattern } from './normalise.ts'

/** Objects by `Kind.group namespace/name`, normalised. */
export type World = ReadonlyMap<string, unknown>

/** Kinds that the cluster's own controllers make out of others, and such as tell of the process and not of its work. */
const passing = new Set(['Pod', 'ReplicaSet.apps', 'ControllerRevision.apps', 'Endpoints', 'EndpointSlice.discovery.k8s.io', 'Event'])
const passingHere = new Set(['Event.events.k8s.io', 'Node', 'Lease.coordination.k8s.io kube-node-lease'])

/** Members that hold a time or a count of writes. */
const passingMembers = new Set(['resourceVersion', 'creationTimestamp', 'lastTransitionTime', 'lastUpdateTime', 'lastProbeTime', 'time'])
export function worldOf(objects: Iterable<KubernetesObject>): World {
  const all = [...objects]
  const names = new Map(all.map((object) => [object.metadata.uid as string, `<uid of ${nameOf(object)}>`]))
  const texts = generatedTexts(all)
  const textOf = (text: string): string => {
    let changed = text
    for (const [value, name] of texts) if (changed.includes(value)) changed = changed.replaceAll(value, name)
    return changed.replace(uidPattern, (uid) => names.get(uid) ?? '<uid of what is gone>')
  }
  const world = new Map<string, unknown>()
  for (const object of all) {
    const kind = groupKind(gvkOf(object))
    // What has ever been applied tells of the way, not of its end.
    if (kind === 'Lease.coordination.k8s.io' && object.metadata.name === inventoryName(defaultOperatorName)) continue
    if (passing.has(kind) || passingHere.has(kind) || passingHere.has(`${kind} ${object.metadata.namespace}`)) continue
    world.set(nameOf(object), normalise(essential(object), { text: textOf, member: memberOf(object.metadata.generation) }))
  }
  return world
}

/** `ConfigMap shop/settings`. */
export const nameOf = (object: KubernetesObject): string => `${groupKind(gvkOf(object))} ${objectKey(object.metadata)}`

/** Kinds whose status is not the work of the cluster's own controllers: those of custom resources. */
const isCustom = ({ apiVersion }: KubernetesObject): boolean => /^[^/]*\.(?!k8s\.io)[^/]*\//.test(apiVersion)

function essential(object: KubernetesObject): Record<string, unknown> {
  const { metadata, status, ...rest } = object
  const { managedFields = [], generation: _generation, annotations, ...meta } = metadata
  const kept = Object.entries(annotations ?? {}).filter(
    ([name]) => name !== appliedAnnotation && !name.startsWith('deployment.kubernetes.io/'),
  )
  const managers = managedFields
    .filter(({ manager, operation }) => operation === 'Apply' || parseFieldManager(manager))
    .map(({ manager, operation, subresource = '', fieldsV1 }) => ({ manager, operation, subresource, fields: fieldsV1 }))
  return {
    ...rest,
    ...(object.kind === 'Secret' && { data: decoded((rest['data'] ?? {}) as Record<string, string>) }),
    metadata: {
      ...meta,
      annotations: Object.fromEntries(kept),
      managers: managers.sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)),
    },
    ...(isCustom(object) && { status }),
  }
}

/** When a generated value is made anew follows from when it was made. */
function decoded(data: Record<string, string>): Record<string, string> {
  const texts = decodedData(data)
  const records = texts[recordsKey]
  return records === undefined ? texts : { ...texts, [recordsKey]: records.replace(/"renew":"[^"]*"/g, '"renew":"<time>"') }
}

/** @param generation of the object: whether it was the one that was observed counts, and not how many there were */
const memberOf =
  (generation: number | undefined): Rules['member'] =>
  (name, member) => {
    if (passingMembers.has(name) && typeof member === 'string') return 'left out'
    // What was read is told by digests of versions.
    if (name === 'observedRevision') return { is: readObservedRevision(member).revision }
    if (name === 'observedGeneration') return { is: member === generation ? '<current>' : '<earlier>' }
    return undefined
  }

/** What was made by chance, as it stands in texts, with its name. Long ones first, since one may hold another. */
function generatedTexts(objects: readonly KubernetesObject[]): [string, string][] {
  const texts: [string, string][] = []
  for (const { kind, metadata, data } of objects as (KubernetesObject & { data?: Record<string, string> })[]) {
    if (kind !== 'Secret' || !data?.[recordsKey] || !metadata.name.endsWith(generatedSuffix)) continue
    for (const [key, encoded] of Object.entries(data)) {
      if (key === recordsKey) continue
      const name = `<generated ${metadata.name} ${key}>`
      texts.push([encoded, name], [Buffer.from(encoded, 'base64').toString('utf8'), name])
    }
  }
  return texts.toSorted(([a], [b]) => b.length - a.length)
}

/** Where two worlds differ, one line for each place: `ConfigMap shop/settings data.colour: "red", not "blue"`. Empty: they are the same. */
export function differences(found: World, wanted: World): string[] {
  return [...new Set([...found.keys(), ...wanted.keys()])].sort().flatMap((name) => {
    if (!found.has(name)) return [`${name} is missing`]
    if (!wanted.has(name)) return [`${name} should not be there`]
    return unequal(found.get(name), wanted.get(name), '').map((line) => `${name}${line}`)
  })
}

function unequal(found: unknown, wanted: unknown, path: string): string[] {
  if (canonicalJson(found) === canonicalJson(wanted)) return []
  if (isMap(found) && isMap(wanted))
    return [...new Set([...Object.keys(found), ...Object.keys(wanted)])].flatMap((name) =>
      unequal(found[name], wanted[name], path === '' ? ` ${name}` : `${path}.${name}`),
    )
  if (Array.isArray(found) && Array.isArray(wanted) && found.length === wanted.length)
    return found.flatMap((item, index) => unequal(item, wanted[index], `${path}[${index}]`))
  return [`${path}: ${shown(found)}, not ${shown(wanted)}`]
}

const shown = (value: unknown): string => {
  const text = value === undefined ? 'nothing' : canonicalJson(value)
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
