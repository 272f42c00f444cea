/** One request to one resource, and how it is answered: what all handlers of resources share. */
import type { SandboxClock } from '../clock.ts'
import { isMap, type JsonObject, type KubernetesObject } from '../../api/object.ts'
import type { PodScripts } from '../programs/scripts.ts'
import { isBuiltIn, type Resource } from '../registry/resource.ts'
import type { RegistryContext, RequestScope } from '../registry/scope.ts'
import type { Types } from '../schema/types.ts'
import { ApiError } from '../status/api-error.ts'
import type { ProtobufDecoder } from './body.ts'
import type { Answer, Exchange } from './exchange.ts'
import { asItIs, type Representation } from './negotiation.ts'
import type { WriteOptions } from './options.ts'
import { type IncludeObject, type Representations, textAnswer } from './representation.ts'
import { isTrue, type RequestInfo } from './request-info.ts'

export interface ResourceHandler {
  readonly context: RegistryContext
  readonly clock: SandboxClock
  readonly representations: Representations
  readonly protobuf: ProtobufDecoder
  readonly types: Types
  readonly scripts: PodScripts
}

/** One request to one resource, with everything that answering it needs. */
export interface ResourceRequest extends ResourceHandler {
  readonly exchange: Exchange
  readonly info: RequestInfo
  readonly resource: Resource
  readonly representation: Representation
}

export function scopeOf({ exchange, info, resource }: ResourceRequest, options: WriteOptions): RequestScope {
  return {
    resource,
    namespace: namespaceOf(info, resource),
    user: exchange.user,
    dryRun: options.dryRun,
    fieldManager: options.fieldManager || managerOf(exchange.header('user-agent')),
    fieldValidation: options.fieldValidation,
    warnings: exchange.warnings,
  }
}

export const namespaceOf = ({ namespace }: RequestInfo, { namespaced }: Resource): string => (namespaced ? namespace : '')

const longestManager = 128

/** The name that a client has without naming one. (handlers/create.go, managerOrUserAgent) */
function managerOf(userAgent = ''): string {
  const name = userAgent.split('/', 1)[0] as string
  let printable = ''
  for (const character of name) if (character >= ' ' && character !== '\x7f') printable += character
  return printable.slice(0, longestManager)
}

export const requestedOwnership = (body: JsonObject): JsonObject[string] => {
  const { metadata } = body
  return isMap(metadata) ? (metadata as JsonObject)['managedFields'] : undefined
}

export function answerObject(request: ResourceRequest, status: number, object: KubernetesObject): Answer {
  const { exchange, resource, representation, representations } = request
  // Another kind than the resource's has no columns of its own.
  const form = object.kind === resource.kind ? representation : { ...representation, as: asItIs.as }
  if (form.as === 'metadata' && form.list)
    throw new ApiError(
      406,
      'NotAcceptable',
      `you requested PartialObjectMetadataList, but the requested object is not a list (${goName(resource)})`,
    )
  const text = representations.object(object, resource, form, includeObject(exchange.query))
  return textAnswer(status, text, form, isPretty(exchange))
}

/** `*core.ConfigMap` */
const goName = (resource: Resource): string =>
  isBuiltIn(resource) ? `*${resource.group.split('.')[0] || 'core'}.${resource.kind}` : '*unstructured.Unstructured'

export const includeObject = (query: URLSearchParams): IncludeObject => (query.get('includeObject') || 'Metadata') as IncludeObject

/** Indented for people: on request, and for the clients that people look at. (endpoints/handlers/negotiation) */
export function isPretty(exchange: Exchange): boolean {
  const asked = exchange.query.get('pretty')
  if (asked !== null) return isTrue(asked)
  const agent = exchange.header('user-agent') ?? ''
  return agent.startsWith('curl') || agent.startsWith('Wget') || agent.startsWith('Mozilla/5.0')
}
