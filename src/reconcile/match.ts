/**
 * Whether a live object is what we would send, decided by ownership and not by value.
 *
 * A foreign write to a field takes that field from our entry in the managed fields, so drift shows without comparing values; quantities,
 * defaults and webhooks need no rules. Unchanged means: the object carries the hash of the body that we would send now, and our Apply entry
 * covers exactly the paths of that body. The hash leaves the values of a Secret out, so these are compared: one that is another and still ours
 * was changed by nobody, so that it is our own wish that is another. (Kubernetes documentation, Server-Side Apply; structured-merge-diff)
 */
import { canonicalJson } from '../api/canonical.ts'
import { coverage } from '../fields/coverage.ts'
import { holds } from '../fields/holds.ts'
import { outOfOrder } from '../fields/order.ts'
import { formatPath, type Path } from '../fields/path.ts'
import { type ParsedSubtrees, parseFieldsV1 } from '../fields/serialize.ts'
import { emptySet, type FieldSet, nodeAt } from '../fields/set.ts'
import { unseen } from '../fields/unseen.ts'
import { appliedAnnotation, parseFieldManager } from '../api/names.ts'
import type { JsonObject, KubernetesObject } from '../api/object.ts'
import { type DesiredObject, isSecret, wishOf } from './desired.ts'
import { type ForeignItem, foreignItems } from './exclusive-lists.ts'
import { isApplied } from './holders.ts'
import { applyEntry } from './ingest.ts'
import { isUntied } from './keep.ts'
import { spentEntries } from './spent-entries.ts'

export type Match =
  | { kind: 'same' }
  /** We would send another body than the last time. */
  | { kind: 'changed' }
  /** Somebody else changed what we hold: the paths that are no longer ours, items that stand in our lists, managers that hold fields for no one. */
  | { kind: 'drift'; paths: readonly string[]; foreign: readonly ForeignItem[]; spent: readonly string[] }

/** What was remembered of a write whose answer lacked our marks. */
export interface Unmarked {
  /** What was sent, as `wishOf` has it. */
  wish: string
  resourceVersion: string
  /** What the server made of it, as canonical JSON. */
  content: string
}

export interface MatchOptions {
  manager: string
  /** Parses managed fields, with a cache of the caller's: many objects share one shape. */
  parse: (fields: JsonObject) => FieldSet
  /** Foreign items that admission puts back: they stay. */
  admitted: (object: KubernetesObject, item: ForeignItem) => boolean
  /** For an object whose marks the server does not keep: our last write to it. */
  unmarked: (uid: string) => Unmarked | undefined
}

/** Compares a desired object with the live one of the same key. */
export function match(desired: DesiredObject, live: KubernetesObject, options: MatchOptions): Match {
  const unmarked = options.unmarked(live.metadata.uid ?? '')
  if (unmarked) return unmarked.wish === wishOf(desired) && isAsLeft(live, unmarked) ? { kind: 'same' } : { kind: 'changed' }
  const sameBody = live.metadata.annotations?.[appliedAnnotation] === desired.applied
  const entry = applyEntry(live, options.manager)
  // Without our entry the managed fields were reset, or the object was never ours.
  if (entry ? entry.apiVersion !== desired.body.apiVersion : !sameBody) return { kind: 'changed' }
  const held = entry?.fieldsV1 ? options.parse(entry.fieldsV1) : emptySet
  const body = json(desired.body)
  const foreign = unwantedItems(desired, live, options.admitted)
  const spent = spentEntries(live, options.manager).map(({ manager }) => manager)
  const values = changedSecretValues(desired.body, live)
  const restIsSame = sameBody && foreign.length === 0 && spent.length === 0 && values.length === 0
  if (restIsSame && holds(held, body, json(live))) return { kind: 'same' }
  const { missing, extra } = coverage(held, body)
  const lost = missing.map(formatPath)
  // What was untied has lost our mark through us.
  const isOurLoss = isUntied(live, parseFieldManager(options.manager)?.primaryUid ?? '')
  if (!sameBody && (!lost.includes(appliedPath) || isOurLoss)) return { kind: 'changed' }
  if (values.some((path) => !lost.includes(path))) return { kind: 'changed' }
  const hidden = [...outOfOrder(held, body, json(live)), ...unseen(held, body, json(live)).filter((path) => !isShared(path, live, options))]
  if (restIsSame && missing.length + extra.length + hidden.length === 0) return { kind: 'same' }
  return { kind: 'drift', paths: [...lost, ...hidden.map(formatPath)], foreign, spent }
}

/** The foreign items that are to go: not those of admission, nor, where fields are yielded, those of another applier. */
export const unwantedItems = (desired: DesiredObject, live: KubernetesObject, admitted: MatchOptions['admitted']): ForeignItem[] =>
  foreignItems(desired.body, live).filter((item) => !admitted(live, item) && !(desired.fieldPolicy === 'yield' && isApplied(live, item)))

/** Whether another manager holds single items of the list at this path: then its items have keys, and theirs stand beside ours. */
const isShared = (path: Path, { metadata }: KubernetesObject, { manager, parse }: MatchOptions): boolean =>
  (metadata.managedFields ?? []).some((entry) => {
    const list = entry.manager !== manager && entry.fieldsV1 ? nodeAt(parse(entry.fieldsV1), path) : undefined
    return list !== undefined && list.items.size + list.values.size > 0
  })

/** Remembers the answer to a write of this body. */
export const unmarkedBy = (desired: DesiredObject, answer: KubernetesObject): Unmarked => ({
  wish: wishOf(desired),
  resourceVersion: answer.metadata.resourceVersion as string,
  content: contentOf(answer),
})

/** Nothing on the object tells whether it is as we left it. Its own controller writes its status and makes new versions all the time. */
const isAsLeft = (live: KubernetesObject, { resourceVersion, content }: Unmarked): boolean =>
  resourceVersion === live.metadata.resourceVersion || content === contentOf(live)

function contentOf({ status: _status, metadata, ...object }: KubernetesObject): string {
  const { resourceVersion: _version, generation: _generation, managedFields: _fields, ...kept } = metadata
  return canonicalJson({ ...object, metadata: kept })
}

const appliedPath = `.metadata.annotations.${appliedAnnotation}`

/** An object of the API is JSON: only its type is wider. */
const json = (object: KubernetesObject): JsonObject => object as unknown as JsonObject

/** The paths of a Secret's values that are not what we would send. */
function changedSecretValues(body: KubernetesObject, live: KubernetesObject): string[] {
  if (!isSecret(body)) return []
  const found = (live['data'] ?? {}) as Record<string, unknown>
  return Object.entries((body['data'] ?? {}) as Record<string, unknown>).flatMap(([key, value]) =>
    value !== null && (Object.hasOwn(found, key) ? found[key] : undefined) !== value ? [`.data.${key}`] : [],
  )
}

/** A parser of managed fields that parses each shared subtree once. */
export function cachedParser(): (fields: JsonObject) => FieldSet {
  const known: ParsedSubtrees = new WeakMap()
  return (fields) => parseFieldsV1(fields, known)
}
