/**
 * YAML as nodes: what a reader needs that a plain value has lost, which is where each key and value stands and how a scalar was written.
 *
 * `At` is how a place is given: a position in a file, or an offset into the text where the caller maps it further itself.
 */
import type { Position } from '../api/problem.ts'

export type ScalarValue = null | boolean | number | string
export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

export interface ScalarNode<At = Position> {
  kind: 'scalar'
  at: At
  style: ScalarStyle
  /** The text after unquoting and folding. */
  text: string
  /** The typed value: always a string where the style is not plain. */
  value: ScalarValue
  /** A plain scalar that goes on over several lines. */
  multiline: boolean
}

export interface SequenceNode<At = Position> {
  kind: 'sequence'
  at: At
  items: Node<At>[]
}

export interface MappingNode<At = Position> {
  kind: 'mapping'
  at: At
  /** In the order of the file; keys are scalars and none stands twice. */
  entries: { key: ScalarNode<At>; value: Node<At> }[]
}

export type Node<At = Position> = ScalarNode<At> | SequenceNode<At> | MappingNode<At>

/** A plain value. Maps have no prototype, so that a key such as `__proto__` is data. */
export type PlainValue = ScalarValue | PlainValue[] | PlainMap
export interface PlainMap {
  [key: string]: PlainValue
}

/** A map without a prototype. */
export const emptyMap = <Value = PlainValue>(): Record<string, Value> => Object.create(null) as Record<string, Value>

/** The node as a plain value; a node that stands in several places (an alias) becomes a value of its own in each. */
export function toValue<At>(node: Node<At>): PlainValue {
  switch (node.kind) {
    case 'scalar':
      return node.value
    case 'sequence':
      return node.items.map(toValue)
    case 'mapping': {
      const map = emptyMap()
      for (const { key, value } of node.entries) map[key.text] = toValue(value)
      return map
    }
  }
}

/** The value of a key in a mapping; undefined where the node is no mapping or lacks the key. */
export function member<At>(node: Node<At> | undefined, key: string): Node<At> | undefined {
  return node?.kind === 'mapping' ? node.entries.find((entry) => entry.key.text === key)?.value : undefined
}

/** The node at a path, or the last one on the way to it that exists. */
export function nodeAt<At>(node: Node<At>, path: readonly (string | number)[]): Node<At> {
  let current = node
  for (const step of path) {
    const next = current.kind === 'sequence' ? current.items[Number(step)] : member(current, String(step))
    if (!next) return current
    current = next
  }
  return current
}
