/**
 * `http`: one request to a server that is not the cluster's. Redirects are not followed: they are an answer, and where they lead is for the
 * author to say. An act carries an Idempotency-Key, the same for each try of the same inputs.
 */
import type { Dispatcher } from 'undici'
import DispatcherClass from 'undici/lib/dispatcher/dispatcher.js'
import Pool from 'undici/lib/dispatcher/pool.js'
import undiciRequest from 'undici/lib/api/api-request.js'
import { decodeBase64 } from '../../api/base64.ts'
import { canonicalJson } from '../../api/canonical.ts'
import type { JsonObject } from '../../api/object.ts'
import { networkError } from '../../kube/network.ts'
import type { HttpInputs } from '../../reconcile/requests.ts'
import type { Response } from '../../reconcile/walk.ts'
import { type HttpHosts, httpHosts, type HttpHostsOptions } from './http-hosts.ts'
import { type Around, brokenOff, type EffectRequest, failed, mostAnswerBytes, type RequestKind, unanswered, jsonOf } from './request.ts'
import { asInputs, dataOf, SecretMissing, withSecrets } from './secrets.ts'

// undici's index does this for all of its methods; it is not loaded.
Object.assign(DispatcherClass.prototype, { request: undiciRequest })

interface Tls {
  ca?: string
  cert?: string
  key?: string
  servername?: string
}

/** Connections to hosts that nobody has asked for longer than the others are given up beyond this many. */
const mostPools = 64

export function httpRequests(options: HttpHostsOptions): RequestKind {
  const hosts = httpHosts(options)
  const pools = new Map<string, Pool>()

  function poolFor({ origin, hostname }: URL, tls: Tls, sha256: (text: string) => string): Dispatcher {
    const id = `${origin} ${sha256(canonicalJson(tls))}`
    const pool = pools.get(id) ?? newPool(origin, hostname, tls, hosts)
    pools.delete(id)
    pools.set(id, pool)
    for (const [oldest, unused] of pools) {
      if (pools.size <= mostPools) break
      pools.delete(oldest)
      void unused.close()
    }
    return pool
  }

  return {
    kind: 'http',
    timeout: 30_000,
    async run(request, around) {
      const inputs = asInputs<HttpInputs>(request.inputs)
      const title = titleOf(inputs)
      let sent: HttpInputs
      let tls: Tls
      try {
        sent = await withSecrets(inputs, around)
        tls = await tlsOf(sent, around)
      } catch (error) {
        if (error instanceof SecretMissing) return failed(`${title}: ${error.message}`)
        throw error
      }
      const url = URL.parse(sent.url as string)
      if (!url || !/^https?:$/.test(url.protocol)) return failed(`${title}: the address is no http or https URL`)
      const refusal = hosts.refusal(url.hostname)
      if (refusal !== undefined) return failed(`${title}: ${refusal}`)
      return await send(poolFor(url, tls, around.context.sha256), url, sent, { request, around, title })
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

const newPool = (origin: string, hostname: string, tls: Tls, hosts: HttpHosts): Pool =>
  new Pool(origin, {
    connections: 16,
    keepAliveTimeout: 10_000,
    // The request has a deadline of its own.
    bodyTimeout: 0,
    headersTimeout: 0,
    allowH2: false,
    connect: { ...tls, timeout: 10_000, lookup: hosts.lookupFor(hostname) },
  })

/** For messages: without what may be a secret. */
function titleOf({ method, url }: HttpInputs): string {
  const known = typeof url === 'string' ? URL.parse(url) : null
  return `${method} ${known ? `${known.protocol}//${known.host}${known.pathname}` : 'of an address in a Secret'}`
}

/** @param tls with its secret texts resolved */
async function tlsOf({ tls = {} }: HttpInputs, around: Around): Promise<Tls> {
  const { secret, serverName, ...own } = tls
  const { namespace } = around.primary.metadata
  const data = secret === undefined ? {} : await dataOf({ namespace, name: secret }, around)
  const parts = { ca: data['ca.crt'], cert: data['tls.crt'], key: data['tls.key'] }
  const kept = Object.entries(parts).flatMap(([name, value]) => (value === undefined ? [] : [[name, decodeBase64(value)] as const]))
  return { ...Object.fromEntries(kept), ...(own as Tls), ...(serverName !== undefined && { servername: serverName }) }
}

interface Sending {
  request: EffectRequest
  around: Around
  title: string
}

async function send(pool: Dispatcher, url: URL, inputs: HttpInputs, { request, around, title }: Sending): Promise<Response> {
  const { method, expect } = inputs
  const { headers, body } = contentOf(inputs, request)
  /** A request that changes nothing has failed where it is not known whether it came there. */
  const lost = (message: string): Response => (isSafe(method) ? failed(message) : unanswered(message, request))
  try {
    const answer = await pool.request({
      origin: url.origin,
      method: method as Dispatcher.HttpMethod,
      path: url.pathname + url.search,
      headers,
      body: body ?? null,
      signal: around.signal,
    })
    const status = answer.statusCode
    const text = await textOf(answer.body)
    if (text === undefined) return failed(`${title}: the answer ${status} is larger than ${mostAnswerBytes / 1024} KiB`, { status })
    const value: JsonObject = { status, headers: tellingHeaders(answer.headers), json: jsonOf(text), text }
    const isExpected = expect ? expect.includes(status) : status >= 200 && status < 300
    return isExpected ? { kind: 'answered', value } : failed(`${title}: answered ${status}`, value)
  } catch (error) {
    if (around.signal.aborted) return lost(`${title}: ${brokenOff(around.signal, request)}`)
    if (isOfArguments(error)) return failed(`${title}: a header, the method or the path has characters that HTTP does not allow`)
    const { reason, maybeDone } = networkError(error, { method, path: url.pathname })
    const message = `${title}: ${reason === 'EACCES' ? `${url.hostname} has no address that is allowed` : reason}`
    return maybeDone && reason !== 'EACCES' ? lost(message) : failed(message)
  }
}

const isSafe = (method: string): boolean => method === 'GET' || method === 'HEAD'

const isOfArguments = (error: unknown): boolean => (error as { code?: unknown }).code === 'UND_ERR_INVALID_ARG'

/** @param inputs with the values of Secrets in their places */
function contentOf({ method, headers = {}, body }: HttpInputs, { idempotencyKey }: EffectRequest) {
  const sent: Record<string, string> = {}
  if (idempotencyKey !== undefined && !isSafe(method)) sent['idempotency-key'] = idempotencyKey
  if (body !== undefined) sent['content-type'] = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
  for (const [name, value] of Object.entries(headers)) sent[name.toLowerCase()] = value as string
  return { headers: sent, body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body) }
}

/** Undefined where it is too large; the rest is not read. */
async function textOf(body: AsyncIterable<Buffer>): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > mostAnswerBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const telling = ['content-type', 'etag', 'last-modified', 'link', 'location', 'retry-after']

const tellingHeaders = (headers: Record<string, string | string[] | undefined>): JsonObject =>
  Object.fromEntries(telling.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])))
