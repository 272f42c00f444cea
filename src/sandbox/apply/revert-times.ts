/**
 * A write that changes nothing but the times of managed fields changes nothing: the times are put back.
 * (apiserver, endpoints/handlers/fieldmanager/equality.go)
 */
import type { JsonObject, JsonValue, KubernetesObject, ManagedFieldsEntry } from '../../api/object.ts'
import { sameValue } from './shape.ts'

/** `before` itself if the two are equal but for the times of their managed fields; else `after`. Compare after defaults and admission. */
export function revertTimes(before: KubernetesObject, after: KubernetesObject): KubernetesObject {
  if (before === after) return before
  const old = before.metadata.managedFields ?? []
  const entries = after.metadata.managedFields ?? []
  if (old.length !== entries.length || entries.length === 0) return after
  if (!entries.every((entry, at) => sameButTime(entry, old[at] as ManagedFieldsEntry))) return after
  return sameValue(withoutEntries(after), withoutEntries(before)) ? before : after
}

function sameButTime(left: ManagedFieldsEntry, right: ManagedFieldsEntry): boolean {
  return (
    left === right ||
    (left.manager === right.manager &&
      left.operation === right.operation &&
      left.apiVersion === right.apiVersion &&
      left.subresource === right.subresource &&
      left.fieldsType === right.fieldsType &&
      sameValue(left.fieldsV1, right.fieldsV1))
  )
}

const withoutEntries = (object: KubernetesObject): JsonValue =>
  ({ ...object, metadata: { ...object.metadata, managedFields: undefined } }) as unknown as JsonObject
