/**
 * The operator: a controller for each kind that the definition watches, one queue, and workers.
 *
 *   start ─▶ for each kind: wait for its CRD ─▶ caches ─▶ passes
 *   stop  ─▶ no new passes ─▶ running ones end ─▶ watches end
 *
 * A kind whose CRD is missing holds up nothing else. One whose CRD is deleted later is waited for in the same way.
 */
import type { Clock } from '../api/clock.ts'
import { primaryUidLabel } from '../api/names.ts'
import { apiVersionOf, groupKind, type KubernetesObject, objectKey } from '../api/object.ts'
import { formatPosition } from '../api/problem.ts'
import type { Cache } from '../cache/cache.ts'
import type { Change, Informer, InformerState } from '../cache/informer.ts'
import type { Definition, Watch } from '../definition/definition.ts'
import type { ApiClient } from '../kube/client.ts'
import { sleep } from '../kube/deadline.ts'
import { type Key, objectOf, watchOf } from '../queue/key.ts'
import type { WorkQueue } from '../queue/work-queue.ts'
import { runWorkers } from './workers.ts'
import type { Feedback } from '../reconcile/feedback.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import { isWithin, type Orphan, orphanOf } from '../reconcile/orphans.ts'
import type { ApiDirectory } from './api-directory.ts'
import { watchApis } from './api-watch.ts'
import { AwaitedKinds } from './awaited-kinds.ts'
import { CacheLog } from './cache-log.ts'
import { KindController, type SharedContext } from './kind-controller.ts'
import { DefinedKinds } from './defined-kinds.ts'
import { controllerName } from './lanes.ts'
import type { Logger } from './log.ts'
import type { Deviations, Metrics } from './metrics.ts'
import { primaryName } from './pass-report.ts'
import { withRequests } from './pass-requests.ts'
import { StatusWriter } from './status-writer.ts'

export interface OperatorOptions {
  definition: Definition
  client: ApiClient
  directory: ApiDirectory
  cache: Cache
  queue: WorkQueue
  workers: number
  shared: SharedContext
  clock: Clock
  /** From 0 up to 1, 1 excluded; for jitter. */
  random?: () => number
  log: Logger
  metrics: Metrics
}

export class Operator {
  readonly #options: OperatorOptions
  readonly #controllers = new Map<string, KindController>()
  readonly #awaited: AwaitedKinds
  readonly #cacheLog: CacheLog

  constructor(options: OperatorOptions) {
    this.#options = options
    this.#awaited = new AwaitedKinds(options)
    this.#cacheLog = new CacheLog(options.log)
  }

  /** Why the operator is not ready, if it is not: an inventory that cannot be read, missing CRDs, and primaries whose first list has not ended. */
  notReady(): string[] {
    const { problem } = this.#options.shared.inventory
    const missing = [...(problem ? [problem] : []), ...this.#awaited.problems]
    const obstacles = [...this.#controllers.values()].flatMap((controller) => [...controller.obstacles()])
    return [...missing.map(({ at, message }) => (at ? `${formatPosition(at)}: ${message}` : message)), ...new Set(obstacles)]
  }

  /** Compares every cache with what the server holds, and logs the outcome. */
  async audit(): Promise<void> {
    const { cache, log } = this.#options
    const repairs = await cache.audit()
    const caches = [...cache.informers()]
    const synced = caches.filter(({ state }) => state === 'synced').length
    log[repairs > 0 ? 'warn' : 'info']({ repairs }, `audited ${synced} of ${caches.length} caches: ${repairs} objects had to be put right`)
  }

  /** For metrics. */
  *informers(): Generator<{ kind: string; state: InformerState; size: number }> {
    for (const { kind, state, size } of this.#options.cache.informers()) yield { kind: groupKind(kind), state, size }
  }

  /** The primary with this UID, of any watch. */
  primaryOf(uid: string): KubernetesObject | undefined {
    for (const controller of this.#controllers.values()) {
      const known = controller.primaryOf(uid)
      if (known) return known.primary
    }
    return undefined
  }

  /** Whether every kind that the definition watches is served, and its cache is synced. */
  knowsAllPrimaries(): boolean {
    const stateOf = ({ kind }: Watch) => this.#controllers.get(controllerName(kind))?.primaries.state
    return this.#options.definition.watches.every((watch) => stateOf(watch) === 'synced')
  }

  /** Whether the object is a primary of some watch, and its conditions tell its state. */
  tellsStatus(object: KubernetesObject): boolean {
    return this.#controllers.values().some((controller) => controller.tellsStatus(object))
  }

  /** What the last passes of the primary with this UID wrote, of any watch. */
  feedbackOf(uid: string): Feedback | undefined {
    for (const controller of this.#controllers.values()) {
      const feedback = controller.feedbackOf(uid)
      if (feedback) return feedback
    }
    return undefined
  }

  /** For metrics. None as long as not every kind of primaries is known. */
  *orphans(): Generator<Orphan> {
    const controllers = [...this.#controllers.values()]
    if (controllers.some(({ primaries }) => primaries.state !== 'synced')) return
    const byUid = (uid: string) => controllers.flatMap(({ primaries }) => [...primaries.byIndex(uid)])[0]
    const { definition, shared } = this.#options
    const watches = (kind: string, namespace: string | undefined) =>
      definition.watches.some((watch) => groupKind(watch.kind) === kind) && isWithin(shared.namespaces, namespace)
    const has = (kind: string, namespace: string | undefined, name: string) =>
      controllers.some(({ primaries }) => groupKind(primaries.kind) === kind && primaries.get(objectKey({ namespace, name })) !== undefined)
    for (const informer of new Set(controllers.flatMap(({ dependents }) => [...dependents])))
      for (const object of informer.values()) {
        const orphan = orphanOf(object, { byUid, watches, has })
        if (orphan) yield orphan
      }
  }

  /** For metrics. */
  *deviations(): Generator<Deviations> {
    for (const { name, deviations } of this.#controllers.values()) yield { kind: name, ...deviations }
  }

  /** For metrics. */
  get eventsWaiting(): number {
    return this.#options.shared.events.waiting
  }

  /** For metrics; the age in milliseconds. */
  queueLoad(): { depth: number; oldest: number } {
    const loads = [...this.#options.queue.loads().values()]
    return { depth: loads.reduce((sum, { depth }) => sum + depth, 0), oldest: Math.max(0, ...loads.map(({ oldestAge }) => oldestAge)) }
  }

  /** Runs until the signal; resolves when every pass and every watch has ended. */
  async run(signal: AbortSignal): Promise<void> {
    const { cache, queue, workers, definition, directory, shared, clock, random = Math.random } = this.#options
    const definedKinds = new DefinedKinds({ directory, cache, clock }, signal)
    cache.onChange((change, informer) => {
      this.#changed(change, informer)
      shared.effects.observed(change)
      if (change.after) definedKinds.changed(change.after)
    })
    cache.onState((informer, namespace) => this.#stateChanged(informer, namespace, signal))
    const kinds = Map.groupBy(definition.watches, ({ kind }) => `${apiVersionOf(kind)}/${kind.kind}`)
    const known = shared.inventory.read(signal)
    const starts = [...kinds.values()].map(async (watches) => {
      if (!(await known)) return
      shared.serversFound()
      await this.#start(watches, signal)
    })
    const working = runWorkers({
      queue,
      count: workers,
      work: (key) => this.#reconcile(watchOf(key), objectOf(key)),
      onFault: (key, error) =>
        this.#options.log.error(
          { key, error: error instanceof Error ? error : new Error(String(error)) },
          'a pass ended in a fault of the operator',
        ),
    })
    directory.onCapabilities(() => {
      for (const controller of this.#controllers.values()) controller.capabilitiesChanged()
    })
    const isRead = () => this.#controllers.values().some(({ readsCapabilities }) => readsCapabilities)
    const looking = watchApis({ directory, cache, clock, random, isRead }, signal)
    await aborted(signal)
    await shared.effects.settle()
    await queue.shutdown()
    await working
    await looking
    await Promise.all(starts)
    await shared.effects.stop()
    await cache.stop()
    await shared.events.stop()
  }

  async #reconcile(kind: string, key: string): Promise<Outcome> {
    const { clock, metrics } = this.#options
    const since = clock.now()
    const { answer, requests } = await withRequests(async () => await this.#controllers.get(kind)?.reconcile(key))
    const outcome: Outcome = answer ?? { kind: 'done' }
    metrics.passed(kind, { outcome: outcome.kind, duration: clock.now() - since, requests })
    return outcome
  }

  /** Starts a kind as soon as the cluster serves it. */
  async #start(watches: readonly Watch[], signal: AbortSignal): Promise<void> {
    const [first] = watches as [Watch]
    const { kind } = first
    const resource = await this.#awaited.served(watches, signal)
    if (!resource) return
    const profile = await this.#awaited.statusProfile(first, resource, signal)
    if (!profile) return
    const { cache, shared, queue, client, definition } = this.#options
    const controller = new KindController({
      kind,
      watches: definition.watches.filter((watch) => groupKind(watch.kind) === groupKind(kind)),
      resource,
      cache,
      shared,
      statusWriter: new StatusWriter({
        client,
        resource,
        profile,
        now: shared.now,
        told: (...status) => shared.events.told(...status),
        refused: (primary, error, instead) =>
          shared.log.warn({ primary: primaryName(primary), code: 'CRD_STATUS' }, `the status was refused: ${error.message}; ${instead}`),
      }),
      enqueue: (key, urgency) => queue.add(key, urgency),
    })
    this.#controllers.set(controller.name, controller)
    // The first list may have ended before the controller was known to the listeners.
    controller.cacheChanged(controller.primaries)
  }

  /** The kind of primaries is no longer served: looks for it until it is back, sooner than its cache would by itself. */
  async #awaitReturn({ kind }: Informer, signal: AbortSignal): Promise<void> {
    const { definition, directory, cache, clock } = this.#options
    const watches = definition.watches.filter((each) => controllerName(each.kind) === controllerName(kind))
    if (watches.length === 0) return
    // An API server that has just started answers 404 for a moment, before it knows its definitions.
    await sleep(clock, 1_000, signal)
    await directory.refresh(kind, signal).catch(() => undefined)
    if (await this.#awaited.served(watches, signal)) cache.retryNow(kind)
  }

  /** Something that the primary with this UID waits for is there. */
  wake(uid: string): void {
    for (const controller of this.#controllers.values()) {
      const known = controller.primaryOf(uid)
      if (known) return this.#options.queue.add(known.key)
    }
  }

  /** The lane in which a key of the queue waits. */
  laneOf(key: Key): string {
    return this.#controllers.get(watchOf(key))?.laneOf(objectOf(key)) ?? watchOf(key)
  }

  #changed({ kind, before, after }: Change, informer: Informer): void {
    for (const each of this.#controllers.values()) each.namespaceChanged(informer, before, after)
    for (const uid of this.#options.shared.contests.freed(before, after)) this.#lookAgain(uid)
    const controller = this.#controllers.get(controllerName(kind))
    if (controller?.primaries === informer) return controller.primaryChanged(before, after)
    // An object whose label changed is lost to one primary and may be found by another.
    for (const uid of new Set([before?.metadata.labels?.[primaryUidLabel], after?.metadata.labels?.[primaryUidLabel]])) {
      if (uid !== undefined) this.#controllers.values().some((candidate) => candidate.dependentChanged(uid, before, after))
    }
  }

  /** The primary that an object was taken from by hand comes first: whoever waits for the object looks a little later. */
  #lookAgain(uid: string): void {
    for (const controller of this.#controllers.values()) {
      const known = controller.primaryOf(uid)
      if (known) this.#options.queue.addAfter(known.key, precedence)
    }
  }

  #stateChanged(informer: Informer, namespace: string, signal: AbortSignal): void {
    this.#cacheLog.tell(informer, namespace)
    for (const controller of this.#controllers.values()) {
      if (informer.state === 'gone' && informer === controller.primaries) void this.#awaitReturn(informer, signal)
      controller.cacheChanged(informer, namespace)
    }
  }
}

/** Milliseconds in which the primary of an object that was deleted makes it again, if it still wants it. */
const precedence = 2_000

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
