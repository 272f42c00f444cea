/**
 * What the server knows of the shape of an object: one tree for the built-in kinds and for custom resources.
 *
 * Server-side apply, strategic merge, decoding, defaults and the OpenAPI documents all walk it. Trees of built-in kinds are read lazily from a
 * table that a script derives from the real API server; trees of custom resources are made from their structural schemas. A type may contain
 * itself (JSONSchemaProps), so a tree is walked along a value and never as a whole.
 */

export type Schema = StructSchema | MapSchema | ListSchema | ScalarSchema | AnySchema

/** How strategic merge treats the field that holds this value. (`x-kubernetes-patch-strategy`, `x-kubernetes-patch-merge-key`) */
export interface PatchRule {
  readonly strategies: readonly ('merge' | 'replace' | 'retainKeys')[]
  readonly mergeKey?: string
}

/** Fields with names that are known. */
export interface StructSchema {
  readonly kind: 'struct'
  /** The Go type, as error messages name it: `DeploymentSpec`; empty for custom resources. */
  readonly typeName: string
  /** The name in the OpenAPI documents: `io.k8s.api.apps.v1.DeploymentSpec`; empty for custom resources. */
  readonly fullName: string
  readonly fields: ReadonlyMap<string, StructField>
  /** Owned and replaced as a whole. (`x-kubernetes-map-type: atomic`) */
  readonly atomic: boolean
  /** Fields with other names stay. (`x-kubernetes-preserve-unknown-fields`) */
  readonly preserveUnknown: boolean
}

export interface StructField {
  readonly name: string
  readonly schema: Schema
  readonly required: boolean
  readonly patch?: PatchRule
  /** What fills a missing key of an associative list: `"TCP"` for `protocol`. Not the defaults that the server stores. */
  readonly keyDefault?: string | number | boolean
  /** Built-in kinds: when the server leaves the field out of what it writes. `empty`: zero values too (Go's omitempty without a pointer). */
  readonly omit: 'absent' | 'empty' | 'never'
  /** Built-in kinds: a field that is always written is null if it is absent, instead of the zero value. (a pointer in Go) */
  readonly pointer?: boolean
  /** The number of the field in the protocol buffers encoding; 0 where there is none. */
  readonly number: number
  /** Built-in kinds: the Go structs that the field is inlined from, outermost first. Each is a message of its own in protocol buffers. */
  readonly inlined?: readonly { readonly name: string; readonly number: number }[]
}

/** Any names, one schema for all values. */
export interface MapSchema {
  readonly kind: 'map'
  readonly values: Schema
  readonly atomic: boolean
  /** Built-in kinds: the Go type, as error messages name it: `map[string]string`. */
  readonly goType?: string
}

export interface ListSchema {
  readonly kind: 'list'
  readonly items: Schema
  /** `map`: items are told apart by `keys`. */
  readonly listType: 'atomic' | 'set' | 'map'
  readonly keys: readonly string[]
  /** Built-in kinds: the Go type, as error messages name it: `[]v1.Container`. */
  readonly goType?: string
}

export interface ScalarSchema {
  readonly kind: 'scalar'
  readonly type: ScalarType
  /** The Go type, as error messages name it: `int32`; empty for custom resources. */
  readonly goType: string
}

/** `bytes` is base64 text; the times are RFC 3339 text to the second or the microsecond. */
export type ScalarType =
  | 'string'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'intOrString'
  | 'quantity'
  | 'time'
  | 'microTime'
  | 'duration'
  | 'bytes'

/** Anything: maps are granular, lists atomic. (structured-merge-diff, the deduced type) */
export interface AnySchema {
  readonly kind: 'any'
  /** Owned and replaced as a whole. (RawExtension) */
  readonly atomic?: boolean
  /** Built-in kinds: an object of this type, or something else. (apiextensions, JSONSchemaPropsOrBool and its like) */
  readonly either?: { readonly struct: StructSchema; readonly or: 'boolean' | 'list' | 'strings' }
}

export const anySchema: AnySchema = { kind: 'any' }

/** Amounts in a list of resources: finer ones than thousandths are rounded up. (core/v1 SetDefaults_ResourceList) */
export const resourceQuantity: ScalarSchema = { kind: 'scalar', type: 'quantity', goType: 'resource.Quantity' }
