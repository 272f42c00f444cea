/**
 * The controller of one kind of primaries: all watches of the kind, their caches, and what wakes which primary.
 *
 * There is one cache of primaries a kind; which watch a primary belongs to is decided in the process by the watches' selectors, the first
 * that matches. Dependents are cached by kind and found by the UID on their label, whichever watch they come from.
 */
import { primaryUidLabel } from '../api/names.ts'
import { type GroupVersionKind, groupKind, type KubernetesObject, objectKey } from '../api/object.ts'
import { matchesSelector } from '../api/selectors.ts'
import type { Cache } from '../cache/cache.ts'
import type { Informer } from '../cache/informer.ts'
import type { Watch } from '../definition/definition.ts'
import type { Resource } from '../kube/client.ts'
import { type Key, keyOf } from '../queue/key.ts'
import { reduceDependentsFields, reduceManagedFields } from '../reconcile/ingest.ts'
import { anyNamespace } from '../reconcile/inventory.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import { Lookups } from './lookups.ts'
import { Memory } from './memory.ts'
import { pass } from './pass.ts'
import type { PassContext } from './pass-context.ts'

/** What all kinds of an operator share. */
export type SharedContext = Omit<
  PassContext,
  | 'program'
  | 'resource'
  | 'primaries'
  | 'dependentsOf'
  | 'dependentCaches'
  | 'memory'
  | 'lookups'
  | 'reconcilePeriod'
  | 'adoption'
  | 'wokenByDependents'
  | 'fieldPolicy'
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
  enqueue: (key: Key) => void
}

interface Route {
  watch: Watch
  context: PassContext
}

export class KindController {
  readonly name: string
  readonly primaries: Informer
  readonly #options: KindControllerOptions
  readonly #memory = new Memory()
  readonly #lookups: Lookups
  readonly #dependents: ReadonlyMap<string, Informer>
  /** Undefined for a watch of another version of the kind: its objects are the same, and its controller is another one. */
  readonly #routes: { watch: Watch; context: PassContext | undefined }[]

  constructor(options: KindControllerOptions) {
    const { kind, watches, cache, shared, resource, statusWriter } = options
    this.#options = options
    this.name = controllerName(kind)
    this.primaries = cache.informer(kind, { ingest: reduceManagedFields, index: (object) => object.metadata.uid })
    this.#lookups = new Lookups({ cache, resourceOf: shared.resourceOf, wake: (uid) => this.#wake(uid) })
    // Of all watches together: what one made is found, and deleted, by the one that the primary moves to.
    const caches = new Map<string, Informer>()
    const dependentsOf = (dependent: GroupVersionKind): Informer => {
      const id = `${dependent.group}/${dependent.version}/${dependent.kind}`
      const known = caches.get(id)
      if (known) return known
      const informer = dependentsCache(cache, dependent, namespacesOf(dependent, options))
      caches.set(id, informer)
      return informer
    }
    this.#dependents = caches
    this.#routes = watches.map((watch) => {
      for (const dependent of watch.program.kinds) dependentsOf(dependent)
      if (watch.kind.version !== kind.version) return { watch, context: undefined }
      const context: PassContext = {
        ...shared,
        program: watch.program,
        resource,
        statusWriter,
        primaries: this.primaries,
        dependentsOf,
        dependentCaches: () => caches.values(),
        memory: this.#memory,
        lookups: this.#lookups,
        name: this.name,
        reconcilePeriod: watch.reconcilePeriod || undefined,
        adoption: watch.adoption,
        wokenByDependents: watch.watchDependentResources,
        fieldPolicy: watch.fieldPolicy,
      }
      return { watch, context }
    })
    // What nothing renders any more is still found.
    for (const { kind: dependent } of shared.inventory.entriesOf(groupKind(kind))) {
      const served = shared.servedVersion(dependent)
      if (!caches.values().some((each) => groupKind(each.kind) === groupKind(served))) dependentsOf(served)
    }
  }

  /** One pass over the primary of this key. A primary that no watch selects any more is left as it is. */
  async reconcile(key: string): Promise<Outcome> {
    const primary = this.primaries.get(key)
    const route = primary && this.#routeOf(primary)
    if (route) return await pass(key, route.context)
    if (primary?.metadata.uid !== undefined) this.#lookups.forget(primary.metadata.uid)
    return { kind: 'done' }
  }

  /** A primary changed. */
  primaryChanged(before: KubernetesObject | undefined, after: KubernetesObject | undefined): void {
    if (before?.metadata.uid !== undefined && before.metadata.uid !== after?.metadata.uid) {
      this.#memory.forget(before.metadata.uid)
      this.#lookups.forget(before.metadata.uid)
    }
    if (after && this.#routeOf(after)) this.#enqueue(after)
  }

  /** A dependent of the primary with this UID changed; true if the primary is one of this controller's. */
  dependentChanged(primaryUid: string): boolean {
    for (const primary of this.primaries.byIndex(primaryUid)) {
      const route = this.#routeOf(primary)
      // A deletion waits for its dependents to go.
      if (route && (route.watch.watchDependentResources || primary.metadata.deletionTimestamp !== undefined)) this.#enqueue(primary)
      return route !== undefined
    }
    return false
  }

  /** A cache's state changed: what waited for it, or believed in it, is looked at again. */
  cacheChanged(informer: Informer): void {
    if (informer !== this.primaries && !this.#dependents.values().some((each) => each === informer)) return
    for (const primary of this.primaries.values()) if (this.#routeOf(primary)) this.#enqueue(primary)
  }

  #routeOf(primary: KubernetesObject): Route | undefined {
    const labels = primary.metadata.labels ?? {}
    const first = this.#routes.find(({ watch }) => watch.selector === undefined || matchesSelector(watch.selector, labels))
    return first?.context && { watch: first.watch, context: first.context }
  }

  #wake(uid: string): void {
    for (const primary of this.primaries.byIndex(uid)) this.#enqueue(primary)
  }

  #enqueue(primary: KubernetesObject): void {
    this.#options.enqueue(keyOf(this.name, objectKey(primary.metadata)))
  }
}

/**
 * Where a kind of dependents is watched: besides the namespaces that the operator is limited to now, where it has put some before. The
 * first controller that asks decides for all of them, so those of all are put together.
 */
function namespacesOf(kind: GroupVersionKind, { shared: { inventory, namespaces } }: KindControllerOptions): readonly string[] {
  if (namespaces.length === 0) return []
  const places = inventory.placesOf(kind)
  return places.includes(anyNamespace) ? [] : [...new Set([...namespaces, ...places])]
}

/** Dependents carry our label: a stranger's objects are neither listed nor kept. */
export const dependentsCache = (cache: Cache, kind: GroupVersionKind, namespaces?: readonly string[]): Informer =>
  cache.informer(kind, {
    ...(namespaces && { namespaces }),
    selector: primaryUidLabel,
    ingest: reduceDependentsFields,
    index: (object) => object.metadata.labels?.[primaryUidLabel],
  })

/** `App.app.company.com/v1alpha1`: what a kind is called in the queue, in logs and in metrics. */
export const controllerName = (kind: GroupVersionKind): string => `${groupKind(kind)}/${kind.version}`
