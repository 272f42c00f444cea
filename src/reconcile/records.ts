/**
 * Records as text, and what changes in them.
 *
 * They say whose they are: a custom resource that is restored from a backup has another UID than the one that they were made for, and goes
 * on with them. Nothing in here decides what a record means.
 */
import { canonicalJson } from '../api/canonical.ts'
import { equalJson } from '../api/equal.ts'
import { groupKind, gvkOf, isMap, type KubernetesObject, objectKey } from '../api/object.ts'
import type { Problem } from '../api/problem.ts'
import { noRecords, type RecordChanges, type Records } from './walk.ts'

/** How the name of every Secret ends that keeps records. */
const recordsSuffix = '-records'

/** The names that the Secret can have: the second where the first is that of another kind's primary. */
export const recordsSecretNames = (primary: KubernetesObject): readonly [string, string] => {
  const { name } = primary.metadata
  return [`${name}${recordsSuffix}`, `${name}-${groupKind(gvkOf(primary)).toLowerCase()}${recordsSuffix}`]
}

/** The key of the Secret's data that holds them. */
export const recordsDataKey = 'playbook.json'

/** The most that they may take, in bytes: a Secret holds 1 MiB. (core/v1, MaxSecretSize) */
export const mostRecordBytes = 900 * 1024

/** Whose the records are. */
export interface RecordsOwner {
  /** `App.app.company.com` */
  kind: string
  /** `eu/shop` */
  key: string
  uid: string
}

export const recordsOwner = (primary: KubernetesObject): RecordsOwner => ({
  kind: groupKind(gvkOf(primary)),
  key: objectKey(primary.metadata),
  uid: primary.metadata.uid as string,
})

/** Whether both are one custom resource, perhaps made again. */
export const isSameOwner = (one: RecordsOwner, other: RecordsOwner): boolean => one.kind === other.kind && one.key === other.key

/** Compact, and the same text for the same records. */
export const formatRecords = (of: RecordsOwner, records: Records): string =>
  canonicalJson({ of, ...Object.fromEntries(Object.entries(records).filter(([, part]) => Object.keys(part).length > 0)) })

/** Undefined for what no `formatRecords` has written: the Secret can be edited by anybody. */
export function parseRecords(text: string): { of: RecordsOwner; records: Records } | undefined {
  try {
    const { of, ...parts } = JSON.parse(text) as { of?: Partial<RecordsOwner> } & Partial<Records>
    if (![of?.kind, of?.key, of?.uid].every((part) => typeof part === 'string')) return undefined
    const records: Records = { ...noRecords, ...parts }
    return Object.keys(noRecords).every((part) => isMap(records[part as keyof Records])) ? { of: of as RecordsOwner, records } : undefined
  } catch {
    return undefined
  }
}

/** The records with the changes; the same object where they change nothing. */
export function mergeRecords(records: Records, changes: RecordChanges): Records {
  let merged: Records = records
  for (const part of Object.keys(noRecords) as (keyof Records)[]) {
    const before = records[part] as Readonly<Record<string, unknown>>
    const differing = Object.entries(changes[part] ?? {}).filter(([key, value]) =>
      value === null ? Object.hasOwn(before, key) : !Object.hasOwn(before, key) || !equalJson(before[key], value),
    )
    if (differing.length === 0) continue
    const after = new Map(Object.entries(before))
    for (const [key, value] of differing) {
      if (value === null) after.delete(key)
      else after.set(key, value)
    }
    merged = { ...merged, [part]: Object.fromEntries(after) }
  }
  return merged
}

/** Why records do not fit into a Secret; undefined: they do. @param text as formatRecords has it */
export function tooLarge(text: string, { memory, acts }: Records): Problem | undefined {
  const size = bytesOf(text)
  if (size <= mostRecordBytes) return undefined
  const sizes = new Map([['remember', bytesOf(JSON.stringify(memory))]])
  for (const [id, record] of Object.entries(acts)) {
    const step = id.split('/').slice(0, 2).join('/')
    sizes.set(step, (sizes.get(step) ?? 0) + bytesOf(id) + bytesOf(JSON.stringify(record)))
  }
  const [[most, ofMost]] = [...sizes].sort(([, one], [, other]) => other - one) as [[string, number]]
  return {
    code: 'RECORDS_TOO_LARGE',
    message: `what is recorded takes ${kibibytes(size)} KiB, and ${kibibytes(mostRecordBytes)} KiB is the most; most of it, ${kibibytes(ofMost)} KiB, is of ${most}`,
    remedy: 'fewer items at a time, or results that are not kept',
  }
}

const encoder = new TextEncoder()
const bytesOf = (text: string): number => encoder.encode(text).length
const kibibytes = (bytes: number): number => Math.ceil(bytes / 1024)
