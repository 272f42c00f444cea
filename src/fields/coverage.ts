/**
 * Does an apply entry own exactly the paths of the body that we would send?
 *
 * The API server takes a path away from our entry as soon as another manager changes the value there. So a difference between
 * the entry and the body is drift, and no value has to be compared: defaults, quantities in another spelling and values that
 * admission rewrites leave the entry as it is. The set and the body are walked at once, without a schema:
 *
 * - `apiVersion`, `kind` and the identity in `metadata` are never tracked;
 * - nor is what the server ignores in an apply: the status where there is a status subresource;
 * - a leaf of the set owns whatever the body has there (an atomic list or map is one leaf);
 * - scalars, nulls and empty maps have a path; an empty list has one only where the list is atomic, so both are right;
 * - items of associative lists are found by their keys, and the item itself (`.`) is owned too.
 *
 * (structured-merge-diff, typed/tofieldset.go; apimachinery, managedfields/internal/stripmeta.go)
 */
import { canonicalJson } from '../api/canonical.ts'
import { isMap, type JsonObject, type JsonValue } from '../api/object.ts'
import { ambiguous, isList, keyOf, keysOf, nowhere } from './match.ts'
import { field, index, item, type Path, type PathElement, value as valueElement } from './path.ts'
import { emptySet, type FieldSet, type ItemKey, paths } from './set.ts'

export interface Coverage {
  /** Paths of the body that the set lacks. */
  readonly missing: readonly Path[]
  /** Paths of the set that the body lacks. */
  readonly extra: readonly Path[]
}

/** What is different, for messages. Both lists are empty exactly if `coversExactly`. */
export function coverage(set: FieldSet, body: JsonObject): Coverage {
  const differences: Differences = { at: [], missing: [], extra: [] }
  compareFields(set, body, untrackedAtRoot, differences)
  return { missing: differences.missing, extra: differences.extra }
}

/** Whether the set owns exactly the paths of the body. Stops at the first difference. */
export const coversExactly = (set: FieldSet, body: JsonObject): boolean => compareFields(set, body, untrackedAtRoot, undefined)

const untrackedAtRoot: ReadonlySet<string> = new Set(['apiVersion', 'kind'])
const untrackedInMetadata: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
])

/**
 * Whether the server ignores a top-level field in an apply, and so does not track it: `status` where a kind has a status
 * subresource, which only the entry can tell, and the `spec` of a CertificateSigningRequest, which nobody can change. (GetResetFields)
 */
const isReset = (name: string, body: JsonObject): boolean =>
  name === 'status' ||
  (name === 'spec' && body['kind'] === 'CertificateSigningRequest' && String(body['apiVersion']).startsWith('certificates.k8s.io/'))

/** Where differences are gathered; without one the walk stops at the first. */
interface Differences {
  /** The path of the place that is being looked at. */
  readonly at: PathElement[]
  readonly missing: Path[]
  readonly extra: Path[]
}

function compare(set: FieldSet | undefined, value: JsonValue, differences: Differences | undefined): boolean {
  if (set === undefined) return compareUnowned(value, differences)
  if (set.leaf) return true
  if (isList(value)) return compareList(set, value, differences)
  if (isMap(value)) return compareFields(set, value, undefined, differences)
  if (!differences) return false
  if (!set.owned) differences.missing.push([...differences.at])
  addExtra(set, differences)
  return false
}

function compareFields(
  set: FieldSet,
  body: JsonObject,
  untracked: ReadonlySet<string> | undefined,
  differences: Differences | undefined,
): boolean {
  let matched = 0
  let fields = 0
  let same = true
  for (const name in body) {
    const value = body[name]
    if (value === undefined) continue
    fields++
    if (untracked?.has(name)) continue
    const child = set.fields.get(name)
    if (child) matched++
    else if (untracked === untrackedAtRoot && isReset(name, body)) continue
    differences?.at.push(field(name))
    const below =
      untracked === untrackedAtRoot && name === 'metadata' && isMap(value)
        ? compareFields(child ?? emptySet, value, untrackedInMetadata, differences)
        : compare(child, value, differences)
    differences?.at.pop()
    if (below) continue
    if (!differences) return false
    same = false
  }
  if (fields === 0 && !set.owned && untracked === undefined) {
    if (!differences) return false
    differences.missing.push([...differences.at])
    same = false
  }
  if (matched === set.fields.size && set.items.size + set.values.size + set.indexes.size === 0) return same
  if (!differences) return false
  for (const [name, child] of set.fields)
    if (!Object.hasOwn(body, name) || body[name] === undefined || untracked?.has(name)) addExtraBelow(field(name), child, differences)
  addExtra({ ...set, fields: emptySet.fields }, differences)
  return false
}

function compareList(set: FieldSet, list: readonly JsonValue[], differences: Differences | undefined): boolean {
  if (set.items.size > 0) return compareItems(set, list, differences)
  if (!differences && (set.fields.size > 0 || set.values.size + set.indexes.size !== list.length)) return false
  const seen = new Set<PathElement | string | number>()
  let same = true
  list.forEach((member, at) => {
    const text = set.values.size > 0 ? canonicalJson(member) : undefined
    const child = text === undefined ? set.indexes.get(at) : set.values.get(text)
    // The same member twice is no set; it has one path only.
    const again = text !== undefined && seen.has(text)
    seen.add(text ?? at)
    if (child?.leaf && !again) return
    differences?.at.push(text === undefined ? index(at) : valueElement(member))
    if (!compare(again ? undefined : child, member, differences)) same = false
    differences?.at.pop()
  })
  if (!differences) return same
  const before = differences.extra.length
  for (const [text, child] of set.values)
    if (!seen.has(text)) addExtraBelow(valueElement(JSON.parse(text) as JsonValue), child, differences)
  for (const [at, child] of set.indexes) if (!seen.has(at)) addExtraBelow(index(at), child, differences)
  addExtra({ ...emptySet, fields: set.fields }, differences)
  return same && differences.extra.length === before
}

/** As many keys as fit into the bits of one small integer can be ticked off without an allocation. */
const bits = 30

function compareItems(set: FieldSet, list: readonly JsonValue[], differences: Differences | undefined): boolean {
  if (differences || set.keys.length > bits) return compareAssigned(set, list, differences)
  if (list.length !== set.keys.length || set.fields.size + set.values.size + set.indexes.size > 0) return false
  let ticked = 0
  for (const member of list) {
    const position = keyOf(set, member)
    if (position === ambiguous) return compareAssigned(set, list, undefined)
    if (position === nowhere || ticked & (1 << position)) return false
    ticked |= 1 << position
    if (!compareItem((set.keys[position] as ItemKey).set, member as JsonObject, undefined)) return false
  }
  return true
}

function compareAssigned(set: FieldSet, list: readonly JsonValue[], differences: Differences | undefined): boolean {
  const assigned = keysOf(set, list, (below, member) => compareItem(below, member, undefined))
  let same = true
  list.forEach((member, at) => {
    const key = set.keys[assigned[at] as number]
    differences?.at.push(key ? item(keyObject(key)) : index(at))
    if (key ? !compareItem(key.set, member as JsonObject, differences) : !compare(undefined, member, differences)) same = false
    if (!key) same = false
    differences?.at.pop()
  })
  const given = new Set(assigned)
  if (!differences)
    return same && set.keys.every((_, position) => given.has(position)) && set.fields.size + set.values.size + set.indexes.size === 0
  const before = differences.extra.length
  set.keys.forEach((key, position) => {
    if (!given.has(position)) addExtraBelow(item(keyObject(key)), key.set, differences)
  })
  addExtra({ ...set, items: emptySet.items }, differences)
  return same && differences.extra.length === before
}

function compareItem(set: FieldSet, body: JsonObject, differences: Differences | undefined): boolean {
  if (!set.owned) {
    if (!differences) return false
    differences.missing.push([...differences.at])
  }
  return set.leaf || (compareFields(set, body, undefined, differences) && set.owned)
}

const keyObject = ({ names, values }: ItemKey): JsonObject => Object.fromEntries(names.map((name, at) => [name, values[at]]))

/** Nothing of the set is here: right only for a body that has no path at all, such as an empty associative list. */
function compareUnowned(value: JsonValue, differences: Differences | undefined): boolean {
  if (isList(value) && value.length === 0) return true
  if (isMap(value)) {
    let fields = 0
    let same = true
    for (const name in value) {
      const member = value[name]
      if (member === undefined) continue
      fields++
      differences?.at.push(field(name))
      if (!compareUnowned(member, differences)) same = false
      differences?.at.pop()
      if (!same && !differences) return false
    }
    if (fields > 0) return same
  }
  differences?.missing.push([...differences.at])
  return false
}

function addExtra(set: FieldSet, differences: Differences): void {
  for (const path of paths({ ...set, owned: false })) differences.extra.push([...differences.at, ...path])
}

function addExtraBelow(element: PathElement, set: FieldSet, differences: Differences): void {
  for (const path of paths(set)) differences.extra.push([...differences.at, element, ...path])
}
