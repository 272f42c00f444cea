/** A server outside the cluster, which counts what it is asked for, and answers as a test says. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Counted {
  /** `POST /migrate` */
  what: string
  key: string | undefined
  body: unknown
}

export class CountingServer implements AsyncDisposable {
  readonly url: string
  readonly asked: Counted[] = []
  /** What is answered; held back as long as it does not resolve. */
  answer: (asked: Counted) => Promise<{ status: number; body?: object }> = () => Promise.resolve({ status: 200, body: {} })
  readonly #server

  private constructor(server: ReturnType<typeof createServer>) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    server.on('request', (request: IncomingMessage, response: ServerResponse) => void this.#take(request, response))
  }

  static async start(): Promise<CountingServer> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new CountingServer(server)
  }

  /** How often it was asked for this, by the idempotency keys that came with it. */
  keysOf(what: string): (string | undefined)[] {
    return this.asked.filter((each) => each.what === what).map(({ key }) => key)
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    const key = request.headers['idempotency-key']
    const counted = { what: `${request.method} ${request.url}`, key: String(key ?? ''), body: text && JSON.parse(text) }
    this.asked.push(counted)
    const { status, body = {} } = await this.answer(counted)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}
