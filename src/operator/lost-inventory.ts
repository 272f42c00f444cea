/**
 * An inventory that was lost: the Lease does not know a kind of primaries, and the operator has served objects of that kind before.
 *
 * What nothing renders any more would never be found again, and the finalizer would go over it. So before any pass all kinds of the
 * cluster are listed by our label, once, and those that hold dependents of these primaries are recorded. A first start, or a new watch, costs
 * one list of the primaries.
 */
import type { Clock } from '../api/clock.ts'
import { primaryUidLabel } from '../api/names.ts'
import { apiVersionOf, groupKind, gvkOf, type KubernetesObject } from '../api/object.ts'
import type { Definition } from '../definition/definition.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { sleep, systemClock } from '../kube/deadline.ts'
import type { Discovery } from '../kube/discovery.ts'
import { isApiError } from '../kube/errors.ts'
import { entriesFor } from '../reconcile/inventory.ts'
import { listed } from '../reconcile/status.ts'
import { hasFinalizer } from './finalizer.ts'
import type { InventoryStore } from './inventory-store.ts'
import type { Logger } from './log.ts'
import { listIn } from './removed-watches.ts'
import { sideBySide } from './side-by-side.ts'
import { tellsStatus } from './status-withdrawal.ts'

export interface LostInventory {
  definition: Definition
  client: ApiClient
  discovery: Discovery
  /** Has been read. */
  inventory: InventoryStore
  /** Those that the operator is limited to; empty: all. */
  namespaces: readonly string[]
  log: Logger
  clock?: Clock | undefined
}

/** Milliseconds between two tries. When they have grown to that, kinds that still do not answer are left out. */
const longestPause = 10_000

/** Puts back on the list what was lost of it; tries again, until the signal, what another look may answer. */
export async function recoverInventory(options: LostInventory, signal: AbortSignal): Promise<void> {
  const { definition, inventory, log, clock = systemClock } = options
  const watched = new Map(definition.watches.map(({ kind }) => [groupKind(kind), kind]))
  const unknown = [...watched.values()].filter((kind) => !inventory.primaryKinds.includes(groupKind(kind)))
  let told: string | undefined
  for (let pause = 500; unknown.length > 0 && !signal.aborted; pause = Math.min(longestPause, pause * 2)) {
    const isPatient = pause < longestPause
    try {
      const served = await Promise.all(unknown.map(async (kind) => await servedBefore(servedAs(kind, options), isPatient, options)))
      const primaries = served.flat()
      return primaries.length > 0 ? await recordFound(primaries, isPatient, options) : undefined
    } catch (error) {
      if (!isApiError(error)) throw error
      if (told !== error.message) log.warn({ code: error.code }, `what was applied before is not known yet: ${error.message}`)
      told = error.message
    }
    await sleep(clock, pause, signal)
  }
}

const servedAs = ({ group, kind }: { group: string; kind: string }, { discovery }: LostInventory): Resource | undefined =>
  discovery.resourcesFor({ group, kind })[0]

/** Those that have our finalizer or a status of ours; none where they cannot be listed: then none of them is served either. */
async function servedBefore(resource: Resource | undefined, isPatient: boolean, options: LostInventory): Promise<KubernetesObject[]> {
  const primaries = resource ? ((await listedIn(resource, isPatient, options)) ?? []) : []
  return primaries.filter((primary) => hasFinalizer(primary) || tellsStatus(primary))
}

/** Undefined: they cannot be listed. Rejects with ApiError, where that is wanted, if they may be later. */
async function listedIn(
  resource: Resource,
  isPatient: boolean,
  { client, namespaces }: LostInventory,
  labelSelector?: string,
): Promise<KubernetesObject[] | undefined> {
  try {
    return await listIn(namespaces, resource, client, labelSelector)
  } catch (error) {
    if (!isApiError(error) || (isPatient && error.outcome === 'retry')) throw error
    return undefined
  }
}

/** @param isPatient whether to reject with ApiError where a kind may answer later */
async function recordFound(primaries: readonly KubernetesObject[], isPatient: boolean, options: LostInventory): Promise<void> {
  const { discovery, inventory, namespaces, log } = options
  const kinds = new Map(
    discovery.resources
      .filter(({ verbs }) => verbs.includes('list'))
      .map((resource) => [groupKind(resource), servedAs(resource, options) ?? resource]),
  )
  log.warn(
    { primaries: primaries.length },
    `${inventory.title} does not know the kinds that ${primaries.length} custom resources were served with before: ` +
      `all ${kinds.size} kinds are looked through for their dependents, once`,
  )
  const unread = discovery.unknown.map(({ group, version }) => `${group}/${version}`)
  const objects = await sideBySide([...kinds.values()], async (resource) => {
    const found = await listedIn(resource, isPatient, options, primaryUidLabel)
    if (!found) unread.push(groupKind(resource))
    return found ?? []
  })
  const byUid = Map.groupBy(objects.flat(), ({ metadata }) => metadata.labels?.[primaryUidLabel])
  for (const [kind, ofKind] of Map.groupBy(primaries, (primary) => groupKind(gvkOf(primary)))) {
    const entries = ofKind.flatMap((primary) => {
      const own = byUid.get(primary.metadata.uid) ?? []
      return entriesFor(
        own.map((body) => ({ kind: gvkOf(body), body })),
        primary,
        namespaces,
      )
    })
    await inventory.record(kind, entries)
    const names = new Set(entries.map((entry) => `${apiVersionOf(entry.kind)} ${entry.kind.kind}`))
    log.info({ kind }, `${inventory.title} knows again what ${kind} has: ${names.size === 0 ? 'nothing' : [...names].join(', ')}`)
  }
  if (unread.length > 0)
    log.warn(
      { kinds: unread.length },
      `${unread.length} kinds could not be looked through, and what is left in them is not known: ${listed(unread)}`,
    )
}
