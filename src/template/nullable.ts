/**
 * Null reads on: in status.yaml.eta a member of null or undefined is undefined instead of an error, since dependents are often not there
 * yet. Each `.name` and `[key]` becomes its optional form, save where it is assigned to.
 */
import { closingIndex, type Token, tokenize } from './tokens.ts'

const keywords = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'delete',
  'void',
  'throw',
  'new',
  'else',
  'do',
  'const',
  'let',
  'var',
  'if',
  'for',
  'while',
])
const assignment = /^(?:=|\+\+|--|(?:\+|-|\*|\/|%|\*\*|<<|>>|>>>|&|\||\^|&&|\|\||\?\?)=)$/

export function readOnThroughNull(code: string): string {
  const tokens = tokenize(code)
  let result = ''
  let end = 0
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'punctuator' || !endsValue(tokens[index - 1])) continue
    if (token.text !== '.' && token.text !== '[') continue
    const last = token.text === '.' ? index + 1 : closingIndex(tokens, index)
    if (last < 0 || isAssigned(tokens, last)) continue
    result += `${code.slice(end, token.start)}?.`
    end = token.text === '.' ? token.end : token.start
  }
  return result + code.slice(end)
}

/** Whether the member that ends at `last` is, or leads to, the target of an assignment. */
function isAssigned(tokens: readonly Token[], last: number): boolean {
  let index = last + 1
  for (;;) {
    const text = tokens[index]?.text
    if (text === '.') index += 2
    else if (text === '[') {
      const close = closingIndex(tokens, index)
      if (close < 0) return false
      index = close + 1
    } else return text !== undefined && assignment.test(text)
  }
}

const endsValue = (token: Token | undefined): boolean =>
  token !== undefined &&
  (token.kind === 'string' ||
    token.kind === 'template' ||
    (token.kind === 'name' && !keywords.has(token.text)) ||
    token.text === ')' ||
    token.text === ']')
