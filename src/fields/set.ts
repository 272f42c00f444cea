/**
 * A field set: the paths of one object that one manager owns, as an immutable tree.
 *
 * A node is a place in the object. `owned` tells that the place itself is in the set; its children say what below it is.
 * A leaf is an owned place without children: a scalar, or a list, map or struct that is owned as a whole ("atomic").
 * Every node but the root is owned or has an owned place below it, so two sets are equal exactly if their trees are.
 * (structured-merge-diff, fieldpath.Set; there the same is spelled as members and children.)
 */
import { canonicalJson } from '../api/canonical.ts'
import type { JsonObject, JsonValue } from '../api/object.ts'
import type { Path, PathElement } from './path.ts'

export interface FieldSet {
  readonly owned: boolean
  /** No children: the place is owned as a whole. */
  readonly leaf: boolean
  readonly fields: ReadonlyMap<string, FieldSet>
  /** Items of an associative list, by the canonical JSON of their key. */
  readonly items: ReadonlyMap<string, FieldSet>
  /** The same items with their keys parsed, in the same order. */
  readonly keys: readonly ItemKey[]
  /** The name of the key field if all items have exactly this one. */
  readonly keyName: string | undefined
  /** Where `keyName` is known: its value → the position in `keys`. */
  readonly positions: ReadonlyMap<JsonValue | undefined, number>
  /** Members of a set, by their canonical JSON. */
  readonly values: ReadonlyMap<string, FieldSet>
  readonly indexes: ReadonlyMap<number, FieldSet>
}

/** The key of one item of an associative list: its key fields, sorted by name. */
export interface ItemKey {
  readonly names: readonly string[]
  readonly values: readonly (JsonValue | undefined)[]
  readonly set: FieldSet
}

interface Children {
  fields?: ReadonlyMap<string, FieldSet>
  items?: ReadonlyMap<string, FieldSet>
  /** The keys of the items in their order, where the caller has them parsed. */
  keys?: readonly ItemKey[]
  values?: ReadonlyMap<string, FieldSet>
  indexes?: ReadonlyMap<number, FieldSet>
}

const none: ReadonlyMap<never, never> = new Map<never, never>()
const noKeys: readonly ItemKey[] = []

/** Builds a node. Children must not be empty sets. */
export function fieldSet(owned: boolean, { fields = none, items = none, keys, values = none, indexes = none }: Children): FieldSet {
  const leaf = fields.size + items.size + values.size + indexes.size === 0
  if (items.size === 0) return { owned, leaf, fields, items, keys: noKeys, keyName: undefined, positions: none, values, indexes }
  const index = indexKeys(keys ?? parseKeys(items))
  return { owned, leaf, fields, items, keys: index.keys, keyName: index.keyName, positions: index.positions, values, indexes }
}

function parseKeys(items: ReadonlyMap<string, FieldSet>): ItemKey[] {
  const keys: ItemKey[] = []
  for (const [text, set] of items) {
    const key = JSON.parse(text) as JsonObject
    const names = Object.keys(key).sort()
    keys.push({ names, values: names.map((name) => key[name]), set })
  }
  return keys
}

function indexKeys(keys: readonly ItemKey[]): Pick<FieldSet, 'keys' | 'keyName' | 'positions'> {
  const keyName = keys[0]?.names[0]
  // Only scalars can be found in a Map by value.
  const plain = (key: ItemKey) =>
    key.names.length === 1 && key.names[0] === keyName && (key.values[0] === null || typeof key.values[0] !== 'object')
  if (keyName === undefined || !keys.every(plain)) return { keys, keyName: undefined, positions: none }
  return { keys, keyName, positions: new Map(keys.map((key, position) => [key.values[0], position])) }
}

export const emptySet: FieldSet = fieldSet(false, {})
export const leafSet: FieldSet = fieldSet(true, {})

export const isEmpty = (set: FieldSet): boolean => set.leaf && !set.owned

/** The set that holds exactly these paths. */
export const fromPaths = (paths: Iterable<Path>): FieldSet => {
  let set = emptySet
  for (const path of paths) set = union(set, pathSet(path, 0))
  return set
}

function pathSet(path: Path, from: number): FieldSet {
  const element = path[from]
  if (element === undefined) return path.length === 0 ? emptySet : leafSet
  const below = pathSet(path, from + 1)
  switch (element.kind) {
    case 'field':
      return fieldSet(false, { fields: new Map([[element.name, below]]) })
    case 'item':
      return fieldSet(false, { items: new Map([[canonicalJson(element.key), below]]) })
    case 'value':
      return fieldSet(false, { values: new Map([[canonicalJson(element.value), below]]) })
    case 'index':
      return fieldSet(false, { indexes: new Map([[element.index, below]]) })
  }
}

/** The node at a path; undefined if neither it nor anything below it is in the set. */
export function nodeAt(set: FieldSet, path: Path): FieldSet | undefined {
  let node: FieldSet | undefined = set
  for (const element of path) node = node && childAt(node, element)
  return node
}

function childAt(set: FieldSet, element: PathElement): FieldSet | undefined {
  switch (element.kind) {
    case 'field':
      return set.fields.get(element.name)
    case 'item':
      return set.items.get(canonicalJson(element.key))
    case 'value':
      return set.values.get(canonicalJson(element.value))
    case 'index':
      return set.indexes.get(element.index)
  }
}

/** Whether the place itself is in the set, not only something below it. The root never is. */
export const has = (set: FieldSet, path: Path): boolean => nodeAt(set, path)?.owned ?? false

/** Every child with its path element: fields, items, values, indexes. */
export function* children(set: FieldSet): Generator<[PathElement, FieldSet]> {
  for (const [name, child] of set.fields) yield [{ kind: 'field', name }, child]
  for (const [text, child] of set.items) yield [{ kind: 'item', key: JSON.parse(text) as JsonObject }, child]
  for (const [text, child] of set.values) yield [{ kind: 'value', value: JSON.parse(text) as JsonValue }, child]
  for (const [at, child] of set.indexes) yield [{ kind: 'index', index: at }, child]
}

/** Every path of the set, a place before what is below it. */
export function* paths(set: FieldSet, above: Path = []): Generator<Path> {
  if (set.owned) yield above
  for (const [element, child] of children(set)) yield* paths(child, [...above, element])
}

/** The paths that have nothing below them in the set. */
export function* leafPaths(set: FieldSet, above: Path = []): Generator<Path> {
  if (set.leaf && set.owned) yield above
  for (const [element, child] of children(set)) yield* leafPaths(child, [...above, element])
}

/** The paths that are in one of the two. */
export const union = (left: FieldSet, right: FieldSet): FieldSet => (left === right ? left : combine(left, right, inEither))

/** The paths that are in both. */
export const intersection = (left: FieldSet, right: FieldSet): FieldSet => (left === right ? left : combine(left, right, inBoth))

/** The paths of the first that are not in the second. A path of the second does not take away what is below it in the first. */
export const difference = (left: FieldSet, right: FieldSet): FieldSet => (left === right ? emptySet : combine(left, right, onlyInFirst))

/** Which paths a combination keeps: those that are only in the left, in both, only in the right. */
interface Combination {
  readonly left: boolean
  readonly both: boolean
  readonly right: boolean
}

const inEither: Combination = { left: true, both: true, right: true }
const inBoth: Combination = { left: false, both: true, right: false }
const onlyInFirst: Combination = { left: true, both: false, right: false }

/** Shares what it can: a result that equals one of the two is that one. */
function combine(left: FieldSet, right: FieldSet, keep: Combination): FieldSet {
  if (isEmpty(right)) return keep.left ? left : emptySet
  if (isEmpty(left)) return keep.right ? right : emptySet
  const owned = left.owned ? (right.owned ? keep.both : keep.left) : right.owned && keep.right
  const fields = combineMaps(left.fields, right.fields, keep)
  const items = combineMaps(left.items, right.items, keep)
  const values = combineMaps(left.values, right.values, keep)
  const indexes = combineMaps(left.indexes, right.indexes, keep)
  for (const side of [left, right])
    if (owned === side.owned && fields === side.fields && items === side.items && values === side.values && indexes === side.indexes)
      return side
  return fieldSet(owned, { fields, items, ...(items.size > 0 && { keys: keysOfItems(items, left, right) }), values, indexes })
}

function combineMaps<Key>(
  left: ReadonlyMap<Key, FieldSet>,
  right: ReadonlyMap<Key, FieldSet>,
  keep: Combination,
): ReadonlyMap<Key, FieldSet> {
  if (right.size === 0) return keep.left ? left : none
  if (left.size === 0) return keep.right ? right : none
  const result = new Map<Key, FieldSet>()
  let isLeft = true
  let isRight = left.size >= right.size
  for (const [key, child] of left) {
    const other = right.get(key)
    const made = other
      ? child === other && keep.both && keep.left === keep.right
        ? child
        : combine(child, other, keep)
      : keep.left
        ? child
        : emptySet
    if (made !== child) isLeft = false
    if (made !== other) isRight = false
    if (!isEmpty(made)) result.set(key, made)
  }
  for (const [key, child] of right) {
    if (left.has(key)) continue
    if (!keep.right) {
      isRight = false
      continue
    }
    isLeft = false
    result.set(key, child)
  }
  if (isLeft) return left
  if (isRight && result.size === right.size) return right
  return result.size === 0 ? none : result
}

/** Keys are parsed once: what is combined takes them from where it came from. */
function keysOfItems(items: ReadonlyMap<string, FieldSet>, left: FieldSet, right: FieldSet): ItemKey[] {
  const known = new Map<string, ItemKey>()
  for (const side of [left, right]) {
    let position = 0
    for (const text of side.items.keys()) known.set(text, side.keys[position++] as ItemKey)
  }
  return [...items].map(([text, set]) => {
    const { names, values } = known.get(text) as ItemKey
    return { names, values, set }
  })
}

export function equals(left: FieldSet, right: FieldSet): boolean {
  return (
    left === right ||
    (left.owned === right.owned &&
      equalMaps(left.fields, right.fields) &&
      equalMaps(left.items, right.items) &&
      equalMaps(left.values, right.values) &&
      equalMaps(left.indexes, right.indexes))
  )
}

function equalMaps<Key>(left: ReadonlyMap<Key, FieldSet>, right: ReadonlyMap<Key, FieldSet>): boolean {
  if (left.size !== right.size) return false
  for (const [key, child] of left) {
    const other = right.get(key)
    if (!other || !equals(child, other)) return false
  }
  return true
}
