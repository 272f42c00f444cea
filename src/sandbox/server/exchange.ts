/** One HTTP request and its answer, whichever way they travel: through a socket or through `sandbox.fetch()`. */
import type { ExecSession } from '../programs/exec.ts'
import type { UserInfo } from '../registry/resource.ts'

/** What a client asks for that wants another protocol on its connection. */
export interface Upgrade {
  /** The answer after which the connection is the session's. Throws ApiError (501) where the protocol is none that is spoken here. */
  accept(session: ExecSession): Answer
}

export interface Exchange {
  readonly method: string
  /** Decoded by segment only where it is taken apart. */
  readonly path: string
  readonly query: URLSearchParams
  header(name: string): string | undefined
  /** The body's bytes. Throws ApiError (413) for more than a server takes. */
  body(): Promise<Uint8Array>
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
  /** Breaks the connection in the middle of the answer; undefined where the request came without one. */
  readonly destroy: (() => void) | undefined
  /** Undefined where the connection is to stay what it is. */
  readonly upgrade: Upgrade | undefined
  readonly user: UserInfo
  /** Texts for `Warning` headers, of whatever answer it will be: filled while the request is worked on. */
  readonly warnings: string[]
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null
}

export const jsonType = 'application/json'

export const jsonAnswer = (status: number, body: unknown, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers: { 'content-type': jsonType, ...headers },
  body: `${JSON.stringify(body)}\n`,
})

export const textAnswer = (status: number, body: string): Answer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  body,
})

/** A path that nothing is served at. */
export const pageNotFound = (): Answer => textAnswer(404, '404 page not found\n')
