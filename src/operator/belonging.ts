/**
 * Whether an object is a primary's: one that it made, or one that what it made has made in turn.
 *
 * The second goes along controller references, from a Pod to its StatefulSet. A volume claim of a StatefulSet has no such reference as long as
 * the set keeps its claims, and is told by the set's template, its selector and the name that it gives.
 * (kubernetes, pkg/controller/statefulset, getPersistentVolumeClaimName)
 */
import { groupKind, gvkOf, isMap, type KubernetesObject } from '../api/object.ts'
import { findObject } from '../kube/find.ts'
import { isMadeBy } from '../reconcile/ownership.ts'
import type { PassContext } from './pass-context.ts'

/** No chain of owners is longer. */
const mostSteps = 5

type Context = Pick<PassContext, 'client' | 'resolve' | 'dependentCaches'>

/** Asks the server for the owners. Rejects with ApiError. @param object as the server has it */
export async function belongsTo(
  object: KubernetesObject,
  primary: KubernetesObject,
  context: Context,
  signal?: AbortSignal,
): Promise<boolean> {
  const seen = new Set<string | undefined>()
  for (let current = object; seen.size < mostSteps && !seen.has(current.metadata.uid); ) {
    if (isMadeBy(current, primary)) return true
    seen.add(current.metadata.uid)
    const owner = current.metadata.ownerReferences?.find(({ controller }) => controller)
    if (!owner) return isClaimOfItsOwn(current, primary, context)
    const resource = await context.resolve(gvkOf(owner))
    const { namespace } = current.metadata
    const found =
      resource && (await findObject(context.client, resource, { ...(resource.namespaced && { namespace }), name: owner.name }, signal))
    if (found?.metadata.uid !== owner.uid) return false
    current = found
  }
  return false
}

function isClaimOfItsOwn(object: KubernetesObject, primary: KubernetesObject, context: Context): boolean {
  if (object.kind !== 'PersistentVolumeClaim' || object.apiVersion !== 'v1') return false
  const { name, namespace, labels = {} } = object.metadata
  // What the primary has made is in a cache already.
  const caches = [...context.dependentCaches()].filter(({ kind }) => groupKind(kind) === 'StatefulSet.apps')
  for (const set of caches.flatMap((cache) => [...cache.byIndex(primary.metadata.uid as string)])) {
    if (set.metadata.namespace !== namespace || !isMadeBy(set, primary)) continue
    const { volumeClaimTemplates = [], selector } = set['spec'] as {
      volumeClaimTemplates?: readonly { metadata?: { name?: string } }[]
      selector?: { matchLabels?: Record<string, string> }
    }
    const isNamed = volumeClaimTemplates.some(({ metadata }) => {
      const prefix = `${metadata?.name}-${set.metadata.name}-`
      return name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length))
    })
    const wanted = isMap(selector?.matchLabels) ? Object.entries(selector.matchLabels) : []
    if (isNamed && wanted.every(([key, value]) => labels[key] === value)) return true
  }
  return false
}
