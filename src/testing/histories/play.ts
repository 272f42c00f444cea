/** Plays a history on a cluster, with its faults or without, and tells how it ends. */
import { canonicalJson } from '../../api/canonical.ts'
import { approvePruneAnnotation, parseFieldManager } from '../../api/names.ts'
import { apiVersionOf, type JsonObject, type KubernetesObject } from '../../api/object.ts'
import type { Example } from '../generated/check.ts'
import type { Variant } from '../generated/variants.ts'
import { type Logger, silentLogger } from '../../operator/log.ts'
import type { AuditEvent } from '../../sandbox/server/audit.ts'
import type { SimulatedOperator } from '../simulation/operator-life.ts'
import { Simulation, Unrest } from '../simulation/simulation.ts'
import { differences, type World, worldOf } from '../world.ts'
import { Canaries } from './canaries.ts'
import type { FaultWindow, History, Step } from './history.ts'

/** An operator, and what somebody may do to its dependents. */
export interface Stage extends Example {
  /** The namespaces in which its dependents are. */
  namespaces: readonly string[]
  /** Merge patches of objects that are there whatever the spec is; `$name` stands for the custom resource's name. */
  edits: readonly Edit[]
  /** An object that has the name of a dependent. */
  taken?: ((name: string) => KubernetesObject) | undefined
}

export interface Edit {
  path: string
  patch: object
  /**
   * What is ours cannot be told from what is not any more: it is done only to what is as declared, while nothing fails, and is followed by
   * time to put it right.
   */
  disowns?: true
}

export interface End {
  /** Undefined: there was none, since it never came to rest. */
  world: World | undefined
  /** What may not be: canaries that were touched, faults of the operator, writes of an operator that finds everything as it should be. */
  wrong: readonly string[]
  /** Whether a custom resource tells at the end why it cannot be. */
  failed: boolean
}

/** Where nothing of the operator is. */
const canaryNamespace = 'canaries'
/** Audits of all caches have come round, and what waited for a forbidden kind has asked again. */
const afterwards = 1_800_000
/** Audits come round within it. */
const longEnough = 700_000
/** Watches that began before a fault end soon, so that it concerns those that follow. */
const turnOver = { kind: 'cut', afterMilliseconds: 20_000, match: { userAgent: 'fairlead/' } } as const

export async function play(history: History, faults: readonly FaultWindow[], stage: Stage): Promise<End> {
  try {
    return await playToTheEnd(history, faults, stage)
  } catch (error) {
    if (!(error instanceof Unrest)) throw error
    return { world: undefined, wrong: [error.message], failed: false }
  }
}

async function playToTheEnd(history: History, faults: readonly FaultWindow[], stage: Stage): Promise<End> {
  const { seed, steps } = history
  await using cluster = new Simulation({ seed })
  const player = new Player(cluster, stage, history)
  await player.begin()
  if (faults.length > 0) cluster.sandbox.faults.add(turnOver)
  const active = new Map<FaultWindow, { remove(): void }>()
  for (const [index, step] of steps.entries()) {
    for (const window of faults) {
      if (window.until === index) {
        active.get(window)?.remove()
        active.delete(window)
      }
      if (window.from === index) active.set(window, cluster.sandbox.faults.add(window.fault))
    }
    await player.step(step, active.size > 0)
  }
  cluster.sandbox.faults.clear()
  await cluster.pass(afterwards)
  await player.finish()
  await cluster.settled()
  const wrong = [...player.problems, ...player.canaries.touched(cluster.objects())]
  // As long as somebody has the name, nothing is pruned, so that much depends on what was before.
  if (await player.giveName()) await cluster.settled()
  const mark = cluster.requests.length
  await player.restart()
  await cluster.settled()
  // What is refused, since somebody else has the name, is asked again and again.
  const isWrite = ({ verb, responseStatus }: AuditEvent): boolean => !['get', 'list', 'watch'].includes(verb) && responseStatus.code < 300
  const written = cluster.requests.slice(mark).filter(isWrite)
  wrong.push(
    ...written.map(({ verb, requestURI }) => `an operator that starts at the end does not find it as it should be: ${verb} ${requestURI}`),
  )
  const objects = cluster.objects()
  return {
    world: worldOf(objects.filter((object) => !isCanary(object))),
    wrong,
    failed: objects.some((object) => object.kind === stage.watch.kind.kind && isStopped(object)),
  }
}

/** What is wrong about the end of a history; empty: nothing. */
export function verdict(end: End, wanted: End, stage: Stage, history: History): string[] {
  if (!end.world || !wanted.world) return [...end.wrong]
  const kept = finalSpecs(history).map((spec) => stage.kept?.(spec))
  const different = differences(end.world, wanted.world).filter((line) => !kept.some((pattern) => pattern?.test(line)))
  return [...end.wrong, ...different.map((line) => `another end than without faults: ${line}`)]
}

/** What is declared in the end. */
function finalSpecs({ steps }: History) {
  return [...new Map(steps.flatMap((step) => (step.kind === 'declare' ? [[step.name, step.spec] as const] : []))).values()]
}

/** It cannot be, or deletes wait for approval. */
function isStopped({ status }: KubernetesObject): boolean {
  const { conditions = [] } = (status ?? {}) as { conditions?: readonly { type: string; status: string }[] }
  return conditions.some(({ type, status: value }) => (type === 'Stalled' || type === 'PruneHeld') && value === 'True')
}

class Player {
  readonly problems: string[] = []
  readonly canaries: Canaries
  readonly #cluster: Simulation
  readonly #stage: Stage
  readonly #history: History
  /** What a name is to be; undefined: gone. */
  readonly #declared = new Map<string, JsonObject | undefined>()
  /** What the server has taken last under a name. */
  readonly #accepted = new Map<string, string>()
  #operator: SimulatedOperator | undefined

  constructor(cluster: Simulation, stage: Stage, history: History) {
    this.#cluster = cluster
    this.#stage = stage
    this.#history = history
    this.canaries = new Canaries(cluster)
  }

  async begin(): Promise<void> {
    const cluster = this.#cluster
    const { definition, before = [], taken } = this.#stage
    await cluster.install(definition)
    await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: canaryNamespace } })
    for (const object of before) await cluster.apply(object)
    await cluster.quiet()
    const names = [...new Set(this.#history.steps.flatMap((step) => (step.kind === 'declare' ? [step.name] : [])))]
    await this.canaries.besideNames(names, canaryNamespace)
    if (this.#history.taken && taken) await this.canaries.instead(taken(names[0] as string))
    this.#operator = this.#start()
  }

  /** Whoever had the name of a dependent lets it go; false: nobody had. */
  async giveName(): Promise<boolean> {
    const [name] = this.#declared.keys()
    if (!this.#history.taken || !this.#stage.taken || name === undefined) return false
    await this.#cluster.remove(this.#stage.taken(name))
    return true
  }

  async step(step: Step, fails: boolean): Promise<void> {
    const cluster = this.#cluster
    switch (step.kind) {
      case 'declare':
        this.#declared.set(step.name, step.spec)
        return await this.#bringAbout(step.name)
      case 'remove':
        this.#declared.set(step.name, undefined)
        return await this.#bringAbout(step.name)
      case 'delete': {
        const all = cluster.objects().filter(isDependent)
        const object = all[Math.floor(step.at * all.length)]
        if (object) await cluster.remove(object)
        return
      }
      case 'edit': {
        const names = [...this.#declared.keys()]
        const all = names.flatMap((name) => this.#stage.edits.map((edit) => ({ ...edit, name, path: edit.path.replaceAll('$name', name) })))
        const edit = all[Math.floor(step.at * all.length)]
        if (!edit || (edit.disowns && (fails || !(await this.#isObserved(edit.name))))) return
        const found = await cluster.request('GET', edit.path)
        if (found.status !== 200 || !isDependent(found.body)) return
        await cluster.request('PATCH', `${edit.path}?fieldManager=somebody`, edit.patch, 'application/merge-patch+json')
        if (edit.disowns) await cluster.pass(longEnough)
        return
      }
      case 'pass':
        await cluster.pass(step.milliseconds)
        for (const name of this.#declared.keys()) await this.#bringAbout(name)
        return
      case 'restart':
        return await this.restart()
      case 'kill':
        this.#operator?.kill()
        this.#operator = this.#start()
    }
  }

  /** What was declared and could not be yet is brought about, and all deletes are approved. */
  async finish(): Promise<void> {
    for (const name of this.#declared.keys()) {
      for (let tries = 0; !(await this.#isAsDeclared(name)); tries++) {
        if (tries > 100) return void this.problems.push(`${name} is still on its way out`)
        await this.#bringAbout(name)
        await this.#cluster.pass(10_000)
      }
    }
    // Which deletes are held depends on what was there, and so on the way.
    const approval = { metadata: { annotations: { [approvePruneAnnotation]: 'all' } } }
    for (const name of this.#declared.keys())
      await this.#cluster.request('PATCH', this.#pathOf(name), approval, 'application/merge-patch+json')
  }

  async restart(): Promise<void> {
    await this.#operator?.stop()
    this.#operator = this.#start()
  }

  #start(): SimulatedOperator {
    const { definition } = this.#stage
    return this.#cluster.begin({ definition, namespaces: this.#history.namespaces, log: this.#log() })
  }

  #log(): Logger {
    const error: Logger['error'] = (fields, message) => {
      if (message.includes('fault of the operator'))
        this.problems.push(`${message}: ${String((fields['error'] as Error | undefined)?.stack)}`)
    }
    return { ...silentLogger, error, child: () => this.#log() }
  }

  /** Does now what can be done now: a name that is on its way out is free later. */
  async #bringAbout(name: string): Promise<void> {
    if (await this.#isAsDeclared(name)) return
    const cluster = this.#cluster
    const spec = this.#declared.get(name)
    const { status, body } = await cluster.request('GET', this.#pathOf(name))
    if (spec === undefined) {
      if (status === 200 && body.metadata.deletionTimestamp === undefined) await cluster.request('DELETE', this.#pathOf(name))
      return
    }
    if (status === 404) {
      const { metadata, ...rest } = this.#stage.sample
      const made = await cluster.create(this.#collection(), { ...rest, metadata: { ...metadata, name }, spec })
      this.#accepted.set(name, identity(made, spec))
      await this.canaries.around(made, this.#stage.namespaces)
    } else if (body.metadata.deletionTimestamp === undefined) {
      const answer = await cluster.request('PUT', this.#pathOf(name), { ...body, spec })
      if (answer.status === 200) this.#accepted.set(name, identity(body, spec))
    }
  }

  async #isAsDeclared(name: string): Promise<boolean> {
    const spec = this.#declared.get(name)
    const { status, body } = await this.#cluster.request('GET', this.#pathOf(name))
    if (spec === undefined) return status === 404
    return status === 200 && body.metadata.deletionTimestamp === undefined && this.#accepted.get(name) === identity(body, spec)
  }

  /** Whether the operator has found everything of it as declared. */
  async #isObserved(name: string): Promise<boolean> {
    const { status, body } = await this.#cluster.request('GET', this.#pathOf(name))
    const { observedGeneration } = (body['status'] ?? {}) as { observedGeneration?: number }
    return status === 200 && observedGeneration === body.metadata.generation
  }

  #collection(): string {
    const { watch, sample } = this.#stage
    const { namespace } = sample.metadata
    return `/apis/${apiVersionOf(watch.kind)}/${namespace === undefined ? '' : `namespaces/${namespace}/`}${watch.crd?.plural}`
  }

  readonly #pathOf = (name: string): string => `${this.#collection()}/${name}`
}

/** One spec of one incarnation. */
const identity = ({ metadata }: KubernetesObject, spec: JsonObject): string => `${metadata.uid} ${canonicalJson(spec)}`

/** What stands where a dependent is to be has no name of its own, and is compared with the rest. */
const isCanary = ({ metadata: { name, namespace } }: KubernetesObject): boolean =>
  namespace === canaryNamespace || name.startsWith('canary-')

/** Whether an operator made it. */
const isDependent = (object: KubernetesObject): boolean =>
  !isCanary(object) &&
  (object.metadata.managedFields ?? []).some(
    ({ manager, operation }) => operation === 'Apply' && parseFieldManager(manager)?.role === 'dependents',
  )

/** Those of the specs that the server takes. */
export async function acceptable(stage: Stage, variants: readonly Variant[], seed: number): Promise<Variant[]> {
  await using cluster = new Simulation({ seed })
  await cluster.install(stage.definition)
  const { watch, sample } = stage
  const { namespace } = sample.metadata
  const path = `/apis/${apiVersionOf(watch.kind)}/${namespace === undefined ? '' : `namespaces/${namespace}/`}${watch.crd?.plural}?dryRun=All`
  const taken: Variant[] = []
  for (const variant of variants) {
    const { status } = await cluster.request('POST', path, { ...sample, spec: variant.spec })
    if (status === 201) taken.push(variant)
  }
  return taken
}
