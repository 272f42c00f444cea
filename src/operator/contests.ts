/**
 * Objects that primaries want and others have, or that led to them in a chain which is too long: who is to look again when one of them is
 * free.
 *
 * All of it may be lost: a primary in conflict looks again by itself after a while.
 */
import { primaryUidLabel } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import { identityOf, orderable } from '../reconcile/order.ts'

export class Contests {
  readonly #waiting = new Map<string, Set<string>>()
  readonly #wanted = new Map<string, readonly string[]>()

  /** The objects (as `identityOf` gives them) that kept the primary with this UID from what it wants in its last pass. */
  note(uid: string, objects: readonly string[]): void {
    const before = this.#wanted.get(uid) ?? []
    if (before.length === 0 && objects.length === 0) return
    for (const object of before) this.#leave(object, uid)
    if (objects.length === 0) this.#wanted.delete(uid)
    else this.#wanted.set(uid, objects)
    for (const object of objects) this.#waiting.set(object, (this.#waiting.get(object) ?? new Set()).add(uid))
  }

  /** The UIDs of the primaries that may have the object now: it is gone, or its primary is another one. */
  freed(before: KubernetesObject | undefined, after: KubernetesObject | undefined): Iterable<string> {
    const object = before ?? after
    if (this.#waiting.size === 0 || !object) return []
    if (after && before?.metadata.labels?.[primaryUidLabel] === after.metadata.labels?.[primaryUidLabel]) return []
    return this.#waiting.get(identityOf(orderable(object))) ?? []
  }

  #leave(object: string, uid: string): void {
    const waiting = this.#waiting.get(object)
    waiting?.delete(uid)
    if (waiting?.size === 0) this.#waiting.delete(object)
  }
}
