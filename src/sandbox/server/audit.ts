/**
 * The audit log: who asked for what, and what the server answered.
 *
 * One event a request, told before the answer is on its way, so that a request that was answered is a request that is known. A watch has two:
 * one when it begins and one when it ends. Level Metadata, so no bodies. (audit.k8s.io/v1 Event; apiserver, endpoints/filters/audit.go)
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import type { UserInfo } from '../registry/resource.ts'
import { timestamp } from '../registry/scope.ts'
import type { Answer, Exchange } from './exchange.ts'
import type { RequestInfo } from './request-info.ts'

/** (audit.k8s.io/v1 Event) */
export interface AuditEvent {
  readonly kind: 'Event'
  readonly apiVersion: 'audit.k8s.io/v1'
  readonly level: 'Metadata'
  /** Equal in the events of one request. */
  readonly auditID: string
  readonly stage: 'ResponseStarted' | 'ResponseComplete'
  readonly requestURI: string
  readonly verb: string
  readonly user: UserInfo
  readonly userAgent?: string
  readonly objectRef?: AuditObject
  readonly responseStatus: { readonly metadata: Record<string, never>; readonly code: number }
  readonly requestReceivedTimestamp: string
  readonly stageTimestamp: string
}

/** What is empty is left out. */
export interface AuditObject {
  readonly resource?: string
  readonly namespace?: string
  readonly name?: string
  readonly apiGroup?: string
  readonly apiVersion?: string
  readonly subresource?: string
}

export type AuditSink = (event: AuditEvent) => void

export interface AuditorOptions {
  readonly sink: AuditSink
  /** Milliseconds since the epoch. */
  now(): number
  newId(): string
}

export function createAuditor({ sink, now, newId }: AuditorOptions) {
  return async (exchange: Exchange, info: RequestInfo | undefined, answer: () => Promise<Answer>): Promise<Answer> => {
    const { path, query, method, user } = exchange
    const userAgent = exchange.header('user-agent')
    const search = query.toString()
    const event = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: newId(),
      requestURI: search ? `${path}?${search}` : path,
      verb: info?.verb ?? method.toLowerCase(),
      user,
      ...(userAgent !== undefined && { userAgent }),
      ...(info && { objectRef: objectOf(info) }),
      requestReceivedTimestamp: microTime(now()),
    } as const
    const tell = (stage: AuditEvent['stage'], code: number): void =>
      sink({ ...event, stage, responseStatus: { metadata: {}, code }, stageTimestamp: microTime(now()) })
    const answered = await answer()
    const { body, status } = answered
    if (!(body instanceof ReadableStream)) {
      tell('ResponseComplete', status)
      return answered
    }
    tell('ResponseStarted', status)
    return { ...answered, body: untilEnd(body, () => tell('ResponseComplete', status)) }
  }
}

/** Writes each event to the end of a file, one a line, before it goes on. `close`: when there is nothing more to write. */
export function auditFile(path: string): { readonly sink: AuditSink; close(): void } {
  const file = openSync(path, 'a', 0o600)
  return { sink: (event) => void writeSync(file, `${JSON.stringify(event)}\n`), close: () => closeSync(file) }
}

function objectOf({ resource, namespace, name, group, version, subresource }: RequestInfo): AuditObject {
  const all = { resource, namespace, name, apiGroup: group, apiVersion: version, subresource }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''))
}

/** `2026-01-02T03:04:05.678000Z` */
const microTime = (milliseconds: number): string =>
  `${timestamp(milliseconds).slice(0, -1)}.${String(Math.floor(milliseconds) % 1000).padStart(3, '0')}000Z`

/** The stream, and a call when it has ended, whoever ended it. */
function untilEnd(stream: ReadableStream<Uint8Array>, ended: () => void): ReadableStream<Uint8Array> {
  const reader = stream.getReader()
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) return controller.enqueue(value)
          ended()
          controller.close()
        } catch (error) {
          ended()
          controller.error(error)
        }
      },
      async cancel(reason) {
        ended()
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
