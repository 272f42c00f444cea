/**
 * What is different between two states of an object, as field sets: who changes what takes it from whoever owned it.
 *
 * A list or map that comes or goes counts itself and everything below it. Parts that are the same value in memory are not looked at.
 * (structured-merge-diff, typed/compare.go)
 */
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import { emptySet, type FieldSet, fieldSet, isEmpty } from '../../fields/set.ts'
import { anySchema, type ListSchema, type MapSchema, type Schema, type StructSchema } from '../schema/schema.ts'
import { textOf } from './list-key.ts'
import { deducedList, deducedMap, fieldSchema, isEmptyObject, isList, type Maybe, own } from './shape.ts'
import { equalJson } from '../../api/equal.ts'

export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

export const noChange: Comparison = { added: emptySet, modified: emptySet, removed: emptySet }

/** From `before` to `after`; `added` and `modified` are what the second has or has otherwise. */
export function compareObjects(schema: Schema, before: JsonObject, after: JsonObject): Comparison {
  const root = newChange()
  compare(schema, before, after, root)
  root.marks = 0
  return { added: select(root, added), modified: select(root, modified), removed: select(root, removed) }
}

const added = 1
const modified = 2
const removed = 4

/** A place and what happened to it and below it. */
interface Change {
  marks: number
  fields: Map<string, Change> | undefined
  items: Map<string, Change> | undefined
  values: Map<string, Change> | undefined
}

const newChange = (): Change => ({ marks: 0, fields: undefined, items: undefined, values: undefined })
const happened = (change: Change): boolean => change.marks !== 0 || !!change.fields || !!change.items || !!change.values

function select(change: Change, mark: number): FieldSet {
  const owned = (change.marks & mark) !== 0
  const fields = selectAll(change.fields, mark)
  const items = selectAll(change.items, mark)
  const values = selectAll(change.values, mark)
  return owned || fields || items || values
    ? fieldSet(owned, { ...(fields && { fields }), ...(items && { items }), ...(values && { values }) })
    : emptySet
}

function selectAll(changes: Map<string, Change> | undefined, mark: number): Map<string, FieldSet> | undefined {
  let result: Map<string, FieldSet> | undefined
  if (changes)
    for (const [name, change] of changes) {
      const set = select(change, mark)
      if (!isEmpty(set)) (result ??= new Map()).set(name, set)
    }
  return result
}

/** How a value is looked at; `open` is a null without a schema, which is like whatever the other one is. */
type Form = StructSchema | MapSchema | ListSchema | 'scalar' | 'open'

function formOf(schema: Schema, value: Maybe): Form {
  switch (schema.kind) {
    case 'scalar':
      return 'scalar'
    case 'any':
      if (schema.atomic) return 'scalar'
      if (value === null || value === undefined) return 'open'
      return isMap(value) ? deducedMap : isList(value) ? deducedList : 'scalar'
    default:
      return schema
  }
}

function compare(schema: Schema, before: Maybe, after: Maybe, change: Change): void {
  if (before === after) return
  const left = formOf(schema, before)
  const right = formOf(schema, after)
  let leaf: boolean
  if (after === undefined) leaf = compareAs(left, before, after, change)
  else if (before === undefined || left === right) leaf = compareAs(right, before, after, change)
  else {
    compareAs(left, before, after, change)
    leaf = compareAs(right, before, after, change)
  }
  if (leaf) return
  if (before === undefined) change.marks |= added
  else if (after === undefined) change.marks |= removed
}

/** Answers whether the place was looked at as a whole. */
function compareAs(form: Form, before: Maybe, after: Maybe, change: Change): boolean {
  if (form === 'scalar') return compareLeaf(before, after, change)
  if (form !== 'open' && form.kind === 'list') {
    const left = isList(before) ? before : undefined
    const right = isList(after) ? after : undefined
    if (form.listType === 'atomic' || (!left?.length && !right?.length)) return compareLeaf(before, after, change)
    compareItems(form, left ?? [], right ?? [], change)
    return false
  }
  const schema = form === 'open' ? deducedMap : form
  const left = isMap(before) ? before : undefined
  const right = isMap(after) ? after : undefined
  if (schema.atomic || ((!left || isEmptyObject(left)) && (!right || isEmptyObject(right)))) return compareLeaf(before, after, change)
  compareFields(schema, left, right, change)
  return false
}

function compareLeaf(before: Maybe, after: Maybe, change: Change): true {
  if (before === undefined) change.marks |= added
  else if (after === undefined) change.marks |= removed
  else if (!equalJson(before, after)) change.marks |= modified
  return true
}

function compareFields(
  schema: StructSchema | MapSchema,
  before: JsonObject | undefined,
  after: JsonObject | undefined,
  change: Change,
): void {
  if (after)
    for (const name in after) {
      const value = after[name]
      const old = before && own(before, name)
      if (value !== undefined && value !== old) compareField(schema, name, old, value, change)
    }
  if (before)
    for (const name in before) {
      const old = before[name]
      if (old !== undefined && (!after || own(after, name) === undefined)) compareField(schema, name, old, undefined, change)
    }
}

function compareField(schema: StructSchema | MapSchema, name: string, before: Maybe, after: Maybe, change: Change): void {
  const below = newChange()
  compare(fieldSchema(schema, name) ?? anySchema, before, after, below)
  if (happened(below)) (change.fields ??= new Map()).set(name, below)
}

function compareItems(schema: ListSchema, before: readonly JsonValue[], after: readonly JsonValue[], change: Change): void {
  const left = byKey(schema, before)
  const right = byKey(schema, after)
  for (const [text, old] of left) {
    const now = right.get(text)
    if (old.length === 1 && now?.length === 1 && old[0] === now[0]) continue
    compareItem(schema, text, old, now ?? [], change)
  }
  for (const [text, now] of right) if (!left.has(text)) compareItem(schema, text, [], now, change)
}

function byKey(schema: ListSchema, list: readonly JsonValue[]): Map<string, JsonValue[]> {
  const found = new Map<string, JsonValue[]>()
  for (const member of list) {
    const text = textOf(schema, member)
    if (text === undefined) continue
    const same = found.get(text)
    if (same) same.push(member)
    else found.set(text, [member])
  }
  return found
}

/** Several items with one key are one leaf. */
function compareItem(schema: ListSchema, text: string, before: readonly JsonValue[], after: readonly JsonValue[], change: Change): void {
  const below = newChange()
  const manyBefore = before.length > 1
  const manyAfter = after.length > 1
  if (manyBefore && manyAfter) {
    if (!equalJson(before, after)) below.marks |= modified
  } else if (manyBefore) {
    if (after.length > 0) compare(schema.items, undefined, after[0], below)
    below.marks |= removed
  } else if (manyAfter) {
    if (before.length > 0) compare(schema.items, before[0], undefined, below)
    below.marks |= added
  } else compare(schema.items, before[0], after[0], below)
  if (!happened(below)) return
  const children = schema.listType === 'map' ? (change.items ??= new Map()) : (change.values ??= new Map())
  children.set(text, below)
}
