/**
 * Watches that are no longer there: kinds of primaries that the inventory knows and that no watch names, and custom resources of other kinds
 * that the watches of the last start took and no watch takes now, be it for their namespace.
 *
 * Nobody serves these custom resources any more, and one with our finalizer could never be deleted. So the operator does not start while
 * any of them has dependents or the finalizer, unless it is told to let go: the custom resource loses the status that we wrote, since nobody
 * keeps it true, its dependents lose our marks and their owner, as with `fairlead.dev/keep`, then the custom resource loses the finalizer,
 * and at last the inventory the kind. Each step can be repeated, and the next one is found by what is left, so that a start that was
 * interrupted goes on where it was. Where there is nothing but the status to let go of, nobody has to be asked.
 */
import type { Clock } from '../api/clock.ts'
import { primaryUidLabel, selectionsAnnotation } from '../api/names.ts'
import { type GroupVersionKind, gvkOf, type KubernetesObject, objectKey } from '../api/object.ts'
import { formatProblem, type Problem } from '../api/problem.ts'
import type { Definition } from '../definition/definition.ts'
import { isSameSelection, namespacesOf, type Selections, selectionsOf } from '../definition/selections.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { sleep, systemClock } from '../kube/deadline.ts'
import type { Discovery, UnknownGroupVersion } from '../kube/discovery.ts'
import { ApiError, isApiError } from '../kube/errors.ts'
import { listAll } from '../kube/list.ts'
import { findObject } from '../kube/find.ts'
import { isNamespaceGone } from '../kube/namespaces.ts'
import { groupVersionPath } from '../kube/paths.ts'
import { anyNamespace } from '../reconcile/inventory.ts'
import { isMadeBy } from '../reconcile/ownership.ts'
import { listed as firstOf } from '../reconcile/status.ts'
import { dropFrom, hasFinalizer } from './finalizer.ts'
import type { InventoryStore } from './inventory-store.ts'
import { letGo } from './letting-go.ts'
import type { Logger } from './log.ts'
import { tellsStatus, withdrawStatus } from './status-withdrawal.ts'
import { unservedOf } from './unserved.ts'

export interface RemovedWatches {
  definition: Definition
  client: ApiClient
  discovery: Discovery
  inventory: InventoryStore
  /** Those that the operator is limited to; empty: all. */
  namespaces: readonly string[]
  /** Whether to let go of what is left. */
  release: boolean
  log: Logger
  clock?: Clock | undefined
}

/** A primary that nobody serves, and what it has of ours. */
interface Left {
  primary: KubernetesObject
  dependents: readonly KubernetesObject[]
}

/** Custom resources of a kind that nobody serves any more. */
interface Leaving {
  kind: string
  /** Why, for messages. */
  gone: string
  /** What would make them served again. */
  back: string
  /** Whether no watch names the kind. */
  isRemoved: boolean
  /** What the watches take. */
  watched: Selections
  /** Where the objects of the kind are, or were, watched; empty: everywhere. */
  namespaces: readonly string[]
}

/** How often an object that changes in between is tried. */
const writeTries = 5

/**
 * Why the operator must not start; empty: it may. Costs nothing where the inventory, which has been read, has exactly what is watched. What
 * passes by itself is waited for.
 */
export async function settleRemovedWatches(options: RemovedWatches, signal: AbortSignal): Promise<Problem[]> {
  const { definition, inventory, log } = options
  const watched = selectionsOf(definition.watches, options.namespaces)
  const { primaryKinds } = inventory
  const removed = primaryKinds.filter((kind) => !watched[kind])
  const changed = primaryKinds.filter((kind) => {
    const before = inventory.selectionOf(kind)
    return before && watched[kind] && !isSameSelection(before, watched[kind])
  })
  const problems: Problem[] = []
  const settled: string[] = []
  /** Stays as it is on the list, to be asked about at the next start. */
  const open = new Set<string>()
  for (const kind of [...removed, ...changed]) {
    const left: Leaving = { kind, ...reasonOf(kind, watched, options), watched, isRemoved: !watched[kind] }
    const problem = await untilAnswered(
      async () => await settle(left, options),
      `${left.gone}, and what it has left is not known yet`,
      options,
      signal,
    )
    if (problem?.severity === 'warning') {
      log.warn({ kind }, formatProblem(problem))
      open.add(kind)
    } else if (problem) problems.push(problem)
    else if (left.isRemoved) settled.push(kind)
  }
  const told = problems.length === 0 ? Object.entries(watched).filter(([kind]) => !open.has(kind)) : []
  // What is left on the list is asked about again, and what is not on it yet is put there with its first dependent.
  const missing = `${inventory.title} does not have the kinds that are watched`
  const record = async (): Promise<void> =>
    await inventory.recordWatched(Object.fromEntries(told), settled).catch((error: unknown) => {
      if (!isApiError(error) || error.outcome === 'retry') throw error
      log.warn({ code: error.code }, `${missing}: ${error.message}`)
    })
  if (!signal.aborted) await untilAnswered(record, `${missing} yet`, options, signal)
  return problems
}

function reasonOf(
  kind: string,
  watched: Selections,
  { inventory, namespaces: now }: RemovedWatches,
): Pick<Leaving, 'gone' | 'back' | 'namespaces'> {
  const before = inventory.selectionOf(kind)
  const then = before ? namespacesOf(before) : now
  const namespaces = then.length === 0 || now.length === 0 ? [] : [...new Set([...now, ...then])]
  const left = now.length === 0 ? [] : then.length === 0 ? ['all namespaces'] : then.filter((each) => !now.includes(each))
  if (!watched[kind]) return { gone: `no watch names ${kind} any more`, back: 'put the watch back', namespaces }
  if (left.length > 0) return { gone: `${kind} is not watched in ${firstOf(left)} any more`, back: 'watch there again', namespaces }
  return { gone: `the watches of ${kind} take other objects than before`, back: 'let a watch take them', namespaces }
}

/** What is in the way; a warning: of the start it is not. */
async function settle(leaving: Leaving, options: RemovedWatches): Promise<Problem | undefined> {
  const { kind, gone } = leaving
  const { inventory, release } = options
  let isKnown = false
  try {
    const primaries = await resourceOf(kind, options)
    const left = primaries ? await leftOf(leaving, primaries, options) : []
    if (!primaries) return undefined
    const needing = left.filter(({ primary, dependents }) => dependents.length > 0 || hasFinalizer(primary))
    if (!release && needing.length > 0) return stillThere(leaving, needing, inventory)
    isKnown = needing.length === 0
    for (const each of left) await releaseOne(each, primaries, options)
    return undefined
  } catch (error) {
    if (!isApiError(error) || error.outcome === 'retry') throw error
    // The inventory names a kind of dependents before any is made: with none there can be nothing but a status.
    const onlyTold = isKnown || inventory.entriesOf(kind).length === 0
    const what = onlyTold ? 'the status that its objects have may be out of date from now on' : 'what it has left is not known'
    return {
      code: 'WATCH_REMOVED',
      message: `${gone}, and ${what}: ${error.message}`,
      remedy: `allow the operator what it could do before, or ${handedOver(leaving, inventory)}`,
      ...(onlyTold && { severity: 'warning' }),
    }
  }
}

function stillThere(leaving: Leaving, left: readonly Left[], inventory: InventoryStore): Problem {
  const names = firstOf(left.map(({ primary }) => objectKey(primary.metadata)))
  const its = leaving.isRemoved ? 'of its objects' : 'of those that no watch takes any more'
  const [count, have] = left.length === 1 ? [`1 ${its}`, 'has'] : [`${left.length} ${its}`, 'have']
  return {
    code: 'WATCH_REMOVED',
    message: `${leaving.gone}, and ${count} still ${have} dependents or the finalizer: ${names}`,
    remedy:
      `${leaving.back} and delete them first; or start once with --release-orphans, ` +
      `which leaves their dependents as they are, without an owner; or, if another operator serves them, ${handedOver(leaving, inventory)}`,
  }
}

/** The ways that are not this operator's own. */
const handedOver = ({ kind, isRemoved }: Leaving, { title }: InventoryStore): string => {
  const place = isRemoved ? title : `the annotation ${selectionsAnnotation} of ${title}`
  return `give each operator an --operator-name of its own and take "${kind}" out of ${place}`
}

/** The kind of primaries in a version that is served; undefined: its definition is gone, and so are they. */
async function resourceOf(name: string, { discovery }: RemovedWatches): Promise<Resource | undefined> {
  const [kind = '', ...group] = name.split('.')
  const served = discovery.resourcesFor({ group: group.join('.'), kind })[0]
  const unknown = discovery.unknown.find((each) => each.group === group.join('.'))
  if (served || !unknown) return served
  throw notAnswering(unknown)
}

const notAnswering = ({ reason, ...groupVersion }: UnknownGroupVersion): ApiError =>
  new ApiError({ class: 'unavailable', method: 'GET', path: groupVersionPath(groupVersion), code: 503, reason })

async function leftOf({ kind, watched, namespaces }: Leaving, resource: Resource, options: RemovedWatches): Promise<Left[]> {
  const { client, discovery, inventory } = options
  const isUnserved = await unservedOf(kind, { watched, inventory, client, discovery })
  const primaries = (await listIn(namespaces, resource, client)).filter(isUnserved)
  const entries = primaries.length === 0 ? [] : inventory.entriesOf(kind)
  const dependents = await Promise.all(
    entries.map(async (entry) => {
      const served = servedAs(entry.kind, discovery)
      const unknown = served
        ? undefined
        : discovery.unknown.find(({ group, version }) => group === entry.kind.group && version === entry.kind.version)
      if (unknown) throw notAnswering(unknown)
      if (!served) return []
      const everywhere = namespaces.length === 0 || entry.namespaces.includes(anyNamespace)
      return await listIn(everywhere ? [] : [...new Set([...namespaces, ...entry.namespaces])], served, client, primaryUidLabel)
    }),
  )
  const byUid = Map.groupBy(dependents.flat(), ({ metadata }) => metadata.labels?.[primaryUidLabel])
  return primaries.flatMap((primary): Left[] => {
    const own = (byUid.get(primary.metadata.uid) ?? []).filter((object) => isMadeBy(object, primary))
    return own.length > 0 || hasFinalizer(primary) || tellsStatus(primary) ? [{ primary, dependents: own }] : []
  })
}

/**
 * The metadata of all that is there of a kind. Rejects with ApiError.
 *
 * @param namespaces empty: everywhere, as for what is in none
 */
export async function listIn(
  namespaces: readonly string[],
  resource: Resource,
  client: ApiClient,
  labelSelector?: string,
): Promise<KubernetesObject[]> {
  const places = resource.namespaced && namespaces.length > 0 ? namespaces : [undefined]
  const lists = places.map(async (namespace) => {
    try {
      return await listAll(client, resource, { namespace, metadataOnly: true, ...(labelSelector && { labelSelector }) })
    } catch (error) {
      // The rights in a namespace go with it.
      if (namespace !== undefined && isApiError(error, 'forbidden') && (await isNamespaceGone(namespace, client))) return []
      throw error
    }
  })
  return (await Promise.all(lists)).flat()
}

const servedAs = (kind: GroupVersionKind, discovery: Discovery): Resource | undefined =>
  discovery.resourceFor(kind) ?? discovery.resourcesFor(kind)[0]

async function releaseOne({ primary, dependents }: Left, resource: Resource, { client, discovery, log }: RemovedWatches): Promise<void> {
  /** Does this with the primary as it is now, if it is still there. */
  const withLive = async (change: (live: KubernetesObject) => Promise<unknown>): Promise<void> =>
    await againOnConflict(async () => {
      const live = await findObject(client, resource, primary.metadata)
      if (live && live.metadata.uid === primary.metadata.uid) await change(live)
    })
  if (tellsStatus(primary)) await withLive(async (live) => await withdrawStatus(live, resource, client))
  for (const object of dependents) {
    const served = servedAs(gvkOf(object), discovery)
    if (served) await againOnConflict(async () => await letGo(object, primary, served, client))
  }
  await withLive(async (live) => {
    if (hasFinalizer(live)) await dropFrom(live, resource, client)
  })
  const name = `${primary.kind}/${objectKey(primary.metadata)}`
  const rest = dependents.length === 0 ? 'its status is taken back' : `${dependents.length} dependents stay as they are, without an owner`
  log.info({ primary: name }, `let go of ${name}: ${rest}`)
}

async function againOnConflict(write: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await write()
      return
    } catch (error) {
      if (!isApiError(error, 'conflict') || tries >= writeTries) throw error
    }
  }
}

/** Tries again what another look may answer, until the signal. */
async function untilAnswered<Answer>(
  ask: () => Promise<Answer>,
  meanwhile: string,
  { log, clock = systemClock }: RemovedWatches,
  signal: AbortSignal,
): Promise<Answer | undefined> {
  for (let pause = 500; ; pause = Math.min(10_000, pause * 2)) {
    try {
      return await ask()
    } catch (error) {
      if (!isApiError(error)) throw error
      if (signal.aborted) return undefined
      log.warn({ code: error.code }, `${meanwhile}: ${error.message}; it is tried again`)
    }
    await sleep(clock, pause, signal)
  }
}
