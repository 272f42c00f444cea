/**
 * What is wrong with a definition, on create and on update.
 *
 * What all versions say alike the server takes for something that the definition says as a whole, and reports it there: a schema at
 * `spec.validation`, columns at `spec.additionalPrinterColumns`.
 * (apiextensions-apiserver, apis/apiextensions/validation/validation.go; apis/apiextensions/v1/conversion.go)
 */
import { isDns1035Label, isDns1123Subdomain } from '../../kinds/names.ts'
import { type FieldError, invalidValue, notSupported, required, tooMany, duplicate } from '../../status/field-error.ts'
import { Verbatim, verbatimStruct } from '../../status/go-text.ts'
import { fieldPathOf } from '../cel/field-path.ts'
import {
  type ColumnProps,
  type Definition,
  type DefinitionSpec,
  hasCondition,
  type Names,
  type ScaleProps,
  type Version,
} from '../definition.ts'
import type { SchemaProps } from '../json-schema.ts'
import { equalJson } from '../../../api/equal.ts'
import { approvalAnnotation, approvalOf, isProtectedGroup } from './conditions.ts'
import { conversionErrors } from './conversion.ts'
import { internalSchema } from './internal-schema.ts'
import { schemaErrors } from './schema.ts'

export function validateDefinition(definition: Definition): FieldError[] {
  const { spec, metadata } = definition
  const named = metadata.name === `${spec.names.plural}.${spec.group}`
  return [
    ...(named ? [] : [invalidValue('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group')]),
    ...specErrors(spec),
    ...validateDefinitionStatus(definition),
    ...storedVersionErrors(definition),
    ...approvalErrors(definition, undefined),
    ...preserveErrors(spec, undefined),
  ]
}

export function validateDefinitionUpdate(definition: Definition, old: Definition): FieldError[] {
  const { spec } = definition
  const established = hasCondition(old, 'Established')
  const immutable = (value: unknown, before: unknown, path: string): FieldError[] =>
    equalJson(value, before) ? [] : [invalidValue(path, value, 'field is immutable')]
  return [
    ...specErrors(spec),
    ...(established ? immutable(spec.scope, old.spec.scope, 'spec.scope') : []),
    ...(established ? immutable(spec.names.kind, old.spec.names.kind, 'spec.names.kind') : []),
    ...immutable(spec.group, old.spec.group, 'spec.group'),
    ...immutable(spec.names.plural, old.spec.names.plural, 'spec.names.plural'),
    ...validateDefinitionStatus(definition),
    ...storedVersionErrors(definition),
    ...approvalErrors(definition, old),
    ...preserveErrors(spec, old.spec),
  ]
}

export function validateDefinitionStatus({ status }: Definition): FieldError[] {
  return status?.acceptedNames ? nameErrors(status.acceptedNames, 'status.acceptedNames') : []
}

/** Whether all versions say the same, and so where the server looks for it. */
function isCommon(versions: readonly Version[], part: keyof Version): boolean {
  const [first] = versions
  return first !== undefined && versions.every((version) => equalJson(version[part], first[part]))
}

function specErrors(spec: DefinitionSpec): FieldError[] {
  const { group, versions, names, scope } = spec
  const errors: FieldError[] = []
  if (group === '') errors.push(required('spec.group'))
  else {
    const wrong = isDns1123Subdomain(group)
    if (wrong.length > 0) errors.push(invalidValue('spec.group', group, wrong.join(',')))
    else if (!group.includes('.')) errors.push(invalidValue('spec.group', group, 'should be a domain with at least one dot'))
  }
  if (!scope) errors.push(required('spec.scope'))
  else if (scope !== 'Cluster' && scope !== 'Namespaced') errors.push(notSupported('spec.scope', scope, ['Cluster', 'Namespaced']))
  const common = {
    schema: isCommon(versions, 'schema'),
    subresources: isCommon(versions, 'subresources'),
    columns: isCommon(versions, 'additionalPrinterColumns'),
    selectable: isCommon(versions, 'selectableFields'),
  }
  const [first] = versions
  if (!(common.schema && first?.schema?.openAPIV3Schema))
    for (const [index, { schema }] of versions.entries())
      if (common.schema || schema?.openAPIV3Schema === undefined) errors.push(required(`spec.versions[${index}].schema.openAPIV3Schema`))
  for (const [index, version] of versions.entries()) errors.push(...versionErrors(version, `spec.versions[${index}]`, common))
  const shown = versions.map((version) => internalVersion(version, common))
  const bad = (detail: string): FieldError => invalidValue('spec.versions', verbatimList(shown), detail)
  if (new Set(versions.map(({ name }) => name)).size < versions.length) errors.push(bad('must contain unique version names'))
  if (versions.filter(({ storage }) => storage).length !== 1) errors.push(bad('must have exactly one version marked as storage version'))
  if (first && first.name !== '') {
    const wrong = isDns1035Label(first.name)
    if (wrong.length > 0) errors.push(invalidValue('spec.version', first.name, wrong.join(',')))
  }
  for (const part of ['plural', 'singular', 'kind', 'listKind'] as const) if (!names[part]) errors.push(required(`spec.names.${part}`))
  errors.push(...nameErrors(names, 'spec.names'))
  if (first) {
    const schema = first.schema?.openAPIV3Schema
    if (common.schema && schema)
      errors.push(
        ...schemaErrors(
          schema,
          versions.some(({ subresources }) => subresources?.status !== undefined),
          'spec.validation.openAPIV3Schema',
        ),
      )
    if (common.subresources) errors.push(...scaleErrors(first.subresources?.scale, 'spec.subresources'))
    if (common.columns) errors.push(...columnsErrors(first.additionalPrinterColumns, 'spec.additionalPrinterColumns'))
    if (common.selectable && first.selectableFields?.length)
      errors.push(
        ...(common.schema && schema
          ? selectableErrors(first.selectableFields, schema, 'spec.selectableFields')
          : [invalidValue('spec.selectableFields', '', 'may only be set when validations.schema is included')]),
      )
  }
  errors.push(...conversionErrors(spec))
  return errors
}

interface Common {
  readonly schema: boolean
  readonly subresources: boolean
  readonly columns: boolean
  readonly selectable: boolean
}

function versionErrors(version: Version, path: string, common: Common): FieldError[] {
  const errors: FieldError[] = []
  const wrong = isDns1035Label(version.name)
  if (wrong.length > 0) errors.push(invalidValue(`${path}.name`, version.name, wrong.join(',')))
  for (const detail of deprecationProblems(version))
    errors.push(invalidValue(`${path}.deprecationWarning`, version.deprecationWarning, detail))
  const schema = version.schema?.openAPIV3Schema
  if (!common.schema && schema)
    errors.push(...schemaErrors(schema, version.subresources?.status !== undefined, `${path}.schema.openAPIV3Schema`))
  if (!common.subresources) errors.push(...scaleErrors(version.subresources?.scale, `${path}.subresources`))
  if (!common.columns) errors.push(...columnsErrors(version.additionalPrinterColumns, `${path}.additionalPrinterColumns`))
  if (!common.selectable && version.selectableFields?.length)
    errors.push(
      ...(schema && !common.schema
        ? selectableErrors(version.selectableFields, schema, `${path}.selectableFields`)
        : [invalidValue(`${path}.selectableFields`, '', 'may only be set when `version.schema.openAPIV3Schema` is not included')]),
    )
  return errors
}

/** The version as the server prints its own form of it; what is common lies elsewhere. */
function internalVersion(version: Version, common: Common): Verbatim {
  const { name, served, storage, deprecated = false, deprecationWarning = null } = version
  return verbatimStruct([
    ['Name', name],
    ['Served', served],
    ['Storage', storage],
    ['Deprecated', deprecated],
    ['DeprecationWarning', deprecationWarning],
    [
      'Schema',
      common.schema
        ? null
        : version.schema?.openAPIV3Schema
          ? verbatimStruct([['OpenAPIV3Schema', internalSchema(version.schema.openAPIV3Schema)]])
          : null,
    ],
    ['Subresources', common.subresources ? null : (version.subresources ?? null)],
    ['AdditionalPrinterColumns', common.columns ? null : (version.additionalPrinterColumns ?? null)],
    ['SelectableFields', common.selectable ? null : (version.selectableFields ?? null)],
  ])
}

const verbatimList = (items: readonly Verbatim[]): Verbatim => new Verbatim(`[${items.map(({ text }) => text).join(',')}]`)

function deprecationProblems({ deprecated = false, deprecationWarning }: Version): string[] {
  if (deprecationWarning === undefined) return []
  if (!deprecated) return ['can only be set for deprecated versions']
  const problems: string[] = []
  if (Buffer.byteLength(deprecationWarning) > 256) problems.push('must be <= 256 characters long')
  if (deprecationWarning === '') problems.push('must not be an empty string')
  const unprintable = /[\p{C}\p{Zl}\p{Zp}]/u.exec(deprecationWarning)
  if (unprintable)
    problems.push(
      `must only contain printable UTF-8 characters; non-printable character found at index ${Buffer.byteLength(deprecationWarning.slice(0, unprintable.index))}`,
    )
  return problems
}

function nameErrors(names: Names, path: string): FieldError[] {
  const errors: FieldError[] = []
  const label = (value: string | undefined, at: string): void => {
    const wrong = value ? isDns1035Label(value) : []
    if (wrong.length > 0) errors.push(invalidValue(`${path}.${at}`, value, wrong.join(',')))
  }
  const kind = (value: string | undefined, at: string): void => {
    const wrong = value ? isDns1035Label(value.toLowerCase()) : []
    if (wrong.length > 0)
      errors.push(invalidValue(`${path}.${at}`, value, `may have mixed case, but should otherwise match: ${wrong.join(',')}`))
  }
  label(names.plural, 'plural')
  label(names.singular, 'singular')
  kind(names.kind, 'kind')
  kind(names.listKind, 'listKind')
  for (const [index, name] of (names.shortNames ?? []).entries()) {
    const wrong = isDns1035Label(name)
    if (wrong.length > 0) errors.push(invalidValue(`${path}.shortNames[${index}]`, name, wrong.join(',')))
  }
  if (names.kind && names.kind === names.listKind)
    errors.push(invalidValue(`${path}.listKind`, names.listKind, 'kind and listKind may not be the same'))
  for (const [index, name] of (names.categories ?? []).entries()) {
    const wrong = isDns1035Label(name)
    if (wrong.length > 0) errors.push(invalidValue(`${path}.categories[${index}]`, name, wrong.join(',')))
  }
  return errors
}

function simplePath(path: string, at: string, below: readonly string[], where: string): FieldError[] {
  if (!path.startsWith('.')) return [invalidValue(at, path, 'must be a simple json path starting with .')]
  return below.some((start) => path.startsWith(start)) ? [] : [invalidValue(at, path, `should be a json path under ${where}`)]
}

function scaleErrors(scale: ScaleProps | undefined, path: string): FieldError[] {
  if (!scale) return []
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale
  const at = (part: string): string => `${path}.scale.${part}`
  return [
    ...(specReplicasPath ? simplePath(specReplicasPath, at('specReplicasPath'), ['.spec.'], '.spec') : [required(at('specReplicasPath'))]),
    ...(statusReplicasPath
      ? simplePath(statusReplicasPath, at('statusReplicasPath'), ['.status.'], '.status')
      : [required(at('statusReplicasPath'))]),
    ...(labelSelectorPath ? simplePath(labelSelectorPath, at('labelSelectorPath'), ['.spec.', '.status.'], 'either .spec or .status') : []),
  ]
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

function columnsErrors(columns: readonly ColumnProps[] | undefined, path: string): FieldError[] {
  return (columns ?? []).flatMap(({ name, type, format, jsonPath }, index) => {
    const at = `${path}[${index}]`
    const errors: FieldError[] = []
    if (!name) errors.push(required(`${at}.name`))
    if (!type) errors.push(required(`${at}.type`, `must be one of ${columnTypes.join(',')}`))
    else if (!columnTypes.includes(type)) errors.push(invalidValue(`${at}.type`, type, `must be one of ${columnTypes.join(',')}`))
    if (format && !columnFormats.includes(format))
      errors.push(invalidValue(`${at}.format`, format, `must be one of ${columnFormats.join(',')}`))
    if (!jsonPath) errors.push(required(`${at}.JSONPath`))
    else errors.push(...simplePath(jsonPath, `${at}.JSONPath`, ['.'], ''))
    return errors
  })
}

const selectableTypes = new Set(['string', 'boolean', 'integer'])
const maxSelectableFields = 8

function selectableErrors(fields: readonly { readonly jsonPath: string }[], schema: SchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = []
  const unique = new Set<string>()
  for (const [index, { jsonPath }] of fields.entries()) {
    const at = `${path}[${index}].jsonPath`
    if (!jsonPath) {
      errors.push(required(at))
      continue
    }
    const found = fieldPathOf(jsonPath, schema, false)
    if ('problem' in found) {
      errors.push(invalidValue(at, jsonPath, `is an invalid path: ${found.problem}`))
      continue
    }
    if (/^metadata([.[]|$)/.test(found.path)) errors.push(invalidValue(at, jsonPath, 'must not point to fields in metadata'))
    if (!selectableTypes.has(found.schema.type ?? ''))
      errors.push(
        invalidValue(
          at,
          jsonPath,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      )
    if (unique.has(found.path)) errors.push(duplicate(at, jsonPath))
    unique.add(found.path)
  }
  if (unique.size > maxSelectableFields) errors.push(tooMany(path, unique.size, maxSelectableFields))
  return errors
}

function storedVersionErrors({ spec, status }: Definition): FieldError[] {
  const stored = status?.storedVersions ?? []
  const path = 'status.storedVersions'
  if (stored.length === 0) return [invalidValue(path, null, 'must have at least one stored version')]
  const errors: FieldError[] = []
  const names = new Set(spec.versions.map(({ name }) => name))
  for (const { name, storage } of spec.versions)
    if (storage && !stored.includes(name)) errors.push(invalidValue(path, stored, `must have the storage version ${name}`))
  for (const [index, name] of stored.entries())
    if (!names.has(name))
      errors.push(
        invalidValue(
          `${path}[${index}]`,
          name,
          `missing from spec.versions; ${name} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${name} and removes ${name} from status.storedVersions`,
        ),
      )
  return errors
}

function approvalErrors({ spec, metadata }: Definition, old: Definition | undefined): FieldError[] {
  if (!isProtectedGroup(spec.group)) return []
  const { state, reason } = approvalOf(metadata.annotations)
  if (old && approvalOf(old.metadata.annotations).state === state) return []
  const path = `metadata.annotations[${approvalAnnotation}]`
  if (state === 'missing') return [required(path, reason)]
  return state === 'invalid' ? [invalidValue(path, metadata.annotations?.[approvalAnnotation] ?? '', reason)] : []
}

const preserveDetail = 'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead'

const preserveErrors = (spec: DefinitionSpec, old: DefinitionSpec | undefined): FieldError[] =>
  spec.preserveUnknownFields === true && old?.preserveUnknownFields !== true
    ? [invalidValue('spec.preserveUnknownFields', true, preserveDetail)]
    : []
