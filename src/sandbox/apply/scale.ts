/**
 * Ownership of the replicas between an object and its scale.
 *
 * Who scales owns one path of the object, under the subresource `scale`. For the write to the scale the owners of that path are shown as
 * owners of the scale's `spec.replicas`; afterwards they are taken back into the object's list. (apimachinery, managedfields/scalehandler.go)
 */
import type { ManagedFieldsEntry } from '../../api/object.ts'
import { field, type Path } from '../../fields/path.ts'
import { difference, type FieldSet, fromPaths, has, isEmpty } from '../../fields/set.ts'
import { type Manager, type Managers, type OwnershipCache, readManagers, withSet, writeManagers } from './manager.ts'

export const scaleVersion = 'autoscaling/v1'
const replicasInScale: Path = [field('spec'), field('replicas')]
const onlyReplicas: FieldSet = fromPaths([replicasInScale])

/** Where the replicas are, by the apiVersion of the kind: `spec.replicas`. Undefined for a version that is not served. */
export type ReplicasPath = (apiVersion: string) => string | undefined

const pathOf = (dotted: string): Path => dotted.split('.').map(field)

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
