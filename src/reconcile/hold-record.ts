/**
 * The record of a hold: the condition PruneHeld, which people read, and which the next pass and `fairlead approve` read back.
 *
 *   True     the deletes in the message wait for approval; its set names them, at most 20 in the text
 *   False    Approved: the deletes in the message were approved and run; all of them are in the text, so that a process that ends between
 *            two of them leaves the next one to finish
 *   absent   there is nothing to delete
 *
 * What the message says is what counts: there is no second place that could say something else.
 */
import type { JsonObject } from '../api/object.ts'
import type { WantedCondition } from './conditions.ts'

export const holdConditionType = 'PruneHeld'

/** Why deletes are held, as the condition's reason. */
export const holdReasons = {
  DefinitionChanged: 'The definition changed since the last pass that brought everything about, or the status does not tell which it was.',
  InputChanged: 'Something that the program reads changed: the state of a dependent, a value of the cluster.',
  NothingRendered: 'The program rendered no document at all.',
} as const

export type HoldReason = keyof typeof holdReasons

export type HoldRecord =
  | {
      kind: 'held'
      reason: HoldReason
      /** A phrase of our own words, without brackets. */
      why: string
      /** Of the held objects: `StatefulSet/db`; read back from a condition, those that it lists. */
      names: readonly string[]
      /** How many there are beside the names. */
      more: number
      /** What an approval has to name. */
      set: string
    }
  | { kind: 'approved'; set: string; names: readonly string[] }

const listed = 20

/** @param command what releases the held deletes */
export function holdCondition(record: HoldRecord, command: string): WantedCondition {
  const { names, set } = record
  if (record.kind === 'approved')
    return {
      type: holdConditionType,
      status: 'False',
      reason: 'Approved',
      message: `deletes as approved in set ${set}: ${names.join(', ')}`,
    }
  const count = names.length + record.more
  const more = Math.max(0, count - listed)
  const list = `${names.slice(0, listed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  const message = `${count} ${count === 1 ? 'delete is' : 'deletes are'} held (${record.why}): ${list}; to delete: ${command} (set ${set})`
  return { type: holdConditionType, status: 'True', reason: record.reason, message }
}

const heldPattern = /^(\d+) deletes? (?:is|are) held \(([^)]*)\): (.*?)(?: and (\d+) more)?; to delete: .* \(set ([0-9a-f]{12})\)$/
const approvedPattern = /^deletes as approved in set ([0-9a-f]{12}): (.*)$/

/** Reads a condition back; undefined for one that tells of no hold. */
export function readHoldRecord(conditions: readonly JsonObject[]): HoldRecord | undefined {
  const { reason, message } = conditions.find(({ type }) => type === holdConditionType) ?? {}
  if (typeof message !== 'string') return undefined
  const approved = approvedPattern.exec(message)
  if (approved) return { kind: 'approved', set: approved[1] as string, names: (approved[2] as string).split(', ') }
  const held = heldPattern.exec(message)
  if (!held || typeof reason !== 'string' || !Object.hasOwn(holdReasons, reason)) return undefined
  return {
    kind: 'held',
    reason: reason as HoldReason,
    why: held[2] as string,
    names: (held[3] as string).split(', '),
    more: Number(held[4] ?? 0),
    set: held[5] as string,
  }
}

/** Whether two records say the same to a reader of the condition. */
export const sameHold = (one: HoldRecord | undefined, other: HoldRecord | undefined): boolean =>
  one?.kind === other?.kind && one?.set === other?.set
