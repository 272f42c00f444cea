/**
 * A cluster and its operators in one process, in a time of their own.
 *
 *   something can happen now ──▶ it happens ──▶ nothing can happen now ──▶ the clock jumps to the next wait's end ──▶ …
 *
 * Nobody waits for a timer of the machine: back-offs, retries of minutes and pods that start take as long as their work takes. Everything
 * of the operator but its sockets is what runs in production.
 */
import { setImmediate as turn } from 'node:timers/promises'
import type { Milliseconds } from '../../api/clock.ts'
import { canonicalJson } from '../../api/canonical.ts'
import { defaultOperatorName } from '../../api/names.ts'
import type { JsonObject, KubernetesObject } from '../../api/object.ts'
import { formatProblem } from '../../api/problem.ts'
import type { Definition } from '../../definition/definition.ts'
import { type ApiClient, type ApiRequest, createClient } from '../../kube/client.ts'
import type { Credentials } from '../../kube/credentials.ts'
import { sleep } from '../../kube/deadline.ts'
import { discover, type Discovery } from '../../kube/discovery.ts'
import { isApiError } from '../../kube/errors.ts'
import { begin } from '../../operator/beginning.ts'
import { InventoryStore } from '../../operator/inventory-store.ts'
import { type Logger, silentLogger } from '../../operator/log.ts'
import { createMetrics } from '../../operator/metrics.ts'
import type { Operator } from '../../operator/operator.ts'
import type { WorkQueue } from '../../queue/work-queue.ts'
import { seeded } from '../../sandbox/random.ts'
import { createSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox.ts'
import type { AuditEvent } from '../../sandbox/server/audit.ts'
import { connectToSandbox, type SandboxConnection } from './connection.ts'

export interface SimulationOptions extends Pick<SandboxOptions, 'state' | 'users' | 'authorization' | 'faults' | 'controllers'> {
  /** Of everything that is random. */
  seed: number
}

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

export interface Answer {
  status: number
  body: KubernetesObject & { message?: string; items?: KubernetesObject[] }
}

/** That something goes on and on in a simulation. */
export class Unrest extends Error {}

/** An operator that runs in a simulation. */
export interface SimulatedOperator {
  /** Ends it in good order. */
  stop(): Promise<void>
  /** Ends it as SIGKILL would: no request leaves any more and no answer arrives. */
  kill(): void
}

interface Life {
  /** Calls that wait for an answer, those that are sent again later among them. */
  readonly calls: { waiting: number }
  /** Undefined until it has found its server. */
  parts: { operator: Operator; queue: WorkQueue } | undefined
}

const userAgent = 'fairlead/simulation'
/** 2026-01-01: the same in every run. */
const beginning = Date.UTC(2026, 0, 1)
/** Turns of the event loop in which nothing happens before nothing is expected to. */
const idleTurns = 8
/** Longer than the longest pause of a key that the server refuses, and than a rollout may go without progress. */
const calm: Milliseconds = 700_000
/** Milliseconds of this process's computing in which what happens at one moment has to end; a busy machine takes longer by the clock. */
const patience: Milliseconds = 20_000

export class Simulation implements AsyncDisposable {
  readonly sandbox: Sandbox
  /** What operators asked for, in order. */
  readonly requests: AuditEvent[] = []
  readonly #seed: number
  readonly #running = new Map<SimulatedOperator, Life>()
  readonly #connections: SandboxConnection[] = []

  constructor({ seed, ...options }: SimulationOptions) {
    this.#seed = seed
    this.sandbox = createSandbox({
      ...options,
      seed,
      now: () => beginning,
      audit: (event) => {
        if (event.userAgent === userAgent && event.stage === 'ResponseComplete') this.requests.push(event)
      },
    })
  }

  /** One request of the administrator. */
  async request(method: string, path: string, body?: object, contentType = 'application/json'): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.sandbox.token}`, 'content-type': contentType }
    const answer = await this.sandbox.fetch(path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    return { status: answer.status, body: (await answer.json()) as Answer['body'] }
  }

  /** Installs the definitions of the kinds that are watched. */
  async install(definition: Definition): Promise<void> {
    const manifests = new Map(definition.watches.flatMap(({ crd }) => (crd ? [[canonicalJson(crd.manifest), crd.manifest]] : [])))
    for (const manifest of manifests.values()) await this.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', manifest)
    await this.quiet()
  }

  /** Throws if the server does not create it. */
  async create(path: string, object: JsonObject | KubernetesObject): Promise<KubernetesObject> {
    const { status, body } = await this.request('POST', path, object)
    if (status !== 201) throw new Error(`POST ${path} was answered ${status}: ${body.message}`)
    return body
  }

  /** Server-side apply by the administrator, of an object whose kind the server knows. Throws if the server refuses. */
  async apply(object: KubernetesObject, manager = 'administrator'): Promise<KubernetesObject> {
    const path = await this.#pathOf(object)
    const { status, body } = await this.request(
      'PATCH',
      `${path}?fieldManager=${encodeURIComponent(manager)}&force=true`,
      object,
      'application/apply-patch+yaml',
    )
    if (status > 201) throw new Error(`PATCH ${path} was answered ${status}: ${body.message}`)
    return body
  }

  /** The administrator deletes it, if it is still there. */
  async remove(object: KubernetesObject): Promise<void> {
    await this.request('DELETE', await this.#pathOf(object))
  }

  /** Starts an operator, which has found the server when this resolves. Rejects with ApiError if it cannot. */
  async start(options: OperatorOptions): Promise<SimulatedOperator> {
    const life = this.#life(options)
    await this.during(discover(life.client).then(life.run))
    return life.running
  }

  /** Starts an operator that looks for the server until it finds it, beside whatever else happens. */
  begin(options: OperatorOptions): SimulatedOperator {
    const life = this.#life(options)
    void (async () => {
      while (!life.stopping.aborted) {
        try {
          return await life.run(await discover(life.client, life.stopping))
        } catch (error) {
          if (!isApiError(error)) throw error
          await sleep(this.sandbox.clock, 1_000, life.stopping)
        }
      }
    })()
    return life.running
  }

  #life({ definition, namespaces = [], workers = 4, installCrds = false, releaseOrphans = false, log = silentLogger }: OperatorOptions) {
    const connection = connectToSandbox(this.sandbox)
    this.#connections.push(connection)
    const { clock } = this.sandbox
    const random = seeded(this.#seed ^ Math.imul(this.#connections.length, 0x9e3779b9))
    const calls = { waiting: 0 }
    const client = counted(createClient(this.#credentials(), { userAgent, clock, random, connect: () => connection.connect() }), calls)
    const stopping = new AbortController()
    const life: Life = { calls, parts: undefined }
    let ended: Promise<void> = Promise.resolve()
    const running: SimulatedOperator = {
      stop: async () => {
        stopping.abort()
        await this.during(ended)
        await client.close()
        this.#running.delete(running)
      },
      kill: () => {
        connection.sever()
        void life.parts?.queue.shutdown()
        stopping.abort()
        this.#running.delete(running)
      },
    }
    this.#running.set(running, life)
    const run = async (discovery: Discovery): Promise<void> => {
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
        stopping.signal,
      )
      if (Array.isArray(begun)) throw new Error(begun.map(formatProblem).join('\n'))
      life.parts = begun
      ended = begun.operator.run(stopping.signal)
    }
    return { running, client, stopping: stopping.signal, run }
  }

  /** Resolves when all has happened that can happen without time passing; rejects with Unrest if that goes on and on. */
  async quiet(): Promise<void> {
    const deadline = computed() + patience
    let before = -1
    for (let idle = 0; idle < idleTurns; idle++) {
      await turn()
      this.sandbox.controllers.settle()
      const now = this.#activity()
      if (now !== before || this.#computes()) idle = -1
      before = now
      if (computed() > deadline) throw new Unrest(`it does not come to rest within ${patience} ms: ${this.describe()}`)
    }
  }

  /** Lets time pass, each wait ending at its own moment, with everything that follows from one done before the next. */
  async pass(duration: Milliseconds): Promise<void> {
    const { clock } = this.sandbox
    const end = clock.now() + duration
    await this.quiet()
    for (let next = clock.next; next !== undefined && clock.now() + next <= end; next = clock.next) {
      clock.advance(next)
      await this.quiet()
    }
    clock.advance(Math.max(0, end - clock.now()))
  }

  /**
   * Lets time pass until nobody has anything to do: every cache is synced, no primary waits for its turn, and nothing was written for
   * longer than the longest pause before another try. Rejects with Unrest if that takes more than `limit` of the simulation's time.
   */
  async settled(limit: Milliseconds = 7_200_000): Promise<void> {
    const { clock } = this.sandbox
    const end = clock.now() + limit
    await this.quiet()
    let version = await this.#version()
    let since = clock.now()
    while (clock.now() < end) {
      clock.advance(Math.min(clock.next ?? calm, calm))
      await this.quiet()
      const now = await this.#version()
      if (now !== version) [version, since] = [now, clock.now()]
      else if (clock.now() - since >= calm && this.#synced()) return
    }
    throw new Unrest(`it is not settled after ${limit / 1000} s: ${this.describe()}`)
  }

  /** Waits for something that may need time to pass. */
  async during<T>(work: Promise<T>): Promise<T> {
    let ended = false
    const end = (): void => void (ended = true)
    work.then(end, end)
    const { clock } = this.sandbox
    for (await this.quiet(); !ended; await this.quiet()) clock.advance(clock.next ?? 1)
    return await work
  }

  /** Everything that is stored now. */
  objects(): KubernetesObject[] {
    return Object.values(this.sandbox.save().objects).flat()
  }

  /** What goes on, for a message. */
  describe(): string {
    const all = [...this.#running.values()].map(({ calls, parts }) => {
      const caches = [...(parts?.operator.informers() ?? [])].filter(({ state }) => state !== 'synced')
      const loads = [...(parts?.queue.loads() ?? [])].map(
        ([lane, { depth, processing }]) => `${lane}: ${depth} wait, ${processing} in work`,
      )
      return [`${calls.waiting} calls wait for an answer`, ...loads, ...caches.map(({ kind, state }) => `${kind} is ${state}`)].join('; ')
    })
    const last = this.requests.slice(-5).map(({ verb, requestURI, responseStatus }) => `${verb} ${requestURI} ${responseStatus.code}`)
    return [...all, ...last].join('\n  ')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of [...this.#running.keys()]) running.kill()
    await this.sandbox.close()
  }

  async #pathOf({ apiVersion, kind, metadata: { namespace, name } }: KubernetesObject): Promise<string> {
    const prefix = `${apiVersion.includes('/') ? '/apis' : '/api'}/${apiVersion}`
    const { body } = await this.request('GET', prefix)
    const resources = (body['resources'] ?? []) as { name: string; kind: string; namespaced: boolean }[]
    const found = resources.find((resource) => resource.kind === kind && !resource.name.includes('/'))
    if (!found) throw new Error(`the server does not serve ${apiVersion} ${kind}`)
    return `${prefix}/${found.namespaced ? `namespaces/${namespace ?? 'default'}/` : ''}${found.name}/${encodeURIComponent(name)}`
  }

  /** Passes that wait for no request compute: their answer comes from another thread. */
  #computes(): boolean {
    return [...this.#running.values()].some(
      ({ calls, parts }) => calls.waiting === 0 && [...(parts?.queue.loads().values() ?? [])].some(({ processing }) => processing > 0),
    )
  }

  #synced(): boolean {
    return [...this.#running.values()].every(
      ({ parts }) =>
        parts !== undefined &&
        !parts.queue.waiting &&
        parts.operator.notReady().length === 0 &&
        [...parts.operator.informers()].every(({ state }) => state === 'synced'),
    )
  }

  #activity(): number {
    return this.#connections.reduce((sum, { activity }) => sum + activity, this.requests.length)
  }

  /** Of the last write of anything. */
  async #version(): Promise<string> {
    const { body } = await this.request('GET', '/api/v1/namespaces?limit=1')
    return body.metadata['resourceVersion'] as string
  }

  #credentials(): Credentials {
    const authentication = { headers: { authorization: `Bearer ${this.sandbox.token}` }, tls: {} }
    return { server: 'http://sandbox', namespace: 'default', source: 'the simulation', current: () => authentication, rejected() {} }
  }
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

/** Milliseconds that this process has computed, in all its threads. */
function computed(): Milliseconds {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
