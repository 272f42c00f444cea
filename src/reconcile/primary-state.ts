/**
 * What the status of a primary says, for whoever reads it from outside: the verdict of the last pass, and what a person should know beside it.
 *
 * Only what this runtime itself wrote is read: conditions of a program or of others are not repeated.
 */
import type { JsonObject, KubernetesObject } from '../api/object.ts'
import { conditionsOf } from './conditions.ts'
import { type HoldRecord, readHoldRecord } from './hold-record.ts'
import { readObservedRevision } from './observed-revision.ts'
import { previousStatus } from './status-profile.ts'
import { statusReasons } from './status-reasons.ts'

/** `untold`: no pass has written a status, or the kind has no room for one. */
export const primaryStates = ['ready', 'reconciling', 'stalled', 'suspended', 'deleting', 'untold'] as const

export interface PrimaryState {
  state: (typeof primaryStates)[number]
  /** One of the reasons of Ready; `NotObserved`: the last pass looked at an earlier generation; `NoStatus`. */
  reason: string
  /** What it waits for, or what is in the way. */
  message: string
  /** Since when, as the status has it. */
  since?: string
  observedGeneration?: number
  observedRevision?: string
  hold?: Extract<HoldRecord, { kind: 'held' }>
  /** Fields that are left to others. */
  yields?: string
  /** Fields that are fought over. */
  fights?: string
  /** Values of its spec that do not count. */
  overridden?: string
}

export function primaryState(primary: KubernetesObject): PrimaryState {
  const status = previousStatus({ subresource: true }, primary)
  const conditions = conditionsOf(status['conditions'])
  const messageOf = (type: string): string | undefined => {
    const found = conditions.find((condition) => condition['type'] === type && condition['status'] === 'True')
    return found && text(found['message'])
  }
  const { observedGeneration } = status
  const { revision: observedRevision } = readObservedRevision(status['observedRevision'])
  const hold = readHoldRecord(conditions)
  const yields = messageOf('FieldsYielded')
  const fights = messageOf('Fighting')
  const overridden = messageOf('ValuesOverridden')
  return {
    ...verdict(primary, conditions),
    ...(typeof observedGeneration === 'number' && { observedGeneration }),
    ...(typeof observedRevision === 'string' && { observedRevision }),
    ...(hold?.kind === 'held' && { hold }),
    ...(yields !== undefined && { yields }),
    ...(fights !== undefined && { fights }),
    ...(overridden !== undefined && { overridden }),
  }
}

type Verdict = Pick<PrimaryState, 'state' | 'reason' | 'message' | 'since'>

function verdict({ metadata }: KubernetesObject, conditions: readonly JsonObject[]): Verdict {
  const ready = conditions.find(({ type }) => type === 'Ready')
  const known = ready && judged(ready, metadata.generation)
  if (metadata.deletionTimestamp !== undefined)
    return { state: 'deleting', reason: known?.reason ?? 'Deleting', message: known?.message ?? '', since: metadata.deletionTimestamp }
  return known ?? { state: 'untold', reason: 'NoStatus', message: 'no operator has told anything of it' }
}

function judged(ready: JsonObject, generation: number | undefined): Verdict {
  const reason = text(ready['reason'])
  const seen = ready['observedGeneration']
  if (typeof seen === 'number' && generation !== undefined && seen !== generation)
    return {
      state: 'reconciling',
      reason: 'NotObserved',
      message: `generation ${generation} has not been looked at yet; of generation ${seen} it was told: ${reason}`,
    }
  const since = text(ready['lastTransitionTime'])
  return { state: stateOf(reason, ready['status']), reason, message: text(ready['message']), ...(since && { since }) }
}

function stateOf(reason: string, status: unknown): PrimaryState['state'] {
  const known = Object.hasOwn(statusReasons, reason) ? statusReasons[reason as keyof typeof statusReasons].outcome : undefined
  return known ?? (status === 'True' ? 'ready' : 'reconciling')
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
