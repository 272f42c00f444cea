/**
 * Objects as text: alone, in lists, as tables, as metadata only.
 *
 * The text of a stored object is made once and kept as long as the object: a list and a hundred watchers share it.
 */
import type { JsonObject, KubernetesObject } from '../../api/object.ts'
import { canonicalJson } from '../../api/canonical.ts'
import { dump } from 'js-yaml'
import type { ListResult } from '../registry/list.ts'
import { isBuiltIn, type Resource } from '../registry/resource.ts'
import { badRequest } from '../status/api-error.ts'
import { type Answer, jsonType } from './exchange.ts'
import type { Representation } from './negotiation.ts'

export type IncludeObject = 'None' | 'Metadata' | 'Object'

const includes: ReadonlySet<string> = new Set<IncludeObject>(['None', 'Metadata', 'Object'])

export class Representations {
  /** Without kind and apiVersion, which lists of built-in kinds leave out. */
  readonly #texts = new WeakMap<KubernetesObject, string>()
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** One object, in the form that was asked for. */
  object(object: KubernetesObject, resource: Resource, { as }: Representation, include: IncludeObject): string {
    switch (as) {
      case 'object':
        return this.#full(object)
      case 'metadata':
        return JSON.stringify(metadataOf(object))
      case 'table':
        return JSON.stringify(this.#table(resource, [object], { resourceVersion: object.metadata.resourceVersion }, include, true))
    }
  }

  list(list: ListResult, resource: Resource, { as }: Representation, include: IncludeObject): string {
    const metadata = {
      resourceVersion: list.resourceVersion,
      ...(list.continue ? { continue: list.continue } : !isBuiltIn(resource) && as === 'object' && { continue: '' }),
      ...(list.remainingItemCount !== undefined && { remainingItemCount: list.remainingItemCount }),
    }
    switch (as) {
      case 'object': {
        const texts = list.items.map((item) => (isBuiltIn(resource) ? `{${this.#inner(item)}` : this.#full(item)))
        const { group, version } = resource
        const apiVersion = JSON.stringify(group ? `${group}/${version}` : version)
        return `{"kind":${JSON.stringify(resource.listKind)},"apiVersion":${apiVersion},"metadata":${JSON.stringify(metadata)},"items":[${texts.join(',')}]}`
      }
      case 'metadata':
        return JSON.stringify({
          kind: 'PartialObjectMetadataList',
          apiVersion: 'meta.k8s.io/v1',
          metadata,
          items: list.items.length === 0 ? null : list.items.map(metadataOf),
        })
      case 'table':
        return JSON.stringify(this.#table(resource, list.items, metadata, include, true))
    }
  }

  /** One line of a watch. `first`: tables tell their columns once. */
  event(
    type: string,
    object: KubernetesObject,
    resource: Resource,
    representation: Representation,
    include: IncludeObject,
    first: boolean,
  ): string {
    const text =
      representation.as === 'table'
        ? JSON.stringify(this.#table(resource, [object], { resourceVersion: object.metadata.resourceVersion }, include, first))
        : this.object(object, resource, representation, include)
    return `{"type":"${type}","object":${text}}\n`
  }

  #table(
    resource: Resource,
    objects: readonly KubernetesObject[],
    metadata: JsonObject,
    include: IncludeObject,
    withColumns: boolean,
  ): JsonObject {
    if (!includes.has(include))
      throw badRequest(
        `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(include)}: must be 'Metadata', 'Object', 'None', or empty`,
      )
    const now = this.#now()
    const { columns, codec } = resource
    return {
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata,
      columnDefinitions: withColumns ? (columns.definitions as unknown as JsonObject[]) : null,
      // The columns that every kind has are filled in by another hand, which tells of no rows in its own way.
      rows:
        objects.length === 0 && columns.definitions[1]?.name === 'Created At'
          ? null
          : objects.map((object) => ({
              cells: columns.cells(codec.toStorage(object), now),
              ...rowConditions(object),
              object: (include === 'Object' ? object : include === 'None' ? null : metadataOf(object)) as JsonObject | null,
            })),
    }
  }

  #full(object: KubernetesObject): string {
    return `{"kind":${JSON.stringify(object.kind)},"apiVersion":${JSON.stringify(object.apiVersion)},${this.#inner(object)}`
  }

  #inner(object: KubernetesObject): string {
    let text = this.#texts.get(object)
    if (text === undefined) {
      const { kind: _kind, apiVersion: _apiVersion, ...rest } = object
      this.#texts.set(object, (text = JSON.stringify(rest).slice(1)))
    }
    return text
  }
}

/** An answer in the format that was asked for. `pretty`: indented, as browsers and curl get it. */
export function textAnswer(
  status: number,
  json: string,
  { format }: Representation,
  pretty: boolean,
  headers: Answer['headers'] = {},
): Answer {
  if (format === 'yaml') {
    const sorted = JSON.parse(canonicalJson(JSON.parse(json))) as unknown
    return {
      status,
      headers: { 'content-type': 'application/yaml', ...headers },
      body: dump(sorted, { noRefs: true, lineWidth: -1, seqNoIndent: true, quoteStyle: 'double' }),
    }
  }
  const body = pretty ? `${JSON.stringify(JSON.parse(json), null, 2)}\n` : `${json}\n`
  return { status, headers: { 'content-type': jsonType, ...headers }, body }
}

const metadataOf = ({ metadata }: KubernetesObject): JsonObject => ({
  kind: 'PartialObjectMetadata',
  apiVersion: 'meta.k8s.io/v1',
  metadata: metadata as unknown as JsonObject,
})

/** Rows of pods that have ended say so. (printers/internalversion, podSuccessConditions) */
function rowConditions({ kind, apiVersion, status }: KubernetesObject): JsonObject {
  const phase = kind === 'Pod' && apiVersion === 'v1' ? (status as { phase?: string } | undefined)?.phase : undefined
  if (phase === 'Succeeded')
    return { conditions: [{ type: 'Completed', status: 'True', reason: 'Succeeded', message: 'The pod has completed successfully.' }] }
  if (phase === 'Failed') return { conditions: [{ type: 'Completed', status: 'True', reason: 'Failed', message: 'The pod failed.' }] }
  return {}
}
