/**
 * Whether the defaults of a schema fit it.
 *
 * (apiextensions-apiserver, schema/defaulting/validation.go)
 */
import { type FieldError, invalidValue } from '../../status/field-error.ts'
import { compileRules } from '../cel/rules.ts'
import type { SchemaProps } from '../json-schema.ts'
import { compileShape, copy, ShapeError } from '../shape.ts'
import { compileCheck } from '../validation/check.ts'
import { equalJson } from '../../../api/equal.ts'
import { compileEmbeddedCheck } from '../validation/embedded.ts'
import { fieldErrors, type ValueProblem } from '../validation/result.ts'

export function defaultErrors(schema: SchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = []
  checkDefaults(schema, path, errors)
  return errors
}

function checkDefaults(schema: SchemaProps, path: string, errors: FieldError[]): void {
  const { default: value, items, properties = {} } = schema
  if (value !== undefined && value !== null) errors.push(...oneDefault(schema, value, `${path}.default`))
  if (items) checkDefaults(items, `${path}.items`, errors)
  for (const [name, member] of Object.entries(properties)) checkDefaults(member, `${path}.properties[${name}]`, errors)
}

function oneDefault(schema: SchemaProps, value: unknown, path: string): FieldError[] {
  const unknown = hasUnknownFields(schema, value) ? [invalidValue(path, value, 'must not have unknown fields')] : []
  const embedded: FieldError[] = []
  compileEmbeddedCheck(schema)?.(value, path, embedded)
  if (embedded.length > 0) return [...unknown, ...embedded]
  const problems: ValueProblem[] = []
  compileCheck(schema)(value, '', problems)
  if (problems.length > 0) return [...unknown, ...fieldErrors(problems, path)]
  const broken = compileRules(schema, false)?.check(value as never, undefined, []) ?? []
  return [...unknown, ...broken.map((error) => ({ ...error, field: error.field === '<nil>' ? path : `${path}.${error.field}` }))]
}

/** Whether the server would drop some of it. */
function hasUnknownFields(schema: SchemaProps, value: unknown): boolean {
  const wrapped: SchemaProps = { type: 'object', properties: { value: withoutDefaults(schema) } }
  try {
    const shaped = compileShape(wrapped)({ value }, '', { fields: [], embedded: [] }) as { value: unknown }
    return !equalJson(shaped.value, copy(value))
  } catch (error) {
    if (error instanceof ShapeError) return false
    throw error
  }
}

function withoutDefaults(schema: SchemaProps): SchemaProps {
  const { default: _default, properties, items, additionalProperties, ...rest } = schema
  return {
    ...rest,
    nullable: true,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, member]) => [name, withoutDefaults(member)])),
    }),
    ...(items && { items: withoutDefaults(items) }),
    ...(additionalProperties !== undefined && {
      additionalProperties: typeof additionalProperties === 'object' ? withoutDefaults(additionalProperties) : additionalProperties,
    }),
  }
}
