/**
 * What the API server was asked, from its own audit log.
 *
 * The server writes each line before it ends the answer, so a request that was answered is a request that is seen here. A watch is seen
 * when it begins. One record stands for one request, whatever number of stages were logged for it.
 * (https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/)
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/** get, list, watch, create, update, patch, delete, deletecollection; or the HTTP method in small letters for other paths. */
export type AuditVerb = string

export interface AuditRecord {
  verb: AuditVerb
  /** Plural name, without its group; empty for paths that are not resources, such as /openapi/v3. */
  resource: string
  group: string
  subresource: string
  namespace: string
  name: string
  userAgent: string
  user: string
  /** HTTP status. */
  code: number
  /** When the server received it, milliseconds since 1970. */
  time: number
  requestURI: string
  /** False while a watch is open. */
  ended: boolean
}

export interface AuditFilter {
  /** A string matches the beginning: "fairlead" finds "fairlead/1.2.0 (linux)". */
  userAgent?: string | RegExp
  verb?: AuditVerb | readonly AuditVerb[]
  resource?: string
  /** Without it, any; the empty string: only requests for the resource itself. */
  subresource?: string
  namespace?: string
  name?: string
  user?: string
  /** Only requests that were logged after this point. */
  since?: AuditMark
}

/** A point in the log. */
export type AuditMark = number & { readonly point: 'audit' }

/** What a Metadata event has; the server leaves out what is empty. (audit.k8s.io/v1 Event) */
interface AuditEvent {
  auditID: string
  stage: 'ResponseStarted' | 'ResponseComplete' | 'Panic'
  verb: string
  requestURI: string
  userAgent?: string
  user: { username: string }
  objectRef?: { resource?: string; apiGroup?: string; subresource?: string; namespace?: string; name?: string }
  responseStatus?: { code?: number }
  requestReceivedTimestamp: string
}

/** Reads the log from where it ends now. */
export class AuditLog {
  readonly #path: string
  readonly #records: AuditRecord[] = []
  readonly #byId = new Map<string, AuditRecord>()
  #offset: number
  #rest = Buffer.alloc(0)

  constructor(path: string, { fromStart = false }: { fromStart?: boolean } = {}) {
    this.#path = path
    this.#offset = fromStart ? 0 : this.#read(Infinity).size
  }

  /** The requests that match, in the order in which they were first logged. */
  requests(filter: AuditFilter = {}): AuditRecord[] {
    this.#catchUp()
    return this.#records.slice(filter.since ?? 0).filter((record) => matches(record, filter))
  }

  /** How many requests match, by verb and resource: `{ 'patch deployments': 2, 'update apps/status': 1 }`. */
  count(filter: AuditFilter = {}): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { verb, resource, subresource, requestURI } of this.requests(filter)) {
      const what = resource === '' ? requestURI.replace(/\?.*/, '') : subresource === '' ? resource : `${resource}/${subresource}`
      counts[`${verb} ${what}`] = (counts[`${verb} ${what}`] ?? 0) + 1
    }
    return counts
  }

  /** This moment, to ask later for what came `since`. */
  mark(): AuditMark {
    this.#catchUp()
    return this.#records.length as AuditMark
  }

  #catchUp(): void {
    const { bytes, size } = this.#read(this.#offset)
    this.#offset = size
    const all = Buffer.concat([this.#rest, bytes])
    const complete = all.lastIndexOf(10) + 1
    this.#rest = all.subarray(complete)
    for (const line of all.toString('utf8', 0, complete).split('\n')) if (line !== '') this.#add(JSON.parse(line))
  }

  #add(event: AuditEvent): void {
    const known = this.#byId.get(event.auditID)
    const ended = event.stage !== 'ResponseStarted'
    if (known !== undefined) {
      known.code = event.responseStatus?.code ?? known.code
      known.ended = ended
      this.#byId.delete(event.auditID)
      return
    }
    const { resource = '', apiGroup = '', subresource = '', namespace = '', name = '' } = event.objectRef ?? {}
    const record: AuditRecord = {
      verb: event.verb,
      resource,
      group: apiGroup,
      subresource,
      namespace,
      name,
      userAgent: event.userAgent ?? '',
      user: event.user.username,
      code: event.responseStatus?.code ?? 0,
      time: Date.parse(event.requestReceivedTimestamp),
      requestURI: event.requestURI,
      ended,
    }
    if (!ended) this.#byId.set(event.auditID, record)
    this.#records.push(record)
  }

  #read(from: number): { bytes: Buffer; size: number } {
    const file = openSync(this.#path, 'r')
    try {
      const { size } = fstatSync(file)
      const bytes = Buffer.alloc(Math.max(0, size - from))
      let filled = 0
      while (filled < bytes.length) {
        const count = readSync(file, bytes, filled, bytes.length - filled, from + filled)
        if (count === 0) break
        filled += count
      }
      return { bytes: bytes.subarray(0, filled), size: Math.min(size, from) + filled }
    } finally {
      closeSync(file)
    }
  }
}

function matches(record: AuditRecord, filter: AuditFilter): boolean {
  const { userAgent, verb } = filter
  if (typeof userAgent === 'string' ? !record.userAgent.startsWith(userAgent) : userAgent?.test(record.userAgent) === false) return false
  if (typeof verb === 'string' ? record.verb !== verb : verb?.includes(record.verb) === false) return false
  for (const key of ['resource', 'subresource', 'namespace', 'name', 'user'] as const)
    if (filter[key] !== undefined && record[key] !== filter[key]) return false
  return true
}
