/**
 * `status.observedRevision`: what the last clean pass ran, for which watch, and what it read.
 *
 *   3f2a…                                  a definition whose program read nothing but the spec
 *   3f2a…#2                                the second of the kind's watches in it had the primary
 *   3f2a…@hkz1c                            it read the time, which was then that many minutes since the epoch
 *   3f2a…+0a1b2c3d-44aa55bb.99887766:…     digests of each lookup (-) and of each other value (:) that it read, and of what it found, by which
 *                                          a process that starts later knows whether what is read has changed with the spec
 *   3f2a…+                                 more than there is room for
 *
 * It would cost a write of every status for each change of what many look up. So it is brought up to date where the change had effects, or
 * the status is written anyhow, and is left behind where neither is so: then a process that starts later takes that for a change that it was
 * not there for.
 */
import type { ReadVersions } from './read-versions.ts'

export interface ObservedRevision {
  /** Of the definition; undefined where there is none. */
  revision: unknown
  /** Which of the kind's watches in it had the primary: 1 for the first. */
  watch: number
  /** Undefined: not known. */
  reads: ReadVersions | undefined
}

export function writeObservedRevision({ revision, watch, reads }: ObservedRevision & { revision: string }): string {
  const ran = watch === 1 ? revision : `${revision}#${watch}`
  if (!reads) return `${ran}+`
  const { lookups, values, minute } = reads
  const then = minute === undefined ? ran : `${ran}@${minute.toString(36)}`
  const each = [...joined(lookups, '-'), ...joined(values, ':')]
  if (each.length === 0) return then
  return `${then}+${each.sort().join('.')}`
}

export function readObservedRevision(text: unknown): ObservedRevision {
  if (typeof text !== 'string') return { revision: text, watch: 1, reads: undefined }
  const [ran = '', each] = text.split('+', 2)
  const [, revision, number = '1', minute] = /^(.*?)(?:#(\d+))?(?:@([0-9a-z]+))?$/.exec(ran) as unknown as [
    string,
    string,
    string?,
    string?,
  ]
  const watch = Number(number)
  if (each === '') return { revision, watch, reads: undefined }
  const entries = each?.split('.') ?? []
  return {
    revision,
    watch,
    reads: {
      lookups: parted(entries, '-'),
      values: parted(entries, ':'),
      ...(minute !== undefined && { minute: Number.parseInt(minute, 36) }),
    },
  }
}

const joined = (versions: Readonly<Record<string, string>>, mark: string): string[] =>
  Object.entries(versions).map(([id, version]) => `${id}${mark}${version}`)

const parted = (entries: readonly string[], mark: string): Record<string, string> =>
  Object.fromEntries(entries.filter((entry) => entry.includes(mark)).map((entry) => entry.split(mark, 2) as [string, string]))
