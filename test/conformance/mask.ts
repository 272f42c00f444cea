/**
 * Answers of two servers made comparable: what a server chooses for itself is replaced by what it means.
 *
 * Identities (uid, resourceVersion, addresses, node ports, generated names, hashes) become `uid 1`, `uid 2` … in the order in which the
 * server told them, so that two answers with the same uid on one server have to have the same uid on the other. Times near now become
 * `now`; times that the case has sent itself stay. Everything else is compared as it is, JSON as values.
 *
 * Left out are the descriptions of table columns and of the OpenAPI documents: the sandbox has texts of its own there.
 */
import type { Entry, Recording } from './api.ts'

type Path = readonly (string | number)[]

const uuid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g
const address = /\b10\.(?:96|244|245)\.\d+\.\d+\b/g
const instant = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g
const token = /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g
const certificate = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----\n?/g
/** An event's name ends in the time of its making, in hexadecimal. */
const eventSuffix = /\.1[0-9a-f]{15}\b/g
/** The volume of the service account's token. */
const accessVolume = /\bkube-api-access-[a-z0-9]{5}\b/g
/** In a text that quotes a whole object. */
const quotedVersion = /("resourceVersion\\?":\\?")\d+/g
/** What a server says of a version that it has not come to. */
const currentVersion = /(Too large resource version: \d+, current: )\d+/g
const node = /\bnode-\d\b/g
const age = /^(?:\d+[smhd])+$/
const anHour = 3_600_000

/** The recording with nothing in it that differs between two runs on one server. */
export function masked({ entries, names }: Recording, now: number = Date.now()): unknown[] {
  const seen = new Map<string, string>()
  const counts = new Map<string, number>()
  const label = (kind: string, value: string): string => {
    const key = `${kind} ${value}`
    const known = seen.get(key)
    if (known !== undefined) return known
    const count = (counts.get(kind) ?? 0) + 1
    counts.set(kind, count)
    const made = `${kind} ${count}`
    seen.set(key, made)
    return made
  }
  const literals = [...Object.entries(names), ...generatedNames(entries, label)].sort(([a], [b]) => b.length - a.length)

  const text = (value: string): string => {
    let masking = value
    for (const [name, word] of literals) if (masking.includes(name)) masking = masking.replaceAll(name, word)
    return masking
      .replace(uuid, (found) => label('uid', found))
      .replace(address, (found) => label('address', found))
      .replace(instant, (found, fraction = '') => (Math.abs(Date.parse(found) - now) < anHour ? `now${fraction && '.'}` : found))
      .replace(token, 'token')
      .replace(certificate, 'certificate')
      .replace(eventSuffix, '.time')
      .replace(accessVolume, 'kube-api-access')
      .replace(quotedVersion, '$1version')
      .replace(currentVersion, '$1version')
      .replace(node, 'node')
  }

  const walk = (value: unknown, path: Path, parent: unknown): unknown => {
    const key = path.at(-1)
    if (typeof value === 'string') {
      if (key === 'resourceVersion' && value !== '') return /^\d+$/.test(value) ? version(parent, path, value, label) : text(value)
      if (key === 'asked')
        return text(value.replace(/\bcontinue=[^&]+/, 'continue=token').replace(/\b(resourceVersion=)\d{2,}/, '$1version'))
      // The simulated nodes of the real control plane are kwok's.
      if (key === 'manager' && value === 'kwok') return 'kubelet'
      if (key === 'continue') return continueToken(value, text)
      if (typeof key === 'number' && path.at(-2) === 'cells' && age.test(value)) return 'age'
      return text(value)
    }
    if (typeof value === 'number' && (key === 'nodePort' || key === 'healthCheckNodePort') && value >= 30_000)
      return label('node port', String(value))
    if (key === 'managedFields' && Array.isArray(value))
      return inOrderOfNames(value).map((item, index) => walk(item, [...path, index], value))
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...path, index], value))
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(
        Object.entries(value)
          .filter(([name]) => !(name === 'description' && path.at(-2) === 'columnDefinitions'))
          // In one order, or identities would be numbered by the order in which a server writes its fields.
          // Ownership comes last: its keys are sorted by the uid that they hold.
          .sort(([a], [b]) => Number(a === 'managedFields') - Number(b === 'managedFields') || (a < b ? -1 : 1))
          .map(([name, item]) => [text(name), walk(item, [...path, name], value)]),
      )
    return value
  }
  return entries.map((entry) => walk(inOneOrder(openApi(entry.asked) ? withoutDescriptions(entry) : entry), [], undefined))
}

/** A list's version is that of the whole database, which others write to as well: only that there is one is compared. */
function version(parent: unknown, path: Path, value: string, label: (kind: string, value: string) => string): string {
  if (value === '0') return value
  const object = parent as { uid?: unknown; name?: unknown }
  return path.at(-2) === 'metadata' && object.uid === undefined && object.name === undefined ? 'version' : label('version', value)
}

/** (apiserver, storage/continue.go: JSON in base64) */
function continueToken(value: string, text: (value: string) => string): unknown {
  try {
    const decoded: { rv?: number } = JSON.parse(Buffer.from(value, 'base64url').toString())
    return {
      ...decoded,
      ...(typeof decoded.rv === 'number' && decoded.rv > 0 && { rv: 'version' }),
      start: text(String(Object(decoded).start)),
    }
  } catch {
    return text(value)
  }
}

/** Names that the server has made of a prefix, and the hashes that controllers put into names and labels. */
function generatedNames(value: unknown, label: (kind: string, value: string) => string): Map<string, string> {
  const found = new Map<string, string>()
  const look = (each: unknown): void => {
    if (typeof each !== 'object' || each === null) return
    const { labels, generateName, name } = each as { labels?: Record<string, unknown>; generateName?: unknown; name?: unknown }
    for (const key of ['pod-template-hash', 'controller-revision-hash', 'controller.kubernetes.io/hash']) {
      const hash = labels?.[key]
      if (typeof hash === 'string' && hash !== '') {
        const end = hash.slice(hash.lastIndexOf('-') + 1)
        found.set(end, label('hash', end))
      }
    }
    if (typeof generateName === 'string' && typeof name === 'string') {
      // A prefix that is too long is cut.
      const prefix = generateName.slice(0, 58)
      const end = name.slice(prefix.length)
      if (name.startsWith(prefix) && /^[a-z0-9]{5}$/.test(end)) found.set(end, label('suffix', end))
    }
    for (const item of Object.values(each)) look(item)
  }
  look(value)
  return found
}

/** A server sorts the entries by their seconds first, which two servers do not share. */
function inOrderOfNames(entries: readonly unknown[]): unknown[] {
  const name = (entry: unknown): string => {
    const { operation, manager, subresource, apiVersion } = Object(entry)
    return JSON.stringify([operation, manager, subresource, apiVersion])
  }
  return entries.toSorted((a, b) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : 0))
}

interface Invalid {
  message: string
  details: { causes: { field?: string; message: string }[] }
}

/** What is wrong with the entries of one map is told in no order: Go's maps have none. Causes of one field are put in that of their texts. */
function inOneOrder(entry: Entry): Entry {
  const { body } = entry as { body?: Invalid }
  const causes = body?.details?.causes
  if (!Array.isArray(causes) || causes.length < 2) return entry
  const field = (cause: Invalid['details']['causes'][number]): string => String(cause.field).replace(/\[[^\]]*\]/g, '')
  const sorted = Object.values(Object.groupBy(causes, field)).flatMap((group) =>
    (group ?? []).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  )
  const list = (of: typeof causes): string => [...new Set(of.map((cause) => `${cause.field}: ${cause.message}`))].join(', ')
  const message = String(body?.message).replace(list(causes), () => list(sorted))
  return { ...entry, body: { ...body, message, details: { ...body?.details, causes: sorted } } }
}

const openApi = (asked: string): boolean => asked.includes('/openapi/')

function withoutDescriptions<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutDescriptions) as T
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key, item]) => !(key === 'description' && typeof item === 'string'))
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutDescriptions(item)])) as T
}
