/** Workers: as many loops as passes may run at a time, each taking a key, working on it and settling its outcome. */
import type { Outcome } from '../reconcile/outcome.ts'
import type { Key } from '../queue/key.ts'
import { settle } from './settle.ts'
import type { WorkQueue } from '../queue/work-queue.ts'

export interface WorkersOptions {
  queue: WorkQueue
  /** How many keys are worked on at a time. */
  count: number
  /** One pass. */
  work: (key: Key) => Promise<Outcome>
  /** Told when `work` rejected, which is a fault of this program; the key is tried again with back-off. Must not throw. */
  onFault: (key: Key, error: unknown) => void
}

/** Resolves when the queue has shut down and every worker has ended. */
export async function runWorkers(options: WorkersOptions): Promise<void> {
  await Promise.all(Array.from({ length: options.count }, () => runWorker(options)))
}

async function runWorker({ queue, work, onFault }: WorkersOptions): Promise<void> {
  for (let key = await queue.take(); key !== undefined; key = await queue.take()) {
    try {
      settle(queue, key, await work(key))
    } catch (error) {
      onFault(key, error)
      queue.retry(key)
    } finally {
      queue.done(key)
    }
  }
}
