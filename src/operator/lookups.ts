/**
 * The lookups of a kind's primaries: what they read of other objects, kept by watches that live as long as anybody reads them.
 *
 *   a render needs an object ─▶ watch ─▶ known ─▶ the primary is woken ─▶ a render reads it
 *   it changes ─▶ exactly the primaries that read it are woken
 *   no primary reads it any more ─▶ the watch ends
 *
 * A single object has a watch of its own, by its name, so that reading one Secret neither lists nor keeps the others, and needs no permission
 * for them.
 */
import { apiVersionOf, type GroupVersionKind, groupKind, type KubernetesObject } from '../api/object.ts'
import type { Cache } from '../cache/cache.ts'
import { type Informer, type InformerState, namespaceGone } from '../cache/informer.ts'
import { isStored, type Resource } from '../kube/client.ts'
import { labelSelector, type Lookup, lookupId, type LookupResult, sortedObjects } from '../reconcile/lookup.ts'

export interface LookupsOptions {
  cache: Cache
  resourceOf: (kind: GroupVersionKind) => Resource | undefined
  /** The kind in a version that the server serves; itself, if there is none. */
  servedVersion: (kind: GroupVersionKind) => GroupVersionKind
  /** What the primary with this UID read has changed. */
  wake: (primaryUid: string) => void
}

/** Who reads in a pass, the two programs, the field policies, the values that cannot be kept and records: each replaces what it read before. */
export type Reader = 'documents' | 'status' | 'autoscalers' | 'generated' | 'records'

interface Watched {
  lookup: Lookup
  informer: Informer
  /** As readers see it: asking again for what was denied changes nothing until the answer does. */
  state: InformerState
  reason: string | undefined
  readers: Set<string>
}

type Reading = Readonly<Record<Reader, ReadonlySet<string>>>

const nothing: ReadonlySet<string> = new Set()
const noReading: Reading = { documents: nothing, status: nothing, autoscalers: nothing, generated: nothing, records: nothing }

const idsOf = ({ documents, status, autoscalers, generated, records }: Reading): Set<string> =>
  documents.union(status).union(autoscalers).union(generated).union(records)

export class Lookups {
  readonly #options: LookupsOptions
  readonly #watched = new Map<string, Watched>()
  readonly #byInformer = new Map<Informer, Watched>()
  readonly #readings = new Map<string, Reading>()

  constructor(options: LookupsOptions) {
    this.#options = options
    options.cache.onChange((_change, informer) => this.#wake(this.#byInformer.get(informer)))
    options.cache.onState((informer) => this.#stateChanged(informer))
  }

  /** What is known of everything that the primary reads, by `lookupId`. */
  results(primaryUid: string): Record<string, LookupResult> {
    const results: Record<string, LookupResult> = {}
    for (const watched of this.#read(primaryUid)) {
      // The first list is on its way: to the render that is as if nobody had asked yet, and nobody has to be told.
      if (watched.state !== 'starting' || watched.reason !== undefined) results[lookupId(watched.lookup)] = this.#resultOf(watched)
    }
    return results
  }

  /** Whether the primary reads any. */
  reads(primaryUid: string): boolean {
    return this.#readings.has(primaryUid)
  }

  /** Changes whenever one of the results does, as far as its objects count. */
  version(primaryUid: string, counts: (object: KubernetesObject) => boolean = () => true): string {
    const versions: string[] = []
    for (const watched of this.#read(primaryUid)) {
      const { lookup, state, informer } = watched
      versions.push(lookupId(lookup), state === 'gone' ? this.#resultOf(watched).state : state)
      if (state === 'synced')
        for (const object of informer.values())
          if (counts(object)) versions.push(object.metadata.uid ?? '', object.metadata.resourceVersion ?? '')
    }
    return versions.join('|')
  }

  /** The objects of the results that are known for sure. */
  *objects(primaryUid: string): Generator<KubernetesObject> {
    for (const { state, informer } of this.#read(primaryUid)) if (state === 'synced') yield* informer.values()
  }

  /** The primary reads these too. True if all of them are known, or known to be out of reach. */
  add(primaryUid: string, reader: Reader, lookups: readonly Lookup[]): boolean {
    const reading = this.#readings.get(primaryUid) ?? noReading
    this.#hold(primaryUid, { ...reading, [reader]: new Set([...reading[reader], ...lookups.map((lookup) => this.#watch(lookup))]) })
    const known = this.results(primaryUid)
    return lookups.every((lookup) => lookupId(lookup) in known)
  }

  /** The primary reads exactly these; watches that nobody needs any more end. */
  keep(primaryUid: string, reader: Reader, lookups: readonly Lookup[]): void {
    const reading = this.#readings.get(primaryUid)
    if (!reading && lookups.length === 0) return
    this.#hold(primaryUid, {
      ...(reading ?? noReading),
      [reader]: new Set(lookups.map((lookup) => this.#watch(lookup))),
    })
  }

  /** What the server serves has changed: what it did not serve has another answer now, or will have one. */
  servedAnew(): void {
    for (const watched of this.#watched.values()) {
      if (watched.state !== 'gone') continue
      if (this.#options.resourceOf(watched.lookup.kind)) this.#options.cache.retryNow(watched.lookup.kind)
      this.#wake(watched)
    }
  }

  /** The primary is gone. */
  forget(primaryUid: string): void {
    if (this.#readings.has(primaryUid)) this.#hold(primaryUid, noReading)
  }

  *#read(primaryUid: string): Generator<Watched> {
    const reading = this.#readings.get(primaryUid)
    if (reading) for (const id of idsOf(reading)) yield this.#watched.get(id) as Watched
  }

  #hold(primaryUid: string, reading: Reading): void {
    const before = this.#readings.get(primaryUid)
    const ids = idsOf(reading)
    if (ids.size > 0) this.#readings.set(primaryUid, reading)
    else this.#readings.delete(primaryUid)
    for (const id of ids) this.#watched.get(id)?.readers.add(primaryUid)
    for (const id of before ? idsOf(before) : nothing) {
      const watched = this.#watched.get(id)
      if (ids.has(id) || !watched) continue
      watched.readers.delete(primaryUid)
      if (watched.readers.size > 0) continue
      this.#watched.delete(id)
      this.#byInformer.delete(watched.informer)
      this.#options.cache.release(watched.informer)
    }
  }

  #watch(lookup: Lookup): string {
    const id = lookupId(lookup)
    if (this.#watched.has(id)) return id
    const selector = labelSelector(lookup.labels)
    const informer = this.#options.cache.hold(lookup.kind, {
      namespaces: lookup.namespace === undefined ? [] : [lookup.namespace],
      ingest: withoutManagedFields,
      ...(lookup.name === undefined ? {} : { fieldSelector: `metadata.name=${lookup.name}` }),
      ...(selector === '' ? {} : { selector }),
    })
    const watched: Watched = { lookup, informer, state: informer.state, reason: informer.reason, readers: new Set() }
    this.#watched.set(id, watched)
    this.#byInformer.set(informer, watched)
    return id
  }

  #resultOf({ lookup, informer, state, reason }: Watched): LookupResult {
    switch (state) {
      case 'synced': {
        const objects = sortedObjects(informer.values())
        return lookup.name !== undefined &&
          lookup.namespace === undefined &&
          objects.some(({ metadata }) => metadata.namespace !== undefined)
          ? {
              state: 'denied',
              reason: `${groupKind(lookup.kind)} lives in namespaces`,
              remedy: 'name the namespace, for example it.namespace',
            }
          : { state: 'found', objects }
      }
      case 'gone':
        return this.#whereGone(lookup, reason)
      case 'forbidden':
        return { state: 'denied', reason: reason ?? 'it is forbidden', remedy: this.#remedyFor(lookup) }
      case 'starting':
      case 'stale':
        return { state: 'unknown', reason: reason ?? `the watch is ${state}` }
    }
  }

  /** A kind that the cluster does not serve has no objects, and neither has a namespace that is not there: that is known. */
  #whereGone({ kind }: Lookup, reason = ''): LookupResult {
    const resource = this.#options.resourceOf(kind)
    const served = this.#options.servedVersion(kind)
    if (!resource && served.version !== kind.version)
      return {
        state: 'denied',
        reason: `the server does not serve ${groupKind(kind)} in version ${kind.version}, only in ${served.version}`,
        remedy: `look it up in ${apiVersionOf(served)}`,
      }
    if (!resource || reason === namespaceGone) return { state: 'found', objects: [] }
    return isStored(resource)
      ? { state: 'unknown', reason: `${groupKind(kind)} is served again, and not listed yet` }
      : { state: 'denied', reason, remedy: 'a kind can be looked up whose objects the server keeps' }
  }

  #remedyFor({ kind, namespace, name }: Lookup): string {
    const resource = this.#options.resourceOf(kind)
    if (resource && !resource.verbs.includes('watch')) return 'a kind can be looked up that the server lets be watched'
    // The rule that is lacking, as a Role has it.
    const resources = resource?.plural ?? kind.kind.toLowerCase()
    const names = name === undefined ? '' : `, resourceNames: ["${name}"]`
    const rule = `{ apiGroups: ["${kind.group}"], resources: ["${resources}"]${names}, verbs: ["list", "watch"] }`
    return `the operator's role needs ${rule}${namespace === undefined ? '' : ` in namespace ${namespace}`}`
  }

  #stateChanged(informer: Informer): void {
    const watched = this.#byInformer.get(informer)
    if (!watched) return
    const { state, reason } = informer
    if (state === 'starting' && (watched.state === 'forbidden' || watched.state === 'gone')) return
    const same = watched.state === state && watched.reason === reason
    watched.state = state
    watched.reason = reason
    // What is behind for a moment is no news: whoever reads it then waits, and is woken when it has caught up.
    // A first list that fails is one: somebody waits for it already.
    if (!same && state !== 'stale' && (state !== 'starting' || reason !== undefined)) this.#wake(watched)
  }

  #wake(watched: Watched | undefined): void {
    for (const uid of watched?.readers ?? []) this.#options.wake(uid)
  }
}

/** More than half of a small object, and nothing that a template asks for. */
function withoutManagedFields(object: KubernetesObject): KubernetesObject {
  delete object.metadata.managedFields
  return object
}
