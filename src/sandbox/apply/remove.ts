/**
 * An object without the places that a set names.
 *
 * A list or map that loses everything becomes null, as it does on the server. (structured-merge-diff, typed/remove.go)
 */
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import { type FieldSet, isEmpty } from '../../fields/set.ts'
import { anySchema, type Schema } from '../schema/schema.ts'
import { itemsOf, textOf } from './list-key.ts'
import { deducedMap, define, fieldSchema, isList } from './shape.ts'

/** Shares what stays; `object` itself if the set is empty. */
export function removeFrom(schema: Schema, object: JsonObject, set: FieldSet): JsonObject {
  return isEmpty(set) ? object : ((remove(schema, object, set) ?? {}) as JsonObject)
}

/** @param set names at least one place below the value */
function remove(schema: Schema, value: JsonValue, set: FieldSet): JsonValue {
  switch (schema.kind) {
    case 'scalar':
      return value
    case 'list': {
      if (!isList(value) || schema.listType === 'atomic') return null
      const named = itemsOf(schema, set)
      const kept: JsonValue[] = []
      for (const member of value) {
        const text = textOf(schema, member)
        const below = text === undefined ? undefined : named.get(text)
        if (below?.owned) continue
        kept.push(below ? remove(schema.items, member, below) : member)
      }
      return kept.length > 0 ? kept : null
    }
    case 'struct':
    case 'map': {
      if (!isMap(value) || schema.atomic) return null
      const kept: Record<string, JsonValue | undefined> = {}
      let some = false
      for (const name in value) {
        const member = value[name]
        if (member === undefined) continue
        const below = set.fields.get(name)
        if (below?.owned) continue
        some = true
        define(kept, name, below ? remove(fieldSchema(schema, name) ?? anySchema, member, below) : member)
      }
      return some ? kept : null
    }
    case 'any':
      if (schema.atomic) return value
      if (isMap(value)) return remove(deducedMap, value, set)
      return isList(value) ? null : value
  }
}
