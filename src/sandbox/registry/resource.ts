/**
 * One resource that the server serves, as data: its names, its shape, and what its kind does on a write.
 *
 * Built-in kinds and custom resources are both described by this; one generic implementation of the verbs serves them all.
 * (apiserver, pkg/registry/generic and pkg/registry/rest)
 */
import type { JsonObject, JsonValue, KubernetesObject } from '../../api/object.ts'
import type { Schema } from '../schema/schema.ts'
import type { FieldError } from '../status/field-error.ts'

export interface Resource {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  /** Plural, as in paths. */
  readonly resource: string
  readonly singular: string
  readonly kind: string
  readonly listKind: string
  readonly namespaced: boolean
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly verbs: readonly string[]
  /** What discovery lists in their place. */
  readonly announcedVerbs?: readonly string[]
  /** Why nothing new can be made, where that is so. */
  readonly createForbidden?: string
  /** Where the objects lie: resources with the same storage are two views of the same objects. `group/resource`. */
  readonly storage: string
  /** The apiVersion that objects are stored at; absent where it is this one. */
  readonly storedApiVersion?: string
  readonly schema: Schema
  readonly codec: Codec
  readonly strategy: Strategy
  /** `status`, `scale` and others, by name. */
  readonly subresources: ReadonlyMap<string, Subresource>
  readonly columns: Columns
  /** What a field selector may name beside `metadata.name` and `metadata.namespace`: dotted path → its text in the object. */
  readonly selectableFields: ReadonlyMap<string, (object: KubernetesObject) => string>
  /** Sent as `Warning` headers with every answer, as of a deprecated version. */
  readonly warnings?: readonly string[]
  /** Custom resources: the schema of this version as its definition has it, for the OpenAPI documents. */
  readonly openApiSchema?: JsonObject
  /** In the legacy discovery documents; absent for what is not stored. (endpoints/discovery/storageversionhash.go) */
  readonly storageVersionHash?: string
  /**
   * Of a resource that can only be created and is never stored (SelfSubjectAccessReview, TokenReview): the answer to a POST.
   * The object has been decoded.
   */
  readonly answer?: (object: KubernetesObject, context: WriteContext) => KubernetesObject
}

/** Whether the kind is one of the server's own, and not made by a definition. */
export const isBuiltIn = ({ schema }: Pick<Resource, 'schema'>): boolean => schema.kind === 'struct' && schema.fullName !== ''

/** What is special about one built-in kind, by its storage; what discovery and the schema tell comes from the tables. */
export interface KindBehaviour {
  readonly strategy: Strategy
  readonly columns?: Columns
  readonly selectableFields?: Resource['selectableFields']
  /** Beside `status`, which every kind has whose discovery lists it. */
  readonly subresources?: Readonly<Record<string, Subresource>>
  /**
   * The end of decoding, before ownership is worked out: what the server makes of an object from its other fields (a namespace's label,
   * a Secret's data from stringData). Changes `object` in place. Belongs into the codec's `decode`.
   */
  readonly complete?: (object: KubernetesObject) => void
  /** Versions that are not the stored one, by apiVersion: `autoscaling/v1`, `events.k8s.io/v1`. Strategy and columns see the stored version. */
  readonly views?: Readonly<Record<string, View>>
}

/** The objects of a storage as one of its other versions shows them. */
export interface View {
  /** Neither changes its argument. apiVersion is set too. */
  toStorage(object: KubernetesObject): KubernetesObject
  fromStorage(object: KubernetesObject): KubernetesObject
  /** Where the field labels of this version differ; the functions get the stored version. */
  readonly selectableFields?: Resource['selectableFields']
  /** Where writes by way of this version have rules of their own; it sees the stored version too. */
  readonly strategy?: Strategy
}

/** Between the wire and the storage. */
export interface Codec {
  /**
   * The object as this version's server keeps it: types checked, unknown fields dropped, nulls and empty values normalised, defaults filled in.
   * The answer is a private copy.
   *
   * @param problems Gathers what strict decoding refuses, e.g. `unknown field "spec.x"`; the caller decides whether that is an error.
   * @param source The JSON text that `body` was parsed from: only the text tells of fields that were written twice.
   * @throws ApiError (400) for a value of the wrong type
   */
  decode(body: JsonObject, problems: string[], source?: string): KubernetesObject
  /** From this version to the stored one, and back. The identity where there is one version. Never changes its argument. */
  toStorage(object: KubernetesObject): KubernetesObject
  fromStorage(object: KubernetesObject): KubernetesObject
}

/** What a kind does on a write. All of it is synchronous: a request is one transaction. */
export interface Strategy {
  /**
   * `spec`: metadata.generation counts changes outside metadata and status. `spec and annotations`: those of annotations too.
   * `spec and empty`: a list or map that is sent empty and kept as missing is a change, each time.
   * `none`: the kind has no generation.
   */
  readonly generation: 'spec' | 'spec and annotations' | 'spec and empty' | 'none'
  /** PUT without a resourceVersion overwrites. */
  readonly unconditionalUpdate: boolean
  /** PUT of a missing object creates it, and so does a write of its status with PUT or apply. */
  readonly createOnUpdate: boolean
  /** Clients send status to the main endpoint in vain. */
  readonly hasStatus: boolean
  /** The checks of metadata.name; default: DNS-1123 subdomain. */
  readonly validateName?: (name: string, prefix: boolean) => readonly string[]
  /** Finalizers without a domain may be any: kinds that are not built in, and a few that are. */
  readonly anyFinalizers?: boolean
  /** DELETE answers with the object, not with a Status. */
  readonly returnsDeleted?: boolean
  /** Seconds that a deleted object is left to end; 0 removes it at once. `asked`: gracePeriodSeconds of the request. */
  readonly gracePeriod?: (object: KubernetesObject, asked: number | undefined) => number
  /** How dependents are treated if the request does not say. Default: `Background`. */
  readonly defaultPropagation?: 'Background' | 'Orphan'

  /**
   * Admission and preparation: what the server fills in that depends on more than the field's absence (service account, cluster IP, ports, conditions).
   * Changes `object` in place; it is a private copy. `old` is undefined on create, and never changed. Runs after ownership was worked out.
   */
  readonly prepare?: (object: KubernetesObject, old: KubernetesObject | undefined, context: WriteContext) => void
  /** All that is wrong with the object. metadata has been checked already. */
  readonly validate?: (object: KubernetesObject, context: WriteContext) => FieldError[]
  /** What is wrong with the change: immutable fields. `validate` is called as well, before; unless `validateUpdateAlone`. */
  readonly validateUpdate?: (object: KubernetesObject, old: KubernetesObject, context: WriteContext) => FieldError[]
  /** `validateUpdate` says all that is wrong with an update, and `validate` is called on create only. */
  readonly validateUpdateAlone?: boolean
  /** An update, also of a status that is validated, has its metadata checked twice, and problems are told as often. */
  readonly checksMetadataTwice?: boolean
  /** What the server carries over or fills in on a write of the status. As `prepare`. */
  readonly prepareStatus?: (object: KubernetesObject, old: KubernetesObject, context: WriteContext) => void
  readonly validateStatus?: (object: KubernetesObject, old: KubernetesObject, context: WriteContext) => FieldError[]
  /** Changes an object, a shallow copy, when its deletion begins and it has to wait: a namespace's phase. */
  readonly prepareDeletion?: (object: KubernetesObject) => void
  /** Whether a deleted object without finalizers in its metadata may go; default: yes. Namespaces have finalizers in their spec. */
  readonly isFinished?: (object: KubernetesObject) => boolean
  /** Refuses a delete by throwing an ApiError. */
  readonly beforeDelete?: (object: KubernetesObject, context: WriteContext) => void
}

export interface WriteContext {
  /** Seconds precision, UTC: `2026-01-02T03:04:05Z`. */
  now(): string
  /** From 0 up to but without 1. */
  random(): number
  /** Other objects, as stored. */
  readonly objects: ObjectReader
  readonly user: UserInfo
  readonly dryRun: boolean
  /** Texts for `Warning` headers. */
  readonly warnings: string[]
}

export interface ObjectReader {
  /** `storage`: group/resource, `/services` for the core group. */
  get(storage: string, namespace: string, name: string): KubernetesObject | undefined
  /** All, or those of one namespace; ordered by namespace and name. */
  list(storage: string, namespace?: string): Iterable<KubernetesObject>
}

/** (authentication.k8s.io/v1 UserInfo) */
export interface UserInfo {
  readonly username: string
  readonly uid?: string
  readonly groups: readonly string[]
  /** What else is known of a user, such as the token that an account came with. */
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

export type Subresource =
  /** The same object; only its status is written. */
  | { readonly kind: 'status' }
  /** Replicas as an autoscaling/v1 Scale. Paths are dotted, without a leading dot: `spec.replicas`. */
  | {
      readonly kind: 'scale'
      readonly specReplicasPath: string
      readonly statusReplicasPath: string
      /** The selector as text. */
      readonly selector: (object: KubernetesObject) => string | undefined
    }
  /** Another way to write the same object, with its own rules. */
  | { readonly kind: 'write'; readonly verbs: readonly string[]; readonly strategy: Strategy }
  /**
   * POST of a body to an object: eviction, binding, token. Answers with the body to send back.
   * `responseKind`: `Binding`, or with group and version where they are not those of the resource: `policy/v1/Eviction`.
   */
  | {
      readonly kind: 'action'
      readonly responseKind: string
      readonly run: (object: KubernetesObject, body: JsonObject, context: ActionContext) => JsonObject
    }
  /** What goes through to a kubelet: log and exec, which scripts answer; attach, portforward and proxy are answered with 501. */
  | { readonly kind: 'connect'; readonly responseKind: string; readonly verbs: readonly string[]; readonly program?: 'log' | 'exec' }

export interface ActionContext extends WriteContext {
  update(storage: string, object: KubernetesObject): KubernetesObject
  delete(storage: string, namespace: string, name: string, options?: { readonly gracePeriodSeconds?: number }): void
}

/** The columns of `kubectl get`. (meta/v1 Table) */
export interface Columns {
  readonly definitions: readonly ColumnDefinition[]
  /** One value a column. `now`: milliseconds since the epoch. */
  cells(object: KubernetesObject, now: number): JsonValue[]
}

export interface ColumnDefinition {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  /** `name` for the column that holds the name; otherwise mostly empty. */
  readonly format: string
  readonly description: string
  /** 0 is always shown, 1 with `-o wide`. */
  readonly priority: number
}
