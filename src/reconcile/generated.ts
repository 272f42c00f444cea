/**
 * Generated values: passwords, keys and certificates that are made once for a primary, and read back ever after.
 *
 * A render that reads one which is not there names it as a need. Whoever runs the program makes it, keeps it in one Secret of the primary, and
 * renders again. What is to be renewed is left out of the snapshot, so that it is a need once more.
 */
import { decodeBase64 } from '../api/base64.ts'
import { canonicalJson } from '../api/canonical.ts'
import { fieldManager } from '../api/names.ts'
import { groupKind, gvkOf, type JsonObject, type KubernetesObject } from '../api/object.ts'
import { applyEntry } from './ingest.ts'

/** Each sort of value with its parts, and which of them are secrets; the first part's key in the Secret is the bare name. */
export const generatedParts = {
  password: { value: { key: '', secret: true } },
  token: { value: { key: '', secret: true } },
  uuid: { value: { key: '', secret: false } },
  rsa: { privateKey: { key: '.key', secret: true }, publicKey: { key: '.pub', secret: false } },
  ssh: { privateKey: { key: '.key', secret: true }, publicKey: { key: '.pub', secret: false } },
  ca: { certificate: { key: '.crt', secret: false }, privateKey: { key: '.key', secret: true } },
  certificate: {
    certificate: { key: '.crt', secret: false },
    privateKey: { key: '.key', secret: true },
    ca: { key: '.ca', secret: false },
  },
} as const satisfies Record<string, Record<string, { key: string; secret: boolean }>>

export type GeneratedSort = keyof typeof generatedParts

export interface Generated {
  sort: GeneratedSort
  /** The options that it was made with, as `optionsText` has them. */
  options: string
  /** By part, as base64. */
  parts: Readonly<Record<string, string>>
}

/** A value that is to be made. */
export interface GenerateNeed {
  sort: GeneratedSort
  name: string
  options: JsonObject
  /** The value to take instead of a new one, as base64. */
  adopt?: string
}

/** How the name of every Secret ends that keeps values. */
export const generatedSuffix = '-generated'

/**
 * The names that the Secret which keeps a primary's values can have: the second where the first is that of another kind's primary. What it
 * has it keeps, also when the other is gone.
 */
export const generatedSecretNames = (primary: KubernetesObject): readonly [string, string] => {
  const { name } = primary.metadata
  return [`${name}${generatedSuffix}`, `${name}-${groupKind(gvkOf(primary)).toLowerCase()}${generatedSuffix}`]
}

/** Whether the object keeps the values of a primary of another kind, which is there as far as the object tells. */
export function isOfAnotherKind(live: KubernetesObject, primary: KubernetesObject): boolean {
  const owner = live.metadata.ownerReferences?.find(({ controller }) => controller)
  if (!owner || groupKind(gvkOf(owner)) === groupKind(gvkOf(primary))) return false
  return applyEntry(live, fieldManager('generated', owner.uid)) !== undefined
}

/** The key of that Secret which says how each value was made; the others hold the values. */
export const recordsKey = 'records.json'

/** How one value was made. */
export interface GeneratedRecord {
  sort: GeneratedSort
  options: string
  /** What the annotation said of it when it was made: another text there is a reason to make it anew. */
  rotate?: string
  /** RFC 3339: when it is made anew, in good time before it expires. */
  renew?: string
}

export const optionsText = (options: JsonObject): string => canonicalJson(options)

/** The annotation `db=1,tls=2026-06`: a value is made anew for each new text behind its name. None where it cannot be read as a whole. */
export const rotations = (annotation: string | undefined): ReadonlyMap<string, string> => new Map(pairsOf(annotation) ?? [])

/** Whether the annotation can be read as a whole. */
export const areRotations = (annotation: string | undefined): boolean => pairsOf(annotation) !== undefined

/** The names and their texts; undefined where one is no pair, or a name stands twice. */
function pairsOf(annotation = ''): [name: string, text: string][] | undefined {
  const pairs = annotation
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair) => /^([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?)=(.+)$/s.exec(pair))
  if (pairs.includes(null) || new Set(pairs.map((pair) => pair?.[1])).size < pairs.length) return undefined
  return pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? ''])
}

/** The records of the Secret's data, which anybody can edit; without those that cannot be read. */
export function recordsOf(data: Readonly<Record<string, string>>): Record<string, GeneratedRecord> {
  try {
    const records = JSON.parse(decodeBase64(data[recordsKey] ?? '') ?? '') as unknown
    return typeof records === 'object' && records !== null ? Object.fromEntries(Object.entries(records).filter(isNamedRecord)) : {}
  } catch {
    return {}
  }
}

function isNamedRecord(entry: [string, unknown]): entry is [string, GeneratedRecord] {
  const { sort, options, rotate = '', renew = '' } = (entry[1] ?? {}) as Partial<Record<keyof GeneratedRecord, unknown>>
  return (
    typeof sort === 'string' &&
    Object.hasOwn(generatedParts, sort) &&
    [options, rotate, renew].every((text) => typeof text === 'string') &&
    (renew === '' || !Number.isNaN(Date.parse(String(renew))))
  )
}

/** The parts of a value by name, as base64; undefined if one is not there. */
export function partsOf(sort: GeneratedSort, name: string, data: Readonly<Record<string, string>>): Record<string, string> | undefined {
  const parts = Object.entries(generatedParts[sort]).map(([part, { key }]) => [part, data[name + key]] as const)
  return parts.every(([, value]) => value !== undefined) ? (Object.fromEntries(parts) as Record<string, string>) : undefined
}

/** The values that still hold, by name. `now` in milliseconds since the epoch. */
export function validValues(
  data: Readonly<Record<string, string>>,
  rotation: ReadonlyMap<string, string>,
  now: number,
): { values: Record<string, Generated>; renewAt: number | undefined } {
  const values: Record<string, Generated> = {}
  const renewals: number[] = []
  for (const [name, { sort, options, rotate, renew }] of Object.entries(recordsOf(data))) {
    const due = renew === undefined ? Infinity : Date.parse(renew)
    if (due <= now || (rotation.has(name) && rotation.get(name) !== rotate)) continue
    renewals.push(due)
    // A part that somebody deleted is no value: all of it is made anew.
    const parts = partsOf(sort, name, data)
    if (parts) values[name] = { sort, options, parts }
  }
  const renewAt = Math.min(...renewals)
  return { values, renewAt: Number.isFinite(renewAt) ? renewAt : undefined }
}
