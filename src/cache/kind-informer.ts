/**
 * One kind, in all namespaces or in some: a reflector and a store for each, read as one.
 *
 * Its state is the worst of its reflectors', since a reader cannot tell which of them would have held what it misses.
 */
import type { Clock, Milliseconds } from '../api/clock.ts'
import { type GroupVersionKind, groupKind, type KubernetesObject } from '../api/object.ts'
import { type ApiClient, isStored, type Resource } from '../kube/client.ts'
import { isNamespaceGone } from '../kube/namespaces.ts'
import { resourcePath } from '../kube/paths.ts'
import type { Change, Informer, InformerState, Standing } from './informer.ts'
import type { Pool } from './pool.ts'
import { Reflector, type ReflectorActivity } from './reflector.ts'
import { Store } from './store.ts'

export interface KindInformerOptions {
  kind: GroupVersionKind
  client: ApiClient
  /** `again`: what was known of it does not hold. */
  resolve: (again: boolean) => Promise<Resource | undefined>
  /** In which it is served if not in its own. */
  versions: () => readonly string[]
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
  auditInterval: Milliseconds | undefined
  observe: ((activity: ReflectorActivity) => void) | undefined
  onChange: (change: Change) => void
  /** The state or its reason has changed in this namespace; empty: in all that is watched. */
  onState: (namespace: string) => void
  /** Something was forbidden and is no longer. */
  onPermitted: () => void
}

function notServed(kind: GroupVersionKind, versions: readonly string[]): string {
  const others = versions.length > 0 ? ` in version ${kind.version}, only in ${versions.join(' and ')}` : ''
  return `the server does not serve ${groupKind(kind)}${others}`
}

/** Best to worst. A reader can do least while nothing is known yet. */
const badness: readonly InformerState[] = ['synced', 'stale', 'forbidden', 'gone', 'starting']

export class KindInformer implements Informer {
  readonly kind: GroupVersionKind
  /** By namespace; the empty one stands for all, and for a cluster-scoped kind. */
  readonly #reflectors: ReadonlyMap<string, Reflector>
  readonly #first: Reflector
  readonly #stores = new Map<string, Store>()
  #worst: Reflector
  /** Whether the first reflector keeps everything, whatever the namespaces are. */
  #clusterScoped = false

  constructor(options: KindInformerOptions) {
    this.kind = options.kind
    const namespaces = options.namespaces.length > 0 ? options.namespaces : ['']
    this.#reflectors = new Map(namespaces.map((namespace, at) => [namespace, this.#reflectorOf(options, namespace, at === 0)]))
    this.#first = this.#reflectors.values().next().value as Reflector
    this.#worst = this.#first
  }

  #reflectorOf(options: KindInformerOptions, namespace: string, first: boolean): Reflector {
    const { kind, client, resolve, versions, index, ingest, pool, clock } = options
    const store = new Store({ kind, clock, pool, index, ingest })
    this.#stores.set(namespace, store)
    return new Reflector({
      ...options,
      store,
      isGone: namespace === '' ? undefined : async () => !this.#clusterScoped && (await isNamespaceGone(namespace, client)),
      onState: () => {
        this.#assess()
        options.onState(this.#clusterScoped ? '' : namespace)
      },
      locate: async (again) => {
        const resource = await resolve(again)
        this.#clusterScoped = resource?.namespaced === false
        if (!resource) return { kind: 'gone', reason: notServed(kind, versions()) }
        if (!isStored(resource)) return { kind: 'gone', reason: `the server keeps no ${groupKind(kind)} that could be listed` }
        if (!resource.verbs.includes('watch')) return { kind: 'forbidden', reason: `the server does not let ${groupKind(kind)} be watched` }
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

  get failed(): boolean {
    return this.#worst.failed
  }

  get blind(): boolean {
    return this.#reflectors.values().every(({ state }) => state === 'forbidden' || state === 'gone')
  }

  within(namespaces: readonly string[]): Standing {
    const asked = this.#clusterScoped ? [this.#first] : namespaces.flatMap((namespace) => this.#reflectors.get(namespace) ?? [])
    return asked.length === 0 || (asked.length < namespaces.length && !this.#clusterScoped) ? this.#worst : worstOf(asked)
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
    for (const reflector of this.#reflectors.values()) if (reflector.state !== 'synced') reflector.retryNow()
  }

  /** Looks again where it is forbidden, because something else no longer is. */
  retryPermissions(): void {
    for (const reflector of this.#reflectors.values()) reflector.retryPermission()
  }

  /** Resolves to the number of objects that an audit of what is synced found to differ. */
  async audit(): Promise<number> {
    const found = await Promise.all(this.#reflectors.values().map((reflector) => reflector.audit()))
    return found.reduce((sum, each) => sum + each, 0)
  }

  /** Resolves when all its loops have ended, which only `signal` brings about. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.values().map((reflector) => reflector.run(signal)))
  }

  #storeOf(namespace: string): Store | undefined {
    if (this.#stores.has('')) return this.#stores.get('')
    return namespace === '' ? this.#first.store : this.#stores.get(namespace)
  }

  #assess(): void {
    this.#worst = worstOf([...this.#reflectors.values()])
  }
}

/** The first of the worst ones. */
const worstOf = (reflectors: readonly Reflector[]): Reflector =>
  reflectors.reduce((worst, each) => (badness.indexOf(each.state) > badness.indexOf(worst.state) ? each : worst))
