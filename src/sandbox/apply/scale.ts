/**
 * Ownership of the replicas between an object and its scale.
 *
 * Who scales owns one path of the object, under the subresource `scale`. For the write to the scale the owners of that path are shown as
 * owners of the scale's `spec.replicas`; afterwards they are taken back into the object's list. (apimachinery, managedfields/scalehandler.go)
 */
import type { JsonObject, KubernetesObject, ManagedFieldsEntry } from '../../api/object.ts'
import { field, type Path } from '../../fields/path.ts'
import { difference, type FieldSet, fromPaths, has, isEmpty } from '../../fields/set.ts'
import type { Schema } from '../schema/schema.ts'
import { type Applied, applyConfiguration } from './apply-configuration.ts'
import { type Manager, type Managers, type OwnershipCache, readManagers, withSet, writeManagers } from './manager.ts'
import { trackUpdate } from './track-update.ts'
import type { VersionOfKind } from './versions.ts'

export const scaleVersion = 'autoscaling/v1'
const replicasInScale: Path = [field('spec'), field('replicas')]
const onlyReplicas: FieldSet = fromPaths([replicasInScale])

/** Where the replicas are, by the apiVersion of the kind: `spec.replicas`. Undefined for a version that is not served. */
export type ReplicasPath = (apiVersion: string) => string | undefined

const pathOf = (dotted: string): Path => dotted.split('.').map(field)

/** A write to the scale of an object. */
export interface ScaleWrite {
  /** The object, at the version of the endpoint. */
  readonly object: KubernetesObject
  /** Its scale before, as clients see it. */
  readonly scale: KubernetesObject
  readonly replicasPath: ReplicasPath
  /** Of autoscaling/v1 Scale. */
  readonly schema: Schema
  readonly manager: string
  /** Now: `2026-01-02T03:04:05Z`. */
  readonly time: string
  readonly cache: OwnershipCache
}

/** The entries of the object after its scale was written. Who scales an object whose replicas nobody owns is not tracked. */
export function trackScale(write: ScaleWrite & { readonly next: KubernetesObject }): ManagedFieldsEntry[] | undefined {
  const live = liveScale(write)
  return backToObject(write, trackUpdate({ ...asEndpoint(write), live, next: write.next, requested: undefined }))
}

/**
 * The scale with a configuration applied, and the entries of the object.
 *
 * @throws ApiError as `applyConfiguration`
 */
export function applyScale(write: ScaleWrite & { readonly configuration: JsonObject; readonly force: boolean }): Applied {
  const { object, managedFields } = applyConfiguration({ ...asEndpoint(write), ...write, kind: 'Scale', live: liveScale(write) })
  return { object, managedFields: backToObject(write, managedFields) }
}

const asEndpoint = ({ schema, manager, time, cache }: ScaleWrite) => ({
  apiVersion: scaleVersion,
  versions: (apiVersion: string): VersionOfKind | undefined =>
    apiVersion === scaleVersion ? { schema, convert: (scale) => scale } : undefined,
  subresource: 'scale',
  manager,
  time,
  cache,
})

function liveScale({ object, scale, replicasPath, cache }: ScaleWrite): KubernetesObject {
  const managedFields = toScaleEntries(object.metadata.managedFields, replicasPath, cache)
  return { ...scale, metadata: { ...scale.metadata, ...(managedFields && { managedFields }) } }
}

const backToObject = ({ object, replicasPath, cache }: ScaleWrite, entries: ManagedFieldsEntry[] | undefined) =>
  fromScaleEntries(object.metadata.managedFields, entries, object.apiVersion, replicasPath, cache)

/** The entries of the scale, from those of the object. */
export function toScaleEntries(
  entries: readonly ManagedFieldsEntry[] | undefined,
  replicasPath: ReplicasPath,
  cache: OwnershipCache,
): ManagedFieldsEntry[] | undefined {
  const managers = readManagers(entries, cache)
  if (typeof managers === 'string') return undefined
  const result: Managers = new Map()
  for (const [identifier, manager] of managers) {
    const path = replicasPath(manager.apiVersion)
    if (path !== undefined && has(manager.set, pathOf(path))) result.set(identifier, shownInScale(manager))
  }
  return writeManagers(result, cache)
}

function shownInScale({ entry: _, ...manager }: Manager): Manager {
  return { ...manager, apiVersion: scaleVersion, set: onlyReplicas }
}

/**
 * The entries of the object after a write to its scale.
 *
 * @param apiVersion of the object
 * @param scaleEntries as the write left them
 */
export function fromScaleEntries(
  entries: readonly ManagedFieldsEntry[] | undefined,
  scaleEntries: readonly ManagedFieldsEntry[] | undefined,
  apiVersion: string,
  replicasPath: ReplicasPath,
  cache: OwnershipCache,
): ManagedFieldsEntry[] | undefined {
  const parents = readManagers(entries, cache)
  const scalers = readManagers(scaleEntries, cache)
  if (typeof parents === 'string' || typeof scalers === 'string') return entries && [...entries]
  const result: Managers = new Map()
  for (const [identifier, manager] of parents) {
    const dotted = replicasPath(manager.apiVersion)
    if (dotted === undefined) continue
    const path = pathOf(dotted)
    // A manager that updates has another identifier in the scale, so its path is taken here and given back below, without a time.
    if (!has(manager.set, path) || scalers.delete(identifier)) {
      result.set(identifier, manager)
      continue
    }
    const left = difference(manager.set, fromPaths([path]))
    if (!isEmpty(left)) result.set(identifier, withSet(manager, left))
  }
  const own = replicasPath(apiVersion)
  for (const [identifier, scaler] of scalers)
    if (own !== undefined && has(scaler.set, replicasInScale)) {
      const { entry: _, time: _time, ...manager }: Manager = scaler
      result.set(identifier, { ...manager, apiVersion, set: fromPaths([pathOf(own)]), time: parents.get(identifier)?.time })
    }
  return writeManagers(result, cache)
}
