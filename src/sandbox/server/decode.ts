/**
 * From what a client sent to an object of the kind that the path stands for, with what the client asked for about unknown fields.
 *
 * (apiserver, endpoints/handlers: create.go, update.go, fieldmanager)
 */
import { apiVersionOf, gvkOf, type JsonObject, type KubernetesObject } from '../../api/object.ts'
import type { ResourceDirectory } from '../registry/directory.ts'
import type { Resource } from '../registry/resource.ts'
import type { RequestScope } from '../registry/scope.ts'
import { badRequest, invalid } from '../status/api-error.ts'
import { invalidValue } from '../status/field-error.ts'
import { excerpt } from './body.ts'

/** `source`: the JSON text, where there is one. Throws ApiError (400). */
export function decodeObject(
  resources: ResourceDirectory,
  { resource, fieldValidation, warnings }: RequestScope,
  body: JsonObject,
  source?: string,
): KubernetesObject {
  checkKind(resources, resource, body, source)
  const problems: string[] = []
  const object = resource.codec.decode(body, problems, source)
  object.kind = resource.kind
  object.metadata ??= {} as KubernetesObject['metadata']
  object.apiVersion = apiVersionOf(resource)
  report(problems, resource, fieldValidation, warnings)
  return object
}

function report(problems: readonly string[], { kind, version }: Resource, validation: string, warnings: string[]): void {
  if (problems.length === 0 || validation === 'Ignore') return
  if (validation === 'Warn') warnings.push(...problems)
  else
    throw badRequest(
      `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: strict decoding error: ${problems.join(', ')}`,
    )
}

/** The object may leave out what it is; what it says has to be what the path stands for. */
function checkKind(resources: ResourceDirectory, resource: Resource, body: JsonObject, source: string | undefined): void {
  const apiVersion = textOf(body['apiVersion'])
  const kind = textOf(body['kind'])
  const expected = apiVersionOf(resource)
  if (isCustom(resource)) return checkCustomKind(resource, body, source)
  if ((apiVersion === '' || apiVersion === expected) && (kind === '' || kind === resource.kind)) return
  const given = gvkOf({ apiVersion: apiVersion || expected, kind: kind || resource.kind })
  const other = resources.findKind(given.group, given.version, given.kind)
  const head = `${given.kind} in version ${JSON.stringify(given.version)} cannot be handled as a ${resource.kind}`
  if (!other || isCustom(other))
    throw badRequest(
      `${head}: no kind ${JSON.stringify(given.kind)} is registered for version ${JSON.stringify(apiVersion || expected)} in scheme "pkg/runtime/scheme.go:111"`,
    )
  if (other.kind === resource.kind && other.group === resource.group)
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${expected})`)
  throw badRequest(`${head}: converting (${goPackage(other)}) to (${internalName(resource)}): unknown conversion`)
}

/** A custom resource says what it is. */
function checkCustomKind(resource: Resource, body: JsonObject, source: string | undefined): void {
  const expected = apiVersionOf(resource)
  const [apiVersion, kind] = [textOf(body['apiVersion']), textOf(body['kind'])]
  if (kind === '') {
    const text = source ?? JSON.stringify(body)
    throw badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): Object 'Kind' is missing in '${text}' (${excerpt(text)})`,
    )
  }
  if (apiVersion !== expected)
    throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${expected})`)
  if (kind === resource.kind) return
  const { name } = (body['metadata'] ?? {}) as { name?: unknown }
  throw invalid({ group: resource.group, kind }, textOf(name), [invalidValue('kind', kind, `must be ${resource.kind}`)])
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

const isCustom = ({ schema }: Resource): boolean => schema.kind !== 'struct' || schema.fullName === ''

const goPackage = ({ version, kind }: Resource): string => `${version}.${kind}`
const internalName = ({ group, kind }: Resource): string => `${group.split('.')[0] || 'core'}.${kind}`
