/** What `it.values` is for a primary, and whether values.schema.json accepts it; an error names where the value came from. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormatsModule from 'ajv-formats'
import { isMap } from '../api/object.ts'
import type { Position, Problem } from '../api/problem.ts'
import { type Node, nodeAt } from '../yaml/node.ts'
import { applyOverride, mergeValues, type Override, type Values } from './merge.ts'

export interface ValueSources {
  /** values.yaml, if there is one. */
  chart: { values: Values; node: Node | undefined; file: string }
  overrides: readonly Override[]
  /** Where a key of overrideValues stands. */
  overridePosition: (key: string) => Position | undefined
}

export function valuesFor({ chart, overrides }: ValueSources, spec: Values): Values {
  return overrides.reduce(applyOverride, mergeValues(chart.values, spec))
}

// A CommonJS module whose default export arrives as a namespace under some loaders.
const addFormats = ('default' in addFormatsModule ? addFormatsModule.default : addFormatsModule) as unknown as (ajv: Ajv) => void

/** Compiles values.schema.json. Throws what ajv throws for a schema that cannot be used. */
export function compileValuesSchema(schema: Values): ValidateFunction {
  const options = { strict: false, allErrors: true, ownProperties: true, validateFormats: true } as const
  const ajv = String(schema.$schema ?? '').includes('2020-12') ? new Ajv2020(options) : new Ajv(options)
  addFormats(ajv as Ajv)
  const { $schema: _, ...rest } = schema
  return ajv.compile(rest)
}

/** The problems of values that the schema refuses, each once, at its source. */
export function validateValues(validate: ValidateFunction, values: Values, sources: ValueSources, spec: Values): Problem[] {
  if (validate(values)) return []
  const problems = new Map<string, Problem>()
  for (const error of validate.errors ?? []) {
    if (error.keyword === 'if') continue
    const problem = toProblem(error, sources, spec)
    problems.set(`${problem.message}`, problem)
  }
  return [...problems.values()].slice(0, 20)
}

function toProblem(error: ErrorObject, sources: ValueSources, spec: Values): Problem {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const params = error.params as Record<string, unknown>
  const extra = (params.additionalProperty ?? params.unevaluatedProperty) as string | undefined
  const full = extra === undefined ? path : [...path, extra]
  const what = describe(error, extra)
  const source = sourceOf(full, sources, spec)
  return { code: 'VALUES_INVALID', message: `${source.name(full)} ${what}`, ...(source.at && { at: source.at }) }
}

function describe({ keyword, params, message = 'is not valid' }: ErrorObject, extra: string | undefined): string {
  if (extra !== undefined) return 'is not a value of this chart'
  if (keyword === 'enum') return `must be one of ${(params.allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(', ')}`
  if (keyword === 'const') return `must be ${JSON.stringify(params.allowedValue)}`
  return message.startsWith('must') ? message : `is not valid: ${message}`
}

interface Source {
  name(path: readonly string[]): string
  at?: Position | undefined
}

/** The layer that a value came from: the last one that has its path. */
function sourceOf(path: readonly string[], { chart, overrides, overridePosition }: ValueSources, spec: Values): Source {
  for (const override of overrides.toReversed()) {
    const steps = override.path.map(String)
    if (steps.every((step, index) => path[index] === step) && has(override.value, path.slice(steps.length)))
      return { name: (full) => `overrideValues.${override.key} (it.values.${full.join('.')})`, at: overridePosition(override.key) }
  }
  const inSpec = has(spec, path)
  if (!inSpec && chart.node && has(chart.values, path))
    return { name: (full) => (full.length > 0 ? full.join('.') : 'the values'), at: nodeAt(chart.node, path).at }
  return { name: (full) => ['spec', ...full].join('.') }
}

function has(value: unknown, path: readonly string[]): boolean {
  let current = value
  for (const step of path) {
    if (isMap(current) && Object.hasOwn(current, step)) current = current[step]
    else if (Array.isArray(current) && Number(step) < current.length) current = current[Number(step)]
    else return false
  }
  return true
}
