/**
 * Events about primaries: few, and never twice the same: one of another text is another one.
 *
 *   draft ─▶ seen within the window? counted ─▶ over a limit? dropped ─▶ one at a time ─▶ create, or a longer series
 *
 * An Event that is seen again within six minutes is only counted; after that its series is made longer with one request. No pass waits for
 * an Event, and none fails by one: what cannot be sent is dropped and counted. (client-go, tools/events and EventSourceObjectSpamFilter)
 */
import type { StepEvent } from '../reconcile/walk.ts'
import type { Clock, Milliseconds } from '../api/clock.ts'
import { eventController } from '../api/names.ts'
import { displayName, type JsonObject, type KubernetesObject } from '../api/object.ts'
import type { ApiClient } from '../kube/client.ts'
import { ApiError, isApiError } from '../kube/errors.ts'
import { continueEvent, createEvent, eventNamespace } from '../kube/events.ts'
import { eventReasons } from '../reconcile/event-reasons.ts'
import { type EventDraft, statusEvents, type Write, writeEvents } from '../reconcile/pass-events.ts'
import { Allowance } from './allowance.ts'
import type { Logger } from './log.ts'
import { apart } from './pass-requests.ts'
import { Patience } from './patience.ts'

/** What became of an Event. */
export type EventFate = 'sent' | 'merged' | 'dropped' | 'refused'

/** What passes tell. */
export interface Events {
  /** A pass wrote these. */
  wrote(primary: KubernetesObject, writes: readonly Write[]): void
  /** The status as a pass found it and as it left it, also where that is the same. */
  told(primary: KubernetesObject, before: readonly JsonObject[], after: readonly JsonObject[]): void
  /** A step of its playbook says so. */
  said(primary: KubernetesObject, event: StepEvent): void
  /** A primary is gone. */
  forget(primaryUid: string): void
  /** How many are on their way. */
  readonly waiting: number
  /** Resolves when what is on its way has been answered. */
  stop(): Promise<void>
}

/** Tells nobody. */
export const silentEvents: Events = { waiting: 0, wrote() {}, told() {}, said() {}, forget() {}, async stop() {} }

export interface EventsOptions {
  client: ApiClient
  log: Logger
  /** Which process tells it: the name of its pod. */
  instance: string
  clock: Clock
  /** Milliseconds since the epoch. */
  now: () => number
  /** Counts. */
  counted: (fate: EventFate) => void
  /** Puts names in the place of what only this program understands. */
  worded: (note: string) => string
}

/** Of a pass, or of a step of a playbook, which says itself what sort it is. */
type Draft = EventDraft | { type: StepEvent['type']; action: string; reason: string; note: string }

/** An Event that was sent. */
interface Sent {
  name: string
  at: Milliseconds
  count: number
}

/** How long an Event that is seen again is only counted. */
const window: Milliseconds = 360_000
/** The server drops Events after an hour, by default. */
const lifetime: Milliseconds = 3_600_000
/** After a refusal no other is asked for in that namespace. */
const refusalPause: Milliseconds = 300_000
/** Events that are remembered, of all primaries together, and primaries with what they may tell. */
const remembered = 4_096
/** Of one primary: so many at once, and one more every five minutes. */
const perPrimary = { burst: 25, every: 300_000 }
/** Of all together, of each type. */
const overall = { burst: 50, every: 100 }

export class EventRecorder implements Events {
  readonly #options: EventsOptions
  readonly #sent = new Map<string, Sent>()
  readonly #primaries = new Map<string, Allowance>()
  /** What goes well does not take the room of what does not. */
  readonly #all: Readonly<Record<'Normal' | 'Warning', Allowance>>
  /** By namespace, until when nothing is sent there. */
  readonly #refused = new Map<string, Milliseconds>()
  readonly #patience: Patience
  #sending: Promise<void> = Promise.resolve()
  #waiting = 0
  #refusalTold = false
  #number = 0

  constructor(options: EventsOptions) {
    this.#options = options
    this.#all = { Normal: new Allowance(overall, options.clock), Warning: new Allowance(overall, options.clock) }
    this.#patience = new Patience({ ...options, lost: (primary, note) => this.#tell(primary, { reason: 'WaitingTooLong', note }) })
  }

  get waiting(): number {
    return this.#waiting
  }

  wrote(primary: KubernetesObject, writes: readonly Write[]): void {
    for (const draft of writeEvents(writes)) this.#tell(primary, draft)
  }

  told(primary: KubernetesObject, before: readonly JsonObject[], after: readonly JsonObject[]): void {
    this.#patience.look(primary, after)
    if (before !== after) for (const draft of statusEvents(before, after)) this.#tell(primary, draft)
  }

  said(primary: KubernetesObject, { type, reason, message }: StepEvent): void {
    this.#tell(primary, { type, action: 'Step', reason, note: message })
  }

  forget(primaryUid: string): void {
    this.#patience.forget(primaryUid)
    this.#primaries.delete(primaryUid)
  }

  async stop(): Promise<void> {
    this.#patience.stop()
    await this.#sending
  }

  #tell(primary: KubernetesObject, draft: Draft): void {
    const { clock, counted } = this.#options
    const now = clock.now()
    const { type, action } = 'action' in draft ? draft : eventReasons[draft.reason]
    // The note is part of it: another set of held deletes is other news, and its command another one.
    const key = [
      primary.metadata.uid,
      action,
      draft.reason,
      'related' in draft && draft.related && displayName(draft.related),
      draft.note,
    ].join(' ')
    const known = this.#sent.get(key)
    if (known) known.count++
    if (known && now - known.at < window) return counted('merged')
    if (now < (this.#refused.get(eventNamespace(primary)) ?? 0)) return counted('refused')
    if (!this.#allowanceOf(primary).take() || !this.#all[type].take()) return counted('dropped')
    const goesOn = known && now - known.at < lifetime ? known : undefined
    const sent = goesOn ?? { name: this.#nameOf(primary), at: now, count: 1 }
    sent.at = now
    remember(this.#sent, key, sent)
    this.#waiting++
    this.#sending = apart(() => this.#sending.then(() => this.#send(primary, draft, sent, goesOn !== undefined)))
  }

  async #send(primary: KubernetesObject, draft: Draft, sent: Sent, goesOn: boolean): Promise<void> {
    const { client, instance, now, counted, worded } = this.#options
    const namespace = eventNamespace(primary)
    const { reason, note } = draft
    const { type, action } = 'action' in draft ? draft : eventReasons[draft.reason]
    const related = 'related' in draft ? draft.related : undefined
    const create = () => {
      const reporting = { reportingController: eventController, reportingInstance: instance }
      return createEvent(client, {
        name: sent.name,
        regarding: primary,
        related,
        type,
        action,
        reason,
        note: worded(note),
        ...reporting,
        time: now(),
      })
    }
    try {
      if (goesOn) await continueEvent(client, { name: sent.name, namespace, count: sent.count, time: now() }).catch(again(create))
      else await create()
      counted('sent')
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.#failed(error, namespace)
    } finally {
      this.#waiting--
    }
  }

  #failed(error: ApiError, namespace: string): void {
    const { clock, counted, log } = this.#options
    if (error.class !== 'forbidden') return counted('dropped')
    counted('refused')
    this.#refused.set(namespace, clock.now() + refusalPause)
    if (!this.#refusalTold) log.info({ namespace }, `no Events are written: ${error.message}`)
    this.#refusalTold = true
  }

  #allowanceOf({ metadata }: KubernetesObject): Allowance {
    const uid = metadata.uid as string
    const known = this.#primaries.get(uid) ?? new Allowance(perPrimary, this.#options.clock)
    remember(this.#primaries, uid, known)
    return known
  }

  /** Unique as long as a process sends less than a thousand a millisecond. A name of letters, digits, points and hyphens, whatever the object's has. */
  #nameOf({ metadata }: KubernetesObject): string {
    this.#number = (this.#number + 1) % 1_000
    const name = metadata.name
      .slice(0, 200)
      .replace(/[^a-z0-9.-]/g, 'x')
      .replace(/[.-]+$/, '')
    return `${name}.${(this.#options.now() * 1_000 + this.#number).toString(16)}`
  }
}

/** As the latest; the one that was not asked for longest makes room. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > remembered) map.delete(map.keys().next().value as string)
}

/** The server has dropped the Event whose series goes on: it begins again. */
const again =
  (create: () => Promise<void>) =>
  async (error: unknown): Promise<void> => {
    if (!isApiError(error, 'notFound')) throw error
    await create()
  }
