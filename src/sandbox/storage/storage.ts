/**
 * Where the objects lie: what etcd and the watch cache are to a real server.
 *
 * One counter numbers all writes. Each storage keeps its objects and a window of its last changes, from which watches start and past states
 * are rebuilt; what is older is `expired`. Objects are never changed after they were stored. Everything is synchronous, so that a request
 * that reads, decides and writes is one transaction.
 */
import { type KubernetesObject, type ObjectMeta, objectKey } from '../../api/object.ts'
import { Collection } from './collection.ts'

export interface StoredChange {
  readonly storage: string
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** The new state; of a deleted object the last one, with the version of its deletion. */
  readonly object: KubernetesObject
  readonly previous: KubernetesObject | undefined
  readonly revision: number
}

export type ChangeListener = (change: StoredChange) => void

export interface StorageOptions {
  /** The version before the first write. */
  readonly revision: number
  /** How many changes of each storage are kept for watches and for lists at an older version. */
  readonly history: number
}

interface Shelf {
  readonly collection: Collection
  changes: StoredChange[]
  /** A watch can start from here: every later change is in `changes`. */
  oldest: number
}

const keyOf = (object: KubernetesObject): string => objectKey(object.metadata)

export class Storage {
  readonly #shelves = new Map<string, Shelf>()
  readonly #listeners = new Map<string, Set<ChangeListener>>()
  readonly #everyListener = new Set<ChangeListener>()
  readonly #history: number
  #start: number
  #revision: number

  constructor({ revision, history }: StorageOptions) {
    this.#revision = revision
    this.#start = revision
    this.#history = history
  }

  /** The version of the last write. */
  get revision(): number {
    return this.#revision
  }

  get(storage: string, namespace: string, name: string): KubernetesObject | undefined {
    return this.#shelves.get(storage)?.collection.get(objectKey({ namespace, name }))
  }

  /** All objects, or those of one namespace, ordered by namespace and name. */
  list(storage: string, namespace = ''): Iterable<KubernetesObject> {
    return this.#shelves.get(storage)?.collection.values(namespace ? `${namespace}/` : '') ?? []
  }

  count(storage: string): number {
    return this.#shelves.get(storage)?.collection.size ?? 0
  }

  /** The storages that hold or held something. */
  storages(): Iterable<string> {
    return this.#shelves.keys()
  }

  /** Stores a new object or a new state, and answers it with its version. */
  put(storage: string, object: KubernetesObject): KubernetesObject {
    const shelf = this.#shelf(storage)
    const revision = ++this.#revision
    const stored = withVersion(object, revision)
    const key = keyOf(stored)
    const previous = shelf.collection.get(key)
    shelf.collection.set(key, stored)
    this.#publish(shelf, { storage, type: previous ? 'MODIFIED' : 'ADDED', object: stored, previous, revision })
    return stored
  }

  /** Takes an object away, and answers its last state with the version of the deletion. `last`: a state that nobody saw before. */
  remove(storage: string, object: KubernetesObject, last: KubernetesObject = object): KubernetesObject {
    const shelf = this.#shelf(storage)
    const revision = ++this.#revision
    const gone = withVersion(last, revision)
    shelf.collection.delete(keyOf(object))
    this.#publish(shelf, { storage, type: 'DELETED', object: gone, previous: object, revision })
    return gone
  }

  /** The state at an earlier version, in order; undefined where the history does not reach back so far. */
  listAt(storage: string, namespace: string, revision: number): KubernetesObject[] | undefined {
    const later = this.changesSince(storage, revision)
    if (!later) return undefined
    if (later.length === 0) return [...this.list(storage, namespace)]
    const objects = new Map<string, KubernetesObject>()
    for (const object of this.list(storage, namespace)) objects.set(keyOf(object), object)
    for (let at = later.length - 1; at >= 0; at--) {
      const { object, previous } = later[at] as StoredChange
      if (namespace && object.metadata.namespace !== namespace) continue
      if (previous) objects.set(keyOf(object), previous)
      else objects.delete(keyOf(object))
    }
    return [...objects.keys()].sort().map((key) => objects.get(key) as KubernetesObject)
  }

  /** The changes after a version, oldest first; undefined where the history does not reach back so far. */
  changesSince(storage: string, revision: number): readonly StoredChange[] | undefined {
    const shelf = this.#shelves.get(storage)
    if (!shelf) return revision < this.#start ? undefined : []
    if (revision < shelf.oldest) return undefined
    let low = 0
    let high = shelf.changes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((shelf.changes[middle] as StoredChange).revision <= revision) low = middle + 1
      else high = middle
    }
    return shelf.changes.slice(low)
  }

  /** The version that watches of a storage may start from at the earliest. */
  oldest(storage: string): number {
    return this.#shelves.get(storage)?.oldest ?? this.#start
  }

  /** Calls back for each change of one storage, or of all, right after it was made; the answer ends that. */
  subscribe(listener: ChangeListener, storage?: string): () => void {
    const listeners = storage === undefined ? this.#everyListener : this.#listenersOf(storage)
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /** Forgets all changes so far: watches that start before now are told that they are too late. */
  compact(): void {
    for (const shelf of this.#shelves.values()) {
      shelf.changes = []
      shelf.oldest = this.#revision
    }
    this.#start = this.#revision
  }

  /** The same for one storage. */
  compactOne(storage: string): void {
    const shelf = this.#shelf(storage)
    shelf.changes = []
    shelf.oldest = this.#revision
  }

  /** Puts objects in place as they are, with their versions: a saved state. Nobody is told. */
  restore(storage: string, objects: readonly KubernetesObject[], revision: number): void {
    this.#revision = Math.max(this.#revision, revision)
    for (const object of objects) this.#shelf(storage).collection.set(keyOf(object), object)
    this.compact()
  }

  #shelf(storage: string): Shelf {
    let shelf = this.#shelves.get(storage)
    if (!shelf) this.#shelves.set(storage, (shelf = { collection: new Collection(), changes: [], oldest: this.#start }))
    return shelf
  }

  #listenersOf(storage: string): Set<ChangeListener> {
    let listeners = this.#listeners.get(storage)
    if (!listeners) this.#listeners.set(storage, (listeners = new Set()))
    return listeners
  }

  #publish(shelf: Shelf, change: StoredChange): void {
    shelf.changes.push(change)
    // Twice the window is let grow before the older half goes, so that a change costs no copy.
    if (shelf.changes.length > 2 * this.#history) {
      const dropped = shelf.changes.length - this.#history
      shelf.oldest = (shelf.changes[dropped - 1] as StoredChange).revision
      shelf.changes = shelf.changes.slice(dropped)
    }
    for (const listener of this.#listeners.get(change.storage) ?? []) listener(change)
    for (const listener of this.#everyListener) listener(change)
  }
}

/** The object at a version, its metadata in the order in which the server writes it. */
function withVersion(object: KubernetesObject, revision: number): KubernetesObject {
  const { metadata } = object
  const result: Record<string, unknown> = {}
  for (const name of metadataOrder) {
    const value = name === 'resourceVersion' ? String(revision) : metadata[name]
    if (value !== undefined) result[name] = value
  }
  return { ...object, metadata: result as ObjectMeta }
}

/** All fields of metadata; there are no others. (meta/v1 ObjectMeta) */
const metadataOrder = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const
