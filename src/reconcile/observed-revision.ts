/**
 * `status.observedRevision`: what the last clean pass ran, for which watch, and what it looked up.
 *
 *   3f2a…                                  a definition whose program read nothing but the spec
 *   3f2a…#2                                the second of the kind's watches in it had the primary
 *   3f2a…+0a1b2c3d-44aa55bb.99887766-…     digests of each lookup and of what it found, by which a process that starts later knows whether
 *                                          what is looked up has changed with the spec
 *   3f2a…+                                 more than lookups: states, what the cluster offers, the time; or more lookups than there is room for
 *
 * It would cost a write of every status for each change of what many look up. So it is brought up to date where the change had effects,
 * and is left behind where it had none: then a process that starts later takes that for a change that it was not there for.
 */
import type { LookupVersions } from './lookup.ts'

export interface ObservedRevision {
  /** Of the definition; undefined where there is none. */
  revision: unknown
  /** Which of the kind's watches in it had the primary: 1 for the first. */
  watch: number
  /** Undefined: not known. */
  lookups: LookupVersions | undefined
}

/** More would make the status of a template that looks up in a loop larger than what it tells. */
const most = 100

export function writeObservedRevision({ revision, watch, lookups }: ObservedRevision & { revision: string }): string {
  const ran = watch === 1 ? revision : `${revision}#${watch}`
  if (!lookups) return `${ran}+`
  const each = Object.entries(lookups).map(([id, version]) => `${id}-${version}`)
  if (each.length === 0) return ran
  return `${ran}+${each.length > most ? '' : each.sort().join('.')}`
}

export function readObservedRevision(text: unknown): ObservedRevision {
  if (typeof text !== 'string') return { revision: text, watch: 1, lookups: undefined }
  const [ran = '', lookups] = text.split('+', 2)
  const [revision, number = '1'] = ran.split('#', 2)
  const watch = Number(number)
  if (lookups === undefined) return { revision, watch, lookups: {} }
  if (lookups === '') return { revision, watch, lookups: undefined }
  return { revision, watch, lookups: Object.fromEntries(lookups.split('.').map((each) => each.split('-', 2) as [string, string])) }
}
