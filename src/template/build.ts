/** From a shape and the inserted values to a tree: fresh containers each time, keys resolved before maps are built. */
import { isMap } from '../api/object.ts'
import type { Position } from '../api/problem.ts'
import { emptyMap } from '../yaml/node.ts'
import { TemplateError } from './error.ts'
import type { Shape, ShapeNode } from './shape.ts'
import { isSecretHandle, type SecretHandle, secretOf, textOfSecret, textSecret } from './secret.ts'
import { describeValue, type Inserted, omit } from './value.ts'

export interface BuildOptions {
  /** A key whose value is null is left out: for status.yaml.eta. */
  dropNull?: boolean
}

export class TreeBuilder {
  readonly #shape: Shape
  readonly #values: readonly Inserted[]
  readonly #dropNull: boolean

  constructor(shape: Shape, values: readonly Inserted[], { dropNull = false }: BuildOptions = {}) {
    this.#shape = shape
    this.#values = values
    this.#dropNull = dropNull
  }

  /** The tree of one document; `omit` where the whole document is left out. */
  build(node: ShapeNode): Inserted {
    switch (node.kind) {
      case 'static':
        return node.value
      case 'slot':
        return this.#slot(node.slot)
      case 'text':
        return this.#text(node.parts, node.style)
      case 'sequence': {
        const list: Inserted[] = []
        for (const item of node.items) {
          if (item.kind === 'spread') this.#spreadItems(list, item.slot)
          else {
            const value = this.build(item)
            if (value !== omit) list.push(value)
          }
        }
        return list
      }
      case 'mapping':
        return this.#mapping(node)
    }
  }

  #mapping(node: Extract<ShapeNode, { kind: 'mapping' }>): Inserted {
    const map = emptyMap<Inserted>()
    // A key may stand twice only if it is omitted, so that `a: <%= omit %>` never hides a clash.
    for (const entry of node.entries) {
      if (entry.kind === 'spread') {
        this.#spreadEntries(map, entry.slot)
        continue
      }
      const key = typeof entry.key === 'string' ? entry.key : this.#key(entry.key.parts)
      if (node.dynamic && key in map) throw this.#duplicate(key, this.#shape.position(entry.at))
      const value = this.build(entry.value)
      if (value === omit || (value === null && this.#dropNull)) continue
      map[key] = value
    }
    return map
  }

  #spreadEntries(map: Record<string, Inserted>, slot: number): void {
    const value = this.#slot(slot)
    if (!isMap(value) || isSecretHandle(value)) throw this.#refused(slot, `is ${describeValue(value)}; a spread in a map needs a map`)
    for (const key of Object.keys(value)) {
      if (key in map) throw this.#duplicate(key, this.#shape.slotPosition(slot))
      const item = value[key] as Inserted
      if (!(item === null && this.#dropNull)) map[key] = item
    }
  }

  #spreadItems(list: Inserted[], slot: number): void {
    const value = this.#slot(slot)
    if (!Array.isArray(value)) throw this.#refused(slot, `is ${describeValue(value)}; a spread in a list needs a list`)
    for (const item of value) list.push(item)
  }

  #key(parts: readonly (string | number)[]): string {
    const secret = parts.find((part) => typeof part === 'number' && isSecretHandle(this.#values[part]))
    if (secret !== undefined) throw this.#refused(secret as number, 'is a secret and cannot stand in a key')
    return this.#text(parts, 'a key') as string
  }

  /** A text with a secret in it is a secret. */
  #text(parts: readonly (string | number)[], place: string): string | SecretHandle {
    const [first] = parts
    const only = parts.length === 1 && typeof first === 'number' ? this.#values[first] : undefined
    if (isSecretHandle(only)) return only
    let text = ''
    let source: string | undefined
    for (const part of parts) {
      if (typeof part === 'string') {
        text += part
        continue
      }
      const value = this.#values[part]
      if (isSecretHandle(value)) {
        const secret = textOfSecret(value)
        if (secret === undefined) throw this.#refused(part, 'is no UTF-8 text and cannot stand within one')
        text += secret
        source = secretOf(value).source
        continue
      }
      if (value === null || typeof value === 'object' || typeof value === 'symbol' || value === undefined) {
        const remedy = typeof value === 'object' && value !== null ? 'textOf() or toJson() makes a text of it' : undefined
        throw this.#refused(part, `is ${describeValue(value)} and cannot stand in ${place}`, remedy)
      }
      text += value
    }
    return source === undefined
      ? text
      : textSecret(
          text,
          source,
          parts.map((part) => this.#partOf(part)),
        )
  }

  #partOf(part: string | number): string | SecretHandle {
    const value = typeof part === 'string' ? part : this.#values[part]
    return isSecretHandle(value) ? value : String(value)
  }

  #slot(slot: number): Inserted {
    const value = this.#values[slot] as Inserted
    return this.#shape.aliased ? structuredCopy(value) : value
  }

  #refused(slot: number, message: string, remedy?: string): TemplateError {
    return new TemplateError('TEMPLATE_VALUE', `${this.#shape.slotCode(slot).trim()} ${message}`, {
      at: this.#shape.slotPosition(slot),
      remedy,
    })
  }

  #duplicate(key: string, at: Position): TemplateError {
    return new TemplateError('TEMPLATE_VALUE', `the key ${JSON.stringify(key)} stands twice in one map`, { at })
  }
}

function structuredCopy(value: Inserted): Inserted {
  if (value === null || typeof value !== 'object' || isSecretHandle(value)) return value
  if (Array.isArray(value)) return value.map(structuredCopy)
  const map = emptyMap<Inserted>()
  for (const key of Object.keys(value)) map[key] = structuredCopy(value[key] as Inserted)
  return map
}

/** The template position that a field came from: of its value, or of the nearest field around it whose place is known. */
export function positionIn(shape: Shape, values: readonly Inserted[], root: ShapeNode, path: readonly (string | number)[]): Position {
  let node = root
  for (const step of path) {
    const next = childOf(node, values, step)
    if (next === undefined) break
    if (typeof next === 'number') return shape.slotPosition(next)
    node = next
  }
  return node.kind === 'slot' ? shape.slotPosition(node.slot) : shape.position(node.at)
}

/** Whether the scalar at this path stands in the template's text as it is. */
export function isLiteralIn(values: readonly Inserted[], root: ShapeNode, path: readonly (string | number)[]): boolean {
  let node = root
  for (const step of path) {
    const next = childOf(node, values, step)
    if (next === undefined || typeof next === 'number') return false
    node = next
  }
  return node.kind === 'static'
}

/** The node one step below, or the slot of the spread that brought it. */
function childOf(node: ShapeNode, values: readonly Inserted[], step: string | number): ShapeNode | number | undefined {
  switch (node.kind) {
    case 'mapping':
      return memberOf(node, values, String(step))
    case 'sequence':
      return itemOf(node, values, Number(step))
    default:
      return undefined
  }
}

/** The node of a key, or the slot of the spread that brought it. */
function memberOf(node: Extract<ShapeNode, { kind: 'mapping' }>, values: readonly Inserted[], key: string): ShapeNode | number | undefined {
  for (const entry of node.entries) {
    if (entry.kind === 'spread') {
      const value = values[entry.slot]
      if (value !== null && typeof value === 'object' && Object.hasOwn(value, key)) return entry.slot
    } else {
      const own =
        typeof entry.key === 'string'
          ? entry.key
          : entry.key.parts.map((part) => (typeof part === 'number' ? String(values[part]) : part)).join('')
      if (own === key) return entry.value
    }
  }
  return undefined
}

function itemOf(
  node: Extract<ShapeNode, { kind: 'sequence' }>,
  values: readonly Inserted[],
  index: number,
): ShapeNode | number | undefined {
  let before = 0
  for (const item of node.items) {
    const value = item.kind === 'spread' || item.kind === 'slot' ? values[item.slot] : undefined
    const length = item.kind === 'spread' ? (value as Inserted[]).length : value === omit ? 0 : 1
    if (index < before + length) return item.kind === 'spread' ? item.slot : item
    before += length
  }
  return undefined
}
