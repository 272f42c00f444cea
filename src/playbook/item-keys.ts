/** What an item of a loop is known by from pass to pass, where the step does not say it: itself, its UID, its name. */
import { isMap } from '../api/object.ts'
import type { Position } from '../api/problem.ts'
import { TemplateError } from '../template/error.ts'
import { unwrap } from '../template/view.ts'
import { evaluationOf } from './evaluation.ts'
import type { Value } from './step.ts'

export const keyOfItem = (as: string, at: Position): Value<string> => ({
  at,
  evaluate(scope) {
    const key = ownKey(unwrap(evaluationOf(scope).members[as]?.()))
    if (key !== undefined) return key
    throw new TemplateError('STEP_INVALID', 'an item of the loop has no name to be known by', {
      at,
      remedy: `give the step a key, e.g. key: it.${as}.id`,
    })
  },
})

function ownKey(item: unknown): string | undefined {
  if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') return String(item)
  if (!isMap(item)) return undefined
  const metadata = item['metadata']
  return isMap(metadata) ? (textOf(metadata['uid']) ?? textOf(metadata['name'])) : textOf(item['name'])
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
