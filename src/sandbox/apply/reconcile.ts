/**
 * Ownership that was written under an older schema.
 *
 * Where a list, map or struct became atomic, whoever owned something below it owns it as a whole. The way back needs nothing: what was atomic
 * is owned as a leaf and stays so. (structured-merge-diff, typed/reconcile_schema.go)
 */
import { emptySet, type FieldSet, fieldSet, leafSet, union } from '../../fields/set.ts'
import type { Schema } from '../schema/schema.ts'
import { withoutBelow } from './set-algebra.ts'
import { fieldSchema } from './shape.ts'

/** The set itself where nothing changed. */
export function reconcile(set: FieldSet, schema: Schema): FieldSet {
  const whole = becameAtomic(set, schema, true)
  return whole ? union(withoutBelow(set, whole), whole) : set
}

/** The places that the schema has as atomic and the set in parts. */
function becameAtomic(set: FieldSet, schema: Schema, root: boolean): FieldSet | undefined {
  const asWhole = set.leaf && set.owned
  switch (schema.kind) {
    case 'scalar':
    case 'any':
      return undefined
    case 'list': {
      if (schema.listType === 'atomic') return asWhole || root ? undefined : leafSet
      return gather([
        ['items', set.items, () => schema.items],
        ['values', set.values, () => schema.items],
        ['indexes', set.indexes, () => schema.items],
      ])
    }
    case 'struct':
    case 'map':
      if (schema.kind === 'map' && schema.values.kind === 'any') return undefined
      if (schema.kind === 'struct' && schema.fields.size === 0) return undefined
      if (schema.atomic) return asWhole || root ? undefined : leafSet
      return gather([['fields', set.fields, (name) => fieldSchema(schema, name)]])
  }
}

type Branch =
  | ['fields', ReadonlyMap<string, FieldSet>, (key: string) => Schema | undefined]
  | ['items' | 'values', ReadonlyMap<string, FieldSet>, () => Schema]
  | ['indexes', ReadonlyMap<number, FieldSet>, () => Schema]

function gather(branches: readonly Branch[]): FieldSet | undefined {
  let found = emptySet
  for (const [name, children, schemaOf] of branches)
    for (const [key, child] of children) {
      const below = (schemaOf as (key: string | number) => Schema | undefined)(key)
      const whole = below && becameAtomic(child, below, false)
      if (whole) found = union(found, fieldSet(false, { [name]: new Map([[key, whole]]) }))
    }
  return found === emptySet ? undefined : found
}
