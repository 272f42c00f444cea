/**
 * Kinds that come into being while the operator runs: a definition that somebody renders beside objects of its kind.
 *
 * The kind's cache has found that nothing serves it, and would look again in a minute. A definition that is Established is served a
 * moment later, so the server is asked until it says so, and then the cache is told.
 */
import type { Clock } from '../api/clock.ts'
import type { GroupVersionKind, KubernetesObject } from '../api/object.ts'
import { objectAt, listAt, stringAt } from '../api/readiness-parts.ts'
import { readiness } from '../api/readiness.ts'
import type { Cache } from '../cache/cache.ts'
import { sleep } from '../kube/deadline.ts'
import { isApiError } from '../kube/errors.ts'
import { definedKind } from '../reconcile/order.ts'
import type { ApiDirectory } from './api-directory.ts'

/** Milliseconds between two looks, and after which the cache's own minute is enough. */
const firstPause = 25
const longestPause = 1_000
const patience = 30_000

export class DefinedKinds {
  readonly #directory: ApiDirectory
  readonly #cache: Cache
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #awaited = new Set<string>()

  constructor({ directory, cache, clock }: { directory: ApiDirectory; cache: Cache; clock: Clock }, signal: AbortSignal) {
    this.#directory = directory
    this.#cache = cache
    this.#clock = clock
    this.#signal = signal
  }

  /** A dependent changed: if it is a definition that is served by now, caches of its kinds that are waiting look again. */
  changed(object: KubernetesObject): void {
    const defined = definedKind(object)
    if (!defined || readiness(object).state !== 'current') return
    for (const { kind, state } of this.#cache.informers()) {
      if (state !== 'gone' || kind.group !== defined.group || kind.kind !== defined.kind || !servesVersion(object, kind.version)) continue
      void this.#await(kind)
    }
  }

  async #await(kind: GroupVersionKind): Promise<void> {
    const name = `${kind.group}/${kind.version}/${kind.kind}`
    if (this.#awaited.has(name)) return
    this.#awaited.add(name)
    try {
      let waited = 0
      for (let pause = firstPause; waited < patience && !this.#signal.aborted; pause = Math.min(longestPause, pause * 2)) {
        if (await this.#served(kind)) return this.#cache.retryNow(kind)
        await sleep(this.#clock, pause, this.#signal)
        waited += pause
      }
    } finally {
      this.#awaited.delete(name)
    }
  }

  async #served(kind: GroupVersionKind): Promise<boolean> {
    try {
      return (await this.#directory.resolve(kind, this.#signal)) !== undefined
    } catch (error) {
      if (isApiError(error)) return false
      throw error
    }
  }
}

const servesVersion = (definition: KubernetesObject, version: string): boolean =>
  listAt(objectAt(definition, 'spec'), 'versions').some((each) => stringAt(each, 'name') === version && each['served'] === true)
