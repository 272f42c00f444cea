/**
 * What others ask the process over HTTP: is it alive, is it ready, what are its numbers.
 *
 *   /healthz   200 as long as the event loop turns: it answered
 *   /readyz    200 when every named check passes, else 503 with the reasons; `?verbose` lists each check either way
 *   /metrics   Prometheus' text format; where access is judged, for those only whom the cluster lets read it
 *
 * Health and metrics may have addresses of their own; one address for both is one server that answers everything. With a certificate the
 * metrics are served over TLS. Probes have none, so that health stays where it is, and needs an address of its own then.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Problem } from '../api/problem.ts'
import type { Access } from './metrics-access.ts'
import type { ServingCertificate } from './metrics-certificate.ts'
import type { ListenAddress } from './options.ts'

/** Something that has to be so before the process can do its work. */
export interface ReadyCheck {
  /** As `?verbose` shows it: `informer App.example.com`. */
  name: string
  /** Undefined if it is so, else why not, in a few words without data of objects. Answers at once: probes are asked often. */
  check: () => string | undefined
}

export interface HttpOptions {
  /** Undefined turns it off. */
  healthAddress: ListenAddress | undefined
  metricsAddress: ListenAddress | undefined
  checks: () => Iterable<ReadyCheck>
  metrics: { text: () => Promise<string>; contentType: string }
  /** Who may read the metrics, by the header `Authorization`; left out: everybody who reaches the address. */
  access?: ((authorization: string | undefined) => Promise<Access>) | undefined
  /** With which the metrics are served; left out: they are plain HTTP. */
  certificate?: ServingCertificate | undefined
}

export type HttpStart =
  | {
      kind: 'serving'
      /** Where the servers are to be found, with the port that was taken: `http://127.0.0.1:8081`; undefined where turned off. */
      healthUrl: string | undefined
      metricsUrl: string | undefined
      /** The paths that are answered: none where both are turned off. */
      pages: readonly string[]
      /** Stops listening and ends open connections. */
      close: () => Promise<void>
    }
  | { kind: 'problems'; problems: Problem[] }

/** Starts the servers: all of them, or none and the problems. */
export async function serveHttp({ healthAddress, metricsAddress, checks, metrics, access, certificate }: HttpOptions): Promise<HttpStart> {
  const healthPages: Pages = { '/healthz': () => plain(200, 'ok'), '/readyz': ({ query }) => readyPage(checks(), query.has('verbose')) }
  const metricPages: Pages = {
    '/metrics': async ({ authorization }) =>
      refusal(await access?.(authorization)) ?? { code: 200, type: metrics.contentType, body: await metrics.text() },
  }
  const isSame = healthAddress?.host === metricsAddress?.host && healthAddress?.port === metricsAddress?.port
  if (isSame && metricsAddress && metricsAddress.port !== 0 && certificate)
    return { kind: 'problems', problems: [twoProtocols(metricsAddress)] }
  const shared = isSame && !certificate
  const wanted: Wanted[] = [
    { option: '--health-address', address: healthAddress, pages: shared ? { ...healthPages, ...metricPages } : healthPages },
    ...(shared ? [] : [{ option: '--metrics-address', address: metricsAddress, pages: metricPages, certificate }]),
  ]
  const started = await Promise.all(wanted.map(listen))
  const close = async (): Promise<void> => {
    await Promise.all(started.flatMap((result) => (result?.kind === 'listening' ? [result.close()] : [])))
  }
  const refused = started.flatMap((result) => (result?.kind === 'problem' ? [result.problem] : []))
  if (refused.length > 0) {
    await close()
    return { kind: 'problems', problems: refused }
  }
  const [healthUrl, metricsUrl] = started.map((result) => (result?.kind === 'listening' ? result.url : undefined))
  const pages = wanted.flatMap((each) => (each.address ? Object.keys(each.pages) : []))
  return { kind: 'serving', healthUrl, metricsUrl: shared ? healthUrl : metricsUrl, pages, close }
}

interface Page {
  code: number
  type: string
  body: string
}

interface Asked {
  query: URLSearchParams
  authorization: string | undefined
}

type Pages = Readonly<Record<string, (asked: Asked) => Page | Promise<Page>>>

const plain = (code: number, text: string): Page => ({ code, type: 'text/plain; charset=utf-8', body: `${text}\n` })

/** The page for who may not read the metrics. */
function refusal(access: Access | undefined): Page | undefined {
  switch (access) {
    case undefined:
    case 'allowed':
      return undefined
    case 'unauthenticated':
      return plain(401, 'a bearer token that the cluster knows is needed')
    case 'forbidden':
      return plain(403, 'the user may not get /metrics')
    case 'unknown':
      return plain(500, 'whether this may be read could not be asked')
  }
}

function readyPage(checks: Iterable<ReadyCheck>, verbose: boolean): Page {
  const results = [...checks].map(({ name, check }) => ({ name, reason: reasonOf(check) }))
  const failing = results.filter(({ reason }) => reason !== undefined)
  if (failing.length === 0 && !verbose) return plain(200, 'ok')
  const shown = verbose ? results : failing
  const lines = shown.map(({ name, reason }) => (reason === undefined ? `[+] ${name}: ok` : `[-] ${name}: ${reason}`))
  return plain(failing.length === 0 ? 200 : 503, [...lines, failing.length === 0 ? 'ready' : 'not ready'].join('\n'))
}

function reasonOf(check: ReadyCheck['check']): string | undefined {
  try {
    return check()
  } catch {
    return 'the check itself failed'
  }
}

async function answer(pages: Pages, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const page = await pageOf(pages, request)
  response.writeHead(page.code, {
    'content-type': page.type,
    'content-length': Buffer.byteLength(page.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(page.code === 405 && { allow: 'GET, HEAD' }),
    ...(page.code === 401 && { 'www-authenticate': 'Bearer' }),
  })
  response.end(request.method === 'HEAD' ? undefined : page.body)
}

async function pageOf(pages: Pages, { method, url = '', headers: { authorization } }: IncomingMessage): Promise<Page> {
  const [path = '', query = ''] = url.split('?', 2)
  const page = Object.hasOwn(pages, path) ? pages[path] : undefined
  if (!page) return plain(404, `there is: ${Object.keys(pages).join(', ')}`)
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET and HEAD')
  try {
    return await page({ query: new URLSearchParams(query), authorization })
  } catch {
    return plain(500, 'the page could not be made')
  }
}

type Listening = { kind: 'listening'; url: string; close: () => Promise<void> } | { kind: 'problem'; problem: Problem }

interface Wanted {
  /** For messages. */
  option: string
  address: ListenAddress | undefined
  pages: Pages
  certificate?: ServingCertificate | undefined
}

const limits = { requestTimeout: 10_000, headersTimeout: 10_000, connectionsCheckingInterval: 5_000 }

function listen({ option, address, pages, certificate }: Wanted): Promise<Listening | undefined> {
  if (!address) return Promise.resolve(undefined)
  const { host, port } = address
  const handle = (request: IncomingMessage, response: ServerResponse) => void answer(pages, request, response)
  const secured = certificate && createTlsServer({ ...limits, ...certificate.current }, handle)
  const server = secured ?? createServer(limits, handle)
  const unfollow = secured && certificate?.follow((pair) => secured.setSecureContext(pair))
  const close = async (): Promise<void> => {
    unfollow?.()
    await closeServer(server)
  }
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      unfollow?.()
      resolve({ kind: 'problem', problem: listenProblem(`${option} ${written(address)}`, error) })
    })
    const url = (): string => urlOf(secured ? 'https' : 'http', server)
    server.listen({ port, ...(host !== '' && { host }) }, () => resolve({ kind: 'listening', url: url(), close }))
  })
}

const written = ({ host, port }: ListenAddress): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

const twoProtocols = (address: ListenAddress): Problem => ({
  code: 'OPTION_INVALID',
  message: `--metrics-address ${written(address)}: --health-address is the same, and health is plain HTTP while the metrics are TLS`,
  remedy: 'choose another port for one of them, or --metrics-secure=false',
})

function listenProblem(address: string, { code = 'error' }: NodeJS.ErrnoException): Problem {
  const known: Record<string, [message: string, remedy: string]> = {
    EADDRINUSE: ['another process listens there', 'choose another port, port 0 for a free one, or "off"'],
    EACCES: ['the port needs more rights than this process has', 'choose a port from 1024 up'],
    EADDRNOTAVAIL: ['this machine does not have the address', 'choose one that it has, or leave the host out for all of them'],
    ENOTFOUND: ['the host name is not known', 'write an IP address, or leave the host out for every address'],
  }
  const [message, remedy] = known[code] ?? [`it cannot be listened on (${code})`, 'choose another address, or "off"']
  return { code: 'OPTION_INVALID', message: `${address}: ${message}`, remedy }
}

function urlOf(scheme: 'http' | 'https', server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
