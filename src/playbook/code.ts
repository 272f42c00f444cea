/**
 * The code of a playbook: expressions and tags, compiled like those of a chart's templates, each with the place where its author sees it.
 *
 * What the code reads of the playbook itself (`it.steps.members`, `it.set.born`) is noted: once all steps are read, a name that nothing has is
 * a problem before anything runs.
 */
import { nearest } from '../api/nearest.ts'
import type { Position, Problem } from '../api/problem.ts'
import { compileParsed, type Template } from '../template/compile.ts'
import type { Library } from '../template/functions/library.ts'
import { isAllowedName } from '../template/globals.ts'
import { type ParsedTemplate, parseTemplate, type Piece } from '../template/parse.ts'
import { closingIndex, isVariable, type Token, tokenize } from '../template/tokens.ts'
import { cutRemedy, type Source, type SourceScalar } from './source.ts'

/** Parts of `it` whose names the playbook itself gives. */
export const namedParts = ['vars', 'steps', 'set', 'memory', 'schedules', 'failed'] as const
export type NamedPart = (typeof namedParts)[number]

/** A name that code reads. */
export interface Reference {
  part: NamedPart
  name: string
  at: Position
}

const isNamedPart = (name: string): name is NamedPart => (namedParts as readonly string[]).includes(name)

const inputNames = ['it', 'include', 'lookup', 'lookupAll', 'generate', 'reveal']

/** The functions whose argument is evaluated only when they ask for it. */
const lazy = ['known']

export class Code {
  readonly references: Reference[] = []
  readonly #scope: Library
  readonly #problems: Problem[]
  readonly #partials: readonly string[]
  #templates = 0

  /** @param scope the functions and values that stand as names in code. */
  constructor(scope: Library, problems: Problem[], partials: readonly string[] = []) {
    this.#scope = scope
    this.#problems = problems
    this.#partials = partials
  }

  /** A whole scalar as one expression. */
  expression(source: Source, node: SourceScalar): Template | undefined {
    const position = source.within(node)
    const piece: Piece = { kind: 'insert', code: node.text, start: 0, tagStart: 0, alone: false }
    return this.compile({ file: source.file, source: node.text, pieces: [piece], position })
  }

  /** The tags of a scalar; undefined where it has none, or a wrong one. */
  tags(source: Source, node: SourceScalar): Template | undefined {
    if (!/<%|%>/.test(node.text)) return undefined
    const position = source.within(node)
    const { template, problems } = parseTemplate(source.file, node.text, position)
    if (!template) {
      this.#problems.push(
        ...problems.map((problem) => (node.style === 'plain' ? { ...problem, message: cutMessage, remedy: cutRemedy } : problem)),
      )
      return undefined
    }
    const found = [...problems, ...this.#refused(source, node, template)]
    this.#problems.push(...found)
    return found.length === 0 ? this.compile(template) : undefined
  }

  /** A whole template file. */
  file(file: string, text: string): Template | undefined {
    const { template, problems } = parseTemplate(file, text)
    this.#problems.push(...problems)
    return template && this.compile(template)
  }

  compile(parsed: ParsedTemplate): Template | undefined {
    const { template, problems } = compileParsed(parsed, { id: this.#templates++, scope: this.#scope, partials: this.#partials, lazy })
    this.#problems.push(...problems)
    for (const piece of parsed.pieces) if (piece.kind !== 'text') this.#look(parsed, piece.code, piece.start)
    return template
  }

  /** Notes what a rule reads, by its paths. */
  rule(paths: readonly (readonly string[])[], at: Position): void {
    for (const [part = '', name] of paths)
      if (name !== undefined && part !== 'failed' && isNamedPart(part)) this.references.push({ part, name, at })
  }

  /** Notes what is read, and refuses calls of functions that are not there. */
  #look(parsed: ParsedTemplate, code: string, start: number): void {
    const tokens = tokenize(code)
    const at = (token: Token): Position => parsed.position(start + token.start)
    for (const [index, token] of tokens.entries()) {
      if (token.kind !== 'name') continue
      const reference = token.text === 'it' && isVariable(tokens, index) ? referenceAt(tokens, index) : undefined
      if (reference) this.references.push({ ...reference, at: at(token) })
      else if (isUndefinedCall(tokens, index) && !this.#has(token.text)) {
        const near = nearest(token.text, [...Object.keys(this.#scope), ...inputNames])
        this.#problems.push({
          code: 'TEMPLATE_UNDEFINED',
          message: `there is no function ${token.text}`,
          at: at(token),
          remedy: near ? `did you mean ${near}?` : 'functions of the playbook are the exports of functions.js beside it',
        })
      }
    }
  }

  #has = (name: string): boolean => Object.hasOwn(this.#scope, name) || inputNames.includes(name) || isAllowedName(name)

  #refused(source: Source, node: SourceScalar, template: ParsedTemplate): Problem[] {
    return template.pieces.flatMap((piece): Problem[] => {
      if (piece.kind === 'text')
        return piece.text.includes('%>')
          ? [
              {
                code: 'PLAYBOOK_INVALID',
                message: cutMessage,
                at: template.position(piece.start + piece.text.indexOf('%>')),
                remedy: cutRemedy,
              },
            ]
          : []
      const at = template.position(piece.tagStart)
      if (piece.kind === 'code')
        return [
          { code: 'PLAYBOOK_INVALID', message: '<% %> is not available in a playbook', at, remedy: 'when, loop and block say it in YAML' },
        ]
      if (piece.kind === 'spread')
        return [
          {
            code: 'PLAYBOOK_INVALID',
            message: '<%... %> is not available in a playbook',
            at,
            remedy: 'insert the whole map or list with <%= %>',
          },
        ]
      const written = source.written(node, piece.tagStart, piece.start + piece.code.length)
      return written.includes('\n')
        ? [
            {
              code: 'PLAYBOOK_INVALID',
              message: 'a tag of a playbook stands on one line',
              at,
              remedy: 'move the expression to a `set` step',
            },
          ]
        : []
    })
  }
}

const cutMessage = 'the tag does not stand whole in this text: YAML ends a text at ": ", " #" and, within brackets, at ",", "]" and "}"'

/** `it.steps.members`, `it.failed('update')`. */
function referenceAt(tokens: readonly Token[], index: number): Omit<Reference, 'at'> | undefined {
  const [dot, part, next, name] = tokens.slice(index + 1, index + 5)
  if (!isDot(dot) || !part || !isNamedPart(part.text)) return undefined
  if (part.text === 'failed')
    return next?.text === '(' && name?.kind === 'string' ? { part: 'failed', name: name.text.slice(1, -1) } : undefined
  if (isDot(next) && name?.kind === 'name') return { part: part.text, name: name.text }
  if (next?.text === '[' && name?.kind === 'string') return { part: part.text, name: name.text.slice(1, -1) }
  return undefined
}

const isDot = (token: Token | undefined): boolean => token?.text === '.' || token?.text === '?.'

/** Whether the name is called and stands nowhere in this code but where it is called: what the code itself declares stands somewhere else too. */
function isUndefinedCall(tokens: readonly Token[], index: number): boolean {
  const { text } = tokens[index] as Token
  if (!isCall(tokens, index) || notFunctions.has(text)) return false
  return tokens.every((token, other) => token.kind !== 'name' || token.text !== text || !isVariable(tokens, other) || isCall(tokens, other))
}

const notFunctions = new Set([
  'if',
  'for',
  'while',
  'switch',
  'catch',
  'function',
  'typeof',
  'return',
  'void',
  'new',
  'in',
  'of',
  'await',
  'delete',
])

function isCall(tokens: readonly Token[], index: number): boolean {
  if (!isVariable(tokens, index) || tokens[index + 1]?.text !== '(' || tokens[index - 1]?.text === 'function') return false
  const close = closingIndex(tokens, index + 1)
  // `{ name(parameters) { … } }` declares it.
  return close < 0 || tokens[close + 1]?.text !== '{'
}
