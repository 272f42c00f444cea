/**
 * A file of a playbook: its text, its nodes by their offsets, and where each character of a scalar stands in it.
 *
 * A scalar's text is not what stands in the file: quotes, escapes, indentation and folded lines are gone. An error inside an expression is shown
 * where its author sees it, so the text is laid along the file again, only when somebody asks.
 */
import type { Position, Problem } from '../api/problem.ts'
import { readDocuments } from '../yaml/events.ts'
import type { Node, ScalarNode } from '../yaml/node.ts'
import { lineLocator } from '../yaml/read.ts'

export type SourceNode = Node<number>
export type SourceScalar = ScalarNode<number>

export class Source {
  readonly file: string
  readonly text: string
  readonly #locate: (offset: number) => { line: number; column: number }

  constructor(file: string, text: string) {
    this.file = file
    this.text = text.replace(/^\uFEFF/, '')
    this.#locate = lineLocator(this.text)
  }

  at = (offset: number): Position => ({ file: this.file, ...this.#locate(offset) })

  /** The file's only document. */
  read(): { root?: SourceNode; problems: Problem[] } {
    const { documents, errors } = readDocuments(this.text, { locate: (offset) => offset })
    const problems = errors.map(({ at, message }): Problem => this.#unreadable(at, message))
    const [root, second] = documents.map((document) => document.root).filter((node) => node !== undefined)
    if (second) problems.push({ code: 'PLAYBOOK_INVALID', message: 'the file holds more than one document', at: this.at(second.at) })
    return { ...(root && { root }), problems }
  }

  /** Where the character of a scalar's text stands in the file. */
  within(scalar: SourceScalar): (offset: number) => Position {
    let offsets: number[] | undefined
    return (offset) => {
      offsets ??= align(this.text, scalar.at + (scalar.style === 'single' || scalar.style === 'double' ? 1 : 0), scalar.text)
      return this.at(offsets[Math.min(offset, offsets.length - 1)] ?? scalar.at)
    }
  }

  /** What the file itself has between two characters of a scalar's text. */
  written(scalar: SourceScalar, from: number, to: number): string {
    const offsets = align(this.text, scalar.at + (scalar.style === 'single' || scalar.style === 'double' ? 1 : 0), scalar.text)
    return this.text.slice(offsets[from] ?? scalar.at, offsets[to] ?? scalar.at)
  }

  /** Where a tag or an expression is the likely reason, it is said how it can stand there. */
  #unreadable(offset: number, message: string): Problem {
    const at = this.at(offset)
    const begin = this.text.lastIndexOf('\n', offset - 1) + 1
    const before = this.text.slice(begin, offset + 1)
    if (before.includes('<%'))
      return { code: 'YAML_INVALID', message: `${message}: YAML does not read the tag of this line as one text`, at, remedy: cutRemedy }
    const [, value] = /^[\s-]*(?:[\w-]+:\s+)+(\S.*)/.exec(this.text.slice(begin).split('\n', 1)[0] ?? '') ?? []
    const quoted = value !== undefined && /^[!&*[{'"]|: | #/.test(value)
    return { code: 'YAML_INVALID', message, at, ...(quoted && { remedy: quotesRemedy }) }
  }
}

const quotesRemedy = `an expression that begins with ! & * [ { or a quote, or that has ": " or " #" in it, stands in quotes or behind "|-"`

/** Of a tag that YAML cuts or splits. */
export const cutRemedy = 'move the expression to a `set` step, or put the whole text into quotes'

/** Indentation, and what an escape has: further on stands another character that happens to be the same. */
const mostSkipped = 200

/** The offset in the file of each character of a scalar's text, and of its end. */
function align(source: string, start: number, text: string): number[] {
  const offsets: number[] = []
  let offset = start
  for (const character of text.split('')) {
    if (/\s/.test(character)) {
      offsets.push(offset)
      if (/\s/.test(source[offset] ?? '')) offset++
      continue
    }
    const found = source.indexOf(character, offset)
    if (found < 0 || found > offset + mostSkipped) offsets.push(offset)
    else {
      offsets.push(found)
      offset = found + 1
    }
  }
  offsets.push(offset)
  return offsets
}
