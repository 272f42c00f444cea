/**
 * The autoscalers that may target what a primary renders, though somebody else made them.
 *
 * They are looked up like what a template reads, in the namespaces of the objects that would yield to them, and only while there are such
 * objects: so an autoscaler that comes or goes wakes the primary, and nobody else pays for it. KEDA makes a HorizontalPodAutoscaler too.
 */
import type { GroupVersionKind, KubernetesObject } from '../api/object.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import { type Lookup, lookupId, lookupName } from '../reconcile/lookup.ts'
import { isDeparture, type Plan } from '../reconcile/plan.ts'
import { isAutoscaler, replicasOf } from '../reconcile/yield.ts'
import type { Lookups } from './lookups.ts'
import type { Warning } from './pass-report.ts'

const autoscalerKind: GroupVersionKind = { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' }

/** Those of the primary that it renders no longer and that are not deleted in this pass: they go on scaling. */
export function stayingAutoscalers({ waves, departures }: Plan): KubernetesObject[] {
  const going = new Set(
    waves
      .flat()
      .filter(isDeparture)
      .map(({ observed }) => observed),
  )
  return departures.flatMap(({ observed }) => (isAutoscaler(observed) && !going.has(observed) ? [observed] : []))
}

/** The autoscalers, none where they may not be read, and then a warning; or what has to be known first. */
export function autoscalersFor(
  primaryUid: string,
  objects: readonly DesiredObject[],
  lookups: Lookups,
): { autoscalers: readonly KubernetesObject[]; warnings: readonly Warning[] } | { waitsFor: string[] } {
  const yielding = objects.filter(({ fieldPolicy, body }) => fieldPolicy === 'yield' && replicasOf(body) !== undefined)
  const namespaces = new Set(yielding.flatMap(({ body }) => body.metadata.namespace ?? []))
  const wanted = [...namespaces].map((namespace): Lookup => ({ kind: autoscalerKind, namespace }))
  const known = wanted.length === 0 || lookups.add(primaryUid, 'autoscalers', wanted)
  lookups.keep(primaryUid, 'autoscalers', wanted)
  const results = known ? lookups.results(primaryUid) : {}
  const unknown = wanted.filter((lookup) => (results[lookupId(lookup)]?.state ?? 'unknown') === 'unknown')
  if (unknown.length > 0) return { waitsFor: unknown.map(lookupName) }
  const found = wanted.flatMap((lookup) => {
    const result = results[lookupId(lookup)]
    return result?.state === 'found' ? result.objects : []
  })
  const warnings = wanted.flatMap((lookup): Warning[] => {
    const result = results[lookupId(lookup)]
    if (result?.state !== 'denied') return []
    const effect = `the replicas of what has the field policy yield there are put back also where an autoscaler chose them`
    return [
      {
        fields: {},
        message: `autoscalers in namespace ${lookup.namespace} cannot be heeded, so ${effect}: ${result.reason}; ${result.remedy}`,
      },
    ]
  })
  return { autoscalers: found, warnings }
}
