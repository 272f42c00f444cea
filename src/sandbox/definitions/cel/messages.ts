/**
 * What is wrong with a rule, in the words of cel-go.
 *
 * The engine finds one problem where cel-go tells all of them, and says syntax errors in its own words.
 * (cel-go, checker/errors.go, common/error.go; apiextensions-apiserver, schema/cel/validation.go)
 */
import { notImplemented } from '../../status/api-error.ts'

interface CelError extends Error {
  readonly code?: string
  readonly summary?: string
  readonly range?: { readonly start: number; readonly end: number }
}

/** Functions of the real server that are not emulated: using one is an error of its own. */
const missing = new Set(['transformList', 'transformMap', 'transformMapEntry', 'existsOne', 'sortBy', 'authorizer', 'jsonpatch'])

/** @throws ApiError (501) for a function that the real server has and the sandbox has not */
export function compileProblem(error: unknown, expression: string): string {
  const { code, summary, range, message } = error as CelError
  const start = range?.start ?? 0
  const refuse = (text: string, position: number): string => located(text, position, expression)
  const told = summary ?? message
  for (const name of missing) if (new RegExp(`\\b${name}\\s*\\(`).test(expression)) throw notImplemented(`the CEL function ${name}`)
  switch (code) {
    case 'no_such_key': {
      const dot = expression.lastIndexOf('.', start)
      return refuse(`undefined field '${told.replace(/^No such key: /, '')}'`, dot < 0 ? start : dot)
    }
    case 'unknown_variable':
      return refuse(`undeclared reference to '${told.replace(/^Unknown variable: /, '')}' (in container '')`, start)
    case 'no_matching_overload':
      return overload(told, start, range?.end ?? start, expression)
    case 'no_such_overload':
      return operator(told, start, expression)
    case 'cannot_index_type':
      return refuse(
        `type '${/'(.*)'/.exec(told)?.[1] ?? ''}' does not support field selection`,
        Math.max(expression.indexOf('.', start), start),
      )
    default:
      return refuse(`Syntax error: ${syntax(told)}`, start)
  }
}

const expected = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
const syntax = (told: string): string => (told === 'Unexpected token: EOF' ? `mismatched input '<EOF>' expecting ${expected}` : told)

/** ERROR: <input>:1:5: …, the line, and a mark below the place. */
function located(text: string, position: number, expression: string): string {
  const before = expression.slice(0, position)
  const line = before.split('\n').length
  const column = [...before.slice(before.lastIndexOf('\n') + 1)].length
  const source = expression.split('\n')[line - 1] ?? ''
  return `ERROR: <input>:${line}:${column + 1}: ${text}\n | ${source}\n | ${'.'.repeat(column)}^`
}

const typeNames: Readonly<Record<string, string>> = {
  'google.protobuf.Timestamp': 'timestamp',
  'google.protobuf.Duration': 'duration',
  null: 'null',
}
const goTypes = (types: string): string =>
  types
    .replaceAll(/google\.protobuf\.\w+/g, (name) => typeNames[name] ?? name)
    .replaceAll(/\b(list|map|optional)<([^<>]*)>/g, '$1($2)')
    .replaceAll('optional(', 'optional_type(')

const global = new Set(
  'size int uint double string bool bytes duration timestamp type dyn quantity isQuantity ip isIP cidr isCIDR url isURL semver isSemver sign'.split(
    ' ',
  ),
)

function overload(told: string, start: number, end: number, expression: string): string {
  const call = /^found no matching overload for '(?:(.*)\.)?(\w+)\((.*)\)'$/.exec(told)
  if (call === null) return located(told, start, expression)
  const [, receiver, found = '', types = ''] = call
  const name = found === 'matchesRe2' ? 'matches' : found
  // The place of a call is its opening parenthesis.
  const named = expression.slice(start, end).search(new RegExp(`\\b${name}\\s*\\(`))
  const place = named < 0 ? start : expression.indexOf('(', start + named)
  const known = receiver === undefined ? global.has(name) : methods.has(name)
  if (!known) return located(`undeclared reference to '${name}' (in container '')`, place, expression)
  const applied = receiver === undefined ? `(${goTypes(types)})` : `${goTypes(receiver)}.(${goTypes(types)})`
  return located(`found no matching overload for '${name}' applied to '${applied}'`, place, expression)
}

const methods = new Set(
  (
    'size contains startsWith endsWith matches charAt indexOf lastIndexOf join lowerAscii upperAscii replace split substring trim format find findAll ' +
    'isSorted sum min max getScheme getHost getHostname getPort getEscapedPath getQuery isInteger asInteger asApproximateFloat isGreaterThan ' +
    'isLessThan compareTo add sub family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast containsIP containsCIDR ip masked ' +
    'prefixLength getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear getHours getMinutes getSeconds getMilliseconds hasValue value or orValue ' +
    'slice flatten distinct reverse sort first last major minor patch validate'
  ).split(' '),
)

function operator(told: string, start: number, expression: string): string {
  const applied = /^no such overload: (.*?) ([-+*/%<>=!in&|]+) (.*)$/.exec(told)
  if (applied === null) return located(told, start, expression)
  const [, left = '', sign = '', right = ''] = applied
  const name = sign === 'in' ? '@in' : sign === '&&' || sign === '||' ? `_${sign}_` : `_${sign}_`
  const place = expression.indexOf(sign, start)
  return located(
    `found no matching overload for '${name}' applied to '(${goTypes(left)}, ${goTypes(right)})'`,
    place < 0 ? start : place,
    expression,
  )
}

/** Why a rule could not be evaluated. @param rule As the error names it. */
export function evaluationProblem(error: unknown, rule: string): string {
  const { code, summary, message } = error as CelError
  const told = summary ?? message
  switch (code) {
    case 'no_such_overload':
    case 'no_matching_overload':
      return `'no such overload': call arguments did not match a supported operator, function or macro signature for rule: ${rule}`
    case 'no_such_key':
      return `no such key: ${told.replace(/^No such key: /, '')} evaluating rule: ${rule}`
    case 'index_out_of_bounds':
      return `index out of bounds: ${/index (-?\d+)/.exec(told)?.[1] ?? ''} evaluating rule: ${rule}`
    case 'modulo_by_zero':
      return `modulus by zero evaluating rule: ${rule}`
    case 'numeric_overflow':
      return `integer overflow evaluating rule: ${rule}`
    default:
      return `${told} evaluating rule: ${rule}`
  }
}
