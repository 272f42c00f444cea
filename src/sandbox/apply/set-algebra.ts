/**
 * Operations on field sets that need more than the sets: a schema, or a rule for what lies below a path.
 * (structured-merge-diff, fieldpath/set.go)
 */
import { emptySet, type FieldSet, fieldSet, isEmpty, type ItemKey } from '../../fields/set.ts'
import { anySchema, type Schema } from '../schema/schema.ts'
import { deducedMap, fieldSchema, isNamed } from './shape.ts'

/** Without the paths of the second, and without everything below them. */
export function withoutBelow(set: FieldSet, excluded: FieldSet): FieldSet {
  if (isEmpty(excluded) || isEmpty(set)) return set
  const fields = cutBelow(set.fields, excluded.fields)
  const items = cutBelow(set.items, excluded.items)
  const values = cutBelow(set.values, excluded.values)
  const indexes = cutBelow(set.indexes, excluded.indexes)
  const owned = set.owned && !excluded.owned
  if (owned === set.owned && fields === set.fields && items === set.items && values === set.values && indexes === set.indexes) return set
  return fieldSet(owned, { fields, items, keys: keysFor(items, set), values, indexes })
}

function cutBelow<Key>(children: ReadonlyMap<Key, FieldSet>, excluded: ReadonlyMap<Key, FieldSet>): ReadonlyMap<Key, FieldSet> {
  if (excluded.size === 0 || children.size === 0) return children
  let result: Map<Key, FieldSet> | undefined
  for (const [key, out] of excluded) {
    const child = children.get(key)
    if (!child) continue
    const left = out.owned ? emptySet : withoutBelow(child, out)
    if (left === child) continue
    result ??= new Map(children)
    if (isEmpty(left)) result.delete(key)
    else result.set(key, left)
  }
  return result ?? children
}

/** Also holds every field of a struct that it holds something below of: for what a struct contains, so is the struct. */
export function withNamedFields(set: FieldSet, schema: Schema): FieldSet {
  if (set.leaf) return set
  const map = schema.kind === 'any' ? deducedMap : schema.kind === 'struct' || schema.kind === 'map' ? schema : undefined
  const below = schema.kind === 'list' ? schema.items : anySchema
  const fields = mapChildren(set.fields, (child, name) => {
    const inner = withNamedFields(child, (map && fieldSchema(map, name)) ?? anySchema)
    return !inner.owned && map && isNamed(map, name) ? { ...inner, owned: true } : inner
  })
  const items = mapChildren(set.items, (child) => withNamedFields(child, below))
  if (fields === set.fields && items === set.items) return set
  return fieldSet(set.owned, { fields, items, keys: keysFor(items, set), values: set.values, indexes: set.indexes })
}

function mapChildren<Key>(
  children: ReadonlyMap<Key, FieldSet>,
  change: (child: FieldSet, key: Key) => FieldSet,
): ReadonlyMap<Key, FieldSet> {
  let result: Map<Key, FieldSet> | undefined
  for (const [key, child] of children) {
    const made = change(child, key)
    if (made !== child) (result ??= new Map(children)).set(key, made)
  }
  return result ?? children
}

/** The parsed keys of items that were taken from a set. */
function keysFor(items: ReadonlyMap<string, FieldSet>, from: FieldSet): ItemKey[] {
  const keys: ItemKey[] = []
  let position = 0
  for (const text of from.items.keys()) {
    const key = from.keys[position++] as ItemKey
    const set = items.get(text)
    if (set) keys.push(set === key.set ? key : { names: key.names, values: key.values, set })
  }
  return keys
}
