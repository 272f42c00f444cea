/** What the code of a template must not use, and where its syntax is wrong: each finding at its own line and column. */
import { nearest } from '../api/nearest.ts'
import type { Position, Problem } from '../api/problem.ts'
import { replacementFor } from './globals.ts'
import type { ParsedTemplate, TagPiece } from './parse.ts'
import { closerOf, isCloser, isOpener, isVariable, type Token, tokenize } from './tokens.ts'

export interface CheckOptions {
  /** Names of the environment that templates do not see. */
  shadowed: ReadonlySet<string>
  /** The partials that `include` knows. */
  partials: readonly string[]
}

const refusedNames: Record<string, string> = {
  eval: 'eval is not available in templates',
  this: '`this` is not available in templates',
  import: 'import is not available in templates',
  arguments: '`arguments` is not available in templates',
  await: 'templates cannot wait',
}

/** Methods whose result depends on the language of the process: a render on a desk would differ from the operator's. */
const localMethods: Record<string, string> = {
  localeCompare: 'sort() without an argument, or < and >, compare by code unit',
  toLocaleString: 'String() and toFixed() are the same everywhere',
  toLocaleUpperCase: 'use toUpperCase()',
  toLocaleLowerCase: 'use toLowerCase()',
}

export function checkCode(template: ParsedTemplate, options: CheckOptions): Problem[] {
  const problems: Problem[] = []
  const tags = template.pieces.filter((piece): piece is TagPiece => piece.kind !== 'text')
  const tokensOf = tags.map((tag) => ({ tag, tokens: tokenize(tag.code) }))
  const declared = declaredNames(tokensOf.flatMap(({ tokens }) => tokens))
  for (const { tag, tokens } of tokensOf) {
    const at = (token: Token): Position => template.position(tag.start + token.start)
    for (const [index, token] of tokens.entries()) {
      const remedyOfLocal = isCalled(tokens, index) && Object.hasOwn(localMethods, token.text) ? localMethods[token.text] : undefined
      if (remedyOfLocal)
        problems.push({
          code: 'TEMPLATE_FORBIDDEN',
          message: `${token.text} is not available in templates`,
          at: at(token),
          remedy: remedyOfLocal,
        })
      if (!isVariable(tokens, index)) continue
      const refused = Object.hasOwn(refusedNames, token.text) ? refusedNames[token.text] : undefined
      if (refused) problems.push({ code: 'TEMPLATE_FORBIDDEN', message: refused, at: at(token) })
      else if (options.shadowed.has(token.text) && token.text !== 'Math' && !declared.has(token.text)) {
        const remedy = replacementFor(token.text) ?? 'a render may depend on nothing but its inputs'
        problems.push({ code: 'TEMPLATE_FORBIDDEN', message: `${token.text} is not available in templates`, at: at(token), remedy })
      } else if (token.text === 'Math' && tokens[index + 1]?.text === '.' && tokens[index + 2]?.text === 'random')
        problems.push({ code: 'TEMPLATE_FORBIDDEN', message: 'Math.random is not available in templates', at: at(token) })
      else if (token.text === 'include' && tokens[index + 1]?.text === '(' && tokens[index + 2]?.kind === 'string')
        problems.push(...checkPartial((tokens[index + 2] as Token).text.slice(1, -1), at(tokens[index + 2] as Token), options.partials))
    }
  }
  return problems.length > 0 ? problems : [...checkBrackets(template, tokensOf), ...checkInserts(template, tokensOf)]
}

/** Whether the name at `index` is a method that is called. */
const isCalled = (tokens: readonly Token[], index: number): boolean =>
  tokens[index]?.kind === 'name' && ['.', '?.'].includes(tokens[index - 1]?.text ?? '') && tokens[index + 1]?.text === '('

function checkPartial(name: string, at: Position, partials: readonly string[]): Problem[] {
  if (partials.includes(name)) return []
  const near = nearest(name, partials)
  const remedy = near
    ? `did you mean ${JSON.stringify(near)}?`
    : partials.length > 0
      ? `the chart has: ${partials.join(', ')}`
      : `a partial is a file templates/_${name}.eta`
  return [{ code: 'TEMPLATE_UNDEFINED', message: `there is no partial ${JSON.stringify(name)}`, at, remedy }]
}

/** Names that the template declares itself, as far as that can be seen without a parser. */
function declaredNames(tokens: readonly Token[]): Set<string> {
  const names = new Set<string>()
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'name') continue
    const before = tokens[index - 1]?.text
    if (before === 'const' || before === 'let' || before === 'var' || before === 'function' || tokens[index + 1]?.text === '=>')
      names.add(token.text)
  }
  return names
}

type TagTokens = { tag: TagPiece; tokens: readonly Token[] }

/** Brackets that nothing opens or closes, over all code tags; inserts have to be whole by themselves. */
function checkBrackets(template: ParsedTemplate, tags: readonly TagTokens[]): Problem[] {
  const open: { text: string; at: Position }[] = []
  for (const { tag, tokens } of tags) {
    if (tag.kind !== 'code') continue
    for (const token of tokens) {
      const at = template.position(tag.start + token.start)
      if (isOpener(token)) open.push({ text: token.text, at })
      else if (isCloser(token)) {
        const opener = open.pop()
        if (!opener) return [{ code: 'TEMPLATE_SYNTAX', message: `"${token.text}" closes nothing`, at }]
        if (closerOf(opener.text) !== token.text)
          return [{ code: 'TEMPLATE_SYNTAX', message: `"${token.text}" does not close "${opener.text}" of line ${opener.at.line}`, at }]
      }
    }
  }
  return open.map(({ text, at }) => ({ code: 'TEMPLATE_SYNTAX', message: `"${text}" is never closed`, at }))
}

/** An insert holds one whole expression. */
function checkInserts(template: ParsedTemplate, tags: readonly TagTokens[]): Problem[] {
  return tags.flatMap(({ tag }) => {
    const message = tag.kind === 'code' ? undefined : syntaxOf(`return (${tag.code}\n)`)
    return message ? [{ code: 'TEMPLATE_SYNTAX', message, at: template.position(tag.start) }] : []
  })
}

/**
 * Where a template that does not compile is wrong: each code tag is compiled alone, completed where it opens or closes a block.
 * A guess where several tags only together are wrong; the first tag then.
 */
export function findSyntaxError(template: ParsedTemplate, message: string): Problem {
  const tags = template.pieces.filter((piece): piece is TagPiece => piece.kind === 'code')
  for (const tag of tags) {
    const found = syntaxOfCode(tag.code, tokenize(tag.code))
    if (found) return { code: 'TEMPLATE_SYNTAX', message: found, at: template.position(tag.start) }
  }
  return { code: 'TEMPLATE_SYNTAX', message, at: tags[0] ? template.position(tags[0].start) : { file: template.file } }
}

/** The message of a syntax error; undefined where there is none. */
export function syntaxOf(body: string): string | undefined {
  try {
    new Function(`'use strict';${body}`)
    return undefined
  } catch (error) {
    if (error instanceof SyntaxError) return error.message
    throw error
  }
}

function syntaxOfCode(code: string, tokens: readonly Token[]): string | undefined {
  const open: string[] = []
  const unopened: string[] = []
  for (const token of tokens) {
    if (isOpener(token)) open.push(closerOf(token.text))
    else if (isCloser(token) && open.pop() === undefined) unopened.unshift(token.text)
  }
  // `}` may close an if, a loop or a switch, and `})` a callback: what stands before is completed by the plainest that fits.
  const before = unopened
    .map((closer) => (closer === '}' ? (unopened.length > 1 ? '()=>{' : 'if(1){') : closer === ')' ? '[].map(' : '['))
    .join('')
  const after = open.reverse().join('')
  const first = tokens[0]?.text
  const variants =
    first === 'case' || first === 'default'
      ? [`for(;;){switch(1){${code}\n${after}}}`]
      : [`for(;;){${before}${code}\n${after}}`, `for(;;){do{${code}\n${after}}`, `try{${code}\n${after}`]
  const messages = variants.map(syntaxOf)
  return messages.every((message) => message !== undefined) ? messages[0] : undefined
}
