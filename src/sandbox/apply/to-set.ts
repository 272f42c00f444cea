/**
 * The paths that a value holds: what an applier owns after it sent the value.
 *
 * Scalars, atomic values, nulls and empty maps are leaves. Items of granular lists and the keys of maps are owned themselves and in what is
 * below them; a struct is only a container. An empty granular list holds nothing. (structured-merge-diff, typed/tofieldset.go)
 */
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import { emptySet, type FieldSet, fieldSet, isEmpty, type ItemKey, leafSet } from '../../fields/set.ts'
import { anySchema, type ListSchema, type MapSchema, type Schema, type StructSchema } from '../schema/schema.ts'
import { itemKeyOf, textOf } from './list-key.ts'
import { deducedMap, fieldSchema, isEmptyObject, isList, isNamed } from './shape.ts'

/** The set of a whole object. The root itself is never in it. */
export function setOf(schema: Schema, object: JsonObject): FieldSet {
  return nodeOf(schema, object, false)
}

/** @param owned whether the container above says that the place itself is owned, whatever is below it */
function nodeOf(schema: Schema, value: JsonValue, owned: boolean): FieldSet {
  switch (schema.kind) {
    case 'scalar':
      return leafSet
    case 'list':
      if (schema.listType === 'atomic') return leafSet
      return isList(value) && value.length > 0 ? listNode(schema, value, owned) : containerless(owned)
    case 'struct':
    case 'map':
      if (schema.atomic) return leafSet
      return isMap(value) ? mapNode(schema, value, owned) : containerless(owned)
    case 'any':
      if (schema.atomic) return leafSet
      if (isMap(value)) return mapNode(deducedMap, value, owned)
      return value === null ? containerless(owned) : leafSet
  }
}

const containerless = (owned: boolean): FieldSet => (owned ? leafSet : emptySet)

function mapNode(schema: StructSchema | MapSchema, object: JsonObject, owned: boolean): FieldSet {
  let fields: Map<string, FieldSet> | undefined
  for (const name in object) {
    const value = object[name]
    if (value === undefined) continue
    const asserted = value === null || !isNamed(schema, name) || (isMap(value) && isEmptyObject(value))
    const child = nodeOf(fieldSchema(schema, name) ?? anySchema, value, asserted)
    if (!isEmpty(child)) (fields ??= new Map()).set(name, child)
  }
  if (!fields) return containerless(owned)
  return fieldSet(owned, { fields })
}

function listNode(schema: ListSchema, list: readonly JsonValue[], owned: boolean): FieldSet {
  const children = new Map<string, FieldSet>()
  const keys: ItemKey[] = []
  for (const member of list) {
    const text = textOf(schema, member)
    if (text === undefined) continue
    // The same key twice is one leaf: nobody can say what is below it.
    const again = children.has(text)
    const child = again ? leafSet : nodeOf(schema.items, member, true)
    children.set(text, child)
    if (schema.listType !== 'map') continue
    const key = itemKeyOf(schema, member as JsonObject, child)
    if (again) keys[[...children.keys()].indexOf(text)] = key
    else keys.push(key)
  }
  if (children.size === 0) return containerless(owned)
  return schema.listType === 'map' ? fieldSet(owned, { items: children, keys }) : fieldSet(owned, { values: children })
}
