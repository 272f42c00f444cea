/** When a reflector audits its store, and what follows: every few minutes while it watches, and when somebody asks. */
import type { Milliseconds } from '../api/clock.ts'
import { Audit, type AuditOptions } from './audit.ts'
import { type Failure, failureOf } from './failure.ts'
import { Pause } from './pause.ts'

export interface AuditorOptions extends Omit<AuditOptions, 'path'> {
  /** From 0 up to 1, 1 excluded. */
  random: () => number
  /** Milliseconds between two audits, a fifth more or less; 0: only when asked for. */
  interval: Milliseconds
  /** An audit ended: so many objects have to be put right. */
  ended: (repairs: number) => void
}

export class Auditor {
  readonly #options: AuditorOptions
  readonly #pause: Pause
  #running: Audit | undefined
  #asked: PromiseWithResolvers<number> | undefined

  constructor(options: AuditorOptions) {
    this.#options = options
    this.#pause = new Pause(options.clock)
  }

  /** Resolves to what an audit found, which is put right a moment later; at once to 0 where there is nothing to compare. */
  async now(): Promise<number> {
    if (!this.#pause.isOn && !this.#running) return 0
    this.#asked ??= Promise.withResolvers<number>()
    this.#pause.end()
    return await this.#asked.promise
  }

  /** The watch has told that this object is gone. */
  deleted(uid: string | undefined): void {
    this.#running?.deleted(uid)
  }

  /** Audits the collection at this path until something is found that only another list can put right. Undefined: the signal. */
  async run(path: string, signal: AbortSignal): Promise<Failure | undefined> {
    const { interval, random, ended } = this.#options
    try {
      while (!signal.aborted) {
        if (!this.#asked) await this.#pause.for(interval > 0 ? interval * (0.8 + 0.4 * random()) : Infinity, signal)
        if (signal.aborted) return undefined
        this.#running = new Audit({ ...this.#options, path })
        const found = await this.#running.differences(signal).catch(failureOf)
        this.#running = undefined
        if (signal.aborted) return undefined
        if (typeof found === 'number') {
          ended(found)
          this.#answer(found)
          if (found > 0) return { kind: 'differs', reason: `an audit found ${found} objects that the watch had not told of` }
        }
        // A permission that was withdrawn is known from now on; a server that does not answer is asked the next time.
        else if (found.kind === 'forbidden' || found.kind === 'gone') return found
        this.#answer(0)
      }
      return undefined
    } finally {
      this.#running = undefined
      this.#answer(0)
    }
  }

  #answer(found: number): void {
    this.#asked?.resolve(found)
    this.#asked = undefined
  }
}
