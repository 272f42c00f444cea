/**
 * Field policies: what becomes of a field of a dependent that somebody else wants too.
 *
 * `force`: it is ours, and is put back. `yield`: it is handed over for as long as another applier holds it. `fail`: nothing is taken from
 * anybody; the object is left as it is, and the conflict is told. A watch has a policy, and an object may have another by its annotation.
 */
import { fieldPolicyAnnotation } from '../api/names.ts'
import { displayName } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import type { RenderedDocument } from './program.ts'

export const fieldPolicies = ['force', 'yield', 'fail'] as const
export type FieldPolicy = (typeof fieldPolicies)[number]

export const isFieldPolicy = (text: unknown): text is FieldPolicy => (fieldPolicies as readonly unknown[]).includes(text)

/** The policy of a rendered object: its annotation's, or the watch's. A problem where the annotation names none. */
export function fieldPolicyOf({ object, positionOf }: RenderedDocument, ofWatch: FieldPolicy): FieldPolicy | Problem {
  const annotations: unknown = object.metadata.annotations
  const asked =
    typeof annotations === 'object' && annotations !== null ? (annotations as Record<string, unknown>)[fieldPolicyAnnotation] : undefined
  if (asked === undefined || asked === null) return ofWatch
  if (isFieldPolicy(asked)) return asked
  return {
    code: 'DOCUMENT_INVALID',
    message: `${displayName(object)}: the annotation ${fieldPolicyAnnotation} names no field policy`,
    at: positionOf(['metadata', 'annotations', fieldPolicyAnnotation]),
    remedy: `it is one of: ${fieldPolicies.join(', ')}`,
  }
}
