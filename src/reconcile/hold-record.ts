/**
 * The record of a hold: the condition PruneHeld, which people read, and which the next pass and `fairlead approve` read back.
 *
 *   True     the deletes in the message wait for approval; its set names them, at most 20 in the text
 *   False    Approved: the deletes in the message were approved and run; all of them are in the text, at most 20 by name and the others by
 *            a digest of it, so that a process that ends between two of them leaves the next one to finish
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
  /** `names`: of all of the set; read back from a condition, those that it lists, and the digests of the others. */
  | { kind: 'approved'; set: string; names: readonly string[]; digests: readonly string[] }

const listed = 20

/** Eight hexadecimal digits: a thousand of them have room in a message (at most 32,768 characters, as metav1.Condition has it). */
const digestOf = (name: string, sha256: Sha256): string => sha256(name).slice(0, 8)

type Sha256 = (text: string) => string

/** What an approval covers, of a set that is being deleted. */
export function approvedRecord(set: string, names: readonly string[], sha256: Sha256): HoldRecord {
  const digests = names.slice(listed).map((name) => digestOf(name, sha256))
  return { kind: 'approved', set, names: names.slice(0, listed), digests }
}

/** Whether the object of this name is one of those. */
export const isApproved = ({ names, digests }: Extract<HoldRecord, { kind: 'approved' }>, name: string, sha256: Sha256): boolean =>
  names.includes(name) || (digests.length > 0 && digests.includes(digestOf(name, sha256)))

/** @param command what releases the held deletes */
export function holdCondition(record: HoldRecord, command: string): WantedCondition {
  const { names, set } = record
  if (record.kind === 'approved') {
    const { length } = record.digests
    const others = length > 0 ? ` and ${length} more (${record.digests.join(' ')})` : ''
    const message = `deletes as approved in set ${set}: ${names.join(', ')}${others}`
    return { type: holdConditionType, status: 'False', reason: 'Approved', message }
  }
  const count = names.length + record.more
  const more = Math.max(0, count - listed)
  const list = `${names.slice(0, listed).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
  const message = `${count} ${count === 1 ? 'delete is' : 'deletes are'} held (${record.why}): ${list}; to delete: ${command} (set ${set})`
  return { type: holdConditionType, status: 'True', reason: record.reason, message }
}

const heldPattern = /^(\d+) deletes? (?:is|are) held \(([^)]*)\): (.*?)(?: and (\d+) more)?; to delete: .* \(set ([0-9a-f]{12})\)$/
const approvedPattern = /^deletes as approved in set ([0-9a-f]{12}): (.*?)(?: and \d+ more \(([0-9a-f ]*)\))?$/

/** Reads a condition back; undefined for one that tells of no hold. */
export function readHoldRecord(conditions: readonly JsonObject[]): HoldRecord | undefined {
  const { reason, message } = conditions.find(({ type }) => type === holdConditionType) ?? {}
  if (typeof message !== 'string') return undefined
  const approved = approvedPattern.exec(message)
  if (approved) {
    const [, set, names, digests] = approved as unknown as [string, string, string, string | undefined]
    return { kind: 'approved', set, names: names.split(', '), digests: digests?.split(' ') ?? [] }
  }
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
