/** The effects of playbooks as an operator has them: records in Secrets, acts and reads in this process. */
import type { Clock, Milliseconds } from '../api/clock.ts'
import type { KubernetesObject } from '../api/object.ts'
import type { ActRecord, ActRequest, ReadRequest, RecordChanges, RecordId } from '../reconcile/walk.ts'
import type { Change } from '../cache/informer.ts'
import { Acts, type Waiting } from './acts.ts'
import type { Result } from './apply-context.ts'
import type { Effects } from './effects.ts'
import type { Logger } from './log.ts'
import type { PassContext } from './pass-context.ts'
import { Readings } from './readings.ts'
import { recordsOf, writeRecords } from './records-store.ts'
import { ObjectEvents } from './object-events.ts'
import { commandRequests } from './requests/command.ts'
import { deleteRequests } from './requests/delete.ts'
import { execRequests } from './requests/exec.ts'
import { httpRequests } from './requests/http.ts'
import { jobRequests, tidyUp } from './requests/job.ts'
import { logsRequests } from './requests/logs.ts'
import { patchRequests } from './requests/patch.ts'
import type { RequestKind } from './requests/request.ts'
import { scaleRequests } from './requests/scale.ts'

/** What a person has set for all playbooks of an operator. */
export interface EffectOptions {
  /** Hosts that `http` may talk to: `api.example.com`, `*.example.com`; empty: all, but for link-local addresses. */
  httpAllowHosts: readonly string[]
  /** Asked first for the addresses of hosts: `10.96.0.10:53`. */
  dnsServer: string | undefined
  /** Whether programs may be run in the operator's own container. */
  allowCommands: boolean
}

export const defaultEffects: EffectOptions = { httpAllowHosts: [], dnsServer: undefined, allowCommands: false }

export interface PlaybookEffectsOptions extends EffectOptions {
  clock: Clock
  /** Milliseconds since the epoch. */
  now: () => Milliseconds
  log: Pick<Logger, 'error'>
  /** Something of the primary with this UID has been answered. */
  wake: (primaryUid: string) => void
  /** Kinds of the user's own. */
  kinds?: readonly RequestKind[]
}

export class PlaybookEffects implements Effects {
  readonly #acts: Acts
  readonly #readings: Readings
  readonly #kinds: readonly RequestKind[]
  readonly #events = new ObjectEvents()
  /** UIDs of primaries of which it is known what a process before this one has left. */
  readonly #tidied = new Set<string>()

  constructor(options: PlaybookEffectsOptions) {
    const { httpAllowHosts: allowHosts, dnsServer, allowCommands } = options
    this.#kinds = [
      httpRequests({ allowHosts, dnsServer }),
      jobRequests,
      deleteRequests,
      patchRequests,
      scaleRequests,
      execRequests,
      logsRequests,
      commandRequests({ isAllowed: allowCommands }),
      ...(options.kinds ?? []),
    ]
    const kinds = new Map(this.#kinds.map((kind) => [kind.kind, kind]))
    const { watch } = this.#events
    this.#readings = new Readings({ ...options, kinds, watch })
    // Nobody is to go on with what was read before.
    this.#acts = new Acts({ ...options, kinds, watch, answered: (uid) => this.#readings.drop(uid) })
  }

  inputsOf(primary: KubernetesObject, context: PassContext): ReturnType<Effects['inputsOf']> {
    const uid = primary.metadata.uid as string
    const records = recordsOf(primary, context)
    if (records.kind === 'known' && !this.#tidied.has(uid)) {
      if (tidyUp(primary, records.records, context, (work) => this.#acts.attend(work))) this.#tidied.add(uid)
    }
    return {
      records,
      responses: this.#acts.responsesOf(uid),
      running: this.#acts.runningOf(uid),
      readings: this.#readings.of(uid),
    }
  }

  /** The records are in a Secret of the primary, which has a version of its own. */
  versionOf({ metadata }: KubernetesObject): string {
    const uid = metadata.uid as string
    return `${this.#acts.versionOf(uid)}|${this.#readings.versionOf(uid)}`
  }

  async record(primary: KubernetesObject, changes: RecordChanges, context: PassContext): Promise<Result | undefined> {
    const result = await writeRecords(primary, changes, context)
    switch (result.kind) {
      case 'written':
      case 'unchanged':
        this.#acts.forget(primary.metadata.uid as string, Object.keys(changes.acts ?? {}))
        return undefined
      case 'refused': {
        const { message, remedy } = result.problem
        return { kind: 'conflict', object: 'the records', message: remedy === undefined ? message : `${message}; ${remedy}` }
      }
      default:
        return result
    }
  }

  begin(primary: KubernetesObject, acts: readonly ActRequest[], context: PassContext): void {
    this.#acts.begin(primary, acts, context)
  }

  cancel(primaryUid: string, records: readonly RecordId[]): void {
    for (const record of records) this.#acts.cancel(primaryUid, record)
  }

  keepReads(primary: KubernetesObject, reads: readonly ReadRequest[], _waits: boolean, context: PassContext): void {
    this.#readings.want(primary, reads, context)
  }

  observed(change: Change): void {
    this.#events.tell(change)
  }

  forget(primaryUid: string): void {
    this.#tidied.delete(primaryUid)
    this.#acts.drop(primaryUid)
    this.#readings.forget(primaryUid)
  }

  async settle(): Promise<void> {
    await this.#acts.settle()
  }

  async stop(): Promise<void> {
    const [waiting] = await Promise.all([this.#acts.stop(), this.#readings.stop()])
    await this.#takeBack(waiting)
    await Promise.all(this.#kinds.map(async (kind) => await kind.close?.()))
  }

  /** Of acts that were never begun the intents go: the next process does not have to take them for perhaps done. */
  async #takeBack(waiting: readonly Waiting[]): Promise<void> {
    const byPrimary = Map.groupBy(waiting, ({ primary }) => primary.metadata.uid)
    const writes = [...byPrimary.values()].map(async (acts) => {
      const [{ primary, context }] = acts as [Waiting]
      const state = recordsOf(primary, context)
      if (state.kind !== 'known') return
      const changes = acts.flatMap(({ request }) => {
        const record = state.records.acts[request.record]
        // One that is asked for again may have been done before; one that holds a result is giving something back.
        const isOwn = record?.state === 'started' && record.hash === request.hash && record.result === undefined
        return !isOwn || request.isRepeated ? [] : [[request.record, notBegun(record, request.attempt)] as const]
      })
      await writeRecords(primary, { acts: Object.fromEntries(changes) }, context)
    })
    await Promise.all(writes)
  }
}

/** The record before the intent, as far as it counts: the tries until then. */
function notBegun(record: ActRecord, attempt: number): ActRecord | null {
  if (attempt === 1) return null
  const { tries: _tries, ...rest } = record
  return { ...rest, state: 'again', ...(attempt > 2 && { tries: attempt - 1 }) }
}
