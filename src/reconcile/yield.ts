/**
 * Yielding `spec.replicas` to an autoscaler.
 *
 * While an autoscaler of the same primary targets an object, the number of replicas is the autoscaler's. Leaving the field out of the
 * body at once would let the server fall back to its default of 1, since we were its only owner; so the live value is sent on until
 * another manager holds the field, and only then is it left out. When the autoscaler is gone, the template's value counts again.
 */
import type { KubernetesObject } from '../api/object.ts'
import { gvkOf } from '../api/object.ts'
import { parseFieldManager } from '../api/names.ts'
import { type DesiredObject, withBody } from './desired.ts'
import { applyEntry, holdsReplicas } from './ingest.ts'

/**
 * The desired objects, those with an autoscaler bodied for it.
 *
 * @param observedOf the live object of a desired one, if there is one
 * @param manager our field manager for this primary's dependents
 */
export function yieldReplicas(
  desired: readonly DesiredObject[],
  observedOf: (desired: DesiredObject) => KubernetesObject | undefined,
  manager: string,
  sha256: (text: string) => string,
): DesiredObject[] {
  const targets = new Set(desired.flatMap(autoscaledObject))
  if (targets.size === 0) return [...desired]
  return desired.map((object) => {
    if (!targets.has(targetKey(object.kind.group, object.kind.kind, object.key))) return object
    const live = observedOf(object)
    return live ? withReplicas(object, replicasToSend(object, live, manager), sha256) : object
  })
}

/** The key of what a HorizontalPodAutoscaler (autoscaling) or a ScaledObject (keda.sh) targets, in its own namespace. */
function autoscaledObject({ kind, key, body }: DesiredObject): string[] {
  const isAutoscaler =
    (kind.group === 'autoscaling' && kind.kind === 'HorizontalPodAutoscaler') || (kind.group === 'keda.sh' && kind.kind === 'ScaledObject')
  const target = isAutoscaler
    ? (body['spec'] as { scaleTargetRef?: { apiVersion?: string; kind?: string; name?: string } })?.scaleTargetRef
    : undefined
  if (target?.name === undefined) return []
  const { group } = gvkOf({ apiVersion: target.apiVersion ?? 'apps/v1', kind: '' })
  return [targetKey(group, target.kind ?? 'Deployment', `${key.slice(0, key.indexOf('/') + 1)}${target.name}`)]
}

const targetKey = (group: string, kind: string, key: string): string => `${kind}.${group} ${key}`

/** The value to send; undefined leaves the field to its holder. */
function replicasToSend(object: DesiredObject, live: KubernetesObject, manager: string): unknown {
  const heldByAnother = live.metadata.managedFields?.some((entry) => !parseFieldManager(entry.manager) && holdsReplicas(entry.fieldsV1))
  if (heldByAnother) return undefined
  const ours = holdsReplicas(applyEntry(live, manager)?.fieldsV1)
  const asked = (object.body['spec'] as { replicas?: unknown } | undefined)?.replicas
  return ours || asked !== undefined ? (live['spec'] as { replicas?: unknown } | undefined)?.replicas : undefined
}

function withReplicas(object: DesiredObject, replicas: unknown, sha256: (text: string) => string): DesiredObject {
  const { replicas: asked, ...spec } = (object.body['spec'] ?? {}) as Record<string, unknown>
  if (asked === replicas) return object
  return withBody(object, { ...object.body, spec: replicas === undefined ? spec : { ...spec, replicas } }, sha256)
}
