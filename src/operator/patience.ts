/**
 * Patience with primaries that are on their way: one that is Reconciling for ten minutes is told, once.
 *
 * The status says since when, so a restart does not begin anew; what had its ten minutes before this process began was told by the one before.
 */
import type { Clock, Milliseconds } from '../api/clock.ts'
import type { JsonObject, KubernetesObject } from '../api/object.ts'

export interface PatienceOptions {
  clock: Clock
  /** Milliseconds since the epoch. */
  now: () => number
  /** Patience with a primary is at its end. */
  lost: (primary: KubernetesObject, note: string) => void
}

interface Waiting {
  primary: KubernetesObject
  message: string
  cancel: () => void
}

const limit: Milliseconds = 600_000

export class Patience {
  readonly #options: PatienceOptions
  readonly #waiting = new Map<string, Waiting>()

  constructor(options: PatienceOptions) {
    this.#options = options
  }

  /** Looks at the conditions of a primary after a pass. */
  look(primary: KubernetesObject, conditions: readonly JsonObject[]): void {
    const uid = primary.metadata.uid as string
    const reconciling = conditions.find(({ type, status }) => type === 'Reconciling' && status === 'True')
    if (!reconciling) return this.forget(uid)
    const message = String(reconciling['message'] ?? '')
    const known = this.#waiting.get(uid)
    if (known) {
      known.message = message
      return
    }
    const { clock, now, lost } = this.#options
    const left = Date.parse(String(reconciling['lastTransitionTime'])) + limit - now()
    // Also a time that cannot be read.
    if (!(left > 0)) return
    const cancel = clock.after(left, () => lost(primary, `on its way for ten minutes: ${waiting.message}`))
    const waiting: Waiting = { primary, message, cancel }
    this.#waiting.set(uid, waiting)
  }

  forget(primaryUid: string): void {
    this.#waiting.get(primaryUid)?.cancel()
    this.#waiting.delete(primaryUid)
  }

  stop(): void {
    for (const uid of [...this.#waiting.keys()]) this.forget(uid)
  }
}
