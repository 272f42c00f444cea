/**
 * Read-your-writes: the answers of own writes whose events have not come yet.
 *
 * An entry stands for one UID and falls away at the first sign that the watch has caught up or that versions mean nothing any more; the
 * store decides which signs those are. Whatever was missed, an entry is gone after a minute, so that reality is never hidden for long.
 */
import type { Clock, Milliseconds } from '../api/clock.ts'
import { type KubernetesObject, objectKey } from '../api/object.ts'
import { Groups } from './groups.ts'
import { compareVersions } from './version.ts'

export const overlayLifetime: Milliseconds = 60_000

interface Entry {
  key: string
  object: KubernetesObject
  /** The value that it is found by in the store's index. */
  group: string | undefined
  until: Milliseconds
}

export class Overlay {
  readonly #clock: Clock
  readonly #byUid = new Map<string, Entry>()
  readonly #byKey = new Map<string, Entry>()
  /** UIDs by the value of the index: in a burst hundreds of answers are ahead of their events, and each pass asks for a few of them. */
  readonly #groups = new Groups()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether nothing stands here: the usual case, which costs one comparison a read. */
  get empty(): boolean {
    return this.#byUid.size === 0
  }

  set(uid: string, object: KubernetesObject, group: string | undefined): void {
    this.drop(uid)
    const entry = { key: objectKey(object.metadata), object, group, until: this.#clock.now() + overlayLifetime }
    this.#byUid.set(uid, entry)
    if (group !== undefined) this.#groups.add(group, uid)
    const other = this.#byKey.get(entry.key)
    if (other) this.drop(other.object.metadata.uid as string)
    this.#byKey.set(entry.key, entry)
  }

  get(key: string): KubernetesObject | undefined {
    const entry = this.#byKey.get(key)
    return entry && this.#alive(entry) ? entry.object : undefined
  }

  byUid(uid: string): KubernetesObject | undefined {
    const entry = this.#byUid.get(uid)
    return entry && this.#alive(entry) ? entry.object : undefined
  }

  /** The entries that stand, oldest first. */
  values(): KubernetesObject[] {
    return [...this.#byUid.values()].filter((entry) => this.#alive(entry)).map(({ object }) => object)
  }

  /** The entries of one value of the index that stand. */
  ofGroup(group: string): KubernetesObject[] {
    // Asking for one that is too old drops it, so the names are taken first.
    return [...this.#groups.keys(group)].flatMap((uid) => this.byUid(uid) ?? [])
  }

  drop(uid: string): void {
    const entry = this.#byUid.get(uid)
    if (!entry) return
    this.#byUid.delete(uid)
    if (entry.group !== undefined) this.#groups.delete(entry.group, uid)
    if (this.#byKey.get(entry.key) === entry) this.#byKey.delete(entry.key)
  }

  /** Drops the entry of this UID if the watch shows a version at or past it, or one that cannot be compared. */
  seen(uid: string, version: string | undefined): void {
    const entry = this.#byUid.get(uid)
    if (entry && !((compareVersions(version, entry.object.metadata.resourceVersion) ?? 0) < 0)) this.drop(uid)
  }

  /** Drops every entry that the watch has passed. */
  passed(version: string): void {
    for (const uid of [...this.#byUid.keys()]) this.seen(uid, version)
  }

  clear(): void {
    this.#byUid.clear()
    this.#byKey.clear()
    this.#groups.clear()
  }

  #alive(entry: Entry): boolean {
    if (this.#clock.now() < entry.until) return true
    this.drop(entry.object.metadata.uid as string)
    return false
  }
}
