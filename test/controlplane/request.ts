/** Plain HTTP to the API server, with nothing of the client under test in it. */
import type { IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import type { KubernetesObject } from '../../src/api/object.ts'

export interface RequestOptions {
  query?: Record<string, string | number | boolean>
  /** Sent as JSON, or as it is when it is a string. */
  body?: unknown
  /** Default: application/json. A PATCH names its own, such as application/apply-patch+yaml. */
  contentType?: string
  headers?: Record<string, string>
  /** Who asks; default: the administrator. */
  token?: string
  /** Default: cluster-fixture. */
  userAgent?: string
}

/** An object, a list of them, or a Status that says what went wrong. */
export type ResponseBody = KubernetesObject & { items: KubernetesObject[]; code?: number; reason?: string; message?: string }

export interface Response<Body = ResponseBody> {
  status: number
  headers: Record<string, string | string[] | undefined>
  /** Parsed if it is JSON, else the text. Of a watch, which answers when it has ended: the list of its events. */
  body: Body
}

export interface Endpoint {
  server: string
  ca: string
  token: string
}

const timeout = 60_000

/** Sends requests to one server. An answer of any status is a result; it throws when there is no answer within a minute. */
export class Requester {
  readonly #endpoint: Endpoint
  readonly #agent: Agent

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint
    this.#agent = new Agent({ ca: endpoint.ca, keepAlive: true })
  }

  async send<Body = ResponseBody>(method: string, path: string, options: RequestOptions = {}): Promise<Response<Body>> {
    const url = new URL(path, this.#endpoint.server)
    for (const [name, value] of Object.entries(options.query ?? {})) url.searchParams.set(name, String(value))
    const content = options.body === undefined || typeof options.body === 'string' ? options.body : JSON.stringify(options.body)
    const headers = {
      authorization: `Bearer ${options.token ?? this.#endpoint.token}`,
      'user-agent': options.userAgent ?? 'cluster-fixture',
      accept: 'application/json',
      ...(content !== undefined && {
        'content-type': options.contentType ?? 'application/json',
        'content-length': Buffer.byteLength(content),
      }),
      ...options.headers,
    }
    const send = (resolve: (response: Response<Body>) => void, reject: (error: unknown) => void): void => {
      const sent = httpsRequest(url, { method, headers, agent: this.#agent, timeout }, (answer) => {
        text(answer)
          .then((content) =>
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: parsed(url, answer, content) as Body }),
          )
          .catch(reject)
      })
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer within ${timeout / 1000} s`)))
      sent.on('error', (error: NodeJS.ErrnoException) => {
        // A server that restarts closes connections that wait here for another request; what was sent on one has not been read.
        if (sent.reusedSocket && error.code === 'ECONNRESET') send(resolve, reject)
        else reject(error)
      })
      sent.end(content)
    }
    return await new Promise(send)
  }

  /** Closes the connections that wait for another request. */
  close(): void {
    this.#agent.destroy()
  }
}

/** A watch answers with one JSON text in each line. */
function parsed(url: URL, { headers, statusCode }: IncomingMessage, content: string): unknown {
  if (!String(headers['content-type']).includes('json')) return content
  if (statusCode !== 200 || url.searchParams.get('watch') !== 'true') return JSON.parse(content)
  return content
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))
}
