/**
 * Fills in what a server fills in where a field is absent.
 *
 * The values stand in a recorded table by type and field. What depends on other fields is a rule: code that sees one struct before the table
 * does. A struct's rule and its fields come before those of the structs inside it. A type knows once and for all whether anything in it can
 * have a default, so that a ConfigMap costs nothing. (pkg/apis: each group's defaults.go and zz_generated.defaults.go)
 */
import type { JsonValue } from '../../api/object.ts'
import type { Schema, StructField, StructSchema } from '../schema/schema.ts'
import type { DefaultsTable } from '../tables/defaults.ts'
import { isAbsent } from './absence.ts'
import { copyOf, type Fields, isFields } from './fields.ts'
import { rules } from './rules.ts'

/** Fills `object`, a private copy of the shape that `schema` tells, in place. */
export type ApplyDefaults = (schema: Schema, object: object) => void

interface Plan {
  readonly rule: ((fields: Fields) => void) | undefined
  /** Names with dots lead through structs that have to be there. */
  readonly defaults: readonly Default[]
  /** The fields that have plans of their own inside. */
  readonly inner: readonly (readonly [name: string, schema: Schema])[]
}

interface Default {
  readonly path: readonly string[]
  readonly field: StructField
  readonly value: JsonValue
}

export function createDefaults(table: DefaultsTable): ApplyDefaults {
  const plans = new Map<string, Plan | undefined>()

  const own = (fullName: string): boolean => Object.hasOwn(table.types, fullName) || rules.has(fullName)

  /** Whether anything inside can have a default; `seen` holds the types on the way, as a type may contain itself. */
  function matters(schema: Schema, seen: Set<string>): boolean {
    const struct = structIn(schema)
    if (!struct || seen.has(struct.fullName)) return false
    if (own(struct.fullName)) return true
    seen.add(struct.fullName)
    for (const field of struct.fields.values()) if (matters(field.schema, seen)) return true
    return false
  }

  function planOf(struct: StructSchema): Plan | undefined {
    const { fullName } = struct
    if (plans.has(fullName)) return plans.get(fullName)
    const recorded = Object.hasOwn(table.types, fullName) ? (table.types[fullName] ?? {}) : {}
    const plan: Plan = {
      rule: rules.get(fullName),
      defaults: Object.entries(recorded).map(([path, value]) => defaultAt(struct, path.split('.'), value)),
      inner: [...struct.fields.values()]
        .filter(({ schema }) => matters(schema, new Set()))
        .map(({ name, schema }): readonly [string, Schema] => [name, schema]),
    }
    const useful = plan.rule || plan.defaults.length > 0 || plan.inner.length > 0 ? plan : undefined
    plans.set(fullName, useful)
    return useful
  }

  function fillStruct(struct: StructSchema, fields: Fields): void {
    const plan = planOf(struct)
    if (!plan) return
    plan.rule?.(fields)
    for (const each of plan.defaults) setDefault(fields, each)
    for (const [name, schema] of plan.inner) if (fields[name] !== undefined) fill(schema, fields[name])
  }

  function fill(schema: Schema, value: unknown): void {
    switch (schema.kind) {
      case 'struct':
        if (isFields(value)) fillStruct(schema, value)
        return
      case 'list':
        if (Array.isArray(value)) for (const item of value) fill(schema.items, item)
        return
      case 'map':
        if (isFields(value)) for (const item of Object.values(value)) fill(schema.values, item)
        return
      case 'scalar':
      case 'any':
    }
  }

  return fill
}

function defaultAt(struct: StructSchema, names: readonly string[], value: JsonValue): Default {
  const path = names.slice(0, -1)
  let owner: Schema | undefined = struct
  for (const name of path) owner = owner?.kind === 'struct' ? owner.fields.get(name)?.schema : undefined
  const field = owner?.kind === 'struct' ? owner.fields.get(names.at(-1) as string) : undefined
  if (!field) throw new RangeError(`the table of defaults has a field that ${struct.fullName} lacks: ${names.join('.')}`)
  return { path, field, value }
}

function setDefault(fields: Fields, { path, field, value }: Default): void {
  let target = fields
  for (const step of path) {
    const next = target[step]
    if (!isFields(next)) return
    target = next
  }
  if (isAbsent(field, target[field.name])) target[field.name] = copyOf(value)
}

function structIn(schema: Schema): StructSchema | undefined {
  switch (schema.kind) {
    case 'struct':
      return schema
    case 'list':
      return structIn(schema.items)
    case 'map':
      return structIn(schema.values)
    case 'scalar':
    case 'any':
      return undefined
  }
}
