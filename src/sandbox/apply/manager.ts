/**
 * Field managers: who owns which paths of an object, between `metadata.managedFields` and the merge.
 *
 * A manager is told apart by its name, operation and subresource; one that updates also by the version that it writes. What cannot be read
 * (another fields type, a broken tree) makes the whole list invalid. (apimachinery, managedfields/internal/managedfields.go)
 */
import { isMap, type JsonObject, type JsonValue, type ManagedFieldsEntry } from '../../api/object.ts'
import { parseFieldsV1 } from '../../fields/serialize.ts'
import { emptySet, type FieldSet } from '../../fields/set.ts'
import type { Schema } from '../schema/schema.ts'
import { json, quoted } from '../status/go-text.ts'
import { toFieldsV1 } from './fields-v1.ts'
import { compareText } from './wire-order.ts'

export interface Manager {
  readonly name: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  /** Empty for the object itself. */
  readonly subresource: string
  readonly set: FieldSet
  readonly time: string | undefined
  /** The entry that it was read from, where nothing has changed since. */
  readonly entry?: ManagedFieldsEntry
}

/** By `identifierOf`. */
export type Managers = Map<string, Manager>

/**
 * What was worked out about stored trees and sets before; both are never changed, so it holds as long as they live.
 * One for a sandbox is enough.
 */
export interface OwnershipCache {
  readonly sets: WeakMap<JsonObject, FieldSet>
  /** The schema that a set was last reconciled with. */
  readonly reconciled: WeakMap<FieldSet, Schema>
}

export const createOwnershipCache = (): OwnershipCache => ({ sets: new WeakMap(), reconciled: new WeakMap() })

/** Equal for the entries that are one manager's. Messages and the cap sort by this text. */
export function identifierOf({ name, operation, apiVersion, subresource }: Omit<Manager, 'set' | 'time'>): string {
  return `{${[
    name && `"manager":${json(name)}`,
    `"operation":"${operation}"`,
    operation === 'Update' && `"apiVersion":${json(apiVersion)}`,
    subresource && `"subresource":${json(subresource)}`,
  ]
    .filter(Boolean)
    .join(',')}}`
}

/** The managers of a list of entries; why it is invalid, if it is. */
export function readManagers(entries: readonly ManagedFieldsEntry[] | undefined, cache: OwnershipCache): Managers | string {
  const managers: Managers = new Map()
  let position = 0
  for (const entry of entries ?? []) {
    const { operation, apiVersion, fieldsType, fieldsV1 } = entry as Partial<ManagedFieldsEntry>
    if (operation !== 'Apply' && operation !== 'Update') return 'operation must be `Apply` or `Update`'
    if (!apiVersion) return 'apiVersion must not be empty'
    if (!fieldsType) return `missing fieldsType in managed fields entry ${position}`
    if (fieldsType !== 'FieldsV1') return `invalid fieldsType ${quoted(fieldsType)} in managed fields entry ${position}`
    let set: FieldSet
    try {
      set = setOf(fieldsV1 as JsonValue | undefined, cache)
    } catch (error) {
      return `error decoding set: ${(error as Error).message}`
    }
    const manager: Manager = {
      name: entry.manager ?? '',
      operation,
      apiVersion,
      subresource: entry.subresource ?? '',
      set,
      time: entry.time ?? undefined,
      entry,
    }
    managers.set(identifierOf(manager), manager)
    position++
  }
  return managers
}

function setOf(fieldsV1: JsonValue | undefined, cache: OwnershipCache): FieldSet {
  if (fieldsV1 === undefined || fieldsV1 === null) return emptySet
  if (!isMap(fieldsV1)) throw new SyntaxError('fieldsV1 is no object')
  const known = cache.sets.get(fieldsV1)
  if (known) return known
  const set = parseFieldsV1(fieldsV1)
  cache.sets.set(fieldsV1, set)
  return set
}

/** The entries as the object stores them, sorted; undefined where there are none. Entries that did not change are the same objects. */
export function writeManagers(managers: Managers, cache: OwnershipCache): ManagedFieldsEntry[] | undefined {
  if (managers.size === 0) return undefined
  const entries: ManagedFieldsEntry[] = []
  for (const manager of managers.values()) entries.push(manager.entry ?? entryOf(manager, cache))
  return entries.length === 1 ? entries : entries.sort(compareEntries)
}

function entryOf({ name, operation, apiVersion, subresource, set, time }: Manager, cache: OwnershipCache): ManagedFieldsEntry {
  const fieldsV1 = toFieldsV1(set)
  cache.sets.set(fieldsV1, set)
  return {
    ...(name && { manager: name }),
    operation,
    apiVersion,
    ...(time !== undefined && { time }),
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...(subresource && { subresource }),
  } as ManagedFieldsEntry
}

/** Appliers first, then by time in seconds, manager, version and subresource. */
function compareEntries(left: ManagedFieldsEntry, right: ManagedFieldsEntry): number {
  return (
    compareText(left.operation, right.operation) ||
    secondsOf(left.time) - secondsOf(right.time) ||
    compareText(left.manager ?? '', right.manager ?? '') ||
    compareText(left.apiVersion, right.apiVersion) ||
    compareText(left.subresource ?? '', right.subresource ?? '')
  )
}

/** Whole seconds since the epoch; 0 where there is no time. */
export const secondsOf = (time: string | undefined): number => (time ? Math.floor(Date.parse(time) / 1000) : 0)

/** The same manager with another set; nothing new if it is the same set. */
export const withSet = (manager: Manager, set: FieldSet): Manager => {
  if (set === manager.set) return manager
  const { entry: _, ...rest } = manager
  return { ...rest, set }
}
