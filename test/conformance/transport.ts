/** One HTTP request to one server, sent exactly as it is asked for: no path is normalised, no header is added but the token. */
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type ClientRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'

/** A server that the cases run on. */
export interface Endpoint {
  /** https://host:port or http://host:port */
  server: string
  /** The certificate authority, PEM. */
  ca?: string
  /** The administrator's. */
  token: string
}

export interface RawRequest {
  method: string
  /** With the query. */
  path: string
  headers: Readonly<Record<string, string>>
  body?: string | Uint8Array | undefined
}

export interface RawAnswer {
  status: number
  headers: IncomingMessage['headers']
  content: string
}

const patience = 30_000

export class Transport {
  readonly #url: URL
  readonly #token: string
  readonly #agent: HttpAgent

  constructor({ server, ca, token }: Endpoint) {
    this.#url = new URL(server)
    this.#token = token
    this.#agent =
      this.#url.protocol === 'https:' ? new HttpsAgent({ ...(ca && { ca }), keepAlive: true }) : new HttpAgent({ keepAlive: true })
  }

  /** Rejects when there is no whole answer within half a minute. */
  async send(request: RawRequest): Promise<RawAnswer> {
    const answer = await this.open(request)
    return { status: answer.statusCode ?? 0, headers: answer.headers, content: await text(answer) }
  }

  /** Resolves with the beginning of the answer. `signal` cuts it. */
  async open({ method, path, headers, body }: RawRequest, signal?: AbortSignal): Promise<IncomingMessage> {
    const make = this.#url.protocol === 'https:' ? httpsRequest : httpRequest
    return await new Promise((resolve, reject) => {
      const sent: ClientRequest = make(
        {
          host: this.#url.hostname,
          port: this.#url.port,
          method,
          path,
          agent: this.#agent,
          ...(signal && { signal }),
          headers: {
            host: this.#url.host,
            ...(!('authorization' in headers) && { authorization: `Bearer ${this.#token}` }),
            ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
            ...Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== '')),
          },
        },
        resolve,
      )
      sent.setTimeout(patience, () => sent.destroy(new Error(`${method} ${path}: no answer within ${patience / 1000} s`)))
      sent.on('error', reject)
      sent.end(body)
    })
  }

  /** Closes all connections. */
  close(): void {
    this.#agent.destroy()
  }
}
