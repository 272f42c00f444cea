/** Writes to the scale subresource: one number of the object, whatever its kind. */
import { isMap, type JsonObject, type JsonValue, type KubernetesObject, type ManagedFieldsEntry } from '../../api/object.ts'
import type { ScaleRequest } from '../registry/ownership.ts'
import { isBuiltIn, type Resource } from '../registry/resource.ts'
import type { RequestScope } from '../registry/scope.ts'
import { type ScaleSubresource, scaleOf, withReplicas } from '../registry/subresource.ts'
import { checkName, getStored } from '../registry/stored.ts'
import { updateObject } from '../registry/write.ts'
import { timestamp } from '../registry/scope.ts'
import { decode, strictDecodingError, unmarshal, UnmarshalError } from '../schema/decode.ts'
import type { StructSchema } from '../schema/schema.ts'
import { ApiError, badRequest, conflict, invalid, plainError, unsupportedMediaType } from '../status/api-error.ts'
import { invalidValue } from '../status/field-error.ts'
import { intoTypeMeta, readObject, readPatch } from './body.ts'
import type { Answer } from './exchange.ts'
import { patchOptions, writeOptions } from './options.ts'
import { answerObject, type ResourceRequest, scopeOf } from './resource-request.ts'
import { applyPatch, jsonText, patchTypes, rejection, strategicRejection } from './patching.ts'
import { isTrue } from './request-info.ts'

export async function replaceScale(request: ResourceRequest, subresource: ScaleSubresource): Promise<Answer> {
  const { exchange, protobuf } = request
  const { object, text } = await readObject(exchange, { apiVersion: 'autoscaling/v1', kind: 'Scale' }, protobuf)
  const scope = scopeOf(request, writeOptions(exchange.query, 'UpdateOptions'))
  checkScale(object)
  const problems: string[] = []
  const schema = scaleSchema(request)
  const scale = decode(schema, object, problems, text)
  if (problems.length > 0 && scope.fieldValidation === 'Strict') throw strictDecodingError(schema, object, problems)
  if (scope.fieldValidation === 'Warn') scope.warnings.push(...problems)
  return answerObject(request, 200, write(request, scope, subresource, scale))
}

export async function patchScale(request: ResourceRequest, subresource: ScaleSubresource): Promise<Answer> {
  const { context, exchange, info, resource } = request
  const patch = await readPatch(exchange)
  const scope = scopeOf(request, patchOptions(exchange.query, patch.kind === 'apply'))
  if (patch.kind === 'strategic' && !isBuiltIn(resource)) throw unsupportedMediaType(patchTypes)
  const old = getStored(context, scope, info.name)
  const live = resource.codec.fromStorage(old)
  if (patch.kind === 'apply') {
    const { scale, managedFields } = context.ownership.applyScale({
      ...ownershipRequest(request, scope, live, subresource),
      configuration: patch.configuration,
      force: isTrue(exchange.query.get('force')),
    })
    const replicas = appliedReplicas(scale as unknown as JsonObject, patch.configuration)
    checkReplicas(resource, info.name, subresource, replicas)
    const next = scaled(resource, live, subresource, replicas, managedFields)
    const stored = updateObject(context, scope, old, next, {
      subresource: 'scale',
      strategy: resource.strategy,
      ownership: 'applied',
      versionRequired: false,
    })
    return answerObject(request, 200, scaleOf(stored, subresource))
  }
  const scale = scaleOf(live, subresource) as unknown as JsonObject
  const schema = scaleSchema(request)
  const { patched, problems } = applyPatch(schema, scope, scale, patch)
  const rejected = (why: string): ApiError =>
    patch.kind === 'strategic' ? strategicRejection(patch.text, why, schema) : rejection(jsonText(patched, scale, schema), why)
  const all = [...problems]
  const next = decodeScale(schema, patched, all, rejected)
  if (all.length > 0 && scope.fieldValidation === 'Strict') throw rejected(`strict decoding error: ${all.join(', ')}`)
  if (scope.fieldValidation === 'Warn') scope.warnings.push(...all)
  return answerObject(request, 200, write(request, scope, subresource, next))
}

function decodeScale(schema: StructSchema, patched: JsonValue, problems: string[], rejected: (why: string) => ApiError): JsonObject {
  try {
    if (!isMap(patched)) throw rejected(`couldn't get version/kind; json parse error: ${intoTypeMeta(patched)}`)
    checkScale(patched)
    return unmarshal(schema, patched, problems)
  } catch (error) {
    if (error instanceof UnmarshalError) throw rejected(error.message)
    if (error instanceof ApiError && error.code === 400) throw rejected(error.message.replace(/^.*? cannot be handled as a \w+: /, ''))
    throw error
  }
}

const scaleSchema = ({ types }: ResourceRequest): StructSchema => types.type('io.k8s.api.autoscaling.v1.Scale')

function write(request: ResourceRequest, scope: RequestScope, subresource: ScaleSubresource, scale: JsonObject): KubernetesObject {
  const { context, info, resource } = request
  const old = getStored(context, scope, info.name)
  checkName(scale as { metadata?: { name?: string } }, info.name)
  const { resourceVersion, uid } = (scale['metadata'] ?? {}) as { resourceVersion?: string; uid?: string }
  const replicas = (((scale['spec'] ?? {}) as JsonObject)['replicas'] ?? 0) as number
  checkReplicas(resource, info.name, subresource, replicas)
  const live = resource.codec.fromStorage(old)
  if (uid && uid !== live.metadata.uid)
    throw conflict(
      { group: resource.group, resource: `${resource.resource}/scale` },
      info.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`,
    )
  const managedFields = context.ownership.updateScale({
    ...ownershipRequest(request, scope, live, subresource),
    next: scaleOf(withReplicas(live, subresource.specReplicasPath, replicas), subresource),
  })
  const next = scaled(resource, live, subresource, replicas, managedFields)
  next.metadata.resourceVersion = resourceVersion || (live.metadata.resourceVersion as string)
  const stored = updateObject(context, scope, old, next, {
    subresource: 'scale',
    strategy: resource.strategy,
    ownership: 'applied',
    versionRequired: false,
  })
  return scaleOf(stored, subresource)
}

/** Built-in kinds check the scale; a custom resource is checked itself, when the replicas are in their place. */
function checkReplicas(resource: Resource, name: string, { specReplicasPath }: ScaleSubresource, replicas: number): void {
  if (replicas >= 0) return
  throw isBuiltIn(resource)
    ? invalid({ group: 'autoscaling', kind: 'Scale' }, name, [
        invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'),
      ])
    : invalid(resource, name, [invalidValue(`.${specReplicasPath}`, replicas, 'should be a non-negative integer')])
}

/** What an apply makes of the scale fits its schema, which does not tell integers from other numbers. */
function appliedReplicas(scale: JsonObject, configuration: JsonObject): number {
  const replicas = ((scale['spec'] ?? {}) as JsonObject)['replicas'] ?? 0
  if (typeof replicas === 'number' && Number.isInteger(replicas)) return replicas
  const { name = '', namespace = '' } = (configuration['metadata'] ?? {}) as Record<string, unknown>
  const kind = 'autoscaling/v1, Kind=Scale'
  throw plainError(
    `failed to convert new object (${String(namespace)}/${String(name)}; ${kind}) to proper version: unable to convert unstructured object to ${kind}: cannot convert float64 to int32`,
  )
}

const ownershipRequest = (
  { context, resource }: ResourceRequest,
  scope: RequestScope,
  live: KubernetesObject,
  subresource: ScaleSubresource,
): ScaleRequest => ({
  resource,
  live,
  scale: scaleOf(live, subresource),
  manager: scope.fieldManager,
  time: timestamp(context.now()),
})

/** The object with other replicas and owners. */
function scaled(
  { codec }: Resource,
  live: KubernetesObject,
  { specReplicasPath }: ScaleSubresource,
  replicas: number,
  managedFields: ManagedFieldsEntry[] | undefined,
): KubernetesObject {
  const next = codec.decode(withReplicas(live, specReplicasPath, replicas) as unknown as JsonObject, [])
  if (managedFields) next.metadata.managedFields = managedFields
  else delete next.metadata.managedFields
  return next
}

function checkScale({ kind, apiVersion }: JsonObject): void {
  if ((kind ?? 'Scale') !== 'Scale' || (apiVersion ?? 'autoscaling/v1') !== 'autoscaling/v1')
    throw badRequest(
      `${String(kind)} in version ${JSON.stringify(String(apiVersion).split('/').at(-1))} cannot be handled as a Scale: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
    )
}
