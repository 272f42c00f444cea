/**
 * A stage in a simulation: cluster and operator in this process, in a time of their own.
 *
 * The operator is at rest when nobody has anything to do any more, however long that takes: a wait of five minutes is none of the machine's.
 */
import { createClient } from '../../kube/client.ts'
import type { RequestHook } from '../../sandbox/faults/hooks.ts'
import { connectToSandbox } from '../simulation/connection.ts'
import type { SimulatedOperator } from '../simulation/operator-life.ts'
import { Simulation } from '../simulation/simulation.ts'
import type { World } from '../world.ts'
import { CallNames, type CallName, type CrashPoint } from './calls.ts'
import { Cluster } from './cluster.ts'
import { RunNames } from './end-state.ts'
import { type Action, type Flag, type History, managersOf, namespacesOf, withNames, workplaceOf } from './history.ts'
import { beginningWith } from './life.ts'
import type { OpenStage } from './play.ts'
import { Project } from './project.ts'
import type { Stage } from './stage.ts'

/** Always the same simulation: two runs differ by what happens in them. */
export const openSimulatedStage: OpenStage = async (history, point) => {
  const simulation = new Simulation({ seed: 1 })
  const { sandbox } = simulation
  const authentication = { headers: { authorization: `Bearer ${sandbox.token}` }, tls: {} }
  const credentials = {
    server: 'http://sandbox',
    namespace,
    source: 'the history',
    current: () => authentication,
    rejected: () => {},
  }
  const client = createClient(credentials, { userAgent: historian, connect: () => connectToSandbox(sandbox).connect() })
  const cluster = await Cluster.open(client, namespace, (milliseconds) => simulation.pass(milliseconds))
  const stage = new SimulatedStage(history, point, simulation, cluster)
  await stage.prepare()
  return stage
}

const historian = 'history'
const namespace = 'crash'
const aMinute = 60_000

class SimulatedStage implements Stage {
  readonly calls: CallName[] = []
  readonly #history: History
  readonly #point: CrashPoint | undefined
  readonly #simulation: Simulation
  readonly #cluster: Cluster
  readonly #project: Project
  readonly #namespaces: Readonly<Record<string, string>>
  readonly #names: RunNames
  readonly #callNames: CallNames
  #flags: readonly Flag[]
  #operator: SimulatedOperator | undefined
  /** `doomed`: it has got the answer after which it is killed, and sends nothing any more. */
  #life: 'first' | 'doomed' | 'over' | 'second' = 'first'

  constructor(history: History, point: CrashPoint | undefined, simulation: Simulation, cluster: Cluster) {
    this.#history = history
    this.#point = point
    this.#simulation = simulation
    this.#cluster = cluster
    this.#project = new Project(history.project)
    this.#flags = history.flags
    this.#namespaces = namespacesOf(history, namespace)
    this.#names = new RunNames(this.#namespaces, managersOf(history))
    this.#callNames = new CallNames((text) => this.#names.text(text))
    simulation.sandbox.onRequest(this.#hook)
  }

  async prepare(): Promise<void> {
    const { before, flags } = this.#history
    await this.#cluster.prepare(Object.values(this.#namespaces), this.#project.definition, flags)
    for (const action of before) await this.act(action)
    await this.#simulation.quiet()
  }

  readonly #hook: RequestHook = async (request, next) => {
    if (!request.header('user-agent')?.startsWith('fairlead/')) return
    if (this.#life === 'doomed') this.#kill()
    if (this.#life === 'over') return request.breakConnection()
    const call = this.#callNames.next(request.method, `${request.path}?${request.query.toString()}`)
    this.calls.push(call)
    if (this.#life !== 'first' || this.#point?.call !== call) return
    switch (this.#point.moment) {
      case 'before':
        this.#kill()
        return request.breakConnection()
      case 'during':
        await next()
        this.#kill()
        return request.breakConnection()
      case 'after': {
        const answer = await next()
        this.#life = 'doomed'
        return answer
      }
    }
  }

  #kill(): void {
    this.#life = 'over'
    this.#operator?.kill()
  }

  get crashed(): boolean {
    return this.#life !== 'first'
  }

  async start(): Promise<void> {
    const { definition } = this.#project
    const namespaces = workplaceOf(this.#history, this.#namespaces)
    this.#operator = this.#simulation.begin({ definition, namespaces, ...beginningWith(this.#flags) })
    // Its first requests are sent at once, and one of them may be its end.
    if (this.#life === 'over') this.#kill()
  }

  async act(action: Action): Promise<void> {
    this.#names.nextStep()
    if (action.kind !== 'restart') return await this.#cluster.act(withNames(action, this.#namespaces))
    this.#operator?.kill()
    this.#project.change(action.project)
    this.#flags = action.flags ?? this.#flags
    for (const each of action.meanwhile) await this.act(each)
    await this.start()
  }

  async rest(_expected?: World, last = true): Promise<World> {
    await this.#simulation.quiet()
    await this.#liveAgain()
    await this.#calm(last)
    // It may have been killed at what it does only after a while.
    await this.#liveAgain()
    return this.#names.state(this.#simulation.objects())
  }

  /** At the end of a run for longer than the longest pause before another try; on the way, for a minute. */
  async #calm(last: boolean): Promise<void> {
    if (last) return await this.#simulation.settled()
    for (let before = ''; ; ) {
      await this.#simulation.pass(aMinute)
      const version = await this.#version()
      if (version === before) return
      before = version
    }
  }

  /** Of the last write of anything. */
  async #version(): Promise<string> {
    const { body } = await this.#simulation.request('GET', '/api/v1/namespaces?limit=1')
    return body.metadata.resourceVersion as string
  }

  async #liveAgain(): Promise<void> {
    if (this.#life === 'doomed') this.#kill()
    if (this.#life === 'over') await this.#startAgain()
  }

  async #startAgain(): Promise<void> {
    // What it has made until now has to stay, also what nobody would see at the end.
    this.#names.observe(this.#simulation.objects())
    this.#life = 'second'
    await this.start()
    await this.#calm(false)
  }

  async crash(): Promise<void> {
    this.#kill()
    await this.#startAgain()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#simulation[Symbol.asyncDispose]()
    await this.#cluster.close()
    this.#project[Symbol.dispose]()
  }
}
