/** `known(value)`: whether something is known now, in playbooks. A row of the reference, and what runs it. */
import { NeedsError, UnknownError } from '../error.ts'
import type { InputFunction } from './inputs.ts'
import { FunctionError } from './signature.ts'

export const knownSignature: InputFunction = {
  name: 'known',
  summary:
    'Whether what stands between the brackets can be evaluated now: false where it reads something unknown, such as the answer of a read that ' +
    'has failed. Everything else that reads an unknown is unknown itself. In playbooks alone.',
  parameters: [{ name: 'value', type: 'any' }],
  result: 'boolean',
  examples: [{ call: 'known(it.steps.members) ? it.steps.members.json.members.length : it.memory.members', gives: 3 }],
}

/** Its argument comes as a function of it (see lazy.ts). */
export function knownFunction(value?: unknown): boolean {
  if (typeof value !== 'function') throw new FunctionError('known(value): "value" is missing; it must be any value')
  try {
    value()
    return true
  } catch (error) {
    // What is not in the snapshot yet is not unknown: the walk is repeated with it.
    if (error instanceof UnknownError && !(error instanceof NeedsError)) return false
    throw error
  }
}
