/**
 * How a server prints values of its own types, read from its sources by scripts/sandbox-internal-types.ts.
 */
import table from './internal-types.json' with { type: 'json' }

export interface InternalTypesTable {
  readonly kubernetes: string
  /**
   * By type, its fields in their order: the name that is printed, the name in the public type (`../x`: of the object around it), and the type:
   * a scalar, or the name of another; `*` may be absent, `[]` is a list, `{}` a map. A field without a printed name is printed inline.
   */
  readonly types: Readonly<Record<string, readonly (readonly [printed: string, name: string, type: string])[]>>
}

export const internalTypesTable = table as unknown as InternalTypesTable
