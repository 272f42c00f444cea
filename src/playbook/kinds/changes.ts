/** Changes to single objects: `delete`, `patch`, `scale`. Each is bound to the incarnation that it finds, or that the step names. */
import { isMap, type JsonObject } from '../../api/object.ts'
import type { RequestScope, StepKind } from '../step.ts'
import { reference, referenceOf, referencesOf } from './references.ts'
import { anyMap, bool, count, map } from './schema.ts'

const references: JsonObject = { type: 'array', items: { anyOf: [reference, { type: 'null' }] } }
const foreign = { ...bool, description: "The object is not this custom resource's own." }

export const deletion: StepKind = {
  key: 'delete',
  promise: 'acts',
  about: 'Deletes objects, and waits until they are gone. Null in the list is an object that is not there.',
  schema: {
    anyOf: [
      references,
      map({ objects: references, foreign, propagation: { enum: ['Background', 'Foreground', 'Orphan'] } }, 'objects'),
      reference,
    ],
  },
  request(value, scope) {
    if (!isMap(value) || 'kind' in value) return { objects: referencesOf(value, scope) }
    const { objects, ...rest } = value as Record<string, unknown>
    return { objects: referencesOf(objects, scope), ...rest } as JsonObject
  },
}

export const patch: StepKind = {
  key: 'patch',
  promise: 'acts',
  about: "Sets fields of an object under a field manager of the step's own, and gives them back when the step turns false.",
  schema: map({ ref: reference, patch: anyMap, foreign }, 'ref', 'patch'),
  request: (value, scope) => withTarget(value, scope),
  undo: (target) => ({ target, patch: {} }),
  isHarmless: () => true,
}

export const scale: StepKind = {
  key: 'scale',
  promise: 'acts',
  about: 'Sets the number of replicas of an object whose applied body leaves it open.',
  schema: map({ ref: reference, replicas: count, foreign }, 'ref', 'replicas'),
  request: (value, scope) => withTarget(value, scope),
  isHarmless: () => true,
}

function withTarget(value: unknown, scope: RequestScope): JsonObject {
  const { ref, ...rest } = value as Record<string, unknown>
  return { target: referenceOf(ref, scope), ...rest } as JsonObject
}
