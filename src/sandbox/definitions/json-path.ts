/**
 * JSONPath as `kubectl get -o jsonpath` and printer columns use it: fields, indices, slices, wildcards, recursion and filters.
 *
 * (client-go, util/jsonpath; of filters the comparisons of one field with a literal or another field, and existence)
 */
import { isMap } from '../../api/object.ts'

/** All values that the path selects; missing fields select nothing. */
export type JsonPath = (root: unknown) => unknown[]

type Step = (values: unknown[], root: unknown) => unknown[]

export class JsonPathError extends Error {}

/** @param path `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`. @throws JsonPathError */
export function parseJsonPath(path: string): JsonPath {
  const steps = new Parser(path).steps()
  return (root) => steps.reduce<unknown[]>((values, step) => step(values, root), [root])
}

class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  steps(): Step[] {
    const steps: Step[] = []
    while (this.#at < this.#text.length) steps.push(this.#step())
    return steps
  }

  #step(): Step {
    const character = this.#text[this.#at] as string
    if (character === '$' || character === '@') {
      this.#at += 1
      return (values) => values
    }
    if (character === '.') {
      this.#at += 1
      if (this.#text[this.#at] === '.') {
        this.#at += 1
        return descendants(this.#text[this.#at] === '[' ? '*' : this.#name())
      }
      // A dot before a bracket, or at the end, names the value itself.
      if (this.#at >= this.#text.length || this.#text[this.#at] === '[') return (values) => values
      return member(this.#name())
    }
    if (character === '[') return this.#bracket()
    return member(this.#name())
  }

  #name(): string {
    let name = ''
    for (; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at] as string
      if (character === '\\') {
        this.#at += 1
        name += this.#text[this.#at] ?? ''
      } else if ('.[]() \t\n$@'.includes(character)) break
      else name += character
    }
    if (name === '')
      throw new JsonPathError(`unrecognized character in action: ${JSON.stringify(this.#text.slice(this.#at, this.#at + 1))}`)
    return name
  }

  #bracket(): Step {
    const end = closing(this.#text, this.#at)
    if (end < 0) throw new JsonPathError('unterminated array')
    const inner = this.#text.slice(this.#at + 1, end).trim()
    this.#at = end + 1
    if (inner.startsWith('?(') && inner.endsWith(')')) return filter(inner.slice(2, -1))
    const quote = /^(['"])(.*)\1$/s.exec(inner)
    if (quote) return member((quote[2] as string).replace(/\\(.)/gs, '$1'))
    if (inner === '*') return member('*')
    const parts = inner.split(',').map((part) => part.trim())
    if (parts.length > 1) {
      const steps = parts.map((part) => new Parser(`[${part}]`).steps())
      return (values, root) => values.flatMap((value) => steps.flatMap((list) => list.reduce((found, step) => step(found, root), [value])))
    }
    const slice = /^(-?\d*)(?::(-?\d*))?(?::(-?\d*))?$/.exec(inner)
    if (slice === null) throw new JsonPathError(`invalid array index ${inner}`)
    return items(slice[1] ?? '', slice[2], slice[3])
  }
}

/** The bracket that closes the one at `start`; quotes and inner brackets are stepped over. */
function closing(text: string, start: number): number {
  let depth = 0
  let quote = ''
  for (let at = start; at < text.length; at += 1) {
    const character = text[at] as string
    if (quote !== '') {
      if (character === '\\') at += 1
      else if (character === quote) quote = ''
    } else if (character === '"' || character === "'") quote = character
    else if (character === '[') depth += 1
    else if (character === ']') {
      depth -= 1
      if (depth === 0) return at
    }
  }
  return -1
}

function member(name: string): Step {
  if (name === '*') return (values) => values.flatMap((value) => (Array.isArray(value) ? value : isMap(value) ? Object.values(value) : []))
  return (values) => {
    const found: unknown[] = []
    for (const value of values) if (isMap(value) && Object.hasOwn(value, name)) found.push(value[name])
    return found
  }
}

function descendants(name: string): Step {
  const own = member(name)
  const search = (value: unknown): unknown[] => {
    const inner = Array.isArray(value) ? value : isMap(value) ? Object.values(value) : []
    return [...own([value], value), ...inner.flatMap(search)]
  }
  return (values) => values.flatMap(search)
}

function items(start: string, end: string | undefined, stride: string | undefined): Step {
  return (values) =>
    values.flatMap((value) => {
      if (!Array.isArray(value)) return []
      const from = bounded(start === '' ? 0 : Number(start), value.length)
      if (end === undefined) return from >= 0 && from < value.length ? [value[from]] : []
      const to = Math.min(end === '' ? value.length : bounded(Number(end), value.length), value.length)
      const by = stride ? Number(stride) : 1
      return value.slice(Math.max(from, 0), Math.max(to, 0)).filter((_, index) => index % (by || 1) === 0)
    })
}

const bounded = (index: number, length: number): number => (index < 0 ? index + length : index)

function filter(expression: string): Step {
  const parts = /^(.*?)\s*(==|!=|<=|>=|<|>)\s*(.*)$/s.exec(expression.trim())
  const left = operand((parts?.[1] ?? expression).trim())
  const right = parts ? operand((parts[3] as string).trim()) : undefined
  const operator = parts?.[2] ?? 'exists'
  return (values, root) =>
    values.flatMap((value) =>
      (Array.isArray(value) ? value : isMap(value) ? [value] : []).filter((item) => {
        const [first] = left(item, root)
        if (right === undefined) return left(item, root).length > 0
        const [second] = right(item, root)
        return first !== undefined && second !== undefined && compare(first, operator, second)
      }),
    )
}

type Operand = (item: unknown, root: unknown) => unknown[]

function operand(text: string): Operand {
  const quote = /^(['"])(.*)\1$/s.exec(text)
  if (quote) return () => [(quote[2] as string).replace(/\\(.)/gs, '$1')]
  if (text === 'true' || text === 'false') return () => [text === 'true']
  if (/^[-+]?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text)) return () => [Number(text)]
  if (!text.startsWith('@') && !text.startsWith('$')) throw new JsonPathError(`unrecognized identifier ${text}`)
  const path = parseJsonPath(text.slice(1))
  return text.startsWith('@') ? (item) => path(item) : (_, root) => path(root)
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  if (typeof left !== typeof right) return operator === '!='
  const [a, b] = [left as string | number, right as string | number]
  switch (operator) {
    case '==':
      return a === b
    case '!=':
      return a !== b
    case '<':
      return a < b
    case '<=':
      return a <= b
    case '>':
      return a > b
    default:
      return a >= b
  }
}
