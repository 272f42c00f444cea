/**
 * PATCH of an object: what the patch makes of the stored object goes the way of an update.
 *
 * (apiserver, endpoints/handlers/patch.go)
 */
import { canonicalJson } from '../../api/canonical.ts'
import { apiVersionOf, gvkOf, isMap, type JsonObject, type JsonValue, type KubernetesObject } from '../../api/object.ts'
import { goText } from '../apply/go-syntax.ts'
import { conversionError } from '../patch/conversion-error.ts'
import { duplicateFields } from '../patch/duplicate-fields.ts'
import { applyJsonPatch, readJsonPatch } from '../patch/json-patch.ts'
import { applyMergePatch } from '../patch/merge-patch.ts'
import { applyStrategicMergePatch } from '../patch/strategic-merge.ts'
import { isBuiltIn, type Resource, type Strategy } from '../registry/resource.ts'
import { type RequestScope, timestamp } from '../registry/scope.ts'
import { checkName } from '../registry/stored.ts'
import { createObject, updateObject } from '../registry/write.ts'
import { anySchema, type Schema } from '../schema/schema.ts'
import { ApiError, badRequest, conflict, invalid, notFound, plainError, unsupportedMediaType } from '../status/api-error.ts'
import { invalidValue } from '../status/field-error.ts'
import { intoTypeMeta, type Patch, parseJson } from './body.ts'
import { decodeObject } from './decode.ts'
import { requestedOwnership, type ResourceRequest } from './resource-request.ts'

export interface PatchTarget {
  /** Empty for the object itself. */
  readonly subresource: string
  readonly strategy: Strategy
  readonly force: boolean
}

export interface Patched {
  readonly object: KubernetesObject
  readonly created: boolean
}

export function patchObject(request: ResourceRequest, scope: RequestScope, patch: Patch, target: PatchTarget): Patched {
  return patch.kind === 'apply' ? apply(request, scope, patch.configuration, target) : change(request, scope, patch, target)
}

function change(
  request: ResourceRequest,
  scope: RequestScope,
  patch: Exclude<Patch, { kind: 'apply' }>,
  { subresource, strategy }: PatchTarget,
): Patched {
  const { context, info, resource } = request
  if (patch.kind === 'strategic' && !isBuiltIn(resource)) throw unsupportedMediaType(patchTypes)
  const old = context.storage.get(resource.storage, scope.namespace, info.name)
  if (!old) throw notFound(resource, info.name)
  const live = resource.codec.fromStorage(old)
  const { patched, problems } = applyPatch(resource.schema, scope, live as unknown as JsonObject, patch)
  const rejected = (why: string): ApiError =>
    patch.kind === 'strategic'
      ? strategicRejection(patch.text, why, resource.schema)
      : rejection(patchedText(patched, live as unknown as JsonObject, resource), why)
  if (!isMap(patched)) throw rejected(`couldn't get version/kind; json parse error: ${intoTypeMeta(patched)}`)
  if (!isBuiltIn(resource)) checkCustomKind(patched, resource, info.name, rejected)
  else if (patch.kind !== 'strategic') checkTypeMeta(patched, rejected)
  if (isBuiltIn(resource) && patch.kind !== 'strategic' && !patched['apiVersion']) throw withoutVersion(patched, info.name, scope)
  // What is merged strategically is converted into the type whatever it calls itself.
  const named = patch.kind === 'strategic' ? { ...patched, apiVersion: live.apiVersion, kind: live.kind } : patched
  const next = decodePatched(request, scope, named, problems, rejected)
  // A patch cannot change it, and is not told so.
  if (live.metadata.creationTimestamp) next.metadata.creationTimestamp = live.metadata.creationTimestamp
  checkName(next, info.name)
  const object = updateObject(context, scope, old, next, {
    subresource,
    strategy,
    sent: patched,
    ownership: { requested: patched['metadata'] === live.metadata ? undefined : requestedChange(patched, live) },
    versionRequired: false,
  })
  return { object, created: false }
}

/** Managed fields that the patch has not touched are not asked for. */
function requestedChange(patched: JsonObject, live: KubernetesObject): JsonObject[string] {
  const requested = requestedOwnership(patched)
  return requested === (live.metadata.managedFields as unknown) ? undefined : requested
}

/** `problems`: what strict decoding refuses in the patch itself. */
export function applyPatch(
  schema: Schema,
  { fieldValidation }: RequestScope,
  live: JsonObject,
  patch: Exclude<Patch, { kind: 'apply' }>,
): { patched: JsonValue; problems: readonly string[] } {
  const duplicates = (value: JsonValue): string[] => (fieldValidation === 'Ignore' ? [] : duplicateFields(patch.text, value))
  switch (patch.kind) {
    case 'json': {
      const value = parsePatch(patch.text)
      const { operations, problems } = readJsonPatch(value, fieldValidation)
      const repeated = duplicates(value).map((problem) => `json patch ${problem}`)
      return { patched: applyJsonPatch(live, operations), problems: [...repeated, ...problems] }
    }
    case 'merge': {
      const value = parsePatch(patch.text)
      return { patched: applyMergePatch(live, value, fieldValidation), problems: duplicates(value) }
    }
    case 'strategic': {
      const value = parseStrategic(patch.text)
      return { patched: applyStrategicMergePatch(live, value, schema), problems: duplicates(value) }
    }
  }
}

export const patchTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml']

export function parsePatch(text: string): JsonValue {
  try {
    return parseJson(text)
  } catch (error) {
    throw badRequest(`error decoding patch: ${(error as Error).message}`)
  }
}

/** A strategic merge patch is read in another place, and its errors say less. */
export function parseStrategic(text: string): JsonObject {
  try {
    return asObject(parseJson(text))
  } catch (error) {
    throw badRequest((error as Error).message.replace(/^error decoding patch: /, ''))
  }
}

function asObject(value: JsonValue): JsonObject {
  if (isMap(value)) return value as JsonObject
  if (value === null) return {}
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  throw badRequest(`error decoding patch: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`)
}

/** What a patch makes of an object and cannot be read is the patch's fault. */
function decodePatched(
  { context }: ResourceRequest,
  scope: RequestScope,
  patched: JsonObject,
  problems: readonly string[],
  rejected: (why: string) => ApiError,
): KubernetesObject {
  const all = [...problems]
  let next: KubernetesObject
  try {
    // Unknown fields are reported here, together with what is wrong in the patch.
    const asked: string[] = []
    next = decodeObject(context.resources, { ...scope, fieldValidation: 'Warn', warnings: asked }, patched)
    all.push(...asked)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 400) throw error
    throw rejected(error.message.replace(/^.*? cannot be handled as a \w+: /, ''))
  }
  if (all.length > 0 && scope.fieldValidation === 'Strict') throw rejected(`strict decoding error: ${all.join(', ')}`)
  if (scope.fieldValidation === 'Warn') scope.warnings.push(...all)
  return next
}

function checkTypeMeta(patched: JsonObject, rejected: (why: string) => ApiError): void {
  for (const name of ['kind', 'apiVersion']) {
    const value = patched[name]
    if (value === undefined || value === null || typeof value === 'string') continue
    const given = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    throw rejected(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${given} into Go struct field .${name} of type string`,
    )
  }
}

/** Without a version an object is read as one of the server's own form, of which no field is known: neither is the name. */
function withoutVersion(patched: JsonObject, name: string, { fieldValidation, warnings }: RequestScope): ApiError {
  const unknown = Object.keys(patched).filter((field) => field !== 'kind' && field !== 'apiVersion')
  if (fieldValidation === 'Warn') warnings.push(...unknown.sort().map((field) => `unknown field ${JSON.stringify(field)}`))
  return badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
}

/** A custom resource is read before its kind is looked at. (apiextensions-apiserver, schemaCoercingDecoder; customresource/validator.go) */
function checkCustomKind(patched: JsonObject, resource: Resource, name: string, rejected: (why: string) => ApiError): void {
  const { kind, apiVersion } = patched
  if (typeof kind !== 'string' || kind === '') throw rejected(`Object 'Kind' is missing in '${canonicalJson(patched)}'`)
  if (typeof apiVersion !== 'string' || apiVersion === '') return
  const expected = apiVersionOf(resource)
  const errors = [
    ...(apiVersion === expected ? [] : [invalidValue('apiVersion', apiVersion, `must be ${expected}`)]),
    ...(kind === resource.kind ? [] : [invalidValue('kind', kind, `must be ${resource.kind}`)]),
  ]
  if (errors.length > 0) throw invalid({ group: gvkOf({ apiVersion, kind }).group, kind }, name, errors)
}

const patchedText = (patched: JsonValue, live: JsonObject, resource: Resource): string =>
  isBuiltIn(resource) ? jsonText(patched, live, resource.schema) : canonicalJson(patched)

/** The patch made something of the object that cannot be read. */
export const rejection = (value: string, why: string): ApiError => invalid({ group: '', kind: '' }, '', [invalidValue('patch', value, why)])

/** What the patch has touched comes from Go's maps, whose keys are sorted; the rest is as the types have it. */
export function jsonText(value: JsonValue | undefined, before: JsonValue | undefined, schema: Schema): string {
  if (value === before) return typedText(value as JsonValue, schema)
  if (!isMap(value)) return JSON.stringify(value)
  const known = isMap(before) ? before : {}
  const members = Object.keys(value)
    .sort()
    .filter((name) => value[name] !== undefined)
  return `{${members.map((name) => `${JSON.stringify(name)}:${jsonText(value[name], known[name], schemaOf(schema, name))}`).join(',')}}`
}

/** Fields as they lie, maps in the order of their keys. */
function typedText(value: JsonValue, schema: Schema): string {
  if (isMap(value)) {
    const names = Object.keys(value).filter((name) => value[name] !== undefined)
    if (schema.kind !== 'struct') names.sort()
    return `{${names.map((name) => `${JSON.stringify(name)}:${typedText(value[name] as JsonValue, schemaOf(schema, name))}`).join(',')}}`
  }
  if (!Array.isArray(value)) return JSON.stringify(value)
  const items = schema.kind === 'list' ? schema.items : anySchema
  return `[${value.map((member: JsonValue) => typedText(member, items)).join(',')}]`
}

function schemaOf(schema: Schema, name: string): Schema {
  if (schema.kind === 'map') return schema.values
  return (schema.kind === 'struct' && schema.fields.get(name)?.schema) || anySchema
}

export const strategicRejection = (text: string, why: string, schema: Schema): ApiError =>
  rejection(goText(parseJson(text)), conversionError(why, schema))

/** What an apply makes of an object fits the schema, but not always the types: the server has no better answer then. (structuredmerge.go) */
function decodeMerged({ resource }: ResourceRequest, configuration: JsonObject, merged: KubernetesObject): KubernetesObject {
  try {
    const decoded = resource.codec.decode(merged as unknown as JsonObject, [])
    return isBuiltIn(resource)
      ? decoded
      : (withNulls(decoded as unknown as JsonObject, merged as unknown as JsonObject) as unknown as KubernetesObject)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 400) throw error
    const { name = '', namespace = '' } = (configuration['metadata'] ?? {}) as Record<string, unknown>
    const kind = `${resource.group}/${resource.version}, Kind=${resource.kind}`
    const why = error.message
      .replace(/^.*? cannot be handled as a \w+: /, '')
      .replace(/^json: cannot unmarshal number [\d.e+-]+ into .* of type (u?int\d*)$/, 'cannot convert float64 to $1')
    throw plainError(
      `failed to convert new object (${String(namespace)}/${String(name)}; ${kind}) to proper version: unable to convert unstructured object to ${kind}: ${why}`,
    )
  }
}

/** A map or list that an apply empties is null afterwards, and validation says so: decoding alone would leave it out. */
function withNulls(decoded: JsonObject, merged: JsonObject): JsonObject {
  let result = decoded
  for (const [name, value] of Object.entries(merged)) {
    if (name === 'metadata') continue
    const kept = Object.hasOwn(decoded, name) ? decoded[name] : undefined
    const next = kept === undefined && value === null ? null : withNullsBelow(kept, value)
    if (next !== kept) result = { ...result, [name]: next }
  }
  return result
}

function withNullsBelow(kept: JsonValue | undefined, value: JsonValue | undefined): JsonValue | undefined {
  if (isMap(kept) && isMap(value)) return withNulls(kept, value)
  if (!Array.isArray(kept) || !Array.isArray(value)) return kept
  const items = kept.map((item, index) => withNullsBelow(item, value[index]) as JsonValue)
  return items.some((item, index) => item !== kept[index]) ? items : kept
}

function apply(
  request: ResourceRequest,
  scope: RequestScope,
  configuration: JsonObject,
  { subresource, strategy, force }: PatchTarget,
): Patched {
  const { context, info, resource } = request
  const old = context.storage.get(resource.storage, scope.namespace, info.name)
  if (!old && subresource !== '' && !(subresource === 'status' && strategy.createOnUpdate)) throw notFound(resource, info.name)
  const live = old && resource.codec.fromStorage(old)
  const merged = context.ownership.apply({
    resource,
    live,
    configuration,
    force,
    manager: scope.fieldManager,
    subresource,
    time: timestamp(context.now()),
  })
  if (live && merged === live) return { object: live, created: false }
  const next = decodeMerged(request, configuration, merged)
  // A configuration need not have metadata, nor has then what is made of it alone.
  next.metadata ??= {} as KubernetesObject['metadata']
  // Decoding may drop what it does not know of managed fields; what apply worked out is what counts.
  if (merged.metadata?.managedFields) next.metadata.managedFields = merged.metadata.managedFields
  if (old && !next.metadata.name) next.metadata.name = old.metadata.name
  checkName(next, info.name)
  if (!old) {
    if (next.metadata.uid)
      throw conflict(
        resource,
        info.name,
        `uid mismatch: the provided object specified uid ${next.metadata.uid}, and no existing object was found`,
      )
    return { object: createObject(context, scope, next, 'applied', subresource), created: true }
  }
  return {
    object: updateObject(context, scope, old, next, {
      subresource,
      strategy,
      ownership: 'applied',
      sent: merged as unknown as JsonObject,
      versionRequired: false,
    }),
    created: false,
  }
}
