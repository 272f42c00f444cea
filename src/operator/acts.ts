/**
 * The acts that run: begun by passes, carried out beside them, and judged by later passes.
 *
 *   begin ──▶ waiting ──a place is free──▶ running ──▶ answered ──the walk has recorded it──▶ forgotten
 *                │                            └─ cancelled, too long, the operator stops
 *                └─ the primary is gone, the operator stops: never begun
 *
 * The intent is on record before an act is begun, so one that is lost with the process is known to be unknown. No worker waits for an act: the
 * primary is woken when all of its acts have answered, and while many run, from time to time, so that their outcomes are written together.
 */
import type { Milliseconds } from '../api/clock.ts'
import type { KubernetesObject } from '../api/object.ts'
import type { ActRequest, RecordId, Response } from '../reconcile/walk.ts'
import { primaryName } from './pass-report.ts'
import { carryOut, type CarryOutOptions } from './requests/carry-out.ts'
import { type BreakOff, failed, type RequestContext, requestOfAct } from './requests/request.ts'

export interface ActsOptions extends CarryOutOptions {
  /** An act of the primary with this UID has answered. */
  wake: (primaryUid: string) => void
  /** Called with each answer, before anybody is woken by it. */
  answered?: (primaryUid: string) => void
  /** Acts of one primary at a time; default 16. */
  mostOfOne?: number
  /** Acts at a time; default 64. */
  most?: number
  /** Milliseconds that acts may take to be recorded once the operator is to stop; default 5 s. */
  patience?: Milliseconds
}

/** Milliseconds between two looks at how many have answered. */
const lookEvery = 1_000
/** With more acts than these the primary is woken when all of them have answered, so that the acts of a loop cost few writes. */
const few = 8
/** Milliseconds after which it is woken all the same: what is not recorded is unknown after a crash. */
const longestUnrecorded = 30_000

interface Lane {
  uid: string
  waiting: Waiting[]
  /** One that is broken off since the operator stops goes on as running: nobody in this process is to ask for it again. */
  running: Map<RecordId, AbortController>
  /** The kinds of those that run. */
  kinds: Map<RecordId, string>
  answers: Map<RecordId, Answer>
  /** How many have answered since it was last woken, and since when in milliseconds. */
  unseen: number
  unseenSince: Milliseconds
  stopLooking: (() => void) | undefined
  version: number
}

/** An act whose intent is on record. */
export interface Waiting {
  request: ActRequest
  primary: KubernetesObject
  context: RequestContext
}

interface Answer extends Waiting {
  response: Response
}

export class Acts {
  readonly #options: Required<ActsOptions>
  readonly #lanes = new Map<string, Lane>()
  /** Those with acts that wait for a place, in the order of their turns. */
  readonly #turns = new Set<Lane>()
  readonly #ended = new Set<Promise<void>>()
  readonly #tidying = new Set<Promise<void>>()
  #changes = 0
  /** Nothing begins any more. */
  #isEnding = false
  #whenSettled: (() => void) | undefined

  constructor(options: ActsOptions) {
    this.#options = { mostOfOne: 16, most: 64, patience: 5_000, answered: () => {}, ...options }
  }

  /** Begins those that do not run and are not answered already. Their intents have to be on record. Once the operator stops they only wait. */
  begin(primary: KubernetesObject, requests: readonly ActRequest[], context: RequestContext): void {
    if (requests.length === 0) return
    const lane = this.#laneOf(primary.metadata.uid as string)
    const known = new Set([...lane.running.keys(), ...lane.answers.keys(), ...lane.waiting.map(({ request }) => request.record)])
    const fresh = requests.filter(({ record }) => !known.has(record))
    lane.waiting.push(...fresh.map((request) => ({ request, primary, context })))
    if (lane.waiting.length > 0) this.#turns.add(lane)
    this.#changed(lane)
    this.#fill()
  }

  /** What has been answered and not been forgotten, by record. */
  responsesOf(primaryUid: string): Readonly<Record<RecordId, Response>> {
    const answers = [...(this.#lanes.get(primaryUid)?.answers ?? [])]
    return Object.fromEntries(answers.map(([record, { response }]) => [record, response]))
  }

  /** Those that have no answer yet, also those that wait for a place. */
  runningOf(primaryUid: string): RecordId[] {
    const lane = this.#lanes.get(primaryUid)
    return lane ? [...lane.running.keys(), ...lane.waiting.map(({ request }) => request.record)] : []
  }

  /** Another text whenever one of the two above gives another answer. */
  versionOf(primaryUid: string): string {
    return String(this.#lanes.get(primaryUid)?.version ?? '')
  }

  /** Their outcomes are on record. */
  forget(primaryUid: string, records: Iterable<RecordId>): void {
    const lane = this.#lanes.get(primaryUid)
    if (!lane) return
    for (const record of records) {
      const answer = lane.answers.get(record)
      if (!answer) continue
      lane.answers.delete(record)
      this.#changed(lane)
      this.#settle(answer)
    }
    this.#tidy(lane)
  }

  /** One that waits is not begun; one that runs is broken off, and answers what it knows. */
  cancel(primaryUid: string, record: RecordId): void {
    const lane = this.#lanes.get(primaryUid)
    const at = lane?.waiting.findIndex(({ request }) => request.record === record) ?? -1
    if (lane && at >= 0) {
      const [waiting] = lane.waiting.splice(at, 1) as [Waiting]
      this.#answered(lane, { ...waiting, response: failed('it was cancelled before it began') })
    } else lane?.running.get(record)?.abort('cancelled' satisfies BreakOff)
  }

  /** The primary is gone: nobody asks for what its acts answer. */
  drop(primaryUid: string): void {
    const lane = this.#lanes.get(primaryUid)
    if (!lane) return
    this.#lanes.delete(primaryUid)
    this.#turns.delete(lane)
    lane.waiting = []
    lane.stopLooking?.()
    for (const running of lane.running.values()) running.abort('cancelled' satisfies BreakOff)
    if (this.#whenSettled && this.#isSettled) this.#whenSettled()
  }

  /**
   * The operator is about to stop, and its passes go on for now: nothing begins any more, and what runs may answer and be recorded. What the next
   * process finds again is left to it. Resolves when all is recorded, or after the patience.
   */
  async settle(): Promise<void> {
    const { kinds, clock, patience } = this.#options
    this.#isEnding = true
    for (const lane of this.#lanes.values()) {
      for (const [record, kind] of lane.kinds) if (kinds.get(kind)?.resumes) lane.running.get(record)?.abort('stopping' satisfies BreakOff)
      if (lane.unseen > 0) this.#wake(lane)
    }
    if (this.#isSettled) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#whenSettled = resolve
    const cancel = clock.after(patience, resolve)
    await promise
    cancel()
  }

  /** No pass runs any more. Breaks off what runs; resolves when nothing does, to the acts that were never begun. */
  async stop(): Promise<Waiting[]> {
    this.#isEnding = true
    for (const { running } of this.#lanes.values()) for (const each of running.values()) each.abort('stopping' satisfies BreakOff)
    await Promise.all(this.#ended)
    await Promise.all(this.#tidying)
    return [...this.#lanes.values()].flatMap(({ waiting }) => waiting)
  }

  get #isSettled(): boolean {
    const isOver = ({ reason }: AbortSignal): boolean => reason === 'stopping'
    return [...this.#lanes.values()].every(
      ({ answers, running }) => answers.size === 0 && [...running.values()].every(({ signal }) => isOver(signal)),
    )
  }

  #laneOf(uid: string): Lane {
    const known = this.#lanes.get(uid)
    if (known) return known
    const lane: Lane = {
      uid,
      waiting: [],
      running: new Map(),
      kinds: new Map(),
      answers: new Map(),
      unseen: 0,
      unseenSince: 0,
      stopLooking: undefined,
      version: 0,
    }
    this.#lanes.set(uid, lane)
    return lane
  }

  /** Primaries take turns, an act each. */
  #fill(): void {
    const { most, mostOfOne } = this.#options
    for (let found = !this.#isEnding; found && this.#ended.size < most; ) {
      found = false
      for (const lane of [...this.#turns]) {
        if (this.#ended.size >= most) return
        if (lane.running.size >= mostOfOne) continue
        const next = lane.waiting.shift()
        this.#turns.delete(lane)
        if (lane.waiting.length > 0) this.#turns.add(lane)
        if (!next) continue
        found = true
        const run = this.#run(lane, next)
        this.#ended.add(run)
        void run.then(() => {
          this.#ended.delete(run)
          this.#fill()
        })
      }
    }
  }

  async #run(lane: Lane, waiting: Waiting): Promise<void> {
    const { request, primary, context } = waiting
    const { record, step } = request
    const controller = new AbortController()
    lane.running.set(record, controller)
    lane.kinds.set(record, request.kind)
    const response = await carryOut(requestOfAct(request), { primary, context, step }, controller, this.#options)
    // Of what was broken off since the process ends, the next one is to find out.
    if (controller.signal.reason === 'stopping') return
    lane.running.delete(record)
    lane.kinds.delete(record)
    this.#answered(lane, { ...waiting, response })
  }

  #answered(lane: Lane, answer: Answer): void {
    if (this.#lanes.get(lane.uid) !== lane) return
    const { clock } = this.#options
    lane.answers.set(answer.request.record, answer)
    this.#changed(lane)
    this.#options.answered(lane.uid)
    if (lane.unseen === 0) lane.unseenSince = clock.now()
    lane.unseen++
    if (this.#isEnding || (lane.running.size === 0 && lane.waiting.length === 0)) this.#wake(lane)
    else lane.stopLooking ??= clock.after(lookEvery, () => this.#look(lane))
  }

  #look(lane: Lane): void {
    const { clock } = this.#options
    lane.stopLooking = undefined
    if (lane.unseen === 0) return
    if (lane.unseen + lane.running.size + lane.waiting.length <= few || clock.now() - lane.unseenSince >= longestUnrecorded)
      this.#wake(lane)
    else lane.stopLooking = clock.after(lookEvery, () => this.#look(lane))
  }

  #wake(lane: Lane): void {
    lane.stopLooking?.()
    lane.stopLooking = undefined
    lane.unseen = 0
    this.#options.wake(lane.uid)
  }

  /** What its kind keeps until the outcome is on record may go. */
  #settle({ request, primary, context, response }: Answer): void {
    const { kinds, clock, log, watch } = this.#options
    const kind = kinds.get(request.kind)
    if (!kind?.settled) return
    const { signal } = new AbortController()
    const work = kind.settled(requestOfAct(request), response, { primary, context, signal, clock, watch })
    this.attend(
      work.catch((error: unknown) => {
        const name = error instanceof Error ? error.name : typeof error
        log.error({ primary: primaryName(primary), step: request.step }, `what an act has left could not be tidied up: ${name}`)
      }),
    )
  }

  /** Work that the end of the operator waits for. */
  attend(work: Promise<void>): void {
    this.#tidying.add(work)
    void work.then(() => this.#tidying.delete(work))
  }

  #changed(lane: Lane): void {
    lane.version = ++this.#changes
    if (this.#whenSettled && this.#isSettled) this.#whenSettled()
  }

  #tidy(lane: Lane): void {
    if (lane.answers.size > 0 || lane.running.size > 0 || lane.waiting.length > 0) return
    lane.stopLooking?.()
    this.#lanes.delete(lane.uid)
  }
}
