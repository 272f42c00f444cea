/** What the load generator sees of one namespace: the custom resources and their dependents, and when each step was reached. */
import type { KubernetesObject } from '../../src/api/object.ts'
import type { Load } from './load.ts'

/** When a custom resource's steps were first seen, in milliseconds of performance.now(). */
export interface Progress {
  /** The custom resource itself. */
  seen: number
  children: Set<string>
  lastChild: number
  /** A condition for its generation. */
  status: number
  /** Ready is True for its generation. */
  ready: number
}

interface Condition {
  type: string
  status: string
  observedGeneration?: number
}

export const childKinds = ['ConfigMap', 'Service', 'ServiceAccount', 'Deployment'] as const
export type ChildKind = (typeof childKinds)[number]

const collections: Record<ChildKind, string> = {
  ConfigMap: 'configmaps',
  Service: 'services',
  ServiceAccount: 'serviceaccounts',
  Deployment: 'deployments',
}

export class Paths {
  readonly namespace: string

  constructor(namespace: string) {
    this.namespace = namespace
  }

  get shops(): string {
    return `/apis/bench.fairlead.dev/v1/namespaces/${this.namespace}/shops`
  }

  children(kind: ChildKind): string {
    return `${kind === 'Deployment' ? '/apis/apps/v1' : '/api/v1'}/namespaces/${this.namespace}/${collections[kind]}`
  }
}

export class Observer {
  readonly paths: Paths
  readonly shops = new Map<string, KubernetesObject>()
  readonly children = new Map<string, KubernetesObject>()
  readonly progress = new Map<string, Progress>()
  /** Sums over all custom resources. */
  readonly totals = { children: 0, statuses: 0, ready: 0 }
  readonly #waiting = new Set<() => void>()

  constructor(namespace: string) {
    this.paths = new Paths(namespace)
  }

  async start(load: Load): Promise<this> {
    await load.watch(this.paths.shops, ({ type, object }) => this.#shop(type, object))
    for (const kind of childKinds) await load.watch(this.paths.children(kind), ({ type, object }) => this.#child(kind, type, object))
    return this
  }

  of(name: string): Progress {
    const known = this.progress.get(name)
    if (known) return known
    const made: Progress = { seen: 0, children: new Set(), lastChild: 0, status: 0, ready: 0 }
    this.progress.set(name, made)
    return made
  }

  child(kind: ChildKind, name: string): KubernetesObject | undefined {
    return this.children.get(`${kind}/${name}`)
  }

  /** Resolves as soon as the check holds, looked at after each event; rejects after so many seconds. */
  async until(what: string, check: () => boolean, seconds = 60): Promise<void> {
    const deadline = setTimeout(() => this.#wake(), seconds * 1000)
    const end = performance.now() + seconds * 1000
    try {
      while (!check()) {
        if (performance.now() >= end) throw new Error(`not within ${seconds} s: ${what}; seen: ${JSON.stringify(this.totals)}`)
        await new Promise<void>((resolve) => this.#waiting.add(resolve))
      }
    } finally {
      clearTimeout(deadline)
    }
  }

  #wake(): void {
    for (const resume of this.#waiting) resume()
    this.#waiting.clear()
  }

  #shop(type: string, object: KubernetesObject): void {
    const { name, generation } = object.metadata
    if (type === 'DELETED') this.shops.delete(name)
    else this.shops.set(name, object)
    const progress = this.of(name)
    progress.seen ||= performance.now()
    const conditions = (object['status'] as { conditions?: Condition[] } | undefined)?.conditions ?? []
    const current = conditions.filter(({ observedGeneration }) => observedGeneration === generation)
    if (current.length > 0 && !progress.status) {
      progress.status = performance.now()
      this.totals.statuses++
    }
    if (!progress.ready && isReady(current)) {
      progress.ready = performance.now()
      this.totals.ready++
    }
    this.#wake()
  }

  #child(kind: ChildKind, type: string, object: KubernetesObject): void {
    const key = `${kind}/${object.metadata.name}`
    if (type === 'DELETED') this.children.delete(key)
    else this.children.set(key, object)
    if (!object.metadata.ownerReferences) return this.#wake()
    const progress = this.of(object.metadata.name)
    if (!progress.children.has(kind)) {
      progress.children.add(kind)
      progress.lastChild = performance.now()
      this.totals.children++
    }
    this.#wake()
  }
}

const isReady = (conditions: readonly Condition[]): boolean => conditions.some(({ type, status }) => type === 'Ready' && status === 'True')

/** Whether the custom resource tells that it is ready in its present generation. */
export function ready(shop: KubernetesObject | undefined): boolean {
  const conditions = (shop?.['status'] as { conditions?: Condition[] } | undefined)?.conditions ?? []
  return isReady(conditions.filter(({ observedGeneration }) => observedGeneration === shop?.metadata.generation))
}
