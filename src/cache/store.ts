/**
 * The objects of one kind (within one namespace or all), as far as the watch has told.
 *
 * Two layers: what the server listed and sent, in the server's order, and above it the overlay of own writes. Readers see both as one;
 * changes are reported of the lower layer only, which is what the rest of the cluster sees too. Everything in it is frozen.
 */
import type { Clock } from '../api/clock.ts'
import { apiVersionOf, type GroupVersionKind, type KubernetesObject, objectKey } from '../api/object.ts'
import { isSameContent } from '../api/version.ts'
import { freezeShared } from './freeze.ts'
import { Groups } from './groups.ts'
import type { Change } from './informer.ts'
import { Overlay } from './overlay.ts'
import type { Pool } from './pool.ts'
import { compareVersions } from './version.ts'

export interface StoreOptions {
  kind: GroupVersionKind
  clock: Clock
  pool: Pool
  /** Reduces an object that is fresh from the wire, in place or not, before it is kept. Objects must keep name, namespace, UID and version. */
  ingest?: ((object: KubernetesObject) => KubernetesObject) | undefined
  /** The value that an object is found by in `byIndex`; undefined leaves it out. */
  index?: ((object: KubernetesObject) => string | undefined) | undefined
}

export type StoreEvent = { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubernetesObject }

export class Store {
  readonly #options: StoreOptions
  readonly #overlay: Overlay
  readonly #groups = new Groups()
  #objects = new Map<string, KubernetesObject>()
  readonly #byUid = new Map<string, KubernetesObject>()
  #version: string | undefined
  #restored = false

  constructor(options: StoreOptions) {
    this.#options = options
    this.#overlay = new Overlay(options.clock)
  }

  /** How far the server's history has been taken in; undefined before the first list. */
  get version(): string | undefined {
    return this.#version
  }

  get(key: string): KubernetesObject | undefined {
    return this.#overlay.empty ? this.#objects.get(key) : (this.#overlay.get(key) ?? this.#objects.get(key))
  }

  byUid(uid: string): KubernetesObject | undefined {
    return this.#overlay.empty ? this.#byUid.get(uid) : (this.#overlay.byUid(uid) ?? this.#byUid.get(uid))
  }

  /** What the watch has told of this UID, without own writes. */
  watched(uid: string): KubernetesObject | undefined {
    return this.#byUid.get(uid)
  }

  /** All that the watch has told, without own writes. */
  watchedObjects(): Iterable<KubernetesObject> {
    return this.#objects.values()
  }

  *values(): Iterable<KubernetesObject> {
    const written = this.#overlay.values()
    for (const [key, object] of this.#objects) {
      if (written.length === 0 || !this.#overlay.get(key)) yield object
    }
    yield* written
  }

  get size(): number {
    return this.#objects.size + this.#overlay.values().filter((object) => !this.#objects.has(objectKey(object.metadata))).length
  }

  *byIndex(value: string): Iterable<KubernetesObject> {
    const overlaid = !this.#overlay.empty
    for (const key of this.#groups.keys(value)) {
      if (!overlaid || !this.#overlay.get(key)) yield this.#objects.get(key) as KubernetesObject
    }
    if (overlaid) yield* this.#overlay.ofGroup(value)
  }

  /**
   * Takes in the answer of an own write. An answer that the watch has already reached says nothing new: its event came first (about every
   * second time), and by now the object may be gone.
   */
  wrote(object: KubernetesObject): void {
    const { uid, resourceVersion } = object.metadata
    if (!uid || !resourceVersion) return
    const ahead = compareVersions(resourceVersion, this.#version)
    if (ahead !== undefined && ahead <= 0) return
    // Two answers may come back in another order than their writes were made.
    const standing = this.#overlay.byUid(uid)?.metadata.resourceVersion
    if ((compareVersions(resourceVersion, standing) ?? 1) <= 0) return
    const written = this.#ingest(object)
    this.#overlay.set(uid, written, this.#options.index?.(written))
  }

  /** Takes in one event of the watch. The answer is what changed: nothing, one change, or a deletion and an addition. */
  take({ type, object: wire }: StoreEvent): Change[] {
    const { uid, resourceVersion } = wire.metadata
    if (resourceVersion !== undefined) this.#version = resourceVersion
    if (uid !== undefined) {
      if (type === 'DELETED') this.#overlay.drop(uid)
      else this.#overlay.seen(uid, resourceVersion)
    }
    const key = this.#options.pool.string(objectKey(wire.metadata))
    const before = this.#objects.get(key)
    if (type !== 'DELETED') return this.#put(key, before, wire)
    if (!before) return []
    this.#remove(key, before)
    return [{ kind: this.#options.kind, before }]
  }

  /** A bookmark: the watch has passed this version. */
  passed(version: string): void {
    this.#overlay.passed(version)
    this.#version = version
  }

  /** Whether a version of the watch lies before one that was seen already: the server's history was restored from a backup. */
  goesBack(version: string | undefined): boolean {
    return (compareVersions(version, this.#version) ?? 0) < 0
  }

  /** Versions mean nothing until the next list: no own write is to be seen, and an equal version is no sign of an equal object. */
  restored(): void {
    this.#overlay.clear()
    this.#restored = true
  }

  /** Own writes are no longer seen. */
  forgetWrites(): void {
    this.#overlay.clear()
  }

  /** Begins to take in a whole list, page by page; the store changes when it is finished, all at once. */
  relist(): Relist {
    const { kind, pool } = this.#options
    const listed = new Map<string, KubernetesObject>()
    return {
      page: (objects, version) => {
        if (this.goesBack(version)) this.restored()
        for (const wire of objects) {
          const key = pool.string(objectKey(wire.metadata))
          const known = this.#objects.get(key)
          // The same version of the same object: the one that is held already serves, and the new one is garbage at once.
          const serves = known && !this.#restored && same(known, wire) && isSameContent(known, wire)
          listed.set(key, serves ? known : this.#ingest(wire))
        }
      },
      finish: (version) => {
        const old = this.#objects
        this.#overlay.clear()
        this.#objects = listed
        this.#byUid.clear()
        this.#groups.clear()
        for (const [key, object] of listed) this.#register(key, object)
        this.#version = version
        this.#restored = false
        const changes: Change[] = []
        for (const [key, before] of old) if (before.metadata.uid !== listed.get(key)?.metadata.uid) changes.push({ kind, before })
        for (const [key, after] of listed) {
          const before = old.get(key)
          if (before === after) continue
          changes.push(before && before.metadata.uid === after.metadata.uid ? { kind, before, after } : { kind, after })
        }
        return changes
      },
    }
  }

  #put(key: string, before: KubernetesObject | undefined, wire: KubernetesObject): Change[] {
    const { kind } = this.#options
    if (before && same(before, wire)) return []
    const after = this.#ingest(wire)
    if (before) this.#remove(key, before)
    this.#objects.set(key, after)
    this.#register(key, after)
    if (!before) return [{ kind, after }]
    return before.metadata.uid === after.metadata.uid
      ? [{ kind, before, after }]
      : [
          { kind, before },
          { kind, after },
        ]
  }

  #register(key: string, object: KubernetesObject): void {
    if (object.metadata.uid !== undefined) this.#byUid.set(object.metadata.uid, object)
    const value = this.#options.index?.(object)
    if (value !== undefined) this.#groups.add(value, key)
  }

  #remove(key: string, object: KubernetesObject): void {
    this.#objects.delete(key)
    if (object.metadata.uid !== undefined) this.#byUid.delete(object.metadata.uid)
    const value = this.#options.index?.(object)
    if (value !== undefined) this.#groups.delete(value, key)
  }

  #ingest(wire: KubernetesObject): KubernetesObject {
    const { kind, ingest, pool } = this.#options
    // The items of a list of a built-in kind carry neither.
    const whole = wire.kind ? wire : { ...wire, apiVersion: apiVersionOf(kind), kind: kind.kind }
    return freezeShared(ingest?.(whole) ?? whole, pool)
  }
}

/** A list being taken in. One that fails halfway is dropped, and the store has not changed. */
export interface Relist {
  /** `version` is the list's own. */
  page(objects: readonly KubernetesObject[], version: string | undefined): void
  /** The answer is what differs from before, deletions first. */
  finish(version: string | undefined): Change[]
}

const same = (known: KubernetesObject, wire: KubernetesObject): boolean =>
  known.metadata.uid === wire.metadata.uid &&
  wire.metadata.resourceVersion !== undefined &&
  known.metadata.resourceVersion === wire.metadata.resourceVersion
