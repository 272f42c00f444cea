/** The engine on a real control plane: beside a bare loop in the same run, a new custom resource under load, and what single passes cost. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { load as parseYaml } from 'js-yaml'
import type { KubernetesObject } from '../../src/api/object.ts'
import { AuditLog } from '../../test/controlplane/audit.ts'
import { type ControlPlane, startControlPlane } from '../../test/controlplane/control-plane.ts'
import { eventually } from '../../test/controlplane/eventually.ts'
import { shop } from '../control-plane/bare-loop.ts'
import { cpuSeconds, type Engine, userAgent } from '../control-plane/engine.ts'
import { inFlight, Load } from '../control-plane/load.ts'
import { Observer } from '../control-plane/observer.ts'
import { median, quantile } from '../statistics.ts'
import { definitionFile, loopAgent, startEngine, untilIdle, untilSettled } from './subject.ts'
import type { Values } from './values.ts'

export interface ServerOptions {
  /** Custom resources that are created at once. */
  burst: number
  /** Pairs of a burst with the engine and one with the loop. */
  rounds: number
  /** Single creations, changes and touches. */
  samples: number
  say: (line: string) => void
}

/** As many requests of the load generator are on their way at once. */
const atOnce = 16
/** Custom resources whose wait under load is measured. */
const probes = 100
const mergePatch = 'application/merge-patch+json'

export async function onServer(options: ServerOptions): Promise<Values> {
  await using controlPlane = await startControlPlane({ say: options.say })
  await using load = new Load(controlPlane.access)
  await load.send(
    'POST',
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    parseYaml(readFileSync(definitionFile, 'utf8')) as object,
  )
  await eventually(async () => await load.send('GET', '/apis/bench.fairlead.dev/v1/shops'), { describe: 'the server serves Shops' })
  await using server = new Server(controlPlane, load, options)
  // The server builds schemas after a definition came, and ends watches that began before.
  await server.idle()
  // The first run of each writes through code that nobody has run yet, in the API server too.
  await server.engineBurst('warm-engine', 100)
  await server.loopBurst('warm-loop', 100)
  return { ...(await server.pairs()), ...(await server.underLoad()), ...(await server.singles()) }
}

interface Burst {
  /** From before the first custom resource is sent until the last one is seen to be ready. */
  seconds: number
  cpu: number
  /** Events that were written in that time. */
  events: number
}

class Server implements AsyncDisposable {
  readonly #controlPlane: ControlPlane
  readonly #load: Load
  readonly #options: ServerOptions
  readonly #audit: AuditLog
  readonly #engines = new Set<Engine>()

  constructor(controlPlane: ControlPlane, load: Load, options: ServerOptions) {
    this.#controlPlane = controlPlane
    this.#load = load
    this.#options = options
    this.#audit = new AuditLog(controlPlane.access.auditLog)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#engines].map(async (engine) => await engine.stop('SIGKILL')))
  }

  /** Each in turn goes first. */
  async pairs(): Promise<Values> {
    const { rounds, burst, say } = this.#options
    const engine: Burst[] = []
    const loop: Burst[] = []
    for (let round = 0; round < rounds; round++) {
      const runs = [
        async () => void engine.push(await this.engineBurst(`engine-${round}`, burst)),
        async () => void loop.push(await this.loopBurst(`loop-${round}`, burst)),
      ]
      for (const run of round % 2 === 0 ? runs : runs.toReversed()) await run()
      const [one, other] = [engine[round] as Burst, loop[round] as Burst]
      const told = ({ seconds, cpu, events }: Burst): string => `${seconds.toFixed(1)} s, CPU ${cpu.toFixed(1)} s, ${events} Events`
      say(`${burst} ready: engine ${told(one)}; loop ${told(other)}`)
    }
    return {
      'burst share': median(engine.map(({ seconds }, round) => (loop[round] as Burst).seconds / seconds)),
      'burst s': median(engine.map(({ seconds }) => seconds)),
      'loop s': median(loop.map(({ seconds }) => seconds)),
      'burst cpu s': median(engine.map(({ cpu }) => cpu)),
      'loop cpu s': median(loop.map(({ cpu }) => cpu)),
      'burst events': median(engine.map(({ events }) => events)),
      'loop events': median(loop.map(({ events }) => events)),
    }
  }

  async engineBurst(name: string, count: number): Promise<Burst> {
    const observer = await this.#observe(name)
    const engine = await this.#start([name])
    const result = await this.#burst(observer, count, engine.pid, () => {})
    await this.#stop(engine)
    return result
  }

  async loopBurst(name: string, count: number): Promise<Burst> {
    const observer = await this.#observe(name)
    const flags = ['--disable-warning=ExperimentalWarning']
    const loop = fork(fileURLToPath(new URL('loop.ts', import.meta.url)), [this.#controlPlane.kubeconfig], { execArgv: flags })
    try {
      await once(loop, 'message')
      await this.idle(loop.pid as number)
      return await this.#burst(observer, count, loop.pid as number, (primary) => void loop.send(primary))
    } finally {
      loop.kill()
    }
  }

  async #burst(observer: Observer, count: number, pid: number, tell: (primary: KubernetesObject) => void): Promise<Burst> {
    const [mark, cpu] = [this.#audit.mark(), cpuSeconds(pid)]
    const began = performance.now()
    const names = Array.from({ length: count }, (_, number) => `shop-${number}`)
    const create = async (shopName: string): Promise<void> => tell(await this.#load.send('POST', observer.paths.shops, shop(shopName)))
    const done = observer.until(`${count} are ready`, () => observer.totals.ready === count && observer.totals.children === 4 * count, 300)
    await Promise.all([inFlight(names, atOnce, create), done])
    const seconds = (performance.now() - began) / 1000
    const told = this.#audit.requests({ since: mark, verb: 'create', resource: 'events', namespace: observer.paths.namespace })
    const events = told.filter(({ userAgent: agent }) => agent.startsWith(userAgent) || agent.startsWith(loopAgent)).length
    return { seconds, cpu: cpuSeconds(pid) - cpu, events }
  }

  /** While a burst is worked on in one namespace, custom resources are made in another, evenly over the time that it takes. */
  async underLoad(): Promise<Values> {
    const { burst, say } = this.#options
    const crowd = await this.#observe('crowd')
    const fresh = await this.#observe('fresh')
    const engine = await this.#start(['crowd', 'fresh'])
    const sent = new Map<string, number>()
    const probe = async (): Promise<void> => {
      for (let number = 0; number < probes; number++) {
        const before = (4 * burst * number) / probes
        await crowd.until(`the crowd has ${before} dependents`, () => crowd.totals.children >= before, 300)
        const name = `fresh-${number}`
        sent.set(name, performance.now())
        await this.#load.send('POST', fresh.paths.shops, shop(name))
      }
    }
    const crowded = new Map<string, number>()
    const names = Array.from({ length: burst }, (_, number) => `shop-${number}`)
    const creating = inFlight(names, atOnce, async (name) => {
      crowded.set(name, performance.now())
      await this.#load.send('POST', crowd.paths.shops, shop(name))
    })
    const began = performance.now()
    await Promise.all([creating, probe(), crowd.until('the crowd is ready', () => crowd.totals.ready === burst, 300)])
    const lasted = (performance.now() - began) / 1000
    await fresh.until('all that came in between are ready', () => fresh.totals.ready === probes && fresh.totals.children === 4 * probes, 60)
    await this.#stop(engine)
    const waits = (observer: Observer, from: Map<string, number>, at: 'seen' | 'lastChild'): number[] =>
      [...from].map(([name, moment]) => (observer.of(name)[at] - moment) / 1000)
    const values = {
      'load p50 s': median(waits(fresh, sent, 'lastChild')),
      'load p99 s': quantile(waits(fresh, sent, 'lastChild'), 0.99),
      'load seen p50 s': median(waits(fresh, sent, 'seen')),
      'load seen p99 s': quantile(waits(fresh, sent, 'seen'), 0.99),
      'crowd p99 s': quantile(waits(crowd, crowded, 'lastChild'), 0.99),
    }
    const [middle, most] = [values['load p50 s'], values['load p99 s']].map((each) => each.toFixed(3))
    say(`${probes} in ${lasted.toFixed(1)} s of load: p50 ${middle} s, p99 ${most} s`)
    return values
  }

  /** Calls and bytes of single passes, and the time from an event to what was applied because of it. */
  async singles(): Promise<Values> {
    const { samples } = this.#options
    const observer = await this.#observe('singles')
    const engine = await this.#start(['singles'])
    const names = Array.from({ length: samples }, (_, number) => `shop-${number}`)
    const path = (name: string): string => `${observer.paths.shops}/${name}`
    const cost = async (what: string, work: () => Promise<void>): Promise<Values> => {
      const [mark, traffic] = [this.#audit.mark(), engine.traffic()]
      await work()
      await this.idle(engine.pid)
      const calls = this.#audit.requests({ userAgent, since: mark }).filter(({ verb }) => verb !== 'watch')
      const { read, written } = engine.traffic()
      return {
        [`${what} calls`]: calls.length / samples,
        [`${what} bytes read`]: (read - traffic.read) / samples,
        [`${what} bytes written`]: (written - traffic.written) / samples,
      }
    }
    const created = await cost('create', async () => {
      for (const name of names) {
        await this.#load.send('POST', observer.paths.shops, shop(name))
        await observer.until(`${name} is ready`, () => observer.of(name).ready > 0 && observer.of(name).children.size === 4)
      }
    })
    const seen = new Map<string, number>()
    const applied = new Map<string, number>()
    await this.#load.watch(observer.paths.shops, ({ object }) => {
      if ((object['spec'] as { message: string }).message === 'changed' && !seen.has(object.metadata.name))
        seen.set(object.metadata.name, performance.now())
    })
    await this.#load.watch(observer.paths.children('ConfigMap'), ({ object }) => {
      if ((object['data'] as { message?: string } | undefined)?.message === 'changed') applied.set(object.metadata.name, performance.now())
    })
    const changed = await cost('change', async () => {
      for (const name of names) {
        await this.#load.send('PATCH', path(name), { spec: { message: 'changed' } }, mergePatch)
        await observer.until(`${name} is changed`, () => applied.has(name) && seen.has(name))
      }
    })
    const touched = await cost('touch', async () => {
      for (const name of names) {
        await this.#load.send('PATCH', path(name), { metadata: { annotations: { touched: 'yes' } } }, mergePatch)
      }
    })
    await this.#stop(engine)
    const times = names.map((name) => (applied.get(name) as number) - (seen.get(name) as number))
    return { ...created, ...changed, ...touched, 'applied p50 ms': median(times), 'applied p99 ms': quantile(times, 0.99) }
  }

  async #observe(namespace: string): Promise<Observer> {
    await this.#load.send('POST', '/api/v1/namespaces', { metadata: { name: namespace } })
    return await new Observer(namespace).start(this.#load)
  }

  /** Resolves when the engine watches and nothing else is at work. */
  async #start(namespaces: readonly string[]): Promise<Engine> {
    const log = join(this.#controlPlane.access.directory, `engine-${namespaces.join('-')}.log`)
    const engine = startEngine({ kubeconfig: this.#controlPlane.kubeconfig, namespaces, log })
    this.#engines.add(engine)
    await untilSettled(engine)
    await this.idle(engine.pid)
    return engine
  }

  async #stop(engine: Engine): Promise<void> {
    await engine.stop()
    this.#engines.delete(engine)
    await this.idle()
  }

  /** Resolves when the server, and these processes, have nothing left to do. */
  async idle(...others: number[]): Promise<void> {
    const { etcd, 'kube-apiserver': server } = this.#controlPlane.processes()
    await untilIdle([etcd as number, server as number, ...others])
  }
}
