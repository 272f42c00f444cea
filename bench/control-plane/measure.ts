/**
 * One run of the workload: each phase in a namespace of its own, with an engine of its own that watches only that.
 *
 * A phase ends when the engine has fallen quiet, which the audit log tells: no request of its user agent for a while.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { KubernetesObject } from '../../src/api/object.ts'
import { AuditLog, type AuditMark, type AuditRecord } from '../../test/controlplane/audit.ts'
import type { ControlPlane } from '../../test/controlplane/control-plane.ts'
import { median, quantile } from '../statistics.ts'
import { bareLoop, type BareLoop, oneByOne, shop, wholeJob } from './bare-loop.ts'
import { cpuSeconds, Engine, residentBytes, userAgent } from './engine.ts'
import { inFlight, Load } from './load.ts'
import { type ChildKind, childKinds, Observer, ready } from './observer.ts'

export const watchesFile = fileURLToPath(new URL('../workload/watches.yaml', import.meta.url))
const resyncFile = fileURLToPath(new URL('../workload/resync.yaml', import.meta.url))

export interface Setting {
  controlPlane: ControlPlane
  /** Path of the engine's program. */
  program: string
  /** Begins the names of the run's namespaces. */
  prefix: string
  /** One after the other. */
  samples: number
  /** At once. */
  burst: number
  /** For the memory of many. */
  many: number
  /** Of start, single, burst, bare, killed and many; none given: all. */
  phases: readonly string[]
  args: readonly string[]
  nodeArgs: readonly string[]
  say: (line: string) => void
}

export type Measured = Record<string, number>

/** How long without a request is quiet, in milliseconds: longer than any back-off of a first failure. */
const quietAfter = 1500

export async function measure(setting: Setting): Promise<{ values: Measured; bare: BareLoop[] }> {
  await using run = new Run(setting)
  const values: Measured = {}
  const phase = async (name: string, work: () => Promise<Measured>): Promise<void> => {
    await run.serverIdle()
    const measured = await work()
    Object.assign(values, measured)
    setting.say(
      `${name}: ${Object.entries(measured)
        .map(([key, value]) => `${key} ${Number(value.toPrecision(4))}`)
        .join(', ')}`,
    )
  }
  const wants = (name: string): boolean => setting.phases.length === 0 || setting.phases.includes(name)
  if (wants('start')) await phase('start', async () => await run.start())
  if (wants('single')) await phase('one after the other', async () => await run.oneByOne())
  if (wants('burst')) await phase(`${setting.burst} at once`, async () => await run.burst())
  if (wants('bare')) await phase('the same without an engine', async () => await run.withoutEngine())
  const bare = wants('bare') ? await bareLoop(run.load, await run.namespace('bare'), watchesFile, 50) : []
  if (wants('killed')) await phase('killed', async () => await run.killed())
  if (wants('many')) await phase(`${setting.many} custom resources`, async () => await run.many())
  return { values, bare }
}

class Run implements AsyncDisposable {
  readonly load: Load
  readonly #setting: Setting
  readonly #audit: AuditLog
  readonly #engines = new Set<Engine>()
  /** Watches that engines have opened, by namespace. */
  readonly #watchesBefore = new Map<string, number>()

  constructor(setting: Setting) {
    this.#setting = setting
    this.load = new Load(setting.controlPlane.access)
    this.#audit = new AuditLog(setting.controlPlane.access.auditLog)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#engines].map(async (engine) => await engine.stop('SIGKILL')))
    await this.load[Symbol.asyncDispose]()
  }

  /** From the start of the process until a custom resource that waits for it is ready. */
  async start(): Promise<Measured> {
    const observer = await this.#observe('start')
    const times: number[] = []
    for (let number = 0; number < 5; number++) {
      const name = `waiting-${number}`
      await this.load.send('POST', observer.paths.shops, shop(name))
      const began = performance.now()
      const engine = this.#engine(observer)
      await observer.until('the waiting custom resource is ready', () => observer.of(name).ready > 0)
      times.push((observer.of(name).ready - began) / 1000)
      await this.#quiet()
      await this.#stop(engine)
    }
    return { 'start s': median(times) }
  }

  /** Latencies and requests of single changes, with an engine that has nothing else to do. */
  async oneByOne(): Promise<Measured> {
    const observer = await this.#observe('single')
    const { samples } = this.#setting
    const engine = this.#engine(observer)
    await this.#started(observer, engine)
    await sleep(2000)
    const idle = residentBytes(engine.pid) / 1e6

    const times = { child: [] as number[], status: [] as number[], ready: [] as number[] }
    const names = Array.from({ length: samples }, (_, number) => `one-${number}`)
    let mark = this.#audit.mark()
    for (const name of names) {
      const began = performance.now()
      await this.load.send('POST', observer.paths.shops, shop(name))
      await observer.until(`${name} is ready`, () => observer.of(name).ready > 0 && observer.of(name).children.size === 4)
      const { lastChild, status, ready: last } = observer.of(name)
      times.child.push(lastChild - began)
      times.status.push(status - began)
      times.ready.push(last - began)
    }
    await this.#quiet()
    const creates = this.#requests(mark)

    const some = names.slice(0, 10)
    mark = this.#audit.mark()
    for (const name of some) {
      await this.load.send('PATCH', `${observer.paths.shops}/${name}`, { spec: { message: 'changed' } }, 'application/merge-patch+json')
      await observer.until(
        `${name} is ready again`,
        () => ready(observer.shops.get(name)) && observer.shops.get(name)?.metadata.generation === 2,
      )
    }
    await this.#quiet()
    const updates = this.#requests(mark)

    mark = this.#audit.mark()
    for (const name of some)
      await this.load.send(
        'PATCH',
        `${observer.paths.shops}/${name}`,
        { metadata: { annotations: { touched: 'yes' } } },
        'application/merge-patch+json',
      )
    await this.#quiet()
    const touches = this.#requests(mark)

    const healed = await this.#heal(observer, names.slice(0, 5))
    await this.#stop(engine)
    const resync = await this.#resync(observer)
    return {
      'idle MB': idle,
      'child p50 ms': median(times.child),
      'child p95 ms': quantile(times.child, 0.95),
      'status p50 ms': median(times.status),
      'status p95 ms': quantile(times.status, 0.95),
      'ready p50 ms': median(times.ready),
      'ready p95 ms': quantile(times.ready, 0.95),
      'requests create': creates.length / names.length,
      'requests create writes': creates.filter(isWrite).length / names.length,
      'requests update': updates.length / some.length,
      'requests touch': touches.length / some.length,
      ...healed,
      'requests resync': resync,
    }
  }

  /** What others change, and how soon it is back, in seconds. */
  async #heal(observer: Observer, names: readonly string[]): Promise<Measured> {
    const { paths } = observer
    const times = { deployment: [] as number[], configMap: [] as number[], service: [] as number[] }
    const timed = async (into: number[], change: () => Promise<unknown>, healed: () => boolean): Promise<void> => {
      const began = performance.now()
      await change()
      await observer.until('the change is healed', healed)
      into.push((performance.now() - began) / 1000)
      await this.#quiet(500)
    }
    const path = (kind: ChildKind, name: string): string => `${paths.children(kind)}/${name}`
    for (const name of names) {
      const uid = observer.child('Deployment', name)?.metadata.uid
      await timed(
        times.deployment,
        async () => await this.load.send('DELETE', path('Deployment', name)),
        () => {
          const now = observer.child('Deployment', name)
          return now !== undefined && now.metadata.uid !== uid
        },
      )
      const seen = observer.child('ConfigMap', name)?.metadata.resourceVersion
      await timed(
        times.configMap,
        async () => await this.load.send('PATCH', path('ConfigMap', name), { data: { message: 'edited' } }, 'application/merge-patch+json'),
        () => {
          const now = observer.child('ConfigMap', name)
          return now?.metadata.resourceVersion !== seen && messageOf(now) === 'changed'
        },
      )
      const port = observer.child('Service', name)?.metadata.resourceVersion
      const edit = [{ op: 'replace', path: '/spec/ports/0/port', value: 9999 }]
      await timed(
        times.service,
        async () => await this.load.send('PATCH', path('Service', name), edit, 'application/json-patch+json'),
        () => {
          const now = observer.child('Service', name)
          return now?.metadata.resourceVersion !== port && portsOf(now).join() === '8080'
        },
      )
    }
    return {
      'deployment back s': median(times.deployment),
      'config map back s': median(times.configMap),
      'service port back s': median(times.service),
    }
  }

  /** Requests a custom resource in three periods of two seconds each. */
  async #resync(observer: Observer): Promise<number> {
    const engine = this.#engine(observer, resyncFile)
    await this.#started(observer, engine)
    await this.#quiet()
    const mark = this.#audit.mark()
    await sleep(6500)
    const requests = this.#requests(mark)
    await this.#stop(engine)
    return requests.length / observer.shops.size
  }

  /** Many at once: throughput, CPU, memory; then a restart of the engine over them. */
  async burst(): Promise<Measured> {
    const observer = await this.#observe('burst')
    const { burst } = this.#setting
    const engine = this.#engine(observer)
    await this.#started(observer, engine)
    const empty = residentBytes(engine.pid)
    const before = { engine: cpuSeconds(engine.pid), server: this.#serverCpu() }
    const mark = this.#audit.mark()
    const began = performance.now()
    await this.#create(observer, burst)
    const seconds = (end: number): number => (end - began) / 1000
    await observer.until('all children', () => observer.totals.children === burst * 4)
    const children = seconds(performance.now())
    await observer.until('all statuses', () => observer.totals.statuses === burst)
    const statuses = seconds(Math.max(...[...observer.progress.values()].map(({ status }) => status)))
    await observer.until('all ready', () => observer.totals.ready === burst)
    const readySeconds = seconds(performance.now())
    await this.#quiet()
    const used = { engine: cpuSeconds(engine.pid) - before.engine, server: this.#serverCpu() - before.server }
    const requests = this.#requests(mark)
    const memory = residentBytes(engine.pid) - empty
    await this.#stop(engine)

    const again = this.#audit.mark()
    const next = this.#engine(observer)
    await this.#started(observer, next)
    await this.#quiet()
    const restart = this.#audit
      .requests({ since: again, userAgent })
      .filter((record) => isWrite(record) || (isOfWorkload(record) && record.verb === 'get'))
    await this.#stop(next)
    return {
      'burst children a second': (burst * 4) / children,
      'burst statuses s': statuses,
      'burst ready s': readySeconds,
      'burst engine cpu s': used.engine,
      'burst server cpu s': used.server,
      'burst requests create': requests.length / burst,
      'burst kB a resource': memory / 1000 / burst,
      'requests restart': restart.length / burst,
    }
  }

  async withoutEngine(): Promise<Measured> {
    const alone = await oneByOne(this.load, await this.namespace('alone'), watchesFile, this.#setting.samples)
    await this.serverIdle()
    const { children, statuses } = await wholeJob(this.load, await this.namespace('whole'), watchesFile, this.#setting.burst)
    await this.serverIdle()
    return {
      'whole child p50 ms': median(alone.map(({ child }) => child)),
      'whole status p50 ms': median(alone.map(({ status }) => status)),
      'whole children a second': children,
      'whole statuses s': statuses,
    }
  }

  /** Resolves when the server has nothing left to do: it builds schemas after a CRD came, and controllers work on after a phase. */
  async serverIdle(): Promise<void> {
    const end = performance.now() + 20_000
    for (let before = this.#serverCpu(); performance.now() < end; ) {
      await sleep(1000)
      const now = this.#serverCpu()
      if (now - before < 0.15) return
      before = now
    }
  }

  /** kill −9 in the middle of the creation; what is wrong when the next engine has fallen quiet. */
  async killed(): Promise<Measured> {
    const observer = await this.#observe('killed')
    const { burst } = this.#setting
    const first = this.#engine(observer)
    await this.#started(observer, first)
    const creating = this.#create(observer, burst)
    await observer.until('a third of the children', () => observer.totals.children > (burst * 4) / 3)
    await this.#stop(first, 'SIGKILL')
    await creating
    const second = this.#engine(observer)
    await observer.until('all ready', () => observer.totals.ready === burst).catch(() => undefined)
    await this.#quiet()
    const wrong = [...observer.shops.keys()].filter((name) => !isRight(observer, name)).length
    await this.#stop(second)
    return { 'killed wrong': wrong }
  }

  /** Resident memory for each of many custom resources with four dependents: of the engine that made them, and of one that found them. */
  async many(): Promise<Measured> {
    const observer = await this.#observe('many')
    const { many } = this.#setting
    const first = this.#engine(observer)
    await this.#started(observer, first)
    await sleep(2000)
    const empty = residentBytes(first.pid)
    await this.#create(observer, many)
    await observer.until('all ready', () => observer.totals.ready === many, 300)
    await this.#quiet()
    await sleep(2000)
    const made = residentBytes(first.pid)
    await this.#stop(first)
    const second = this.#engine(observer)
    await this.#started(observer, second)
    await this.#quiet()
    await sleep(2000)
    const found = residentBytes(second.pid)
    await this.#stop(second)
    return { 'many kB a resource': (made - empty) / 1000 / many, 'many kB a resource after restart': (found - empty) / 1000 / many }
  }

  /** Makes an empty namespace and resolves to its name. */
  async namespace(phase: string): Promise<string> {
    const name = `${this.#setting.prefix}-${phase}`
    await this.load.send('POST', '/api/v1/namespaces', { metadata: { name } })
    return name
  }

  async #observe(phase: string): Promise<Observer> {
    return await new Observer(await this.namespace(phase)).start(this.load)
  }

  async #create(observer: Observer, count: number): Promise<void> {
    const names = Array.from({ length: count }, (_, number) => `shop-${number}`)
    await inFlight(names, 16, async (name) => void (await this.load.send<KubernetesObject>('POST', observer.paths.shops, shop(name))))
  }

  #engine({ paths: { namespace } }: Observer, watches = watchesFile): Engine {
    const { program, args, nodeArgs, controlPlane } = this.#setting
    const log = join(controlPlane.access.directory, `engine-${namespace}.log`)
    const engine = new Engine({ program, watches, kubeconfig: controlPlane.kubeconfig, namespaces: [namespace], log, args, nodeArgs })
    this.#engines.add(engine)
    return engine
  }

  async #stop(engine: Engine, signal?: 'SIGKILL'): Promise<void> {
    await engine.stop(signal)
    this.#engines.delete(engine)
  }

  /** Resolves when the engine watches its five kinds. */
  async #started({ paths: { namespace } }: Observer, engine: Engine): Promise<void> {
    const end = performance.now() + 30_000
    const watching = (): number => this.#audit.requests({ userAgent, verb: 'watch', namespace }).length
    const before = this.#watchesBefore.get(namespace) ?? 0
    while (watching() < before + 5) {
      if (performance.now() > end) throw new Error(`the engine watches ${watching()} kinds:\n${readFileSync(engine.log, 'utf8')}`)
      await sleep(20)
    }
    await this.#quiet(500)
    this.#watchesBefore.set(namespace, watching())
  }

  /** Resolves when the engine has sent nothing for so many milliseconds. */
  async #quiet(milliseconds = quietAfter): Promise<void> {
    let last = performance.now()
    let mark = this.#audit.mark()
    while (performance.now() - last < milliseconds) {
      await sleep(50)
      const now = this.#audit.mark()
      if (this.#audit.requests({ since: mark, userAgent }).length > 0) last = performance.now()
      mark = now
    }
  }

  /** The engine's requests since then, without the watches that were opened again. */
  #requests(since: AuditMark): AuditRecord[] {
    return this.#audit.requests({ since, userAgent }).filter(({ verb }) => verb !== 'watch')
  }

  #serverCpu(): number {
    const { etcd, 'kube-apiserver': server } = this.#setting.controlPlane.processes()
    return cpuSeconds(etcd as number) + cpuSeconds(server as number)
  }
}

const isWrite = ({ verb }: AuditRecord): boolean => !['get', 'list', 'watch'].includes(verb)
const isOfWorkload = ({ resource }: AuditRecord): boolean =>
  ['shops', 'configmaps', 'services', 'serviceaccounts', 'deployments'].includes(resource)

const portsOf = (service: KubernetesObject | undefined): number[] =>
  (service?.['spec'] as { ports: { port: number }[] } | undefined)?.ports.map(({ port }) => port) ?? []

const messageOf = (map: KubernetesObject | undefined): string | undefined => (map?.['data'] as { message?: string } | undefined)?.message

/** Whether a custom resource tells that it is ready and has its four dependents, each as it should be. */
function isRight(observer: Observer, name: string): boolean {
  const owner = observer.shops.get(name)
  if (!ready(owner)) return false
  const children = childKinds.map((kind) => observer.child(kind, name))
  if (!children.every((child) => child?.metadata.ownerReferences?.[0]?.uid === owner?.metadata.uid)) return false
  return messageOf(observer.child('ConfigMap', name)) === 'hello' && portsOf(observer.child('Service', name)).join() === '8080'
}
