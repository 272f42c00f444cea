/**
 * Field sets as the server writes them into `fieldsV1`, in its order and with its spelling of keys. (structured-merge-diff, fieldpath/serialize.go)
 */
import type { JsonObject, JsonValue } from '../../api/object.ts'
import type { PathElement } from '../../fields/path.ts'
import type { FieldSet } from '../../fields/set.ts'
import { json } from '../status/go-text.ts'
import { define } from './shape.ts'
import { sortedChildren } from './wire-order.ts'

const nothing: JsonObject = Object.freeze({})

export function toFieldsV1(set: FieldSet): JsonObject {
  const tree: Record<string, JsonValue | undefined> = {}
  if (set.owned && !set.leaf) tree['.'] = nothing
  for (const { element, set: below } of sortedChildren(set)) define(tree, keyOf(element), below.leaf ? nothing : toFieldsV1(below))
  return tree
}

function keyOf(element: PathElement): string {
  switch (element.kind) {
    case 'field':
      return `f:${element.name}`
    case 'item':
      return `k:{${Object.keys(element.key)
        .sort()
        .map((name) => `${JSON.stringify(name)}:${json(element.key[name])}`)
        .join(',')}}`
    case 'value':
      return `v:${json(element.value)}`
    case 'index':
      return `i:${element.index}`
  }
}
