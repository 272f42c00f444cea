/**
 * Keeps a store equal to what the server holds for one path: a resource, in one namespace or all, with or without a label selector.
 *
 *   starting ──list──▶ synced ──watch ends──▶ synced (watch again)
 *      │                 └──410 / silence / no watch──▶ stale ──list──▶ synced
 *      ├──403──▶ forbidden ──(every minute)──▶ starting
 *      └──404──▶ gone      ──(told, or every minute)──▶ starting
 *
 * The list is paginated and asks for the most recent state (no resourceVersion). client-go asks for `resourceVersion=0`, any state that
 * an API server happens to have; after a restart that can be older than what this operator wrote, and own objects would look absent.
 * Servers since 1.31 answer the consistent list from their cache too, so it costs no more.
 *
 * A watch that worked and ends or breaks goes on from the last version. One that tells nothing before it ends is no watch: the store may
 * fall behind without a sign, so it becomes stale, and each new list, backed off, puts it right: where watching is impossible this is polling.
 */
import type { Clock, Milliseconds } from '../api/clock.ts'
import type { KubernetesObject } from '../api/object.ts'
import type { ApiClient, WatchEvent } from '../kube/client.ts'
import { ReflectorBackoff } from './backoff.ts'
import { type Failure, failureOf, failureOfStatus } from './failure.ts'
import type { Change, InformerState } from './informer.ts'
import { watchSilence } from './silence.ts'
import type { Store, StoreEvent } from './store.ts'

export interface ReflectorOptions {
  client: ApiClient
  store: Store
  /** Where the collection is now. Asked before each list; a rejection counts as a failed list. */
  locate(): Promise<Location>
  labelSelector?: string | undefined
  fieldSelector?: string | undefined
  clock: Clock
  /** From 0 up to 1, 1 excluded. */
  random: () => number
  /** Called for each change, after the store has all changes of the event or list. */
  onChange?: ((change: Change) => void) | undefined
  onState?: ((state: InformerState, reason: string | undefined) => void) | undefined
  /** For metrics. */
  observe?: ((activity: ReflectorActivity) => void) | undefined
  /** Milliseconds without an event or bookmark after which a watch counts as dead. Default 4 minutes: servers send a bookmark every minute or two. */
  silence?: Milliseconds | undefined
}

export type Location =
  | { kind: 'path'; path: string }
  /** The server does not serve the kind. */
  | { kind: 'gone'; reason: string }
  /** Another reflector keeps everything that there is: this one has nothing to do and is synced. */
  | { kind: 'elsewhere' }

export type ReflectorActivity =
  | { kind: 'list'; objects: number; took: Milliseconds }
  | { kind: 'event'; type: string }
  | { kind: 'watch' }
  | { kind: 'failure'; failure: Failure['kind'] }

/** A page stands in memory as bytes, as text and as objects at once, for all kinds of an operator together when it starts. */
const pageSize = 100
const listTimeout: Milliseconds = 60_000
const defaultSilence: Milliseconds = 240_000
const shortWatch: Milliseconds = 1_000
/** How long to wait before asking again where permission or the kind itself is missing. */
const askAgain: Milliseconds = 60_000

interface List {
  metadata?: { resourceVersion?: string; continue?: string }
  items?: KubernetesObject[] | null
}

export class Reflector {
  readonly #options: ReflectorOptions
  readonly #backoff: ReflectorBackoff
  #state: InformerState = 'starting'
  #reason: string | undefined
  #wake: (() => void) | undefined

  constructor(options: ReflectorOptions) {
    this.#options = options
    this.#backoff = new ReflectorBackoff(options.clock, options.random)
  }

  get store(): Store {
    return this.#options.store
  }

  get state(): InformerState {
    return this.#state
  }

  /** Why it is not synced. Undefined while it is, and until the first answer. */
  get reason(): string | undefined {
    return this.#reason
  }

  /** Ends a pause: something has changed that can make the next try succeed. Does nothing while there is no pause. */
  retryNow(): void {
    this.#wake?.()
  }

  /** Resolves when the loop has ended, which only `signal` brings about; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const failure = await this.#listAndWatch(signal)
      if (!failure || signal.aborted) return
      this.#options.observe?.({ kind: 'failure', failure: failure.kind })
      await this.#setBack(failure, signal)
    }
  }

  /** Lists, then watches until only another list can help. Undefined: the signal. */
  async #listAndWatch(signal: AbortSignal): Promise<Failure | undefined> {
    let location: Location
    try {
      location = await this.#options.locate()
    } catch (error) {
      return failureOf(error)
    }
    if (signal.aborted) return undefined
    if (location.kind === 'gone') return location
    if (location.kind === 'elsewhere') {
      this.#become('synced', undefined)
      return this.#pause(Infinity, signal)
    }
    const { path } = location
    const failure = await this.#list(path, signal)
    if (failure || signal.aborted) return failure
    while (!signal.aborted) {
      const broken = await this.#watch(path, signal)
      if (broken) return broken
    }
    return undefined
  }

  async #list(path: string, signal: AbortSignal): Promise<Failure | undefined> {
    const { client, store, labelSelector, fieldSelector, clock, observe } = this.#options
    const began = clock.now()
    const relist = store.relist()
    let objects = 0
    let continuation: string | undefined
    try {
      do {
        const query = { labelSelector, fieldSelector, limit: pageSize, continue: continuation }
        const page: List = await client.request<List>({ method: 'GET', path, query, signal, timeout: listTimeout })
        if (signal.aborted) return undefined
        const version = page?.metadata?.resourceVersion
        if (!version) return { kind: 'unavailable', reason: `list ${path}: the answer is no list` }
        relist.page(page.items ?? [], version)
        objects += page.items?.length ?? 0
        continuation = page.metadata?.continue
        if (continuation) continue
        const changes = relist.finish(version)
        observe?.({ kind: 'list', objects, took: clock.now() - began })
        this.#become('synced', undefined)
        this.#emit(changes)
      } while (continuation)
    } catch (error) {
      return signal.aborted ? undefined : failureOf(error)
    }
    return undefined
  }

  /** One watch, from the store's version on. Undefined: the next watch can go on from there. */
  async #watch(path: string, signal: AbortSignal): Promise<Failure | undefined> {
    const { client, store, labelSelector, fieldSelector, clock, random, observe } = this.#options
    const query = {
      labelSelector,
      fieldSelector,
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: store.version,
      // Five to ten minutes, so that the watches of a fleet do not end together. (client-go, reflector.go)
      timeoutSeconds: Math.floor(300 * (1 + random())),
    }
    const began = clock.now()
    const from = store.version
    const silence = watchSilence(clock, this.#options.silence ?? defaultSilence)
    let heard = false
    let failure: Failure | undefined
    let broken: Failure | undefined
    observe?.({ kind: 'watch' })
    try {
      for await (const event of client.watch({ path, query, signal: AbortSignal.any([signal, silence.signal]) })) {
        silence.heard()
        failure = this.#take(event, path)
        if (failure || signal.aborted) break
        heard = true
      }
    } catch (error) {
      broken = failureOf(error)
    } finally {
      silence.stop()
    }
    if (signal.aborted) return undefined
    if (failure) return failure
    if (silence.signal.aborted) return { kind: 'silent', reason: `watch ${path}: no event or bookmark for too long` }
    const worked = store.version !== from || (clock.now() - began >= shortWatch && (heard || !broken))
    if (broken) return worked && broken.kind === 'unavailable' ? undefined : broken
    return worked ? undefined : { kind: 'unavailable', reason: `watch ${path}: it ended at once` }
  }

  /** Takes in one line of the watch. A failure means that this watch cannot go on. */
  #take(event: WatchEvent, path: string): Failure | undefined {
    const { store, observe } = this.#options
    observe?.({ kind: 'event', type: event.type })
    if (event.type === 'ERROR') return failureOfStatus(event.object, path)
    const version = event.object?.metadata?.resourceVersion
    if (!version) return { kind: 'unavailable', reason: `watch ${path}: a line is no watch event` }
    if (store.goesBack(version)) {
      store.restored()
      return { kind: 'restored', reason: `watch ${path}: versions went back` }
    }
    if (event.type === 'BOOKMARK') store.passed(version)
    else this.#emit(store.take(event as StoreEvent))
    return undefined
  }

  /** Takes the state that a failure leads to, and waits as long as it asks for. */
  async #setBack(failure: Failure, signal: AbortSignal): Promise<void> {
    const behind = this.#state === 'starting' ? 'starting' : 'stale'
    switch (failure.kind) {
      case 'expired':
      case 'restored':
      case 'silent':
        if (failure.kind !== 'silent') this.#options.store.forgetWrites()
        this.#become(behind, failure.reason)
        return await this.#pause(this.#backoff.failedLightly(), signal)
      case 'unavailable':
        this.#become(behind, failure.reason)
        return await this.#pause(Math.max(this.#backoff.failed(), failure.retryAfter ?? 0), signal)
      case 'forbidden':
      case 'gone':
        this.#become(failure.kind, failure.reason)
        await this.#pause(askAgain, signal)
        if (!signal.aborted) this.#become('starting', failure.reason)
    }
  }

  /** Resolves after the delay, at `retryNow()`, or when the signal ends everything. */
  async #pause(delay: Milliseconds, signal: AbortSignal): Promise<undefined> {
    if (delay <= 0 || signal.aborted) return undefined
    const { promise, resolve: settle } = Promise.withResolvers<void>()
    const resolve = () => settle()
    const cancel = delay === Infinity ? () => {} : this.#options.clock.after(delay, resolve)
    signal.addEventListener('abort', resolve)
    this.#wake = resolve
    await promise
    this.#wake = undefined
    signal.removeEventListener('abort', resolve)
    cancel()
    return undefined
  }

  #become(state: InformerState, reason: string | undefined): void {
    if (this.#state === state && this.#reason === reason) return
    this.#state = state
    this.#reason = reason
    this.#options.onState?.(state, reason)
  }

  #emit(changes: readonly Change[]): void {
    for (const change of changes) this.#options.onChange?.(change)
  }
}
