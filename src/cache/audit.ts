/**
 * The audit: is a store still what the server holds?
 *
 * A watch that loses an event gives no sign of it. So from time to time everything is listed and compared with the store, by UID and
 * version. The store moves on while the pages come, so what differs is believed only when the watch has passed the list's version without
 * telling of it, or has told nothing for a while.
 */
import type { Clock, Milliseconds } from '../api/clock.ts'
import type { KubernetesObject } from '../api/object.ts'
import type { ApiClient } from '../kube/client.ts'
import { sleep } from '../kube/deadline.ts'
import { listPages, type Selection } from './list.ts'
import type { Store } from './store.ts'
import { compareVersions } from './version.ts'

export interface AuditOptions extends Selection {
  client: ApiClient
  store: Store
  path: string
  clock: Clock
}

/** How long an event may be on its way, and how often the store is looked at meanwhile. */
const patience: Milliseconds = 5_000
const look: Milliseconds = 250

export class Audit {
  readonly #options: AuditOptions
  readonly #deleted = new Set<string>()

  constructor(options: AuditOptions) {
    this.#options = options
  }

  /** The watch has told while the audit runs that this object is gone: the list may still have it. */
  deleted(uid: string | undefined): void {
    if (uid !== undefined) this.#deleted.add(uid)
  }

  /** The number of objects that the store misses, holds in an old version, or holds though they are gone. Rejects with ApiError. */
  async differences(signal: AbortSignal): Promise<number> {
    const { client, store, path, clock } = this.#options
    const listed = new Map<string, string | undefined>()
    let version: string | undefined
    for await (const page of listPages(client, path, this.#options, signal)) {
      version = page.version
      for (const { metadata } of page.items) if (metadata.uid !== undefined) listed.set(metadata.uid, metadata.resourceVersion)
    }
    for (let waited = 0; ; waited += look) {
      const found = this.#compare(listed, version)
      const isPast = (compareVersions(store.version, version) ?? 0) >= 0
      if (found === 0 || isPast || waited >= patience || signal.aborted) return signal.aborted ? 0 : found
      await sleep(clock, look, signal)
    }
  }

  #compare(listed: ReadonlyMap<string, string | undefined>, version: string | undefined): number {
    const { store } = this.#options
    let found = 0
    for (const [uid, itsVersion] of listed) {
      const held = store.watched(uid)
      if (held ? (compareVersions(held.metadata.resourceVersion, itsVersion) ?? -1) < 0 : !this.#deleted.has(uid)) found++
    }
    // What is newer than the list was made after it.
    const isOld = ({ metadata }: KubernetesObject): boolean => (compareVersions(metadata.resourceVersion, version) ?? -1) <= 0
    for (const held of store.watchedObjects()) if (!listed.has(held.metadata.uid as string) && isOld(held)) found++
    return found
  }
}
