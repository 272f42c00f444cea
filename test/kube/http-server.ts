/** A plain HTTP server that answers as a test tells it to, and counts its connections. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createClient, type ApiClient, type ClientOptions } from '../../src/kube/client.ts'
import type { Authentication, Credentials } from '../../src/kube/credentials.ts'

export interface Received {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

export interface TestServer extends AsyncDisposable {
  url: string
  received: Received[]
  /** All connections that were ever opened. */
  connections: Socket[]
}

export type Handler = (request: Received, response: ServerResponse, count: number) => void

export async function startServer(handler: Handler): Promise<TestServer> {
  const received: Received[] = []
  const connections: Socket[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const each = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      }
      received.push(each)
      handler(each, response, received.length)
    })
  })
  server.on('connection', (socket) => connections.push(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function json(response: ServerResponse, value: unknown, code = 200, headers: Record<string, string> = {}): void {
  response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}

export const statusOf = (code: number, reason: string, more: object = {}) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  code,
  reason,
  ...more,
})

/** Credentials that never change. */
export function anonymous(server: string, authentication: Authentication = { headers: {}, tls: {} }): Credentials {
  return { server, namespace: undefined, source: 'a test', current: () => authentication, rejected: () => {} }
}

/** A client whose waits take no time and are written down. */
export function testClient(
  server: string | Credentials,
  options: Partial<ClientOptions> = {},
): ApiClient & AsyncDisposable & { waits: number[] } {
  const waits: number[] = []
  const client = createClient(typeof server === 'string' ? anonymous(server) : server, {
    userAgent: 'fairlead/test',
    random: () => 1,
    clock: {
      now: () => Date.now(),
      after(delay, callback) {
        waits.push(delay)
        queueMicrotask(callback)
        return () => {}
      },
    },
    ...options,
  })
  return { ...client, waits, [Symbol.asyncDispose]: () => client.close() }
}

export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const value of source) all.push(value)
  return all
}
