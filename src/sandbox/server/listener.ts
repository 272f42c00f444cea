/** The sandbox on a socket. */
import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { type Certificate, makeCertificate } from './certificate.ts'
import { answerUpgrades } from './exec.ts'

export interface ListenOptions {
  /** 0: any that is free. */
  readonly port?: number | undefined
  readonly hostname?: string | undefined
  /** HTTPS, with a certificate of its own or this one. kubectl sends its token only there. Default: true. */
  readonly tls?: boolean | Certificate | undefined
}

export interface Listener {
  /** `https://127.0.0.1:6443` */
  readonly url: string
  /** What clients have to trust, PEM; undefined for plain HTTP. */
  readonly ca: string | undefined
  readonly port: number
  readonly hostname: string
  /** Ends all connections, also those of watches. */
  close(): Promise<void>
  /** Breaks all connections without a word, and takes no new one. */
  destroyConnections(): void
}

/** Headers as long as Go's server takes; those without a host are answered below. (net/http, DefaultMaxHeaderBytes) */
const limits = { maxHeaderSize: 1024 * 1024, requireHostHeader: false }
/** Milliseconds. (apiserver, server/secure_serving.go: ReadHeaderTimeout) */
const headersTimeout = 32_000

/** To what is no request, such as one for a host that cannot be. (net/http) */
const malformedAnswer = (): Response =>
  new Response('400 Bad Request', { status: 400, headers: { 'content-type': 'text/plain; charset=utf-8', connection: 'close' } })

/** Starts to listen; rejects where the address cannot be had. */
export async function listen(
  fetch: (request: Request, environment: object) => Response | Promise<Response>,
  options: ListenOptions,
): Promise<Listener> {
  const { hostname = '127.0.0.1', port = 0 } = options
  const tls = options.tls ?? true
  const certificate = tls === true ? await makeCertificate([hostname]) : tls || undefined
  const answer = getRequestListener(fetch, { overrideGlobalObjects: false, errorHandler: malformedAnswer })
  const handle: RequestListener = (incoming, outgoing) => void answer(incoming, outgoing)
  const server: Server = certificate
    ? createSecureServer({ key: certificate.key, cert: certificate.cert, ...limits }, handle)
    : createPlainServer(limits, handle)
  // Watches are silent for long.
  server.requestTimeout = 0
  server.headersTimeout = headersTimeout
  server.keepAliveTimeout = 120_000
  const upgrade = answerUpgrades(fetch)
  server.on('upgrade', (incoming, socket, head) => void upgrade(incoming, socket, head))
  const sockets = new Set<Socket>()
  const track = (socket: Socket): void => {
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.once('close', () => sockets.delete(socket))
  }
  // A connection that is still shaking hands when the listener closes would be served ever after.
  server.on('connection', track)
  if (certificate) server.on('secureConnection', track)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, hostname, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const destroyConnections = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  const bound = (server.address() as AddressInfo).port
  const host = hostname.includes(':') ? `[${hostname}]` : hostname
  return {
    url: `${certificate ? 'https' : 'http'}://${host}:${bound}`,
    ca: certificate?.ca,
    port: bound,
    hostname,
    destroyConnections,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      destroyConnections()
      await closed
    },
  }
}
