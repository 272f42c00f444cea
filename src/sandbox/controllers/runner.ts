/**
 * The work queue of the controllers: changes name keys, keys are reconciled one at a time, outside of the write that named them.
 *
 *   change ──keys()──▶ queued ──turn──▶ reconcile ──done──────────▶ (forgotten)
 *                        ▲                 ├──look again in n ms──▶ waiting ──clock──┐
 *                        │                 └──failed──────────────▶ waiting ──clock──┤
 *                        └───────────────────────────────────────────────────────────┘
 *
 * A key that is queued already is not queued twice. A turn ends after some milliseconds, so that requests are answered in between. When the
 * clock calls, the queue is worked off at once, so that advancing an hour lets everything happen at its own time. (client-go, util/workqueue)
 */
import { ApiError } from '../status/api-error.ts'
import type { Change, Controller, World } from './controller.ts'

export interface RunnerOptions {
  /** Calls the listener within every write, in their order; the answer ends it. */
  subscribe(listener: (change: Change) => void): () => void
  /** Calls back once, `delay` milliseconds from now by the sandbox's clock; the answer takes the call back. */
  schedule(delay: number, callback: () => void): () => void
  /** Calls back after the current work, before time passes. Default: `setImmediate`. */
  soon?(callback: () => void): void
  /** Is told of everything that was thrown, conflicts left out. */
  failed?(controller: string, key: string, error: unknown): void
}

export interface RunningControllers {
  /** Resolves when nothing is left to do now; what waits for time to pass does not count. */
  idle(): Promise<void>
  /** Whether anything is left to do now. */
  readonly busy: boolean
  /** Works off at once all that is to be done now, e.g. before time is advanced. */
  settle(): void
  /** A controller that is off sees the changes but does nothing; what it missed is done when it is on again. @throws RangeError for an unknown name */
  switch(name: string, on: boolean): void
  isOn(name: string): boolean
  stop(): void
}

/** Milliseconds after which a turn makes way for others. */
const turnLength = 10
/** A key that names itself again and again ends a turn without a length, so that the process stays free to answer. */
const passesAtOnce = 100
const firstRetry = 5
const lastRetry = 30_000
/** A conflict is tried again at once this often, then like another failure. */
const promptRetries = 3
/** "Look again" is never sooner than this, in milliseconds. */
const shortestWait = 1

interface Worker {
  readonly controller: Controller
  readonly world: World
  readonly waits: Map<string, () => void>
  readonly failures: Map<string, number>
  readonly queued: Set<string>
  on: boolean
}

export function runControllers(controllers: readonly Controller[], world: World, options: RunnerOptions): RunningControllers {
  const workers = controllers.map((controller): Worker => {
    const own = world.as?.(controller.manager ?? 'kube-controller-manager') ?? world
    return { controller, world: own, waits: new Map(), failures: new Map(), queued: new Set(), on: true }
  })
  const queue = new Queue()
  const everyKind = workers.filter(({ controller }) => controller.watches.includes('*'))
  const byStorage = new Map<string, Worker[]>()
  const soon = options.soon ?? ((callback: () => void) => void setImmediate(callback))
  let waiting: (() => void)[] = []
  let turnAhead = false
  let working = false
  let stopped = false

  function watchersOf(storage: string): Worker[] {
    let watchers = byStorage.get(storage)
    if (!watchers) {
      watchers = workers.filter((worker) => worker.controller.watches.includes(storage) || everyKind.includes(worker))
      byStorage.set(storage, watchers)
    }
    return watchers
  }

  function observe(worker: Worker, change: Change): void {
    try {
      for (const key of worker.controller.keys(change, worker.world)) enqueue(worker, key)
    } catch (error) {
      options.failed?.(worker.controller.name, '', error)
    }
  }

  function enqueue(worker: Worker, key: string): void {
    if (stopped || worker.queued.has(key)) return
    worker.queued.add(key)
    if (!worker.on) return
    queue.push({ worker, key })
    plan()
  }

  function plan(): void {
    if (turnAhead || working || stopped) return
    turnAhead = true
    soon(() => {
      turnAhead = false
      work(turnLength)
    })
  }

  function work(limit: number): void {
    if (working || stopped) return
    working = true
    const end = performance.now() + limit
    const passes = new Passes()
    for (let item = queue.shift(); item; item = queue.shift()) {
      if (item.worker.on) step(item)
      if (performance.now() > end || passes.count(item) > passesAtOnce) break
    }
    working = false
    if (queue.length > 0) return plan()
    const done = waiting
    waiting = []
    for (const resolve of done) resolve()
  }

  function step({ worker, key }: Item): void {
    worker.queued.delete(key)
    worker.waits.get(key)?.()
    worker.waits.delete(key)
    try {
      const again = worker.controller.reconcile(key, worker.world)
      worker.failures.delete(key)
      if (again !== undefined) wait(worker, key, Math.max(shortestWait, again))
    } catch (error) {
      const count = (worker.failures.get(key) ?? 0) + 1
      worker.failures.set(key, count)
      const isConflict = error instanceof ApiError && error.reason === 'Conflict'
      if (isConflict && count <= promptRetries) return enqueue(worker, key)
      if (!isConflict) options.failed?.(worker.controller.name, key, error)
      wait(worker, key, Math.min(firstRetry * 2 ** (count - 1), lastRetry))
    }
  }

  function wait(worker: Worker, key: string, delay: number): void {
    if (stopped) return
    const cancel = options.schedule(delay, () => {
      worker.waits.delete(key)
      enqueue(worker, key)
      work(Number.POSITIVE_INFINITY)
    })
    worker.waits.set(key, cancel)
  }

  function workerOf(name: string): Worker {
    const worker = workers.find(({ controller }) => controller.name === name)
    if (!worker)
      throw new RangeError(`there is no controller "${name}"; there are: ${workers.map(({ controller }) => controller.name).join(', ')}`)
    return worker
  }

  const unsubscribe = options.subscribe((change) => {
    for (const worker of watchersOf(change.storage)) observe(worker, change)
  })
  const served = [...world.storages()].map(({ storage }) => storage)
  for (const storage of served) {
    const watchers = watchersOf(storage)
    if (watchers.length === 0) continue
    for (const object of world.list(storage)) {
      for (const worker of watchers) observe(worker, { storage, type: 'ADDED', object, previous: undefined })
    }
  }

  return {
    get busy() {
      return queue.length > 0 && !stopped
    },
    idle: () => (stopped || (queue.length === 0 && !working) ? Promise.resolve() : new Promise((resolve) => void waiting.push(resolve))),
    settle: () => work(Number.POSITIVE_INFINITY),
    switch(name, on) {
      const worker = workerOf(name)
      if (worker.on === on) return
      worker.on = on
      if (!on) return
      for (const key of worker.queued) queue.push({ worker, key })
      if (queue.length > 0) plan()
    },
    isOn: (name) => workerOf(name).on,
    stop() {
      stopped = true
      unsubscribe()
      for (const worker of workers) for (const cancel of worker.waits.values()) cancel()
      for (const resolve of waiting) resolve()
    },
  }
}

interface Item {
  readonly worker: Worker
  readonly key: string
}

/** How often each key was reconciled in a turn. */
class Passes {
  readonly #counts = new Map<Worker, Map<string, number>>()

  /** Counts one more pass of the key; answers how many there are now. */
  count({ worker, key }: Item): number {
    let counts = this.#counts.get(worker)
    if (!counts) this.#counts.set(worker, (counts = new Map()))
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    return count
  }
}

/** First in, first out. What was taken is cut off from time to time, so that taking costs the same at every length. */
class Queue {
  #items: Item[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  shift(): Item | undefined {
    const item = this.#items[this.#head]
    if (item) this.#head++
    if (this.#head > 1000 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}
