/**
 * A stage on a server that is reached by HTTP, with any operator: a proxy between the two cuts it off at the point.
 *
 * Without a state that is expected, the operator is at rest when there was no call for a while and it has nothing in work. With one, when
 * that state is there; the next step is taken then, whatever the operator is still about to do.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { KubernetesObject } from '../../api/object.ts'
import { createClient } from '../../kube/client.ts'
import type { World } from '../world.ts'
import { CallNames, type CallName, type CrashPoint } from './calls.ts'
import { Cluster } from './cluster.ts'
import { RunNames } from './end-state.ts'
import { type Action, type Flag, type History, managersOf, namespacesOf, withNames, workplaceOf } from './history.ts'
import type { Life, StartLife } from './life.ts'
import { type OpenStage, sameWorld } from './play.ts'
import { Project } from './project.ts'
import { type CrashProxy, openProxy, type ServerAccess } from './proxy.ts'
import type { Stage } from './stage.ts'

export interface ServerStageOptions {
  /** Where the next run takes place. */
  server: ServerAccess
  startLife: StartLife
  /** The namespace of this run; it is made. */
  namespace: string
  /** Milliseconds without a call after which the operator has nothing more to do. */
  quiet: number
  /** Milliseconds that a step may take. */
  timeout: number
}

export const openServerStage =
  (options: ServerStageOptions): OpenStage =>
  async (history, point) =>
    await ServerStage.open(history, options, point)

class ServerStage implements Stage {
  readonly calls: CallName[] = []
  readonly #history: History
  readonly #options: ServerStageOptions
  readonly #point: CrashPoint | undefined
  readonly #cluster: Cluster
  readonly #project: Project
  readonly #namespaces: Readonly<Record<string, string>>
  readonly #names: RunNames
  readonly #callNames: CallNames
  #flags: readonly Flag[]
  #proxy: CrashProxy | undefined
  #life: Life | undefined
  #dying: Promise<void> | undefined

  static async open(history: History, options: ServerStageOptions, point: CrashPoint | undefined): Promise<ServerStage> {
    const { url, ca, token } = options.server
    const authentication = { headers: { authorization: `Bearer ${token}` }, tls: ca === undefined ? {} : { ca } }
    const credentials = {
      server: url,
      namespace: options.namespace,
      source: 'the certificate',
      current: () => authentication,
      rejected: () => {},
    }
    const client = createClient(credentials, { userAgent: 'crash-certificate' })
    const stage = new ServerStage(history, options, point, await Cluster.open(client, options.namespace))
    await stage.#cluster.prepare(Object.values(stage.#namespaces), stage.#project.definition, history.flags)
    for (const action of history.before) await stage.act(action)
    return stage
  }

  private constructor(history: History, options: ServerStageOptions, point: CrashPoint | undefined, cluster: Cluster) {
    this.#history = history
    this.#options = options
    this.#point = point
    this.#cluster = cluster
    this.#project = new Project(history.project)
    this.#flags = history.flags
    this.#namespaces = namespacesOf(history, options.namespace)
    this.#names = new RunNames(this.#namespaces, managersOf(history))
    this.#callNames = new CallNames((text) => this.#names.text(text))
  }

  get crashed(): boolean {
    return this.#dying !== undefined
  }

  async start(): Promise<void> {
    const proxy = await openProxy({
      server: this.#options.server,
      name: (method, url) => this.#callNames.next(method, url),
      crashAt: (call) => {
        this.calls.push(call)
        return !this.crashed && this.#point?.call === call ? this.#point.moment : undefined
      },
      onCrash: () => void (this.#dying ??= this.#dieAndLiveAgain()),
    })
    this.#proxy = proxy
    const { watches } = this.#project
    const namespaces = workplaceOf(this.#history, this.#namespaces)
    this.#life = this.#options.startLife({ server: proxy.url, watches, namespace: this.#options.namespace, namespaces, flags: this.#flags })
  }

  async crash(): Promise<void> {
    await (this.#dying ??= this.#dieAndLiveAgain())
  }

  async #dieAndLiveAgain(): Promise<void> {
    await this.#stop()
    // What it has made until now has to stay, also what nobody would see at the end.
    this.#names.observe(await this.#cluster.objects(Object.values(this.#namespaces), new Set(['Secret'])))
    await this.start()
  }

  async #stop(): Promise<void> {
    await this.#proxy?.close()
    await this.#life?.kill()
  }

  async act(action: Action): Promise<void> {
    this.#names.nextStep()
    if (action.kind !== 'restart') return await this.#cluster.act(withNames(action, this.#namespaces))
    await this.#dying
    await this.#stop()
    this.#project.change(action.project)
    this.#flags = action.flags ?? this.#flags
    for (const each of action.meanwhile) await this.act(each)
    await this.start()
  }

  async rest(expected?: World, last = false): Promise<World> {
    return expected ? await this.#reached(expected, last) : await this.#quietState()
  }

  async #quietState(): Promise<World> {
    const deadline = performance.now() + this.#options.timeout
    for (let before: World | undefined; ; ) {
      if (performance.now() > deadline) throw new Error(`${this.#history.name}: the operator does not come to rest`)
      await this.#unlessFailed(this.#proxy?.quiet(this.#options.quiet))
      if (!this.#life?.idle()) {
        // It is quiet already: without a pause nothing else of this process would come to its turn, and so never be idle.
        await sleep(50)
        continue
      }
      const objects = await this.#cluster.objects(Object.values(this.#namespaces))
      const own = this.#own(objects)
      const state = this.#names.state(own)
      if (before && sameWorld(before, state) && !isBeingCollected(own, objects)) return state
      before = state
    }
  }

  /** The expected state as soon as it is there; after the time that a step may take, another one. */
  async #reached(expected: World, last: boolean): Promise<World> {
    const deadline = performance.now() + this.#options.timeout
    const kinds = new Set([...expected.keys()].map((key) => key.slice(0, key.indexOf(' '))))
    for (let pause = 2; ; pause = Math.min(pause * 2, 50)) {
      await this.#dying
      let state = await this.#state(kinds)
      if (sameWorld(state, expected)) {
        if (!last) return state
        // At the end every kind is looked at, and once more when the operator has gone quiet.
        await this.#unlessFailed(this.#proxy?.quiet(this.#options.quiet / 4))
        await this.#dying
        state = await this.#state()
        if (sameWorld(state, expected)) return state
      }
      if (performance.now() > deadline) return await this.#state()
      await this.#unlessFailed(sleep(pause))
    }
  }

  async #state(kinds?: ReadonlySet<string>): Promise<World> {
    const objects = await this.#cluster.objects(Object.values(this.#namespaces), kinds)
    return this.#names.state(this.#own(objects))
  }

  /** Of those without a namespace, the ones of other runs have no name of this one in theirs. */
  #own(objects: readonly KubernetesObject[]): KubernetesObject[] {
    return objects.filter(({ metadata: { namespace, name } }) => namespace ?? name.includes(this.#options.namespace))
  }

  async #unlessFailed(waiting: Promise<unknown> | undefined): Promise<void> {
    const { failed } = this.#life as Life
    await Promise.race([waiting, failed])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dying
    await this.#stop()
    for (const name of Object.values(this.#namespaces)) await this.#cluster.dropNamespace(name)
    await this.#cluster.close()
    this.#project[Symbol.dispose]()
  }
}

/** Whether the garbage collector still has something to do here: it learns of a new kind, and so of its owners, only after a while. */
function isBeingCollected(own: readonly KubernetesObject[], all: readonly KubernetesObject[]): boolean {
  const uids = new Set(all.map(({ metadata }) => metadata.uid))
  return own.some(({ metadata: { ownerReferences = [], deletionTimestamp, finalizers = [] } }) => {
    const isOrphan = ownerReferences.length > 0 && !ownerReferences.some(({ uid }) => uids.has(uid))
    return isOrphan || (deletionTimestamp !== undefined && finalizers.length === 0)
  })
}
