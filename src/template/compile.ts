/**
 * From a template's pieces to a function.
 *
 * The function writes no text. It runs the code, hands each inserted value to its frame, and returns the *trace*: one character for each
 * piece in the order in which it was reached. Since the pieces are fixed, the trace stands for the rendered text with its placeholders, and
 * is the key under which the text's tree is cached; the text is made only for a trace that is new.
 */
import type { Problem } from '../api/problem.ts'
import { checkCode, findSyntaxError, syntaxOf } from './check.ts'
import { deterministicMath, shadowedNames } from './globals.ts'
import { guardLoops } from './guard.ts'
import { withLazyCalls } from './lazy.ts'
import { readOnThroughNull } from './nullable.ts'
import { type ParsedTemplate, parseTemplate } from './parse.ts'

/** The functions that read more of the inputs than `it` has, or tell what was read. Each render has its own. */
export interface InputFunctions {
  lookup: (...values: unknown[]) => unknown
  lookupAll: (...values: unknown[]) => unknown
  generate: Readonly<Record<string, (...values: unknown[]) => unknown>>
  reveal: (handle: unknown) => string
}

/** What a running template talks to. */
export interface TemplateFrame {
  /** The piece that runs, for errors. */
  at: number
  /** Sets a value aside. */
  insert(value: unknown): void
  step(): true
}

export interface Template extends ParsedTemplate {
  /** What it can call or read by its name. */
  names: readonly string[]
  /** Small and different for each template of a chart: it begins the trace. */
  id: number
  run(it: unknown, frame: TemplateFrame, include: (name: unknown, data?: unknown) => unknown, functions: InputFunctions): string
}

export interface CompileOptions {
  id: number
  /** Functions and values that stand as names in templates. */
  scope: Readonly<Record<string, unknown>>
  partials: readonly string[]
  /** For status.yaml.eta: null reads on as null. */
  nullable?: boolean
  /** Functions that get what stands between their brackets as a function of it: they decide whether, and in what, it is evaluated. */
  lazy?: readonly string[]
}

const inputFunctions = ['lookup', 'lookupAll', 'generate', 'reveal'] as const satisfies readonly (keyof InputFunctions)[]

/** Characters of a trace; surrogates would do as well, but not past the last UTF-16 unit. */
const mostPieces = 0xffff

export function compileTemplate(file: string, text: string, options: CompileOptions): { template?: Template; problems: Problem[] } {
  const { template: parsed, problems } = parseTemplate(file, text)
  return parsed ? compileParsed(parsed, options) : { problems }
}

/** From pieces that are found already, wherever they stand. */
export function compileParsed(parsed: ParsedTemplate, options: CompileOptions): { template?: Template; problems: Problem[] } {
  const { file } = parsed
  const shadowed = shadowedNames().filter((name) => !Object.hasOwn(options.scope, name))
  const found = checkCode(parsed, { shadowed: new Set(shadowed), partials: options.partials })
  if (found.length > 0) return { problems: found }
  if (parsed.pieces.length > mostPieces)
    return { problems: [{ code: 'TEMPLATE_SYNTAX', message: `the template has more than ${mostPieces} pieces`, at: { file } }] }

  const { body, refused } = generate(parsed, options)
  if (refused !== undefined)
    return { problems: [{ code: 'TEMPLATE_SYNTAX', message: 'a for loop needs braces around its body', at: parsed.position(refused) }] }
  const message = syntaxOf(body)
  if (message) return { problems: [findSyntaxError(parsed, message)] }

  const names = Object.keys(options.scope)
  const factory = new Function(...shadowed, ...names, `'use strict';return function(it,__r,include,{${inputFunctions.join()}}){{${body}}}`)
  const math = deterministicMath()
  const run = factory(
    ...shadowed.map((name) => (name === 'Math' ? math : undefined)),
    ...names.map((name) => options.scope[name]),
  ) as Template['run']
  return { template: { ...parsed, names: [...names, 'it', 'include', ...inputFunctions], id: options.id, run }, problems: [] }
}

function generate({ pieces }: ParsedTemplate, { nullable = false, lazy = [] }: CompileOptions): { body: string; refused?: number } {
  let body = "let __t='';"
  let refused: number | undefined
  for (const [index, piece] of pieces.entries()) {
    const mark = JSON.stringify(String.fromCharCode(index))
    if (piece.kind === 'text') {
      body += `__t+=${mark};\n`
      continue
    }
    const code = lazy.length > 0 ? withLazyCalls(piece.code, lazy) : piece.code
    const guarded = guardLoops(nullable ? readOnThroughNull(code) : code)
    if (guarded.refused !== undefined) refused ??= piece.start + guarded.refused
    if (piece.kind !== 'code') body += `__r.at=${index};__r.insert((${guarded.code}\n));__t+=${mark};\n`
    // A statement between `switch (…) {` and `case`, or before `catch`, would be a syntax error.
    else body += `${/^\s*(?:case\b|default\b|\})/.test(piece.code) ? '' : `__r.at=${index};`}${guarded.code}\n`
  }
  return { body: `${body}return __t;`, ...(refused !== undefined && { refused }) }
}
