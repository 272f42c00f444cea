/**
 * What can be done at the paths of a resource, in the terms of OpenAPI.
 *
 * Clients look for the operation that has their kind in `x-kubernetes-group-version-kind`, and there for the parameters that it takes and the
 * content types that it consumes. (kubectl, pkg/cmd/util and cli-runtime: query_param_verifier_v3.go; apply: patcher.go)
 */
import type { JsonObject } from '../../api/object.ts'
import { listing } from '../discovery/subresources.ts'
import type { Resource } from '../registry/resource.ts'

export interface OperationOptions {
  /** Built-in kinds know strategic merge patch. */
  readonly builtIn: boolean
  /** References to the schemas of what is sent and answered. */
  readonly object: JsonObject
  readonly list: JsonObject
  readonly patch: JsonObject
  readonly status: JsonObject
  readonly deleteOptions: JsonObject
  /** The schema of what a subresource answers with. */
  subresource(kind: { group: string; version: string; kind: string }): JsonObject
}

/** Paths to the operations there, without those of `watch/`. */
export function pathsOf(resource: Resource, options: OperationOptions): JsonObject {
  const { group, version, kind, namespaced } = resource
  const root = `${group ? `/apis/${group}` : '/api'}/${version}`
  const scope = namespaced ? `${root}/namespaces/{namespace}` : root
  const collection = `${scope}/${resource.resource}`
  const own = { group, version, kind }
  const offers = (verb: string): boolean => resource.verbs.includes(verb)
  const paths: [string, JsonObject][] = []
  const add = (path: string, operations: Readonly<Record<string, JsonObject | false>>): void => {
    const offered = Object.entries(operations).filter(([, operation]) => operation !== false)
    if (offered.length > 0) paths.push([path, Object.fromEntries([...offered, ['parameters', pathParameters(path)]])])
  }
  const list = offers('list') && operation('list', own, listParameters, options.list)
  if (namespaced) add(`${root}/${resource.resource}`, { get: list })
  add(collection, {
    get: list,
    post: offers('create') && operation('post', own, writeParameters, options.object, json(options.object)),
    delete:
      offers('deletecollection') &&
      operation('deletecollection', own, deleteCollectionParameters, options.status, json(options.deleteOptions)),
  })
  add(`${collection}/{name}`, {
    get: offers('get') && operation('get', own, [], options.object),
    put: offers('update') && operation('put', own, writeParameters, options.object, json(options.object)),
    delete: offers('delete') && operation('delete', own, deleteParameters, options.status, json(options.deleteOptions)),
    patch: offers('patch') && operation('patch', own, patchParameters, options.object, patches(options)),
  })
  for (const [name, subresource] of resource.subresources) {
    const { verbs, kind: responseKind, ...where } = listing(subresource, resource)
    const sent = { group, version, ...where, kind: responseKind }
    const schema = options.subresource(sent)
    const has = (verb: string): boolean => verbs.includes(verb)
    const path = `${collection}/{name}/${name}`
    if (subresource.kind === 'connect') {
      // What is sent there goes through as it is.
      const plain = (verb: string): JsonObject | false => has(verb) && operation('connect', sent, [], { type: 'string' })
      add(path, { get: plain('get'), put: plain('update'), post: plain('create'), delete: plain('delete'), patch: plain('patch') })
      continue
    }
    add(path, {
      get: has('get') && operation('get', sent, [], schema),
      put: has('update') && operation('put', sent, writeParameters, schema, json(schema)),
      post: has('create') && operation('post', sent, writeParameters, schema, json(schema)),
      patch: has('patch') && operation('patch', sent, patchParameters, schema, patches(options)),
    })
  }
  return Object.fromEntries(paths)
}

const json = (schema: JsonObject): JsonObject => ({ content: { 'application/json': { schema } }, required: true })

const patches = ({ builtIn, patch }: OperationOptions): JsonObject => ({
  content: Object.fromEntries(
    [
      'application/apply-patch+yaml',
      'application/json-patch+json',
      'application/merge-patch+json',
      ...(builtIn ? ['application/strategic-merge-patch+json'] : []),
    ].map((type) => [type, { schema: patch }]),
  ),
  required: true,
})

const operation = (
  action: string,
  kind: { group: string; version: string; kind: string },
  parameters: readonly JsonObject[],
  answer: JsonObject,
  requestBody?: JsonObject,
): JsonObject => ({
  ...(parameters.length > 0 && { parameters }),
  ...(requestBody && { requestBody }),
  responses: {
    '200': { description: 'OK', content: { 'application/json': { schema: answer }, 'application/yaml': { schema: answer } } },
    '401': { description: 'Unauthorized' },
  },
  'x-kubernetes-action': action,
  'x-kubernetes-group-version-kind': { group: kind.group, version: kind.version, kind: kind.kind },
})

const query = (name: string, type = 'string'): JsonObject => ({ name, in: 'query', schema: { type, uniqueItems: true } })
const writeParameters = [query('dryRun'), query('fieldManager'), query('fieldValidation')]
const patchParameters = [...writeParameters, query('force', 'boolean')]
const deleteParameters = [
  query('dryRun'),
  query('gracePeriodSeconds', 'integer'),
  query('orphanDependents', 'boolean'),
  query('propagationPolicy'),
]
const listParameters = [
  query('allowWatchBookmarks', 'boolean'),
  query('continue'),
  query('fieldSelector'),
  query('labelSelector'),
  query('limit', 'integer'),
  query('resourceVersion'),
  query('resourceVersionMatch'),
  query('sendInitialEvents', 'boolean'),
  query('timeoutSeconds', 'integer'),
  query('watch', 'boolean'),
]

const deleteCollectionParameters = [
  ...deleteParameters,
  ...listParameters.filter(({ name }) => name !== 'watch' && name !== 'allowWatchBookmarks'),
]

const pathParameters = (path: string): JsonObject[] => [
  ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', uniqueItems: true },
  })),
  query('pretty'),
]
