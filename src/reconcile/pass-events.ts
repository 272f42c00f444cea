/**
 * What a pass gives rise to tell as Events: one for each sort of write, and one for what the status says now and did not say before.
 *
 * The status is the memory: a restart finds the same one, and tells nothing again.
 */
import { displayName, type JsonObject, type KubernetesObject } from '../api/object.ts'
import { type EventReason, isEventReason, writeReason, type WriteVerb } from './event-reasons.ts'
import { holdConditionType } from './hold-record.ts'
import type { Cause } from './plan.ts'
import { listed } from './status.ts'

export interface EventDraft {
  reason: EventReason
  /** In our own words, without a value of an object. */
  note: string
  /** The one dependent that it is about. */
  related?: KubernetesObject
}

export interface Write {
  verb: WriteVerb
  cause: Cause
  /** The object, as far as it is known. */
  of: KubernetesObject
  /** What was put back, and who had changed it. */
  detail?: string | undefined
}

export function writeEvents(writes: readonly Write[]): EventDraft[] {
  const byReason = Map.groupBy(writes, ({ verb, cause }) => writeReason(verb, cause))
  return [...byReason].map(([reason, same]): EventDraft => {
    const [first] = same as [Write]
    const causes = [...new Set(same.map(({ cause }) => cause))].join(', ')
    const names = listed(
      same.map(({ of, detail }) => `${displayName(of)}${detail ? `: ${detail}` : ''}`),
      same.some(({ detail }) => detail) ? '; ' : ', ',
    )
    return { reason, note: `${names} (${causes})`, ...(same.length === 1 && { related: first.of }) }
  })
}

/** @param before and @param after the conditions of the status as the pass found it and as it left it */
export function statusEvents(before: readonly JsonObject[], after: readonly JsonObject[]): EventDraft[] {
  const ready = find(after, 'Ready')
  const reason = String(ready?.['reason'])
  return [
    ...(ready && isEventReason(reason) && isNews(ready, find(before, 'Ready')) ? [{ reason, note: messageOf(ready) }] : []),
    ...passing(before, after, holdConditionType, 'DeletesHeld'),
    ...passing(before, after, 'FieldsYielded', 'FieldsYielded'),
    ...passing(before, after, 'ValuesOverridden', 'ValuesOverridden'),
  ]
}

function passing(before: readonly JsonObject[], after: readonly JsonObject[], type: string, reason: EventReason): EventDraft[] {
  const found = find(after, type)
  return found?.['status'] === 'True' && isNews(found, find(before, type)) ? [{ reason, note: messageOf(found) }] : []
}

const find = (conditions: readonly JsonObject[], type: string): JsonObject | undefined =>
  conditions.find((condition) => condition['type'] === type)

const isNews = (after: JsonObject, before: JsonObject | undefined): boolean =>
  after['status'] !== before?.['status'] || after['reason'] !== before?.['reason'] || after['message'] !== before?.['message']

const messageOf = (condition: JsonObject): string => String(condition['message'] ?? '')
