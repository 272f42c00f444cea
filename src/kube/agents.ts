/**
 * The connections to one server: a bounded pool for requests, and one without bound for watches, each of which holds a connection for
 * minutes. HTTP/1.1 with keep-alive.
 *
 * Of undici only these parts are loaded: the whole, with fetch, WebSocket, caches and mocks, takes twice the time and 13 MB more.
 */
import type { Dispatcher } from 'undici'
import request from 'undici/lib/api/api-request.js'
import DispatcherClass from 'undici/lib/dispatcher/dispatcher.js'
import Pool from 'undici/lib/dispatcher/pool.js'
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js'
import type { TlsOptions } from './credentials.ts'

export interface Agents {
  requests: Dispatcher
  watches: Dispatcher
}

export interface AgentOptions {
  /** Scheme, host and port. */
  origin: string
  tls: TlsOptions
  /** Connections for requests; more wait for one to be free. */
  maxConnections: number
}

// undici's index does this for all of its methods.
Object.assign(DispatcherClass.prototype, { request })

/** The server's own limit on an idle connection is 90 s; a connection that we give up first cannot break under a request. */
const idleTimeout = 60_000

export function createAgents({ origin, tls, maxConnections }: AgentOptions): Agents {
  const { proxyUrl, ...connect } = tls
  const pool = (connections: number | null): Dispatcher => {
    const options = {
      connections,
      keepAliveTimeout: idleTimeout,
      keepAliveMaxTimeout: idleTimeout,
      // The client has a deadline of its own for each request, and a watch has none.
      bodyTimeout: 0,
      headersTimeout: 0,
      allowH2: false,
    }
    if (proxyUrl) return new ProxyAgent({ ...options, uri: proxyUrl, requestTls: connect })
    return new Pool(origin, { ...options, connect: { ...connect, timeout: 10_000, keepAliveInitialDelay: 30_000 } })
  }
  return { requests: pool(maxConnections), watches: pool(null) }
}
