/**
 * Shapes: the tree of a rendered text with holes where values go, made once for each trace.
 *
 * The style of a scalar decides what a hole is: a plain scalar that is exactly one placeholder takes a value with its type; a quoted or
 * block scalar, a longer scalar and a key take its text. Anything else is refused here, with the template's line.
 */
import type { Position } from '../api/problem.ts'
import { readDocuments } from '../yaml/events.ts'
import type { Node, ScalarNode, ScalarValue } from '../yaml/node.ts'
import type { Template } from './compile.ts'
import { TemplateError } from './error.ts'
import { remedyForGoTemplate } from './foreign-tags.ts'
import { holdsPlaceholder, insertPlaceholder, splitPlaceholders, spreadPlaceholder } from './placeholder.ts'

/** A node of a shape. `at` is an offset into the rendered text. */
export type ShapeNode =
  | { kind: 'static'; at: number; value: ScalarValue }
  | { kind: 'slot'; at: number; slot: number }
  | { kind: 'text'; at: number; parts: (string | number)[] /** Quoted or block: named in errors. */; style: string }
  | { kind: 'sequence'; at: number; items: (ShapeNode | { kind: 'spread'; at: number; slot: number })[] }
  | {
      kind: 'mapping'
      at: number
      entries: ShapeEntry[] /** Keys are known only with the values: duplicates are looked for then. */
      dynamic: boolean
    }

export type ShapeEntry =
  | { kind: 'entry'; key: string | { parts: (string | number)[] }; at: number; value: ShapeNode }
  | { kind: 'spread'; at: number; slot: number }

export interface Shape {
  documents: ShapeNode[]
  /** An anchor is used twice, so a slot may be too: its value is copied each time. */
  aliased: boolean
  /** Where in the template an offset of the rendered text comes from. */
  position(offset: number): Position
  /** Where the expression of a slot stands. */
  slotPosition(slot: number): Position
  /** The expression of a slot, for errors. */
  slotCode(slot: number): string
  /** Of the static text. */
  characters: number
  /** About what the shape costs to keep. */
  bytes: number
}

const severalLines = 'an inserted value cannot stand in a plain scalar of several lines'

/** The tree for a trace. Throws TemplateError where the text is not valid YAML or a placeholder stands where no value can. */
export function makeShape(template: Template, trace: string): Shape {
  const { text, characters, starts, pieces, slots } = render(template, trace)
  const position = (offset: number): Position => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    const piece = template.pieces[pieces[low] ?? 0]
    if (!piece) return { file: template.file, line: 1, column: 1 }
    if (piece.kind !== 'text') return template.position(piece.start)
    return template.position(piece.start + Math.min(offset - (starts[low] as number), piece.text.length))
  }
  const slotPiece = (slot: number) => {
    const piece = template.pieces[slots[slot] as number]
    if (!piece || piece.kind === 'text') throw new Error(`there is no slot ${slot}`)
    return piece
  }
  const slotPosition = (slot: number): Position => template.position(slotPiece(slot).start)
  const refuse = (slot: number, message: string, remedy?: string): never => {
    throw new TemplateError('TEMPLATE_VALUE', message, { at: slotPosition(slot), remedy })
  }

  const directive = directiveWithPlaceholder.exec(text)
  if (directive) refuse(Number(directive[1]), 'a value cannot be inserted into a directive')
  const property = 'a value cannot be inserted into an anchor, an alias or a tag'
  const { documents, errors } = readDocuments(text, {
    locate: (offset) => offset,
    refuseProperty: (name) => (holdsPlaceholder(name) ? property : undefined),
  })
  const [error] = errors
  if (error) {
    // The parser itself stops at the characters of a placeholder in a tag.
    const token = /(?:^|[\s,[{])([&*!][^\s]*)$/.exec(text.slice(0, error.at))?.[1] ?? ''
    const inTag = holdsPlaceholder(token + text.slice(error.at).split(/\s/, 1)[0]) && token.startsWith('!')
    if (inTag) throw new TemplateError('TEMPLATE_VALUE', property, { at: position(error.at) })
    const refused = error.message === property
    const remedy = error.message.startsWith('`<<`') ? 'use <%... map %> on a line of its own' : remedyForGoTemplate(text)
    throw new TemplateError(refused ? 'TEMPLATE_VALUE' : 'YAML_INVALID', error.message, { at: position(error.at), remedy })
  }

  const made = new Map<Node<number>, ShapeNode>()
  let aliased = false
  let nodes = 0
  const toShape = (node: Node<number>): ShapeNode => {
    const known = made.get(node)
    if (known) {
      aliased = true
      return known
    }
    nodes++
    const shape = node.kind === 'scalar' ? scalar(node) : node.kind === 'sequence' ? sequence(node) : mapping(node)
    made.set(node, shape)
    return shape
  }
  const scalar = (node: ScalarNode<number>): ShapeNode => {
    if (!holdsPlaceholder(node.text)) return { kind: 'static', at: node.at, value: node.value }
    const parts = splitPlaceholders(node.text)
    const [first] = parts
    const slots = parts.map((part) => (typeof part === 'string' ? part : part.slot))
    const spread = parts.find((part) => typeof part === 'object' && part.kind === 'spread')
    if (typeof spread === 'object') return refuse(spread.slot, 'a spread stands alone on a line of a map, or as an item of a list')
    if (node.style !== 'plain')
      return {
        kind: 'text',
        at: node.at,
        parts: slots,
        style: node.style === 'single' || node.style === 'double' ? 'a quoted scalar' : 'a block scalar',
      }
    if (parts.length === 1 && typeof first === 'object') return { kind: 'slot', at: node.at, slot: first.slot }
    if (node.multiline)
      return refuse(
        (parts.find((part) => typeof part === 'object') as { slot: number }).slot,
        severalLines,
        'is a line indented too deep? Otherwise quote the scalar, or use | or >-',
      )
    return { kind: 'text', at: node.at, parts: slots, style: 'a longer scalar' }
  }
  const spreadOf = (node: Node<number>): number | undefined => {
    if (node.kind !== 'scalar' || node.style !== 'plain' || !holdsPlaceholder(node.text)) return undefined
    const [part, ...rest] = splitPlaceholders(node.text)
    return typeof part === 'object' && part.kind === 'spread' && rest.length === 0 ? part.slot : undefined
  }
  const sequence = (node: Extract<Node<number>, { kind: 'sequence' }>): ShapeNode => ({
    kind: 'sequence',
    at: node.at,
    items: node.items.map((item) => {
      const only = item.kind === 'mapping' && item.entries.length === 1 ? item.entries[0]?.key : item
      const slot = only && spreadOf(only)
      return slot === undefined ? toShape(item) : { kind: 'spread', at: item.at, slot }
    }),
  })
  const mapping = (node: Extract<Node<number>, { kind: 'mapping' }>): ShapeNode => {
    let dynamic = false
    const entries = node.entries.map(({ key, value }): ShapeEntry => {
      nodes++
      if (!holdsPlaceholder(key.text)) return { kind: 'entry', key: key.text, at: key.at, value: toShape(value) }
      dynamic = true
      const slot = spreadOf(key)
      if (slot !== undefined) {
        if (value.kind === 'scalar' && value.value === null) return { kind: 'spread', at: key.at, slot }
        return refuse(slot, 'a spread has no value of its own')
      }
      const shape = scalar(key)
      return {
        kind: 'entry',
        key: { parts: shape.kind === 'text' ? shape.parts : [(shape as { slot: number }).slot] },
        at: key.at,
        value: toShape(value),
      }
    })
    return { kind: 'mapping', at: node.at, entries, dynamic }
  }

  const shapes = documents.flatMap(({ root }) => (root ? [toShape(root)] : []))
  return {
    documents: shapes,
    aliased,
    position,
    slotPosition,
    slotCode: (slot) => slotPiece(slot).code,
    characters,
    bytes: 200 + nodes * 100 + trace.length * 24,
  }
}

const directiveWithPlaceholder = /^%[^\n]*?[\uE000\uE002](\d+)\uE001/m

/** The text that a trace stands for, and where each of its pieces begins. */
function render(
  template: Template,
  trace: string,
): { text: string; characters: number; starts: number[]; pieces: number[]; slots: number[] } {
  let text = ''
  let characters = 0
  const starts: number[] = []
  const pieces: number[] = []
  const slots: number[] = []
  for (let index = 0; index < trace.length; index++) {
    const number = trace.charCodeAt(index)
    const piece = template.pieces[number]
    if (!piece) throw new Error(`there is no piece ${number}`)
    starts.push(text.length)
    pieces.push(number)
    if (piece.kind === 'text') {
      text += piece.text
      characters += piece.text.length
      continue
    }
    const slot = slots.push(number) - 1
    if (piece.kind === 'insert') text += insertPlaceholder(slot)
    else text += piece.kind === 'spread' && piece.alone ? `${spreadPlaceholder(slot)}: ~` : spreadPlaceholder(slot)
  }
  return { text, characters, starts, pieces, slots }
}
