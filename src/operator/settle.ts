import type { Outcome } from '../reconcile/outcome.ts'
import type { Key } from '../queue/key.ts'
import type { WorkQueue } from '../queue/work-queue.ts'

/** What the outcome of a pass means for its key. */
export function settle(queue: WorkQueue, key: Key, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'done':
      queue.forget(key)
      // At once means behind those that wait, and is no resync.
      if (outcome.resyncAfter === 0) return queue.add(key)
      return queue.resyncAfter(key, outcome.resyncAfter)
    case 'wait':
      return queue.forget(key)
    case 'retry':
      return queue.retry(key, outcome.after)
    case 'failed':
      return queue.refused(key, outcome.retryAfter)
  }
}
