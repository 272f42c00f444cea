/** What a step gives its kind: checked as it is written when the playbook is loaded, and as it is once its tags are evaluated. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { nearest } from '../api/nearest.ts'
import { isMap, type JsonObject, type JsonValue } from '../api/object.ts'
import type { Position, Problem } from '../api/problem.ts'
import { TemplateError } from '../template/error.ts'
import { toValue } from '../yaml/node.ts'
import { evaluationOf } from './evaluation.ts'
import { refuseSecrets, withoutHandles, withReferences } from './kinds/secrets.ts'
import type { Source, SourceNode } from './source.ts'
import type { StepKind, Value } from './step.ts'
import { tagged, tagPattern } from './tagged-schema.ts'
import type { TaggedValue } from './values.ts'

interface Checks {
  written: ValidateFunction
  evaluated: ValidateFunction
}

const checks = new WeakMap<StepKind, Checks>()

/** Compiled once for each kind. */
function checksOf(kind: StepKind): Checks {
  let known = checks.get(kind)
  if (!known) {
    const ajv = new Ajv({ strict: false, allErrors: true, ownProperties: true, verbose: true })
    known = { written: ajv.compile(tagged(kind.schema)), evaluated: ajv.compile(kind.schema) }
    checks.set(kind, known)
  }
  return known
}

/** The problems of what is written, each where it stands. */
export function writtenProblems(kind: StepKind, source: Source, node: SourceNode): Problem[] {
  const unknown = unknownKeys(kind, kind.schema, source, node)
  if (unknown.length > 0) return unknown
  const found = firstProblem(kind, checksOf(kind).written, toValue(node))
  return found ? [{ code: 'STEP_INVALID', message: found.message, at: positionIn(source, node, found.path) }] : []
}

/** The inputs of requests: checked, written out by the kind, with references in the place of secrets. */
export const checkedInputs = (kind: StepKind, value: TaggedValue): Value<JsonObject> => ({
  at: value.at,
  evaluate: (scope) => withReferences(requested(kind, value, evaluationOf(scope), value.evaluate(scope))) as JsonObject,
})

/** What these send goes to one place; what others say is for everybody. */
const sent: readonly StepKind['promise'][] = ['acts', 'reads']
/** What these write is in objects of the cluster. */
const openly = ['patch', 'scale', 'delete']

/** As the kind makes it of a value; handles of secrets stand in it still. */
export function requested(kind: StepKind, value: TaggedValue, evaluation: ReturnType<typeof evaluationOf>, given: unknown): unknown {
  check(kind, value, given)
  try {
    if (!sent.includes(kind.promise) || openly.includes(kind.key)) refuseSecrets(given)
    return kind.request ? kind.request(given, evaluation) : given
  } catch (error) {
    if (error instanceof TemplateError) error.at ??= value.at
    throw error
  }
}

export function check(kind: StepKind, value: TaggedValue, given: unknown): void {
  const found = firstProblem(kind, checksOf(kind).evaluated, withoutHandles(given))
  if (found) throw new TemplateError('STEP_INVALID', found.message, { at: value.positionOf(found.path) })
}

/** Keys that no form of the schema has. */
function unknownKeys(kind: StepKind, schema: JsonObject, source: Source, node: SourceNode, path = kind.key): Problem[] {
  if (node.kind === 'sequence') {
    const items = formsOf(schema).flatMap(({ items: item }) => (isMap(item) ? [item] : []))
    return node.items.flatMap((item, index) => unknownKeys(kind, { anyOf: items }, source, item, `${path}[${index}]`))
  }
  if (node.kind !== 'mapping') return []
  const forms = formsOf(schema).filter(({ type, properties }) => type === 'object' || properties !== undefined)
  const isOpen = forms.length === 0 || forms.some(({ additionalProperties }) => additionalProperties !== false)
  const properties: Record<string, JsonValue[]> = Object.create(null)
  for (const form of forms)
    for (const [name, each] of Object.entries((form['properties'] ?? {}) as JsonObject)) (properties[name] ??= []).push(each ?? {})
  const names = Object.keys(properties)
  return node.entries.flatMap(({ key, value }): Problem[] => {
    const known = properties[key.text]
    if (known) return unknownKeys(kind, { anyOf: known }, source, value, `${path}.${key.text}`)
    if (isOpen || key.text.includes('<%')) {
      const others = forms.flatMap(({ additionalProperties }) => (isMap(additionalProperties) ? [additionalProperties] : []))
      return others.length > 0 ? unknownKeys(kind, { anyOf: others }, source, value, `${path}.${key.text}`) : []
    }
    const near = nearest(key.text, names)
    return [
      {
        code: 'PLAYBOOK_UNKNOWN_KEY',
        message: `"${key.text}" is not a field of ${path}`,
        at: source.at(key.at),
        remedy: near ? `did you mean "${near}"?` : `it has: ${names.join(', ')}`,
      },
    ]
  })
}

const formsOf = (schema: JsonObject): JsonObject[] =>
  Array.isArray(schema['anyOf'])
    ? (schema['anyOf'] as readonly JsonValue[]).flatMap((each) => (isMap(each) ? formsOf(each) : []))
    : [schema]

/** The problem that goes deepest: where several forms are allowed, it is that of the form which was probably meant. */
function firstProblem(kind: StepKind, validate: ValidateFunction, value: unknown): { message: string; path: string[] } | undefined {
  if (validate(value)) return undefined
  const errors = (validate.errors ?? []).filter(
    ({ keyword, parentSchema }) =>
      !['anyOf', 'if'].includes(keyword) && (parentSchema as JsonObject | undefined)?.['pattern'] !== tagPattern,
  )
  const [error] = errors.toSorted((one, other) => depthOf(other) - depthOf(one))
  if (!error) return { message: `${kind.key} is not as it has to be`, path: [] }
  const steps = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const place = [kind.key, ...steps].join('.')
  const types = errors.filter(({ instancePath, keyword }) => keyword === 'type' && instancePath === error.instancePath)
  return { message: `${place} ${describe(error, types)}`, path: steps }
}

const depthOf = ({ instancePath, keyword }: ErrorObject): number => instancePath.split('/').length * 2 + (keyword === 'type' ? 0 : 1)

function describe({ keyword, params, message = 'is not as it has to be' }: ErrorObject, types: readonly ErrorObject[]): string {
  switch (keyword) {
    case 'additionalProperties':
      return `has no field ${String(params['additionalProperty'])}`
    case 'required':
      return `lacks ${String(params['missingProperty'])}`
    case 'enum':
      return `must be one of ${(params['allowedValues'] as unknown[]).map((value) => JSON.stringify(value)).join(', ')}`
    case 'type':
      return `must be ${[...new Set(types.flatMap(({ params: { type } }) => type as string | string[]))].join(' or ')}`
    default:
      return message
  }
}

function positionIn(source: Source, node: SourceNode, path: readonly string[]): Position {
  let current = node
  for (const step of path) {
    const next =
      current.kind === 'sequence'
        ? current.items[Number(step)]
        : current.kind === 'mapping'
          ? current.entries.find(({ key }) => key.text === step)?.value
          : undefined
    if (!next) break
    current = next
  }
  return source.at(current.at)
}
