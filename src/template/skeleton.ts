/**
 * What a template's text shows without its inputs: all pieces in their order, every branch once and every loop once. The kinds that it can
 * render, and values inserted where none can ever stand, are read from that.
 */
import { type GroupVersionKind, gvkOf } from '../api/object.ts'
import type { Position, Problem } from '../api/problem.ts'
import type { Template } from './compile.ts'
import { TemplateError } from './error.ts'
import { makeShape, type Shape, type ShapeNode } from './shape.ts'

const wholeTrace = (template: Template): string =>
  template.pieces.map((piece, index) => (piece.kind === 'code' ? '' : String.fromCharCode(index))).join('')

/** The shape of all pieces; undefined where they are no valid YAML together (two branches with the same key, for example). */
function wholeShape(template: Template): Shape | TemplateError | undefined {
  try {
    return makeShape(template, wholeTrace(template))
  } catch (error) {
    if (error instanceof TemplateError) return error
    throw error
  }
}

const neverPlaces = /into (?:a directive|an anchor)/

/** Values inserted into an anchor, alias, tag or directive. */
export function misplacedInserts(template: Template): Problem[] {
  const shape = wholeShape(template)
  return shape instanceof TemplateError && shape.code === 'TEMPLATE_VALUE' && neverPlaces.test(shape.message) ? [shape.toProblem()] : []
}

/** Literal apiVersion and kind at the left edge of a text, each kind with the apiVersion nearest to it in its document. */
export function literalKinds(text: string): GroupVersionKind[] {
  const kinds: GroupVersionKind[] = []
  for (const document of text.split(/^---.*$/m)) {
    const versions = [...document.matchAll(/^apiVersion:[ \t]*["']?([a-z0-9.-]+(?:\/[a-z0-9]+)?)["']?[ \t]*(?:#.*)?$/gm)]
    for (const match of document.matchAll(/^kind:[ \t]*["']?([A-Z][A-Za-z0-9]*)["']?[ \t]*(?:#.*)?$/gm)) {
      const [nearest] = versions.toSorted((a, b) => Math.abs(a.index - match.index) - Math.abs(b.index - match.index))
      if (nearest && match[1] !== 'List') kinds.push(gvkOf({ apiVersion: nearest[1] as string, kind: match[1] as string }))
    }
  }
  return kinds
}

/** Literal apiVersion and kind of whole documents, however they are written: in braces, with quoted keys, indented, as items of a List. */
export function literalDocumentKinds(template: Template): GroupVersionKind[] {
  const shape = wholeShape(template)
  return !shape || shape instanceof TemplateError ? [] : shape.documents.flatMap(kindsIn)
}

function kindsIn(node: ShapeNode): GroupVersionKind[] {
  const members = new Map(entriesOf(node).map(([key, value]) => [key, value]))
  const [apiVersion, kind] = ['apiVersion', 'kind'].map((key) => {
    const value = members.get(key)
    return value?.kind === 'static' && typeof value.value === 'string' ? value.value : undefined
  })
  if (!apiVersion || !kind) return []
  if (apiVersion !== 'v1' || kind !== 'List') return [gvkOf({ apiVersion, kind })]
  const items = members.get('items')
  return items?.kind === 'sequence' ? items.items.flatMap((item) => (item.kind === 'spread' ? [] : kindsIn(item))) : []
}

/** An object as far as a text shows it; a name with tags is as it is written there, `<%=it.name%>`. */
export interface WrittenObject {
  kind: string
  name: string
  at: Position
}

/** Whole documents that say how many replicas there are. */
export function replicatedIn(template: Template): WrittenObject[] {
  const shape = wholeShape(template)
  if (!shape || shape instanceof TemplateError) return []
  return shape.documents.flatMap((document) => {
    const [kind, metadata, spec] = ['kind', 'metadata', 'spec'].map((key) => valueIn(document, key))
    const name = metadata && valueIn(metadata, 'name')
    const replicas = spec && valueIn(spec, 'replicas')
    if (kind?.kind !== 'static' || typeof kind.value !== 'string' || !name || !replicas) return []
    return [{ kind: kind.value, name: writtenText(name, shape), at: shape.position(replicas.at) }]
  })
}

const valueIn = (node: ShapeNode, name: string): ShapeNode | undefined => entriesOf(node).find(([key]) => key === name)?.[1]

function writtenText(node: ShapeNode, shape: Shape): string {
  if (node.kind === 'static') return String(node.value)
  const parts = node.kind === 'slot' ? [node.slot] : node.kind === 'text' ? node.parts : []
  return parts.map((part) => (typeof part === 'string' ? part : `<%=${shape.slotCode(part).trim()}%>`)).join('')
}

/** The text of a template without its tags. */
export const literalText = (template: Template): string =>
  template.pieces.map((piece) => (piece.kind === 'text' ? piece.text : piece.kind === 'code' ? '' : '\uFFFD')).join('')

/** The literal top-level keys and literal condition types of a status template. */
export function literalStatus(template: Template): {
  keys: { key: string; at: Position }[]
  conditionTypes: { type: string; at: Position }[]
} {
  const shape = wholeShape(template)
  const found = { keys: [] as { key: string; at: Position }[], conditionTypes: [] as { type: string; at: Position }[] }
  if (!shape || shape instanceof TemplateError) return found
  for (const root of shape.documents) {
    for (const [key, value, at] of entriesOf(root)) {
      found.keys.push({ key, at: shape.position(at) })
      if (key !== 'conditions' || value.kind !== 'sequence') continue
      for (const item of value.items) {
        if (item.kind === 'spread') continue
        for (const [name, type] of entriesOf(item))
          if (name === 'type' && type.kind === 'static')
            found.conditionTypes.push({ type: String(type.value), at: shape.position(type.at) })
      }
    }
  }
  return found
}

const entriesOf = (node: ShapeNode): [string, ShapeNode, number][] =>
  node.kind === 'mapping'
    ? node.entries.flatMap((entry) =>
        entry.kind === 'entry' && typeof entry.key === 'string' ? [[entry.key, entry.value, entry.at] as [string, ShapeNode, number]] : [],
      )
    : []
