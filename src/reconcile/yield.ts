/**
 * Yielding `spec.replicas` to an autoscaler.
 *
 * While an autoscaler of the same primary targets an object, or any at all under the policy `yield`, the number of replicas is the autoscaler's. Leaving the field out of the
 * body at once would let the server fall back to its default of 1, since we were its only owner; so the live value is sent on until
 * another manager holds the field, and only then is it left out. When the autoscaler is gone, the template's value counts again.
 */
import type { KubernetesObject } from '../api/object.ts'
import { displayName, gvkOf, objectKey } from '../api/object.ts'
import { parseFieldManager } from '../api/names.ts'
import { type DesiredObject, withBody } from './desired.ts'
import type { Yielded } from './hand-over.ts'
import { applyEntry, holdsReplicas } from './ingest.ts'

/**
 * The desired objects, those with an autoscaler bodied for it, and the rendered numbers that do not count now.
 *
 * @param observedOf the live object of a desired one, if there is one
 * @param manager our field manager for this primary's dependents
 * @param others autoscalers that nobody here rendered: heeded for objects whose policy is `yield`
 * @param staying autoscalers that are no longer rendered and not deleted yet, such as one whose delete is held: they go on scaling
 */
export function yieldReplicas(
  desired: readonly DesiredObject[],
  observedOf: (desired: DesiredObject) => KubernetesObject | undefined,
  manager: string,
  sha256: (text: string) => string,
  {
    others = [],
    staying = [],
  }: { others?: readonly KubernetesObject[] | undefined; staying?: readonly KubernetesObject[] | undefined } = {},
): { desired: DesiredObject[]; yielded: Yielded[] } {
  const targets = new Map([...staying, ...desired.map(({ body }) => body)].flatMap(autoscaledObject))
  const targetsOfOthers = new Map(others.filter(({ metadata }) => metadata.deletionTimestamp === undefined).flatMap(autoscaledObject))
  const yielded: Yielded[] = []
  if (targets.size + targetsOfOthers.size === 0) return { desired: [...desired], yielded }
  const objects = desired.map((object) => {
    const target = targetKey(object.kind.group, object.kind.kind, object.key)
    const autoscaler = targets.get(target) ?? (object.fieldPolicy === 'yield' ? targetsOfOthers.get(target) : undefined)
    const live = autoscaler === undefined ? undefined : observedOf(object)
    if (autoscaler === undefined || !live) return object
    const holder = replicasHolder(live)
    if (replicasOf(object.body) !== undefined)
      yielded.push({ object: displayName(object.body), field: 'spec.replicas', to: [autoscaler, ...(holder ? [holder] : [])].join(', ') })
    return withReplicas(object, holder === undefined ? replicasToSend(object, live, manager) : undefined, sha256)
  })
  return { desired: objects, yielded }
}

export function isAutoscaler(body: KubernetesObject): boolean {
  const { group, kind } = gvkOf(body)
  return (group === 'autoscaling' && kind === 'HorizontalPodAutoscaler') || (group === 'keda.sh' && kind === 'ScaledObject')
}

/** The key of what a HorizontalPodAutoscaler (autoscaling) or a ScaledObject (keda.sh) targets, in its own namespace, and its name. */
function autoscaledObject(body: KubernetesObject): [target: string, autoscaler: string][] {
  const target = isAutoscaler(body)
    ? (body['spec'] as { scaleTargetRef?: { apiVersion?: string; kind?: string; name?: string } })?.scaleTargetRef
    : undefined
  if (target?.name === undefined) return []
  const { group } = gvkOf({ apiVersion: target.apiVersion ?? 'apps/v1', kind: '' })
  return [[targetKey(group, target.kind ?? 'Deployment', objectKey({ ...body.metadata, name: target.name })), displayName(body)]]
}

const targetKey = (group: string, kind: string, key: string): string => `${kind}.${group} ${key}`

/** The manager that holds the number, other than us. */
const replicasHolder = (live: KubernetesObject): string | undefined =>
  live.metadata.managedFields?.find((entry) => !parseFieldManager(entry.manager) && holdsReplicas(entry.fieldsV1))?.manager

/** The value to send while nobody else holds the number; undefined leaves the field out. */
function replicasToSend(object: DesiredObject, live: KubernetesObject, manager: string): unknown {
  const ours = holdsReplicas(applyEntry(live, manager)?.fieldsV1)
  return ours || replicasOf(object.body) !== undefined ? replicasOf(live) : undefined
}

/** `spec.replicas`, as rendered or as it is. */
export const replicasOf = (object: KubernetesObject): unknown => (object['spec'] as { replicas?: unknown } | undefined)?.replicas

function withReplicas(object: DesiredObject, replicas: unknown, sha256: (text: string) => string): DesiredObject {
  const { replicas: asked, ...spec } = (object.body['spec'] ?? {}) as Record<string, unknown>
  if (asked === replicas) return object
  return withBody(object, { ...object.body, spec: replicas === undefined ? spec : { ...spec, replicas } }, sha256)
}
