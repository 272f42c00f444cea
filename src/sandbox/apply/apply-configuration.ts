/**
 * Server-side apply: a manager says what it wants of an object, and gets exactly that and nothing of anybody else's.
 *
 * The configuration is merged into the live object, what the manager applied before and left out now is removed, and whoever owned a value
 * that changes is in conflict or, with force, loses it. (apimachinery, managedfields/internal; structured-merge-diff, merge/update.go)
 */
import { isMap, type JsonObject, type KubernetesObject, type ManagedFieldsEntry } from '../../api/object.ts'
import { gvkOf } from '../../api/object.ts'
import { difference, type FieldSet, equals, isEmpty } from '../../fields/set.ts'
import { badRequest, plainError } from '../status/api-error.ts'
import { changeOwners, type Ownership, reconcileManagers, withoutReset } from './change-owners.ts'
import { conflictError, Conflicts } from './conflict.ts'
import { stillAsApplied, withLastApplied } from './last-applied.ts'
import { identifierOf, type Manager, type Managers, readManagers, withSet, writeManagers } from './manager.ts'
import { mergeObjects } from './merge.ts'
import { prune } from './prune.ts'
import { equalJson } from '../../api/equal.ts'
import { stripMeta } from './strip-meta.ts'
import { setOf } from './to-set.ts'
import { updateManagers } from './track-update.ts'
import { shapeProblem } from './validate.ts'
import { versionOf } from './versions.ts'
import { zeroObject } from './zero.ts'

export interface Application extends Ownership {
  /** The kind of the endpoint. */
  readonly kind: string
  /** As stored, at the version of the endpoint; undefined if it does not exist. */
  readonly live: KubernetesObject | undefined
  /** As the client sent it, parsed. */
  readonly configuration: JsonObject
  /** The field manager of the request. */
  readonly manager: string
  /** Take what belongs to others. */
  readonly force: boolean
  /** Empty for the object itself. */
  readonly subresource: string
  /** Now: `2026-01-02T03:04:05Z`. */
  readonly time: string
}

export interface Applied {
  /**
   * The merged object with its new managed fields, before defaults and admission. It shares with `live` what did not change, and is `live`
   * if nothing did, the managed fields included. What the configuration says in metadata (resourceVersion, uid, …) is in it, for the caller to check.
   */
  readonly object: KubernetesObject
  readonly managedFields: ManagedFieldsEntry[] | undefined
}

/**
 * @throws ApiError 400 for another kind or version, or with managed fields in the configuration; 409 for conflicts;
 *   500 without a reason for a configuration that is not of the shape of the kind
 */
export function applyConfiguration(application: Application): Applied {
  const { live, configuration, manager, cache, kind, apiVersion } = application
  const stored = readManagers(live?.metadata.managedFields, cache)
  if (typeof stored === 'string') throw plainError(`failed to decode managed fields: ${stored}`)
  checkConfiguration(application)
  const version = versionOf(application.versions, apiVersion)
  const before = live ?? zeroObject(version.schema, { apiVersion, kind })
  const managers = stored.size > 0 || !live ? stored : beforeFirstApply(live, application)
  let result: Merged
  try {
    result = merge(before, managers, application)
  } catch (error) {
    if (!(error instanceof Conflicts)) throw error
    result = afterConflicts(error, before, managers, application)
  }
  const managedFields = writeManagers(result.managers, cache)
  const object = manager === 'kubectl' ? withLastApplied(result.object, configuration) : result.object
  return { object: withManagedFields(object, managedFields), managedFields }
}

function checkConfiguration({ configuration, kind, apiVersion, versions }: Application): void {
  if (configuration['apiVersion'] !== apiVersion || configuration['kind'] !== kind)
    throw badRequest(`invalid object type: ${describeKind(configuration)}`)
  const metadata = isMap(configuration['metadata']) ? configuration['metadata'] : {}
  if (Array.isArray(metadata['managedFields'])) throw badRequest('metadata.managedFields must be nil')
  const problem = shapeProblem(versionOf(versions, apiVersion).schema, configuration)
  if (!problem) return
  const text = (name: string) => (typeof metadata[name] === 'string' ? metadata[name] : '')
  throw plainError(`failed to create typed patch object (${text('namespace')}/${text('name')}; ${describeKind(configuration)}): ${problem}`)
}

/** `apps/v1, Kind=Deployment`; the core group is empty. */
function describeKind({ apiVersion, kind }: JsonObject): string {
  const given = typeof apiVersion === 'string' ? apiVersion : ''
  if (given.split('/').length > 2) return '/, Kind='
  const { group, version } = gvkOf({ apiVersion: given, kind: '' })
  return `${group}/${version}, Kind=${typeof kind === 'string' ? kind : ''}`
}

/** An object that nobody applied before: all that it has belongs to one manager that updates. */
const beforeFirstApply = (live: KubernetesObject, application: Application): Managers =>
  updateManagers(zeroObject(versionOf(application.versions, application.apiVersion).schema, live), live, new Map(), {
    ...application,
    manager: 'before-first-apply',
  })

interface Merged {
  readonly object: KubernetesObject
  readonly managers: Managers
}

/** @throws Conflicts */
function merge(before: KubernetesObject, stored: Managers, application: Application): Merged {
  const { configuration, manager: name, subresource, apiVersion, versions, time, force } = application
  const { schema } = versionOf(versions, apiVersion)
  const managers = reconcileManagers(stored, application)
  const applier: Omit<Manager, 'set' | 'time'> = { name: name || 'unknown', operation: 'Apply', apiVersion, subresource }
  const identifier = identifierOf(applier)
  const last = managers.get(identifier)
  const merged = mergeObjects(schema, before as JsonObject, configuration) as KubernetesObject
  const asked = withoutReset(setOf(schema, configuration), application)
  managers.set(identifier, { ...applier, set: asked, time: last?.time })
  const pruned = prune(merged, managers, last, application)
  const after = pruned !== before && equalJson(pruned as JsonObject, before as JsonObject) ? before : pruned
  const { managers: left } = changeOwners(before, after, managers, identifier, force, application)
  keepOwnEntry(left, identifier, last, after === before ? last?.time : time)
  return { object: after, managers: left }
}

/** The applier's entry: the stored one if it says the same. */
function keepOwnEntry(managers: Managers, identifier: string, last: Manager | undefined, time: string | undefined): void {
  const own = managers.get(identifier)
  if (!own) return
  const set: FieldSet = stripMeta(own.set)
  if (isEmpty(set)) managers.delete(identifier)
  else if (last && last.apiVersion === own.apiVersion && last.time === time && equals(last.set, set)) managers.set(identifier, last)
  else managers.set(identifier, { ...withSet(own, set), time })
}

function afterConflicts(found: Conflicts, before: KubernetesObject, managers: Managers, application: Application): Merged {
  const { manager, apiVersion, versions } = application
  const allowed = manager === 'kubectl' ? stillAsApplied(before, apiVersion, versionOf(versions, apiVersion)) : undefined
  if (!allowed) throw conflictError(found)
  if (!isEmpty(difference(found.set(), allowed))) throw conflictError(found.without(allowed))
  return merge(before, managers, { ...application, force: true })
}

/** Copies nothing if the entries are the stored ones. */
function withManagedFields(object: KubernetesObject, managedFields: ManagedFieldsEntry[] | undefined): KubernetesObject {
  const stored = object.metadata?.managedFields
  if (
    managedFields === undefined
      ? stored === undefined
      : stored?.length === managedFields.length && managedFields.every((entry, at) => entry === stored[at])
  )
    return object
  const { managedFields: _, ...metadata } = object.metadata ?? {}
  return { ...object, metadata: managedFields ? { ...metadata, managedFields } : metadata } as KubernetesObject
}
