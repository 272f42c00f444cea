/**
 * The audit log of a sandbox, in the format of the real server's: who asked for what, as far as audit.ts reads it.
 *
 * A request's line is there before its answer is; a watch has one when it begins and one when it ends.
 */
import { randomUUID } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { requestInfo } from '../../src/sandbox/server/request-info.ts'

type Stage = 'ResponseStarted' | 'ResponseComplete'

export class AuditWriter {
  readonly #path: string
  readonly #users: Readonly<Record<string, string>>

  /** `users`: usernames by token. Tokens of service accounts say by themselves whose they are. */
  constructor(path: string, users: Readonly<Record<string, string>>) {
    this.#path = path
    this.#users = users
  }

  /** Writes down what `answer` answers to the request. */
  async around(request: Request, answer: () => Promise<Response>): Promise<Response> {
    const url = new URL(request.url)
    const info = infoOf(request.method, url)
    const event = {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: randomUUID(),
      verb: info?.verb ?? request.method.toLowerCase(),
      requestURI: url.pathname + url.search,
      userAgent: request.headers.get('user-agent') ?? '',
      user: { username: this.#userOf(request.headers.get('authorization')) },
      ...(info && {
        objectRef: {
          resource: info.resource,
          namespace: info.namespace,
          name: info.name,
          apiGroup: info.group,
          apiVersion: info.version,
          subresource: info.subresource,
        },
      }),
      requestReceivedTimestamp: new Date().toISOString(),
    }
    const write = (stage: Stage, code: number): void =>
      appendFileSync(this.#path, `${JSON.stringify({ ...event, stage, responseStatus: { code } })}\n`)

    const response = await answer()
    const { status, body } = response
    if (event.verb !== 'watch' || status !== 200 || body === null) {
      write('ResponseComplete', status)
      return response
    }
    write('ResponseStarted', status)
    return new Response(
      ending(body, () => write('ResponseComplete', status)),
      response,
    )
  }

  #userOf(authorization: string | null): string {
    const token = authorization?.replace(/^Bearer\s+/i, '') ?? ''
    return this.#users[token] ?? subjectOf(token) ?? 'system:anonymous'
  }
}

function infoOf(method: string, url: URL): ReturnType<typeof requestInfo> {
  try {
    return requestInfo(method, url.pathname, url.searchParams)
  } catch {
    return undefined
  }
}

/** (RFC 7519: the middle part of a token holds the claims) */
function subjectOf(token: string): string | undefined {
  try {
    const claims: { sub?: string } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    return claims.sub
  } catch {
    return undefined
  }
}

/** The stream, and a call when it has ended, whoever ended it. */
function ending(stream: ReadableStream<Uint8Array>, ended: () => void): ReadableStream<Uint8Array> {
  const reader = stream.getReader()
  return new ReadableStream({
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
  })
}
