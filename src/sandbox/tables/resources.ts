/**
 * The resources that a Kubernetes API server serves by itself, recorded from one by scripts/sandbox-tables.ts.
 *
 * Groups stand in the order of the server's own list, versions with the preferred one first.
 */
import table from './resources.json' with { type: 'json' }

export interface ResourcesTable {
  /** The server that was asked: `v1.36.3`. */
  readonly kubernetes: string
  readonly groups: readonly GroupEntry[]
}

export interface GroupEntry {
  /** Empty for the core group. */
  readonly name: string
  readonly versions: readonly { readonly version: string; readonly resources: readonly ResourceEntry[] }[]
}

export interface ResourceEntry {
  /** Plural. */
  readonly resource: string
  readonly singular: string
  readonly kind: string
  readonly namespaced: boolean
  /** Separated by spaces. */
  readonly verbs: string
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly storageVersionHash?: string
  /** By name. */
  readonly subresources?: Readonly<Record<string, SubresourceEntry>>
}

export interface SubresourceEntry {
  /** `Pod`, or `policy/v1/Eviction` where group and version are not those of the resource. */
  readonly kind: string
  /** Separated by spaces. */
  readonly verbs: string
}

export const resourcesTable: ResourcesTable = table
