/**
 * The work queue: which key is worked on next.
 *
 * A key is in two sets at most: dirty (something happened, it has to be worked on) and processing (a worker has it). A key that becomes
 * dirty while it is processed waits until that pass has ended. So no two workers ever hold one key, a hundred events before a pass are
 * one pass, and an event during a pass is never lost. (client-go, util/workqueue)
 *
 * Watches take turns, and within a watch namespaces do: ten thousand dirty keys of one delay the one key of another by one pass, not by
 * ten thousand. Within a namespace what is fresh goes before resyncs (lane.ts), each in the order of arrival. A watch that has as many
 * passes running as it may is passed over.
 */
import type { Clock, Milliseconds } from '../api/clock.ts'
import type { Backoff } from './backoff.ts'
import { Delays } from './delays.ts'
import { Fifo } from './fifo.ts'
import { type Key, watchOf } from './key.ts'
import { Lane } from './lane.ts'
import { moreUrgent, type Urgency } from './urgency.ts'

export interface QueueOptions {
  clock: Clock
  backoff: Backoff
  /** The lane that a key waits in. Default: the one of its watch. */
  laneOf?: (key: Key) => string
  /** Stretches or shrinks the time to a resync, so that keys that were worked on together do not return together. */
  jitter?: (delay: Milliseconds) => Milliseconds
  /** How many keys of this lane may be worked on at a time. Default: no limit. */
  limit?: (lane: string) => number
}

/** What a lane has in the queue, for metrics. */
export interface LaneLoad {
  /** Keys that wait for a worker. */
  depth: number
  /** Keys that workers have. */
  processing: number
  /** Milliseconds since the longest waiting key became dirty; 0 if none waits. */
  oldestAge: Milliseconds
}

interface Dirty {
  since: Milliseconds
  urgency: Urgency
  /** Undefined while the key waits for its own pass to end. */
  lane: Lane | undefined
}

export class WorkQueue {
  readonly backoff: Backoff
  readonly #clock: Clock
  readonly #laneOf: (key: Key) => string
  readonly #limit: (lane: string) => number
  readonly #jitter: (delay: Milliseconds) => Milliseconds
  readonly #lanes = new Map<string, Lane>()
  readonly #dirty = new Map<Key, Dirty>()
  readonly #processing = new Map<Key, Lane>()
  /** Until when events do not start a key that failed. */
  readonly #paused = new Map<Key, Milliseconds>()
  /** Lanes with a key that may be taken now, in the order of their turns. */
  readonly #turns = new Set<Lane>()
  readonly #takers = new Fifo<(key: Key | undefined) => void>()
  readonly #delays: Delays
  readonly #resyncs: Delays
  #stopping: PromiseWithResolvers<void> | undefined

  constructor({ clock, backoff, laneOf = watchOf, limit = () => Infinity, jitter = (delay) => delay }: QueueOptions) {
    this.backoff = backoff
    this.#clock = clock
    this.#laneOf = laneOf
    this.#limit = limit
    this.#jitter = jitter
    this.#delays = new Delays(clock, (key) => this.add(key))
    this.#resyncs = new Delays(clock, (key) => this.add(key, 'resync'))
  }

  /** The key has to be worked on, once more if a worker has it now. */
  add(key: Key, urgency: Urgency = 'event'): void {
    if (this.#stopping) return
    const dirty = this.#dirty.get(key)
    if (dirty) return this.#upgrade(key, dirty, urgency)
    if (this.#processing.has(key)) this.#dirty.set(key, { since: this.#clock.now(), urgency, lane: undefined })
    else this.#admit(key, { since: this.#clock.now(), urgency, lane: undefined })
  }

  /** Adds the key in `delay` milliseconds, or earlier if it was asked for earlier. Without a delay: never. */
  addAfter(key: Key, delay: Milliseconds | undefined): void {
    if (this.#stopping || delay === undefined) return
    if (delay <= 0) this.add(key)
    else this.#delays.add(key, delay)
  }

  /** Looks at the key again after `delay` milliseconds, and at no other time that was set before; undefined: not again. */
  resyncAfter(key: Key, delay: Milliseconds | undefined): void {
    if (!this.#stopping) this.#resyncs.set(key, delay === undefined ? undefined : this.#jitter(delay))
  }

  /** The key failed: it is tried again with back-off, or after the time that the server asked for. */
  retry(key: Key, after?: Milliseconds): void {
    const backoff = this.backoff.failed(key)
    const delay = after ?? backoff
    this.#pause(key, delay)
    this.addAfter(key, delay)
  }

  /** The key failed, and would again with what it reads now: it is looked at again after this time; without one, when something happens. */
  refused(key: Key, after: Milliseconds | undefined): void {
    this.backoff.refused(key)
    this.#pause(key, after)
    this.addAfter(key, after)
  }

  /** The key has no failures behind it any more. */
  forget(key: Key): void {
    this.backoff.succeeded(key)
    this.#paused.delete(key)
  }

  /** The next key, as soon as there is one; undefined when the queue shuts down. Whoever takes a key has to call `done` with it. */
  take(): Promise<Key | undefined> {
    if (this.#stopping) return Promise.resolve(undefined)
    const { promise, resolve } = Promise.withResolvers<Key | undefined>()
    this.#takers.push(resolve)
    this.#serve()
    return promise
  }

  /** The worker has ended its pass over this key. */
  done(key: Key): void {
    const lane = this.#processing.get(key)
    if (!lane) return
    this.#processing.delete(key)
    lane.done()
    if (this.#stopping) {
      if (this.#processing.size === 0) this.#stopping.resolve()
      return
    }
    const dirty = this.#dirty.get(key)
    if (dirty) {
      this.#dirty.delete(key)
      this.#admit(key, dirty)
    }
    this.#offer(lane)
  }

  /** Hands out no more keys; resolves when the workers have ended the ones they have. */
  async shutdown(): Promise<void> {
    if (!this.#stopping) {
      this.#stopping = Promise.withResolvers<void>()
      this.#delays.stop()
      this.#resyncs.stop()
      for (let taker = this.#takers.shift(); taker; taker = this.#takers.shift()) taker(undefined)
      if (this.#processing.size === 0) this.#stopping.resolve()
    }
    await this.#stopping.promise
  }

  /** By lane; those that ever had a key. */
  loads(): Map<string, LaneLoad> {
    const now = this.#clock.now()
    const loads = new Map<string, LaneLoad>()
    for (const [name, { depth, processing }] of this.#lanes) loads.set(name, { depth, processing, oldestAge: 0 })
    for (const [key, { since, lane }] of this.#dirty) {
      const load = loads.get((lane ?? this.#processing.get(key))?.name ?? '')
      if (load) load.oldestAge = Math.max(load.oldestAge, now - since)
    }
    return loads
  }

  /** Whether a key waits for a worker. */
  get waiting(): boolean {
    return this.#lanes.values().some(({ depth }) => depth > 0)
  }

  /** Keys that are to be added later. */
  get delayed(): number {
    return this.#delays.size + this.#resyncs.size
  }

  /** Until the pause has ended, at most until the key's own next try, events do not start it. */
  #pause(key: Key, delay: Milliseconds = Infinity): void {
    const pause = Math.min(delay, this.backoff.pause(key))
    if (pause > 0) this.#paused.set(key, this.#clock.now() + pause)
  }

  #upgrade(key: Key, dirty: Dirty, urgency: Urgency): void {
    const more = moreUrgent(dirty.urgency, urgency)
    if (more === dirty.urgency) return
    dirty.urgency = more
    dirty.lane?.add(key, more)
  }

  /** Puts a key that no worker has into its lane, or back until its pause has ended. */
  #admit(key: Key, dirty: Dirty): void {
    const pause = dirty.urgency === 'change' ? 0 : (this.#paused.get(key) ?? 0) - this.#clock.now()
    if (pause > 0) return this.#delays.add(key, pause)
    const lane = this.#lane(this.#laneOf(key))
    this.#dirty.set(key, { ...dirty, lane })
    lane.add(key, dirty.urgency)
    this.#offer(lane)
  }

  #lane(name: string): Lane {
    const known = this.#lanes.get(name)
    if (known) return known
    const lane = new Lane(name, this.#limit(name))
    this.#lanes.set(name, lane)
    return lane
  }

  /** Gives the lane its place in the turns, if it has something to take and may have it taken. */
  #offer(lane: Lane): void {
    if (!lane.open) return
    this.#turns.add(lane)
    this.#serve()
  }

  #serve(): void {
    while (this.#turns.size > 0 && this.#takers.size > 0) {
      const lane = this.#turns.values().next().value as Lane
      this.#turns.delete(lane)
      const key = lane.take()
      if (key === undefined) continue
      this.#dirty.delete(key)
      this.#processing.set(key, lane)
      // Behind all others now: its next turn comes after theirs.
      if (lane.open) this.#turns.add(lane)
      const taker = this.#takers.shift() as (key: Key) => void
      taker(key)
    }
  }
}
