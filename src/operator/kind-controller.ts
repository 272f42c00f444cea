/**
 * The controller of one kind of primaries: all watches of the kind, their caches, and what wakes which primary.
 *
 * There is one cache of primaries a kind; which watch a primary belongs to is decided in the process (see primary-routes.ts). Dependents
 * are cached by kind and found by the UID on their label, whichever watch they come from.
 */
import { equalJson } from '../api/equal.ts'
import { type GroupVersionKind, groupKind, gvkOf, type KubernetesObject, objectKey } from '../api/object.ts'
import type { Cache } from '../cache/cache.ts'
import type { Informer, Standing } from '../cache/informer.ts'
import type { Watch } from '../definition/definition.ts'
import type { Resource } from '../kube/client.ts'
import { type Key, keyOf } from '../queue/key.ts'
import type { Urgency } from '../queue/urgency.ts'
import { reduceManagedFields } from '../reconcile/ingest.ts'
import { isOrphaning } from '../reconcile/deletion-policy.ts'
import type { Feedback } from '../reconcile/feedback.ts'
import { readInstructions } from '../reconcile/instructions.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import { untilRenewal } from './generated.ts'
import { DependentCaches, dependentsCache, namespacesOf } from './dependent-caches.ts'
import { controllerName, lanesOf } from './lanes.ts'
import { reportFault } from './fault.ts'
import { Lookups } from './lookups.ts'
import { Memory } from './memory.ts'
import type { Deviations } from './metrics.ts'
import { pass } from './pass.ts'
import type { PassContext } from './pass-context.ts'
import { PrimaryRoutes, type Route } from './primary-routes.ts'
import { overlapOf } from './refusal.ts'
import { PruneCount } from './prune-count.ts'
import { noteReset } from './reinstate.ts'
import { isRequested } from './requests.ts'
import { urgencyOf, urgencyOfChange } from './urgency.ts'

/** What all kinds of an operator share. */
export type SharedContext = Omit<
  PassContext,
  | 'program'
  | 'watch'
  | 'watchOf'
  | 'resource'
  | 'primaries'
  | 'dependentsOf'
  | 'startedCaches'
  | 'dependentCaches'
  | 'awaitKinds'
  | 'memory'
  | 'lookups'
  | 'prune'
  | 'pruned'
  | 'reconcilePeriod'
  | 'adoption'
  | 'deletionPolicy'
  | 'waitForDeletion'
  | 'wokenByDependents'
  | 'fieldPolicy'
  | 'unwatched'
  | 'followsAnnotations'
  | 'formerFinalizer'
  | 'conditionStyle'
  | 'statusWriter'
  | 'name'
>

export interface KindControllerOptions {
  kind: GroupVersionKind
  /** All watches of the group and kind, in the order of watches.yaml. Those of another version run nothing here, but take what they match. */
  watches: readonly Watch[]
  resource: Resource
  cache: Cache
  shared: SharedContext
  statusWriter: PassContext['statusWriter']
  enqueue: (key: Key, urgency: Urgency) => void
}

export class KindController {
  readonly name: string
  readonly primaries: Informer
  readonly #options: KindControllerOptions
  readonly #memory = new Memory()
  readonly #lookups: Lookups
  readonly #dependents: DependentCaches
  readonly #routes: PrimaryRoutes

  constructor(options: KindControllerOptions) {
    const { kind, watches, cache, shared, resource, statusWriter } = options
    this.#options = options
    this.name = controllerName(kind)
    this.primaries = primariesCache(cache, kind)
    const isByNamespace = watches.some(({ namespaceSelector }) => namespaceSelector)
    const namespaces = isByNamespace ? primariesCache(cache, namespaceKind) : undefined
    this.#lookups = new Lookups({
      cache,
      resourceOf: shared.resourceOf,
      servedVersion: shared.servedVersion,
      wake: (uid) => this.#wake(uid),
    })
    // Of all watches together: what one made is found, and deleted, by the one that the primary moves to.
    const caches = new DependentCaches({
      start: (dependent) => dependentsCache(cache, dependent, namespacesOf(dependent, shared)),
      end: (ended) => cache.release(ended),
      isKnown: (dependent) =>
        [
          ...watches.flatMap(({ program }) => program.kinds),
          ...shared.inventory.entriesOf(groupKind(kind)).map((entry) => entry.kind),
        ].some((each) => groupKind(each) === groupKind(dependent)),
      servedVersion: shared.servedVersion,
    })
    this.#dependents = caches
    const lanes = lanesOf(watches)
    const routes = watches.map((watch, index): Route => {
      const { selector, namespaceSelector } = watch
      const lane = lanes.get(watch) as string
      for (const dependent of watch.program.kinds) caches.of(dependent)
      if (watch.kind.version !== kind.version) return { watch, selector, namespaceSelector, lane, context: undefined }
      const context: PassContext = {
        ...shared,
        program: watch.program,
        watch: index + 1,
        watchOf: (number) => watches[number - 1],
        resource,
        statusWriter: watch.manageStatus === false ? statusWriter.silent() : statusWriter,
        primaries: this.primaries,
        dependentsOf: (dependent) => caches.of(dependent),
        startedCaches: () => caches.all(),
        dependentCaches: () => caches.telling(),
        awaitKinds: (uid, kinds) => caches.await(uid, kinds),
        memory: this.#memory,
        lookups: this.#lookups,
        prune: watch.prune,
        pruned: new PruneCount({ store: shared.inventory, revision: shared.revision, watch: lane, sha256: shared.sha256 }),
        name: this.name,
        reconcilePeriod: watch.reconcilePeriod || undefined,
        adoption: watch.adoption,
        deletionPolicy: watch.deletionPolicy,
        waitForDeletion: watch.waitForDeletion,
        wokenByDependents: watch.watchDependentResources,
        fieldPolicy: watch.fieldPolicy,
        conditionStyle: watch.conditions,
        unwatched: watch.blacklist ?? [],
        followsAnnotations: watch.watchAnnotationsChanges ?? false,
        formerFinalizer: watch.finalizer,
      }
      return { watch, selector, namespaceSelector, lane, context }
    })
    this.#routes = new PrimaryRoutes(routes, namespaces)
    // What nothing renders any more is still found.
    for (const { kind: dependent } of shared.inventory.entriesOf(groupKind(kind))) {
      const served = shared.servedVersion(dependent)
      if (!caches.all().some((each) => groupKind(each.kind) === groupKind(served))) caches.of(served)
    }
  }

  /** The caches of its dependents' kinds. */
  get dependents(): Iterable<Informer> {
    return this.#dependents.telling()
  }

  /** One pass over the primary of this key. A primary that no watch selects any more is left as it is. */
  async reconcile(key: string): Promise<Outcome> {
    const primary = this.primaries.get(key)
    // Its kind, or the namespace that it was in, is not there any more: neither is it.
    if (primary && standingIn(this.primaries, primary).state === 'gone') return { kind: 'wait', for: [`${this.name} to be served`] }
    const taken = primary && this.#routes.of(primary)
    const rivals = taken && primary.metadata.deletionTimestamp === undefined ? this.#routes.selecting(primary) : []
    if (taken === 'unknown' || rivals === 'unknown')
      return { kind: 'wait', for: [`the labels of namespace ${primary?.metadata.namespace}`] }
    if (primary && taken) {
      const context = instructedContext(primary, taken.context)
      this.#takenBy(taken.lane, primary)
      const refusal = rivals.length > 1 ? overlapOf(rivals.map(({ watch }) => watch)) : undefined
      try {
        return withRenewal(await pass(key, context, refusal), primary, context)
      } catch (error) {
        return await reportFault(error, primary, context)
      } finally {
        this.feedbackOf(primary.metadata.uid as string)?.writes.ended()
      }
    }
    if (primary?.metadata.uid !== undefined) this.#unread(primary.metadata.uid)
    return { kind: 'done' }
  }

  /** The primary with this UID, and its key in the queue. */
  primaryOf(uid: string): { primary: KubernetesObject; key: Key } | undefined {
    const [primary] = this.primaries.byIndex(uid)
    return primary && { primary, key: keyOf(this.name, objectKey(primary.metadata)) }
  }

  /** Whether a watch takes the object, and its state is told by conditions in its status. */
  tellsStatus(object: KubernetesObject): boolean {
    const { kind, statusWriter } = this.#options
    return groupKind(gvkOf(object)) === groupKind(kind) && statusWriter.tellsReady && this.#routes.of(object) !== undefined
  }

  /** What the last passes of the primary with this UID wrote, if it is one of this controller's. */
  feedbackOf(uid: string): Feedback | undefined {
    return this.#memory.feedbackOf(uid)
  }

  /** The lane of the queue in which the primary of this key waits; undefined if no watch of this controller takes it. */
  laneOf(key: string): string | undefined {
    const primary = this.primaries.get(key)
    const taken = primary && this.#routes.of(primary)
    return taken === 'unknown' ? undefined : taken?.lane
  }

  /** For metrics. */
  get deviations(): Omit<Deviations, 'kind'> {
    return this.#memory.deviations()
  }

  /** Why the kind's primaries cannot be served, if they cannot. */
  *obstacles(): Generator<string> {
    const { state, reason, blind } = this.primaries
    if (state === 'starting') yield `${this.name} is being listed${reason === undefined ? '' : `: ${reason}`}`
    else if (blind && state === 'forbidden') yield `${this.name} cannot be read: ${reason}`
    const { unread } = this.#routes
    if (unread !== undefined) yield `the labels of namespaces, by which ${this.name} is selected, cannot be read: ${unread}`
  }

  /** A primary changed. */
  primaryChanged(before: KubernetesObject | undefined, after: KubernetesObject | undefined): void {
    if (before?.metadata.uid !== undefined && before.metadata.uid !== after?.metadata.uid) {
      this.#memory.forget(before.metadata.uid)
      this.#options.shared.events.forget(before.metadata.uid)
      this.#options.shared.effects.forget(before.metadata.uid)
      this.#options.shared.metrics.forget(before.metadata.uid)
      this.#unread(before.metadata.uid)
      this.#options.shared.contests.note(before.metadata.uid, [])
    }
    if (after && isOrphaning(after)) this.#memory.of(after.metadata.uid as string).orphaned = true
    // Whoever asks for a pass may just have granted what it lacked.
    if (after && isRequested(after, this.#options.statusWriter))
      for (const { kind, state } of this.#dependents.all()) if (state !== 'synced') this.#options.cache.retryNow(kind)
    if (after) this.#enqueue(after, before ? urgencyOfChange(before, after) : urgencyOf(after, this.#options.statusWriter))
  }

  /** Whether any program reads what the cluster offers. */
  get readsCapabilities(): boolean {
    return this.#memory.readsCapabilities
  }

  /** What the cluster offers has changed: exactly the primaries whose programs read it are rendered anew. */
  capabilitiesChanged(): void {
    this.#dependents.followVersions()
    this.#lookups.servedAnew()
    for (const uid of this.#memory.capabilitiesChanged()) this.#wake(uid)
  }

  /** A namespace changed: what its labels select now is served at once. */
  namespaceChanged(informer: Informer, before: KubernetesObject | undefined, after: KubernetesObject | undefined): void {
    const namespace = after?.metadata
    if (!this.#routes.reads(informer) || !namespace || equalJson(before?.metadata.labels, namespace.labels)) return
    for (const primary of this.primaries.values()) if (primary.metadata.namespace === namespace.name) this.#enqueue(primary, 'event')
  }

  /** A dependent of the primary with this UID changed; true if the primary is one of this controller's. */
  dependentChanged(primaryUid: string, before?: KubernetesObject, after?: KubernetesObject): boolean {
    for (const primary of this.primaries.byIndex(primaryUid)) {
      noteReset(before, after, primaryUid, (uid) => this.#memory.of(uid))
      const taken = this.#routes.of(primary)
      if (taken === 'unknown') return true
      // A deletion waits for its dependents to go.
      const isClusterScoped = (after ?? before)?.metadata.namespace === undefined
      const isFollowed = taken?.watch.watchDependentResources && !(isClusterScoped && taken.watch.watchClusterScopedResources === false)
      if (isFollowed || primary.metadata.deletionTimestamp !== undefined) this.#enqueue(primary, 'event')
      return taken !== undefined
    }
    return false
  }

  /**
   * A cache's state changed, in this namespace or, if it is empty, in all: what waited for it, or believed in it, is looked at again. That
   * may be any primary where it is a cache of dependents, which can be in another namespace: a pass that finds nothing changed costs nothing.
   */
  cacheChanged(informer: Informer, namespace = ''): void {
    const isDependents = this.#dependents.has(informer)
    if (isDependents) this.#dependents.followVersions()
    if (informer !== this.primaries && !this.#routes.reads(informer) && !isDependents) return
    const isMeant = ({ metadata }: KubernetesObject) => metadata.namespace === undefined || metadata.namespace === namespace
    for (const primary of this.primaries.values())
      if (namespace === '' || isDependents || isMeant(primary)) this.#enqueue(primary, urgencyOf(primary, this.#options.statusWriter))
  }

  /** What the last pass found is another watch's, where the labels of the namespace moved the primary from one to the other. */
  #takenBy(lane: string, { metadata }: KubernetesObject): void {
    const memory = this.#memory.of(metadata.uid as string)
    if (memory.lane !== lane) memory.clean = undefined
    memory.lane = lane
  }

  /** Nothing is read for this primary any more. */
  #unread(uid: string): void {
    this.#lookups.forget(uid)
    this.#dependents.await(uid, [])
  }

  #wake(uid: string): void {
    for (const primary of this.primaries.byIndex(uid)) this.#enqueue(primary, 'event')
  }

  /** Wakes a primary that a watch of this controller takes, or may take. */
  #enqueue(primary: KubernetesObject, urgency: Urgency): void {
    const taken = this.#routes.of(primary)
    if (taken && taken !== 'unknown') this.#options.enqueue(keyOf(this.name, objectKey(primary.metadata)), urgency)
  }
}

/** The context of a pass with what a person set for this one primary. */
function instructedContext(primary: KubernetesObject, context: PassContext): PassContext {
  const { reconcilePeriod } = readInstructions(primary)
  return reconcilePeriod === undefined ? context : { ...context, reconcilePeriod: reconcilePeriod || undefined }
}

const namespaceKind: GroupVersionKind = { group: '', version: 'v1', kind: 'Namespace' }

/** A kind may be that of primaries and be read for another reason, such as the labels of namespaces: there is one cache then. */
const primariesCache = (cache: Cache, kind: GroupVersionKind): Informer =>
  cache.informer(kind, { ingest: reduceManagedFields, index: (object) => object.metadata.uid })

/** How far a primary's own cache can be believed. */
const standingIn = (primaries: Informer, { metadata: { namespace } }: KubernetesObject): Standing =>
  namespace === undefined ? primaries : primaries.within([namespace])

/** A value that has to be made anew in time is a reason to look again. */
function withRenewal(outcome: Outcome, primary: KubernetesObject, context: PassContext): Outcome {
  const after = outcome.kind === 'done' ? untilRenewal(primary, context) : undefined
  if (outcome.kind !== 'done' || after === undefined) return outcome
  return { kind: 'done', resyncAfter: Math.min(after, outcome.resyncAfter ?? Infinity) }
}
