/** The roles and bindings that a server makes for itself when role-based access control is on. Recorded by scripts/sandbox-tables.ts. */
import type { JsonObject } from '../../api/object.ts'
import table from './roles.json' with { type: 'json' }

export interface RolesTable {
  /** `v1.36.3` */
  readonly kubernetes: string
  readonly roles: readonly RoleEntry[]
}

export interface RoleEntry {
  /** `clusterroles`, `clusterrolebindings`, `roles`, `rolebindings` */
  readonly resource: string
  readonly name: string
  readonly namespace?: string
  readonly labels: JsonObject
  readonly rules?: readonly JsonObject[]
  readonly aggregationRule?: JsonObject
  readonly roleRef?: JsonObject
  readonly subjects?: readonly JsonObject[]
}

export const rolesTable: RolesTable = table
