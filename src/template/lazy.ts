/**
 * Calls whose argument is not evaluated before the call: `known(it.steps.members)` becomes `known(()=>(it.steps.members))`, so that the function can
 * answer for an argument that cannot be evaluated.
 */
import { closingIndex, isVariable, type Token, tokenize } from './tokens.ts'

export function withLazyCalls(code: string, names: readonly string[]): string {
  if (!names.some((name) => code.includes(name))) return code
  const tokens = tokenize(code)
  const inserts: { at: number; text: string }[] = []
  for (const [index, token] of tokens.entries()) {
    if (!names.includes(token.text) || !isVariable(tokens, index) || tokens[index + 1]?.text !== '(') continue
    const close = closingIndex(tokens, index + 1)
    // Without an argument the function itself says what is missing.
    if (close <= index + 2) continue
    inserts.push({ at: (tokens[index + 1] as Token).end, text: '()=>(' }, { at: (tokens[close] as Token).start, text: ')' })
  }
  let result = ''
  let end = 0
  for (const { at, text } of inserts.sort((a, b) => a.at - b.at)) {
    result += code.slice(end, at) + text
    end = at
  }
  return result + code.slice(end)
}
