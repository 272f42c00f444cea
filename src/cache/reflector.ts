/**
 * Keeps a store equal to what the server holds for one path: a resource, in one namespace or all, with or without a label selector.
 *
 *   starting ──list──▶ synced ──watch ends──▶ synced (watch again)
 *      │                 └──410 / silence / no watch / an audit──▶ stale ──list──▶ synced
 *      ├──403──▶ forbidden ──list (looked for again and again)──▶ synced
 *      └──not served──▶ gone ──list (told, or looked for)──▶ synced
 *
 * The list is paginated and asks for the most recent state (no resourceVersion). client-go asks for `resourceVersion=0`, any state that
 * an API server happens to have; after a restart that can be older than what this operator wrote, and own objects would look absent.
 * Servers since 1.31 answer the consistent list from their cache too, so it costs no more.
 *
 * A watch that worked and ends or breaks goes on from the last version. One that tells nothing before it ends is no watch: the store may
 * fall behind without a sign, so it becomes stale, and each new list, backed off, puts it right: where watching is impossible this is polling.
 * A watch that loses an event gives no sign either; that is what the audit is for. One that tells nothing for minutes, not even a bookmark,
 * is dead, but where the server sends none for the kind (Events): there each silence is a reason to list, and nothing else.
 *
 * A path that answers 404 is gone only if discovery says so too: a server that has just started does not know all of its paths.
 */
import type { Clock, Milliseconds } from '../api/clock.ts'
import type { ApiClient, WatchEvent } from '../kube/client.ts'
import { Auditor } from './auditor.ts'
import { ReflectorBackoff } from './backoff.ts'
import { type Failure, failureOf, failureOfStatus } from './failure.ts'
import { type Change, type InformerState, namespaceGone } from './informer.ts'
import { listPages, type Selection } from './list.ts'
import { Looks } from './looks.ts'
import { watchSilence } from './silence.ts'
import { Pause } from './pause.ts'
import type { Store, StoreEvent } from './store.ts'

export interface ReflectorOptions extends Selection {
  client: ApiClient
  store: Store
  /** Where the collection is now. Asked before each list; `again`: what was known of it does not hold. A rejection counts as a failed list. */
  locate(again: boolean): Promise<Location>
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
  /** What holds the collection (its namespace) is known not to be there: then it is gone, and not merely forbidden. */
  isGone?: (() => Promise<boolean>) | undefined
  /** It was forbidden and is no longer: what else was forbidden may be allowed too. */
  onPermitted?: (() => void) | undefined
  /** Milliseconds between two audits, a fifth more or less. Default 10 minutes; 0: none. */
  auditInterval?: Milliseconds | undefined
}

export type Location =
  | { kind: 'path'; path: string }
  /** The server does not serve the kind, or keeps nothing of it. */
  | { kind: 'gone'; reason: string }
  /** There may be objects, and they cannot be watched. */
  | { kind: 'forbidden'; reason: string }
  /** Another reflector keeps everything that there is: this one has nothing to do and is synced. */
  | { kind: 'elsewhere' }

export type ReflectorActivity =
  | { kind: 'list'; objects: number; took: Milliseconds }
  | { kind: 'event'; type: string }
  | { kind: 'watch' }
  | { kind: 'failure'; failure: Failure['kind'] }
  /** An audit ended: so many objects were put right. */
  | { kind: 'audit'; repairs: number }

const defaultSilence: Milliseconds = 240_000
const defaultAuditInterval: Milliseconds = 600_000
const shortWatch: Milliseconds = 1_000
/** A watch that is open for so long was not refused, whenever the server ends it. */
const longProbe: Milliseconds = 3_000
/** A first list that takes longer is worth to be told, and what goes wrong for so long counts as failed. */
const patience: Milliseconds = 5_000

export class Reflector {
  readonly #options: ReflectorOptions
  readonly #backoff: ReflectorBackoff
  readonly #looks: Looks
  readonly #auditor: Auditor
  readonly #pause: Pause
  #state: InformerState = 'starting'
  #reason: string | undefined
  #failed = false
  #failing: Milliseconds | undefined
  #listed = false
  #watchForbidden = false
  /** Whether the server sends bookmarks; not if a silence without any has kept nothing back. Unknown until one of them is seen. */
  #bookmarks: 'unknown' | 'sent' | 'none' = 'unknown'
  #wasSilent = false
  /** What this reflector learns of its permission, the others have learnt before. */
  #hinted = false

  constructor(options: ReflectorOptions) {
    this.#options = options
    this.#backoff = new ReflectorBackoff(options.clock, options.random)
    this.#looks = new Looks(options.clock, options.random)
    this.#pause = new Pause(options.clock)
    const ended = (repairs: number) => options.observe?.({ kind: 'audit', repairs })
    this.#auditor = new Auditor({ ...options, interval: options.auditInterval ?? defaultAuditInterval, ended })
  }

  get store(): Store {
    return this.#options.store
  }

  get state(): InformerState {
    return this.#state
  }

  /** Why it is not synced. Undefined while it is, and while the first list may still be on its way. */
  get reason(): string | undefined {
    return this.#reason
  }

  /** Whether it is not synced because the server refuses, or does not answer for some seconds; not because it takes its time. */
  get failed(): boolean {
    return this.#failed
  }

  /** Ends a pause: something has changed that can make the next try succeed. Does nothing while there is no pause. */
  retryNow(): void {
    this.#pause.end()
  }

  /** The same where it is forbidden, because another one no longer is. */
  retryPermission(): void {
    if (this.#state !== 'forbidden') return
    this.#hinted = true
    this.#pause.end()
  }

  /** Resolves to what an audit found, which is put right a moment later; at once to 0 where there is nothing to compare. */
  async audit(): Promise<number> {
    return await this.#auditor.now()
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
      location = await this.#options.locate(false)
    } catch (error) {
      return failureOf(error)
    }
    if (signal.aborted) return undefined
    if (location.kind === 'gone' || location.kind === 'forbidden') return location
    if (location.kind === 'elsewhere') {
      this.#synced()
      return this.#pause.for(Infinity, signal)
    }
    const { path } = location
    const unlisted = (await this.#refusedWatch(path, signal)) ?? (await this.#list(path, signal))
    const failure = unlisted ?? (signal.aborted ? undefined : await this.#follow(path, signal))
    return failure && !signal.aborted ? await this.#confirmed(failure) : failure
  }

  /** Watches, and audits beside it, until only another list can help. Undefined: the signal. */
  async #follow(path: string, signal: AbortSignal): Promise<Failure | undefined> {
    const ending = new AbortController()
    const following = AbortSignal.any([signal, ending.signal])
    const audits = this.#auditor.run(path, following).finally(() => ending.abort())
    let broken: Failure | undefined
    while (!following.aborted && !broken) broken = await this.#watch(path, following)
    ending.abort()
    this.#watchForbidden = broken?.kind === 'forbidden'
    return (await audits) ?? broken
  }

  /** What a path that answers 404 means is for discovery to say; whoever deletes a namespace deletes the permissions in it. */
  async #confirmed(failure: Failure): Promise<Failure> {
    try {
      if (failure.kind === 'forbidden' && (await this.#options.isGone?.())) return { kind: 'gone', reason: namespaceGone }
      if (failure.kind !== 'gone') return failure
      const location = await this.#options.locate(true)
      return location.kind === 'gone' ? location : { kind: 'unavailable', reason: failure.reason }
    } catch (error) {
      return failureOf(error)
    }
  }

  async #list(path: string, signal: AbortSignal): Promise<Failure | undefined> {
    const { client, store, clock, observe } = this.#options
    const began = clock.now()
    const relist = store.relist()
    let objects = 0
    let version: string | undefined
    const cancel = this.#listed || this.#reason !== undefined ? undefined : clock.after(patience, () => this.#tellSlow(objects))
    try {
      for await (const page of listPages(client, path, this.#options, signal)) {
        version = page.version
        relist.page(page.items, version)
        objects += page.items.length
      }
    } catch (error) {
      return signal.aborted ? undefined : failureOf(error)
    } finally {
      cancel?.()
    }
    if (signal.aborted) return undefined
    const changes = relist.finish(version)
    if (this.#wasSilent && this.#bookmarks !== 'sent') this.#bookmarks = changes.length === 0 ? 'none' : 'unknown'
    this.#wasSilent = false
    this.#listed = true
    observe?.({ kind: 'list', objects, took: clock.now() - began })
    this.#synced()
    this.#emit(changes)
    return undefined
  }

  #tellSlow(objects: number): void {
    const soFar = objects > 0 ? `; ${objects} objects have come` : ''
    this.#become(this.#state, `the first list takes more than ${patience / 1_000} s${soFar}`)
  }

  /** Whether a watch that was refused still is: a list that is allowed does not make up for it, and would look like a recovery. */
  async #refusedWatch(path: string, signal: AbortSignal): Promise<Failure | undefined> {
    if (!this.#watchForbidden) return undefined
    const { client, store, labelSelector, fieldSelector, clock } = this.#options
    const query = { labelSelector, fieldSelector, resourceVersion: store.version, timeoutSeconds: 1 }
    const enough = new AbortController()
    const cancel = clock.after(longProbe, () => enough.abort())
    try {
      for await (const _event of client.watch({ path, query, signal: AbortSignal.any([signal, enough.signal]) })) break
    } catch (error) {
      const failure = failureOf(error)
      if (failure.kind === 'forbidden') return failure
    } finally {
      cancel()
    }
    this.#watchForbidden = false
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
    if (event.type === 'DELETED') this.#auditor.deleted(event.object.metadata.uid)
    if (event.type === 'BOOKMARK') {
      this.#bookmarks = 'sent'
      store.passed(version)
    } else this.#emit(store.take(event as StoreEvent))
    return undefined
  }

  /** Takes the state that a failure leads to, and waits as long as it asks for. */
  async #setBack(failure: Failure, signal: AbortSignal): Promise<void> {
    const behind = this.#listed ? 'stale' : 'starting'
    this.#failing ??= this.#options.clock.now()
    switch (failure.kind) {
      case 'expired':
      case 'restored':
      case 'silent':
      case 'differs':
        if (failure.kind !== 'silent') this.#options.store.forgetWrites()
        this.#wasSilent = failure.kind === 'silent'
        if (!this.#wasSilent || this.#bookmarks !== 'none') this.#become(behind, failure.reason)
        return await this.#pause.for(this.#backoff.failedLightly(), signal)
      case 'unavailable':
        this.#become(behind, failure.reason)
        return await this.#pause.for(Math.max(this.#backoff.failed(), failure.retryAfter ?? 0), signal)
      case 'forbidden':
      case 'gone':
        this.#hinted = false
        this.#become(failure.kind, failure.reason)
        return await this.#pause.for(this.#looks.refused(), signal)
    }
  }

  #synced(): void {
    const permitted = this.#state === 'forbidden' && !this.#hinted
    this.#failing = undefined
    this.#hinted = false
    this.#looks.answered()
    this.#become('synced', undefined)
    if (permitted) this.#options.onPermitted?.()
  }

  #become(state: InformerState, reason: string | undefined): void {
    const failing = this.#failing === undefined ? 0 : this.#options.clock.now() - this.#failing
    const failed = state === 'forbidden' || state === 'gone' || failing >= patience
    if (this.#state === state && this.#reason === reason && this.#failed === failed) return
    this.#failed = failed
    this.#state = state
    this.#reason = reason
    this.#options.onState?.(state, reason)
  }

  #emit(changes: readonly Change[]): void {
    for (const change of changes) this.#options.onChange?.(change)
  }
}
