/**
 * Requests to resources: from what was asked to a verb of the registry, and from its result to an answer.
 *
 * (apiserver, endpoints/installer.go and endpoints/handlers)
 */
import { apiVersionOf, gvkOf, type JsonObject, type KubernetesObject, type ManagedFieldsEntry } from '../../api/object.ts'
import { deleteObject } from '../registry/deletion.ts'
import { listObjects } from '../registry/list.ts'
import { isBuiltIn, type Resource, type Subresource } from '../registry/resource.ts'
import { type RequestScope, writeContext } from '../registry/scope.ts'
import { scaleOf } from '../registry/subresource.ts'
import { watchObjects } from '../registry/watch.ts'
import { unmarshal, UnmarshalError } from '../schema/decode.ts'
import { settleNamespace } from '../registry/system-fields.ts'
import { checkName, getStored } from '../registry/stored.ts'
import { createObject, updateObject, setOwnership } from '../registry/write.ts'
import {
  ApiError,
  badRequest,
  methodNotAllowed,
  noSuchResource,
  notFound,
  notImplemented,
  plainError,
  tooLargeResourceVersion,
} from '../status/api-error.ts'
import { jsonKind, readDeleteOptions, readObject, readPatch } from './body.ts'
import { decodeObject } from './decode.ts'
import { type Answer, type Exchange, pageNotFound } from './exchange.ts'
import { negotiate, negotiateWatch } from './negotiation.ts'
import { deleteOptions, patchOptions, readOptions, versionProblem, writeOptions } from './options.ts'
import { patchObject } from './patching.ts'
import { textAnswer } from './representation.ts'
import { isTrue, type RequestInfo } from './request-info.ts'
import { execute, readLog } from './programs.ts'
import { patchScale, replaceScale } from './scaling.ts'
import {
  answerObject,
  includeObject,
  isPretty,
  namespaceOf,
  requestedOwnership,
  type ResourceHandler,
  type ResourceRequest,
  scopeOf,
} from './resource-request.ts'
import { watchAnswer } from './watch-stream.ts'

export async function handleResource(handler: ResourceHandler, exchange: Exchange, info: RequestInfo): Promise<Answer> {
  const resource = handler.context.resources.find(info.group, info.version, info.resource)
  if (!resource) {
    // Groups of definitions answer for what they serve and nothing else.
    const builtIn = [...handler.context.resources.all()].some((each) => each.group === info.group && isBuiltIn(each))
    if (!builtIn) return pageNotFound()
    throw noSuchResource()
  }
  if (!isBuiltIn(resource) && !resource.namespaced && info.namespace !== '') return pageNotFound()
  if (info.name === '..' || info.name === '.')
    throw badRequest(`Name parameter invalid: ${JSON.stringify(info.name)}: may not be '${info.name}'`)
  exchange.warnings.push(...(resource.warnings ?? []))
  const subresource = info.subresource === '' ? undefined : resource.subresources.get(info.subresource)
  if (info.subresource !== '' && !subresource) throw isBuiltIn(resource) ? noSuchResource() : notFound(resource, info.name)
  checkMethod(exchange, info, resource, subresource)
  const accept = exchange.header('accept')
  const representation = info.verb === 'watch' ? negotiateWatch(accept) : negotiate(accept, exchange.method === 'GET' && info.name === '')
  const request: ResourceRequest = { ...handler, exchange, info, resource, representation }
  if (subresource) return await handleSubresource(request, subresource)
  switch (exchange.method) {
    case 'GET':
      return info.verb === 'watch' || info.name === '' ? readMany(request) : readOne(request, (object) => object)
    case 'POST':
      return await create(request)
    case 'PUT':
      return await replace(request, '', resource.strategy)
    case 'PATCH':
      return await patch(request, '', resource.strategy)
    default:
      return info.name === '' ? await deleteMany(request) : await deleteOne(request)
  }
}

/** A path that exists without the method that was used is 405, one that does not is 404. (endpoints/installer.go: what it installs) */
function checkMethod({ method }: Exchange, info: RequestInfo, resource: Resource, subresource: Subresource | undefined): void {
  const { namespace, name, verb } = info
  const isNamespace = resource.resource === 'namespaces' && resource.group === ''
  if (!resource.namespaced && namespace !== (isNamespace ? name : '')) throw noSuchResource()
  const isAll = resource.namespaced && namespace === ''
  if (isAll && name !== '') throw noSuchResource()
  if (verb === 'watch' && resource.verbs.includes('list') && !resource.verbs.includes('watch')) throw methodNotAllowed(resource, 'watch')
  const allowed = subresource ? subresourceMethods(subresource) : methodsOf(resource, info.verb === 'watch' ? '' : name, isAll, info.verb)
  if (allowed.length === 0) throw noSuchResource()
  if (!allowed.includes(method))
    throw new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

function methodsOf({ verbs }: Resource, name: string, isAll: boolean, verb: string): string[] {
  const methods: string[] = []
  const add = (verb: string, method: string) => verbs.includes(verb) && methods.push(method)
  if (name === '') {
    add(verb === 'watch' ? 'watch' : 'list', 'GET')
    if (isAll) return methods
    add('create', 'POST')
    add('deletecollection', 'DELETE')
    return methods
  }
  add('get', 'GET')
  add('update', 'PUT')
  add('patch', 'PATCH')
  add('delete', 'DELETE')
  return methods
}

const methodOfVerb: Readonly<Record<string, string>> = { get: 'GET', update: 'PUT', patch: 'PATCH', create: 'POST', delete: 'DELETE' }

function subresourceMethods(subresource: Subresource): readonly string[] {
  switch (subresource.kind) {
    case 'status':
    case 'scale':
      return ['GET', 'PUT', 'PATCH']
    case 'write':
      return subresource.verbs.map((verb) => methodOfVerb[verb] ?? '')
    case 'action':
      return ['POST']
    case 'connect':
      return subresource.verbs.map((verb) => methodOfVerb[verb] ?? '')
  }
}

async function handleSubresource(request: ResourceRequest, subresource: Subresource): Promise<Answer> {
  const { exchange, info, resource } = request
  switch (subresource.kind) {
    case 'status':
      if (exchange.method === 'GET') return readOne(request, (object) => object)
      return exchange.method === 'PUT'
        ? await replace(request, 'status', resource.strategy)
        : await patch(request, 'status', resource.strategy)
    case 'scale':
      if (exchange.method === 'GET') return readOne(request, (object) => scaleOf(object, subresource))
      return exchange.method === 'PUT' ? await replaceScale(request, subresource) : await patchScale(request, subresource)
    case 'write':
      if (exchange.method === 'GET') return readOne(request, (object) => object)
      return exchange.method === 'PUT'
        ? await replace(request, info.subresource, subresource.strategy)
        : await patch(request, info.subresource, subresource.strategy)
    case 'action':
      return await act(request, subresource)
    case 'connect':
      return connect(request, subresource)
  }
}

function connect(request: ResourceRequest, { program }: Extract<Subresource, { kind: 'connect' }>): Answer {
  const { context, info, resource } = request
  switch (program) {
    case 'log':
      return readLog(request)
    case 'exec':
      return execute(request)
    default:
      getStored(
        context,
        { resource, namespace: namespaceOf(info, resource) },
        info.subresource === 'proxy' ? proxiedName(info.name) : info.name,
      )
      throw notImplemented(`${info.resource}/${info.subresource}`)
  }
}

/** A proxy's target is NAME, NAME:PORT or SCHEME:NAME:PORT. (apimachinery, util/net/port_split.go) */
const proxiedName = (target: string): string => /^(?:(?:https?)?:)?([^:]+):[^:]*$/.exec(target)?.[1] ?? target

function readOne(request: ResourceRequest, show: (object: KubernetesObject) => KubernetesObject): Answer {
  const { context, info, resource, exchange } = request
  const asked = exchange.query.get('resourceVersion') ?? ''
  const why = versionProblem(asked)
  if (why !== undefined) throw plainError(why)
  const { revision } = context.storage
  if (asked && Number(asked) > revision) throw tooLargeResourceVersion(asked, String(revision))
  const stored = getStored(context, { resource, namespace: namespaceOf(info, resource) }, info.name)
  return answerObject(request, 200, show(resource.codec.fromStorage(stored)))
}

function readMany(request: ResourceRequest): Answer {
  const { context, clock, exchange, info, resource, representation, representations } = request
  const watch = info.verb === 'watch'
  const options = readOptions(exchange.query, watch)
  const scope = scopeOf(request, { dryRun: false, fieldManager: '', fieldValidation: 'Ignore' })
  const include = includeObject(exchange.query)
  if (!watch) {
    const list = listObjects(context, scope, options)
    return textAnswer(200, representations.list(list, resource, representation, include), representation, isPretty(exchange))
  }
  const selected = info.name === '' ? options : { ...options, fieldSelector: `metadata.name=${info.name}` }
  const random = 1800 + Math.floor(context.random() * 1800)
  return watchAnswer({
    resource,
    representation,
    include,
    representations,
    clock,
    timeoutSeconds: options.timeoutSeconds || random,
    bookmarks: options.allowWatchBookmarks,
    signal: exchange.signal,
    whenRemoved: (call) => context.resources.whenRemoved(resource, call),
    open: (sink) => watchObjects(context, scope, selected, sink),
  })
}

async function create(request: ResourceRequest): Promise<Answer> {
  const { context, exchange, resource, protobuf } = request
  const body = await readObject(exchange, typeOf(resource), isBuiltIn(resource) ? protobuf : undefined)
  const scope = scopeOf(request, writeOptions(exchange.query, 'CreateOptions'))
  const object = decodeObject(context.resources, scope, body.object, body.text)
  if (resource.answer) {
    settleNamespace(object.metadata, resource, scope.namespace)
    setOwnership(context, scope, undefined, object, '', { requested: undefined })
    return answerObject(request, 201, resource.answer(object, writeContext(context, scope)))
  }
  const created = createObject(context, scope, object, { requested: requestedOwnership(body.object) })
  return answerObject(request, 201, created)
}

async function replace(request: ResourceRequest, subresource: string, strategy: Resource['strategy']): Promise<Answer> {
  const { context, exchange, info, resource, protobuf } = request
  const body = await readObject(exchange, typeOf(resource), isBuiltIn(resource) ? protobuf : undefined)
  const scope = scopeOf(request, writeOptions(exchange.query, 'UpdateOptions'))
  const object = decodeObject(context.resources, scope, body.object, body.text)
  checkName(object, info.name)
  settleNamespace(object.metadata, resource, scope.namespace)
  const ownership = { requested: requestedOwnership(body.object) }
  const old = context.storage.get(resource.storage, scope.namespace, info.name)
  if (!old) {
    if (!strategy.createOnUpdate || (subresource !== '' && subresource !== 'status')) throw notFound(resource, info.name)
    return answerObject(request, 201, createObject(context, scope, object, ownership, subresource))
  }
  const updated = updateObject(context, scope, old, object, { subresource, strategy, ownership, sent: body.object, versionRequired: true })
  return answerObject(request, 200, updated)
}

async function patch(request: ResourceRequest, subresource: string, strategy: Resource['strategy']): Promise<Answer> {
  const { exchange } = request
  const change = await readPatch(exchange)
  const scope = scopeOf(request, patchOptions(exchange.query, change.kind === 'apply'))
  const { object, created } = patchObject(request, scope, change, { subresource, strategy, force: isTrue(exchange.query.get('force')) })
  return answerObject(request, created ? 201 : 200, object)
}

async function deleteOne(request: ResourceRequest): Promise<Answer> {
  const { context, exchange, info, resource } = request
  const options = deleteOptions(exchange.query, await deletionBody(request))
  const scope = scopeOf(request, { dryRun: options.dryRun, fieldManager: '', fieldValidation: 'Ignore' })
  const { object, removed } = deleteObject(context, scope, info.name, options)
  if (!removed || resource.strategy.returnsDeleted)
    return answerObject(request, !removed && options.orphanDependents === false ? 202 : 200, object)
  const { group, resource: kind } = resource
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: info.name, ...(group && { group }), kind, uid: object.metadata.uid },
  }
  return textAnswer(200, JSON.stringify(status), { ...request.representation, as: 'object' }, isPretty(exchange))
}

async function deleteMany(request: ResourceRequest): Promise<Answer> {
  const { context, exchange, resource, representations, representation } = request
  const deletion = deleteOptions(exchange.query, await deletionBody(request))
  const scope = scopeOf(request, { dryRun: deletion.dryRun, fieldManager: '', fieldValidation: 'Ignore' })
  const list = listObjects(context, scope, readOptions(exchange.query, false))
  for (const { metadata } of list.items) deleteObject(context, scope, metadata.name, deletion)
  return textAnswer(200, representations.list(list, resource, representation, 'Metadata'), representation, isPretty(exchange))
}

async function deletionBody({ exchange, protobuf, types }: ResourceRequest): Promise<JsonObject | undefined> {
  const body = await readDeleteOptions(exchange, protobuf)
  if (!body) return undefined
  const { kind, apiVersion } = body
  for (const [name, value] of Object.entries({ apiVersion, kind }))
    if (typeof value !== 'string' && value !== undefined && value !== null)
      throw badRequest(
        `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonKind(value)} into Go struct field .${name} of type string`,
      )
  if (kind && kind !== 'DeleteOptions')
    throw badRequest(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion ?? 'meta.k8s.io/v1')} in scheme "pkg/runtime/scheme.go:111"`,
    )
  try {
    return unmarshal(types.type('io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'), body, [])
  } catch (error) {
    throw error instanceof UnmarshalError ? badRequest(error.message) : error
  }
}

async function act(request: ResourceRequest, subresource: Extract<Subresource, { kind: 'action' }>): Promise<Answer> {
  const { context, exchange, info, resource, protobuf } = request
  const { object: body } = await readObject(exchange, responseType(subresource.responseKind, resource), protobuf)
  const scope = scopeOf(request, writeOptions(exchange.query, 'CreateOptions'))
  const type = responseType(subresource.responseKind, resource)
  const { kind } = type
  const given = (body['metadata'] as { name?: unknown } | undefined)?.name
  if (given && given !== info.name) throw badRequest(`name in URL does not match name in ${kind} object`)
  const stored = getStored(context, scope, info.name)
  const answer = subresource.run(stored, body, {
    ...writeContext(context, scope),
    update: (storage, object) => (scope.dryRun ? object : context.storage.put(storage, object)),
    delete(storage, namespace, name, options = {}) {
      const target = context.resources.stored(storage)
      if (target) deleteObject(context, { ...scope, resource: target, namespace }, name, options)
    },
  })
  const owned = answer['kind'] === kind ? ownedBody(request, scope, body, type) : undefined
  const { metadata } = answer
  const shown = owned ? { ...answer, metadata: { ...(metadata as JsonObject), managedFields: owned as unknown as JsonObject[] } } : answer
  return textAnswer(201, JSON.stringify(shown), { ...request.representation, as: 'object' }, isPretty(exchange))
}

/** Who owns what of an object that is answered and never stored. */
function ownedBody(
  { context, types, info, resource }: ResourceRequest,
  scope: RequestScope,
  body: JsonObject,
  type: { apiVersion: string; kind: string },
): ManagedFieldsEntry[] | undefined {
  const { group, version, kind } = gvkOf(type)
  const schema = types.typeOf({ group, version, kind })
  if (!schema) return undefined
  const next = { ...body, ...type, metadata: { ...(body['metadata'] as JsonObject | undefined) } } as unknown as KubernetesObject
  setOwnership(context, { ...scope, resource: { ...resource, group, version, kind, schema } }, undefined, next, info.subresource, {
    requested: undefined,
  })
  return next.metadata.managedFields
}

const typeOf = (resource: Resource): { apiVersion: string; kind: string } => ({ apiVersion: apiVersionOf(resource), kind: resource.kind })

/** `Binding`, or `policy/v1/Eviction`. */
function responseType(text: string, resource: Resource): { apiVersion: string; kind: string } {
  const at = text.lastIndexOf('/')
  return at < 0 ? { apiVersion: apiVersionOf(resource), kind: text } : { apiVersion: text.slice(0, at), kind: text.slice(at + 1) }
}
