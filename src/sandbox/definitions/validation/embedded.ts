/**
 * Objects within an object: apiVersion, kind and metadata of an `x-kubernetes-embedded-resource`.
 *
 * (apiextensions-apiserver, schema/objectmeta/validation.go)
 */
import { isMap, type ObjectMeta } from '../../../api/object.ts'
import { validateObjectMeta } from '../../registry/object-meta.ts'
import { type FieldError, invalidValue, required } from '../../status/field-error.ts'
import type { SchemaProps } from '../json-schema.ts'

type EmbeddedCheck = (value: unknown, path: string, errors: FieldError[]) => void

/** Undefined for a schema without embedded objects. */
export function compileEmbeddedCheck(schema: SchemaProps): EmbeddedCheck | undefined {
  const members = new Map<string, EmbeddedCheck>()
  for (const [name, member] of Object.entries(schema.properties ?? {})) {
    const check = compileEmbeddedCheck(member)
    if (check) members.set(name, check)
  }
  const { additionalProperties, items } = schema
  const others = typeof additionalProperties === 'object' ? compileEmbeddedCheck(additionalProperties) : undefined
  const each = items && compileEmbeddedCheck(items)
  const embedded = schema['x-kubernetes-embedded-resource'] === true
  if (members.size === 0 && !others && !each && !embedded) return undefined
  return (value, path, errors) => {
    if (Array.isArray(value)) {
      if (each) for (const [index, item] of value.entries()) each(item, `${path}[${index}]`, errors)
    } else if (isMap(value)) {
      if (embedded) checkObject(value, path, errors)
      for (const name of Object.keys(value)) {
        const check = members.get(name)
        if (check) check(value[name], below(path, name), errors)
        else if (others && !Object.hasOwn(schema.properties ?? {}, name)) others(value[name], `${path}[${name}]`, errors)
      }
    }
  }
}

const below = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)

function checkObject(object: { readonly [name: string]: unknown }, path: string, errors: FieldError[]): void {
  const { apiVersion, kind, metadata } = object
  if (apiVersion === undefined) errors.push(required(below(path, 'apiVersion')))
  if (kind === undefined) errors.push(required(below(path, 'kind')))
  if (apiVersion !== undefined) checkVersion(apiVersion, below(path, 'apiVersion'), errors)
  if (kind !== undefined) checkKind(kind, below(path, 'kind'), errors)
  if (isMap(metadata)) checkMetadata(metadata, below(path, 'metadata'), errors)
}

function checkVersion(apiVersion: unknown, path: string, errors: FieldError[]): void {
  if (typeof apiVersion !== 'string') errors.push(invalidValue(path, apiVersion, 'must be a string'))
  else if (apiVersion === '') errors.push(invalidValue(path, '', 'must not be empty'))
  else if (apiVersion.split('/').length > 2) errors.push(invalidValue(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
}

const label = /^[a-z]([-a-z0-9]*[a-z0-9])?$/
const labelRules =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"

function checkKind(kind: unknown, path: string, errors: FieldError[]): void {
  if (typeof kind !== 'string') errors.push(invalidValue(path, kind, 'must be a string'))
  else if (kind === '') errors.push(invalidValue(path, '', 'must not be empty'))
  else {
    const wrong = [
      ...(kind.length > 63 ? ['must be no more than 63 characters'] : []),
      ...(label.test(kind.toLowerCase()) ? [] : [labelRules]),
    ]
    if (wrong.length > 0) errors.push(invalidValue(path, kind, `may have mixed case, but should otherwise match: ${wrong.join(',')}`))
  }
}

/** A name is not demanded; one that is there must be a segment of a path. */
function checkMetadata(metadata: { readonly [name: string]: unknown }, path: string, errors: FieldError[]): void {
  const named = { ...metadata, name: metadata['name'] || 'fakename' } as ObjectMeta
  errors.push(...validateObjectMeta(named, { namespaced: Boolean(named.namespace), validateName: isPathSegment, path }))
}

function isPathSegment(name: string, prefix: boolean): string[] {
  if (!prefix && (name === '.' || name === '..')) return [`may not be '${name}'`]
  return ['/', '%'].filter((character) => name.includes(character)).map((character) => `may not contain '${character}'`)
}
