/** A client of the members, over their JSON API, by the name of the client service and with the certificates that the playbook has made. */
import { Agent, request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { Cluster } from '../../controlplane/cluster.ts'
import type { Kubelet } from '../../controlplane/kubelet.ts'
import { collection, read } from '../objects.ts'

const decoded = (value: string | undefined): string => Buffer.from(value ?? '', 'base64').toString()
const encoded = (value: string): string => Buffer.from(value).toString('base64')

export class EtcdClient implements Disposable {
  readonly #url: string
  readonly #agent: Agent

  private constructor(url: string, agent: Agent) {
    this.#url = url
    this.#agent = agent
  }

  /** @param name of the EtcdCluster */
  static async of(cluster: Cluster, kubelet: Kubelet, name: string): Promise<EtcdClient> {
    const { data } = await read<{ data: Record<string, string> }>(cluster, `${collection(cluster, 'v1', 'secrets')}/${name}-tls`)
    const [ca, cert, key] = ['ca.crt', 'tls.crt', 'tls.key'].map((part) => decoded(data[part]))
    // One connection for each request: members come and go.
    const agent = new Agent({ ca, cert, key, lookup: kubelet.lookup, keepAlive: false })
    return new EtcdClient(`https://${name}-client.${cluster.namespace}.svc:2379`, agent)
  }

  /** Resolves when the write is acknowledged. */
  async put(key: string, value: string): Promise<void> {
    await this.#post('/v3/kv/put', { key: encoded(key), value: encoded(value) })
  }

  /** All keys with this prefix, with their values. */
  async all(prefix: string): Promise<Map<string, string>> {
    const end = prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
    const { kvs = [] } = (await this.#post('/v3/kv/range', { key: encoded(prefix), range_end: encoded(end) })) as {
      kvs?: { key: string; value: string }[]
    }
    return new Map(kvs.map(({ key, value }) => [decoded(key), decoded(value)]))
  }

  async #post(path: string, body: object): Promise<unknown> {
    const { status, answer } = await new Promise<{ status: number; answer: string }>((resolve, reject) => {
      const sent = request(`${this.#url}${path}`, { method: 'POST', agent: this.#agent, timeout: 3000 }, (response) => {
        text(response).then((answer) => resolve({ status: response.statusCode ?? 0, answer }), reject)
      })
      sent.on('timeout', () => sent.destroy(new Error('no answer')))
      sent.on('error', reject)
      sent.end(JSON.stringify(body))
    })
    if (status !== 200) throw new Error(`${status} ${answer}`)
    return JSON.parse(answer)
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}

/** Writes one key after another until it is stopped, and remembers what was acknowledged. */
export class Writer {
  readonly acknowledged: string[] = []
  refused = 0
  readonly #client: EtcdClient
  readonly #running: Promise<void>
  #stopped = false

  constructor(client: EtcdClient) {
    this.#client = client
    this.#running = this.#run()
  }

  async #run(): Promise<void> {
    for (let number = 0; !this.#stopped; number++) {
      const key = `writer/${number}`
      try {
        await this.#client.put(key, key)
        this.acknowledged.push(key)
      } catch {
        this.refused++
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }
}
