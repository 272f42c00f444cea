/**
 * Handing fields over, for as long as the cause exists.
 *
 * `spec.replicas` of an object that an autoscaler of the same primary targets is the autoscaler's, whatever the policy. Under the policy `yield`
 * it is any autoscaler's, and every field that another applier's entry holds is that applier's. Nothing is remembered: what the live object tells decides in every pass, and
 * when the other lets go, the template's value counts again.
 */
import { appliedAnnotation, fieldPolicyAnnotation, parseFieldManager, primaryAnnotation, primaryUidLabel } from '../api/names.ts'
import { displayName, groupKind, type JsonObject, type KubernetesObject, type ManagedFieldsEntry } from '../api/object.ts'
import { formatPath, type Path } from '../fields/path.ts'
import type { FieldSet } from '../fields/set.ts'
import { without } from '../fields/without.ts'
import { type DesiredObject, withBody } from './desired.ts'
import type { WantedCondition } from './conditions.ts'
import { listed } from './status.ts'
import { yieldReplicas } from './yield.ts'

/** A rendered field that is somebody else's now. */
export interface Yielded {
  /** `Deployment/web`. */
  object: string
  /** `spec.replicas`. */
  field: string
  /** The manager that holds it, and the autoscaler if it is for one. */
  to: string
}

export interface HandOverOptions {
  /** The live object of a desired one, if there is one. */
  observedOf: (desired: DesiredObject) => KubernetesObject | undefined
  /** Our field manager for this primary's dependents. */
  manager: string
  parse: (fields: JsonObject) => FieldSet
  sha256: (text: string) => string
  /** Autoscalers that nobody here rendered. */
  autoscalers?: readonly KubernetesObject[]
  /** Autoscalers that the primary renders no longer, and that are still there. */
  staying?: readonly KubernetesObject[]
}

/** The desired objects without what is handed over, in their order, and everything that is. */
export function handOver(desired: readonly DesiredObject[], options: HandOverOptions): { desired: DesiredObject[]; yielded: Yielded[] } {
  const replicas = yieldReplicas(desired, options.observedOf, options.manager, options.sha256, {
    others: options.autoscalers,
    staying: options.staying,
  })
  const yielded = [...replicas.yielded]
  const objects = replicas.desired.map((object) => {
    const live = object.fieldPolicy === 'yield' ? options.observedOf(object) : undefined
    if (!live) return object
    const found = yieldToAppliers(object, live, options)
    yielded.push(...found.yielded)
    return found.desired
  })
  return { desired: objects, yielded }
}

/** One of these desired objects, as it is on top of a live one that no store has. */
export function handedOver(
  desired: DesiredObject,
  live: KubernetesObject,
  all: readonly DesiredObject[],
  options: Omit<HandOverOptions, 'observedOf'>,
): DesiredObject {
  const at = all.findIndex(({ kind, key }) => key === desired.key && groupKind(kind) === groupKind(desired.kind))
  return handOver(all, { ...options, observedOf: (object) => (object === all[at] ? live : undefined) }).desired[at] ?? desired
}

/** The desired object without the fields that other appliers of the live one hold. */
export function yieldToAppliers(
  desired: DesiredObject,
  live: KubernetesObject,
  { parse, sha256 }: Pick<HandOverOptions, 'parse' | 'sha256'>,
): { desired: DesiredObject; yielded: Yielded[] } {
  const yielded: Yielded[] = []
  let body = desired.body as unknown as JsonObject
  for (const { manager, fieldsV1 } of otherAppliers(live)) {
    if (!fieldsV1) continue
    const { body: rest, taken } = without(body, parse(fieldsV1), isOurs)
    body = rest
    yielded.push(...taken.map((path) => ({ object: displayName(desired.body), field: fieldName(path), to: manager })))
  }
  if (yielded.length === 0) return { desired, yielded }
  return { desired: withBody(desired, body as unknown as KubernetesObject, sha256), yielded }
}

/** `FieldsYielded`, as long as a rendered field is somebody else's. */
export const yieldedConditions = (yielded: readonly Yielded[]): WantedCondition[] =>
  yielded.length === 0
    ? []
    : [
        {
          type: 'FieldsYielded',
          status: 'True',
          reason: 'HeldByAnother',
          message: `left to others: ${listed(yielded.map(({ object, field, to }) => `${object} ${field} (${to})`))}`,
        },
      ]

/** The entries of appliers that are no part of this program. */
export const otherAppliers = (live: KubernetesObject): ManagedFieldsEntry[] =>
  (live.metadata.managedFields ?? []).filter(
    ({ manager, operation, subresource }) => operation === 'Apply' && !subresource && !parseFieldManager(manager),
  )

/** A path as people write it: `spec.replicas`. */
export const fieldName = (path: Path): string => formatPath(path).replace(/^\./, '')

/** What makes the object this primary's, and finds it: nobody else can have that. */
function isOurs(path: Path): boolean {
  const [root, map, key] = path.map((step) => (step.kind === 'field' ? step.name : undefined))
  if (path.length === 1) return root === 'apiVersion' || root === 'kind'
  if (root !== 'metadata') return false
  if (path.length === 2) return map === 'ownerReferences' || map === 'name' || map === 'namespace'
  return (
    path.length === 3 &&
    ((map === 'labels' && key === primaryUidLabel) ||
      (map === 'annotations' && (key === appliedAnnotation || key === primaryAnnotation || key === fieldPolicyAnnotation)))
  )
}
