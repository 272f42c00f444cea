/** Whose the fields and list items of a live object are, as its managed fields tell. */
import { isMap, type JsonObject, type KubernetesObject } from '../api/object.ts'
import { coverage } from '../fields/coverage.ts'
import type { Path } from '../fields/path.ts'
import { type FieldSet, has, nodeAt } from '../fields/set.ts'
import type { ForeignItem } from './exclusive-lists.ts'
import { otherAppliers } from './hand-over.ts'
import { applyEntry } from './ingest.ts'

/** The managers whose entries hold the item: what admission adds is held by nobody. */
export function itemHolders(live: KubernetesObject, { list, key }: ForeignItem): string[] {
  const steps = list.map((step) => (typeof step === 'string' ? `f:${step}` : step))
  return (live.metadata.managedFields ?? [])
    .filter(({ fieldsV1 }) => fieldsV1 !== undefined && holds(fieldsV1, steps, key))
    .map(({ manager }) => manager)
}

/** The managers whose entries hold the field, or anything in it. */
export const fieldHolders = (live: KubernetesObject, path: Path, parse: (fields: JsonObject) => FieldSet): string[] =>
  (live.metadata.managedFields ?? [])
    .filter(({ fieldsV1 }) => fieldsV1 !== undefined && nodeAt(parse(fieldsV1), path) !== undefined)
    .map(({ manager }) => manager)

/** Whether another applier holds the item. */
export const isApplied = (live: KubernetesObject, { list, key }: ForeignItem): boolean => {
  const steps = list.map((step) => (typeof step === 'string' ? `f:${step}` : step))
  return otherAppliers(live).some(({ fieldsV1 }) => fieldsV1 !== undefined && holds(fieldsV1, steps, key))
}

/** Walks an entry along a list's path. Below an item of an outer list every item is tried: its index says nothing about its key. */
function holds(fields: JsonObject, [step, ...rest]: readonly (string | number)[], key: Readonly<Record<string, unknown>>): boolean {
  if (step === undefined)
    return Object.keys(fields).some((name) => name.startsWith('k:') && agrees(JSON.parse(name.slice(2)) as Record<string, unknown>, key))
  if (typeof step === 'string') return isMap(fields[step]) && holds(fields[step], rest, key)
  return Object.entries(fields).some(([name, item]) => name.startsWith('k:') && isMap(item) && holds(item, rest, key))
}

const agrees = (held: Readonly<Record<string, unknown>>, key: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(key).every(([name, value]) => held[name] === value)

/** The fields of the body that our entry does not hold any more, and who holds each. */
export function lostFields(
  body: KubernetesObject,
  live: KubernetesObject,
  { manager: ours, parse }: { manager: string; parse: (fields: JsonObject) => FieldSet },
): { path: Path; holder: string | undefined }[] {
  const entry = applyEntry(live, ours)
  const others = (live.metadata.managedFields ?? []).flatMap(({ manager, fieldsV1 }) =>
    manager !== ours && fieldsV1 ? [{ manager, held: parse(fieldsV1) }] : [],
  )
  const lost = entry?.fieldsV1 ? coverage(parse(entry.fieldsV1), body as unknown as JsonObject).missing : []
  return lost.map((path) => ({ path, holder: others.find(({ held }) => has(held, path))?.manager }))
}

/** The managers that hold fields of the body which our entry does not hold any more. */
export function lostTo(
  body: KubernetesObject,
  live: KubernetesObject,
  { manager: ours, parse }: { manager: string; parse: (fields: JsonObject) => FieldSet },
): string[] {
  const entry = applyEntry(live, ours)
  if (!entry?.fieldsV1) return []
  const lost = coverage(parse(entry.fieldsV1), body as unknown as JsonObject).missing
  return (live.metadata.managedFields ?? [])
    .filter(({ manager, fieldsV1 }) => manager !== ours && fieldsV1 !== undefined && lost.some((path) => has(parse(fieldsV1), path)))
    .map(({ manager }) => manager)
}
