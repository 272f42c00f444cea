/**
 * Label selectors as query parameters spell them: `app=web,tier in (a,b),!legacy`.
 *
 * (apimachinery, pkg/labels/selector.go)
 */
import { isLabelValue, isQualifiedName } from '../kinds/names.ts'
import { badRequest } from '../status/api-error.ts'

export type Labels = Readonly<Record<string, string>>

type Operator = 'exists' | '!' | 'in' | 'notin' | '=' | '==' | '!=' | '>' | '<'

interface Requirement {
  readonly key: string
  readonly operator: Operator
  readonly values: readonly string[]
}

/** The test that a selector makes; undefined for one that selects everything. Throws ApiError (400) for what is no selector. */
export function parseLabelSelector(text: string): ((labels: Labels | undefined) => boolean) | undefined {
  const requirements = new Parser(text).parse()
  if (requirements.length === 0) return undefined
  return (labels) => requirements.every((requirement) => holds(requirement, labels))
}

function holds({ key, operator, values }: Requirement, labels: Labels | undefined): boolean {
  const value = labels && Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    case 'in':
    case '=':
    case '==':
      return value !== undefined && values.includes(value)
    case 'notin':
    case '!=':
      return value === undefined || !values.includes(value)
    case '>':
    case '<': {
      if (value === undefined || !integer.test(value)) return false
      const difference = BigInt(value) - BigInt(values[0] as string)
      return operator === '>' ? difference > 0n : difference < 0n
    }
  }
}

const integer = /^[+-]?\d+$/
const end = ''
const symbols = new Set(['(', ')', ',', '!', '=', '==', '!=', '<', '>'])

class Parser {
  readonly #tokens: string[]
  #at = 0

  constructor(text: string) {
    this.#tokens = text.match(/==|!=|[(),!=<>]|[^\s(),!=<>]+/g) ?? []
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = []
    for (;;) {
      const token = this.#peek()
      if (token === end) return requirements
      if (token !== '!' && symbols.has(token)) throw badRequest(`found '${token}', expected: !, identifier, or 'end of string'`)
      try {
        requirements.push(this.#requirement())
      } catch (error) {
        if (error instanceof SyntaxError) throw badRequest(`unable to parse requirement: ${error.message}`)
        throw error
      }
      const after = this.#next()
      if (after === end) return requirements
      if (after !== ',') throw badRequest(`found '${after}', expected: ',' or 'end of string'`)
      const next = this.#peek()
      if (next === end || (next !== '!' && symbols.has(next))) throw badRequest(`found '${next}', expected: identifier after ','`)
    }
  }

  #requirement(): Requirement {
    const negated = this.#peek() === '!'
    if (negated) this.#next()
    const key = this.#next()
    if (key === end || symbols.has(key)) throw new SyntaxError(`found '${key}', expected: identifier`)
    check('<nil>', key, isQualifiedName(key))
    if (negated) return { key, operator: '!', values: [] }
    const next = this.#peek()
    if (next === end || next === ',') return { key, operator: 'exists', values: [] }
    const operator = this.#operator()
    const values = operator === 'in' || operator === 'notin' ? this.#values() : [this.#exactValue()]
    const problems = values.flatMap((value, at) => {
      const invalid = (path: string, messages: readonly string[]): string[] =>
        messages.length > 0 ? [`${path}: Invalid value: ${JSON.stringify(value)}: ${messages.join('; ')}`] : []
      const ordered = (operator === '>' || operator === '<') && !integer.test(value)
      return [
        ...invalid(`values[${at}]`, ordered ? ["for 'Gt', 'Lt' operators, the value must be an integer"] : []),
        ...invalid(`values[${at}][${key}]`, isLabelValue(value)),
      ]
    })
    if (problems.length > 0) throw new SyntaxError(problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`)
    return { key, operator, values }
  }

  #operator(): Operator {
    const token = this.#next()
    switch (token) {
      case 'in':
      case 'notin':
      case '=':
      case '==':
      case '!=':
      case '>':
      case '<':
        return token
      default:
        throw new SyntaxError(`found '${token}', expected: in, notin, =, ==, !=, gt, lt`)
    }
  }

  #exactValue(): string {
    const token = this.#peek()
    if (token === end || token === ',') return ''
    if (symbols.has(token)) throw new SyntaxError(`found '${token}', expected: identifier`)
    return this.#next()
  }

  #values(): string[] {
    const open = this.#next()
    if (open !== '(') throw new SyntaxError(`found '${open}' expected: '('`)
    const values = new Set<string>()
    if (this.#peek() === ')') {
      this.#next()
      return ['']
    }
    for (;;) {
      const token = this.#next()
      if (token === ')') {
        values.add('')
        break
      }
      if (token === ',') {
        values.add('')
        continue
      }
      if (token === end || symbols.has(token)) throw new SyntaxError(`found '${token}', expected: ',', ')' or identifier`)
      values.add(token)
      const after = this.#next()
      if (after === ')') break
      if (after !== ',') throw new SyntaxError(`found '${after}', expected: ',' or ')'`)
    }
    return [...values].sort()
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? end
  }

  #next(): string {
    return this.#tokens[this.#at++] ?? end
  }
}

function check(path: string, value: string, messages: readonly string[]): void {
  if (messages.length > 0) throw new SyntaxError(`${path}: Invalid value: ${JSON.stringify(value)}: ${messages.join('; ')}`)
}
