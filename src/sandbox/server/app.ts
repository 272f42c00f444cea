/**
 * The routes of the server, and what holds for all of them: who asks, what may be asked, how errors look.
 *
 * (apiserver, server/config.go: DefaultBuildHandlerChain)
 */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { UserInfo } from '../registry/resource.ts'
import type { ApiError } from '../status/api-error.ts'
import { asApiError, readBytes } from './body.ts'
import { BrokenConnection } from './broken-connection.ts'
import { type Answer, type Exchange, pageNotFound, type Upgrade } from './exchange.ts'
import { errorFormat } from './negotiation.ts'
import { textAnswer } from './representation.ts'
import { type RequestInfo, requestInfo } from './request-info.ts'
import { warningHeaders } from './warnings.ts'

export interface AppOptions {
  /** Who sends this. Throws an ApiError (401) for credentials that nobody has. */
  authenticate(header: (name: string) => string | undefined, warnings: string[]): UserInfo
  /** As whom the request is done: the user, or somebody whom it names. Throws an ApiError (400, 403). */
  actAs(user: UserInfo, headers: Headers, info: RequestInfo | undefined, path: string, method: string): UserInfo
  /** Throws an ApiError (403) for what the user may not do. `info`: undefined for paths outside of resources. */
  authorize(user: UserInfo, info: RequestInfo | undefined, path: string, method: string): void
  /** Paths outside of resources: discovery, health, documents. Undefined where there is none. */
  document(exchange: Exchange): Answer | Promise<Answer> | undefined
  /** `asOf`: the version of the state that a read is answered from; undefined: the current one. */
  resource(exchange: Exchange, info: RequestInfo, asOf: number | undefined): Promise<Answer>
  /** Around each request: faults, audit. Throws BrokenConnection to break the connection. */
  intercept?(exchange: Exchange, info: RequestInfo | undefined, next: (asOf?: number) => Promise<Answer>): Promise<Answer>
}

export function createApp(options: AppOptions): Hono {
  const app = new Hono()
  app.all('*', async (context) => await respond(context, options))
  app.onError((error, { env }) => {
    const connection = connectionOf(env)
    if (!connection || !(error instanceof BrokenConnection)) throw error
    connection.socket.destroy()
    return RESPONSE_ALREADY_SENT
  })
  return app
}

async function respond(context: Context, options: AppOptions): Promise<Response> {
  const warnings: string[] = []
  const answer = await answerTo(context, options, warnings)
  const headers = new Headers()
  if (answer !== malformed) headers.set('cache-control', 'no-cache, private')
  for (const [name, value] of Object.entries(answer.headers)) {
    if (typeof value === 'string') headers.set(name, value)
    else for (const each of value) headers.append(name, each)
  }
  headers.delete('transfer-encoding')
  for (const value of warningHeaders(warnings)) headers.append('warning', value)
  return new Response(context.req.method === 'HEAD' ? null : answer.body, { status: answer.status, headers })
}

/** What is no request at all: the answer is not a Status. (net/http) */
class MalformedRequest extends Error {}

async function answerTo(context: Context, options: AppOptions, warnings: string[]): Promise<Answer> {
  try {
    const { req } = context
    const sender = options.authenticate((name) => req.header(name), warnings)
    const sent = exchangeOf(context, sender, warnings)
    const info = infoOf(sent)
    const user = options.actAs(sender, req.raw.headers, info, sent.path, sent.method)
    const exchange = user === sender ? sent : { ...sent, user }
    const next = async (asOf?: number): Promise<Answer> => {
      try {
        options.authorize(user, info, exchange.path, exchange.method)
        if (info) return await options.resource(exchange, info, asOf)
        return (await options.document(exchange)) ?? pageNotFound()
      } catch (error) {
        return errorAnswer(error, exchange.header('accept'))
      }
    }
    return options.intercept ? await options.intercept(exchange, info, next) : await next()
  } catch (error) {
    if (error instanceof BrokenConnection) throw error
    return error instanceof MalformedRequest ? malformed : errorAnswer(error, context.req.header('accept'))
  }
}

const malformed: Answer = {
  status: 400,
  headers: { 'content-type': 'text/plain; charset=utf-8', connection: 'close' },
  body: '400 Bad Request',
}

interface Connection {
  readonly socket: Pick<Socket, 'destroy' | 'destroySoon'>
  readonly answer: Pick<ServerResponse, 'headersSent'>
}

/** Undefined where a request came without a socket. (@hono/node-server, HttpBindings) */
function connectionOf(env: unknown): Connection | undefined {
  const { incoming, outgoing } = (env ?? {}) as Partial<HttpBindings>
  return incoming && outgoing && { socket: incoming.socket, answer: outgoing }
}

/** Breaks a connection in the middle of an answer, whose beginning is let go first: it may wait for more to send along. */
function breakOff({ socket, answer }: Connection): void {
  if (answer.headersSent) socket.destroySoon()
  else setTimeout(() => breakOff({ socket, answer }), 1)
}

function exchangeOf({ req, env }: Context, user: UserInfo, warnings: string[]): Exchange {
  // Through a socket the path is taken as it came: a URL would resolve `%2e%2e`.
  const raw = (env as { incoming?: { url?: string } } | undefined)?.incoming?.url
  const url = raw ?? req.url
  const start = raw === undefined ? url.indexOf('/', url.indexOf('://') + 3) : 0
  const mark = url.indexOf('?', start)
  const connection = connectionOf(env)
  return {
    method: req.method,
    path: start < 0 ? '/' : url.slice(start, mark < 0 ? undefined : mark),
    query: new URLSearchParams(mark < 0 ? '' : withoutSemicolons(url.slice(mark + 1))),
    header: (name) => req.header(name),
    body: () => readBytes(req.raw, (name) => req.header(name)),
    signal: req.raw.signal,
    destroy: connection && (() => breakOff(connection)),
    upgrade: (env as { upgrade?: Upgrade } | undefined)?.upgrade,
    user,
    warnings,
  }
}

/** Parts of a query that hold a semicolon are not read. (net/url) */
const withoutSemicolons = (query: string): string =>
  query.includes(';')
    ? query
        .split('&')
        .filter((part) => !part.includes(';'))
        .join('&')
    : query

function infoOf({ method, path, query }: Exchange): RequestInfo | undefined {
  try {
    return requestInfo(method, path, query)
  } catch (error) {
    throw new MalformedRequest(`invalid URL escape: ${(error as Error).message}`)
  }
}

/** `accept`: what the client takes; without it JSON. */
export function errorAnswer(error: unknown, accept?: string): Answer {
  const failure: ApiError = asApiError(error)
  const retry = failure.details?.retryAfterSeconds
  const headers = retry === undefined ? {} : { 'retry-after': String(retry) }
  return textAnswer(failure.code, JSON.stringify(failure.status()), { format: errorFormat(accept), as: 'object' }, false, headers)
}
