/** An HTTP proxy before the API server that holds back the events of watches, so that whoever reads them through it falls behind. */
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Cluster } from '../../controlplane/fixture.ts'
import { kubeconfig } from '../../controlplane/kubeconfig.ts'

export class HeldWatches implements AsyncDisposable {
  /** Path of a kubeconfig that goes through the proxy. */
  readonly kubeconfig: string
  readonly #cluster: Cluster
  readonly #agent: Agent
  readonly #server = createServer((incoming, answer) => this.#forward(incoming, answer))
  /** What is held back: watches of these resources, and what has come of them. */
  readonly #held = new Map<string, (() => void)[]>()

  /** Use `heldWatches`. */
  constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.#agent = new Agent({ ca: cluster.ca, keepAlive: true })
    this.kubeconfig = `${cluster.kubeconfig}.held`
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const server = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    const { ca, token, namespace } = this.#cluster
    writeFileSync(this.kubeconfig, kubeconfig({ server, ca, token, namespace }), { mode: 0o600 })
  }

  /** From now on nothing is told of this resource (plural), until `release`. */
  hold(resource: string): void {
    this.#held.set(resource, [])
  }

  /** Tells everything that was held back, in its order. */
  release(resource: string): void {
    const waiting = this.#held.get(resource) ?? []
    this.#held.delete(resource)
    for (const tell of waiting) tell()
  }

  /** Goes on as if everything that was held back had been told: it is lost. */
  lose(resource: string): void {
    this.#held.delete(resource)
  }

  #forward(incoming: IncomingMessage, answer: ServerResponse): void {
    const url = new URL(incoming.url ?? '/', this.#cluster.server)
    const resource = url.searchParams.get('watch') ? url.pathname.split('/').at(-1) : undefined
    const upstream = request(
      url,
      { method: incoming.method, headers: { ...incoming.headers, host: url.host }, agent: this.#agent },
      (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers)
        answer.flushHeaders()
        const pass = (tell: () => void): void => {
          const held = resource === undefined ? undefined : this.#held.get(resource)
          if (held) held.push(tell)
          else tell()
        }
        got.on('data', (bytes) => pass(() => answer.write(bytes)))
        got.on('end', () => pass(() => answer.end()))
      },
    )
    upstream.on('error', () => answer.destroy())
    answer.on('close', () => upstream.destroy())
    incoming.pipe(upstream)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

export async function heldWatches(cluster: Cluster): Promise<HeldWatches> {
  const held = new HeldWatches(cluster)
  await held.listen()
  return held
}
