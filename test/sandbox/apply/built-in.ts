/** The schemas of built-in kinds. */
import { gvkOf } from '../../../src/api/object.ts'
import type { Schema } from '../../../src/sandbox/schema/schema.ts'
import { createTypes } from '../../../src/sandbox/schema/types.ts'
import { typesTable } from '../../../src/sandbox/tables/types.ts'

export const types = createTypes(typesTable)

export function builtIn(apiVersion: string, kind: string): Schema {
  const schema = types.typeOf(gvkOf({ apiVersion, kind }))
  if (!schema) throw new Error(`${apiVersion} ${kind} is not built in`)
  return schema
}
