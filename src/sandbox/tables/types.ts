/**
 * The shapes of all built-in types, as scripts/sandbox-tables.ts derives them from the real API server's Go types and OpenAPI documents.
 *
 * One text a field, read when a schema is asked for (schema/types.ts):
 *
 *   TYPE NUMBER [in=NAME:NUMBER]… [!] [required] [set | keys=KEY,KEY] [atomic | granular] [patch=STRATEGY,…[:MERGEKEY]] [default=JSON]
 *
 * TYPE is written as in Go, with the names of the OpenAPI documents for structs; other named types are written `NAME=TYPE`. NUMBER is that of the protocol buffers encoding, `in` the inlined struct that the field comes from and its number; `!` marks a field
 * that the server writes even if it is zero.
 */
import table from './types.json' with { type: 'json' }

export interface TypesTable {
  /** `v1.36.3` */
  readonly kubernetes: string
  /** `group/version/kind`, or `*` + `/kind` for kinds of all groups → the name of the type. */
  readonly kinds: Readonly<Record<string, string>>
  /** By the name in the OpenAPI documents: `io.k8s.api.apps.v1.DeploymentSpec`. */
  readonly types: Readonly<Record<string, TypeEntry>>
}

export interface TypeEntry {
  readonly atomic?: boolean
  /** In the order of the Go type, which is the order of the server's JSON. */
  readonly fields: Record<string, string>
}

export const typesTable: TypesTable = table as unknown as TypesTable
