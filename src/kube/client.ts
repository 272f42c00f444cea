/**
 * The API client: one JSON request to one path, and watches.
 *
 * It knows HTTP, credentials and the server's error forms, and nothing of what the objects mean.
 */
import type { Dispatcher } from 'undici'
import type { Clock } from '../api/clock.ts'
import type { KubernetesObject } from '../api/object.ts'
import { type AgentOptions, type Agents, createAgents } from './agents.ts'
import type { Authentication, Credentials } from './credentials.ts'
import { deadlineOf, sleep, systemClock } from './deadline.ts'
import { ApiError } from './errors.ts'
import { BrokenStream, jsonLines } from './lines.ts'
import { networkError } from './network.ts'
import { parsePath } from './paths.ts'
import { retryDelay } from './retry.ts'
import { errorOfAnswer } from './status.ts'

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path below the server's address, e.g. `/apis/apps/v1/namespaces/shop/deployments/web`. Names are already percent-encoded. */
  path: string
  query?: Record<string, string | number | boolean | undefined>
  /** Serialised once as JSON. */
  body?: unknown
  /** Default `application/json`. */
  contentType?: string
  accept?: string
  /** Answered with an ApiError of code 304, and no body, while this is still the answer's tag. */
  ifNoneMatch?: string
  /** Told the tag of the answer, if it has one. */
  onTag?: (tag: string) => void
  signal?: AbortSignal
  /** Milliseconds until the request is given up; default 30 000. */
  timeout?: number
}

/** One line of a watch. A line that is no JSON ends the iteration with an ApiError of class `network`. */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: KubernetesObject
}

export interface ApiClient {
  /** The parsed JSON body of a 2xx answer (text for other content types). Rejects with ApiError for everything else. */
  request<T = unknown>(request: ApiRequest): Promise<T>
  /**
   * Opens a watch on its own connections, without a limit on its length. Ends when the server ends it; rejects with ApiError when it
   * cannot be opened or breaks; `signal` ends it without an error.
   */
  watch(request: Omit<ApiRequest, 'method' | 'body' | 'timeout'>): AsyncIterable<WatchEvent>
  /** Opens a WebSocket. Rejects with ApiError where the server refuses it, or cannot be reached. Left out: this client has none. */
  open?(request: SocketRequest): Promise<WebSocket>
  /** Ends all connections. */
  close(): Promise<void>
}

export interface SocketRequest extends Pick<ApiRequest, 'path' | 'signal'> {
  /** Without the question mark; a name can be in it more than once. */
  search: string
  /** In the order in which they are liked. */
  protocols: readonly string[]
}

/** A kind as the server serves it: what a path is built from. */
export interface Resource {
  group: string
  version: string
  kind: string
  /** Plural, lower case: `deployments`. */
  plural: string
  namespaced: boolean
  verbs: readonly string[]
  /** `status`, `scale`, … */
  subresources: readonly string[]
}

/** Whether there are objects of the kind: one that can only be created, such as a review, is answered and gone. */
export const isStored = ({ verbs }: Resource): boolean => verbs.includes('list')

/** What was sent once, for metrics: a request that is sent again is told again. A watch is told when it is open, and only then. */
export interface RequestRecord {
  method: ApiRequest['method']
  path: string
  /** As RBAC and the audit log name it: get, list, watch, create, update, patch, delete, deletecollection. */
  verb: string
  /** `deployments.apps`, `deployments.apps/status`; empty for a path that is no resource's. */
  resource: string
  /** HTTP status; 0 without an answer. */
  code: number
  /** Milliseconds. */
  duration: number
}

export interface ClientOptions {
  /** `fairlead/1.2.3`. */
  userAgent: string
  onRequest?: (record: RequestRecord) => void
  /** Connections for requests, watches apart; default 32. */
  maxConnections?: number
  clock?: Clock
  /** A number from 0 to 1, for the jitter of retries. */
  random?: () => number
  /** Opens the connections; default: sockets. */
  connect?: (options: AgentOptions) => Agents
}

const defaultTimeout = 30_000

/** A client for the server that the credentials name. Opens no connection before the first request. */
export function createClient(credentials: Credentials, options: ClientOptions): ApiClient {
  const { userAgent, onRequest, maxConnections = 32, clock = systemClock, random = Math.random, connect = createAgents } = options
  const { origin, pathname } = new URL(credentials.server)
  const basePath = pathname.replace(/\/$/, '')
  let agents: (Agents & { tls: Authentication['tls'] }) | undefined

  /** Agents for the certificates in use; others take their place when a plugin hands out another certificate. */
  function agentsFor({ tls }: Authentication): Agents {
    if (agents?.tls === tls) return agents
    const before = agents
    agents = { ...connect({ origin, tls, maxConnections }), tls }
    if (before) for (const agent of [before.requests, before.watches]) agent.close().catch(() => {})
    return agents
  }

  async function authenticated(pending: Promise<Authentication>, { method, path }: ApiRequest): Promise<Authentication> {
    try {
      return await pending
    } catch (error) {
      throw new ApiError({
        class: 'credentials',
        method,
        path,
        code: 0,
        reason: error instanceof Error ? error.message : 'CredentialsFailed',
      })
    }
  }

  /** Sends once. The answer's body is still to be read. */
  async function send(
    kind: keyof Agents,
    request: ApiRequest,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { method, path } = request
    const current = credentials.current()
    const authentication = current instanceof Promise ? await authenticated(current, request) : current
    const headers: Record<string, string | string[]> = {
      'user-agent': userAgent,
      accept: request.accept ?? 'application/json',
      ...authentication.headers,
    }
    if (request.ifNoneMatch !== undefined) headers['if-none-match'] = request.ifNoneMatch
    if (body !== undefined) headers['content-type'] = request.contentType ?? 'application/json'
    const started = clock.now()
    const answer = await agentsFor(authentication)
      [kind].request({ origin, method, path: basePath + path + queryString(request.query), headers, body: body ?? null, signal })
      .catch((error: unknown) => {
        record(request, 0, started, kind === 'watches')
        throw signal.aborted ? abortError(request, signal) : networkError(error, request)
      })
    if (kind === 'watches') record(request, answer.statusCode, started, true)
    if (answer.statusCode < 300) return answer
    const text = await readText(answer, request, signal)
    if (kind === 'requests') record(request, answer.statusCode, started, false)
    if (answer.statusCode === 401) credentials.rejected(authentication)
    throw errorOfAnswer({ method, path, code: answer.statusCode, headers: answer.headers, body: text })
  }

  function record(request: ApiRequest, code: number, started: number, watch: boolean): void {
    if (!onRequest) return
    const { method, path } = request
    const target = parsePath(path)
    const resource = target.subresource ? `${target.resource}/${target.subresource}` : target.resource
    onRequest({
      method,
      path,
      verb: watch ? 'watch' : verbOf(method, target.resource === '' || target.name !== undefined),
      resource,
      code,
      duration: clock.now() - started,
    })
  }

  async function requestOnce<T>(request: ApiRequest, body: string | undefined, signal: AbortSignal): Promise<T> {
    const started = clock.now()
    const answer = await send('requests', request, body, signal)
    const text = await readText(answer, request, signal)
    record(request, answer.statusCode, started, false)
    if (answer.headers['etag'] !== undefined) request.onTag?.(String(answer.headers['etag']))
    if (!String(answer.headers['content-type'] ?? '').includes('json')) return text as T
    try {
      return JSON.parse(text) as T
    } catch {
      throw new ApiError({
        class: 'network',
        method: request.method,
        path: request.path,
        code: answer.statusCode,
        reason: 'BrokenAnswer',
        maybeDone: true,
      })
    }
  }

  return {
    async request<T>(request: ApiRequest): Promise<T> {
      const body = request.body === undefined ? undefined : JSON.stringify(request.body)
      using deadline = deadlineOf(request.timeout ?? defaultTimeout, request.signal)
      for (let sends = 1; ; sends++) {
        try {
          return await requestOnce<T>(request, body, deadline.signal)
        } catch (error) {
          const delay = error instanceof ApiError && !deadline.signal.aborted ? retryDelay(error, sends, random()) : undefined
          if (delay === undefined) throw error
          // A wait that the deadline or the caller cuts short ends in the error that was the reason to wait.
          if (!(await sleep(clock, delay, deadline.signal))) throw error
        }
      }
    },

    async *watch(request) {
      const asked: ApiRequest = { ...request, method: 'GET', query: { ...request.query, watch: true } }
      using opening = deadlineOf(defaultTimeout, request.signal)
      try {
        const answer = await send('watches', asked, undefined, opening.signal)
        opening.keepOpen()
        // Ending the iteration destroys the body, which reports that to listeners only.
        answer.body.on('error', () => {})
        yield* jsonLines(answer.body) as AsyncIterable<WatchEvent>
      } catch (error) {
        if (request.signal?.aborted) return
        if (error instanceof ApiError) throw error
        if (error instanceof BrokenStream)
          throw new ApiError({ class: 'network', method: 'GET', path: request.path, code: 200, reason: 'BrokenStream' })
        throw networkError(error, asked)
      }
    },

    async open({ path, search, protocols, signal }) {
      const asked: ApiRequest = { method: 'GET', path, ...(signal && { signal }) }
      const current = await authenticated(Promise.resolve(credentials.current()), asked)
      const { openSocket } = await import('./sockets.ts')
      const headers = { 'user-agent': userAgent, ...current.headers }
      const url = `${origin}${basePath}${path}?${search}`
      using opening = deadlineOf(defaultTimeout, signal)
      const socket = await openSocket(url, { protocols, headers, dispatcher: agentsFor(current).watches, signal: opening.signal })
      if (socket) return socket
      if (opening.signal.aborted) throw abortError(asked, opening.signal)
      // It does not tell why: a request that asks for no socket is answered with that.
      const query = Object.fromEntries(new URLSearchParams(search))
      await this.request({ ...asked, query })
      throw new ApiError({ class: 'network', method: 'GET', path, code: 0, reason: 'WebSocketRefused' })
    },

    async close() {
      await Promise.all(agents ? [agents.requests.destroy(), agents.watches.destroy()] : [])
    },
  }
}

const abortError = ({ method, path }: { method: string; path: string }, signal: AbortSignal): ApiError =>
  signal.reason === 'timeout'
    ? new ApiError({ class: 'network', method, path, code: 0, reason: 'Timeout', maybeDone: true })
    : new ApiError({ class: 'aborted', method, path, code: 0, reason: 'Aborted', maybeDone: true })

async function readText(answer: Dispatcher.ResponseData, request: ApiRequest, signal: AbortSignal): Promise<string> {
  try {
    return await answer.body.text()
  } catch (error) {
    throw signal.aborted ? abortError(request, signal) : networkError(error, request)
  }
}

function queryString(query: ApiRequest['query']): string {
  let text = ''
  for (const key in query) {
    const value = query[key]
    if (value !== undefined) text += `${text ? '&' : '?'}${encodeURIComponent(key)}=${encodeURIComponent(value)}`
  }
  return text
}

function verbOf(method: ApiRequest['method'], named: boolean): string {
  switch (method) {
    case 'GET':
      return named ? 'get' : 'list'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return named ? 'delete' : 'deletecollection'
  }
}
