/**
 * Resources out of what is known of them: names from the recorded discovery, shapes from the types, behaviour from code.
 *
 * What nobody has written code for is stored as it is sent; a subresource that nobody has written code for is listed and answered with 501.
 */
import type { JsonObject, KubernetesObject } from '../../api/object.ts'
import type { Codec, KindBehaviour, Resource, Subresource, View } from '../registry/resource.ts'
import type { StructSchema } from '../schema/schema.ts'
import type { Types } from '../schema/types.ts'
import { notImplemented } from '../status/api-error.ts'
import type { ResourceEntry, ResourcesTable, SubresourceEntry } from '../tables/resources.ts'
import { defaultColumns } from './columns.ts'
import { plainBehaviour } from './plain.ts'
import { scaleSubresource } from './scale.ts'

export interface Parts {
  readonly table: ResourcesTable
  readonly types: Types
  /** Go's round trip; the answer is a private copy. */
  readonly decode: (schema: StructSchema, body: JsonObject, problems: string[], source?: string) => JsonObject
  /** Fills in what the server fills in where a field is absent; in place. */
  readonly applyDefaults: (schema: StructSchema, object: KubernetesObject) => void
  /** By storage. */
  readonly behaviours: Readonly<Record<string, KindBehaviour>>
  /** What is answered to a POST of a resource that is not stored, by storage. */
  readonly answers: Answers
}

export type Answers = Readonly<Record<string, NonNullable<Resource['answer']>>>

/** One for each group, version and resource of the table, in its order. */
export const assembleResources = (parts: Parts): Resource[] =>
  parts.table.groups.flatMap(({ name: group, versions }) =>
    versions.flatMap(({ version, resources }) => resources.map((entry) => assemble(group, version, entry, parts))),
  )

/** The other names of objects that lie elsewhere. */
const sharedStorages: Readonly<Record<string, string>> = { 'events.k8s.io/events': '/events' }

/** The storages that several versions show, and the one that is stored. */
const storedVersions: Readonly<Record<string, string>> = { '/events': 'v1', 'autoscaling/horizontalpodautoscalers': 'autoscaling/v2' }

/** What every answer warns of. (k8s.io/api, the deprecation markers of core/v1) */
const deprecations: Readonly<Record<string, string>> = {
  '/endpoints': 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  '/componentstatuses': 'v1 ComponentStatus is deprecated in v1.19+',
}

function assemble(group: string, version: string, entry: ResourceEntry, parts: Parts): Resource {
  const { resource, kind } = entry
  const ownStorage = `${group}/${resource}`
  const storage = sharedStorages[ownStorage] ?? ownStorage
  const schema = parts.types.typeOf({ group, version, kind })
  if (!schema) throw new RangeError(`there is no type for ${group}/${version} ${kind}`)
  const plain = plainBehaviour(storage, Object.hasOwn(entry.subresources ?? {}, 'status'))
  const behaviour = parts.behaviours[storage] ?? plain
  const view = behaviour.views?.[group ? `${group}/${version}` : version]
  const isStored = entry.verbs.includes('get')
  const storedApiVersion = storedVersions[storage]
  const deprecation = deprecations[storage]
  return {
    group,
    version,
    resource,
    singular: entry.singular,
    kind,
    listKind: `${kind}List`,
    namespaced: entry.namespaced,
    shortNames: entry.shortNames ?? [],
    categories: entry.categories ?? [],
    verbs: entry.verbs.split(' '),
    storage,
    schema,
    codec: codecOf(schema, behaviour, view, parts),
    strategy: view?.strategy ?? behaviour.strategy,
    subresources: new Map(
      Object.entries(entry.subresources ?? {}).map(([name, listed]) => [name, subresourceOf(name, listed, storage, behaviour)]),
    ),
    columns: behaviour.columns ?? defaultColumns,
    selectableFields: view?.selectableFields ?? behaviour.selectableFields ?? new Map(),
    ...(storedApiVersion !== undefined && { storedApiVersion }),
    ...(deprecation !== undefined && { warnings: [deprecation] }),
    ...(entry.storageVersionHash && { storageVersionHash: entry.storageVersionHash }),
    ...(!isStored && { answer: parts.answers[storage] ?? unanswered(kind) }),
  }
}

const same = (object: KubernetesObject): KubernetesObject => object

function codecOf(schema: StructSchema, { complete }: KindBehaviour, view: View | undefined, { decode, applyDefaults }: Parts): Codec {
  return {
    decode(body, problems, source) {
      const object = decode(schema, body, problems, source) as KubernetesObject
      applyDefaults(schema, object)
      complete?.(object)
      return object
    },
    toStorage: view ? (object) => view.toStorage(object) : same,
    fromStorage: view ? (object) => view.fromStorage(object) : same,
  }
}

function subresourceOf(
  name: string,
  { kind: responseKind, verbs }: SubresourceEntry,
  storage: string,
  behaviour: KindBehaviour,
): Subresource {
  const given = behaviour.subresources?.[name]
  // The recorded kind and verbs are those of the server, whatever the code calls them.
  if (given?.kind === 'action') return { ...given, responseKind }
  if (given) return given
  if (name === 'status') return { kind: 'status' }
  if (name === 'scale') return scaleSubresource(storage === '/replicationcontrollers' ? 'labels' : 'selector')
  return { kind: 'connect', responseKind, verbs: verbs.split(' ') }
}

const unanswered =
  (kind: string): NonNullable<Resource['answer']> =>
  () => {
    throw notImplemented(kind)
  }
