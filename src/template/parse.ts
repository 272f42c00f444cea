/**
 * A template's text as pieces: static text, and tags with the exact place of each. Eta's own parser finds the tags; it tells no columns, so
 * the places are found by walking along the source beside its answer.
 *
 *   <% code %>       runs; a line that holds nothing else disappears
 *   <%= value %>     inserts a value
 *   <%... value %>   spreads a map or a list
 */
import { Eta, EtaParseError } from 'eta/core'
import type { Position, Problem } from '../api/problem.ts'
import { lineLocator } from '../yaml/read.ts'
import { reserved } from './placeholder.ts'
import { tokenize } from './tokens.ts'

export type Piece =
  | { kind: 'text'; text: string; start: number }
  | {
      kind: 'code' | 'insert' | 'spread'
      code: string /** Of the code. */
      start: number /** Of `<%`. */
      tagStart: number /** A spread with nothing else on its line. */
      alone: boolean
    }

export type TagPiece = Exclude<Piece, { kind: 'text' }>

export interface ParsedTemplate {
  file: string
  source: string
  pieces: Piece[]
  position: (offset: number) => Position
}

const spread = '...'
const eta = new Eta({ autoTrim: false, customTags: { [spread]: () => '' } })
const tagOpening = /<%([-_])?\s*(\.\.\.|=|~)?\s*/y
const tagClosing = /\s*([-_])?%>/y

/** @param positionOf where an offset into the text stands, if that is not the whole text of the file. */
export function parseTemplate(
  file: string,
  text: string,
  positionOf?: (offset: number) => Position,
): { template?: ParsedTemplate; problems: Problem[] } {
  const source = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  const locate = lineLocator(source)
  const position = positionOf ?? ((offset: number): Position => ({ file, ...locate(offset) }))
  const problems: Problem[] = []
  const refuse = (offset: number, message: string, remedy?: string): void =>
    void problems.push({ code: 'TEMPLATE_SYNTAX', message, at: position(offset), ...(remedy && { remedy }) })

  let tree: ReturnType<typeof eta.parse>
  try {
    tree = eta.parse(source)
  } catch (error) {
    if (!(error instanceof EtaParseError)) throw error
    const [, message = error.message, line, column] = /^(.*?) at line (\d+) col (\d+)/.exec(error.message) ?? []
    const at = positionOf
      ? positionOf(offsetAt(source, Number(line), Number(column)))
      : { file, line: Number(line), column: Number(column) }
    return { problems: [message === 'unclosed tag' ? unclosed(at) : { code: 'TEMPLATE_SYNTAX', message, at }] }
  }

  const pieces: Piece[] = []
  let offset = 0
  for (const element of tree) {
    if (typeof element === 'string') continue
    const tagStart = nextTag(source, offset)
    if (tagStart > offset) pieces.push({ kind: 'text', text: source.slice(offset, tagStart), start: offset })
    tagOpening.lastIndex = tagStart
    const [opening = '', trimBefore, prefix] = tagOpening.exec(source) ?? []
    const start = tagStart + opening.length
    tagClosing.lastIndex = start + element.val.length
    const [closing = '', trimAfter] = tagClosing.exec(source) ?? []
    offset = start + element.val.length + closing.length
    // It went on to the end of the next one.
    if (opensTag(element.val)) return { problems: [unclosed(position(tagStart))] }
    if (trimBefore || trimAfter)
      refuse(
        tagStart,
        `the trim mark ${trimBefore ? `<%${trimBefore}` : `${trimAfter}%>`} is not available`,
        'lines that hold only code disappear by themselves',
      )
    if (prefix === '~') refuse(tagStart, 'there is no raw output: <%~ %>', 'use <%= %>, which inserts a value with its type')
    const kind = prefix === '=' ? 'insert' : prefix === spread ? 'spread' : 'code'
    if (kind !== 'code' && element.val.trim() === '') refuse(tagStart, `<%${prefix} %> holds no expression`)
    pieces.push({ kind, code: element.val, start, tagStart, alone: false })
  }
  if (offset < source.length) pieces.push({ kind: 'text', text: source.slice(offset), start: offset })

  for (const piece of pieces) {
    if (piece.kind !== 'text') continue
    const match = reserved.exec(piece.text)
    if (match)
      refuse(
        piece.start + match.index,
        'template text must not contain private-use characters (U+E000 to U+F8FF)',
        'insert such text as a value',
      )
  }
  markSpreads(pieces)
  dropCodeLines(pieces)
  return problems.length > 0
    ? { problems }
    : { template: { file, source, pieces: pieces.filter((piece) => piece.kind !== 'text' || piece.text !== ''), position }, problems }
}

/** The offset of a line and a column, both from 1. */
function offsetAt(source: string, line: number, column: number): number {
  let offset = 0
  for (let passed = 1; passed < line; passed++) offset = source.indexOf('\n', offset) + 1
  return offset + column - 1
}

const unclosed = (at: Position): Problem => ({ code: 'TEMPLATE_SYNTAX', message: 'the tag is not closed', at, remedy: 'it ends with %>' })

/** Whether code holds `<%`, which is no code, outside of strings. */
const opensTag = (code: string): boolean =>
  code.includes('<%') &&
  tokenize(code).some(({ text, end }, index, all) => text === '<' && all[index + 1]?.text.startsWith('%') && all[index + 1]?.start === end)

/** Eta finds tags from left to right, so the next `<%` outside of tags is the next tag. */
const nextTag = (source: string, offset: number): number => source.indexOf('<%', offset)

/** Whether nothing but blanks and code tags stands before the piece on its line. */
function opensLine(pieces: readonly Piece[], index: number): boolean {
  for (let at = index - 1; at >= 0; at--) {
    const piece = pieces[at] as Piece
    if (piece.kind === 'code') continue
    if (piece.kind !== 'text') return false
    if (/\n[ \t]*$/.test(piece.text)) return true
    if (!/^[ \t]*$/.test(piece.text)) return false
  }
  return true
}

/** Whether nothing but blanks and code tags (and, where allowed, a YAML comment) stands behind the piece on its line. */
function closesLine(pieces: readonly Piece[], index: number, comment: boolean): boolean {
  for (let at = index + 1; at < pieces.length; at++) {
    const piece = pieces[at] as Piece
    if (piece.kind === 'code') continue
    if (piece.kind !== 'text') return false
    if (/^[ \t]*\n/.test(piece.text) || (comment && /^[ \t]*#/.test(piece.text))) return true
    if (!/^[ \t]*$/.test(piece.text)) return false
  }
  return true
}

/** Lines that hold only code tags and blanks leave nothing: neither blanks nor a line break. */
function dropCodeLines(pieces: readonly Piece[]): void {
  const dropped = pieces.map((piece, index) => piece.kind === 'code' && opensLine(pieces, index) && closesLine(pieces, index, false))
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind !== 'text') continue
    if (dropped[index - 1]) {
      const rest = piece.text.replace(/^[ \t]*\n?/, '')
      piece.start += piece.text.length - rest.length
      piece.text = rest
    }
    if (dropped[index + 1]) piece.text = piece.text.replace(/[ \t]*$/, '')
  }
}

function markSpreads(pieces: readonly Piece[]): void {
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === 'spread') piece.alone = opensLine(pieces, index) && closesLine(pieces, index, true)
  }
}
