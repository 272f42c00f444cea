/**
 * The tree of a primary as the cluster holds it: its state, its dependents with theirs, and theirs, where a dependent is a primary itself.
 *
 * Everything comes from the objects: status, marks, managed fields, and the Events that the operator wrote. The operator is not asked.
 */
import { fieldManager, primaryUidLabel, readyWhenAnnotation } from '../api/names.ts'
import { groupKind, gvkOf, type KubernetesObject, objectKey } from '../api/object.ts'
import type { Readiness } from '../api/readiness.ts'
import { isBuiltIn } from '../fields/unseen.ts'
import { applyEntry } from '../reconcile/ingest.ts'
import { isProvablyOf } from '../reconcile/ownership.ts'
import { primaryState, type PrimaryState } from '../reconcile/primary-state.ts'
import { gatedReadiness } from '../reconcile/ready-when.ts'
import { listed } from '../reconcile/status.ts'
import { toldReadiness } from '../reconcile/told-readiness.ts'
import { approveCommand } from './holds.ts'

interface Named {
  /** `Deployment.apps`. */
  kind: string
  /** Left out outside of namespaces. */
  namespace?: string
  name: string
  /** When it was created, as the server says. */
  created?: string
}

export interface PrimaryTree extends Named, Omit<PrimaryState, 'hold'> {
  uid: string
  generation?: number
  lastAction?: LastAction
  held?: Held
  dependents: readonly DependentTree[]
}

export interface DependentTree extends Named {
  state: Readiness['state'] | 'unknown'
  reason: string
  message: string
  /** When we last changed it. */
  written?: string
  /** What hangs below a dependent that is itself a primary. */
  primary?: PrimaryTree
}

/** The newest Event that the operator wrote about a primary. */
export interface LastAction {
  reason: string
  /** In our own words. */
  message: string
  time: string
  /** How often it was seen, if more than once. */
  count?: number
}

export interface Held {
  why: string
  /** Those that the status lists. */
  deletes: readonly string[]
  count: number
  /** The command that releases them. */
  release: string
}

export interface World {
  /** Dependents of all primaries that are looked at. */
  dependentsOf: (primaryUid: string) => readonly KubernetesObject[]
  lastActionOf: (primaryUid: string) => LastAction | undefined
  /** Whether objects of this kind (`App.app.company.com`) are primaries. */
  isPrimary: (kind: string) => boolean
  /** Milliseconds since the epoch. */
  now: number
}

/** A primary, a primary of it, and so on: a circle of owners would not end. */
export const deepest = 8

export function primaryTree(primary: KubernetesObject, world: World, depth = 0): PrimaryTree {
  const { uid = '', generation } = primary.metadata
  const { hold, ...told } = primaryState(primary)
  const manager = fieldManager('dependents', uid)
  const lastAction = world.lastActionOf(uid)
  const dependents = world
    .dependentsOf(uid)
    .filter((object) => isProvablyOf(object, primary, manager))
    .map((object) => dependentTree(object, primary, world, depth + 1))
  return {
    ...named(primary),
    uid,
    ...(told.state === 'untold' && isBuiltIn(primary.apiVersion) ? judged(dependents) : told),
    ...(generation !== undefined && { generation }),
    ...(lastAction && { lastAction }),
    ...(hold && {
      held: { why: hold.why, deletes: hold.names, count: hold.names.length + hold.more, release: approveCommand(primary) },
    }),
    dependents: dependents.sort((one, other) => (orderOf(one) < orderOf(other) ? -1 : 1)),
  }
}

/**
 * Whether an object is shown as a primary. Of Kubernetes' own kinds watches take those that they select, as a rule a few, which nothing on
 * the object tells: those count that have made something.
 */
export const isPrimary = (object: KubernetesObject, { isPrimary: isOfKind, dependentsOf }: Pick<World, 'isPrimary' | 'dependentsOf'>) =>
  isOfKind(groupKind(gvkOf(object))) &&
  (!isBuiltIn(object.apiVersion) ||
    dependentsOf(object.metadata.uid ?? '').some((each) =>
      isProvablyOf(each, object, fieldManager('dependents', object.metadata.uid ?? '')),
    ))

/** The state of a primary that no status is written to. */
function judged(dependents: readonly DependentTree[]): Pick<PrimaryState, 'state' | 'reason' | 'message'> {
  const stateOf = ({ state, primary }: DependentTree): DependentTree['state'] | PrimaryState['state'] => primary?.state ?? state
  const named = (isMeant: (each: DependentTree) => boolean): string =>
    listed(dependents.filter(isMeant).map(({ kind, name }) => `${kind.split('.')[0]}/${name}`))
  const failed = named((each) => ['failed', 'stalled'].includes(stateOf(each)))
  if (failed !== '') return { state: 'stalled', reason: 'DependentsFailed', message: `failed: ${failed}` }
  const unready = named((each) => !['current', 'ready'].includes(stateOf(each)))
  if (unready !== '') return { state: 'reconciling', reason: 'DependentsNotReady', message: `not ready: ${unready}` }
  if (dependents.length === 0)
    return { state: 'untold', reason: 'NoStatus', message: 'it has no dependents, and its kind takes no status of an operator' }
  return { state: 'ready', reason: 'DependentsReady', message: 'judged by its dependents: its kind takes no status of an operator' }
}

function dependentTree(object: KubernetesObject, owner: KubernetesObject, world: World, depth: number): DependentTree {
  const { state, reason, message } = readinessOf(object, owner, world.now)
  const written = applyEntry(object, fieldManager('dependents', owner.metadata.uid ?? ''))?.time
  return {
    ...named(object),
    state,
    reason,
    message,
    ...(written !== undefined && { written }),
    ...(isPrimary(object, world) && depth < deepest && { primary: primaryTree(object, world, depth) }),
  }
}

/** Of a Secret only the metadata is read, so a rule over its data cannot be judged here, and an expression only with its template. */
function readinessOf(
  object: KubernetesObject,
  primary: KubernetesObject,
  now: number,
): Pick<DependentTree, 'state' | 'reason' | 'message'> {
  const gate = object.metadata.annotations?.[readyWhenAnnotation]
  const isTold = gate !== undefined && (isSecret(object) || !gate.trimStart().startsWith('{'))
  return isTold ? toldReadiness(object, primary, now) : gatedReadiness({ body: object }, object, now)
}

export const isSecret = ({ apiVersion, kind }: { apiVersion: string; kind: string }): boolean => apiVersion === 'v1' && kind === 'Secret'

/** The primary that an object says it belongs to. */
export const primaryUidOf = ({ metadata }: KubernetesObject): string | undefined => metadata.labels?.[primaryUidLabel]

function named(object: KubernetesObject): Named {
  const { namespace, name, creationTimestamp } = object.metadata
  return {
    kind: groupKind(gvkOf(object)),
    ...(namespace !== undefined && { namespace }),
    name,
    ...(creationTimestamp !== undefined && { created: creationTimestamp }),
  }
}

const orderOf = (each: Named): string => `${each.kind} ${objectKey(each)}`
