/**
 * Guards: calls that count a step, put into each loop and function body of a template's code, so that a render that would not end is
 * stopped at its deadline.
 */
import { closingIndex, openingIndex, type Token, tokenize } from './tokens.ts'

/** An expression that counts a step and is true. */
export const guardCall = '__r.step()'

const notFunctions = new Set(['if', 'for', 'while', 'switch', 'catch', 'with'])

/**
 * The code with guards. A `for` without braces is refused: there is no place to count its turns.
 * @returns `refused`: the offset of such a loop, if there is one.
 */
export function guardLoops(code: string): { code: string; refused?: number } {
  const tokens = tokenize(code)
  const inserts: { at: number; text: string }[] = []
  let refused: number | undefined
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'name' && (token.text === 'while' || token.text === 'for') && !isMember(tokens, index)) {
      const open = tokens[index + 1]?.text === 'await' ? index + 2 : index + 1
      const close = tokens[open]?.text === '(' ? closingIndex(tokens, open) : -1
      if (close < 0) continue
      if (token.text === 'while') {
        inserts.push({ at: (tokens[open] as Token).end, text: `${guardCall} && (` }, { at: (tokens[close] as Token).start, text: ')' })
      } else if (tokens[close + 1]?.text === '{') {
        inserts.push({ at: (tokens[close + 1] as Token).end, text: `${guardCall};` })
      } else refused ??= token.start
    }
    if (token.text === '=>' && token.kind === 'punctuator') inserts.push(...guardArrow(tokens, index, code))
    if (token.text === '{' && tokens[index - 1]?.text === ')' && isFunctionBody(tokens, index - 1))
      inserts.push({ at: token.end, text: `${guardCall};` })
  }
  let guarded = ''
  let end = 0
  for (const { at, text } of inserts.map((insert, order) => ({ ...insert, order })).sort((a, b) => a.at - b.at || a.order - b.order)) {
    guarded += code.slice(end, at) + text
    end = at
  }
  return { code: guarded + code.slice(end), ...(refused !== undefined && { refused }) }
}

const isMember = (tokens: readonly Token[], index: number): boolean => {
  const before = tokens[index - 1]?.text
  return before === '.' || before === '?.' || tokens[index + 1]?.text === ':'
}

function isFunctionBody(tokens: readonly Token[], close: number): boolean {
  const open = openingIndex(tokens, close)
  return open > 0 && !notFunctions.has((tokens[open - 1] as Token).text)
}

/** A body in braces gets a statement; an expression that ends on the same line is put behind a comma; any other is left as it is. */
function guardArrow(tokens: readonly Token[], arrow: number, code: string): { at: number; text: string }[] {
  const first = tokens[arrow + 1]
  if (!first) return []
  if (first.text === '{') return [{ at: first.end, text: `${guardCall};` }]
  let depth = 0
  let last = first
  for (let index = arrow + 1; index < tokens.length; index++) {
    const token = tokens[index] as Token
    if (code.slice(first.start, token.start).includes('\n')) return []
    if (token.kind === 'punctuator') {
      if ('([{'.includes(token.text) || token.text === '${') depth++
      else if (')]}'.includes(token.text) && --depth < 0) break
      else if (depth === 0 && (token.text === ',' || token.text === ';')) break
      // The end of `a ? x => y : z` cannot be told from a conditional inside the body without a parser.
      if (depth === 0 && (token.text === '?' || token.text === ':')) return []
    }
    last = token
  }
  // The text of a literal is a token without its backquotes.
  return [
    { at: first.kind === 'template' ? first.start - 1 : first.start, text: `(${guardCall}, ` },
    { at: last.kind === 'template' ? last.end + 1 : last.end, text: ')' },
  ]
}
