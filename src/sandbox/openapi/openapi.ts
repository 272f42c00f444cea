/**
 * The OpenAPI documents of one list of resources, each made when it is first asked for.
 *
 * The list does not change; a server whose resources change makes another. The index tells a hash of each document, by which clients keep what
 * they have read; it is made from what the document is made from, so that an index needs no documents.
 */
import { createHash } from 'node:crypto'
import type { JsonObject } from '../../api/object.ts'
import { type GroupVersion, groupsOf, isBuiltIn } from '../discovery/groups.ts'
import type { Resource } from '../registry/resource.ts'
import { createTypes, type Types } from '../schema/types.ts'
import { resourcesTable } from '../tables/resources.ts'
import { typesTable } from '../tables/types.ts'
import { type Components, createComponents, type GroupVersionKindEntry } from './components.ts'
import { componentName, customSchema } from './custom.ts'
import { pathsOf } from './operations.ts'
import { pathInVersion2, schemaInVersion2 } from './version-2.ts'

export interface OpenApi {
  /** The body of `/openapi/v3`. */
  index(): JsonObject
  /** `/openapi/v3/apis/apps/v1`; undefined for a path that the index does not have. */
  document(path: string): OpenApiDocument | undefined
  /** `/openapi/v2`. */
  version2(): OpenApiDocument
}

export interface OpenApiDocument {
  /** The hash in the index, without the quotes that it has in an ETag header. */
  readonly hash: string
  /** JSON. */
  text(): string
}

export function createOpenApi(resources: Iterable<Resource>): OpenApi {
  const all = [...resources]
  const versions = new Map(
    groupsOf(all).flatMap(({ name, versions }) =>
      versions.map((each): [string, { group: string; version: GroupVersion }] => [
        name ? `apis/${name}/${each.version}` : `api/${each.version}`,
        { group: name, version: each },
      ]),
    ),
  )
  const documents = new Map<string, OpenApiDocument>()
  let types: Types | undefined
  let swagger: OpenApiDocument | undefined
  const knownTypes = (): Types => (types ??= createTypes(typesTable))

  function documentAt(name: string): OpenApiDocument | undefined {
    let document = documents.get(name)
    const found = versions.get(name)
    if (!document && found) {
      document = kept(hashOf(found.version.resources), () => versionDocument(found.version, knownTypes()))
      documents.set(name, document)
    }
    return document
  }

  return {
    index: () => ({
      paths: Object.fromEntries(
        [...versions.keys()].sort().map((name) => [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${documentAt(name)?.hash}` }]),
      ),
    }),
    document: (path) => (path.startsWith(root) ? documentAt(path.slice(root.length)) : undefined),
    version2: () => (swagger ??= kept(hashOf(all), () => swaggerDocument(all, knownTypes()))),
  }
}

const root = '/openapi/v3/'

function kept(hash: string, make: () => JsonObject): OpenApiDocument {
  let text: string | undefined
  return { hash, text: () => (text ??= JSON.stringify(make())) }
}

/** Of everything that makes a document. */
const hashOf = (resources: readonly Resource[]): string =>
  createHash('sha512')
    .update(typesTable.kubernetes)
    .update(
      JSON.stringify(
        resources.map(({ group, version, resource, kind, namespaced, verbs, subresources, openApiSchema }) => [
          group,
          version,
          resource,
          kind,
          namespaced,
          verbs,
          [...subresources.keys()],
          openApiSchema,
        ]),
      ),
    )
    .digest('hex')
    .toUpperCase()

const [, major = '', minor = ''] = /^v(\d+)\.(\d+)/.exec(resourcesTable.kubernetes) ?? []
const info = { title: 'Kubernetes', version: `${major}.${minor}` }

function versionDocument({ resources }: GroupVersion, types: Types): JsonObject {
  const components = componentsFor(resources, types)
  const paths = describe(resources, types, components)
  return {
    openapi: '3.0.0',
    info: resources.every(isBuiltIn) ? info : { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' },
    paths,
    components: { schemas: components.schemas() },
  }
}

function swaggerDocument(resources: readonly Resource[], types: Types): JsonObject {
  const components = componentsFor(resources, types)
  const paths = describe(resources, types, components)
  const each = (map: JsonObject, change: (value: JsonObject) => JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value as JsonObject)]))
  return { swagger: '2.0', info, paths: each(paths, pathInVersion2), definitions: each(components.schemas(), schemaInVersion2) }
}

function componentsFor(resources: readonly Resource[], types: Types): Components {
  const kinds = new Map<string, GroupVersionKindEntry[]>()
  for (const { group, version, kind } of types.kinds()) {
    const { fullName } = types.typeOf({ group, version, kind }) ?? {}
    if (fullName === undefined) continue
    const added = group === '*' ? everywhere(resources, kind) : [{ group, kind, version }]
    kinds.set(fullName, [...(kinds.get(fullName) ?? []), ...added])
  }
  return createComponents((fullName) => kinds.get(fullName) ?? [])
}

/** A kind that every group has: once for the core group, and for each other that has resources here. */
function everywhere(resources: readonly Resource[], kind: string): GroupVersionKindEntry[] {
  const versions = new Set(['/v1', ...resources.map(({ group, version }) => `${group}/${version}`)])
  return [...versions].map((each) => {
    const [group = '', version = ''] = each.split('/')
    return { group, kind, version }
  })
}

/** The paths of the resources; what they refer to is gathered in `components`. */
function describe(resources: readonly Resource[], types: Types, components: Components): JsonObject {
  const meta = (kind: string): JsonObject => components.refer(types.type(`io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`))
  const anything = components.define('io.k8s.apimachinery.pkg.apis.meta.v1.Patch', { type: 'object' })
  const common = { patch: anything, status: meta('Status'), deleteOptions: meta('DeleteOptions') }
  const builtInKind = (kind: { group: string; version: string; kind: string }): JsonObject | undefined => {
    const struct = types.typeOf(kind)
    return struct && components.refer(struct)
  }
  const paths = resources.map((resource) => {
    const builtIn = isBuiltIn(resource)
    const object =
      builtIn && resource.schema.kind === 'struct' ? components.refer(resource.schema) : customObject(resource, components, meta)
    const list = (builtIn && builtInKind({ ...resource, kind: resource.listKind })) || customList(resource, object, components, meta)
    const subresource = (kind: { group: string; version: string; kind: string }): JsonObject =>
      kind.group === resource.group && kind.kind === resource.kind ? object : (builtInKind(kind) ?? { type: 'string' })
    return pathsOf(resource, { builtIn, object, list, subresource, ...common })
  })
  return Object.fromEntries(paths.flatMap((each) => Object.entries(each)).sort(([left], [right]) => (left < right ? -1 : 1)))
}

const customObject = (resource: Resource, components: Components, meta: (kind: string) => JsonObject): JsonObject =>
  components.define(componentName(resource, resource.kind), customSchema(resource, meta('ObjectMeta')))

function customList(resource: Resource, object: JsonObject, components: Components, meta: (kind: string) => JsonObject): JsonObject {
  const { group, version, listKind } = resource
  return components.define(componentName(resource, listKind), {
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      items: { type: 'array', items: object },
      kind: { type: 'string' },
      metadata: { allOf: [meta('ListMeta')] },
    },
    'x-kubernetes-group-version-kind': [{ group, kind: listKind, version }],
  })
}
