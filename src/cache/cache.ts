/**
 * The caches of one operator: an informer for each (kind, label selector) that anything reads, started when it is first asked for and
 * shared after that.
 *
 * An informer is one thing to its readers. Where the operator is limited to namespaces, it stands for a reflector in each of them, and is
 * only as good as the worst of these.
 */
import type { Clock, Milliseconds } from '../api/clock.ts'
import { apiVersionOf, type GroupVersionKind, type KubernetesObject } from '../api/object.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { systemClock } from '../kube/deadline.ts'
import type { Change, Informer } from './informer.ts'
import { KindInformer } from './kind-informer.ts'
import { createPool } from './pool.ts'
import type { ReflectorActivity } from './reflector.ts'

export interface CacheOptions {
  client: ApiClient
  /**
   * What discovery says of a kind now; undefined if the server does not serve it. Asked before each list; `again`: what was known of the
   * kind does not hold, since the server answers 404.
   */
  resolve: (kind: GroupVersionKind, again: boolean) => Promise<Resource | undefined>
  /** In which versions a kind is served that is not in its own: for messages. */
  versionsOf?: (kind: GroupVersionKind) => readonly string[]
  /** Namespaced kinds are watched in these only. Empty or left out: in all, with one watch a kind. */
  namespaces?: readonly string[]
  clock?: Clock
  /** From 0 up to 1, 1 excluded; for jitter. */
  random?: () => number
  /** See ReflectorOptions.silence. */
  silence?: Milliseconds
  /** See ReflectorOptions.auditInterval. */
  auditInterval?: Milliseconds | undefined
  /** Called for each list, event, watch, failure and audit: for metrics. */
  observe?: (kind: GroupVersionKind, activity: ReflectorActivity) => void
  /** Told what a listener threw, which is a fault of this program. Default: it ends the process, since something was not woken. */
  onFault?: (error: unknown) => void
}

export interface InformerOptions {
  /** A label selector, as the API takes it. */
  selector?: string
  /** A field selector, as the API takes it: `metadata.name=db`. */
  fieldSelector?: string
  /** Watched in these namespaces instead of the cache's own; empty: in all. */
  namespaces?: readonly string[]
  /** The value that an object is found by in `byIndex`; undefined leaves it out. */
  index?: (object: KubernetesObject) => string | undefined
  /** Reduces an object that is fresh from the wire, in place or not, before it is frozen and kept. */
  ingest?: (object: KubernetesObject) => KubernetesObject
}

export interface Cache {
  /** The informer of this kind and selector; starts it if there is none. All but the selector are those of the first who asks. */
  informer(kind: GroupVersionKind, options?: InformerOptions): Informer
  /** The same for as long as anybody holds it: each call is ended by one of `release`. */
  hold(kind: GroupVersionKind, options?: InformerOptions): Informer
  /** Ends a `hold`; the last one ends the watch, and what was cached is dropped. */
  release(informer: Informer): void
  /** All informers that were asked for and not released. */
  informers(): Iterable<Informer>
  /** Told of each change after the store has it. The answer ends it. */
  onChange(listener: (change: Change, informer: Informer) => void): () => void
  /** Told when an informer's state or its reason has changed: in this namespace, where each is watched by itself, else with an empty one. */
  onState(listener: (informer: Informer, namespace: string) => void): () => void
  /** Resolves as soon as the informer's state is another than `starting`, or the cache stops. */
  whenSettled(informer: Informer): Promise<void>
  /** Ends the pauses of the informers that are not synced: discovery or permissions may have changed. */
  retryNow(kind?: GroupVersionKind): void
  /** Compares what is cached with what the server holds: the number of objects that differ, which are put right a moment later. */
  audit(): Promise<number>
  /** Ends all watches; resolves when every loop has ended. */
  stop(): Promise<void>
}

export function createCache(options: CacheOptions): Cache {
  const {
    client,
    resolve,
    versionsOf = () => [],
    namespaces = [],
    clock = systemClock,
    random = Math.random,
    silence,
    auditInterval,
    observe,
    onFault = endProcess,
  } = options
  const informers = new Map<string, KindInformer>()
  const changeListeners = new Set<(change: Change, informer: Informer) => void>()
  const stateListeners = new Set<(informer: Informer, namespace: string) => void>()
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  const held = new Map<Informer, { id: string; count: number; stop: AbortController }>()
  const pool = createPool()

  /** One listener's fault keeps no other from being told, and is not taken for a broken watch. */
  function guarded(tell: () => void): void {
    try {
      tell()
    } catch (error) {
      onFault(error)
    }
  }

  function start(kind: GroupVersionKind, asked: InformerOptions, signal: AbortSignal): KindInformer {
    const { selector, fieldSelector, index, ingest } = asked
    const informer: KindInformer = new KindInformer({
      kind,
      client,
      resolve: (again) => resolve(kind, again),
      versions: () => versionsOf(kind),
      namespaces: asked.namespaces ?? namespaces,
      labelSelector: selector,
      fieldSelector,
      index,
      ingest,
      pool,
      clock,
      random,
      silence,
      auditInterval,
      observe: observe && ((activity) => observe(kind, activity)),
      onChange: (change) => {
        for (const listener of changeListeners) guarded(() => listener(change, informer))
      },
      onState: (namespace) => {
        for (const listener of stateListeners) guarded(() => listener(informer, namespace))
      },
      onPermitted: () => {
        for (const other of informers.values()) other.retryPermissions()
      },
    })
    const run = informer.run(signal)
    running.add(run)
    void run.then(() => running.delete(run))
    return informer
  }

  const identity = (kind: GroupVersionKind, asked: InformerOptions): string =>
    [`${apiVersionOf(kind)}/${kind.kind}?${asked.selector ?? ''}`, asked.fieldSelector, asked.namespaces?.join()].join('&')

  return {
    informer(kind, informerOptions = {}) {
      const id = identity(kind, informerOptions)
      const known = informers.get(id)
      if (known) return known
      const informer = start(kind, informerOptions, stopping.signal)
      informers.set(id, informer)
      return informer
    },
    hold(kind, informerOptions = {}) {
      const id = `held ${identity(kind, informerOptions)}`
      const known = informers.get(id)
      const hold = known && held.get(known)
      if (known && hold) {
        hold.count++
        return known
      }
      const stop = new AbortController()
      const informer = start(kind, informerOptions, AbortSignal.any([stopping.signal, stop.signal]))
      informers.set(id, informer)
      held.set(informer, { id, count: 1, stop })
      return informer
    },
    release(informer) {
      const hold = held.get(informer)
      if (!hold || --hold.count > 0) return
      held.delete(informer)
      informers.delete(hold.id)
      hold.stop.abort()
    },
    informers: () => informers.values(),
    onChange(listener) {
      changeListeners.add(listener)
      return () => void changeListeners.delete(listener)
    },
    onState(listener) {
      stateListeners.add(listener)
      return () => void stateListeners.delete(listener)
    },
    async whenSettled(informer) {
      if (informer.state !== 'starting' || stopping.signal.aborted) return
      const { promise, resolve: settle } = Promise.withResolvers<void>()
      const listener = (changed: Informer) => {
        if (changed === informer && changed.state !== 'starting') settle()
      }
      stateListeners.add(listener)
      stopping.signal.addEventListener('abort', () => settle(), { once: true })
      await promise
      stateListeners.delete(listener)
    },
    retryNow(kind) {
      for (const informer of informers.values()) {
        if (!kind || (informer.kind.group === kind.group && informer.kind.kind === kind.kind)) informer.retryNow()
      }
    },
    async audit() {
      const found = await Promise.all(informers.values().map((informer) => informer.audit()))
      return found.reduce((sum, each) => sum + each, 0)
    },
    async stop() {
      stopping.abort()
      await Promise.all(running)
    },
  }
}

function endProcess(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
