/**
 * Generated values: passwords, keys and certificates that are made once for a primary, and read back ever after.
 *
 * A render that reads one which is not there names it as a need. Whoever runs the program makes it, keeps it in one Secret of the primary, and
 * renders again. What is to be renewed is left out of the snapshot, so that it is a need once more.
 */
import { decodeBase64 } from '../api/base64.ts'
import { canonicalJson } from '../api/canonical.ts'
import type { JsonObject } from '../api/object.ts'

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

/** The name of the Secret that keeps a primary's values. */
export const generatedSecretName = (primaryName: string): string => `${primaryName}-generated`

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

/** The annotation `db=1,tls=2026-06`: a value is made anew for each new text behind its name. */
export function rotations(annotation: string | undefined): ReadonlyMap<string, string> {
  const pairs = (annotation ?? '').split(',').map((pair) => pair.trim().split('='))
  return new Map(pairs.filter(([name]) => name).map(([name, ...text]) => [name as string, text.join('=')]))
}

/** The records of the Secret's data; none where they cannot be read. */
export function recordsOf(data: Readonly<Record<string, string>>): Record<string, GeneratedRecord> {
  try {
    return JSON.parse(decodeBase64(data[recordsKey] ?? '') ?? '') as Record<string, GeneratedRecord>
  } catch {
    return {}
  }
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
    const parts = Object.entries(generatedParts[sort] ?? {}).map(([part, { key }]) => [part, data[name + key]] as const)
    // A part that somebody deleted is no value: all of it is made anew.
    if (parts.every(([, value]) => value !== undefined))
      values[name] = { sort, options, parts: Object.fromEntries(parts) as Record<string, string> }
  }
  const renewAt = Math.min(...renewals)
  return { values, renewAt: Number.isFinite(renewAt) ? renewAt : undefined }
}
