/**
 * What a render read, in so few characters that a status has room for it: by this a process that starts later knows whether what the program
 * reads is still what the last clean pass found.
 *
 *   an object that is looked up    its UID and version
 *   the time                       itself: a later process can ask again as of then
 *   anything else                  each value by its path: labels and annotations, fields of dependents and of the status, what the cluster
 *                                  offers. What changes beside it is of no account.
 */
import { canonicalJson } from '../api/canonical.ts'
import { type LookupResults, type LookupVersions, lookupVersions } from './lookup.ts'
import type { Answer } from './program.ts'

export interface ReadVersions {
  lookups: LookupVersions
  /** Digests of the values by those of their paths; eight hexadecimal digits each. */
  values: Readonly<Record<string, string>>
  /** Minutes since the epoch; undefined: the time was not read. */
  minute?: number | undefined
}

export const nothingRead: ReadVersions = { lookups: {}, values: {} }

/** More would make the status of a template that reads in a loop larger than what it tells. */
const most = 100

const millisecondsPerMinute = 60_000

interface Snapshot {
  lookups?: LookupResults | undefined
  /** Milliseconds since the epoch. */
  now: number
}

/** Undefined: more than a status has room for. */
export function readVersions(
  { lookups = [], values = new Map(), readNow }: Extract<Answer, { kind: 'rendered' }>,
  inputs: Snapshot,
  sha256: (text: string) => string,
): ReadVersions | undefined {
  if (lookups.length + values.size > most) return undefined
  if (lookups.length + values.size === 0 && !readNow) return nothingRead
  const digest = (text: string): string => sha256(text).slice(0, 8)
  return {
    lookups: lookupVersions(lookups, inputs.lookups ?? {}, sha256),
    values: Object.fromEntries([...values].map(([path, value]) => [digest(path), digest(canonicalJson(value))])),
    ...(readNow && { minute: Math.floor(inputs.now / millisecondsPerMinute) }),
  }
}

/** The time that was read; undefined: none. */
export const timeOf = ({ minute }: ReadVersions): number | undefined => minute && minute * millisecondsPerMinute

/**
 * Whether what was read before is still the same. What is looked up only now is asked for by the new spec; of any other value that was not read
 * before nobody knows what it was.
 */
export const areSameVersions = (before: ReadVersions, now: ReadVersions | undefined): boolean =>
  now !== undefined &&
  Object.entries(now.lookups).every(([id, version]) => (before.lookups[id] ?? version) === version) &&
  Object.entries(now.values).every(([path, version]) => before.values[path] === version) &&
  (now.minute === undefined || now.minute === before.minute)
