/** What a pass reads: the primary and its dependents as the caches hold them, and what cannot be known now. */
import { equalJson } from '../api/equal.ts'
import { type GroupVersionKind, groupKind, type KubernetesObject } from '../api/object.ts'
import type { Informer, Standing } from '../cache/informer.ts'
import { isApiError } from '../kube/errors.ts'
import { resourcePath } from '../kube/paths.ts'
import { withoutMarks } from '../reconcile/composition.ts'
import { type DesiredObject, kindName } from '../reconcile/desired.ts'
import { anyNamespace } from '../reconcile/inventory.ts'
import type { Observed } from '../reconcile/plan.ts'
import type { Inputs } from '../reconcile/program.ts'
import type { PassContext } from './pass-context.ts'

/** The states of the caches that the primary's dependents may be in, as far as they are not synced. */
export function cacheStates(primary: KubernetesObject, context: PassContext): string {
  const states: string[] = []
  for (const cache of context.startedCaches()) {
    const { state } = standingFor(primary, cache, context)
    if (state !== 'synced') states.push(`${kindName(cache.kind)} ${state}`)
  }
  return states.join()
}

/**
 * Each dependent once, though a kind that is watched in two versions has it twice. What a cache has kept of a kind, or of a namespace, that
 * is gone is not there any more.
 */
export function* dependentsOf(uid: string, context: PassContext): Generator<KubernetesObject> {
  const seen = new Set<string | undefined>()
  for (const cache of context.dependentCaches()) {
    for (const object of cache.byIndex(uid)) {
      if (seen.has(object.metadata.uid) || (cache.state === 'gone' && isGone(cache, object.metadata.namespace ?? ''))) continue
      seen.add(object.metadata.uid)
      yield object
    }
  }
}

const isGone = (cache: Informer, namespace: string): boolean => cache.within([namespace]).state === 'gone'

/** A kind of dependents of which a missing object is not known to be absent. */
export interface Unsettled extends Standing {
  readonly kind: GroupVersionKind
}

/** Those kinds, as far as the dependents of this primary can be. */
export function unsettledKinds(primary: KubernetesObject, context: PassContext): Unsettled[] {
  const unsettled: Unsettled[] = []
  for (const cache of context.dependentCaches()) {
    const { state, reason, failed } = standingFor(primary, cache, context)
    if (state !== 'synced') unsettled.push({ kind: cache.kind, state, reason, failed })
  }
  return unsettled
}

/**
 * Whether the pass has to wait for caches that only take their time: always for a first list that has just begun, and else where nothing is
 * known to have changed since the last clean pass, so that no status is written for a list of some seconds, or for a slow start.
 */
export function isPatient(primary: KubernetesObject, unsettled: readonly Unsettled[], context: PassContext): boolean {
  if (unsettled.some(({ state, reason }) => state === 'starting' && reason === undefined)) return true
  if (unsettled.length === 0 || unsettled.some(({ failed }) => failed)) return false
  const { generation, revision, watch } = context.statusWriter.lastClean(primary, context.memory.of(primary.metadata.uid as string))
  return generation === primary.metadata.generation && revision === context.revision && watch === context.watch
}

function standingFor(primary: KubernetesObject, cache: Informer, context: PassContext): Standing {
  if (cache.state === 'synced' || context.namespaces.length === 0 || primary.metadata.namespace === undefined) return cache
  const entries = context.inventory.entriesOf(groupKind(context.resource)).filter(({ kind }) => groupKind(kind) === groupKind(cache.kind))
  const elsewhere = entries.flatMap(({ namespaces }) => namespaces)
  if (elsewhere.includes(anyNamespace)) return cache
  const own = primary.metadata.namespace
  // Where only the namespace is gone, it is known that nothing is left.
  return cache.within([own, ...elsewhere.filter((namespace) => namespace !== own && (!isGone(cache, namespace) || isGone(cache, own)))])
}

export function inputsFor(primary: KubernetesObject, unsettled: readonly Unsettled[], context: PassContext): Inputs {
  return {
    primary: withoutMarks(primary),
    resources: [...dependentsOf(primary.metadata.uid as string, context)],
    // A kind that the cluster does not serve has no objects: that is known.
    unknown: Object.fromEntries(
      unsettled.filter(({ state }) => state !== 'gone').map(({ kind, state, reason }) => [groupKind(kind), reason ?? state]),
    ),
    capabilities: context.capabilities(),
    now: context.now(),
    ...(context.program.walks && context.effects.inputsOf(primary, context)),
  }
}

/** How far the cache can be believed where this object is to be. */
function standingOf({ kind, body: { metadata } }: DesiredObject, context: PassContext): Standing {
  const cache = context.dependentsOf(kind)
  return metadata.namespace === undefined ? cache : cache.within([metadata.namespace])
}

/** The kinds, one for each object, whose caches have just begun: what is there of them is not known yet. */
export const startingKinds = (objects: readonly DesiredObject[], context: PassContext): GroupVersionKind[] =>
  objects.flatMap((object) => {
    const { state, reason } = standingOf(object, context)
    return state === 'starting' && reason === undefined ? [object.kind] : []
  })

/** The live object of a desired one, if the caches have one. */
export const observedIn =
  (context: PassContext) =>
  ({ kind, key }: DesiredObject): KubernetesObject | undefined =>
    context.dependentsOf(kind).get(key)

export function observeObject(desired: DesiredObject, context: PassContext): Observed {
  const cache = context.dependentsOf(desired.kind)
  const object = cache.get(desired.key)
  const { state, reason } = standingOf(desired, context)
  // What a cache has kept of a kind that is not served in this version is not there to be written to.
  if (object && state !== 'gone') return { kind: 'present', object }
  return state === 'synced' ? { kind: 'absent' } : { kind: 'unknown', reason: reason ?? `${kindName(desired.kind)} is ${state}` }
}

export const scopeOf = (context: PassContext) => (kind: GroupVersionKind) => {
  const resource = context.resourceOf(kind)
  return resource && (resource.namespaced ? 'Namespaced' : 'Cluster')
}

/** Why nothing may be deleted now: a kind that cannot be read could hold what the render would have needed. */
export function pruneForbidden(unsettled: readonly Unsettled[], desired: readonly DesiredObject[]): string | undefined {
  const unknown = unsettled.find(
    ({ kind, state }) => state !== 'gone' || desired.some((object) => groupKind(object.kind) === groupKind(kind)),
  )
  return unknown && `${kindName(unknown.kind)} cannot be read now${unknown.reason === undefined ? '' : ` (${unknown.reason})`}`
}

/** A quorum read of the primary, before anything that a stale cache could make wrong. */
export async function primaryStands(primary: KubernetesObject, { client, resource }: PassContext): Promise<boolean> {
  try {
    const live = await client.request<KubernetesObject>({ method: 'GET', path: resourcePath(resource, primary.metadata) })
    const { uid, generation, labels = {}, deletionTimestamp } = live.metadata
    if (uid !== primary.metadata.uid || generation !== primary.metadata.generation || deletionTimestamp !== undefined) return false
    // By its labels it may be another operator's by now.
    return equalJson(labels, primary.metadata.labels ?? {})
  } catch (error) {
    if (isApiError(error, 'notFound')) return false
    throw error
  }
}
