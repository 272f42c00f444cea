/** Writes to the scale subresource: one number of the object, whatever its kind. */
import type { JsonObject, KubernetesObject, ManagedFieldsEntry } from '../../api/object.ts'
import { applyJsonPatch, readJsonPatch } from '../patch/json-patch.ts'
import { applyMergePatch } from '../patch/merge-patch.ts'
import type { ScaleRequest } from '../registry/ownership.ts'
import type { Resource } from '../registry/resource.ts'
import type { RequestScope } from '../registry/scope.ts'
import { type ScaleSubresource, scaleOf, withReplicas } from '../registry/subresource.ts'
import { checkName, getStored } from '../registry/stored.ts'
import { updateObject } from '../registry/write.ts'
import { timestamp } from '../registry/scope.ts'
import { ApiError, badRequest, conflict, invalid } from '../status/api-error.ts'
import { invalidValue } from '../status/field-error.ts'
import { readObject, readPatch } from './body.ts'
import type { Answer } from './exchange.ts'
import { patchOptions, writeOptions } from './options.ts'
import { answerObject, type ResourceRequest, scopeOf } from './resource-request.ts'
import { jsonText, parsePatch, rejection } from './patching.ts'
import { isTrue } from './request-info.ts'

export async function replaceScale(request: ResourceRequest, subresource: ScaleSubresource): Promise<Answer> {
  const { exchange, protobuf } = request
  const { object } = await readObject(exchange, { apiVersion: 'autoscaling/v1', kind: 'Scale' }, protobuf)
  const scope = scopeOf(request, writeOptions(exchange.query, 'UpdateOptions'))
  checkScale(object)
  return answerObject(request, 200, write(request, scope, subresource, object))
}

export async function patchScale(request: ResourceRequest, subresource: ScaleSubresource): Promise<Answer> {
  const { context, exchange, info, resource } = request
  const patch = await readPatch(exchange)
  const scope = scopeOf(request, patchOptions(exchange.query, patch.kind === 'apply'))
  const old = getStored(context, scope, info.name)
  const live = resource.codec.fromStorage(old)
  if (patch.kind === 'apply') {
    const { scale, managedFields } = context.ownership.applyScale({
      ...ownershipRequest(request, scope, live, subresource),
      configuration: patch.configuration,
      force: isTrue(exchange.query.get('force')),
    })
    const next = scaled(resource, live, subresource, replicasOf(scale as unknown as JsonObject), managedFields)
    const stored = updateObject(context, scope, old, next, {
      subresource: 'scale',
      strategy: resource.strategy,
      ownership: 'applied',
      versionRequired: false,
    })
    return answerObject(request, 200, scaleOf(stored, subresource))
  }
  const scale = scaleOf(live, subresource) as unknown as JsonObject
  const value = parsePatch(patch.text)
  const patched =
    patch.kind === 'json'
      ? applyJsonPatch(scale, readJsonPatch(value, scope.fieldValidation).operations)
      : applyMergePatch(scale, value, scope.fieldValidation)
  try {
    return answerObject(request, 200, write(request, scope, subresource, patched as JsonObject))
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 400 || !error.message.startsWith(cannotBeRead)) throw error
    throw rejection(jsonText(patched, scale), error.message.slice(cannotBeRead.length))
  }
}

const cannotBeRead = 'Scale in version "v1" cannot be handled as a Scale: '

function write(request: ResourceRequest, scope: RequestScope, subresource: ScaleSubresource, scale: JsonObject): KubernetesObject {
  const { context, info, resource } = request
  const old = getStored(context, scope, info.name)
  checkName(scale as { metadata?: { name?: string } }, info.name)
  const { resourceVersion, uid } = (scale['metadata'] ?? {}) as { resourceVersion?: string; uid?: string }
  const replicas = replicasOf(scale)
  if (replicas < 0)
    throw invalid({ group: 'autoscaling', kind: 'Scale' }, info.name, [
      invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'),
    ])
  const live = resource.codec.fromStorage(old)
  if (uid && uid !== live.metadata.uid)
    throw conflict(resource, info.name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`)
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

function replicasOf(scale: JsonObject): number {
  const replicas = ((scale['spec'] ?? {}) as JsonObject)['replicas'] ?? 0
  if (typeof replicas !== 'number' || !Number.isInteger(replicas))
    throw badRequest(`${cannotBeRead}json: cannot unmarshal ${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`)
  return replicas
}

function checkScale({ kind, apiVersion }: JsonObject): void {
  if ((kind ?? 'Scale') !== 'Scale' || (apiVersion ?? 'autoscaling/v1') !== 'autoscaling/v1')
    throw badRequest(
      `${String(kind)} in version ${JSON.stringify(String(apiVersion).split('/').at(-1))} cannot be handled as a Scale: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:111"`,
    )
}
