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
import type { JsonObject, KubernetesObject } from '../../api/object.ts'
import type { Definition } from '../../definition/definition.ts'
import { sleep } from '../../kube/deadline.ts'
import { discover } from '../../kube/discovery.ts'
import { isApiError } from '../../kube/errors.ts'
import { seeded } from '../../sandbox/random.ts'
import { createSandbox, type Sandbox, type SandboxOptions } from '../../sandbox/sandbox.ts'
import type { AuditEvent } from '../../sandbox/server/audit.ts'
import { connectToSandbox, type SandboxConnection } from './connection.ts'
import { OperatorLife, type OperatorOptions, type SimulatedOperator, userAgent } from './operator-life.ts'

export interface SimulationOptions extends Pick<SandboxOptions, 'state' | 'users' | 'authorization' | 'faults' | 'controllers'> {
  /** Of everything that is random. */
  seed: number
}

export interface Answer {
  status: number
  body: KubernetesObject & { message?: string; items?: KubernetesObject[] }
}

/** That something goes on and on in a simulation. */
export class Unrest extends Error {}

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
  readonly #running = new Set<OperatorLife>()
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
    const life = this.#live(options)
    await this.during(discover(life.client).then(async (discovery) => await life.run(discovery)))
    return life
  }

  /** Starts an operator that looks for the server until it finds it, beside whatever else happens. */
  begin(options: OperatorOptions): SimulatedOperator {
    const life = this.#live(options)
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
    return life
  }

  #live(options: OperatorOptions): OperatorLife {
    const connection = connectToSandbox(this.sandbox)
    this.#connections.push(connection)
    const life = new OperatorLife(options, {
      sandbox: this.sandbox,
      connection,
      random: seeded(this.#seed ^ Math.imul(this.#connections.length, 0x9e3779b9)),
      during: async (work) => await this.during(work),
      ended: (ended) => void this.#running.delete(ended),
    })
    this.#running.add(life)
    return life
  }

  /** Resolves when all has happened that can happen without time passing; rejects with Unrest if that goes on and on. */
  async quiet(): Promise<void> {
    const deadline = computed() + patience
    let before = -1
    for (let idle = 0; idle < idleTurns; idle++) {
      await turn()
      this.sandbox.controllers.settle()
      const now = this.#activity()
      if (now !== before || [...this.#running].some(({ computes }) => computes)) idle = -1
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
      else if (clock.now() - since >= calm && [...this.#running].every(({ isSettled }) => isSettled)) return
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
    const all = [...this.#running].map((life) => life.describe())
    const last = this.requests.slice(-5).map(({ verb, requestURI, responseStatus }) => `${verb} ${requestURI} ${responseStatus.code}`)
    return [...all, ...last].join('\n  ')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of [...this.#running]) running.kill()
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

  #activity(): number {
    return this.#connections.reduce((sum, { activity }) => sum + activity, this.requests.length)
  }

  /** Of the last write of anything. */
  async #version(): Promise<string> {
    const { body } = await this.request('GET', '/api/v1/namespaces?limit=1')
    return body.metadata['resourceVersion'] as string
  }
}

/** Milliseconds that this process has computed, in all its threads. */
function computed(): Milliseconds {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
