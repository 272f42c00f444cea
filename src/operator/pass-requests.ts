/** Counting the requests of one pass: they are made in many places, and belong to the pass that they were made in. */
import { AsyncLocalStorage } from 'node:async_hooks'

const passes = new AsyncLocalStorage<{ requests: number }>()

/** Does the work, and tells how many requests it made. What it only set in motion counts as long as it runs. */
export async function withRequests<Answer>(work: () => Promise<Answer>): Promise<{ answer: Answer; requests: number }> {
  const pass = { requests: 0 }
  const answer = await passes.run(pass, work)
  return { answer, requests: pass.requests }
}

/** A request was made. */
export function countRequest(): void {
  const pass = passes.getStore()
  if (pass) pass.requests++
}

/** What is set in motion here is no part of the pass. */
export const apart = <Answer>(work: () => Answer): Answer => passes.exit(work)
