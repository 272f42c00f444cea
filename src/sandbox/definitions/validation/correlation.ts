/**
 * Ratcheting: what an update does not change is not held against it.
 *
 * A correlation is a value of the new object together with the value that the old one had at the same place. Members of maps belong together
 * by name, items of lists only where `x-kubernetes-list-type: map` gives them keys. A value that is not correlated is checked in full.
 * (apiserver, cel/common/equality.go and maplist.go; apiextensions-apiserver, apiserver/validation/ratcheting.go)
 */
import { equalJson } from '../../../api/equal.ts'
import { isMap } from '../../../api/object.ts'
import type { SchemaProps } from '../json-schema.ts'

export class Correlation {
  readonly schema: SchemaProps
  readonly value: unknown
  readonly old: unknown
  #equal: boolean | undefined

  constructor(schema: SchemaProps, value: unknown, old: unknown) {
    this.schema = schema
    this.value = value
    this.old = old
  }

  /** The correlation of a member; undefined where the old object has none or the schema does not describe it. */
  member(name: string): Correlation | undefined {
    const { schema, value, old } = this
    if (!isMap(value) || !isMap(old) || !Object.hasOwn(value, name) || !Object.hasOwn(old, name)) return undefined
    const described = memberOf(schema, name)
    return described && new Correlation(described, value[name], old[name])
  }

  item(index: number): Correlation | undefined {
    const { schema, value, old } = this
    if (!Array.isArray(value) || !Array.isArray(old) || !schema.items) return undefined
    const match = itemWithKeys(schema, old, value[index])
    return match === undefined ? undefined : new Correlation(schema.items, value[index], match)
  }

  /** Whether the value is what it was. */
  get unchanged(): boolean {
    this.#equal ??= isUnchanged(this)
    return this.#equal
  }
}

function isUnchanged(correlation: Correlation): boolean {
  const { value, old } = correlation
  if (isMap(value) && isMap(old)) {
    const names = Object.keys(value)
    // A member that the schema does not describe counts as changed.
    return names.length === Object.keys(old).length && names.every((name) => correlation.member(name)?.unchanged === true)
  }
  if (!Array.isArray(value) || !Array.isArray(old)) return value === old
  if (value.length !== old.length) return false
  for (const index of value.keys()) {
    const item = correlation.item(index)
    if (item === undefined) return correlation.schema['x-kubernetes-list-type'] === 'map' ? false : equalJson(value, old)
    if (!item.unchanged) return false
  }
  return true
}

function memberOf(schema: SchemaProps, name: string): SchemaProps | undefined {
  if (schema.properties && Object.hasOwn(schema.properties, name)) return schema.properties[name]
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined
}

/** The first item of a list with the same keys as `like`; undefined unless the list is a map by keys. */
export function itemWithKeys(schema: SchemaProps, list: readonly unknown[], like: unknown): unknown {
  const names = schema['x-kubernetes-list-map-keys'] ?? []
  if (schema.type !== 'array' || schema['x-kubernetes-list-type'] !== 'map' || names.length === 0) return undefined
  const wanted = keyOf(names, like)
  return wanted === undefined ? undefined : list.find((item) => keyOf(names, item) === wanted)
}

/** A text that is equal for equal keys; undefined where a key is missing or no scalar. */
function keyOf(names: readonly string[], item: unknown): string | undefined {
  if (!isMap(item)) return undefined
  const parts: unknown[] = []
  for (const name of names) {
    const part = Object.hasOwn(item, name) ? item[name] : undefined
    if (part === undefined || part === null || typeof part === 'object') return undefined
    parts.push(part)
  }
  return JSON.stringify(parts)
}
