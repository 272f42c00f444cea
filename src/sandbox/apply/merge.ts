/**
 * A configuration laid over a live object: every value that the configuration has wins, nothing is taken away.
 *
 * Maps and granular lists are merged member by member, atomic ones replaced. Items that both have stand in the configuration's order, and what
 * only the live list has keeps its place among them. A null replaces a scalar, but not a map or list that has something in it.
 * What does not change is shared: a result that equals the live value is the live value. (structured-merge-diff, typed/merge.go)
 */
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import { anySchema, type ListSchema, type MapSchema, type Schema, type StructSchema } from '../schema/schema.ts'
import { textOf } from './list-key.ts'
import { deducedMap, define, fieldSchema, isEmptyObject, isList, type Maybe, own } from './shape.ts'
import { equalJson } from '../../api/equal.ts'

/** Neither of the two is changed. */
export const mergeObjects = (schema: Schema, live: JsonObject, configuration: JsonObject): JsonObject =>
  merge(schema, live, configuration) as JsonObject

function merge(schema: Schema, live: Maybe, given: Maybe): Maybe {
  if (given === undefined || live === given) return live
  switch (schema.kind) {
    case 'scalar':
      return leaf(live, given)
    case 'list':
      return schema.listType === 'atomic' ? leaf(live, given) : mergeLists(schema, live, given)
    case 'struct':
    case 'map':
      return schema.atomic ? leaf(live, given) : mergeMaps(schema, live, given)
    case 'any':
      return !schema.atomic && (isMap(given) || given === null) ? mergeMaps(deducedMap, live, given) : leaf(live, given)
  }
}

const leaf = (live: Maybe, given: JsonValue): JsonValue => (live !== undefined && equalJson(live, given) ? live : given)

function mergeMaps(schema: StructSchema | MapSchema, live: Maybe, given: JsonValue): Maybe {
  const old = isMap(live) ? live : undefined
  if (!isMap(given)) return old && !isEmptyObject(old) ? old : leaf(live, given)
  if (!old || isEmptyObject(old)) return leaf(live, given)
  let merged: Record<string, JsonValue | undefined> | undefined
  for (const name in given) {
    const value = given[name]
    if (value === undefined) continue
    const before = own(old, name)
    const after = merge(fieldSchema(schema, name) ?? anySchema, before, value)
    if (after !== before) define((merged ??= { ...old }), name, after)
  }
  return merged ?? old
}

function mergeLists(schema: ListSchema, live: Maybe, given: JsonValue): Maybe {
  const old = isList(live) && live.length > 0 ? live : undefined
  if (!isList(given) || given.length === 0) return old ?? leaf(live, given)
  if (!old) return leaf(live, given)
  const merged = mergeItems(schema, old, given)
  return merged.length === old.length && merged.every((member, at) => member === old[at]) ? old : merged
}

/** The items of a list by their key; a key that is there twice has null, for nobody can say which of the items is meant. */
interface Indexed {
  readonly texts: readonly (string | undefined)[]
  readonly byText: ReadonlyMap<string, JsonValue>
}

function indexed(schema: ListSchema, list: readonly JsonValue[]): Indexed {
  const byText = new Map<string, JsonValue>()
  const texts = list.map((member) => {
    const text = textOf(schema, member)
    if (text !== undefined) byText.set(text, byText.has(text) ? null : member)
    return text
  })
  return { texts, byText }
}

function mergeItems(schema: ListSchema, live: readonly JsonValue[], given: readonly JsonValue[]): JsonValue[] {
  const old = indexed(schema, live)
  const asked = indexed(schema, given)
  const shared = asked.texts.filter((text) => text !== undefined && old.byText.has(text))
  const done = new Set<string>()
  const merged: JsonValue[] = []
  let nextShared = 0
  let from = 0
  let at = 0
  const take = (text: string) => {
    done.add(text)
    const result = merge(schema.items, old.byText.get(text), asked.byText.get(text))
    if (result !== undefined) merged.push(result)
    at++
  }
  while (from < live.length || at < given.length) {
    const liveText = old.texts[from]
    const givenText = asked.texts[at]
    if (from < live.length && liveText === undefined) {
      merged.push(live[from++] as JsonValue)
      continue
    }
    if (at < given.length && givenText === undefined) {
      merged.push(given[at++] as JsonValue)
      continue
    }
    if (liveText !== undefined && givenText !== undefined) {
      if (liveText === givenText) {
        take(givenText)
        from++
        nextShared++
        continue
      }
      // Both have it, but another one of the configuration comes first.
      if (asked.byText.has(liveText) && nextShared < shared.length && shared[nextShared] !== liveText) {
        from++
        continue
      }
    }
    if (liveText !== undefined) {
      if (!asked.byText.has(liveText)) {
        merged.push(live[from++] as JsonValue)
        continue
      }
      if (done.has(liveText)) from++
    }
    if (givenText !== undefined) {
      take(givenText)
      if (shared[nextShared] === givenText) nextShared++
    }
  }
  return merged
}
