/**
 * The inventory: which kinds of dependents an operator has ever applied, by the kind of their primaries.
 *
 * It does not list objects: those are found by their label. It says which kinds to look for it at, also those that were computed at run
 * time or that nothing renders any more, and in which namespaces there are dependents that no owner reference holds.
 */
import { apiVersionOf, groupKind, type GroupVersionKind, gvkOf, isMap, type KubernetesObject } from '../api/object.ts'
import type { DesiredObject } from './desired.ts'
import { isOwnedBy } from './ownership.ts'

/** One kind of dependents. */
export interface InventoryEntry {
  kind: GroupVersionKind
  /**
   * Where dependents stand, or have stood, that no owner reference of their primary holds: names of namespaces, or `*` for all, which also
   * stands for a cluster-scoped kind. Empty where owner references hold all of them.
   */
  namespaces: readonly string[]
}

/** By the kind of the primaries (`App.app.company.com`), sorted. */
export type Inventory = Readonly<Record<string, readonly InventoryEntry[]>>

export const anyNamespace = '*'

/**
 * The entries that these objects need.
 *
 * @param namespaces those that the operator is limited to; empty: all, and then no single one is worth to be told
 */
export function entriesFor(
  desired: readonly Pick<DesiredObject, 'kind' | 'body'>[],
  primary: KubernetesObject,
  namespaces: readonly string[],
): InventoryEntry[] {
  return merged(
    desired.map(({ kind, body }) => ({
      kind,
      namespaces: isOwnedBy(body, primary) ? [] : [namespaces.length > 0 ? (body.metadata.namespace ?? anyNamespace) : anyNamespace],
    })),
  )
}

/** Whether everything that is wanted is recorded. */
export const covers = (recorded: readonly InventoryEntry[], wanted: readonly InventoryEntry[]): boolean =>
  wanted.every(({ kind, namespaces }) => {
    const entry = recorded.find((each) => isSameKind(each.kind, kind))
    return entry !== undefined && namespaces.every((name) => entry.namespaces.includes(name) || entry.namespaces.includes(anyNamespace))
  })

/** One entry a kind, sorted, so that the same kinds give the same text. */
export function merged(entries: readonly InventoryEntry[]): InventoryEntry[] {
  const byKind = Map.groupBy(entries, ({ kind }) => `${apiVersionOf(kind)} ${kind.kind}`)
  return [...byKind.keys()].sort().map((id) => {
    const same = byKind.get(id) as InventoryEntry[]
    const names = new Set(same.flatMap(({ namespaces }) => namespaces))
    const { kind } = same[0] as InventoryEntry
    return { kind, namespaces: names.has(anyNamespace) ? [anyNamespace] : [...names].sort() }
  })
}

export const mergedInventories = (one: Inventory, other: Inventory): Inventory =>
  Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(other)])]
      .sort()
      .map((primary) => [primary, merged([...(one[primary] ?? []), ...(other[primary] ?? [])])]),
  )

/** `{"App.app.company.com":["apps/v1 Deployment","v1 ConfigMap in *"]}` */
export const formatInventory = (inventory: Inventory): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(inventory).map(([primary, entries]) => [
        primary,
        entries.map(
          ({ kind, namespaces }) => `${apiVersionOf(kind)} ${kind.kind}${namespaces.length > 0 ? ` in ${namespaces.join(',')}` : ''}`,
        ),
      ]),
    ),
  )

/** Reads it back; undefined for a text that is none, which must not be taken for an empty one. */
export function parseInventory(text: string): Inventory | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isMap(value)) return undefined
  const inventory: Record<string, InventoryEntry[]> = {}
  for (const [primary, lines] of Object.entries(value)) {
    if (!Array.isArray(lines)) return undefined
    const entries = lines.map(parseEntry)
    if (entries.some((entry) => entry === undefined)) return undefined
    inventory[primary] = merged(entries as InventoryEntry[])
  }
  return inventory
}

function parseEntry(line: unknown): InventoryEntry | undefined {
  const [, apiVersion, kind, namespaces] = /^(\S+) (\S+)(?: in (\S+))?$/.exec(String(line)) ?? []
  if (apiVersion === undefined || kind === undefined) return undefined
  return { kind: gvkOf({ apiVersion, kind }), namespaces: namespaces?.split(',') ?? [] }
}

const isSameKind = (one: GroupVersionKind, other: GroupVersionKind): boolean =>
  groupKind(one) === groupKind(other) && one.version === other.version
