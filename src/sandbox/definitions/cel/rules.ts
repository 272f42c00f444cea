/**
 * The rules of a schema in CEL.
 */
import type { KubernetesObject } from '../../../api/object.ts'
import type { FieldError } from '../../status/field-error.ts'
import type { SchemaProps } from '../json-schema.ts'

export interface Rules {
  /** What the rules say against the object. `now`: milliseconds since the epoch. */
  check(object: KubernetesObject, old: KubernetesObject | undefined, now: number): FieldError[]
}

/** Undefined for a schema without rules. */
export function compileRules(_schema: SchemaProps): Rules | undefined {
  return undefined
}
