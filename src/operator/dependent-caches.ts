/**
 * The caches of the dependents of one kind of primaries: one for each kind and version that anybody asked for.
 *
 * An object is the same in every version of its kind. So where the server stops to serve a version, its objects are not gone: they are
 * watched in one that it does serve, and the cache of the lost version tells nothing any more.
 */
import { primaryUidLabel } from '../api/names.ts'
import type { GroupVersionKind } from '../api/object.ts'
import type { Cache } from '../cache/cache.ts'
import type { Informer } from '../cache/informer.ts'
import { reduceDependentsFields } from '../reconcile/ingest.ts'
import { anyNamespace } from '../reconcile/inventory.ts'
import type { PassContext } from './pass-context.ts'

export interface DependentCachesOptions {
  start: (kind: GroupVersionKind) => Informer
  end: (cache: Informer) => void
  /** Whether dependents of the kind may be there, whatever is rendered now. */
  isKnown: (kind: GroupVersionKind) => boolean
  /** The kind in a version that the server serves; itself, if there is none. */
  servedVersion: (kind: GroupVersionKind) => GroupVersionKind
}

export class DependentCaches {
  readonly #options: DependentCachesOptions
  readonly #caches = new Map<string, Informer>()
  /** Kinds that nobody serves, by the UID of the primary that wants them. */
  readonly #awaited = new Map<string, readonly GroupVersionKind[]>()

  constructor(options: DependentCachesOptions) {
    this.#options = options
  }

  /** The cache of the kind in this version; started when it is asked for the first time. */
  of(kind: GroupVersionKind): Informer {
    const known = this.#caches.get(idOf(kind))
    if (known) return known
    const cache = this.#options.start(kind)
    this.#caches.set(idOf(kind), cache)
    this.#follow(cache)
    return cache
  }

  /**
   * Exactly these kinds, which nobody serves, are wanted by the primary with this UID. A custom resource may say which they are: the cache of
   * one that no primary wants any more ends.
   */
  await(primaryUid: string, kinds: readonly GroupVersionKind[]): void {
    const before = this.#awaited.get(primaryUid) ?? []
    if (kinds.length > 0) this.#awaited.set(primaryUid, kinds)
    else this.#awaited.delete(primaryUid)
    if (before.length === 0) return
    const wanted = new Set([...this.#awaited.values()].flat().map(idOf))
    for (const kind of before) {
      const cache = this.#caches.get(idOf(kind))
      if (cache?.state !== 'gone' || wanted.has(idOf(kind)) || this.#options.isKnown(kind)) continue
      this.#caches.delete(idOf(kind))
      this.#options.end(cache)
    }
  }

  /** For whatever version has been lost by now, or is served elsewhere by now. */
  followVersions(): void {
    for (const cache of [...this.#caches.values()]) this.#follow(cache)
  }

  has(cache: Informer): boolean {
    return this.#caches.get(idOf(cache.kind)) === cache
  }

  /** All that have been started. */
  all(): MapIterator<Informer> {
    return this.#caches.values()
  }

  /** Those that tell what there is: all but the ones of lost versions. */
  telling(): IteratorObject<Informer> {
    return this.#caches.values().filter((cache) => {
      const elsewhere = this.#elsewhere(cache)
      return elsewhere === undefined || !this.#caches.has(idOf(elsewhere))
    })
  }

  #follow(cache: Informer): void {
    const elsewhere = this.#elsewhere(cache)
    if (elsewhere) this.of(elsewhere)
  }

  /** Where the objects of a cache are that has lost its version; undefined: it has not, or its kind is in no other. */
  #elsewhere({ kind, state }: Informer): GroupVersionKind | undefined {
    const served = state === 'gone' ? this.#options.servedVersion(kind) : kind
    return served.version === kind.version ? undefined : served
  }
}

const idOf = ({ group, version, kind }: GroupVersionKind): string => `${group}/${version}/${kind}`

/** Dependents carry our label: a stranger's objects are neither listed nor kept. */
export const dependentsCache = (cache: Cache, kind: GroupVersionKind, namespaces?: readonly string[]): Informer =>
  cache.hold(kind, {
    ...(namespaces && { namespaces }),
    selector: primaryUidLabel,
    ingest: reduceDependentsFields,
    index: (object) => object.metadata.labels?.[primaryUidLabel],
  })

/**
 * Where a kind of dependents is watched: besides the namespaces that the operator is limited to now, where it has put some before. The
 * first controller that asks decides for all of them, so those of all are put together.
 */
export function namespacesOf(
  kind: GroupVersionKind,
  { inventory, namespaces }: Pick<PassContext, 'inventory' | 'namespaces'>,
): readonly string[] {
  if (namespaces.length === 0) return []
  const places = inventory.placesOf(kind)
  return places.includes(anyNamespace) ? [] : [...new Set([...namespaces, ...places])]
}
