/**
 * Strategic merge patch: a merge patch that knows the types, so that lists can be merged item by item.
 *
 * A list with the strategy `merge` is merged by its merge key, or as a set of scalars; other lists are replaced. Directives say what a plain
 * value cannot: `$patch` (replace, delete, merge), `$deleteFromPrimitiveList/FIELD`, `$setElementOrder/FIELD` and `$retainKeys`.
 * (apimachinery, util/strategicpatch/patch.go)
 */
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import { isList } from '../../fields/match.ts'
import { goText, goType } from '../apply/go-syntax.ts'
import { define, own } from '../apply/shape.ts'
import { equalJson } from '../../api/equal.ts'
import type { Schema } from '../schema/schema.ts'
import { plainError } from '../status/api-error.ts'
import {
  badFormat,
  type Directive,
  listOfLists,
  mergeStrategy,
  noMergeKey,
  patchMetaOf,
  unknownDirective,
  wrongType,
} from './strategic-meta.ts'
import { inOrder, mergedOrder, partition } from './strategic-order.ts'

/**
 * The object after the patch; the object is not changed, and what the patch does not touch is shared.
 *
 * @throws ApiError 400 or 422 for a directive of the wrong form, 500 for what contradicts itself or the types
 */
export const applyStrategicMergePatch = (object: JsonObject, patch: JsonObject, schema: Schema): JsonObject =>
  mergeMap(object, patch, schema)

const marker = '$patch'
const retainKeys = '$retainKeys'
const deleteFrom = '$deleteFromPrimitiveList'
const setOrder = '$setElementOrder'

function mergeMap(original: JsonObject, patch: JsonObject, schema: Schema): JsonObject {
  const directive = own(patch, marker)
  if (directive !== undefined) return replaceOrDelete(directive, patch)
  const { [retainKeys]: retained, ...rest } = patch
  const result: Record<string, JsonValue | undefined> = retained === undefined ? { ...original } : retain(original, rest, retained)
  const todo = mergeOrdered(result, rest, schema)
  for (const [name, value] of Object.entries(todo).sort(([left], [right]) => (left < right ? -1 : 1)))
    if (value !== undefined) mergeField(result, name, value, schema)
  return result
}

function replaceOrDelete(directive: JsonValue, patch: JsonObject): JsonObject {
  if (directive === 'replace') {
    const { [marker]: _, ...others } = patch
    return others
  }
  if (directive === 'delete') return {}
  throw unknownDirective(directive, patch)
}

/** Only the fields that the directive names. */
function retain(original: JsonObject, patch: JsonObject, retained: JsonValue): Record<string, JsonValue | undefined> {
  if (!isList(retained)) throw badFormat('retainKeys')
  for (const [name, value] of Object.entries(patch)) {
    if (value === null || name.startsWith(deleteFrom) || name.startsWith(setOrder)) continue
    if (!retained.includes(name)) throw badFormat('retainKeys')
  }
  return Object.fromEntries(Object.entries(original).filter(([name]) => retained.includes(name)))
}

function mergeField(result: Record<string, JsonValue | undefined>, key: string, value: JsonValue, schema: Schema): void {
  const deletes = key.startsWith(deleteFrom)
  const name = deletes ? fieldOf(key, deleteFrom) : key
  if (value === null) {
    delete result[name]
    return
  }
  const before = own(result, name)
  if (before === undefined || goType(before) !== goType(value)) {
    if (!deletes) setOrDrop(result, name, withoutDirectives(withoutNulls(value)))
    return
  }
  if (isMap(value)) {
    const { schema: below, patch } = patchMetaOf(schema, name, 'struct')
    define(result, name, mergeStrategy(patch) === 'replace' ? value : mergeMap(before as JsonObject, value, below))
  } else if (isList(value)) {
    const { schema: below, patch } = patchMetaOf(schema, name, 'slice')
    const merges = mergeStrategy(patch) === 'merge' || deletes
    define(result, name, merges ? mergeList(before as readonly JsonValue[], value, below, patch.mergeKey ?? '', deletes) : value)
  } else define(result, name, value)
}

function setOrDrop(result: Record<string, JsonValue | undefined>, name: string, value: JsonValue | undefined): void {
  if (value === undefined) delete result[name]
  else define(result, name, value)
}

/** `$setElementOrder/ports` → `ports` */
function fieldOf(key: string, directive: Directive): string {
  const slash = key.indexOf('/')
  if (slash < 0 || key.slice(0, slash) !== directive) throw badFormat(directive)
  return key.slice(slash + 1)
}

/** Lists that come with their order; answers what of the patch is left to do. */
function mergeOrdered(result: Record<string, JsonValue | undefined>, patch: JsonObject, schema: Schema): JsonObject {
  const left = { ...patch }
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(setOrder)) continue
    delete left[key]
    if (!isList(order)) throw wrongType([], order ?? null)
    const name = fieldOf(key, setOrder)
    const before = own(result, name)
    const given = own(patch, name)
    if (before !== undefined && !isList(before)) throw wrongType([], before)
    if (given !== undefined && !isList(given)) throw wrongType([], given)
    const { schema: below, patch: rule } = patchMetaOf(schema, name, 'slice')
    const mergeKey = rule.mergeKey ?? ''
    checkOrder(given ?? [], order, mergeKey)
    let merged: readonly JsonValue[]
    if (before && given) merged = mergeStrategy(rule) === 'merge' ? mergeList(before, given, below, mergeKey, false) : given
    else if (before) merged = before
    else if (given) merged = withoutDirectives(given) as readonly JsonValue[]
    else continue
    const { inside, outside } = partition(merged, order, mergeKey)
    const maps = elementsAreMaps([before ?? [], given ?? []])
    define(
      result,
      name,
      mergedOrder(inOrder(inside, order, mergeKey, maps), inOrder(outside, before ?? [], mergeKey, maps), before ?? [], mergeKey, maps),
    )
    delete left[name]
  }
  return left
}

/** The items of a patch have to stand in the order that it sets. */
function checkOrder(list: readonly JsonValue[], order: readonly JsonValue[], mergeKey: string): void {
  if (order.length === 0 || list.length === 0) return
  const kept = mergeKey === '' ? list : list.filter((member) => !(asMap(member)[marker] === 'delete'))
  let at = 0
  let position = 0
  while (at < kept.length && position < order.length) {
    const member = kept[at] as JsonValue
    if (isMap(member) && own(member, marker) !== undefined) {
      at++
      continue
    }
    if (sameKey(member, order[position] as JsonValue, mergeKey)) at++
    position++
  }
  if (at < kept.length && position >= order.length)
    throw plainError(`The order in patch list:\n${goText(list)}\n doesn't match ${setOrder} list:\n${goText(order)}\n`)
}

function sameKey(left: JsonValue, right: JsonValue, mergeKey: string): boolean {
  if (mergeKey === '') return left === right
  return equalJson(keyOf(asMap(left), mergeKey), keyOf(asMap(right), mergeKey))
}

function asMap(member: JsonValue): JsonObject {
  if (!isMap(member)) throw wrongType({}, member)
  return member
}

function keyOf(member: JsonObject, mergeKey: string): JsonValue {
  const key = own(member, mergeKey)
  if (key === undefined) throw noMergeKey(member, mergeKey)
  return key
}

function mergeList(
  original: readonly JsonValue[],
  patch: readonly JsonValue[],
  schema: Schema,
  mergeKey: string,
  deletes: boolean,
): readonly JsonValue[] {
  if (original.length === 0 && patch.length === 0) return original
  const maps = elementsAreMaps([original, patch])
  if (!maps) {
    if (deletes) return original.filter((member) => !patch.includes(member))
    return ordered([...new Set([...original, ...patch])], patch, original, mergeKey, maps)
  }
  if (mergeKey === '') throw plainError(`cannot merge lists without merge key for ${schema.kind === 'struct' ? 'struct' : schema.kind}`)
  const { kept, items } = obeyDirectives(original, patch, mergeKey)
  return ordered(mergeItems(kept, items, mergeKey, schema), items, kept, mergeKey, maps)
}

function ordered(
  merged: readonly JsonValue[],
  patch: readonly JsonValue[],
  original: readonly JsonValue[],
  mergeKey: string,
  maps: boolean,
): readonly JsonValue[] {
  const { inside, outside } = partition(merged, patch, mergeKey)
  return mergedOrder(inOrder(inside, patch, mergeKey, maps), inOrder(outside, original, mergeKey, maps), original, mergeKey, maps)
}

/** Items of a patch with a directive: what is left of the list, and of the patch. */
function obeyDirectives(
  original: readonly JsonValue[],
  patch: readonly JsonValue[],
  mergeKey: string,
): { kept: readonly JsonValue[]; items: readonly JsonValue[] } {
  let kept = original
  const items: JsonValue[] = []
  let replaces = false
  for (const member of patch as readonly JsonObject[]) {
    const directive = own(member, marker)
    switch (directive) {
      case undefined:
        items.push(member)
        break
      case 'delete': {
        const key = keyOf(member, mergeKey)
        kept = kept.filter((other) => !equalJson(own(other as JsonObject, mergeKey), key))
        break
      }
      case 'replace':
        replaces = true
        break
      case 'merge':
        throw plainError('merging lists cannot yet be specified in the patch')
      default:
        throw unknownDirective(directive, member)
    }
  }
  return replaces ? { kept: items, items: [] } : { kept, items }
}

function mergeItems(original: readonly JsonValue[], patch: readonly JsonValue[], mergeKey: string, schema: Schema): JsonValue[] {
  const merged = [...original]
  for (const member of patch as readonly JsonObject[]) {
    const key = keyOf(member, mergeKey)
    const at = merged.findIndex((other) => equalJson(own(other as JsonObject, mergeKey), key))
    if (at < 0) merged.push(member)
    else merged[at] = mergeMap(merged[at] as JsonObject, member, schema)
  }
  return merged
}

/** Whether the items are maps. All have to be of one type. */
function elementsAreMaps(lists: readonly (readonly JsonValue[])[]): boolean {
  const members = lists.flat()
  const [first] = members
  if (first === undefined) throw plainError('no elements in any of the given slices')
  if (isList(first)) throw listOfLists()
  const type = goType(first)
  if (members.some((member) => goType(member) !== type)) throw plainError(`list element types are not identical: ${goText(lists)}`)
  return isMap(first)
}

function withoutNulls(value: JsonValue): JsonValue {
  if (isList(value)) return value.map(withoutNulls)
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => (member === null || member === undefined ? [] : [[name, withoutNulls(member)]])),
  )
}

/** Undefined for what is itself a directive. */
function withoutDirectives(value: JsonValue): JsonValue | undefined {
  if (isList(value))
    return value.flatMap((member) => {
      const kept = withoutDirectives(member)
      return kept === undefined ? [] : [kept]
    })
  if (!isMap(value)) return value
  if (own(value, marker) !== undefined) return undefined
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => {
      const kept = member === undefined ? undefined : withoutDirectives(member)
      return kept === undefined ? [] : [[name, kept]]
    }),
  )
}
