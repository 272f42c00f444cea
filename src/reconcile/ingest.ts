/**
 * What a store keeps of an object's managed fields.
 *
 * They are more than half of a small object, and most of them say which fields other managers hold, which nobody asks. Kept are our own
 * entries and those of other appliers whole, since fields can be handed over to them, and of the others the name and, where they hold it,
 * `spec.replicas`, which is handed over to autoscalers.
 *
 * Of a custom resource that is a dependent the others' entries are kept too, but for those of its status: they alone tell whether the
 * items of a list, which we sent empty, have keys.
 */
import { parseFieldManager } from '../api/names.ts'
import type { JsonObject, KubernetesObject, ManagedFieldsEntry } from '../api/object.ts'
import { isBuiltIn } from '../fields/unseen.ts'

/** The object with its managed fields reduced. The argument is fresh from the wire and is changed in place. */
export function reduceManagedFields(object: KubernetesObject): KubernetesObject {
  return reduce(object, false)
}

/** The same for a dependent. */
export function reduceDependentsFields(object: KubernetesObject): KubernetesObject {
  return reduce(object, !isBuiltIn(object.apiVersion))
}

function reduce(object: KubernetesObject, keepsOthers: boolean): KubernetesObject {
  const entries = object.metadata.managedFields
  if (entries) object.metadata.managedFields = entries.map((entry) => reduceEntry(entry, keepsOthers))
  return object
}

function reduceEntry(entry: ManagedFieldsEntry, keepsOthers: boolean): ManagedFieldsEntry {
  const { manager, operation, apiVersion, fieldsType, fieldsV1, subresource } = entry
  const isWhole = parseFieldManager(manager) || ((keepsOthers || operation === 'Apply') && !subresource)
  const kept = isWhole ? fieldsV1 : holdsReplicas(fieldsV1) ? replicasOnly : undefined
  // Each by its name: what is spread takes half as much room again, and every object has such entries.
  if (kept && fieldsType && !subresource) return { manager, operation, apiVersion, fieldsType, fieldsV1: kept }
  const { time: _time, fieldsV1: _all, ...name } = entry
  return kept ? { ...name, fieldsV1: kept } : name
}

const replicasOnly: JsonObject = Object.freeze({ 'f:spec': Object.freeze({ 'f:replicas': Object.freeze({}) }) })

/** Whether these managed fields hold `spec.replicas`. */
export function holdsReplicas(fields: JsonObject | undefined): boolean {
  const spec = fields?.['f:spec'] as JsonObject | undefined
  return spec?.['f:replicas'] !== undefined
}

/** Our own Apply entry for a primary's dependent: the second half of the proof that this primary made the object. */
export function applyEntry(object: KubernetesObject, manager: string): ManagedFieldsEntry | undefined {
  return object.metadata.managedFields?.find((entry) => entry.manager === manager && entry.operation === 'Apply' && !entry.subresource)
}
