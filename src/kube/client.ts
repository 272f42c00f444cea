/**
 * The API client: one JSON request to one path, and watches.
 *
 * It knows HTTP, credentials and the server's error forms, and nothing of what the objects mean.
 */
import type { KubernetesObject } from '../api/object.ts'

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path below the server's address, e.g. `/apis/apps/v1/namespaces/shop/deployments/web`. Names are already percent-encoded. */
  path: string
  query?: Record<string, string | number | boolean | undefined>
  /** Serialised once as JSON. */
  body?: unknown
  /** Default `application/json`. */
  contentType?: string
  accept?: string
  signal?: AbortSignal
  /** Milliseconds until the request is given up; default 30 000. */
  timeout?: number
}

/** One line of a watch. A line that is no JSON ends the iteration with an ApiError of class `network`. */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: KubernetesObject
}

export interface ApiClient {
  /** The parsed JSON body of a 2xx answer (text for other content types). Rejects with ApiError for everything else. */
  request<T = unknown>(request: ApiRequest): Promise<T>
  /**
   * Opens a watch on its own connections, without a limit on its length. Ends when the server ends it; rejects with ApiError when it
   * cannot be opened or breaks; `signal` ends it without an error.
   */
  watch(request: Omit<ApiRequest, 'method' | 'body' | 'timeout'>): AsyncIterable<WatchEvent>
  /** Ends all connections. */
  close(): Promise<void>
}

/** A kind as the server serves it: what a path is built from. */
export interface Resource {
  group: string
  version: string
  kind: string
  /** Plural, lower case: `deployments`. */
  plural: string
  namespaced: boolean
  verbs: readonly string[]
  /** `status`, `scale`, … */
  subresources: readonly string[]
}
