/**
 * Lists that are sets, or maps by keys: no item may come twice.
 *
 * (apiextensions-apiserver, schema/listtype/validation.go)
 */
import { isMap } from '../../../api/object.ts'
import { duplicate, type FieldError, invalidValue } from '../../status/field-error.ts'
import { json } from '../../status/go-text.ts'
import type { SchemaProps } from '../json-schema.ts'

type ListCheck = (value: unknown, path: string, errors: FieldError[]) => void

/** Undefined for a schema without such lists. */
export function compileListCheck(schema: SchemaProps): ListCheck | undefined {
  const { properties = {}, additionalProperties, items } = schema
  const members = new Map<string, ListCheck>()
  for (const [name, member] of Object.entries(properties)) {
    const check = compileListCheck(member)
    if (check) members.set(name, check)
  }
  const others = typeof additionalProperties === 'object' ? compileListCheck(additionalProperties) : undefined
  const own = uniqueness(schema)
  const each = items && compileListCheck(items)
  if (members.size === 0 && !others && !own && !each) return undefined
  return (value, path, errors) => {
    if (Array.isArray(value)) {
      own?.(value, path, errors)
      if (each) for (const [index, item] of value.entries()) each(item, `${path}[${index}]`, errors)
    } else if (isMap(value)) {
      if (others) for (const name of Object.keys(value)) others(value[name], `${path}[${name}]`, errors)
      for (const [name, check] of members)
        if (Object.hasOwn(value, name)) check(value[name], path === '' ? name : `${path}.${name}`, errors)
    }
  }
}

function uniqueness(schema: SchemaProps): ((list: readonly unknown[], path: string, errors: FieldError[]) => void) | undefined {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return (list, path, errors) => {
        for (const index of repeated(list)) errors.push(duplicate(`${path}[${index}]`, list[index]))
      }
    case 'map':
      return (list, path, errors) => checkKeys(list, schema['x-kubernetes-list-map-keys'] ?? [], path, errors)
    default:
      return undefined
  }
}

function checkKeys(list: readonly unknown[], names: readonly string[], path: string, errors: FieldError[]): void {
  for (const [index, item] of list.entries())
    if (item !== null && !isMap(item)) {
      errors.push(invalidValue(`${path}[${index}]`, item, 'must be an object for an array of list-type map'))
      return
    }
  if (list.length < 2) return
  const keys = list.map((item) =>
    Object.fromEntries(
      names.filter((name) => isMap(item) && Object.hasOwn(item, name)).map((name) => [name, (item as { [name: string]: unknown })[name]]),
    ),
  )
  for (const index of repeated(keys)) errors.push(duplicate(`${path}[${index}]`, keys[index]))
}

/** The index of the second appearance of each item that comes more than once. */
function repeated(list: readonly unknown[]): number[] {
  if (list.length < 2) return []
  const times = new Map<string, number>()
  const found: number[] = []
  for (const [index, item] of list.entries()) {
    const text = json(item)
    const seen = times.get(text) ?? 0
    times.set(text, seen + 1)
    if (seen === 1) found.push(index)
  }
  return found
}
