/**
 * What the status of a primary tells of the readiness of one dependent: for readiness gates that only the operator can judge, since it has
 * the templates that they come from. The text of a gate on the object itself is never run: anybody could have written it there.
 */
import { readyWhenAnnotation } from '../api/names.ts'
import { displayName, type KubernetesObject } from '../api/object.ts'
import { readiness, type Readiness } from '../api/readiness.ts'
import { primaryState } from './primary-state.ts'

/** As `Readiness` has it, or `unknown` where the last pass told nothing of it. */
export type ToldReadiness = Omit<Readiness, 'state'> & { state: Readiness['state'] | 'unknown' }

/** @param now milliseconds since the epoch */
export function toldReadiness(dependent: KubernetesObject, primary: KubernetesObject, now: number): ToldReadiness {
  const own = readiness(dependent, now)
  if (own.state !== 'current') return own
  switch (toldOf(displayName(dependent), primaryState(primary))) {
    case 'ready':
      return own
    case 'notReady':
      return { state: 'inProgress', reason: 'ReadyWhen', message: `its ${readyWhenAnnotation} does not hold yet, as the operator tells` }
    case 'nothing':
      return {
        state: 'unknown',
        reason: 'NotTold',
        message: `its ${readyWhenAnnotation} is judged by the operator, which has not told of it`,
      }
  }
}

/** The wording is that of the status (see status.ts): the first of a list are named, and how many more there are. */
function toldOf(name: string, { reason, message }: { reason: string; message: string }): 'ready' | 'notReady' | 'nothing' {
  if (reason === 'Ready') return 'ready'
  const lists =
    reason === 'DependentsNotReady'
      ? [message.replace(/^not ready: /, '')]
      : reason === 'WaitingForDependents'
        ? message.split('; ').map((part) => part.split(' waits for ')[1] ?? '')
        : []
  // Behind a name can stand why, in parentheses.
  if (lists.some((list) => list.split(/, | and \d+ more$/).some((part) => part === name || part.startsWith(`${name} (`)))) return 'notReady'
  return reason === 'DependentsNotReady' && !/ and \d+ more$/.test(message) ? 'ready' : 'nothing'
}
