/**
 * The inventory where it is kept: one Lease of the operator's own, read once at the start and written before the first object of a kind.
 * Beside it stands what the watches take of each kind, and what the last revisions have deleted
 * without approval, written before such deletes.
 *
 * What is known is never forgotten while the process runs: a Lease that somebody deletes is made again with all of it, before the next
 * write that needs it.
 */
import type { Clock } from '../api/clock.ts'
import {
  inventoryAnnotation,
  inventoryManager,
  inventoryName,
  operatorLabel,
  prunedAnnotation,
  selectionsAnnotation,
  serversAnnotation,
} from '../api/names.ts'
import { type GroupVersionKind, groupKind, type KubernetesObject } from '../api/object.ts'
import { formatProblem, type Problem } from '../api/problem.ts'
import { formatSelections, isSameSelection, parseSelections, type Selection, type Selections } from '../definition/selections.ts'
import type { ApiClient } from '../kube/client.ts'
import { sleep, systemClock } from '../kube/deadline.ts'
import { ApiError, isApiError } from '../kube/errors.ts'
import { leases } from '../kube/leases.ts'
import { resourcePath } from '../kube/paths.ts'
import { createOnly, patchMetadata } from '../kube/writes.ts'
import { covers, formatInventory, type Inventory, type InventoryEntry, mergedInventories, parseInventory } from '../reconcile/inventory.ts'
import { formatPruned, mergedPruned, parsePruned, type Pruned, withPruned } from '../reconcile/pruned.ts'
import { formatServers, parseServers, type Servers } from '../reconcile/servers.ts'
import type { Logger } from './log.ts'

/** How often a write is tried again that another process came in between. */
const writeTries = 5

export interface InventoryStoreOptions {
  client: ApiClient
  /** The operator's own namespace. */
  namespace: string
  /** The operator's name. */
  operator: string
  /** Told what is in the way of the first read. */
  log?: Logger
  clock?: Clock
}

/** The operator's own namespace: as it is told, else its credentials', else the first that it is limited to. */
export const operatorNamespace = (
  options: { operatorNamespace: string | undefined; namespaces: readonly string[] },
  credentials: { namespace: string | undefined },
): string => options.operatorNamespace ?? credentials.namespace ?? options.namespaces[0] ?? 'default'

/** What an operator and its passes need of it. */
export type KnownKinds = Pick<
  InventoryStore,
  'title' | 'namespace' | 'problem' | 'read' | 'entriesOf' | 'placesOf' | 'servers' | 'record' | 'prunedBy' | 'recordPruned'
>

/** What the Lease tells. */
interface Known {
  inventory: Inventory
  selections: Selections
  pruned: Pruned
  servers: Servers
}

/** Gives back what it gets where nothing is to be written. */
type Change = (known: Known) => Known

const unchanged: Change = (known) => known

export class InventoryStore {
  readonly #options: InventoryStoreOptions
  #known: Known = { inventory: {}, selections: {}, pruned: {}, servers: {} }
  /** The Lease as it was last read or written; undefined: there was none. */
  #lease: { uid: string; resourceVersion: string } | undefined
  #writing: Promise<unknown> = Promise.resolve()
  /** What is watched, while it could not be written: it goes with the next write. */
  #owed: Change = unchanged
  #problem: Problem | undefined = {
    code: 'INVENTORY_UNUSABLE',
    message: 'the kinds that were applied before are being read',
  }

  constructor(options: InventoryStoreOptions) {
    this.#options = options
  }

  /** Why it is not known yet, if it is not. */
  get problem(): Problem | undefined {
    return this.#problem
  }

  /** The operator's own. */
  get namespace(): string {
    return this.#options.namespace
  }

  /** For messages. */
  get title(): string {
    return `Lease/${inventoryName(this.#options.operator)}`
  }

  /** What this kind of primaries (`App.app.company.com`) has ever had. */
  entriesOf(primary: string): readonly InventoryEntry[] {
    return this.#known.inventory[primary] ?? []
  }

  /** Namespaces in which there are, or were, dependents of this kind that no owner reference holds; `*` for all. */
  placesOf(kind: GroupVersionKind): readonly string[] {
    const entries = Object.values(this.#known.inventory).flat()
    return entries.filter((entry) => groupKind(entry.kind) === groupKind(kind)).flatMap(({ namespaces }) => namespaces)
  }

  /** The kinds of primaries that it knows. */
  get primaryKinds(): string[] {
    return Object.keys(this.#known.inventory)
  }

  /** What the watches of the last start took of this kind of primaries; undefined: not known. */
  selectionOf(primary: string): readonly Selection[] | undefined {
    return this.#known.selections[primary]
  }

  /** Who serves the group versions of custom kinds, as far as that was found out. */
  get servers(): Servers {
    return this.#known.servers
  }

  /** Reads it once. Rejects with ApiError. */
  async load(signal?: AbortSignal): Promise<void> {
    await this.#refresh(signal)
    this.#problem = undefined
  }

  /**
   * Reads it, and tries again until it can be read: an operator that does not know what it has applied would leave it behind. Resolves to
   * false when the signal came first, and at once where it has been read.
   */
  async read(signal: AbortSignal): Promise<boolean> {
    if (this.#problem === undefined) return true
    for (let pause = 500; !signal.aborted; pause = Math.min(10_000, pause * 2)) {
      try {
        await this.load(signal)
        return true
      } catch (error) {
        if (!(error instanceof ApiError)) throw error
        if (signal.aborted) break
        this.#tell(error)
      }
      await sleep(this.#options.clock ?? systemClock, pause, signal)
    }
    return false
  }

  /**
   * Records the entries, and who serves them, unless that is recorded: then it sends nothing. Rejects with ApiError if they could not be, and
   * then nothing of these kinds may be applied.
   */
  async record(primary: string, entries: readonly InventoryEntry[], servers: Servers = {}): Promise<void> {
    await this.#change((known) => {
      const hasServers = Object.entries(servers).every(([apiVersion, server]) => known.servers[apiVersion] === server)
      if (covers(known.inventory[primary] ?? [], entries) && hasServers) return known
      return {
        ...known,
        inventory: mergedInventories(known.inventory, { [primary]: entries }),
        servers: { ...known.servers, ...servers },
      }
    })
  }

  /** Digests of what this revision made the watch delete without approval. */
  prunedBy(revision: string, watch: string): readonly string[] {
    return this.#known.pruned[revision]?.[watch] ?? []
  }

  /** Records more of them, unless they are recorded: then it sends nothing. Rejects with ApiError. */
  async recordPruned(revision: string, watch: string, digests: readonly string[]): Promise<void> {
    await this.#change((known) => {
      const pruned = withPruned(known.pruned, revision, watch, digests)
      return pruned === known.pruned ? known : { ...known, pruned }
    })
  }

  async #change(change: Change): Promise<void> {
    if (change(this.#known) === this.#known) return
    const write = this.#writing.then(() => this.#write(change))
    this.#writing = write.catch(() => undefined)
    await write
  }

  /**
   * Puts the kinds of primaries that are watched on the list, with what the watches take of them, so that whoever reads it knows of those
   * that have no dependents yet, and takes those off it that nobody watches any more and that have left nothing: else they would be looked
   * for at each start. Sends nothing where the list is so. Rejects with ApiError; then it goes with the next write.
   */
  async recordWatched(watched: Selections, left: readonly string[]): Promise<void> {
    this.#owed = (known) => {
      const { inventory, selections } = known
      const isKnown = (kind: string): boolean => kind in inventory && isSameSelection(selections[kind], watched[kind] ?? [])
      if (Object.keys(watched).every(isKnown) && !left.some((kind) => kind in inventory)) return known
      const kept = Object.fromEntries(Object.entries(inventory).filter(([primary]) => !left.includes(primary)))
      const others = Object.fromEntries(Object.entries(selections).filter(([primary]) => !left.includes(primary)))
      return {
        ...known,
        inventory: mergedInventories(kept, Object.fromEntries(Object.keys(watched).map((kind) => [kind, []]))),
        selections: { ...others, ...watched },
      }
    }
    await this.#change(this.#owed)
  }

  async #write(change: Change): Promise<void> {
    for (let tries = 1; ; tries++) {
      const wanted = change(this.#owed(this.#known))
      if (wanted === this.#known) return
      try {
        this.#take(await this.#send(wanted), wanted)
        this.#owed = unchanged
      } catch (error) {
        if (!isApiError(error, 'conflict', 'alreadyExists', 'notFound', 'uidMismatch') || tries >= writeTries) throw error
        // Another process wrote it, or somebody deleted it.
        await this.#refresh()
      }
    }
  }

  async #send({ inventory, selections, pruned, servers }: Known): Promise<KubernetesObject> {
    const { client, namespace, operator } = this.#options
    const reference = { namespace, name: inventoryName(operator) }
    const marks = {
      annotations: {
        [inventoryAnnotation]: formatInventory(inventory),
        ...(Object.keys(selections).length > 0 && { [selectionsAnnotation]: formatSelections(selections) }),
        ...(Object.keys(pruned).length > 0 && { [prunedAnnotation]: formatPruned(pruned) }),
        ...(Object.keys(servers).length > 0 && { [serversAnnotation]: formatServers(servers) }),
      },
      labels: { [operatorLabel]: operator },
    }
    if (this.#lease) return await patchMetadata(client, leases, reference, { ...this.#lease, metadata: marks, manager: inventoryManager })
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { ...reference, ...marks } }
    return await createOnly(client, leases, body, { manager: inventoryManager })
  }

  async #refresh(signal?: AbortSignal): Promise<void> {
    const { client, namespace, operator } = this.#options
    const path = resourcePath(leases, { namespace, name: inventoryName(operator) })
    let live: KubernetesObject
    try {
      live = await client.request<KubernetesObject>({ method: 'GET', path, ...(signal && { signal }) })
    } catch (error) {
      if (!isApiError(error, 'notFound')) throw error
      this.#lease = undefined
      return
    }
    const inventory = parseInventory(live.metadata.annotations?.[inventoryAnnotation] ?? '')
    if (!inventory)
      throw new ApiError({
        class: 'invalid',
        method: 'GET',
        path,
        code: 422,
        reason: `its annotation ${inventoryAnnotation} is not an inventory`,
      })
    const pruned = parsePruned(live.metadata.annotations?.[prunedAnnotation])
    this.#take(live, {
      inventory: mergedInventories(this.#known.inventory, inventory),
      selections: { ...this.#known.selections, ...parseSelections(live.metadata.annotations?.[selectionsAnnotation]) },
      pruned: mergedPruned(pruned, this.#known.pruned),
      servers: { ...parseServers(live.metadata.annotations?.[serversAnnotation]), ...this.#known.servers },
    })
  }

  #take({ metadata: { uid, resourceVersion } }: KubernetesObject, known: Known): void {
    this.#lease = { uid: uid as string, resourceVersion: resourceVersion as string }
    this.#known = known
  }

  #tell({ message, code, class: why }: ApiError): void {
    const { namespace } = this.#options
    const remedies: Partial<Record<ApiError['class'], string>> = {
      invalid:
        'put the annotation right, or delete the Lease: then all kinds are looked through for what was applied; if the Lease is somebody ' +
        'else’s, give the operator an --operator-name of its own',
      forbidden: `the operator needs the verbs get, create and patch on leases in namespace ${namespace}`,
    }
    const remedy = remedies[why]
    const problem: Problem = {
      code: 'INVENTORY_UNUSABLE',
      message: `the kinds that were applied before are not known: ${message}`,
      remedy: remedy ? `${remedy}; it is tried again` : 'it is tried again',
    }
    if (this.#problem?.message !== problem.message) this.#options.log?.error({ code }, formatProblem(problem))
    this.#problem = problem
  }
}
