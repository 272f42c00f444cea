/**
 * The records of one primary as a walk goes: what is recorded, with what the walk changes, and those changes for the shell to write.
 */
import { equalJson } from '../../api/equal.ts'
import type { JsonObject, JsonValue } from '../../api/object.ts'
import type { ActRecord, FailedBlock, RecordChanges, RecordId, Records, ScheduleRecord } from '../../reconcile/walk.ts'
import type { Step } from '../step.ts'

export class Ledger {
  readonly #records: Records
  readonly #running: ReadonlySet<RecordId>
  readonly #memory: Record<string, JsonValue | null> = {}
  readonly #acts: Record<RecordId, ActRecord | null> = {}
  readonly #waits: Record<string, number | null> = {}
  readonly #blocks: Record<string, FailedBlock | null> = {}
  readonly #schedules: Record<string, ScheduleRecord | null> = {}
  /** What the walk has come by: any other record of its lane is of a step that is no more. */
  readonly #met = new Set<string>()
  readonly cancelled: RecordId[] = []

  constructor(records: Records, running: readonly RecordId[]) {
    this.#records = records
    this.#running = new Set(running)
  }

  /** What differs from what is recorded. */
  get changes(): RecordChanges {
    return Object.fromEntries(
      Object.entries({
        memory: this.#memory,
        acts: this.#acts,
        waits: this.#waits,
        blocks: this.#blocks,
        schedules: this.#schedules,
      }).filter(([, changes]) => Object.keys(changes).length > 0),
    )
  }

  act(id: RecordId): ActRecord | undefined {
    this.#met.add(id)
    return (id in this.#acts ? this.#acts[id] : this.#records.acts[id]) ?? undefined
  }

  setAct(id: RecordId, record: ActRecord): void {
    this.#met.add(id)
    this.#acts[id] = record
  }

  cancel(id: RecordId): void {
    this.cancelled.push(id)
  }

  /** The records of a step and of all its items. */
  under(prefix: RecordId): RecordId[] {
    return Object.keys(this.#records.acts).filter((id) => id === prefix || id.startsWith(`${prefix}/`))
  }

  /** The records of its items that are no longer in the loop. */
  without(prefix: RecordId, wanted: ReadonlySet<string>): RecordId[] {
    return Object.keys(this.#records.acts).filter(
      (id) => id.startsWith(`${prefix}/`) && !wanted.has(id.slice(prefix.length + 1).split('/', 1)[0] as string),
    )
  }

  /** It may act again. What still runs is left to end, or cancelled, before its record goes. */
  closeAct(id: RecordId, step?: Step): void {
    this.#met.add(id)
    if (!this.#running.has(id)) this.#acts[id] = null
    else if (step?.onAbandon === 'cancel') this.cancel(id)
  }

  /** Neither a wait nor a failure of the step goes on. */
  forget(id: string): void {
    this.stopWaiting(id)
    if (id in this.#records.blocks) this.#blocks[id] = null
  }

  /** What a lane that was walked to its end has not come by. */
  closeUnknown(lane: string): void {
    this.#closeLane(lane, (id) => !this.#met.has(id))
  }

  /** A run of a schedule has ended: nothing of it is asked for again. */
  closeLane(lane: string): void {
    for (const changes of [this.#acts, this.#waits, this.#blocks])
      for (const id of Object.keys(changes)) if (id.startsWith(`${lane}/`)) delete changes[id]
    this.#closeLane(lane, () => true)
  }

  /** The same, where another takes its place: what runs of it is cancelled. */
  replaceLane(lane: string): void {
    for (const id of this.#running) if (id.startsWith(`${lane}/`)) this.cancel(id)
    this.closeLane(lane)
  }

  /** The acts of all lanes whose names begin so, but for this one: what they left running is closed when it has ended. */
  closeOthers(lanes: string, lane: string | undefined): void {
    for (const id of Object.keys(this.#records.acts))
      if (id.startsWith(lanes) && !(lane !== undefined && id.startsWith(`${lane}/`)) && !(id in this.#acts)) this.closeAct(id)
  }

  #closeLane(lane: string, isMeant: (id: string) => boolean): void {
    const { acts, waits, blocks } = this.#records
    const idsOf = (of: object): string[] => Object.keys(of).filter((id) => id.startsWith(`${lane}/`) && isMeant(id))
    for (const id of idsOf(acts)) this.closeAct(id)
    for (const id of idsOf(waits)) this.#waits[id] = null
    for (const id of idsOf(blocks)) this.#blocks[id] = null
  }

  block(id: string): FailedBlock | undefined {
    this.#met.add(id)
    return (id in this.#blocks ? this.#blocks[id] : this.#records.blocks[id]) ?? undefined
  }

  setBlock(id: string, block: FailedBlock | null): void {
    this.#met.add(id)
    this.#blocks[id] = block
  }

  /** When the wait began, if it did. */
  waiting(id: string): number | undefined {
    return this.#records.waits[id]
  }

  /** The same: now, if it begins. */
  waitingSince(id: string, now: number): number {
    this.#met.add(id)
    const known = this.#records.waits[id]
    if (known !== undefined) return known
    this.#waits[id] = now
    return now
  }

  stopWaiting(id: string): void {
    this.#met.add(id)
    if (id in this.#records.waits) this.#waits[id] = null
  }

  /** it.memory with this in it. */
  remember(name: string, value: JsonValue): JsonObject {
    const before = this.#records.memory[name]
    if (value === null ? before === undefined : equalJson(before, value)) delete this.#memory[name]
    else this.#memory[name] = value
    const memory: Record<string, JsonValue | undefined> = { ...this.#records.memory }
    for (const [key, changed] of Object.entries(this.#memory)) {
      if (changed === null) delete memory[key]
      else memory[key] = changed
    }
    return memory
  }

  schedule(name: string): ScheduleRecord | undefined {
    return (name in this.#schedules ? this.#schedules[name] : this.#records.schedules[name]) ?? undefined
  }

  setSchedule(name: string, record: ScheduleRecord): void {
    if (equalJson(record, this.#records.schedules[name])) delete this.#schedules[name]
    else this.#schedules[name] = record
  }
}
