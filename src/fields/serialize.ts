/**
 * Field sets as `metadata.managedFields[].fieldsV1` spells them.
 *
 * `f:name` is a field, `k:{…}` the item of an associative list with that key, `v:…` a member of a set, `i:3` an index, and `.`
 * the place itself where something below it is owned too. `{}` is a leaf. A prefix that is none of these is ignored, as the
 * API server ignores it. (structured-merge-diff, fieldpath/serialize.go)
 */
import { canonicalJson } from '../api/canonical.ts'
import { isMap, type JsonObject, type JsonValue } from '../api/object.ts'
import { emptySet, type FieldSet, fieldSet, leafSet, union } from './set.ts'

/** Reads a `fieldsV1` tree. Throws a SyntaxError for one that the API server would not have stored. */
export function parseFieldsV1(json: JsonObject, known?: ParsedSubtrees): FieldSet {
  const set = parseNode(json, known)
  return set.leaf ? emptySet : set.owned ? fieldSet(false, set) : set
}

/**
 * What parsed subtrees became, by the subtree itself. A cache shares the subtrees of thousands of objects; with this their sets are shared
 * too. What holds an owner's UID as a key is one object's alone and is not remembered.
 */
export type ParsedSubtrees = WeakMap<JsonObject, FieldSet>

const ownerKey = 'k:{"uid"'

function parseNode(json: JsonObject, known: ParsedSubtrees | undefined): FieldSet {
  const before = known?.get(json)
  if (before) return before
  let shared = true
  let owned = false
  let fields: Map<string, FieldSet> | undefined
  let items: Map<string, FieldSet> | undefined
  let values: Map<string, FieldSet> | undefined
  let indexes: Map<number, FieldSet> | undefined
  for (const key of Object.keys(json)) {
    if (key === '.') {
      owned = true
      continue
    }
    if (key[1] !== ':') continue
    const below = json[key]
    if (!isMap(below)) throw new SyntaxError(`fieldsV1: ${JSON.stringify(key)} holds no object`)
    const set = parseNode(below as JsonObject, known)
    if (key.startsWith(ownerKey) || (!set.leaf && !known?.has(below as JsonObject))) shared = false
    switch (key[0]) {
      case 'f':
        ;(fields ??= new Map()).set(key.slice(2), set)
        break
      case 'k':
        add((items ??= new Map()), keyText(key), set)
        break
      case 'v':
        add((values ??= new Map()), canonicalJson(parseJson(key)), set)
        break
      case 'i':
        add((indexes ??= new Map()), indexOf(key), set)
        break
      default:
    }
  }
  if (!fields && !items && !values && !indexes) return leafSet
  const made = fieldSet(owned, {
    ...(fields && { fields }),
    ...(items && { items }),
    ...(values && { values }),
    ...(indexes && { indexes }),
  })
  if (shared) known?.set(json, made)
  return made
}

/** The same key can be spelled in two ways (escapes, spaces, order): its sets are one. */
function add<Key>(to: Map<Key, FieldSet>, key: Key, set: FieldSet): void {
  const before = to.get(key)
  to.set(key, before ? union(before, set) : set)
}

function keyText(key: string): string {
  const parsed = parseJson(key)
  if (!isMap(parsed)) throw new SyntaxError(`fieldsV1: ${JSON.stringify(key)} is no key`)
  return canonicalJson(parsed)
}

function parseJson(key: string): JsonValue {
  try {
    return JSON.parse(key.slice(2)) as JsonValue
  } catch (error) {
    throw new SyntaxError(`fieldsV1: ${JSON.stringify(key)} holds no JSON`, { cause: error })
  }
}

function indexOf(key: string): number {
  if (!/^i:-?\d+$/.test(key)) throw new SyntaxError(`fieldsV1: ${JSON.stringify(key)} is no index`)
  return Number(key.slice(2))
}

/** The tree that `parseFieldsV1` reads as this set: names sorted, fields before items, values and indexes. */
export function writeFieldsV1(set: FieldSet): JsonObject {
  const json: Record<string, JsonObject> = {}
  if (set.owned && !set.leaf) json['.'] = {}
  for (const name of [...set.fields.keys()].sort()) json[`f:${name}`] = writeFieldsV1(set.fields.get(name) as FieldSet)
  for (const key of [...set.items.keys()].sort()) json[`k:${key}`] = writeFieldsV1(set.items.get(key) as FieldSet)
  for (const text of [...set.values.keys()].sort()) json[`v:${text}`] = writeFieldsV1(set.values.get(text) as FieldSet)
  for (const at of [...set.indexes.keys()].sort((a, b) => a - b)) json[`i:${at}`] = writeFieldsV1(set.indexes.get(at) as FieldSet)
  return json
}
