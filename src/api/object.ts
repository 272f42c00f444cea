/** The shapes that every Kubernetes object has, and how one is named. */

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined
}

/** Whether it is a map as JSON and YAML have them: not a list, and not null. */
export function isMap(value: JsonValue | undefined): value is JsonObject
export function isMap(value: unknown): value is { readonly [key: string]: unknown }
export function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export interface GroupVersionKind {
  /** Empty for the core group. */
  group: string
  version: string
  kind: string
}

export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

/** One entry of metadata.managedFields. (meta/v1 ManagedFieldsEntry) */
export interface ManagedFieldsEntry {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  time?: string
  fieldsType?: 'FieldsV1'
  fieldsV1?: JsonObject
  subresource?: string
}

export interface ObjectMeta {
  name: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
  ownerReferences?: OwnerReference[]
  managedFields?: ManagedFieldsEntry[]
  [field: string]: unknown
}

/** Any object of the API. Objects that come from a store are frozen at every depth. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  [field: string]: unknown
}

export const apiVersionOf = ({ group, version }: { group: string; version: string }): string => (group ? `${group}/${version}` : version)

/** `apps/v1` + `Deployment` → its parts; a version without a slash is the core group. */
export function gvkOf({ apiVersion, kind }: { apiVersion: string; kind: string }): GroupVersionKind {
  const slash = apiVersion.indexOf('/')
  return slash < 0
    ? { group: '', version: apiVersion, kind }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind }
}

/** `Deployment.apps`, or `Service` for the core group: how messages and tables name a kind. */
export const groupKind = ({ group, kind }: { group: string; kind: string }): string => (group ? `${kind}.${group}` : kind)

/** `namespace/name`, or `name` for a cluster-scoped object: the key of an object within its kind. */
export const objectKey = ({ namespace, name }: { namespace?: string | undefined; name: string }): string =>
  namespace ? `${namespace}/${name}` : name

/** `Deployment/web`: how a person names an object within a namespace. */
export const displayName = (object: { kind: string; metadata: { name: string } }): string => `${object.kind}/${object.metadata.name}`
