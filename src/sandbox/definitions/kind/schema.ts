/**
 * What a definition may say in a schema.
 *
 * (apiextensions-apiserver, apis/apiextensions/validation/validation.go, ValidateCustomResourceDefinitionOpenAPISchema)
 */
import { type FieldError, forbidden, invalidValue, notSupported, required } from '../../status/field-error.ts'
import { Verbatim } from '../../status/go-text.ts'
import { compileRule, ruleCompiler } from '../cel/compile.ts'
import { fieldPathOf } from '../cel/field-path.ts'
import type { SchemaProps } from '../json-schema.ts'
import { defaultErrors } from './defaults.ts'
import { internalRule, internalSchema } from './internal-schema.ts'
import { structuralErrors } from './structural.ts'

export function schemaErrors(schema: SchemaProps, statusEnabled: boolean, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (statusEnabled) errors.push(...rootErrors(schema, path))
  if (schema.nullable === true) errors.push(forbidden(`${path}.nullable`, 'nullable cannot be true at the root'))
  const unstructured = structuralErrors(schema, path)
  const defaults = unstructured.length > 0 ? [] : defaultErrors(schema, path)
  errors.push(...unstructured, ...defaults)
  const found = walk(schema, path, {
    root: true,
    rules: unstructured.length + defaults.length === 0,
    allowDefaults: true,
    reason: '',
    insideMeta: false,
  })
  return [...errors, ...found.schema, ...found.rules]
}

const allowedAtRoot = new Set(
  (
    'description type format title maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems ' +
    'multipleOf required items properties externalDocs example x-kubernetes-preserve-unknown-fields x-kubernetes-validations'
  ).split(' '),
)
const allowedNames =
  '[Description Type Format Title Maximum ExclusiveMaximum Minimum ExclusiveMinimum MaxLength MinLength Pattern MaxItems MinItems UniqueItems MultipleOf Required Items Properties ExternalDocs Example XPreserveUnknownFields XValidations]'

/** With a status of its own, the root may only say what status does not lose. */
function rootErrors(schema: SchemaProps, path: string): FieldError[] {
  if (schema.type !== undefined && schema.type !== 'object')
    return [
      invalidValue(
        `${path}.type`,
        schema.type,
        'only "object" is allowed as the type at the root of the schema if the status subresource is enabled',
      ),
    ]
  for (const [keyword, value] of Object.entries(schema))
    if (value !== undefined && value !== false && keyword !== 'nullable' && !allowedAtRoot.has(keyword))
      return [
        invalidValue(
          path,
          internalSchema(schema),
          `only ${allowedNames} fields are allowed at the root of the schema if the status subresource is enabled`,
        ),
      ]
  return []
}

interface Place {
  readonly root: boolean
  /** Rules are compiled here. */
  readonly rules: boolean
  readonly allowDefaults: boolean
  /** Why defaults are not allowed. */
  readonly reason: string
  readonly insideMeta: boolean
  /** The nearest level above whose parts cannot be followed through an update. */
  readonly uncorrelatable?: string
}

interface Found {
  readonly schema: FieldError[]
  readonly rules: FieldError[]
}

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const notSupportedKeywords = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref']

function walk(schema: SchemaProps, path: string, place: Place): Found {
  const found: Found = { schema: [], rules: [] }
  const into = (inner: Found): void => {
    found.schema.push(...inner.schema)
    found.rules.push(...inner.rules)
  }
  found.schema.push(...ownErrors(schema, path, place))
  const below: Place = { ...place, root: false }
  const nested: Place = { ...below, rules: false }
  const { additionalProperties, properties = {}, not, allOf = [], oneOf = [], anyOf = [], items } = schema
  if (schema.uniqueItems === true)
    found.schema.push(forbidden(`${path}.uniqueItems`, 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'))
  if (additionalProperties !== undefined) {
    if (Object.keys(properties).length > 0 && additionalProperties !== true)
      found.schema.push(forbidden(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive'))
    if (typeof additionalProperties === 'object')
      into(
        walk(additionalProperties, `${path}.additionalProperties`, {
          ...below,
          ...(place.insideMeta && { allowDefaults: false, reason: 'inside additionalProperties applying to object metadata' }),
        }),
      )
  }
  for (const [name, member] of Object.entries(properties)) {
    const meta = (place.root || schema['x-kubernetes-embedded-resource'] === true) && ['metadata', 'kind', 'apiVersion'].includes(name)
    into(
      walk(member, `${path}.properties[${name}]`, {
        ...below,
        ...(meta && { insideMeta: true, ...(place.root && { allowDefaults: false, reason: `in top-level ${name}` }) }),
      }),
    )
  }
  if (not) into(walk(not, `${path}.not`, nested))
  for (const [index, each] of allOf.entries()) into(walk(each, `${path}.allOf[${index}]`, nested))
  for (const [index, each] of oneOf.entries()) into(walk(each, `${path}.oneOf[${index}]`, nested))
  for (const [index, each] of anyOf.entries()) into(walk(each, `${path}.anyOf[${index}]`, nested))
  if (Array.isArray(items)) found.schema.push(forbidden(`${path}.items`, 'items must be a schema object and not an array'))
  else if (items) {
    const uncorrelatable = schema['x-kubernetes-list-type'] === 'map' ? place.uncorrelatable : (place.uncorrelatable ?? path)
    into(walk(items, `${path}.items`, { ...below, ...(uncorrelatable !== undefined && { uncorrelatable }) }))
  }
  found.schema.push(...extensionErrors(schema, path), ...ruleShapeErrors(schema, path))
  if (place.rules && found.schema.length === 0) found.rules.push(...ruleErrors(schema, path, place))
  return found
}

function ownErrors(schema: SchemaProps, path: string, place: Place): FieldError[] {
  const errors: FieldError[] = []
  const { type = '' } = schema
  if (type !== '' && !types.includes(type)) errors.push(notSupported(`${path}.type`, type, types))
  if (schema.default !== undefined && schema.default !== null && !place.allowDefaults)
    errors.push(forbidden(`${path}.default`, place.reason ? `must not be set ${place.reason}` : 'must not be set'))
  for (const keyword of notSupportedKeywords)
    if (Object.hasOwn(schema, keyword) && schema[keyword] !== undefined)
      errors.push(forbidden(`${path}.${keyword}`, `${keyword} is not supported`))
  if (type === 'null') errors.push(forbidden(`${path}.type`, 'type cannot be set to null, use nullable as an alternative'))
  if (place.insideMeta && schema['x-kubernetes-embedded-resource'] === true)
    errors.push(forbidden(`${path}.x-kubernetes-embedded-resource`, 'must not be used inside of resource meta'))
  return errors
}

function extensionErrors(schema: SchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = []
  const { type = '', items } = schema
  const mapType: string | undefined = schema['x-kubernetes-map-type']
  const listType: string | undefined = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const demand = (wanted: string, keyword: string): void => {
    const detail = `must be ${wanted} if ${keyword} is specified`
    errors.push(type === '' ? required(`${path}.type`, detail) : invalidValue(`${path}.type`, type, detail))
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false)
    errors.push(invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'))
  if (mapType !== undefined && type !== 'object') demand('object', 'x-kubernetes-map-type')
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular')
    errors.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']))
  if (listType !== undefined && type !== 'array') demand('array', 'x-kubernetes-list-type')
  else if (listType === 'set' && items) errors.push(...setItemErrors(items, path))
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType))
    errors.push(notSupported(`${path}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']))
  if (keys.length > 0 && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty'
    const at = `${path}.x-kubernetes-list-type`
    errors.push(listType === undefined ? required(at, detail) : invalidValue(at, listType, detail))
  }
  if (listType === 'map') errors.push(...mapListErrors(schema, keys, path))
  if (items && (listType === 'set' || listType === 'map')) errors.push(...itemErrors(items, listType, keys, path))
  return errors
}

function setItemErrors(items: SchemaProps, path: string): FieldError[] {
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  const listType = items['x-kubernetes-list-type']
  if (items.type === 'array' && listType !== undefined && listType !== 'atomic')
    return [invalidValue(`${path}.items.x-kubernetes-list-type`, listType, detail)]
  if (items.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic')
    return [invalidValue(`${path}.items.x-kubernetes-map-type`, listType, detail)]
  return []
}

function mapListErrors({ items }: SchemaProps, keys: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = []
  if (keys.length === 0) errors.push(required(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'))
  // What is neither a schema nor a list of them is read as one without either.
  if (items === null)
    return [
      ...errors,
      invalidValue(
        `${path}.items`,
        new Verbatim('{"Schema":null,"JSONSchemas":null}'),
        'must only have a single schema if x-kubernetes-list-type is map',
      ),
    ]
  if (items === undefined) return [...errors, required(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map')]
  if (items.type !== 'object')
    return [
      ...errors,
      invalidValue(`${path}.items.type`, items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"),
    ]
  const seen = new Set<string>()
  for (const key of keys) {
    const member = items.properties && Object.hasOwn(items.properties, key) ? items.properties[key] : undefined
    if (member === undefined)
      errors.push(invalidValue(`${path}.x-kubernetes-list-map-keys`, keys, 'entries must all be names of item properties'))
    else if (member.type === 'array' || member.type === 'object')
      errors.push(
        invalidValue(
          `${path}.items.properties[${key}].type`,
          items.type,
          "must be a scalar type if parent array's x-kubernetes-list-type is map",
        ),
      )
    if (seen.has(key)) errors.push(invalidValue(`${path}.x-kubernetes-list-map-keys`, keys, 'must not contain duplicate entries'))
    seen.add(key)
  }
  return errors
}

function itemErrors(items: SchemaProps, listType: string, keys: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = []
  if (items.nullable === true)
    errors.push(forbidden(`${path}.items.nullable`, `cannot be nullable when x-kubernetes-list-type is ${listType}`))
  if (listType !== 'map') return errors
  for (const key of keys) {
    const member = items.properties && Object.hasOwn(items.properties, key) ? items.properties[key] : undefined
    if (member === undefined) continue
    const at = `${path}.items.properties[${key}]`
    if (!(items.required ?? []).includes(key) && (member.default === undefined || member.default === null))
      errors.push(
        required(`${at}.default`, 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'),
      )
    if (member.nullable === true)
      errors.push(forbidden(`${at}.nullable`, 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'))
  }
  return errors
}

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']
const hasLineBreaks = (text: string): boolean => /[\n\r]/.test(text)

/** What is wrong with a rule before it is compiled. */
function ruleShapeErrors(schema: SchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [index, each] of (schema['x-kubernetes-validations'] ?? []).entries()) {
    const at = `${path}.x-kubernetes-validations[${index}]`
    const { rule, message = '', messageExpression = '', reason, fieldPath = '' } = each
    if (rule.trim() === '') errors.push(required(`${at}.rule`, 'rule is not specified'))
    else if (message !== '' && message.trim() === '') errors.push(invalidValue(`${at}.message`, message, 'must be non-empty if specified'))
    else if (hasLineBreaks(message.trim())) errors.push(invalidValue(`${at}.message`, message, 'must not contain line breaks'))
    else if (hasLineBreaks(rule.trim()) && message.trim() === '')
      errors.push(required(`${at}.message`, 'message must be specified if rule contains line breaks'))
    if (messageExpression !== '' && messageExpression.trim() === '')
      errors.push(required(`${at}.messageExpression`, 'messageExpression must be non-empty if specified'))
    if (reason !== undefined && !reasons.includes(reason)) errors.push(notSupported(`${at}.reason`, reason, reasons))
    if (fieldPath !== '' && fieldPath.trim() === '')
      errors.push(invalidValue(`${at}.fieldPath`, fieldPath, 'must be non-empty if specified'))
    if (hasLineBreaks(fieldPath)) errors.push(invalidValue(`${at}.fieldPath`, fieldPath, 'must not contain line breaks'))
    if (fieldPath !== '' && 'problem' in fieldPathOf(fieldPath, schema))
      errors.push(invalidValue(`${at}.fieldPath`, fieldPath, 'must be a valid path'))
  }
  return errors
}

function ruleErrors(schema: SchemaProps, path: string, place: Place): FieldError[] {
  const rules = schema['x-kubernetes-validations'] ?? []
  if (rules.length === 0) return []
  const scope = ruleCompiler().scopeOf(schema, place.root || schema['x-kubernetes-embedded-resource'] === true)
  return rules.flatMap((rule, index) => {
    const at = `${path}.x-kubernetes-validations[${index}]`
    const compiled = compileRule(rule, schema, scope)
    if ('problem' in compiled)
      return [invalidValue(`${at}.${compiled.inMessage ? 'messageExpression' : 'rule'}`, internalRule(rule), compiled.problem)]
    if (compiled.usesOldSelf && place.uncorrelatable !== undefined)
      return [
        invalidValue(
          `${at}.rule`,
          rule.rule,
          `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`,
        ),
      ]
    if (!compiled.usesOldSelf && rule.optionalOldSelf !== undefined)
      return [invalidValue(`${at}.optionalOldSelf`, rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule')]
    return []
  })
}
