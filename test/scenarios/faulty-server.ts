/**
 * A server before the API server that passes everything on, but for what a scenario tells it to hold back, refuse, swallow or break off.
 * It works the same before the sandbox and before the real one.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import type { KubernetesObject } from '../../src/api/object.ts'
import type { Cluster } from '../controlplane/fixture.ts'

/** What a client asks. */
export interface Asked {
  method: string
  path: string
  query: URLSearchParams
}

export interface WatchLine {
  type: string
  object: KubernetesObject
}

type Refusal = { code: number; body: object | string }

export class FaultyServer implements AsyncDisposable {
  /** Path of a kubeconfig that goes through this server, with the credentials of another one. */
  readonly kubeconfig: string
  /** What is answered instead, if anything. */
  refuse: (asked: Asked) => Refusal | undefined = () => undefined
  /** Whether a line of a watch is never told. */
  swallow: (line: WatchLine, asked: Asked) => boolean = () => false
  readonly swallowed: WatchLine[] = []
  readonly #server
  readonly #agent: Agent
  readonly #holds: { match: (asked: Asked) => boolean; released: Promise<void> }[] = []
  readonly #watches = new Set<{ asked: Asked; end: () => void }>()

  private constructor(cluster: Cluster, kubeconfig: string) {
    this.kubeconfig = `${kubeconfig}.faulty`
    this.#agent = new Agent({ ca: cluster.ca, keepAlive: true })
    this.#server = createServer((incoming, outgoing) => void this.#pass(incoming, outgoing, cluster.server))
  }

  /** @param kubeconfig whose credentials are used; default: the administrator's */
  static async start(cluster: Cluster, kubeconfig = cluster.kubeconfig): Promise<FaultyServer> {
    const faulty = new FaultyServer(cluster, kubeconfig)
    await new Promise<void>((resolve) => faulty.#server.listen(0, '127.0.0.1', resolve))
    const config = JSON.parse(readFileSync(kubeconfig, 'utf8')) as { clusters: { cluster: object }[] }
    const cluster_ = config.clusters[0] as { cluster: object }
    cluster_.cluster = { server: `http://127.0.0.1:${(faulty.#server.address() as AddressInfo).port}` }
    writeFileSync(faulty.kubeconfig, JSON.stringify(config), { mode: 0o600 })
    return faulty
  }

  /** Holds back the requests that match, until the answer is called. */
  hold(match: (asked: Asked) => boolean): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    const hold = { match, released: promise }
    this.#holds.push(hold)
    return () => {
      this.#holds.splice(this.#holds.indexOf(hold), 1)
      resolve()
    }
  }

  /** Ends the watches that match, as a server does after some minutes. */
  endWatches(match: (asked: Asked) => boolean = () => true): void {
    for (const { asked, end } of [...this.#watches]) if (match(asked)) end()
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse, server: string): Promise<void> {
    const url = new URL(incoming.url ?? '/', server)
    const asked: Asked = { method: incoming.method ?? 'GET', path: url.pathname, query: url.searchParams }
    for (const hold of [...this.#holds]) if (hold.match(asked)) await hold.released
    const refusal = this.refuse(asked)
    if (refusal) {
      incoming.resume()
      const isText = typeof refusal.body === 'string'
      outgoing.writeHead(refusal.code, { 'content-type': isText ? 'text/plain' : 'application/json' })
      outgoing.end(isText ? refusal.body : JSON.stringify(refusal.body))
      return
    }
    const upstream = request(url, { method: asked.method, headers: { ...incoming.headers, host: url.host }, agent: this.#agent })
    upstream.on('error', () => outgoing.destroy())
    outgoing.on('close', () => upstream.destroy())
    upstream.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      if (asked.query.get('watch') === 'true' && answer.statusCode === 200) this.#follow(asked, answer, outgoing)
      else answer.pipe(outgoing)
      answer.on('error', () => outgoing.destroy())
    })
    incoming.pipe(upstream)
  }

  #follow(asked: Asked, answer: IncomingMessage, outgoing: ServerResponse): void {
    outgoing.flushHeaders()
    const watch = { asked, end: () => outgoing.end() }
    this.#watches.add(watch)
    outgoing.on('close', () => this.#watches.delete(watch))
    const lines = createInterface({ input: answer })
    lines.on('line', (text) => {
      const line = JSON.parse(text) as WatchLine
      if (this.swallow(line, asked)) this.swallowed.push(line)
      else if (!outgoing.writableEnded) outgoing.write(`${text}\n`)
    })
    lines.on('error', () => outgoing.end())
    lines.on('close', () => outgoing.end())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { end } of this.#watches) end()
    this.#agent.destroy()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

/** The answer of an aggregation layer whose backend is down. (kube-aggregator, handler_proxy) */
export const serviceUnavailable: Refusal = { code: 503, body: 'service unavailable\n' }
