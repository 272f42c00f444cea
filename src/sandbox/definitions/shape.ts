/**
 * Giving an object the shape of its schema: unknown fields dropped, forbidden nulls dropped, defaults filled in. Compiled once into closures.
 *
 * Dropping comes first, so a default cannot bring back what is unknown; a default is itself filled in when the schema is compiled.
 * `additionalProperties: true` keeps the members of a map, but nothing below them.
 * (apiextensions-apiserver, schema/pruning, schema/defaulting, schema/objectmeta)
 */
import { isMap } from '../../api/object.ts'
import { objectFields } from '../../api/schema/structural.ts'
import { badValue } from '../status/go-text.ts'
import type { SchemaProps } from './json-schema.ts'
import { coerceMetadata, MetadataTypeError } from './metadata.ts'

/** What shaping dropped, as paths. */
export interface Dropped {
  readonly fields: string[]
  /** In the metadata of embedded objects. */
  readonly embedded: string[]
}

/** A private copy of the value in shape. @throws ShapeError */
export type Shape = (value: unknown, path: string, dropped: Dropped) => unknown

/** An embedded object that is none. */
export class ShapeError extends Error {}

type Mode = 'prune' | 'keep'

/** `root`: the schema of a whole object, whose metadata the caller deals with. */
export const compileShape = (schema: SchemaProps): Shape => shapeOf(schema, 'prune', true)

function shapeOf(schema: SchemaProps | undefined, inherited: Mode, root = false): Shape {
  if (schema === undefined) return inherited === 'prune' ? withoutMembers : copy
  const mode = schema['x-kubernetes-preserve-unknown-fields'] === true ? 'keep' : inherited
  const shapeMap = mapShape(schema, mode, root)
  const items = schema.items
  const shapeItem = shapeOf(items, mode)
  const itemDefault = items && filledDefault(items)
  const replaceNull = !!items && items.nullable !== true && itemDefault !== undefined
  return (value, path, dropped) => {
    if (Array.isArray(value)) {
      const result: unknown[] = new Array(value.length)
      for (let index = 0; index < value.length; index += 1) {
        const item = value[index]
        if (item === null || typeof item !== 'object') result[index] = item === null && replaceNull ? copy(itemDefault) : item
        else result[index] = shapeItem(item, `${path}[${index}]`, dropped)
      }
      return result
    }
    return isMap(value) ? shapeMap(value, path, dropped) : value
  }
}

interface Member {
  readonly shape: Shape
  readonly nullable: boolean
  /** Undefined where there is none. */
  readonly fallback: unknown
}

const memberOf = (schema: SchemaProps): Member => ({
  shape: shapeOf(schema, 'prune'),
  nullable: schema.nullable === true,
  fallback: filledDefault(schema),
})

function mapShape(
  schema: SchemaProps,
  mode: Mode,
  root: boolean,
): (map: { readonly [name: string]: unknown }, path: string, dropped: Dropped) => unknown {
  const members = new Map(Object.entries(schema.properties ?? {}).map(([name, member]) => [name, memberOf(member)]))
  const defaulted = [...members].filter(([, member]) => member.fallback !== undefined)
  const { additionalProperties } = schema
  const others = typeof additionalProperties === 'object' ? memberOf(additionalProperties) : undefined
  const anyOthers = additionalProperties !== undefined && others === undefined
  const embedded = root || schema['x-kubernetes-embedded-resource'] === true
  const coerced = !root && embedded

  return (map, path, dropped) => {
    const result: Record<string, unknown> = {}
    for (const name of Object.keys(map)) {
      const value = map[name]
      if (embedded && objectFields.has(name)) {
        if (coerced) keep(result, name, embeddedField(name, value, path, dropped))
        else result[name] = copy(value)
        continue
      }
      const member = members.get(name) ?? others
      if (member) {
        if (value === null && !member.nullable) {
          if (member.fallback !== undefined) keep(result, name, copy(member.fallback))
        } else keep(result, name, value !== null && typeof value === 'object' ? member.shape(value, below(path, name), dropped) : value)
      } else if (anyOthers) keep(result, name, withoutMembers(value, below(path, name), dropped))
      else if (mode === 'keep') keep(result, name, copy(value))
      else dropped.fields.push(below(path, name))
    }
    for (const [name, { fallback }] of defaulted) if (!Object.hasOwn(result, name)) keep(result, name, copy(fallback))
    return result
  }
}

const below = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

/** A plain assignment, but for the one name that would set the prototype. */
function keep(map: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(map, name, { value, enumerable: true, configurable: true, writable: true })
  else map[name] = value
}

/** A default together with the defaults of what lies in it; undefined where the schema has none. */
function filledDefault(schema: SchemaProps): unknown {
  const fallback = schema.default
  if (fallback === undefined || fallback === null) return undefined
  return shapeOf(schema, 'prune')(fallback, '', { fields: [], embedded: [] })
}

/** Maps lose all their members, those in lists too. */
function withoutMembers(value: unknown, path: string, dropped: Dropped): unknown {
  if (Array.isArray(value)) return value.map((item, index) => withoutMembers(item, `${path}[${index}]`, dropped))
  if (!isMap(value)) return value
  for (const name of Object.keys(value)) dropped.fields.push(below(path, name))
  return {}
}

/** A copy of JSON data. */
export function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  if (!isMap(value)) return value
  const result: Record<string, unknown> = {}
  for (const name of Object.keys(value)) keep(result, name, copy(value[name]))
  return result
}

function embeddedField(name: string, value: unknown, path: string, dropped: Dropped): unknown {
  const field = below(path, name)
  if (name !== 'metadata') {
    if (typeof value !== 'string') throw new ShapeError(`${field}: Invalid value: ${badValue(value)}: must be a string`)
    return value
  }
  const unknown: string[] = []
  try {
    return coerceMetadata(value, unknown)
  } catch (error) {
    if (error instanceof MetadataTypeError) throw new ShapeError(`${field}: Invalid value: ${badValue(value)}: ${error.message}`)
    throw error
  } finally {
    for (const each of unknown) dropped.embedded.push(`${field}.${each}`)
  }
}
