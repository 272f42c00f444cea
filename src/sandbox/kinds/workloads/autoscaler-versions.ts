/**
 * HorizontalPodAutoscalers as autoscaling/v1 and v2: v1 has one metric of its own and keeps the others in annotations.
 * (apis/autoscaling/v1/conversion.go)
 */
import { isMap, type KubernetesObject, type ObjectMeta } from '../../../api/object.ts'
import type {
  Condition,
  HorizontalPodAutoscaler,
  MetricIdentifier,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  ScalingRules,
} from './shapes.ts'

const prefix = 'autoscaling.alpha.kubernetes.io/'
const metricsKey = `${prefix}metrics`
const currentKey = `${prefix}current-metrics`
const conditionsKey = `${prefix}conditions`
const behaviorKey = `${prefix}behavior`
const ownKeys = [metricsKey, currentKey, conditionsKey, behaviorKey, `${prefix}scale-down-tolerance`, `${prefix}scale-up-tolerance`]

type Spec = HorizontalPodAutoscaler['spec']
type Status = NonNullable<HorizontalPodAutoscaler['status']>
type Json = Readonly<Record<string, unknown>>

const isCpuShare = ({ type, resource }: MetricSpec): boolean =>
  type === 'Resource' && resource?.name === 'cpu' && resource.target?.averageUtilization !== undefined

/** What an apply has pruned may have lost all of its metadata for the moment. */
const withoutOwn = (metadata: ObjectMeta | undefined): ObjectMeta => {
  const { annotations, ...rest } = metadata ?? ({} as ObjectMeta)
  if (!annotations) return rest as ObjectMeta
  const kept = Object.fromEntries(Object.entries(annotations).filter(([key]) => !ownKeys.includes(key)))
  return Object.keys(kept).length > 0 ? { ...rest, annotations: kept } : rest
}

/** The same autoscaler in v1. Never changes its argument. */
export function autoscalerToV1(object: KubernetesObject): KubernetesObject {
  const { spec, status, ...rest } = object as Partial<HorizontalPodAutoscaler> & KubernetesObject
  // What an apply has merged may lack what the kind demands.
  const { metrics = [], behavior, ...kept } = (spec ?? {}) as Spec
  const own = metrics.find(isCpuShare)
  const others = metrics.filter((metric) => !isCpuShare(metric)).map(metricToV1)
  const { currentMetrics: measured, conditions: known, ...counted } = (status ?? {}) as Status
  // A list that was never set is null, not absent.
  const [currentMetrics, conditions] = [measured ?? [], known ?? []]
  const current = currentMetrics.findLast(
    ({ type, resource }) => type === 'Resource' && resource?.name === 'cpu' && resource.current?.averageUtilization !== undefined,
  )
  const metadata = withoutOwn(rest.metadata)
  const annotations = {
    ...metadata.annotations,
    ...(others.length > 0 && { [metricsKey]: JSON.stringify(others) }),
    ...(currentMetrics.length > 0 && { [currentKey]: JSON.stringify(currentMetrics.map(statusToV1)) }),
    ...(behavior && { [behaviorKey]: JSON.stringify(behaviorToText(behavior)) }),
    ...(conditions.length > 0 && { [conditionsKey]: JSON.stringify(conditions.map(conditionToText)) }),
  }
  return {
    ...rest,
    apiVersion: 'autoscaling/v1',
    metadata: Object.keys(annotations).length > 0 ? { ...metadata, annotations } : metadata,
    spec: { ...kept, ...(own && { targetCPUUtilizationPercentage: own.resource?.target?.averageUtilization }) },
    ...(status && {
      status: {
        ...counted,
        currentReplicas: counted.currentReplicas ?? 0,
        desiredReplicas: counted.desiredReplicas ?? 0,
        ...(current && { currentCPUUtilizationPercentage: current.resource?.current?.averageUtilization }),
      },
    }),
  }
}

/** The same autoscaler in v2. Never changes its argument; annotations that cannot be read are dropped. */
export function autoscalerFromV1(object: KubernetesObject): KubernetesObject {
  const { spec = {}, status, ...rest } = object as KubernetesObject & { spec?: Json; status?: Json }
  const { targetCPUUtilizationPercentage: share, ...kept } = spec
  const annotations = (rest.metadata as ObjectMeta | undefined)?.annotations ?? {}
  const own = cpuShare(share)
  const others = readList(annotations, metricsKey)?.map(metricFromV1)
  const metrics = [...(others ?? []), ...own]
  const behavior = behaviorFromText(readText(annotations, behaviorKey))
  const { currentCPUUtilizationPercentage: current, currentReplicas, ...counted } = status ?? {}
  const measured = readList(annotations, currentKey)?.map(statusFromV1)
  const conditions = readList(annotations, conditionsKey)
  const currentMetrics = measured ?? (typeof current === 'number' ? [currentCpu(current)] : undefined)
  return {
    ...rest,
    apiVersion: 'autoscaling/v2',
    metadata: withoutOwn(rest.metadata),
    spec: {
      ...kept,
      metrics: metrics.length > 0 ? metrics : cpuShare(80),
      ...(behavior && { behavior }),
    },
    ...(status && {
      status: {
        ...counted,
        // Version 2 leaves out no replicas, and tells where nothing was measured.
        ...(currentReplicas ? { currentReplicas } : {}),
        currentMetrics: currentMetrics ?? null,
        ...(conditions && { conditions }),
      },
    }),
  }
}

const cpuShare = (share: unknown): MetricSpec[] =>
  typeof share === 'number'
    ? [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: share } } }]
    : []
const currentCpu = (share: number): MetricStatus => ({
  type: 'Resource',
  resource: { name: 'cpu', current: { averageUtilization: share } },
})

function readText(annotations: Readonly<Record<string, string>>, key: string): unknown {
  if (!Object.hasOwn(annotations, key)) return undefined
  try {
    return JSON.parse(annotations[key] as string)
  } catch {
    return undefined
  }
}

const readList = (annotations: Readonly<Record<string, string>>, key: string): Json[] | undefined => {
  const value = readText(annotations, key)
  return Array.isArray(value) && value.every(isMap) ? value : undefined
}

/** Members that are undefined are left out, as JSON.stringify does. */
const defined = (value: Json): Json => Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined))

function metricToV1({ type = '', object, pods, resource, containerResource, external }: MetricSpec): Json {
  return defined({
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric?.name ?? '',
      targetValue: object.target?.value ?? '0',
      selector: object.metric?.selector,
      averageValue: object.target?.averageValue,
    },
    pods: pods && {
      metricName: pods.metric?.name ?? '',
      targetAverageValue: pods.target?.averageValue ?? '0',
      selector: pods.metric?.selector,
    },
    resource: resource && {
      name: resource.name ?? '',
      targetAverageUtilization: resource.target?.averageUtilization,
      targetAverageValue: resource.target?.averageValue,
    },
    containerResource: containerResource && {
      name: containerResource.name ?? '',
      targetAverageUtilization: containerResource.target?.averageUtilization,
      targetAverageValue: containerResource.target?.averageValue,
      container: containerResource.container ?? '',
    },
    external: external && {
      metricName: external.metric?.name ?? '',
      metricSelector: external.metric?.selector,
      targetValue: external.target?.value,
      targetAverageValue: external.target?.averageValue,
    },
  })
}

const identifier = (name: unknown, selector: unknown): MetricIdentifier => defined({ name, selector }) as MetricIdentifier

function metricFromV1(metric: Json): MetricSpec {
  const { type, object, pods, resource, containerResource, external } = metric
  const target = (share: unknown, value: unknown): MetricTarget =>
    defined({ type: share === undefined ? 'AverageValue' : 'Utilization', averageValue: value, averageUtilization: share }) as MetricTarget
  return defined({
    type,
    object: isMap(object)
      ? {
          describedObject: object['target'],
          metric: identifier(object['metricName'], object['selector']),
          target: defined(
            object['averageValue'] === undefined
              ? { type: 'Value', value: object['targetValue'] }
              : { type: 'AverageValue', averageValue: object['averageValue'] },
          ),
        }
      : undefined,
    pods: isMap(pods)
      ? {
          metric: identifier(pods['metricName'], pods['selector']),
          target: { type: 'AverageValue', averageValue: pods['targetAverageValue'] },
        }
      : undefined,
    resource: isMap(resource)
      ? { name: resource['name'], target: target(resource['targetAverageUtilization'], resource['targetAverageValue']) }
      : undefined,
    containerResource: isMap(containerResource)
      ? {
          name: containerResource['name'],
          container: containerResource['container'],
          target: target(containerResource['targetAverageUtilization'], containerResource['targetAverageValue']),
        }
      : undefined,
    external: isMap(external)
      ? {
          metric: identifier(external['metricName'], external['metricSelector']),
          target: defined({
            type: external['targetValue'] === undefined ? 'AverageValue' : 'Value',
            value: external['targetValue'],
            averageValue: external['targetAverageValue'],
          }),
        }
      : undefined,
  }) as MetricSpec
}

function statusToV1({ type = '', object, pods, resource, containerResource, external }: MetricStatus): Json {
  return defined({
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric?.name ?? '',
      currentValue: object.current?.value ?? '0',
      selector: object.metric?.selector,
      averageValue: object.current?.averageValue,
    },
    pods: pods && {
      metricName: pods.metric?.name ?? '',
      currentAverageValue: pods.current?.averageValue ?? '0',
      selector: pods.metric?.selector,
    },
    resource: resource && {
      name: resource.name ?? '',
      currentAverageUtilization: resource.current?.averageUtilization,
      currentAverageValue: resource.current?.averageValue ?? '0',
    },
    containerResource: containerResource && {
      name: containerResource.name ?? '',
      currentAverageUtilization: containerResource.current?.averageUtilization,
      currentAverageValue: containerResource.current?.averageValue ?? '0',
      container: containerResource.container ?? '',
    },
    external: external && {
      metricName: external.metric?.name ?? '',
      metricSelector: external.metric?.selector,
      currentValue: external.current?.value ?? '0',
      currentAverageValue: external.current?.averageValue,
    },
  })
}

function statusFromV1(metric: Json): MetricStatus {
  const { type, object, pods, resource, containerResource, external } = metric
  const named = (of: Json): Json => defined({ name: of['name'], container: of['container'] })
  const current = (of: Json): Json =>
    defined({ averageUtilization: of['currentAverageUtilization'], averageValue: of['currentAverageValue'] })
  return defined({
    type,
    object: isMap(object)
      ? {
          describedObject: object['target'],
          metric: identifier(object['metricName'], object['selector']),
          current: defined({ value: object['currentValue'], averageValue: object['averageValue'] }),
        }
      : undefined,
    pods: isMap(pods)
      ? { metric: identifier(pods['metricName'], pods['selector']), current: { averageValue: pods['currentAverageValue'] } }
      : undefined,
    resource: isMap(resource) ? { ...named(resource), current: current(resource) } : undefined,
    containerResource: isMap(containerResource) ? { ...named(containerResource), current: current(containerResource) } : undefined,
    external: isMap(external)
      ? {
          metric: identifier(external['metricName'], external['metricSelector']),
          current: defined({ value: external['currentValue'], averageValue: external['currentAverageValue'] }),
        }
      : undefined,
  }) as MetricStatus
}

/** The server writes this one with the names of its own type. */
function behaviorToText({ scaleUp, scaleDown }: NonNullable<Spec['behavior']>): Json {
  const rules = (value: typeof scaleUp): Json | null =>
    value
      ? {
          StabilizationWindowSeconds: value.stabilizationWindowSeconds ?? null,
          SelectPolicy: value.selectPolicy ?? null,
          Policies:
            value.policies?.map(({ type = '', value: amount = 0, periodSeconds = 0 }) => ({
              Type: type,
              Value: amount,
              PeriodSeconds: periodSeconds,
            })) ?? null,
          Tolerance: value.tolerance ?? null,
        }
      : null
  return { ScaleUp: rules(scaleUp), ScaleDown: rules(scaleDown) }
}

/** What a rule leaves out; a behavior always has both. (apis/autoscaling/v2/defaults.go) */
const ruleDefaults = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  },
  scaleDown: { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] },
} as const

function behaviorFromText(value: unknown): Spec['behavior'] {
  if (!isMap(value)) return undefined
  const given = publicNames(value) as { readonly scaleUp?: unknown; readonly scaleDown?: unknown }
  if (!isMap(given.scaleUp) && !isMap(given.scaleDown)) return undefined
  const rules = (name: 'scaleUp' | 'scaleDown'): ScalingRules => {
    const own = given[name]
    return { ...ruleDefaults[name], ...(isMap(own) && Object.fromEntries(Object.entries(own).filter(([, each]) => each !== null))) }
  }
  return { scaleUp: rules('scaleUp'), scaleDown: rules('scaleDown') }
}

/** Go's names of fields as JSON has them, at every depth. */
function publicNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(publicNames)
  if (!isMap(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [`${key.slice(0, 1).toLowerCase()}${key.slice(1)}`, publicNames(each)]),
  )
}

const conditionToText = ({ type = '', status = '', lastTransitionTime, reason, message }: Condition): Json =>
  defined({ type, status, lastTransitionTime: lastTransitionTime ?? null, reason: reason || undefined, message: message || undefined })
