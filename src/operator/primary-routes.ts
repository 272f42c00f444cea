/**
 * Which watch of a kind takes a primary (see definition/routing.ts), and so with which context its passes run.
 *
 * Where a watch selects namespaces, the namespaces are watched too.
 */
import { dependentsFinalizer } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import type { Informer } from '../cache/informer.ts'
import type { Watch } from '../definition/definition.ts'
import { type LabelsOfNamespace, route, selecting } from '../definition/routing.ts'
import type { PassContext } from './pass-context.ts'

export interface Route extends Pick<Watch, 'selector' | 'namespaceSelector'> {
  watch: Watch
  /** Undefined for a watch of another version of the kind: its objects are the same, and its controller is another one. */
  context: PassContext | undefined
  lane: string
}

export class PrimaryRoutes {
  readonly #routes: readonly Route[]
  readonly #namespaces: Informer | undefined

  /** @param namespaces undefined where no watch selects namespaces */
  constructor(routes: readonly Route[], namespaces: Informer | undefined) {
    this.#routes = routes
    this.#namespaces = namespaces
  }

  /** The route of a primary that a watch of this version takes; `unknown` where that depends on labels that nobody knows now. */
  of(primary: KubernetesObject): (Route & { context: PassContext }) | 'unknown' | undefined {
    const { deletionTimestamp, finalizers } = primary.metadata
    // Whoever deletes it in a namespace that is no longer served waits for our finalizer all the same.
    const held = deletionTimestamp !== undefined && finalizers?.includes(dependentsFinalizer)
    const chosen = route(this.#routes, primary, held ? undefined : this.#labelsOf)
    // The same goes for one whose labels nobody selects any more: whichever watch it was, what it has made is found by the label.
    const taken = chosen ?? (held ? this.#routes.find(({ context }) => context) : undefined)
    if (taken === 'unknown') return taken
    return taken?.context && (taken as Route & { context: PassContext })
  }

  /** All watches that select the primary by labels. */
  selecting(primary: KubernetesObject): readonly Route[] | 'unknown' {
    return selecting(this.#routes, primary, this.#labelsOf)
  }

  /** Whether the labels of namespaces come from this cache. */
  reads(informer: Informer): boolean {
    return informer === this.#namespaces
  }

  /** Why the labels of namespaces cannot be known, if they have to be; undefined: they are. */
  get unread(): string | undefined {
    const namespaces = this.#namespaces
    if (namespaces && namespaces.state !== 'synced' && namespaces.state !== 'stale') return namespaces.reason ?? 'they are being listed'
    return undefined
  }

  readonly #labelsOf: LabelsOfNamespace = (name) => {
    const state = this.#namespaces?.state
    if (state !== 'synced' && state !== 'stale') return 'unknown'
    // A primary can be seen before the namespace that it is in.
    const namespace = this.#namespaces?.get(name)
    return namespace ? (namespace.metadata.labels ?? {}) : 'unknown'
  }
}
