/** Where a primary stands in a chain of custom resources that render each other, as the caches and, beyond them, the server know it. */
import { gvkOf, type KubernetesObject } from '../api/object.ts'
import { ApiError } from '../kube/errors.ts'
import { resourcePath } from '../kube/paths.ts'
import { depthLimit, renderedBy, servedReadiness, tooDeep } from '../reconcile/composition.ts'
import { identityOf, type Orderable, orderable } from '../reconcile/order.ts'
import { gatedReadiness } from '../reconcile/ready-when.ts'
import type { Readiness } from '../api/readiness.ts'
import type { Refusal } from '../reconcile/status.ts'
import type { PassContext } from './pass-context.ts'

/**
 * Why the primary must not make what is missing; undefined: it may. Costs nothing for what is nobody's dependent, or all there. It is looked
 * at again when one of those that led to it is gone, or comes of another.
 */
export async function refusedByDepth(primary: KubernetesObject, isMissing: boolean, context: PassContext): Promise<Refusal | undefined> {
  if (!isMissing || !renderedBy(primary)) return undefined
  const chain = await chainOf(primary, context)
  const refusal = tooDeep(chain)
  const ancestors = chain.slice(0, -1).map((ancestor) => identityOf(orderable(ancestor)))
  if (refusal) context.contests.note(primary.metadata.uid as string, ancestors)
  return refusal
}

/** The custom resources that led to this one, the first of them first. It ends where nobody can tell more. */
async function chainOf(primary: KubernetesObject, context: PassContext): Promise<KubernetesObject[]> {
  const chain = [primary]
  for (let parent = await parentOf(primary, context); parent && chain.length < depthLimit; parent = await parentOf(parent, context))
    chain.unshift(parent)
  return chain
}

async function parentOf(object: KubernetesObject, context: PassContext): Promise<KubernetesObject | undefined> {
  const rendered = renderedBy(object)
  if (!rendered) return undefined
  const { uid, owner } = rendered
  const known = context.names.primaryOf(uid) ?? cachedDependent(uid, context)
  if (known || !owner) return known
  try {
    const resource = await context.resolve(gvkOf(owner))
    if (!resource) return undefined
    const namespace = resource.namespaced ? object.metadata.namespace : undefined
    const live = await context.client.request<KubernetesObject>({
      method: 'GET',
      path: resourcePath(resource, { namespace, name: owner.name }),
    })
    return live.metadata.uid === uid ? live : undefined
  } catch (error) {
    // Another operator's, and not ours to read: the chain is known to here.
    if (error instanceof ApiError && error.outcome !== 'retry') return undefined
    throw error
  }
}

/** One that this operator has rendered is known, also where another operator serves it. */
function cachedDependent(uid: string, context: PassContext): KubernetesObject | undefined {
  for (const cache of context.dependentCaches()) {
    const object = cache.byUid(uid)
    if (object) return object
  }
  return undefined
}

/** How a dependent is; one that this operator serves as a primary is asked for more. */
export function readinessOf(
  desired: Pick<Orderable, 'body' | 'document'>,
  live: KubernetesObject | undefined,
  context: PassContext,
): Readiness {
  const gated = gatedReadiness(desired, live, context.now())
  if (!live || !context.tellsStatus(live)) return gated
  const own = servedReadiness(live, context.now())
  return own.state === 'current' ? gated : own
}
