/** An operator in a simulation: all of it but its sockets is what runs in production, and it ends as a process does. */
import { defaultOperatorName } from '../../api/names.ts'
import { formatProblem } from '../../api/problem.ts'
import type { Definition } from '../../definition/definition.ts'
import { type ApiClient, type ApiRequest, createClient } from '../../kube/client.ts'
import type { Credentials } from '../../kube/credentials.ts'
import type { Discovery } from '../../kube/discovery.ts'
import { begin } from '../../operator/beginning.ts'
import { InventoryStore } from '../../operator/inventory-store.ts'
import { type Logger, silentLogger } from '../../operator/log.ts'
import { createMetrics } from '../../operator/metrics.ts'
import type { Operator } from '../../operator/operator.ts'
import type { WorkQueue } from '../../queue/work-queue.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { SandboxConnection } from './connection.ts'

export interface OperatorOptions {
  definition: Definition
  /** Only primaries in these namespaces; default: all. */
  namespaces?: readonly string[]
  workers?: number
  /** As the flags of `fairlead run`; default: no. */
  installCrds?: boolean
  releaseOrphans?: boolean
  log?: Logger
}

/** An operator that runs in a simulation. */
export interface SimulatedOperator {
  /** Ends it in good order. */
  stop(): Promise<void>
  /** Ends it as SIGKILL would: no request leaves any more and no answer arrives. */
  kill(): void
}

/** Where it lives. */
export interface Surroundings {
  sandbox: Sandbox
  connection: SandboxConnection
  random: () => number
  /** Waits for something that may need time to pass. */
  during: (work: Promise<void>) => Promise<void>
  /** It has ended. */
  ended: (life: OperatorLife) => void
}

/** Tells its requests from those of all others. */
export const userAgent = 'fairlead/simulation'

export class OperatorLife implements SimulatedOperator {
  readonly client: ApiClient
  readonly #options: OperatorOptions
  readonly #around: Surroundings
  readonly #stopping = new AbortController()
  /** Calls that wait for an answer, those that are sent again later among them. */
  readonly #calls = { waiting: 0 }
  /** Undefined until it has found its server. */
  #parts: { operator: Operator; queue: WorkQueue } | undefined
  #ended: Promise<void> = Promise.resolve()

  constructor(options: OperatorOptions, around: Surroundings) {
    this.#options = options
    this.#around = around
    const { sandbox, connection, random } = around
    const client = createClient(credentialsIn(sandbox), {
      userAgent,
      clock: sandbox.clock,
      random,
      connect: () => connection.connect(),
    })
    this.client = counted(client, this.#calls)
  }

  /** Aborted when it is to end. */
  get stopping(): AbortSignal {
    return this.#stopping.signal
  }

  /** Runs the operator on the server that was found; resolves when it runs. */
  async run(discovery: Discovery): Promise<void> {
    const { definition, namespaces = [], workers = 4, installCrds = false, releaseOrphans = false, log = silentLogger } = this.#options
    const { client, stopping } = this
    const { random, sandbox } = this.#around
    const { clock } = sandbox
    const begun = await begin(
      {
        definition,
        client,
        discovery,
        namespaces,
        inventory: new InventoryStore({ client, namespace: 'default', operator: defaultOperatorName, log, clock }),
        workers,
        clock,
        now: () => clock.now(),
        random,
        log,
        metrics: createMetrics({ version: 'simulation', kinds: [], process: false }),
        installCrds,
        releaseOrphans,
      },
      stopping,
    )
    if (Array.isArray(begun)) throw new Error(begun.map(formatProblem).join('\n'))
    this.#parts = begun
    this.#ended = begun.operator.run(stopping)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#around.during(this.#ended)
    await this.client.close()
    this.#around.ended(this)
  }

  kill(): void {
    this.#around.connection.sever()
    void this.#parts?.queue.shutdown()
    this.#stopping.abort()
    this.#around.ended(this)
  }

  /** Passes that wait for no request compute: their answer comes from another thread. */
  get computes(): boolean {
    return this.#calls.waiting === 0 && [...(this.#parts?.queue.loads().values() ?? [])].some(({ processing }) => processing > 0)
  }

  /** Whether every cache is synced, and no primary waits for its turn. */
  get isSettled(): boolean {
    const parts = this.#parts
    return (
      parts !== undefined &&
      !parts.queue.waiting &&
      parts.operator.notReady().length === 0 &&
      [...parts.operator.informers()].every(({ state }) => state === 'synced')
    )
  }

  /** What goes on, for a message. */
  describe(): string {
    const caches = [...(this.#parts?.operator.informers() ?? [])].filter(({ state }) => state !== 'synced')
    const loads = [...(this.#parts?.queue.loads() ?? [])].map(
      ([lane, { depth, processing }]) => `${lane}: ${depth} wait, ${processing} in work`,
    )
    return [`${this.#calls.waiting} calls wait for an answer`, ...loads, ...caches.map(({ kind, state }) => `${kind} is ${state}`)].join(
      '; ',
    )
  }
}

function credentialsIn({ token }: Sandbox): Credentials {
  const authentication = { headers: { authorization: `Bearer ${token}` }, tls: {} }
  return { server: 'http://sandbox', namespace: 'default', source: 'the simulation', current: () => authentication, rejected() {} }
}

function counted(client: ApiClient, calls: { waiting: number }): ApiClient {
  return {
    ...client,
    async request<T>(request: ApiRequest): Promise<T> {
      calls.waiting++
      try {
        return await client.request<T>(request)
      } finally {
        calls.waiting--
      }
    },
  }
}
