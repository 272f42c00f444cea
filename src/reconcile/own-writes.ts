/**
 * What the passes of one primary have written of late, and after whose writes.
 *
 *   A writes, since its spec changed ─▶ B, which looks that up, writes after A ─▶ A, which looks that up, writes after B and A
 *
 * A pass is after others' writes if nothing has changed since its last one that wrote but what passes of others wrote. What is after a
 * primary's own writes has come round: to that primary it is as if it had written it itself.
 */
import type { KubernetesObject } from '../api/object.ts'

/** Who made a version of an object. */
export interface Making {
  version: string
  /** UID of the primary. */
  by: string
  /** UIDs of the other primaries after whose writes its pass was. */
  after: ReadonlySet<string>
}

/** What a pass begins with, as far as it counts here. */
export interface Found {
  /** Of the primary. */
  uid: string
  /** States and versions of what no pass has made. */
  unmade: string
  /** What passes of other primaries have made, by the objects' UIDs. */
  made: ReadonlyMap<string, Making>
  /** The primary's own dependents, by UID. */
  dependents: ReadonlyMap<string, KubernetesObject>
}

/** A cache can be behind by some of our own versions. */
const remembered = 8

export class OwnWrites {
  /** By UID of the object. */
  readonly #made = new Map<string, readonly { version: string; after: ReadonlySet<string> }[]>()
  /** While a pass is under way. */
  #found: Found | undefined
  /** What the last pass that wrote began with. */
  #last: Pick<Found, 'unmade' | 'made'> | undefined
  #after: Set<string> = new Set()

  begin(found: Found): void {
    this.#found = found
    const last = this.#last
    const isAfterOthers = last !== undefined && last.unmade === found.unmade
    const news = isAfterOthers ? [...found.made].filter(([uid, { version }]) => last.made.get(uid)?.version !== version) : []
    this.#after = new Set(news.flatMap(([, { by, after }]) => [by, ...after]))
    this.#after.delete(found.uid)
  }

  /** The pass has written something, and none of it to put right what somebody else did. */
  wrote(): void {
    if (this.#found) this.#last = { unmade: this.#found.unmade, made: this.#found.made }
  }

  ended(): void {
    this.#found = undefined
  }

  /** The other primaries after whose writes the pass is, or the last one was. */
  get after(): ReadonlySet<string> {
    return this.#after
  }

  /** This version was made by the pass. */
  made({ metadata: { uid = '', resourceVersion: version = '' } }: KubernetesObject): void {
    this.#made.set(uid, [...(this.#made.get(uid) ?? []), { version, after: this.#after }].slice(-remembered))
  }

  /** It is gone. */
  forget(uid: string): void {
    this.#made.delete(uid)
  }

  /**
   * After whose writes the primary made this version; undefined if it did not. A dependent whose version is news is taken for the work of the
   * pass that is under way: its event is often here before the answer to the write.
   */
  afterWhom({ metadata: { uid = '', resourceVersion: version = '' } }: KubernetesObject): ReadonlySet<string> | undefined {
    const known = this.#made.get(uid)?.find((each) => each.version === version)
    if (known) return known.after
    return this.#found && this.#found.dependents.get(uid)?.metadata.resourceVersion !== version ? this.#after : undefined
  }

  has(object: KubernetesObject): boolean {
    const { uid = '', resourceVersion } = object.metadata
    return this.#made.get(uid)?.some(({ version }) => version === resourceVersion) ?? false
  }
}
