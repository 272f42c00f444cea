/**
 * One kind, in all namespaces or in some: a reflector and a store for each, read as one.
 *
 * Its state is the worst of its reflectors', since a reader cannot tell which of them would have held what it misses.
 */
import type { Clock, Milliseconds } from '../api/clock.ts'
import { type GroupVersionKind, groupKind, type KubernetesObject } from '../api/object.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { resourcePath } from '../kube/paths.ts'
import type { Change, Informer, InformerState } from './informer.ts'
import type { Pool } from './pool.ts'
import { Reflector, type ReflectorActivity } from './reflector.ts'
import { Store } from './store.ts'

export interface KindInformerOptions {
  kind: GroupVersionKind
  client: ApiClient
  resolve: () => Promise<Resource | undefined>
  /** Empty: all. */
  namespaces: readonly string[]
  labelSelector: string | undefined
  fieldSelector: string | undefined
  index: ((object: KubernetesObject) => string | undefined) | undefined
  ingest: ((object: KubernetesObject) => KubernetesObject) | undefined
  pool: Pool
  clock: Clock
  random: () => number
  silence: Milliseconds | undefined
  observe: ((activity: ReflectorActivity) => void) | undefined
  onChange: (change: Change) => void
  onState: () => void
}

/** Best to worst. A reader can do least while nothing is known yet. */
const badness: readonly InformerState[] = ['synced', 'stale', 'forbidden', 'gone', 'starting']

export class KindInformer implements Informer {
  readonly kind: GroupVersionKind
  readonly #reflectors: readonly Reflector[]
  /** By namespace; the empty one stands for all, and for a cluster-scoped kind. */
  readonly #stores = new Map<string, Store>()
  #worst: Reflector
  #told: { state: InformerState; reason: string | undefined } = { state: 'starting', reason: undefined }

  constructor(options: KindInformerOptions) {
    this.kind = options.kind
    const namespaces = options.namespaces.length > 0 ? options.namespaces : ['']
    this.#reflectors = namespaces.map((namespace, at) => this.#reflectorOf(options, namespace, at === 0))
    this.#worst = this.#reflectors[0] as Reflector
  }

  #reflectorOf(options: KindInformerOptions, namespace: string, first: boolean): Reflector {
    const { kind, client, resolve, index, ingest, pool, clock, random, silence, labelSelector, fieldSelector, observe, onChange } = options
    const store = new Store({ kind, clock, pool, index, ingest })
    this.#stores.set(namespace, store)
    return new Reflector({
      client,
      store,
      labelSelector,
      fieldSelector,
      clock,
      random,
      silence,
      observe,
      onChange,
      onState: () => this.#assess(options.onState),
      locate: async () => {
        const resource = await resolve()
        if (!resource) return { kind: 'gone', reason: `the server does not serve ${groupKind(kind)}` }
        if (!resource.verbs.includes('list') || !resource.verbs.includes('watch'))
          return { kind: 'gone', reason: `the server does not let ${groupKind(kind)} be listed and watched` }
        // A cluster-scoped kind has one collection, whatever the namespaces are; the first reflector keeps it.
        if (!resource.namespaced && !first) return { kind: 'elsewhere' }
        return { kind: 'path', path: resourcePath(resource, { namespace }) }
      },
    })
  }

  get state(): InformerState {
    return this.#worst.state
  }

  get reason(): string | undefined {
    return this.#worst.reason
  }

  get(key: string): KubernetesObject | undefined {
    return this.#storeOf(key.slice(0, Math.max(0, key.indexOf('/'))))?.get(key)
  }

  byUid(uid: string): KubernetesObject | undefined {
    for (const store of this.#stores.values()) {
      const object = store.byUid(uid)
      if (object) return object
    }
    return undefined
  }

  *values(): Iterable<KubernetesObject> {
    for (const store of this.#stores.values()) yield* store.values()
  }

  get size(): number {
    let size = 0
    for (const store of this.#stores.values()) size += store.size
    return size
  }

  *byIndex(value: string): Iterable<KubernetesObject> {
    for (const store of this.#stores.values()) yield* store.byIndex(value)
  }

  wrote(object: KubernetesObject): void {
    this.#storeOf(object.metadata.namespace ?? '')?.wrote(object)
  }

  retryNow(): void {
    for (const reflector of this.#reflectors) if (reflector.state !== 'synced') reflector.retryNow()
  }

  /** Resolves when all its loops have ended, which only `signal` brings about. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.run(signal)))
  }

  #storeOf(namespace: string): Store | undefined {
    if (this.#stores.has('')) return this.#stores.get('')
    return namespace === '' ? this.#reflectors[0]?.store : this.#stores.get(namespace)
  }

  #assess(onState: () => void): void {
    this.#worst = this.#reflectors.reduce((worst, each) => (badness.indexOf(each.state) > badness.indexOf(worst.state) ? each : worst))
    const { state, reason } = this.#worst
    if (state === this.#told.state && reason === this.#told.reason) return
    this.#told = { state, reason }
    onState()
  }
}
