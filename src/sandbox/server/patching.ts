/**
 * PATCH of an object: what the patch makes of the stored object goes the way of an update.
 *
 * (apiserver, endpoints/handlers/patch.go)
 */
import type { JsonObject, JsonValue, KubernetesObject } from '../../api/object.ts'
import { goText } from '../apply/go-syntax.ts'
import { applyJsonPatch, readJsonPatch } from '../patch/json-patch.ts'
import { applyMergePatch } from '../patch/merge-patch.ts'
import { applyStrategicMergePatch } from '../patch/strategic-merge.ts'
import { isBuiltIn, type Strategy } from '../registry/resource.ts'
import { type RequestScope, timestamp } from '../registry/scope.ts'
import { checkName } from '../registry/stored.ts'
import { createObject, updateObject } from '../registry/write.ts'
import { ApiError, badRequest, conflict, invalid, notFound, plainError, unsupportedMediaType } from '../status/api-error.ts'
import { invalidValue } from '../status/field-error.ts'
import { intoTypeMeta, isObject, type Patch, parseJson } from './body.ts'
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
  const old = context.storage.get(resource.storage, scope.namespace, info.name)
  if (!old) throw notFound(resource, info.name)
  const live = resource.codec.fromStorage(old)
  const patched = applyPatch(request, scope, live as unknown as JsonObject, patch)
  const rejected = (why: string): ApiError =>
    patch.kind === 'strategic' ? strategicRejection(patch.text, why) : rejection(jsonText(patched, live as unknown as JsonObject), why)
  if (!isObject(patched)) throw rejected(`couldn't get version/kind; json parse error: ${intoTypeMeta(patched)}`)
  const next = decodePatched(request, scope, patched, rejected)
  checkName(next, info.name)
  const object = updateObject(context, scope, old, next, {
    subresource,
    strategy,
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

function applyPatch(
  { resource }: ResourceRequest,
  scope: RequestScope,
  live: JsonObject,
  patch: Exclude<Patch, { kind: 'apply' }>,
): JsonValue {
  switch (patch.kind) {
    case 'json': {
      const { operations, problems } = readJsonPatch(parsePatch(patch.text), scope.fieldValidation)
      if (scope.fieldValidation === 'Warn') scope.warnings.push(...problems)
      return applyJsonPatch(live, operations)
    }
    case 'merge':
      return applyMergePatch(live, parsePatch(patch.text), scope.fieldValidation)
    case 'strategic':
      if (!isBuiltIn(resource)) throw unsupportedMediaType(patchTypes)
      return applyStrategicMergePatch(live, parseStrategic(patch.text), resource.schema)
  }
}

const patchTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml']

export function parsePatch(text: string): JsonValue {
  try {
    return parseJson(text)
  } catch (error) {
    throw badRequest(`error decoding patch: ${(error as Error).message}`)
  }
}

/** A strategic merge patch is read in another place, and its errors say less. */
function parseStrategic(text: string): JsonObject {
  try {
    return asObject(parseJson(text))
  } catch (error) {
    throw badRequest((error as Error).message.replace(/^error decoding patch: /, ''))
  }
}

function asObject(value: JsonValue): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  if (value === null) return {}
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  throw badRequest(`error decoding patch: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`)
}

/** What a patch makes of an object and cannot be read is the patch's fault. */
function decodePatched(
  request: ResourceRequest,
  scope: RequestScope,
  patched: JsonObject,
  rejected: (why: string) => ApiError,
): KubernetesObject {
  try {
    return decodeObject(request.context.resources, scope, patched)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 400) throw error
    throw rejected(error.message.replace(/^.*? cannot be handled as a \w+: /, ''))
  }
}

/** The patch made something of the object that cannot be read. */
export const rejection = (value: string, why: string): ApiError => invalid({ group: '', kind: '' }, '', [invalidValue('patch', value, why)])

/** What the patch has touched comes from Go's maps, whose keys are sorted; the rest is as it was. */
export function jsonText(value: JsonValue | undefined, before: JsonValue | undefined): string {
  if (value === before || !isObject(value)) return JSON.stringify(value)
  const known = isObject(before) ? before : {}
  const members = Object.keys(value)
    .sort()
    .filter((name) => value[name] !== undefined)
  return `{${members.map((name) => `${JSON.stringify(name)}:${jsonText(value[name], known[name])}`).join(',')}}`
}

/** Strategic merge converts maps into types without JSON in between, and its errors are those of the conversion. (runtime/converter.go) */
function strategicRejection(text: string, why: string): ApiError {
  const [, given = '', type = ''] = /cannot unmarshal (\S+).* of type (\S+)$/.exec(why) ?? []
  const from = fromTypes[given] ?? given
  const shown = /^strict decoding/.test(why) ? why : conversionProblem(from, type) || why
  return rejection(goText(parseJson(text)), shown)
}

const fromTypes: Readonly<Record<string, string>> = { number: 'int64', array: 'slice', object: 'map' }

function conversionProblem(from: string, type: string): string {
  if (type === '') return ''
  if (type.startsWith('map[')) return `cannot restore map from ${from}`
  if (type.startsWith('[]')) return `cannot restore slice from ${from}`
  if (/^[a-z0-9]+$/.test(type)) return `cannot convert ${from} to ${type}`
  return `cannot restore struct from: ${from}`
}

/** What an apply makes of an object fits the schema, but not always the types: the server has no better answer then. (structuredmerge.go) */
function decodeMerged({ resource }: ResourceRequest, configuration: JsonObject, merged: KubernetesObject): KubernetesObject {
  try {
    return resource.codec.decode(merged as unknown as JsonObject, [])
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

function apply(
  request: ResourceRequest,
  scope: RequestScope,
  configuration: JsonObject,
  { subresource, strategy, force }: PatchTarget,
): Patched {
  const { context, info, resource } = request
  const old = context.storage.get(resource.storage, scope.namespace, info.name)
  if (!old && subresource !== '') throw notFound(resource, info.name)
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
    return { object: createObject(context, scope, next, 'applied'), created: true }
  }
  return {
    object: updateObject(context, scope, old, next, { subresource, strategy, ownership: 'applied', versionRequired: false }),
    created: false,
  }
}
