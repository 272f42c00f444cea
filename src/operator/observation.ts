/** What a pass reads: the primary and its dependents as the caches hold them, and what cannot be known now. */
import { type GroupVersionKind, groupKind, type KubernetesObject } from '../api/object.ts'
import type { Informer } from '../cache/informer.ts'
import { isApiError } from '../kube/errors.ts'
import { resourcePath } from '../kube/paths.ts'
import { type DesiredObject, kindName } from '../reconcile/desired.ts'
import type { Observed } from '../reconcile/plan.ts'
import type { Inputs } from '../reconcile/program.ts'
import type { PassContext } from './pass-context.ts'

/** Versions of the primary and its dependents, and the states of the caches: when none of it changed, neither does the pass. */
export const versionOf = (primary: KubernetesObject, dependents: string): string => [primary.metadata.resourceVersion, dependents].join('|')

export function dependentsVersion(uid: string, context: PassContext): string {
  const versions: string[] = []
  for (const cache of context.dependentCaches()) {
    if (cache.state !== 'synced') versions.push(cache.state)
    for (const { metadata } of cache.byIndex(uid)) versions.push(metadata.uid ?? '', metadata.resourceVersion ?? '')
  }
  // Joined in one step: what is remembered of every primary is then one string, and not the chain of its parts.
  return versions.join('|')
}

/** Each dependent once, though a kind that is watched in two versions has it twice. */
export function* dependentsOf(uid: string, context: PassContext): Generator<KubernetesObject> {
  const seen = new Set<string | undefined>()
  for (const cache of context.dependentCaches()) {
    for (const object of cache.byIndex(uid)) {
      if (seen.has(object.metadata.uid)) continue
      seen.add(object.metadata.uid)
      yield object
    }
  }
}

export const unsettledKinds = (context: PassContext): Informer[] => [...context.dependentCaches()].filter(({ state }) => state !== 'synced')

export function inputsFor(primary: KubernetesObject, unsettled: readonly Informer[], context: PassContext): Inputs {
  return {
    primary,
    resources: [...dependentsOf(primary.metadata.uid as string, context)],
    // A kind that the cluster does not serve has no objects: that is known.
    unknown: Object.fromEntries(
      unsettled.filter(({ state }) => state !== 'gone').map(({ kind, state, reason }) => [groupKind(kind), reason ?? state]),
    ),
    capabilities: context.capabilities(),
    now: context.now(),
  }
}

export function observeObject(desired: DesiredObject, context: PassContext): Observed {
  const cache = context.dependentsOf(desired.kind)
  const object = cache.get(desired.key)
  if (object) return { kind: 'present', object }
  return cache.state === 'synced'
    ? { kind: 'absent' }
    : { kind: 'unknown', reason: cache.reason ?? `${kindName(desired.kind)} is ${cache.state}` }
}

export const scopeOf = (context: PassContext) => (kind: GroupVersionKind) => {
  const resource = context.resourceOf(kind)
  return resource && (resource.namespaced ? 'Namespaced' : 'Cluster')
}

/** Why nothing may be deleted now: a kind that cannot be read could hold what the render would have needed. */
export function pruneForbidden(unsettled: readonly Informer[], desired: readonly DesiredObject[]): string | undefined {
  const unknown = unsettled.find(
    ({ kind, state }) => state !== 'gone' || desired.some((object) => groupKind(object.kind) === groupKind(kind)),
  )
  return unknown && `${kindName(unknown.kind)} cannot be read now`
}

/** A quorum read of the primary, before anything that a stale cache could make wrong. */
export async function primaryStands(primary: KubernetesObject, { client, resource }: PassContext): Promise<boolean> {
  try {
    const live = await client.request<KubernetesObject>({ method: 'GET', path: resourcePath(resource, primary.metadata) })
    const { uid, generation, deletionTimestamp } = live.metadata
    return uid === primary.metadata.uid && generation === primary.metadata.generation && deletionTimestamp === undefined
  } catch (error) {
    if (isApiError(error, 'notFound')) return false
    throw error
  }
}
