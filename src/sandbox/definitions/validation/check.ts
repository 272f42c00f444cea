/**
 * Checks of values by a schema, compiled once into closures.
 *
 * A check counts what matched: where no alternative of anyOf or oneOf fits, the problems of the one that matched most are told.
 * (kube-openapi, validation/validate/schema.go, type.go, object_validator.go, slice_validator.go, schema_props.go and values.go)
 */
import { isMap } from '../../../api/object.ts'
import { isInteger, quoted } from '../../status/go-text.ts'
import { type SchemaProps, typesOf } from '../json-schema.ts'
import { alternatives } from './alternatives.ts'
import { enumCheck } from './enumeration.ts'
import { effectiveFormat, formats } from './formats.ts'
import { isJsonInteger, numberCheck } from './numbers.ts'
import { matcher } from './pattern.ts'
import { type Check, type Part, report, type ValueProblem } from './result.ts'

export function compileCheck(schema: SchemaProps): Check {
  const checkType = typeCheck(schema)
  const combined = alternatives(schema, compileCheck)
  const checkText = textCheck(schema)
  const checkFormat = formatCheck(schema)
  const checkNumber = numberCheck(schema)
  const checkList = listCheck(schema)
  const checkEnum = enumCheck(schema)
  const checkMap = mapCheck(schema)
  const typed = typesOf(schema).length > 0 || effectiveFormat(schema) !== ''

  return (value, path, problems, old) => {
    if (value === null || value === undefined) {
      const matched = checkType(null, path, problems)
      checkEnum?.(null, path, problems)
      return matched
    }
    // Every part that applies counts one, and so does the value as a whole.
    let matched = 1
    if (typed) matched += 1 + checkType(value, path, problems)
    matched += 1 + (combined ? combined(value, path, problems, old) : 1)
    if (typeof value === 'string') {
      matched += 1
      checkText?.(value, path, problems)
      if (checkFormat) {
        matched += 1
        checkFormat(value, path, problems)
      }
    } else if (typeof value === 'number') matched += 1 + numberPart(checkNumber, value, path, problems)
    else if (Array.isArray(value)) matched += 1 + checkList(value, path, problems, old)
    matched += 1
    checkEnum?.(value, path, problems)
    if (isMap(value)) matched += 1 + checkMap(value, path, problems, old)
    return matched
  }
}

function numberPart(check: ReturnType<typeof numberCheck>, value: number, path: string, problems: ValueProblem[]): number {
  check?.(value, path, problems)
  return 1
}

/** What the types are called that JSON values have. */
export function typeName(value: unknown): string {
  switch (typeof value) {
    case 'boolean':
      return 'boolean'
    case 'string':
      return 'string'
    case 'number':
      return isInteger(value) ? 'integer' : 'number'
    default:
      return value === null || value === undefined ? 'null' : Array.isArray(value) ? 'array' : 'object'
  }
}

const numberFormats: Readonly<Record<string, string>> = { integer: 'int64', number: 'float64' }

function typeCheck(schema: SchemaProps): (value: unknown, path: string, problems: ValueProblem[]) => number {
  const types = typesOf(schema)
  const format = effectiveFormat(schema)
  const nullable = schema.nullable === true
  const numeric = types.includes('integer') || types.includes('number')
  const names = types.join(',')
  const refuse = (problems: ValueProblem[], path: string, expected: string, found: string): number => {
    report(problems, { kind: 'type', path, value: found, message: `${path} in body must be of type ${expected}: "${found}"` })
    return 0
  }
  return (value, path, problems) => {
    if (value === null) return types.length > 0 && !nullable ? refuse(problems, path, names, 'null') : 1
    const found = typeName(value)
    const fits =
      types.includes(found) ||
      (found === 'integer' && types.includes('number')) ||
      (found === 'number' && types.includes('integer') && isJsonInteger(value as number))
    if (format === '') return fits ? 1 : refuse(problems, path, names, found)
    const holdsFormat = found === 'string' || found === 'array'
    const foundFormat = numberFormats[found] ?? ''
    if (!holdsFormat && !fits && foundFormat !== format) return refuse(problems, path, format, foundFormat)
    if (!numeric && holdsFormat) return 1
    return fits ? 1 : refuse(problems, path, names, found)
  }
}

type TextCheck = (value: string, path: string, problems: ValueProblem[]) => void

/** Lengths count code points; the first that is wrong is told, the others are not. */
function textCheck({ maxLength, minLength, pattern }: SchemaProps): TextCheck | undefined {
  if (maxLength === undefined && minLength === undefined && !pattern) return undefined
  const matches = pattern ? matcher(pattern) : undefined
  return (value, path, problems) => {
    // A code point is one or two units long, so most texts need no counting.
    const length = value.length
    if (maxLength !== undefined && length > maxLength && codePoints(value) > maxLength)
      return report(problems, {
        kind: 'tooLong',
        path,
        limit: maxLength,
        message: `${path} in body should be at most ${maxLength} chars long`,
      })
    if (minLength !== undefined && (length < minLength || (length < minLength * 2 && codePoints(value) < minLength)))
      return report(problems, { kind: 'other', path, value, message: `${path} in body should be at least ${minLength} chars long` })
    if (matches && !matches(value)) report(problems, { kind: 'other', path, value, message: `${path} in body should match '${pattern}'` })
  }
}

function codePoints(text: string): number {
  let count = 0
  for (const _ of text) count += 1
  return count
}

function formatCheck(schema: SchemaProps): TextCheck | undefined {
  const format = effectiveFormat(schema)
  const holds = formats.get(format.replaceAll('-', ''))
  if (holds === undefined) return undefined
  return (value, path, problems) => {
    if (!holds(value))
      report(problems, { kind: 'type', path, value, message: `${path} in body must be of type ${format}: ${quoted(value)}` })
  }
}

function listCheck(schema: SchemaProps): Part<readonly unknown[]> {
  const { items, minItems, maxItems, uniqueItems } = schema
  const checkItem = items && ratcheting(compileCheck(items))
  return (list, path, problems, old) => {
    let matched = 1
    if (checkItem)
      for (let index = 0; index < list.length; index += 1)
        matched += checkItem(list[index], `${path}[${index}]`, problems, old?.item(index))
    const count = list.length
    if (minItems !== undefined && count < minItems)
      report(problems, { kind: 'other', path, value: count, message: `${path} in body should have at least ${minItems} items` })
    if (maxItems !== undefined && count > maxItems)
      report(problems, { kind: 'tooMany', path, count, limit: maxItems, message: `${path} in body should have at most ${maxItems} items` })
    if (uniqueItems === true && hasDuplicates(list))
      report(problems, { kind: 'other', path, value: '', message: `${path} in body shouldn't contain duplicates` })
    return matched
  }
}

const hasDuplicates = (list: readonly unknown[]): boolean => new Set(list.map((item) => JSON.stringify(item))).size < list.length

function mapCheck(schema: SchemaProps): Part<{ readonly [name: string]: unknown }> {
  const { minProperties, maxProperties, required = [], additionalProperties } = schema
  const members = new Map(Object.entries(schema.properties ?? {}).map(([name, member]) => [name, ratcheting(compileCheck(member))]))
  const checkOthers = typeof additionalProperties === 'object' ? ratcheting(compileCheck(additionalProperties)) : undefined
  return (map, path, problems, old) => {
    let matched = 0
    if (minProperties !== undefined || maxProperties !== undefined) {
      const count = Object.keys(map).length
      if (minProperties !== undefined && count < minProperties)
        report(problems, { kind: 'other', path, value: count, message: `${path} in body should have at least ${minProperties} properties` })
      if (maxProperties !== undefined && count > maxProperties)
        report(problems, {
          kind: 'tooMany',
          path,
          count,
          limit: maxProperties,
          message: `${path} in body should have at most ${maxProperties} properties`,
        })
    }
    for (const name of Object.keys(map)) {
      const check = members.get(name)
      // apiVersion and kind of the whole object are always checked in full.
      if (check)
        matched += check(
          map[name],
          path === '' ? name : `${path}.${name}`,
          problems,
          path === '' && isTypeField(name) ? undefined : old?.member(name),
        )
      else if (additionalProperties === false)
        report(problems, { kind: 'other', path, value: name, message: `${path}.${name} in body is a forbidden property` })
      else if (checkOthers) matched += checkOthers(map[name], `${path}.${name}`, problems, old?.member(name))
    }
    for (const name of required)
      if (!Object.hasOwn(map, name))
        report(problems, { kind: 'required', path: `${path}.${name}`, message: `${path}.${name} in body is required` })
    return matched
  }
}

const isTypeField = (name: string): boolean => name === 'kind' || name === 'apiVersion'

/** The check of a member or an item: problems of a value that an update leaves as it was do not count. */
export function ratcheting(check: Check): Check {
  return (value, path, problems, old) => {
    if (old === undefined) return check(value, path, problems)
    const before = problems.length
    const matched = check(value, path, problems, old)
    if (problems.length > before && old.unchanged) problems.length = before
    return matched
  }
}
