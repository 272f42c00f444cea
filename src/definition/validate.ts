/**
 * Checking custom resources against the schema of their CustomResourceDefinition, as the API server would.
 *
 * The checker speaks JSON Schema, and a CRD almost does: int-or-string, `nullable`, boolean exclusive bounds and the formats that Kubernetes
 * knows are translated. Rules in CEL (x-kubernetes-validations) are left to the cluster.
 */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import formats from 'ajv-formats'
import { isMap } from '../api/object.ts'
import type { Position, Problem } from '../api/problem.ts'
import { type StructuralSchema } from '../api/schema/structural.ts'

/** Where the value at a path stands; the nearest enclosing one's position where it has none. */
export type PositionOf = (path: readonly (string | number)[]) => Position | undefined

/** A check of one schema, made on first use: compiling a schema takes milliseconds. */
export function createValidator(schema: StructuralSchema): (object: unknown, positionOf: PositionOf) => Problem[] {
  let validate: ValidateFunction | undefined
  return (object, positionOf) => {
    validate ??= compile(schema)
    return validate(object) ? [] : problemsOf(validate.errors ?? [], object, positionOf)
  }
}

/**
 * What is wrong with a schema itself, by the rules of JSON Schema: the API server refuses such a definition. Paths begin at the schema.
 */
export function schemaProblems(schema: StructuralSchema, positionOf: PositionOf): Problem[] {
  const ajv = new Ajv({ strict: false, allErrors: true, verbose: true, logger: false })
  if (ajv.validateSchema(translate(schema) as object)) return []
  // Where a schema or a list may stand, a fault deep in the schema is one of the place as well; the first of a place says most.
  const faults = (ajv.errors ?? []).filter(
    ({ instancePath }, index, all) =>
      !all.some((other, at) => other.instancePath.startsWith(`${instancePath}/`) || (other.instancePath === instancePath && at < index)),
  )
  return problemsOf(faults, schema, positionOf).map((problem) => ({ ...problem, code: 'CRD_INVALID' }))
}

function compile(schema: StructuralSchema): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, verbose: true, logger: false, code: { regExp: patternOf } })
  formats.default(ajv, [...knownFormats])
  return ajv.compile(translate(schema) as object)
}

const knownFormats = [
  'int32',
  'int64',
  'float',
  'double',
  'byte',
  'date',
  'date-time',
  'uuid',
  'ipv4',
  'ipv6',
  'email',
  'hostname',
  'uri',
] as const

/** A pattern that JavaScript cannot read (the API server's are RE2) is not checked here; the cluster checks it. */
const patternOf = Object.assign(
  (pattern: string): { test: (text: string) => boolean } => {
    for (const flags of ['u', '']) {
      try {
        return new RegExp(pattern, flags)
      } catch {
        // Tried without unicode rules next.
      }
    }
    return { test: () => true }
  },
  { code: 'patternOf' },
)

const schemaMaps = new Set(['properties', 'patternProperties'])
const schemaLists = new Set(['allOf', 'anyOf', 'oneOf'])
const schemas = new Set(['items', 'additionalProperties', 'not'])

/** The JSON Schema for a part of a CRD's; what is no schema is left as it is, and refused with its place. */
function translate(schema: unknown): unknown {
  if (!isMap(schema)) return schema
  const result: Record<string, unknown> = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'default' || keyword === 'nullable' || keyword === 'example' || keyword.startsWith('x-')) continue
    else if (keyword === 'format' && !(knownFormats as readonly unknown[]).includes(value)) continue
    else if (schemaMaps.has(keyword) && isMap(value)) {
      result[keyword] = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, translate(member)]))
    } else if (schemaLists.has(keyword) && Array.isArray(value)) result[keyword] = value.map(translate)
    else if (schemas.has(keyword) && isMap(value)) result[keyword] = translate(value)
    else result[keyword] = value
  }
  exclusiveBounds(result)
  if (schema['x-kubernetes-int-or-string']) {
    // Generators write the two types as anyOf beside the flag; one rule gives one message.
    if (isIntOrString(schema['anyOf'])) delete result['anyOf']
    result['type'] = ['integer', 'string']
  }
  // A null passes the type; an enum must name it all the same, as on the API server.
  if (schema.nullable && result['type'] !== undefined) result['type'] = [result['type'], 'null'].flat()
  if (schema['x-kubernetes-embedded-resource']) {
    result['required'] = [...new Set([...((result['required'] as string[]) ?? []), 'apiVersion', 'kind'])]
  }
  return result
}

/** In a CRD `exclusiveMinimum` is a flag beside `minimum`; in JSON Schema it is the bound. */
function exclusiveBounds(schema: Record<string, unknown>): void {
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (schema[flag] === true && schema[bound] !== undefined) [schema[flag], schema[bound]] = [schema[bound], undefined]
    else if (typeof schema[flag] === 'boolean') schema[flag] = undefined
    for (const keyword of [flag, bound]) if (schema[keyword] === undefined) delete schema[keyword]
  }
}

function problemsOf(errors: readonly ErrorObject[], object: unknown, positionOf: PositionOf): Problem[] {
  const problems = new Map<string, Problem>()
  const mistyped = new Set(errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath))
  for (const error of errors) {
    // 1.5 is no integer, and so no int32 either: once is enough.
    if (error.keyword === 'format' && mistyped.has(error.instancePath)) continue
    const path = pathOf(error, object)
    const message = describe(error, path)
    const at = positionOf(path)
    problems.set(message, { code: 'CR_INVALID', message, ...(at ? { at } : {}) })
  }
  return [...problems.values()]
}

const isIntOrString = (options: unknown): boolean =>
  Array.isArray(options) &&
  options.length === 2 &&
  options.every((option) => isMap(option) && ['integer', 'string'].includes(String(option['type'])))

/** `/spec/ports/0` → path steps; positions in lists are numbers. */
function pathOf(error: ErrorObject, object: unknown): (string | number)[] {
  let here = object
  return error.instancePath
    .split('/')
    .slice(1)
    .map((part) => {
      const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
      const step = Array.isArray(here) ? Number(name) : name
      here = (here as Record<string | number, unknown> | undefined)?.[step]
      return step
    })
}

/** `spec.ports[0].name`. A name that is no plain word stands in brackets: `labels["a.b/c"]`. */
export function formatPath(path: readonly (string | number)[]): string {
  const text = path
    .map((step) => (typeof step === 'number' ? `[${step}]` : /^[A-Za-z_][\w-]*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`))
    .join('')
  return text.startsWith('.') ? text.slice(1) : text || 'the object'
}

function describe({ keyword, params, message, data }: ErrorObject, path: readonly (string | number)[]): string {
  const place = formatPath(path)
  switch (keyword) {
    case 'required':
      return `${formatPath([...path, params['missingProperty'] as string])} is missing`
    case 'type':
      return `${place} must be ${articled(params['type'])}, not ${show(data)}`
    case 'enum':
      return `${place} must be one of ${(params['allowedValues'] as unknown[]).map((value) => JSON.stringify(value)).join(', ')}, not ${show(data)}`
    case 'pattern':
      return `${place} must match ${String(params['pattern'])}, not ${show(data)}`
    case 'format':
      return `${place} must be a valid ${String(params['format'])}, not ${show(data)}`
    default:
      return `${place} ${message ?? `fails ${keyword}`}, not ${show(data)}`
  }
}

const articled = (type: unknown): string => {
  const names = String(type).split(',').join(' or ')
  return `${/^[aeio]/.test(names) ? 'an' : 'a'} ${names}`
}

function show(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (isMap(value)) return 'a map'
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
