/**
 * Whether a value has the shape that the schema says: what the server checks of an applied configuration before it merges it.
 *
 * Unknown fields, values of the wrong kind, items without a key, and, in a configuration, two items with the same key.
 * (structured-merge-diff, typed/validate.go)
 */
import { isMap, type JsonObject, type JsonValue } from '../../api/object.ts'
import { formatPath, index } from '../../fields/path.ts'
import type { ListSchema, MapSchema, ScalarSchema, Schema, StructSchema } from '../schema/schema.ts'
import { goSyntax, goText, goType } from './go-syntax.ts'
import { elementOf, problemOf, textOf } from './list-key.ts'
import { deducedMap, fieldSchema, isList } from './shape.ts'

/** What is wrong, with the path that the server prints before it; undefined if nothing is. */
export function shapeProblem(schema: Schema, value: JsonValue): string | undefined {
  const problems: Problem[] = []
  check(schema, value, problems)
  const texts = problems.map(({ path, message }) => (path ? `${path}: ${message}` : message))
  if (texts.length <= 1) return texts[0]
  return ['errors:', ...texts.map((text) => `  ${text}`)].join('\n')
}

/** The path is put together on the way up, so that values without a problem cost nothing. */
interface Problem {
  path: string
  message: string
}

function check(schema: Schema, value: JsonValue, problems: Problem[]): void {
  if (value === null) return
  switch (schema.kind) {
    case 'scalar': {
      const message = scalarProblem(schema, value)
      if (message) problems.push({ path: '', message })
      return
    }
    case 'list':
      if (isList(value)) checkList(schema, value, problems)
      else problems.push({ path: '', message: `expected list, got ${shown(value)}` })
      return
    case 'struct':
    case 'map':
      if (isMap(value)) checkMap(schema, value, problems)
      else problems.push({ path: '', message: `expected map, got ${shown(value)}` })
      return
    case 'any':
      if (!schema.atomic && isMap(value)) checkMap(deducedMap, value, problems)
  }
}

const shown = (value: JsonValue): string => `&{${goText(value)}}`

function checkMap(schema: StructSchema | MapSchema, object: JsonObject, problems: Problem[]): void {
  for (const name in object) {
    const value = object[name]
    if (value === undefined) continue
    const below = fieldSchema(schema, name)
    if (!below) {
      problems.push({ path: `.${name}`, message: 'field not declared in schema' })
      return
    }
    if (value === null) continue
    const before = problems.length
    check(below, value, problems)
    for (let at = before; at < problems.length; at++) prefix(problems[at] as Problem, `.${name}`)
  }
}

function checkList(schema: ListSchema, list: readonly JsonValue[], problems: Problem[]): void {
  if (schema.listType === 'atomic') {
    list.forEach((member, at) => {
      const before = problems.length
      check(schema.items, member, problems)
      for (let found = before; found < problems.length; found++) prefix(problems[found] as Problem, formatPath([index(at)]))
    })
    return
  }
  const seen = new Set<string>()
  for (let at = 0; at < list.length; at++) {
    const member = list[at] as JsonValue
    const text = textOf(schema, member)
    if (text === undefined) {
      problems.push({ path: '', message: `element ${at}: ${problemOf(schema, member)}` })
      return
    }
    if (seen.has(text)) problems.push({ path: '', message: `duplicate entries for key ${formatPath([elementOf(schema, text)])}` })
    seen.add(text)
    const before = problems.length
    check(schema.items, member, problems)
    for (let found = before; found < problems.length; found++) prefix(problems[found] as Problem, formatPath([elementOf(schema, text)]))
  }
}

function prefix(problem: Problem, element: string): void {
  problem.path = element + problem.path
}

function scalarProblem({ type }: ScalarSchema, value: Exclude<JsonValue, null>): string | undefined {
  switch (type) {
    case 'integer':
    case 'number':
      return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goType(value)}`
    case 'string':
    case 'bytes':
    case 'duration':
      return typeof value === 'string' ? undefined : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got ${shown(value)}`
    case 'intOrString':
      // Without a type of its own in the server's schema: decoding is what refuses it.
      return undefined
    case 'quantity':
    case 'time':
    case 'microTime':
      return typeof value === 'object' ? `expected any scalar, got ${shown(value)}` : undefined
  }
}
