/**
 * Whether a schema is structural: every level has a type, and what stands below allOf, anyOf, oneOf and not only checks values.
 *
 * (apiextensions-apiserver, schema/validation.go)
 */
import { type FieldError, forbidden, formatFieldError, invalidValue, required } from '../../status/field-error.ts'
import type { SchemaProps } from '../json-schema.ts'
import { patternProblem } from '../validation/pattern.ts'

type Level = 'root' | 'item' | 'field'

/** All violations, ordered by their text. */
export function structuralErrors(schema: SchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = []
  checkLevel(schema, 'root', path, errors)
  checkCompleteness(schema, schema, path, path, errors)
  return errors.sort((a, b) => (formatFieldError(a) < formatFieldError(b) ? -1 : 1))
}

const missingType: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

function checkLevel(schema: SchemaProps, level: Level, path: string, errors: FieldError[]): void {
  const { type = '', items, properties = {}, additionalProperties } = schema
  const embedded = schema['x-kubernetes-embedded-resource'] === true
  const preserve = schema['x-kubernetes-preserve-unknown-fields'] === true
  const intOrString = schema['x-kubernetes-int-or-string'] === true
  // Decoding leaves a null of what is no schema.
  if (type === 'array' && !items) errors.push(required(`${path}.items`, 'must be specified'))
  // A list of schemas is refused elsewhere.
  if (items && !Array.isArray(items)) checkLevel(items, 'item', `${path}.items`, errors)
  for (const [name, member] of Object.entries(properties)) checkLevel(member, 'field', `${path}.properties[${name}]`, errors)
  if (additionalProperties !== undefined) {
    if (level === 'root') errors.push(forbidden(`${path}.additionalProperties`, 'must not be used at the root'))
    if (typeof additionalProperties === 'object') checkLevel(additionalProperties, 'field', `${path}.additionalProperties`, errors)
  }
  const notWithIntOrString = 'must be false if x-kubernetes-int-or-string is true'
  if (intOrString && preserve) errors.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, true, notWithIntOrString))
  if (intOrString && embedded) errors.push(invalidValue(`${path}.x-kubernetes-embedded-resource`, true, notWithIntOrString))
  checkValues(schema, isEitherType(schema.anyOf), isEitherType(schema.allOf?.[0]?.anyOf), path, errors)

  if (embedded && type !== 'object') {
    const wanted = 'must be object if x-kubernetes-embedded-resource is true'
    errors.push(type === '' ? required(`${path}.type`, wanted) : invalidValue(`${path}.type`, type, wanted))
  } else if (type === '' && !intOrString && !preserve) errors.push(required(`${path}.type`, missingType[level]))
  if (embedded && additionalProperties !== undefined)
    errors.push(forbidden(`${path}.additionalProperties`, 'must not be used if x-kubernetes-embedded-resource is set'))
  if (level === 'root' && type !== '' && type !== 'object') errors.push(invalidValue(`${path}.type`, type, 'must be object at the root'))
  checkObjectFields(properties, level, embedded, path, errors)
  if (embedded && !preserve && Object.keys(properties).length === 0)
    errors.push(
      required(
        `${path}.properties`,
        'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
      ),
    )
}

function checkObjectFields(
  properties: { readonly [name: string]: SchemaProps },
  level: Level,
  embedded: boolean,
  path: string,
  errors: FieldError[],
): void {
  const whole = level === 'root' || embedded
  for (const name of ['kind', 'apiVersion']) {
    const member = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (whole && member && member.type !== 'string')
      errors.push(invalidValue(`${path}.properties[${name}].type`, member.type ?? '', 'must be string'))
  }
  const metadata = Object.hasOwn(properties, 'metadata') ? properties['metadata'] : undefined
  if (metadata === undefined) return
  const at = `${path}.properties[metadata]`
  if (whole && metadata.type !== 'object') errors.push(invalidValue(`${at}.type`, metadata.type ?? '', 'must be object'))
  if (level === 'root' && !namesOnly(metadata))
    errors.push(forbidden(at, 'must not specify anything other than name and generateName, but metadata is implicitly specified'))
}

function namesOnly({ type: _type, default: _default, properties = {}, ...rest }: SchemaProps): boolean {
  const names = Object.keys(properties)
  return Object.keys(rest).length === 0 && names.every((name) => name === 'name' || name === 'generateName')
}

/** `anyOf: [{type: integer}, {type: string}]`, which may stand beside int-or-string. */
const isEitherType = (list: readonly SchemaProps[] | undefined): boolean =>
  JSON.stringify(list) === '[{"type":"integer"},{"type":"string"}]'

function checkValues(schema: SchemaProps, skipAnyOf: boolean, skipFirst: boolean, path: string, errors: FieldError[]): void {
  const { anyOf = [], allOf = [], oneOf = [], not, pattern } = schema
  if (!skipAnyOf) for (const [index, each] of anyOf.entries()) checkNested(each, false, `${path}.anyOf[${index}]`, errors)
  for (const [index, each] of allOf.entries()) checkNested(each, skipFirst && index === 0, `${path}.allOf[${index}]`, errors)
  for (const [index, each] of oneOf.entries()) checkNested(each, false, `${path}.oneOf[${index}]`, errors)
  if (not) checkNested(not, false, `${path}.not`, errors)
  const problem = pattern ? patternProblem(pattern) : undefined
  if (problem !== undefined)
    errors.push(invalidValue(`${path}.pattern`, pattern, `must be a valid regular expression, but isn't: ${problem}`))
}

/** What may not be said where only values are checked. */
const nestedForbidden: readonly (readonly [keyword: string, message: string, isSaid: (value: unknown) => boolean])[] = [
  ['type', 'must be empty to be structural', (value) => value !== ''],
  ['additionalProperties', 'must be undefined to be structural', () => true],
  ['default', 'must be undefined to be structural', (value) => value !== null],
  ['title', 'must be empty to be structural', (value) => value !== ''],
  ['description', 'must be empty to be structural', (value) => value !== ''],
  ['nullable', 'must be false to be structural', (value) => value === true],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural', (value) => value === true],
  ['x-kubernetes-embedded-resource', 'must be false to be structural', (value) => value === true],
  ['x-kubernetes-int-or-string', 'must be false to be structural', (value) => value === true],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural', (value) => Array.isArray(value) && value.length > 0],
  ['x-kubernetes-list-type', 'must be undefined to be structural', () => true],
  ['x-kubernetes-map-type', 'must be undefined to be structural', () => true],
  ['x-kubernetes-validations', 'must be empty to be structural', (value) => Array.isArray(value) && value.length > 0],
]

function checkNested(schema: SchemaProps, skipAnyOf: boolean, path: string, errors: FieldError[]): void {
  const { items, properties = {} } = schema
  checkValues(schema, skipAnyOf, false, path, errors)
  if (items && !Array.isArray(items)) checkNested(items, false, `${path}.items`, errors)
  for (const [name, member] of Object.entries(properties)) checkNested(member, false, `${path}.properties[${name}]`, errors)
  for (const [keyword, message, isSaid] of nestedForbidden) {
    const value = Object.hasOwn(schema, keyword) ? schema[keyword] : undefined
    if (value !== undefined && isSaid(value)) errors.push(forbidden(`${path}.${keyword}`, message))
  }
  if (Object.hasOwn(properties, 'metadata'))
    errors.push(forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context'))
}

/** What is checked must be described. `values`: the schema with checks; `schema`: what describes the same place. */
function checkCompleteness(values: SchemaProps, schema: SchemaProps, path: string, valuesPath: string, errors: FieldError[]): void {
  const { anyOf = [], allOf = [], oneOf = [], not } = values
  if (not) checkDescribed(not, schema, path, `${valuesPath}.not`, errors)
  for (const [index, each] of allOf.entries()) checkDescribed(each, schema, path, `${valuesPath}.allOf[${index}]`, errors)
  for (const [index, each] of anyOf.entries()) checkDescribed(each, schema, path, `${valuesPath}.anyOf[${index}]`, errors)
  for (const [index, each] of oneOf.entries()) checkDescribed(each, schema, path, `${valuesPath}.oneOf[${index}]`, errors)
}

function checkDescribed(
  values: SchemaProps,
  schema: SchemaProps | undefined,
  path: string,
  valuesPath: string,
  errors: FieldError[],
): void {
  if (schema === undefined) {
    errors.push(required(path, `because it is defined in ${valuesPath}`))
    return
  }
  checkCompleteness(values, schema, path, valuesPath, errors)
  if (values.items) checkDescribed(values.items, schema.items, `${path}.items`, `${valuesPath}.items`, errors)
  for (const [name, member] of Object.entries(values.properties ?? {})) {
    const own = schema.properties && Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
    checkDescribed(member, own, `${path}.properties[${name}]`, `${valuesPath}.properties[${name}]`, errors)
  }
}
