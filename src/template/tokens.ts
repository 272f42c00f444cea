/**
 * A JavaScript tokenizer for the code inside tags: enough to find names, brackets and loops, not a parser.
 *
 * Strings, comments, regular expressions and template literals are told apart from code, so that a word inside a string is never taken for
 * a name. (ECMA-262, clause 12; whether `/` divides or opens a regular expression is decided by the token before it.)
 */
export interface Token {
  kind: 'name' | 'number' | 'string' | 'template' | 'regex' | 'punctuator'
  text: string
  start: number
  end: number
}

const space = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)+/y
const name = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/uy
const number = /(?:0[xXoObB][\da-fA-F_]+|\.\d[\d_]*|\d[\d_]*\.?[\d_]*)(?:[eE][-+]?\d+)?n?/y
const string = /'(?:\\[^]|[^'\\\n])*'|"(?:\\[^]|[^"\\\n])*"/y
const regex = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/y
const punctuator =
  /\.\.\.|=>|\?\.(?!\d)|\?\?=|&&=|\|\|=|\?\?|&&|\|\||>>>=|<<=|>>=|>>>|\*\*=|\*\*|===|!==|==|!=|<=|>=|<<|>>|\+\+|--|[-+*/%&|^]=|[^\s]/y
const templateText = /(?:\\[^]|\$(?!\{)|[^`\\$])*/y

const beforeRegex = new Set(['return', 'typeof', 'case', 'in', 'of', 'delete', 'void', 'throw', 'new', 'else', 'do', 'instanceof'])

/** The tokens of a piece of code, without comments. What cannot be read as a token is one punctuator a character. */
export function tokenize(code: string): Token[] {
  const tokens: Token[] = []
  // Depth of braces at which a `}` goes on with a template literal.
  const literals: number[] = []
  let depth = 0
  let offset = 0
  const take = (pattern: RegExp, kind?: Token['kind']): boolean => {
    pattern.lastIndex = offset
    const match = pattern.exec(code)
    if (!match || (match[0] === '' && kind !== 'template')) return false
    if (kind) tokens.push({ kind, text: match[0], start: offset, end: offset + match[0].length })
    offset += match[0].length
    return true
  }
  const literal = (): void => {
    take(templateText, 'template')
    if (code.startsWith('${', offset)) {
      tokens.push({ kind: 'punctuator', text: '${', start: offset, end: offset + 2 })
      offset += 2
      literals.push(depth++)
    } else offset++
  }
  while (offset < code.length) {
    if (take(space)) continue
    if (code[offset] === '`') {
      offset++
      literal()
      continue
    }
    if (take(string, 'string') || take(name, 'name')) continue
    if (/[\d.]/.test(code[offset] as string) && /^\.?\d/.test(code.slice(offset, offset + 2)) && take(number, 'number')) continue
    if (code[offset] === '/' && regexMayFollow(tokens.at(-1)) && take(regex, 'regex')) continue
    take(punctuator, 'punctuator')
    const last = tokens.at(-1) as Token
    if (last.text === '{') depth++
    if (last.text === '}') {
      depth--
      if (literals.at(-1) === depth) {
        literals.pop()
        literal()
      }
    }
  }
  return tokens
}

function regexMayFollow(token: Token | undefined): boolean {
  if (!token) return true
  if (token.kind === 'punctuator') return !')]}'.includes(token.text)
  return token.kind === 'name' && beforeRegex.has(token.text)
}

const closers: Record<string, string> = { '(': ')', '[': ']', '{': '}', '${': '}' }

export const isOpener = (token: Token): boolean => token.kind === 'punctuator' && token.text in closers
export const isCloser = (token: Token): boolean =>
  token.kind === 'punctuator' && (token.text === ')' || token.text === ']' || token.text === '}')
export const closerOf = (opener: string): string => closers[opener] as string

/** The index of the bracket that closes the one at `index`; -1 where it does not stand in this code. */
export function closingIndex(tokens: readonly Token[], index: number): number {
  let depth = 0
  for (let at = index; at < tokens.length; at++) {
    const token = tokens[at] as Token
    if (isOpener(token)) depth++
    else if (isCloser(token) && --depth === 0) return at
  }
  return -1
}

/** The index of the bracket that opens the one at `index`; -1 where it does not stand in this code. */
export function openingIndex(tokens: readonly Token[], index: number): number {
  let depth = 0
  for (let at = index; at >= 0; at--) {
    const token = tokens[at] as Token
    if (isCloser(token)) depth++
    else if (isOpener(token) && --depth === 0) return at
  }
  return -1
}

/** Whether the name at `index` reads or writes a variable: it is no property, no key of an object and no keyword's label. */
export function isVariable(tokens: readonly Token[], index: number): boolean {
  const token = tokens[index] as Token
  if (token.kind !== 'name') return false
  const before = tokens[index - 1]?.text
  if (before === '.' || before === '?.') return false
  const after = tokens[index + 1]?.text
  // `{ name: …` and `, name: …` are keys; `a ? name : b` is not.
  return !(after === ':' && (before === '{' || before === ',' || before === undefined))
}
