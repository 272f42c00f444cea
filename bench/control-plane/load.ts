/**
 * The load generator: requests on a keep-alive pool and watches, with nothing of the engine's own client in it.
 *
 * It shares the machine with the engine and the server, so it does as little as it can: bodies are strings, answers are read only if
 * somebody looks at them.
 */
import { Pool } from 'undici'
import type { KubernetesObject } from '../../src/api/object.ts'

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: KubernetesObject
}

/** How to reach a server. */
export interface Access {
  readonly server: string
  /** What the client trusts; undefined for plain HTTP. */
  readonly ca: string | undefined
  readonly token: string
}

export class Load implements AsyncDisposable {
  readonly #pool: Pool
  readonly #watches: Pool
  readonly #headers: Record<string, string>
  readonly #ending = new AbortController()

  constructor({ server, ca, token }: Access) {
    // The server may be busy with everything but connections.
    const connect = { timeout: 60_000, ...(ca !== undefined && { ca }) }
    this.#pool = new Pool(server, { connections: 64, connect })
    this.#watches = new Pool(server, { connect, bodyTimeout: 0, headersTimeout: 0 })
    this.#headers = { authorization: `Bearer ${token}`, 'user-agent': 'bench-load', accept: 'application/json' }
  }

  /** The parsed answer; rejects for any other status than a 2xx. */
  async send<T = KubernetesObject>(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: object,
    contentType = 'application/json',
  ): Promise<T> {
    const headers = body === undefined ? this.#headers : { ...this.#headers, 'content-type': contentType }
    const answer = await this.#pool.request({ method, path, headers, body: body === undefined ? null : JSON.stringify(body) })
    const text = await answer.body.text()
    if (answer.statusCode >= 300) throw new Error(`${method} ${path} was answered ${answer.statusCode}: ${text}`)
    return JSON.parse(text) as T
  }

  /** Server-side apply; the answer is not parsed. */
  async apply(path: string, body: string): Promise<void> {
    const headers = { ...this.#headers, 'content-type': 'application/apply-patch+yaml' }
    const answer = await this.#pool.request({ method: 'PATCH', path: `${path}?fieldManager=bench-load&force=true`, headers, body })
    if (answer.statusCode >= 300) throw new Error(`applying ${path} was answered ${answer.statusCode}: ${await answer.body.text()}`)
    await answer.body.dump()
  }

  async get(path: string): Promise<void> {
    const answer = await this.#pool.request({ method: 'GET', path, headers: this.#headers })
    await answer.body.dump()
  }

  /** Hears of every object of a collection, from now on, until the load ends; resolves when the watch is open. */
  async watch(path: string, hear: (event: WatchEvent) => void): Promise<void> {
    await this.watchText(path, (line) => hear(JSON.parse(line) as WatchEvent))
  }

  /** As `watch`, without a look into the events. `since`: only of what changes after this version. */
  async watchText(path: string, hear: (line: string) => void, since = ''): Promise<void> {
    const answer = await this.#watches.request({
      method: 'GET',
      path: `${path}?watch=true&timeoutSeconds=3600${since && `&resourceVersion=${since}`}`,
      headers: this.#headers,
      signal: this.#ending.signal,
    })
    if (answer.statusCode !== 200) throw new Error(`watching ${path} was answered ${answer.statusCode}`)
    const heard = async (): Promise<never> => {
      await this.#read(answer.body, hear)
      throw new Error(`the server has ended the watch of ${path}`)
    }
    void heard().catch((error: unknown) => {
      if (!this.#ending.signal.aborted) throw error
    })
  }

  async #read(body: AsyncIterable<Buffer>, hear: (line: string) => void): Promise<void> {
    let rest = ''
    for await (const chunk of body) {
      const lines = (rest + chunk.toString('utf8')).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line !== '') hear(line)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await Promise.all([this.#pool.destroy(), this.#watches.destroy()])
  }
}

/** Works on all items, so many at a time. */
export async function inFlight<T>(items: readonly T[], count: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item)
  }
  await Promise.all(Array.from({ length: count }, worker))
}
