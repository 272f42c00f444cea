/**
 * A test's own code around each request: to look, to wait, to answer, to break off.
 *
 * A hook stands where a proxy between client and server would stand; the faults of the table happen behind it.
 */
import type { Answer, Exchange } from '../server/exchange.ts'
import { errorAnswer } from '../server/app.ts'
import { BrokenConnection } from '../server/broken-connection.ts'
import type { RequestInfo } from '../server/request-info.ts'
import { internalError } from '../status/api-error.ts'
import { refusalOf } from './errors.ts'
import type { MatchedRequest } from './match.ts'

/** A request as a hook sees it. For paths outside of resources, `group`, `resource` and the like are empty. */
export interface HookedRequest extends Readonly<MatchedRequest> {
  readonly method: string
  readonly version: string
  readonly query: URLSearchParams
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal
  header(name: string): string | undefined
  /** The body as it came. Reading it takes nothing from the server. */
  text(): Promise<string>
  /** The body, parsed. Rejects where it is not JSON. */
  json(): Promise<unknown>
  /** An answer with which the server refuses, as a fault of kind `error` gives it. */
  refusal(code: number, options?: RefusalOptions): Promise<Response>
  /** Breaks the connection: before `next()` nothing has taken effect, after it everything has. */
  breakConnection(): never
}

export interface RefusalOptions {
  readonly reason?: string
  readonly message?: string
  /** For the `Retry-After` header. Default: 1 for 429, none for others. */
  readonly retryAfterSeconds?: number
}

/**
 * Is called for each request. `next()` lets the server answer, at most once. What the hook returns is the answer; without one, it is the
 * server's. A hook that throws makes the answer a 500 that says so.
 */
export type RequestHook = (request: HookedRequest, next: () => Promise<Response>) => Promise<Response | void> | Response | void

export async function runHook(
  hook: RequestHook,
  exchange: Exchange,
  info: RequestInfo | undefined,
  seen: MatchedRequest,
  next: () => Promise<Answer>,
): Promise<Answer> {
  let served: { readonly answer: Answer; readonly response: Response } | undefined
  let broken: unknown
  const serve = async (): Promise<Response> => {
    if (served) throw new Error('next() was called twice')
    try {
      const answer = await next()
      served = { answer, response: responseOf(answer) }
      return served.response
    } catch (error) {
      broken = error
      throw error
    }
  }
  let result: Response | void
  try {
    result = await hook(hookedRequest(exchange, info, seen), serve)
  } catch (error) {
    if (error instanceof BrokenConnection || error === broken) throw error
    return errorAnswer(internalError(`an onRequest hook failed: ${error instanceof Error ? error.message : String(error)}`))
  }
  if (result === undefined && !served) return await next()
  // The hook may have read the body of the server's answer.
  if (served && (result === undefined || result === served.response)) return served.answer
  return answerOf(result as Response)
}

function hookedRequest(exchange: Exchange, info: RequestInfo | undefined, seen: MatchedRequest): HookedRequest {
  const text = async (): Promise<string> => new TextDecoder().decode(await exchange.body())
  return {
    ...seen,
    method: exchange.method,
    version: info?.version ?? '',
    query: exchange.query,
    signal: exchange.signal,
    header: (name) => exchange.header(name),
    text,
    json: async () => JSON.parse(await text()) as unknown,
    refusal: async (code, options = {}) => responseOf(await refusalOf({ kind: 'error', code, ...options }, exchange, info)),
    breakConnection() {
      throw new BrokenConnection()
    },
  }
}

/** The stream of a watch goes to whoever reads it first: a hook that reads it takes it from the client. */
function responseOf({ status, headers, body }: Answer): Response {
  const all = new Headers()
  for (const [name, value] of Object.entries(headers)) {
    for (const each of typeof value === 'string' ? [value] : value) all.append(name, each)
  }
  // A stream is handed on as the one answer; reading it through the copy would lock it.
  return new Response(body, { status, headers: all })
}

const answerOf = ({ status, headers, body }: Response): Answer => ({ status, headers: Object.fromEntries(headers), body })
