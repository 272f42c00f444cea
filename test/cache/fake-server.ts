/**
 * A collection as an API server keeps it, behind an ApiClient without HTTP: versions, paged lists, watches with a label selector, and
 * what goes wrong, as a switch.
 */
import type { KubernetesObject } from '../../src/api/object.ts'
import type { ApiClient, ApiRequest, WatchEvent } from '../../src/kube/client.ts'
import { ApiError, type ErrorClass } from '../../src/kube/errors.ts'

interface OpenWatch {
  namespace: string | undefined
  selector: string | undefined
  query: Record<string, unknown>
  push(event: WatchEvent): void
  end(error?: Error): void
}

export interface Request {
  verb: 'list' | 'watch'
  path: string
  query: Record<string, unknown>
}

export class FakeServer implements ApiClient {
  version = 100
  readonly objects = new Map<string, KubernetesObject>()
  readonly requests: Request[] = []
  readonly watches = new Set<OpenWatch>()
  /** The events of each version since `compactedTo`. */
  #history: { version: number; type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubernetesObject; before?: KubernetesObject }[] = []
  compactedTo = 0
  /** Thrown by every list or watch while it is set. */
  failList: (() => Error) | undefined
  failWatch: (() => Error) | undefined
  /** Called before a page of a list is answered, to change something in between. */
  onPage: ((continuation: string | undefined) => void) | undefined
  /** Called with each watch that was opened, before anything is sent. */
  onWatch: ((watch: OpenWatch) => void) | undefined
  /** Watches tell nothing of what happens, as over a dead connection. */
  deaf = false
  pageLimit = Infinity
  #uid = 0
  readonly #snapshots = new Map<string, KubernetesObject[]>()

  put(
    name: string,
    {
      namespace = 'shop',
      labels = {},
      uid,
      data,
    }: { namespace?: string; labels?: Record<string, string>; uid?: string; data?: string } = {},
  ): KubernetesObject {
    const key = `${namespace}/${name}`
    const before = this.objects.get(key)
    const object: KubernetesObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name,
        namespace,
        uid: uid ?? before?.metadata.uid ?? `uid-${++this.#uid}`,
        resourceVersion: String(++this.version),
        labels,
      },
      data: { value: data ?? String(this.version) },
    }
    this.objects.set(key, object)
    this.#tell(before ? 'MODIFIED' : 'ADDED', object, before)
    return structuredClone(object)
  }

  delete(name: string, namespace = 'shop'): void {
    const key = `${namespace}/${name}`
    const before = this.objects.get(key)
    if (!before) return
    this.objects.delete(key)
    const object = { ...before, metadata: { ...before.metadata, resourceVersion: String(++this.version) } }
    this.#tell('DELETED', object, before)
  }

  bookmark(): void {
    for (const watch of this.watches) watch.push(bookmark(String(this.version)))
  }

  /** Ends every watch, cleanly or with an error. */
  drop(error?: () => Error): void {
    for (const watch of [...this.watches]) watch.end(error?.())
  }

  /** The connections of the open watches die without a sign: nothing more comes over them. */
  cut(): void {
    for (const watch of this.watches) watch.push = () => {}
  }

  /** Forgets everything up to now: who asks for an older version gets a 410. */
  compact(): void {
    this.compactedTo = this.version
    this.#history = []
  }

  /** The server's store was restored from a backup: versions start over from here. */
  restore(version: number): void {
    this.version = version
    this.#history = []
    this.#snapshots.clear()
  }

  async request<T>({ path, query = {}, signal }: ApiRequest): Promise<T> {
    this.requests.push({ verb: 'list', path, query })
    await Promise.resolve()
    if (signal?.aborted) throw error('aborted', 0)
    if (this.failList) throw this.failList()
    this.onPage?.(query['continue'] as string | undefined)
    const [at, version] = query['continue'] ? String(query['continue']).split('@') : ['0', String(this.version)]
    if (query['continue'] && Number(version) < this.compactedTo) throw error('gone', 410)
    const start = Number(at)
    const limit = Math.min(Number(query['limit'] ?? Infinity), this.pageLimit)
    // A list that is continued goes on with the state that it began with.
    const state = this.#snapshots.get(version as string) ?? [...this.objects.values()]
    this.#snapshots.set(version as string, state)
    const all = state.filter((object) => matches(object, namespaceOf(path), query['labelSelector'] as string | undefined))
    const items = all.slice(start, start + limit)
    const rest = start + limit < all.length
    const answer = { metadata: { resourceVersion: version, ...(rest ? { continue: `${start + limit}@${version}` } : {}) }, items }
    return structuredClone(answer) as T
  }

  async *watch({ path, query = {}, signal }: Omit<ApiRequest, 'method'>): AsyncGenerator<WatchEvent, void> {
    this.requests.push({ verb: 'watch', path, query })
    const waiting: (WatchEvent | { ended: Error | undefined })[] = []
    let wake: () => void = () => {}
    const add = (item: WatchEvent | { ended: Error | undefined }) => {
      waiting.push(item)
      wake()
    }
    const watch: OpenWatch = {
      namespace: namespaceOf(path),
      selector: query['labelSelector'] as string | undefined,
      query,
      push: (event) => add(structuredClone(event)),
      end: (reason) => {
        this.watches.delete(watch)
        add({ ended: reason })
      },
    }
    await Promise.resolve()
    if (signal?.aborted) return
    if (this.failWatch) throw this.failWatch()
    signal?.addEventListener('abort', () => watch.end())
    this.watches.add(watch)
    this.onWatch?.(watch)
    const from = Number(query['resourceVersion'])
    if (from < this.compactedTo) {
      watch.push({ type: 'ERROR', object: statusObject(410, 'Expired') })
      watch.end()
    } else for (const event of this.#history) if (event.version > from) this.#send(watch, event)
    for (;;) {
      const item = waiting.shift()
      if (!item) await new Promise<void>((resolve) => (wake = resolve))
      else if (!('ended' in item)) yield item
      else if (item.ended && !signal?.aborted) throw item.ended
      else return
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #tell(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubernetesObject, before?: KubernetesObject): void {
    const event = { version: this.version, type, object, ...(before ? { before } : {}) }
    this.#history.push(event)
    if (!this.deaf) for (const watch of this.watches) this.#send(watch, event)
  }

  /** An object that leaves a selector is deleted for its watchers, one that enters is added. */
  #send(
    watch: OpenWatch,
    { type, object, before }: { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: KubernetesObject; before?: KubernetesObject },
  ): void {
    const now = type !== 'DELETED' && matches(object, watch.namespace, watch.selector)
    const then = before !== undefined && matches(before, watch.namespace, watch.selector)
    if (now) watch.push({ type: then ? 'MODIFIED' : 'ADDED', object })
    else if (then) watch.push({ type: 'DELETED', object })
  }
}

const namespaceOf = (path: string): string | undefined => /\/namespaces\/([^/]+)\//.exec(path)?.[1]

const matches = ({ metadata }: KubernetesObject, namespace: string | undefined, selector: string | undefined): boolean => {
  if (namespace !== undefined && metadata.namespace !== namespace) return false
  if (selector === undefined) return true
  const [label = '', value] = selector.split('=')
  return value === undefined ? metadata.labels?.[label] !== undefined : metadata.labels?.[label] === value
}

export const bookmark = (resourceVersion: string): WatchEvent => ({
  type: 'BOOKMARK',
  object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '', resourceVersion } },
})

export const statusObject = (code: number, reason: string, details?: object): KubernetesObject =>
  ({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'it holds TOPSECRET',
    reason,
    code,
    ...(details ? { details } : {}),
  }) as unknown as KubernetesObject

export const error = (errorClass: ErrorClass, code: number, more: { retryAfter?: number } = {}): ApiError =>
  new ApiError({ class: errorClass, method: 'GET', path: '/api/v1/configmaps', code, reason: '', ...more })
