/**
 * What the server serves, looked at again and again while somebody waits for it: kinds that are gone, APIs whose backend is down, and
 * templates that read `it.capabilities`.
 *
 * The server does not tell of such changes. It answers all of discovery with a tag, so a look at which nothing has changed is one small
 * request; where nobody waits, none is made.
 */
import type { Clock, Milliseconds } from '../api/clock.ts'
import type { Cache } from '../cache/cache.ts'
import { sleep } from '../kube/deadline.ts'
import { isApiError } from '../kube/errors.ts'
import type { ApiDirectory } from './api-directory.ts'

/** Between two looks, a fifth more or less. */
const interval: Milliseconds = 10_000

export interface ApiWatchOptions {
  directory: ApiDirectory
  cache: Cache
  clock: Clock
  /** From 0 up to 1, 1 excluded. */
  random: () => number
  /** Whether any program reads what the cluster offers. */
  isRead: () => boolean
}

/** Resolves when the signal ends it. */
export async function watchApis({ directory, cache, clock, random, isRead }: ApiWatchOptions, signal: AbortSignal): Promise<void> {
  while (await sleep(clock, interval * (0.8 + 0.4 * random()), signal)) {
    const missed = [...cache.informers()].filter(({ state, failed }) => failed && state !== 'forbidden').map(({ kind }) => kind)
    if (missed.length === 0 && !isRead()) continue
    const wasServed = missed.map((kind) => directory.isServed(kind))
    try {
      await directory.look(signal)
    } catch (error) {
      // A server that does not answer is asked again the next time.
      if (!isApiError(error)) throw error
    }
    for (const [at, kind] of missed.entries()) if (!wasServed[at] && directory.isServed(kind)) cache.retryNow(kind)
  }
}
