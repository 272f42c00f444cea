import type { Outcome } from '../reconcile/outcome.ts'
import type { Key } from '../queue/key.ts'
import type { WorkQueue } from '../queue/work-queue.ts'

/** What the outcome of a pass means for its key. */
export function settle(queue: WorkQueue, key: Key, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'done':
      queue.forget(key)
      return queue.addAfter(key, outcome.resyncAfter)
    case 'wait':
      return queue.forget(key)
    case 'retry':
      return queue.addAfter(key, outcome.after ?? queue.backoff.failed(key))
    case 'failed':
      return queue.addAfter(key, outcome.retryAfter)
  }
}
