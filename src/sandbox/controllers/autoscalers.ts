/**
 * Horizontal autoscalers without metrics: the size of the target is kept within the bounds, and nothing else moves it.
 *
 * The conditions are those of a cluster that has no metrics server. (pkg/controller/podautoscaler/horizontal.go)
 */
import type { KubernetesObject } from '../../api/object.ts'
import { type Condition, setCondition } from './conditions.ts'
import { type Controller, timestamp, type World } from './controller.ts'
import { splitKey } from './ownership.ts'
import { writeStatus } from './status-writer.ts'

const storage = 'autoscaling/horizontalpodautoscalers'
const targets = ['apps/deployments', 'apps/statefulsets', 'apps/replicasets', '/replicationcontrollers']

interface Autoscaler extends KubernetesObject {
  spec: {
    minReplicas?: number
    maxReplicas: number
    scaleTargetRef: { apiVersion?: string; kind: string; name: string }
    metrics?: readonly Metric[]
  }
  status?: { readonly conditions?: readonly Condition[]; readonly lastScaleTime?: string; readonly [field: string]: unknown }
}

interface Metric {
  readonly type: string
  readonly resource?: { readonly name: string }
  readonly containerResource?: { readonly name: string }
  readonly pods?: { readonly metric: { readonly name: string } }
  readonly object?: { readonly metric: { readonly name: string } }
  readonly external?: { readonly metric: { readonly name: string } }
}

export function autoscalers(): Controller {
  /** Target → the autoscalers of it. */
  const byTarget = new Map<string, Set<string>>()
  return {
    name: 'horizontalpodautoscaler',
    watches: [storage, ...targets],
    keys({ storage: where, type, object }, world) {
      const { namespace = '', name } = object.metadata
      if (where !== storage) return byTarget.get(`${where}/${namespace}/${name}`) ?? []
      const key = `${namespace}/${name}`
      const { scaleTargetRef } = (object as Autoscaler).spec
      const served = world.storageOf(scaleTargetRef.apiVersion ?? 'v1', scaleTargetRef.kind)
      const target = `${served?.storage ?? ''}/${namespace}/${scaleTargetRef.name}`
      const known = byTarget.get(target) ?? new Set()
      byTarget.set(target, known)
      if (type !== 'DELETED') return (known.add(key), [key])
      known.delete(key)
      return []
    },
    reconcile(key, world) {
      const autoscaler = world.get(storage, ...splitKey(key)) as Autoscaler | undefined
      if (autoscaler) writeStatus(world, storage, autoscaler, sync(world, autoscaler))
      return undefined
    },
  }
}

function sync(world: World, autoscaler: Autoscaler): object {
  const { scaleTargetRef, minReplicas = 1, maxReplicas } = autoscaler.spec
  const { status } = autoscaler
  const time = timestamp(world.now())
  const tell = (conditions: readonly Condition[] | undefined, type: string, value: 'True' | 'False', reason: string, message: string) =>
    setCondition(conditions, { lastTransitionTime: time, message, reason, status: value, type })
  const served = world.storageOf(scaleTargetRef.apiVersion ?? 'v1', scaleTargetRef.kind)
  const target = served && world.get(served.storage, autoscaler.metadata.namespace ?? '', scaleTargetRef.name)
  if (!served || !target) {
    const why = served ? `${resourceName(served.storage)} ${JSON.stringify(scaleTargetRef.name)} not found` : noMatch(scaleTargetRef)
    const message = `the HPA controller was unable to get the target's current scale: ${why}`
    return {
      currentMetrics: null,
      desiredReplicas: 0,
      ...status,
      conditions: tell(status?.conditions, 'AbleToScale', 'False', 'FailedGetScale', message),
    }
  }
  const spec = target['spec'] as { replicas?: number }
  const size = spec.replicas ?? 1
  const able = tell(
    status?.conditions,
    'AbleToScale',
    'True',
    'SucceededGetScale',
    "the HPA controller was able to get the target's current scale",
  )
  if (size === 0 && minReplicas !== 0) {
    const message = 'scaling is disabled since the replica count of the target is zero'
    return {
      ...status,
      currentMetrics: null,
      currentReplicas: undefined,
      desiredReplicas: 0,
      conditions: tell(able, 'ScalingActive', 'False', 'ScalingDisabled', message),
    }
  }
  const wanted = Math.min(maxReplicas, Math.max(minReplicas, size))
  if (wanted !== size) {
    world.update(served.storage, { ...target, spec: { ...spec, replicas: wanted } })
    const message = `the HPA controller was able to update the target scale to ${wanted}`
    return {
      ...status,
      conditions: tell(able, 'AbleToScale', 'True', 'SucceededRescale', message),
      currentMetrics: status?.['currentMetrics'] ?? null,
      currentReplicas: size,
      desiredReplicas: wanted,
      lastScaleTime: time,
    }
  }
  const metrics = autoscaler.spec.metrics ?? []
  const [reason, why] = withoutMetrics(metrics[0])
  const message = `the HPA was unable to compute the replica count: ${why}`
  return {
    ...status,
    conditions: tell(able, 'ScalingActive', 'False', reason, message),
    currentMetrics: metrics.map(() => ({ type: '' })),
    currentReplicas: size,
    desiredReplicas: size,
  }
}

function withoutMetrics(metric: Metric | undefined): [reason: string, message: string] {
  const missing = (group: string, api: string, name: string): string =>
    `unable to get metric ${name}: unable to fetch metrics from ${group}: no ${group} (${api}) registered`
  switch (metric?.type) {
    case 'Pods':
      return ['FailedGetPodsMetric', missing('custom metrics API', 'custom.metrics.k8s.io', metric.pods?.metric.name ?? '')]
    case 'Object':
      return ['FailedGetObjectMetric', missing('custom metrics API', 'custom.metrics.k8s.io', metric.object?.metric.name ?? '')]
    case 'External':
      return ['FailedGetExternalMetric', missing('external metrics API', 'external.metrics.k8s.io', metric.external?.metric.name ?? '')]
    default: {
      const name = metric?.resource?.name ?? metric?.containerResource?.name ?? 'cpu'
      const reason = metric?.type === 'ContainerResource' ? 'FailedGetContainerResourceMetric' : 'FailedGetResourceMetric'
      const fetch = `unable to get metrics for resource ${name}: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)`
      return [reason, `failed to get ${name} utilization: ${fetch}`]
    }
  }
}

const noMatch = ({ apiVersion = 'v1', kind }: { apiVersion?: string; kind: string }): string =>
  `no matches for kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`

/** `apps/deployments` → `deployments.apps`. */
function resourceName(where: string): string {
  const [group, resource] = where.split('/') as [string, string]
  return group ? `${resource}.${group}` : resource
}
