/**
 * What others ask the process over HTTP: is it alive, is it ready, what are its numbers.
 *
 *   /healthz   200 as long as the event loop turns: it answered
 *   /readyz    200 when every named check passes, else 503 with the reasons; `?verbose` lists each check either way
 *   /metrics   Prometheus' text format; where access is judged, for those only whom the cluster lets read it
 *
 * Health and metrics may have addresses of their own; one address for both is one server that answers everything.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Problem } from '../api/problem.ts'
import type { Access } from './metrics-access.ts'
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
export async function serveHttp({ healthAddress, metricsAddress, checks, metrics, access }: HttpOptions): Promise<HttpStart> {
  const healthPages: Pages = { '/healthz': () => plain(200, 'ok'), '/readyz': ({ query }) => readyPage(checks(), query.has('verbose')) }
  const metricPages: Pages = {
    '/metrics': async ({ authorization }) =>
      refusal(await access?.(authorization)) ?? { code: 200, type: metrics.contentType, body: await metrics.text() },
  }
  const shared = healthAddress?.host === metricsAddress?.host && healthAddress?.port === metricsAddress?.port
  const wanted = [
    { option: '--health-address', address: healthAddress, pages: shared ? { ...healthPages, ...metricPages } : healthPages },
    ...(shared ? [] : [{ option: '--metrics-address', address: metricsAddress, pages: metricPages }]),
  ]
  const started = await Promise.all(
    wanted.map(({ option, address, pages }) => (address ? listen(option, address, pages) : Promise.resolve(undefined))),
  )
  const close = async (): Promise<void> => {
    await Promise.all(started.flatMap((result) => (result?.kind === 'listening' ? [closeServer(result.server)] : [])))
  }
  const refused = started.flatMap((result) => (result?.kind === 'problem' ? [result.problem] : []))
  if (refused.length > 0) {
    await close()
    return { kind: 'problems', problems: refused }
  }
  const [healthUrl, metricsUrl] = started.map((result) => (result?.kind === 'listening' ? urlOf(result.server) : undefined))
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

type Listening = { kind: 'listening'; server: Server } | { kind: 'problem'; problem: Problem }

function listen(option: string, { host, port }: ListenAddress, pages: Pages): Promise<Listening> {
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 10_000, connectionsCheckingInterval: 5_000 },
    (request, response) => {
      void answer(pages, request, response)
    },
  )
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ kind: 'problem', problem: listenProblem(`${option} ${host.includes(':') ? `[${host}]` : host}:${port}`, error) }),
    )
    server.listen({ port, ...(host !== '' && { host }) }, () => resolve({ kind: 'listening', server }))
  })
}

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

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
