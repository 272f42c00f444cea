/** A whole list, page by page, of the most recent state. */
import type { Milliseconds } from '../api/clock.ts'
import type { KubernetesObject } from '../api/object.ts'
import type { ApiClient } from '../kube/client.ts'
import { ApiError } from '../kube/errors.ts'

/** What is listed: the objects that a store keeps. */
export interface Selection {
  labelSelector?: string | undefined
  fieldSelector?: string | undefined
}

export interface Page {
  items: readonly KubernetesObject[]
  /** The version of the list, the same on each of its pages. */
  version: string
}

interface Answer {
  metadata?: { resourceVersion?: string; continue?: string }
  items?: KubernetesObject[] | null
}

/** A page stands in memory as bytes, as text and as objects at once, for all kinds of an operator together when it starts. */
const pageSize = 100
const pageTimeout: Milliseconds = 60_000

/** The pages in order. Throws what the server refuses as ApiError, and ends in silence when the signal does. */
export async function* listPages(
  client: ApiClient,
  path: string,
  { labelSelector, fieldSelector }: Selection,
  signal: AbortSignal,
): AsyncGenerator<Page, void> {
  let continuation: string | undefined
  do {
    const query = { labelSelector, fieldSelector, limit: pageSize, continue: continuation }
    const answer: Answer = await client.request<Answer>({ method: 'GET', path, query, signal, timeout: pageTimeout })
    if (signal.aborted) return
    const version = answer?.metadata?.resourceVersion
    if (!version) throw new ApiError({ class: 'network', method: 'GET', path, code: 200, reason: 'BrokenAnswer' })
    continuation = answer.metadata?.continue
    yield { items: answer.items ?? [], version }
  } while (continuation)
}
