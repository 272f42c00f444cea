/**
 * A CustomResourceDefinition, as the rest of this folder reads it.
 *
 * (apiextensions/v1 types.go; the object has been defaulted and validated)
 */
import type { KubernetesObject } from '../../api/object.ts'
import type { SchemaProps } from './json-schema.ts'

export const definitionStorage = 'apiextensions.k8s.io/customresourcedefinitions'
export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io'

export interface Names {
  readonly plural: string
  readonly singular?: string
  readonly kind: string
  readonly listKind?: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
}

export interface ColumnProps {
  readonly name: string
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date'
  readonly format?: string
  readonly description?: string
  readonly priority?: number
  readonly jsonPath: string
}

export interface ScaleProps {
  readonly specReplicasPath: string
  readonly statusReplicasPath: string
  readonly labelSelectorPath?: string
}

export interface Version {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly deprecated?: boolean
  readonly deprecationWarning?: string
  readonly schema?: { readonly openAPIV3Schema?: SchemaProps }
  readonly subresources?: { readonly status?: object; readonly scale?: ScaleProps }
  readonly additionalPrinterColumns?: readonly ColumnProps[]
  readonly selectableFields?: readonly { readonly jsonPath: string }[]
}

export interface Conversion {
  readonly strategy: 'None' | 'Webhook'
  readonly webhook?: {
    readonly clientConfig?: { readonly url?: string; readonly service?: object }
    readonly conversionReviewVersions?: readonly string[]
  }
}

export interface DefinitionSpec {
  readonly group: string
  readonly names: Names
  readonly scope: 'Namespaced' | 'Cluster'
  readonly versions: readonly Version[]
  readonly conversion?: Conversion
  readonly preserveUnknownFields?: boolean
}

export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly lastTransitionTime?: string
  readonly reason?: string
  readonly message?: string
}

export interface DefinitionStatus {
  readonly conditions?: readonly Condition[]
  readonly acceptedNames?: Names
  readonly storedVersions?: readonly string[]
}

export interface Definition extends KubernetesObject {
  spec: DefinitionSpec
  status?: DefinitionStatus
}

export const definitionOf = (object: KubernetesObject): Definition => object as Definition

export const hasCondition = ({ status }: Definition, type: string): boolean =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true

/** The storage of a definition's objects. */
export const storageOf = ({ spec }: Definition): string => `${spec.group}/${spec.names.plural}`
