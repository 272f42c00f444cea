/**
 * An API server in memory, as far as passes need one: versions, label-selected lists and watches, server-side apply with field managers,
 * bound writes, and what goes wrong on the way, as a switch.
 */
import { isDeepStrictEqual } from 'node:util'
import { type GroupVersionKind, type KubernetesObject, objectKey } from '../../src/api/object.ts'
import type { ApiClient, ApiRequest, Resource, WatchEvent } from '../../src/kube/client.ts'
import type { Discovery } from '../../src/kube/discovery.ts'
import { ApiError, type ApiErrorDetails } from '../../src/kube/errors.ts'
import { groupVersionPath, parsePath } from '../../src/kube/paths.ts'
import { contentOf, entryOf, flatten, type Holding, type Leaves, tracked, unflatten, within } from './fake-fields.ts'

interface Stored {
  kind: string
  content: Leaves
  uid: string
  version: number
  generation: number
  holdings: Holding[]
}

/** What the world did to an object, or what an interceptor wants to see. */
export interface Asked {
  verb: 'list' | 'get' | 'apply' | 'patch' | 'delete'
  /** `configmaps`, `apps.app.company.com/status`. */
  resource: string
  name: string | undefined
  request: ApiRequest
}

interface OpenWatch {
  resource: string
  selector: string | undefined
  namespace: string | undefined
  push: (event: WatchEvent) => void
}

export class FakeCluster implements ApiClient {
  readonly #resources: readonly Resource[]
  readonly #objects = new Map<string, Stored>()
  readonly #watches = new Set<OpenWatch>()
  #version = 100
  #uids = 0
  /** What was asked, but for lists and watches. */
  readonly asked: Asked[] = []
  /** Called before a request is carried out: may throw what the server answers instead, or wait. */
  before: ((asked: Asked) => unknown) | undefined
  /** Called after a request was carried out: may throw, and the answer is lost. */
  after: ((asked: Asked) => unknown) | undefined
  /** What admission makes of an object that is written; the managed fields do not know of it. */
  admit: ((object: KubernetesObject) => KubernetesObject) | undefined
  /** Resources, as `apps.app.company.com`, that are not served. */
  readonly unserved = new Set<string>()
  /** Resources whose lists are refused: by plural. */
  readonly forbidden = new Set<string>()
  #held: { resource: string | undefined; sends: (() => void)[] } | undefined

  constructor(resources: readonly Resource[]) {
    this.#resources = resources
  }

  resourceOf(kind: GroupVersionKind): Resource | undefined {
    return this.#resources.find(
      (resource) => resource.group === kind.group && resource.version === kind.version && resource.kind === kind.kind,
    )
  }

  /** `PATCH apps.app.company.com/status shop`, … since the last call. */
  requests(): string[] {
    return this.asked.splice(0).map(({ verb, resource, name }) => `${verb} ${resource}${name ? ` ${name}` : ''}`)
  }

  get(resource: string, name: string, namespace = 'eu'): KubernetesObject | undefined {
    const stored = this.#objects.get(`${resource} ${objectKey({ namespace, name })}`)
    return stored && this.#render(stored)
  }

  /** An object that has to be there. */
  there(resource: string, name: string, namespace = 'eu'): KubernetesObject {
    const object = this.get(resource, name, namespace)
    if (!object) throw new Error(`${resource} ${name} is not there`)
    return object
  }

  /** Creates or replaces content as another manager: what changes is taken from the others' entries. */
  edit(
    kind: GroupVersionKind,
    name: string,
    change: (object: KubernetesObject) => void,
    { manager = 'kubectl-edit', namespace = 'eu' } = {},
  ): KubernetesObject {
    const resource = this.resourceOf(kind) as Resource
    const id = `${idOf(resource)} ${objectKey({ namespace, name })}`
    const stored = this.#objects.get(id) ?? this.#fresh(kind)
    const before = this.#objects.has(id)
      ? this.#render(stored)
      : { apiVersion: groupVersionPath(kind).replace(/^\/apis?\//, ''), kind: kind.kind, metadata: { name, namespace } }
    const object = structuredClone(before)
    change(object)
    this.#replace(id, stored, contentOf(object), { manager, operation: 'Update', apiVersion: object.apiVersion })
    return this.#render(stored)
  }

  /** Removes it: at once, or as far as `deletionTimestamp`. */
  remove(kind: GroupVersionKind, name: string, { namespace = 'eu' } = {}): void {
    const id = `${idOf(this.resourceOf(kind) as Resource)} ${objectKey({ namespace, name })}`
    const stored = this.#objects.get(id)
    if (!stored) return
    this.#objects.delete(id)
    const object = this.#render(stored)
    stored.version = ++this.#version
    this.#tell(id, object, { ...object, metadata: { ...object.metadata, resourceVersion: String(stored.version) } }, true)
  }

  /** The caches learn nothing (of one resource, if it is given) until the answer is called. */
  holdEvents(resource?: string): () => void {
    const sends: (() => void)[] = []
    this.#held = { resource, sends }
    return () => {
      this.#held = undefined
      for (const send of sends) send()
    }
  }

  async request<T>(request: ApiRequest): Promise<T> {
    const target = parsePath(request.path)
    const verb = verbOf(request, target.name !== undefined)
    const asked: Asked = {
      verb,
      resource: `${target.resource}${target.subresource ? `/${target.subresource}` : ''}`,
      name: target.name,
      request,
    }
    await Promise.resolve()
    if (request.signal?.aborted) throw this.#refuse(request, { class: 'aborted', code: 0 })
    if (verb !== 'list' && target.resource !== '') this.asked.push(asked)
    await this.before?.(asked)
    const answer = this.#carryOut(asked, target)
    await this.after?.(asked)
    return structuredClone(answer) as T
  }

  async *watch({ path, query = {}, signal }: Omit<ApiRequest, 'method'>): AsyncGenerator<WatchEvent, void> {
    const { resource, namespace } = parsePath(path)
    const waiting: WatchEvent[] = []
    let wake: () => void = () => {}
    const watch: OpenWatch = {
      resource,
      namespace,
      selector: query['labelSelector'] as string | undefined,
      push: (event) => (waiting.push(structuredClone(event)), wake()),
    }
    this.#watches.add(watch)
    signal?.addEventListener('abort', () => wake())
    try {
      while (!signal?.aborted) {
        const event = waiting.shift()
        if (event) yield event
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    } finally {
      this.#watches.delete(watch)
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #carryOut({ verb, request, resource: asked }: Asked, { resource, namespace, name, subresource }: ReturnType<typeof parsePath>): unknown {
    const { body } = request
    if (resource === '') return this.#discover(request)
    if (this.unserved.has(resource)) throw this.#refuse(request, { class: 'kindUnknown', code: 404 })
    if (verb === 'list') {
      if (this.forbidden.has(resource)) throw this.#refuse(request, { class: 'forbidden', code: 403, reason: 'Forbidden' })
      const items = [...this.#objects].filter(([id]) => id.startsWith(`${resource} `)).map(([, stored]) => this.#render(stored))
      return {
        metadata: { resourceVersion: String(this.#version) },
        items: items.filter((object) => selected(object, namespace, request.query?.['labelSelector'])),
      }
    }
    const id = `${resource} ${objectKey({ namespace, name: name as string })}`
    const stored = this.#objects.get(id)
    if (verb === 'apply') return this.#apply(id, stored, request, subresource)
    if (!stored) throw this.#refuse(request, { class: 'notFound', code: 404, reason: 'NotFound' })
    if (verb === 'get') return this.#render(stored)
    if (verb === 'delete') {
      if ((body as { preconditions: { uid: string } }).preconditions.uid !== stored.uid)
        throw this.#refuse(request, { class: 'conflict', code: 409, reason: 'Conflict' })
      this.#objects.delete(id)
      const object = this.#render(stored)
      stored.version = ++this.#version
      this.#tell(id, object, this.#render(stored), true)
      return { kind: 'Status', apiVersion: 'v1', metadata: {} }
    }
    if (asked.includes('/')) throw new Error(`no ${verb} of ${asked}`)
    const object = this.#render(stored)
    const manager = String(request.query?.['fieldManager'])
    if (request.contentType === 'application/merge-patch+json') {
      const { metadata } = body as { metadata: { uid: string; resourceVersion?: string; annotations: Record<string, string> } }
      if (metadata.uid !== stored.uid) throw this.#refuse(request, { class: 'uidMismatch', code: 422 })
      if (metadata.resourceVersion !== undefined && metadata.resourceVersion !== String(stored.version))
        throw this.#refuse(request, { class: 'conflict', code: 409, reason: 'Conflict' })
      object.metadata.annotations = { ...object.metadata.annotations, ...metadata.annotations }
    } else this.#patch(object, request)
    const listed = object.metadata.managedFields?.map((entry) => entry.manager) ?? []
    const kept = stored.holdings.filter((holding) => listed.includes(holding.manager))
    this.#replace(id, stored, contentOf(object), { manager, operation: 'Update', apiVersion: object.apiVersion }, kept)
    return this.#render(stored)
  }

  #discover(request: ApiRequest): unknown {
    const served = this.#resources.filter((resource) => groupVersionPath(resource) === request.path && !this.unserved.has(idOf(resource)))
    if (served.length === 0) throw this.#refuse(request, { class: 'kindUnknown', code: 404 })
    return { resources: served.map(({ plural, kind, namespaced, verbs }) => ({ name: plural, kind, namespaced, verbs })) }
  }

  #patch(object: KubernetesObject, request: ApiRequest): void {
    for (const { op, path, value } of request.body as { op: string; path: string; value?: unknown }[]) {
      const steps = path
        .split('/')
        .slice(1)
        .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
      const last = steps.pop() as string
      const node = steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], object) as
        | Record<string, unknown>
        | undefined
      if (!node || (op === 'test' && !isDeepStrictEqual(node[last], value)))
        throw this.#refuse(request, { class: 'invalid', code: 422, reason: 'Invalid' })
      if (op === 'replace') node[last] = value
      if (op === 'remove') {
        if (Array.isArray(node)) node.splice(Number(last), 1)
        else delete node[last]
      }
    }
  }

  #apply(id: string, there: Stored | undefined, request: ApiRequest, subresource: string | undefined): KubernetesObject {
    const body = request.body as KubernetesObject
    const manager = String(request.query?.['fieldManager'])
    const { uid, resourceVersion } = body.metadata
    if (subresource) {
      if (!there) throw this.#refuse(request, { class: 'notFound', code: 404 })
      if (resourceVersion !== String(there.version)) throw this.#refuse(request, { class: 'conflict', code: 409, reason: 'Conflict' })
    } else if (resourceVersion !== undefined && there) throw this.#refuse(request, { class: 'conflict', code: 409, reason: 'Conflict' })
    else if (uid !== undefined && !there) throw this.#refuse(request, { class: 'conflict', code: 409, reason: 'Conflict', missing: true })
    else if (uid !== undefined && uid !== there?.uid) throw this.#refuse(request, { class: 'uidMismatch', code: 422, reason: 'Invalid' })
    const stored = there ?? this.#fresh({ kind: body.kind, ...parts(body.apiVersion) })
    const sent = within(contentOf(body), 'status', subresource !== undefined)
    const paths = tracked(sent)
    const apiVersion = body.apiVersion
    const ours = stored.holdings.find(
      (holding) => holding.manager === manager && holding.operation === 'Apply' && holding.subresource === subresource,
    )
    const others = stored.holdings.filter((holding) => holding !== ours)
    const content = new Map(stored.content)
    for (const path of ours?.paths ?? []) if (!paths.has(path) && !others.some((other) => other.paths.has(path))) content.delete(path)
    for (const [path, value] of sent) {
      if (subresource && !path.startsWith('f:status')) continue
      if (!isDeepStrictEqual(content.get(path), value)) for (const other of others) other.paths.delete(path)
      content.set(path, value)
    }
    if (!there)
      for (const [path, value] of flatten({
        apiVersion,
        kind: body.kind,
        metadata: { name: body.metadata.name, namespace: body.metadata.namespace },
      }))
        content.set(path, value)
    const holdings = [
      ...others,
      { manager, operation: 'Apply', apiVersion, ...(subresource ? { subresource } : {}), paths } satisfies Holding,
    ]
    this.#store(id, stored, content, holdings)
    return this.#render(stored)
  }

  /** Another content: what differs belongs to the manager from now on. */
  #replace(id: string, stored: Stored, content: Leaves, by: Omit<Holding, 'paths'>, held = stored.holdings): void {
    const changed = [...content.keys()].filter((path) => !isDeepStrictEqual(content.get(path), stored.content.get(path)))
    const gone = [...stored.content.keys()].filter((path) => !content.has(path))
    const holdings = held.map((holding) => ({
      ...holding,
      paths: new Set([...holding.paths].filter((path) => !changed.includes(path) && !gone.includes(path))),
    }))
    const paths = tracked(new Map(changed.map((path) => [path, content.get(path)])))
    const own = holdings.find(
      (holding) => holding.manager === by.manager && holding.operation === by.operation && holding.subresource === by.subresource,
    )
    if (own) for (const path of paths) own.paths.add(path)
    else if (paths.size > 0) holdings.push({ ...by, paths })
    this.#store(
      id,
      stored,
      content,
      holdings.filter((holding) => holding.paths.size > 0),
    )
  }

  #store(id: string, stored: Stored, content: Leaves, holdings: Holding[]): void {
    const existed = this.#objects.has(id)
    const before = existed ? this.#render(stored) : undefined
    // Key fields that were left out are defaulted.
    const whole = unflatten(content) as unknown as KubernetesObject
    const admitted = contentOf(this.admit ? this.admit(whole) : whole)
    for (const holding of holdings) for (const path of holding.paths) if (!admitted.has(path)) holding.paths.delete(path)
    const specOf = (leaves: Leaves) => within(leaves, 'spec', true)
    if (existed && isDeepStrictEqual(admitted, stored.content) && isDeepStrictEqual(holdings, stored.holdings)) return
    if (existed && !isDeepStrictEqual(specOf(admitted), specOf(stored.content))) stored.generation++
    stored.content = admitted
    stored.holdings = holdings
    stored.version = ++this.#version
    this.#objects.set(id, stored)
    this.#tell(id, before, this.#render(stored), false)
  }

  #fresh({ kind }: Pick<GroupVersionKind, 'kind'>): Stored {
    return { kind, content: new Map(), uid: `uid-${++this.#uids}`, version: 0, generation: 1, holdings: [] }
  }

  #render({ content, uid, version, generation, holdings }: Stored): KubernetesObject {
    const object = structuredClone(unflatten(content)) as unknown as KubernetesObject
    Object.assign(object.metadata, { uid, resourceVersion: String(version), generation, managedFields: holdings.map(entryOf) })
    return object
  }

  #tell(id: string, before: KubernetesObject | undefined, object: KubernetesObject, deleted: boolean): void {
    const resource = id.slice(0, id.indexOf(' '))
    const send = () => {
      for (const watch of this.#watches) {
        if (watch.resource !== resource) continue
        const now = !deleted && selected(object, watch.namespace, watch.selector)
        const then = before !== undefined && selected(before, watch.namespace, watch.selector)
        if (now) watch.push({ type: then ? 'MODIFIED' : 'ADDED', object })
        else if (then) watch.push({ type: 'DELETED', object })
      }
    }
    if (this.#held && (this.#held.resource ?? resource) === resource) this.#held.sends.push(send)
    else send()
  }

  #refuse({ method, path }: ApiRequest, details: Partial<ApiErrorDetails> & Pick<ApiErrorDetails, 'class' | 'code'>): ApiError {
    return new ApiError({ method, path, reason: '', ...details })
  }
}

/** What a server or the way to it answers instead. */
export const refusal = (details: Partial<ApiErrorDetails> & Pick<ApiErrorDetails, 'class'>): ApiError =>
  new ApiError({ method: 'PATCH', path: '/api/v1/namespaces/eu/configmaps/c', code: 500, reason: '', ...details })

const idOf = ({ plural, group }: Resource): string => (group ? `${plural}.${group}` : plural)

const parts = (apiVersion: string) => ({
  group: apiVersion.includes('/') ? (apiVersion.split('/')[0] as string) : '',
  version: apiVersion.split('/').at(-1) as string,
})

function verbOf({ method, contentType }: ApiRequest, named: boolean): Asked['verb'] {
  if (method === 'GET') return named ? 'get' : 'list'
  if (method === 'DELETE') return 'delete'
  return contentType === 'application/apply-patch+yaml' ? 'apply' : 'patch'
}

function selected({ metadata }: KubernetesObject, namespace: string | undefined, selector: unknown): boolean {
  if (namespace !== undefined && metadata.namespace !== namespace) return false
  return typeof selector !== 'string' || metadata.labels?.[selector] !== undefined
}

/** Of a server of which nothing was read yet. */
export const emptyDiscovery: Discovery = {
  version: { version: 'v1.36.3', major: '1', minor: '36' },
  resources: [],
  apiVersions: [],
  unknown: [],
  resourceFor: () => undefined,
  resourcesFor: () => [],
  stateOf: () => 'absent',
}
