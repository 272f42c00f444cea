/**
 * What every render of a template has, whatever its inputs are: documents that stand outside of all branches and loops.
 *
 * Braces of the code between the tags tell where a branch begins and ends. A document that is not found here may still be rendered each time.
 */
import { type GroupVersionKind, gvkOf } from '../api/object.ts'
import type { Position } from '../api/problem.ts'
import type { ParsedTemplate } from './parse.ts'

/** A kind, and where it is written. */
export interface WrittenKind {
  kind: GroupVersionKind
  at: Position
}

const secretKind: GroupVersionKind = { group: '', version: 'v1', kind: 'Secret' }

/** A tag that begins with a call of `generate`, which keeps what it makes in a Secret. */
const generating = /^\s*(?:(?:const|let|var)\s+\w+\s*=\s*)?generate\.\w+\(/

export function alwaysRendered({ pieces, source, position }: Pick<ParsedTemplate, 'pieces' | 'source' | 'position'>): WrittenKind[] {
  // The source with its places, and nothing in it but the text that is always there.
  const kept: string[] = source.split('').map((unit) => (unit === '\n' ? unit : ' '))
  let depth = 0
  const found: WrittenKind[] = []
  for (const piece of pieces) {
    if (piece.kind !== 'text' && depth === 0 && generating.test(piece.code)) found.push({ kind: secretKind, at: position(piece.start) })
    if (piece.kind === 'code') depth += (piece.code.match(/\{/g) ?? []).length - (piece.code.match(/\}/g) ?? []).length
    else if (piece.kind === 'text' && depth === 0)
      for (let at = piece.start; at < piece.start + piece.text.length; at++) kept[at] = source.charAt(at)
  }
  let start = 0
  for (const document of kept.join('').split(/^---/m)) {
    const apiVersions = [...document.matchAll(/^apiVersion:[ \t]*["']?([a-z0-9.-]+(?:\/[a-z0-9]+)?)["']?[ \t]*(?:#.*)?$/gm)]
    const kinds = [...document.matchAll(/^kind:[ \t]*["']?([A-Z][A-Za-z0-9]*)["']?[ \t]*(?:#.*)?$/gm)]
    const [apiVersion, kind] = [apiVersions[0]?.[1], kinds[0]]
    if (apiVersions.length === 1 && kinds.length === 1 && apiVersion && kind?.[1] && kind[1] !== 'List')
      found.push({ kind: gvkOf({ apiVersion, kind: kind[1] }), at: position(start + kind.index) })
    start += document.length + '---'.length
  }
  return found
}
