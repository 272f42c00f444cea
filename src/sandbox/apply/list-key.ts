/**
 * How an item of a granular list is told apart from the others: by its key fields, or by its value in a set.
 *
 * A key field that is missing takes the schema's default; one without a default is left out of the key, and the key then names another item.
 * (structured-merge-diff, typed/helpers.go, listItemToPathElement)
 */
import { canonicalJson } from '../../api/canonical.ts'
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import { type PathElement, item, value } from '../../fields/path.ts'
import type { FieldSet, ItemKey } from '../../fields/set.ts'
import type { ListSchema } from '../schema/schema.ts'
import { quoted } from '../status/go-text.ts'
import { isList } from './shape.ts'

/** @param schema a list that is granular: of type `map` or `set` */
export function textOf(schema: ListSchema, member: JsonValue): string | undefined {
  if (schema.listType === 'map') {
    if (!isMap(member)) return undefined
    const [only] = schema.keys
    if (schema.keys.length === 1 && only !== undefined) {
      const given = keyValue(schema, member, only)
      return given === undefined ? undefined : `{${JSON.stringify(only)}:${scalarText(given)}}`
    }
    const parts: string[] = []
    for (const name of schema.keys) {
      const given = keyValue(schema, member, name)
      if (given !== undefined) parts.push(`${JSON.stringify(name)}:${scalarText(given)}`)
    }
    return parts.length === 0 ? undefined : `{${parts.sort().join(',')}}`
  }
  return member === null || typeof member === 'object' ? undefined : JSON.stringify(member)
}

const scalarText = (given: JsonValue): string => (typeof given === 'object' ? canonicalJson(given) : JSON.stringify(given))

function keyValue(schema: ListSchema, member: JsonObject, name: string): JsonValue | undefined {
  const given = Object.hasOwn(member, name) ? member[name] : undefined
  if (given !== undefined) return given
  return schema.items.kind === 'struct' ? schema.items.fields.get(name)?.keyDefault : undefined
}

/** Why `textOf` finds no key. */
export function problemOf(schema: ListSchema, member: JsonValue): string {
  if (schema.listType === 'map') {
    if (member === null) return 'associative list with keys may not have a null element'
    if (!isMap(member)) return 'associative list with keys may not have non-map elements'
    const keys = `[${schema.keys.map(quoted).join(' ')}]`
    return `associative list with keys has an element that omits all key fields ${keys} (and doesn't have default values for any key fields)`
  }
  if (isMap(member)) return "associative list without keys has an element that's a map type"
  if (isList(member)) return 'not supported: associative list with lists as elements'
  return "associative list without keys has an element that's an explicit null"
}

/** The children of a set that name items of this list. */
export const itemsOf = (schema: ListSchema, set: FieldSet): ReadonlyMap<string, FieldSet> =>
  schema.listType === 'map' ? set.items : set.values

/** The path element of an item. */
export const elementOf = (schema: ListSchema, text: string): PathElement =>
  schema.listType === 'map' ? item(JSON.parse(text) as JsonObject) : value(JSON.parse(text) as JsonValue)

/** The key of an item as a field set keeps it. */
export function itemKeyOf(schema: ListSchema, member: JsonObject, set: FieldSet): ItemKey {
  const names = schema.keys.filter((name) => keyValue(schema, member, name) !== undefined).sort()
  return { names, values: names.map((name) => keyValue(schema, member, name)), set }
}
