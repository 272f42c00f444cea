/**
 * The work queue: which key is worked on next.
 *
 * A key is in two sets at most: dirty (something happened, it has to be worked on) and processing (a worker has it). A key that becomes
 * dirty while it is processed waits until that pass has ended. So no two workers ever hold one key, a hundred events before a pass are
 * one pass, and an event during a pass is never lost. (client-go, util/workqueue)
 *
 * Watches take turns: a watch with ten thousand dirty keys delays the one key of another by one pass, not by ten thousand. Within a watch
 * keys come in the order in which they became dirty. A watch that has as many passes running as it may is passed over.
 */
import type { Clock, Milliseconds } from '../api/clock.ts'
import type { Backoff } from './backoff.ts'
import { Delays } from './delays.ts'
import { Fifo } from './fifo.ts'
import { type Key, watchOf } from './key.ts'

export interface QueueOptions {
  clock: Clock
  backoff: Backoff
  /** How many keys of this watch may be worked on at a time. Default: no limit. */
  limit?: (watch: string) => number
}

/** What a watch has in the queue, for metrics. */
export interface WatchLoad {
  /** Keys that wait for a worker. */
  depth: number
  /** Keys that workers have. */
  processing: number
  /** Milliseconds since the longest waiting key became dirty; 0 if none waits. */
  oldestAge: Milliseconds
}

interface Lane {
  waiting: Fifo<Key>
  /** When each key became dirty. Also those that wait for their own pass to end. */
  dirty: Map<Key, Milliseconds>
  processing: Set<Key>
  limit: number
}

export class WorkQueue {
  readonly backoff: Backoff
  readonly #clock: Clock
  readonly #limit: (watch: string) => number
  readonly #lanes = new Map<string, Lane>()
  /** Lanes with a key that may be taken now, in the order of their turns. */
  readonly #turns = new Set<Lane>()
  readonly #takers = new Fifo<(key: Key | undefined) => void>()
  readonly #delays: Delays
  #stopping: PromiseWithResolvers<void> | undefined
  #processing = 0

  constructor({ clock, backoff, limit = () => Infinity }: QueueOptions) {
    this.backoff = backoff
    this.#clock = clock
    this.#limit = limit
    this.#delays = new Delays(clock, (key) => this.add(key))
  }

  /** The key has to be worked on, once more if a worker has it now. */
  add(key: Key): void {
    if (this.#stopping) return
    const lane = this.#laneOf(key)
    if (lane.dirty.has(key)) return
    lane.dirty.set(key, this.#clock.now())
    if (!lane.processing.has(key)) this.#enqueue(lane, key)
  }

  /** Adds the key in `delay` milliseconds, or earlier if it was asked for earlier. Without a delay: never. */
  addAfter(key: Key, delay: Milliseconds | undefined): void {
    if (this.#stopping || delay === undefined) return
    if (delay <= 0) this.add(key)
    else this.#delays.add(key, delay)
  }

  /** The key has no failures behind it any more. */
  forget(key: Key): void {
    this.backoff.succeeded(key)
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
    const lane = this.#laneOf(key)
    if (!lane.processing.delete(key)) return
    this.#processing--
    if (this.#stopping) {
      if (this.#processing === 0) this.#stopping.resolve()
      return
    }
    if (lane.dirty.has(key)) this.#enqueue(lane, key)
    else this.#offer(lane)
  }

  /** Hands out no more keys; resolves when the workers have ended the ones they have. */
  async shutdown(): Promise<void> {
    if (!this.#stopping) {
      this.#stopping = Promise.withResolvers<void>()
      this.#delays.stop()
      for (let taker = this.#takers.shift(); taker; taker = this.#takers.shift()) taker(undefined)
      if (this.#processing === 0) this.#stopping.resolve()
    }
    await this.#stopping.promise
  }

  /** Per watch that ever had a key. */
  loads(): Map<string, WatchLoad> {
    const now = this.#clock.now()
    const loads = new Map<string, WatchLoad>()
    for (const [watch, { waiting, dirty, processing }] of this.#lanes) {
      const oldest = dirty.values().reduce((least, since) => Math.min(least, since), now)
      loads.set(watch, { depth: waiting.size, processing: processing.size, oldestAge: now - oldest })
    }
    return loads
  }

  /** Whether a key waits for a worker. */
  get waiting(): boolean {
    return this.#lanes.values().some(({ waiting }) => waiting.size > 0)
  }

  /** Keys that are to be added later. */
  get delayed(): number {
    return this.#delays.size
  }

  #laneOf(key: Key): Lane {
    const watch = watchOf(key)
    const known = this.#lanes.get(watch)
    if (known) return known
    const lane: Lane = { waiting: new Fifo(), dirty: new Map(), processing: new Set(), limit: Math.max(1, this.#limit(watch)) }
    this.#lanes.set(watch, lane)
    return lane
  }

  #enqueue(lane: Lane, key: Key): void {
    lane.waiting.push(key)
    this.#offer(lane)
  }

  /** Gives the lane its place in the turns, if it has something to take and may have it taken. */
  #offer(lane: Lane): void {
    if (lane.waiting.size === 0 || lane.processing.size >= lane.limit) return
    this.#turns.add(lane)
    this.#serve()
  }

  #serve(): void {
    while (this.#turns.size > 0 && this.#takers.size > 0) {
      const lane = this.#turns.values().next().value as Lane
      this.#turns.delete(lane)
      const key = lane.waiting.shift() as Key
      lane.dirty.delete(key)
      lane.processing.add(key)
      this.#processing++
      // Behind all others now: its next turn comes after theirs.
      if (lane.waiting.size > 0 && lane.processing.size < lane.limit) this.#turns.add(lane)
      const taker = this.#takers.shift() as (key: Key) => void
      taker(key)
    }
  }
}
