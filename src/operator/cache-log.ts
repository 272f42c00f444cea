/** What the log tells of caches: why one of them is not synced, and that it is again. */
import { groupKind } from '../api/object.ts'
import type { Informer } from '../cache/informer.ts'
import type { Logger } from './log.ts'

export class CacheLog {
  readonly #log: Logger
  /** The reasons that were logged, by namespace. */
  readonly #told = new WeakMap<Informer, Map<string, string>>()

  constructor(log: Logger) {
    this.#log = log
  }

  /** Logs what a cache cannot know and why: once, though it is tried again and again. */
  tell(informer: Informer, namespace: string): void {
    const kind = groupKind(informer.kind)
    const { state, reason } = namespace === '' ? informer : informer.within([namespace])
    const fields = { kind, state, ...(namespace && { namespace }) }
    const told = this.#told.get(informer) ?? new Map<string, string>()
    if (state === 'synced') return this.#log[told.delete(namespace) ? 'info' : 'debug'](fields, `${kind} is synced`)
    if (reason === undefined || told.get(namespace) === reason) return
    this.#told.set(informer, told.set(namespace, reason))
    this.#log.warn(fields, `${kind} is ${state}: ${reason}`)
  }
}
