/** What an operator brings about beside objects that it applies: the acts and the reads of its playbooks. */
import type { Clock, Milliseconds } from '../api/clock.ts'
import { Acts } from './acts.ts'
import type { Logger } from './log.ts'
import { Readings } from './readings.ts'
import { deleteRequests } from './requests/delete.ts'
import { httpRequests } from './requests/http.ts'
import type { RequestKind } from './requests/request.ts'

/** What a person has set for all of them. */
export interface EffectOptions {
  /** Hosts that `http` may talk to: `api.example.com`, `*.example.com`; empty: all, but for link-local addresses. */
  httpAllowHosts: readonly string[]
  /** Asked first for the addresses of hosts: `10.96.0.10:53`. */
  dnsServer: string | undefined
}

export const defaultEffects: EffectOptions = { httpAllowHosts: [], dnsServer: undefined }

export interface EffectsOptions extends EffectOptions {
  clock: Clock
  /** Milliseconds since the epoch. */
  now: () => Milliseconds
  log: Pick<Logger, 'error'>
  /** Something of the primary with this UID has been answered. */
  wake: (primaryUid: string) => void
}

export class Effects {
  readonly acts: Acts
  readonly readings: Readings
  readonly #kinds: readonly RequestKind[]

  constructor(options: EffectsOptions) {
    this.#kinds = [deleteRequests, httpRequests({ allowHosts: options.httpAllowHosts, dnsServer: options.dnsServer })]
    const kinds = new Map(this.#kinds.map((kind) => [kind.kind, kind]))
    this.acts = new Acts({ ...options, kinds })
    this.readings = new Readings({ ...options, kinds })
  }

  /** Another text whenever something has been answered for the primary. */
  versionOf(primaryUid: string): string {
    return `${this.acts.versionOf(primaryUid)}|${this.readings.versionOf(primaryUid)}`
  }

  /** The primary is gone. */
  forget(primaryUid: string): void {
    this.acts.drop(primaryUid)
    this.readings.forget(primaryUid)
  }

  /** Resolves when nothing runs any more; nothing begins from now on. */
  async stop(): Promise<void> {
    await Promise.all([this.acts.stop(), this.readings.stop()])
    await Promise.all(this.#kinds.map((kind) => kind.close?.()))
  }
}
