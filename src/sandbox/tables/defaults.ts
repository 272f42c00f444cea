/**
 * What a server fills in where a field is absent, recorded from one by scripts/sandbox-tables.ts.
 *
 * Only what a field always gets stands here; what depends on other fields is code in src/sandbox/defaults.
 */
import type { JsonValue } from '../../api/object.ts'
import table from './defaults.json' with { type: 'json' }

export interface DefaultsTable {
  /** The server that was asked: `v1.36.3`. */
  readonly kubernetes: string
  /** By the name in the OpenAPI documents, then by field. */
  readonly types: Readonly<Record<string, Readonly<Record<string, JsonValue>>>>
}

export const defaultsTable: DefaultsTable = table
