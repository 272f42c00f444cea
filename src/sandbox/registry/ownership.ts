/** Who owns which fields, as the verbs ask for it. What answers is in apply/. */
import type { JsonObject, JsonValue, KubernetesObject, ManagedFieldsEntry } from '../../api/object.ts'
import type { Resource } from './resource.ts'

export interface OwnershipRequest {
  readonly resource: Resource
  /** The object before, at the version of the resource; undefined on create. */
  readonly live: KubernetesObject | undefined
  readonly manager: string
  /** Empty for the main endpoint. */
  readonly subresource: string
  /** RFC 3339, to the second. */
  readonly time: string
}

export interface Ownership {
  /**
   * Sets metadata.managedFields of `next`, a private copy, to what they are after a create, update or patch.
   * `requested`: the managed fields as the client sent them; an empty list is a reset.
   */
  update(request: OwnershipRequest & { readonly next: KubernetesObject; readonly requested: JsonValue | undefined }): void
  /**
   * The live object with the configuration applied, managed fields included. Parts that nothing changes are shared with the live object.
   * Throws ApiError: conflicts (409), a configuration that does not fit the schema (500), metadata that an apply may not carry (400, 409).
   */
  apply(request: OwnershipRequest & { readonly configuration: JsonObject; readonly force: boolean }): KubernetesObject
  /** The managed fields of the object after a write that made `next` of its scale. */
  updateScale(request: ScaleRequest & { readonly next: KubernetesObject }): ManagedFieldsEntry[] | undefined
  /** The scale with the configuration applied, and the managed fields of the object. Throws as `apply`. */
  applyScale(request: ScaleRequest & { readonly configuration: JsonObject; readonly force: boolean }): {
    readonly scale: KubernetesObject
    readonly managedFields: ManagedFieldsEntry[] | undefined
  }
}

export interface ScaleRequest extends Omit<OwnershipRequest, 'live' | 'subresource'> {
  readonly live: KubernetesObject
  /** The scale of `live`, as clients see it. */
  readonly scale: KubernetesObject
}
