/**
 * functions.js beside a playbook: functions of the project's own, which can be called in all of its expressions and templates.
 *
 *   export function ordinalOf(name) { … }
 *   export const podOf = (claim) => …
 *
 * Plain JavaScript under the same fence as templates: no imports, no clock, no randomness, no process. It is run once, when the playbook is
 * loaded, and its functions in the budget of the walk that calls them.
 */
import type { Position, Problem } from '../api/problem.ts'
import { checkCode, findSyntaxError, syntaxOf } from '../template/check.ts'
import { TemplateError, UnknownError } from '../template/error.ts'
import type { Library } from '../template/functions/library.ts'
import { FunctionError } from '../template/functions/signature.ts'
import { deterministicMath, shadowedNames } from '../template/globals.ts'
import { guardLoops } from '../template/guard.ts'
import type { Budget } from '../template/limits.ts'
import type { ParsedTemplate } from '../template/parse.ts'
import { type Token, tokenize } from '../template/tokens.ts'
import { Source } from './source.ts'

/** The budget of the walk that goes on: functions are compiled once, and walks are not interrupted. */
export class CurrentBudget {
  budget: Budget | undefined

  step(): true {
    return this.budget?.step() ?? true
  }
}

/** Lines that the engine puts in front of the body of a function that is made from text. */
const linesBefore = 2

export interface ProjectFunctionsOptions {
  file: string
  text: string
  /** What the functions can call beside each other. */
  library: Library
  current: CurrentBudget
}

/** The exports by name, and what is wrong with the file. One with the name of a library function takes its place. */
export function compileFunctions({ file, text, library, current }: ProjectFunctionsOptions): { functions: Library; problems: Problem[] } {
  const source = new Source(file, text.replace(/\r\n?/g, '\n'))
  const { code, names, problems } = withoutExports(source)
  const parsed: ParsedTemplate = {
    file,
    source: code,
    pieces: [{ kind: 'code', code, start: 0, tagStart: 0, alone: false }],
    position: source.at,
  }
  const own = Object.keys(library).filter((name) => !names.includes(name))
  const shadowed = shadowedNames().filter((name) => !own.includes(name) && !names.includes(name))
  problems.push(...checkCode(parsed, { shadowed: new Set(shadowed), partials: [] }))
  const guarded = guardLoops(code)
  if (guarded.refused !== undefined)
    problems.push({ code: 'TEMPLATE_SYNTAX', message: 'a for loop needs braces around its body', at: source.at(guarded.refused) })
  if (problems.length > 0) return { functions: {}, problems }
  const body = `'use strict';${guarded.code}\nreturn {${names.join()}}\n//# sourceURL=${sourceName(file)}`
  const message = syntaxOf(guarded.code)
  if (message) return { functions: {}, problems: [findSyntaxError(parsed, message)] }
  const math = deterministicMath()
  const located = (error: unknown): TemplateError => new TemplateError('TEMPLATE_FAILED', messageOf(error), { at: placeOf(error, source) })
  try {
    const factory = new Function(...shadowed, ...own, '__r', body)
    const made = factory(
      ...shadowed.map((name) => (name === 'Math' ? math : undefined)),
      ...own.map((name) => library[name]),
      current,
    ) as Record<string, unknown>
    return {
      functions: Object.fromEntries(Object.entries(made).map(([name, value]) => [name, wrapped(value, located)])) as Library,
      problems: [],
    }
  } catch (error) {
    return { functions: {}, problems: [located(error).toProblem()] }
  }
}

/** Errors of the file's own have their place in it; those of what it calls keep theirs. */
function wrapped(value: unknown, located: (error: unknown) => TemplateError): unknown {
  if (typeof value !== 'function') return value
  return (...values: unknown[]): unknown => {
    try {
      return value(...values) as unknown
    } catch (error) {
      if (error instanceof TemplateError || error instanceof UnknownError || error instanceof FunctionError) throw error
      if (error instanceof RangeError) throw error
      throw located(error)
    }
  }
}

/** The code without the word `export`, and the names that it stood before. */
function withoutExports(source: Source): { code: string; names: string[]; problems: Problem[] } {
  const tokens = tokenize(source.text)
  const names: string[] = []
  const problems: Problem[] = []
  let code = source.text
  for (const [index, token] of tokens.entries()) {
    if (token.text !== 'export' || token.kind !== 'name' || tokens[index - 1]?.text === '.') continue
    const [word, name] = [tokens[index + 1], tokens[index + 2]]
    if (word && name?.kind === 'name' && ['function', 'const'].includes(word.text)) {
      names.push(name.text)
      code = blanked(code, token)
    } else
      problems.push({
        code: 'TEMPLATE_SYNTAX',
        message: 'only `export function` and `export const` can be read',
        at: source.at(token.start),
      })
  }
  return { code, names, problems }
}

const blanked = (code: string, { start, end }: Token): string => code.slice(0, start) + ' '.repeat(end - start) + code.slice(end)

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const sourceName = (file: string): string => `fairlead:${encodeURI(file)}`

/** The first line of the stack that stands in the file. */
function placeOf(error: unknown, { file }: Source): Position {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const found = stack.indexOf(`${sourceName(file)}:`)
  const [, line, column] = found < 0 ? [] : (/^:(\d+):(\d+)/.exec(stack.slice(found + sourceName(file).length)) ?? [])
  return line === undefined ? { file } : { file, line: Number(line) - linesBefore, column: Number(column) }
}
