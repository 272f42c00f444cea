/**
 * HorizontalPodAutoscalers, kept as autoscaling/v2.
 *
 * (registry/autoscaling/horizontalpodautoscaler/strategy.go; autoscaling/validation)
 */
import type { KindBehaviour, Strategy } from '../../registry/resource.ts'
import type { FieldError } from '../../status/field-error.ts'
import { isPathSegment } from '../names.ts'
import {
  type Errors,
  dnsLabel,
  each,
  forbidden,
  invalidValue,
  isNegative,
  isPositive,
  negativeMessage,
  nonNegative,
  notSupported,
  quantityText,
  required,
  supported,
} from './checks.ts'
import { autoscalerFromV1, autoscalerToV1 } from './autoscaler-versions.ts'
import { age, columns, count } from './columns.ts'
import { metricsCell } from './metric-cells.ts'
import { containerResourceName } from './pod/resources.ts'
import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscaler,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
  ScalingRules,
} from './shapes.ts'

interface ReferenceRules {
  /** The group may be that of the core. */
  readonly coreGroup: boolean
  /** What was stored is not looked at again. */
  readonly anyVersion: boolean
}

function validateAutoscaler(next: HorizontalPodAutoscaler, old: HorizontalPodAutoscaler | undefined): FieldError[] {
  const errors: Errors = []
  const { spec } = next
  const { minReplicas, maxReplicas = 0, scaleTargetRef = {}, metrics = [] } = spec
  const lowest = old?.spec.minReplicas === 0 ? 0 : 1
  if (minReplicas !== undefined && minReplicas < lowest)
    errors.push(invalidValue('spec.minReplicas', minReplicas, `must be greater than or equal to ${lowest}`))
  if (maxReplicas === 0) errors.push(required('spec.maxReplicas', 'must be set and greater than 0'))
  else if (maxReplicas < 0) errors.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than or equal to 1'))
  if (minReplicas !== undefined && maxReplicas < minReplicas)
    errors.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'))
  const before = old?.spec.scaleTargetRef
  const unchanged = before !== undefined && before.apiVersion === scaleTargetRef.apiVersion && before.kind === scaleTargetRef.kind
  reference(errors, 'spec.scaleTargetRef', scaleTargetRef, {
    coreGroup: scaleTargetRef.kind === 'ReplicationController',
    anyVersion: unchanged,
  })
  const invalidBefore =
    old?.spec.metrics?.some(({ type, object }) => type === 'Object' && versionProblem(object?.describedObject ?? {}, true)) ?? false
  metrics.forEach((metric, index) =>
    validateMetric(errors, `spec.metrics[${index}]`, metric, { coreGroup: true, anyVersion: invalidBefore }),
  )
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External'))
    errors.push(forbidden('spec.metrics', 'must specify at least one Object or External metric to support scaling to zero replicas'))
  scalingRules(errors, 'spec.behavior.scaleUp', spec.behavior?.scaleUp)
  scalingRules(errors, 'spec.behavior.scaleDown', spec.behavior?.scaleDown)
  return errors
}

function reference(errors: Errors, path: string, target: CrossVersionObjectReference, rules: ReferenceRules): void {
  for (const field of ['kind', 'name'] as const) {
    const value = target[field] ?? ''
    if (value === '') errors.push(required(`${path}.${field}`))
    else each(errors, `${path}.${field}`, value, isPathSegment(value, false))
  }
  const problem = rules.anyVersion ? undefined : versionProblem(target, rules.coreGroup)
  if (problem) errors.push(invalidValue(`${path}.apiVersion`, target.apiVersion ?? '', problem))
}

function versionProblem({ apiVersion = '' }: CrossVersionObjectReference, coreGroup: boolean): string | undefined {
  const slashes = apiVersion.split('/').length - 1
  if (slashes > 1) return `unexpected GroupVersion string: ${apiVersion}`
  const group = apiVersion === '/' || slashes === 0 ? '' : apiVersion.split('/')[0]
  return !coreGroup && group === '' ? 'apiVersion must specify API group' : undefined
}

const sourceOf: Readonly<Record<string, MetricSource>> = {
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
  External: 'external',
  ContainerResource: 'containerResource',
}
type MetricSource = 'object' | 'external' | 'pods' | 'resource' | 'containerResource'
const metricTypes = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']
/** In the order in which the server looks for them; only the first is looked into. */
const metricSources: readonly MetricSource[] = ['object', 'external', 'pods', 'resource', 'containerResource']

function validateMetric(errors: Errors, path: string, metric: MetricSpec, rules: ReferenceRules): void {
  const { type = '' } = metric
  if (type === '') errors.push(required(`${path}.type`, 'must specify a metric source type'))
  if (!metricTypes.includes(type)) errors.push(notSupported(`${path}.type`, type, metricTypes))
  const present = metricSources.filter((source) => metric[source] !== undefined)
  const [first] = present
  if (first) validateSource(errors, `${path}.${first}`, first, metric, rules)
  const expected = Object.hasOwn(sourceOf, type) ? sourceOf[type] : undefined
  if (expected === undefined) errors.push(notSupported(`${path}.type`, type, metricTypes))
  else if (metric[expected] === undefined)
    errors.push(required(`${path}.${expected}`, 'must populate information for the given metric source'))
  if (present.length === 1) return
  for (const source of present)
    if (source !== expected) errors.push(forbidden(`${path}.${source}`, 'must populate the given metric source only'))
}

function validateSource(errors: Errors, path: string, source: MetricSource, metric: MetricSpec, rules: ReferenceRules): void {
  const target = metric[source]?.target ?? {}
  const at = `${path}.target`
  switch (source) {
    case 'object':
      reference(errors, `${path}.describedObject`, metric.object?.describedObject ?? {}, rules)
      identifier(errors, `${path}.metric`, metric.object?.metric)
      metricTarget(errors, at, target)
      if (target.value === undefined && target.averageValue === undefined)
        errors.push(required(`${at}.averageValue`, 'must set either a target value or averageValue'))
      return
    case 'external':
      identifier(errors, `${path}.metric`, metric.external?.metric)
      metricTarget(errors, at, target)
      if (target.value === undefined && target.averageValue === undefined)
        errors.push(required(`${at}.averageValue`, 'must set either a target value for metric or a per-pod target'))
      if (target.value !== undefined && target.averageValue !== undefined)
        errors.push(forbidden(`${at}.value`, 'may not set both a target value for metric and a per-pod target'))
      return
    case 'pods':
      identifier(errors, `${path}.metric`, metric.pods?.metric)
      metricTarget(errors, at, target)
      if (target.averageValue === undefined) errors.push(required(`${at}.averageValue`, 'must specify a positive target averageValue'))
      return
    case 'resource':
      if (!metric.resource?.name) errors.push(required(`${path}.name`, 'must specify a resource name'))
      utilization(errors, at, target)
      return
    case 'containerResource': {
      const { name, container } = metric.containerResource ?? {}
      if (!name) errors.push(required(`${path}.name`, 'must specify a resource name'))
      else containerResourceName(errors, `${path}.name`, name)
      if (!container) errors.push(required(`${path}.container`, 'must specify a container'))
      else dnsLabel(errors, `${path}.container`, container)
      utilization(errors, at, target)
    }
  }
}

function identifier(errors: Errors, path: string, metric: MetricIdentifier | undefined): void {
  if (!metric?.name) errors.push(required(`${path}.name`, 'must specify a metric name'))
  else each(errors, `${path}.name`, metric.name, isPathSegment(metric.name, false))
}

function utilization(errors: Errors, path: string, target: MetricTarget): void {
  metricTarget(errors, path, target)
  const [share, value] = [target.averageUtilization !== undefined, target.averageValue !== undefined]
  if (!share && !value) errors.push(required(`${path}.averageUtilization`, 'must set either a target raw value or a target utilization'))
  if (share && value) errors.push(forbidden(`${path}.averageValue`, 'may not set both a target raw value and a target utilization'))
}

const targetTypes = ['Utilization', 'Value', 'AverageValue']

function metricTarget(errors: Errors, path: string, { type = '', value, averageValue, averageUtilization }: MetricTarget): void {
  if (type === '') errors.push(required(`${path}.type`, 'must specify a metric target type'))
  if (!targetTypes.includes(type)) errors.push(invalidValue(`${path}.type`, type, 'must be either Utilization, Value, or AverageValue'))
  for (const [field, amount] of [['value', value] as const, ['averageValue', averageValue] as const])
    if (amount !== undefined && !isPositive(amount)) errors.push(invalidValue(`${path}.${field}`, quantityText(amount), 'must be positive'))
  if (averageUtilization !== undefined && averageUtilization < 1)
    errors.push(invalidValue(`${path}.averageUtilization`, averageUtilization, 'must be greater than 0'))
}

const selectPolicies = ['Disabled', 'Max', 'Min']

function scalingRules(errors: Errors, path: string, rules: ScalingRules | undefined): void {
  if (!rules) return
  const { stabilizationWindowSeconds: window, policies = [], tolerance } = rules
  const at = `${path}.stabilizationWindowSeconds`
  if (window !== undefined && window < 0) errors.push(invalidValue(at, window, 'must be greater than or equal to zero'))
  if (window !== undefined && window > 3600) errors.push(invalidValue(at, window, 'must be less than or equal to 3600'))
  supported(errors, `${path}.selectPolicy`, rules.selectPolicy, selectPolicies)
  if (policies.length === 0) errors.push(required(`${path}.policies`, 'must specify at least one Policy'))
  policies.forEach(({ type = '', value = 0, periodSeconds = 0 }, index) => {
    const policy = `${path}.policies[${index}]`
    if (type !== 'Pods' && type !== 'Percent') errors.push(notSupported(`${policy}.type`, type, ['Percent', 'Pods']))
    if (value <= 0) errors.push(invalidValue(`${policy}.value`, value, 'must be greater than zero'))
    if (periodSeconds <= 0) errors.push(invalidValue(`${policy}.periodSeconds`, periodSeconds, 'must be greater than zero'))
    if (periodSeconds > 1800) errors.push(invalidValue(`${policy}.periodSeconds`, periodSeconds, 'must be less than or equal to 1800'))
  })
  if (tolerance !== undefined && isNegative(tolerance))
    errors.push(invalidValue(`${path}.tolerance`, quantityText(tolerance), negativeMessage))
}

const strategy: Strategy = {
  generation: 'none',
  unconditionalUpdate: true,
  createOnUpdate: false,
  hasStatus: true,
  checksMetadataTwice: true,
  validate: (object) => validateAutoscaler(object as HorizontalPodAutoscaler, undefined),
  validateUpdate: (object, old) => validateAutoscaler(object as HorizontalPodAutoscaler, old as HorizontalPodAutoscaler),
  validateUpdateAlone: true,
  validateStatus(object) {
    const { status = {} } = object as HorizontalPodAutoscaler
    const errors: Errors = []
    nonNegative(errors, 'status.currentReplicas', status.currentReplicas)
    nonNegative(errors, 'status.desiredReplicas', status.desiredReplicas)
    return errors
  },
}

export const horizontalPodAutoscalers: KindBehaviour = {
  strategy,
  views: { 'autoscaling/v1': { toStorage: autoscalerFromV1, fromStorage: autoscalerToV1 } },
  columns: columns<HorizontalPodAutoscaler>(
    [['Name', 'string', 'name'], ['Reference'], ['Targets'], ['MinPods'], ['MaxPods'], ['Replicas'], ['Age']],
    ({ metadata, spec, status = {} }, now) => [
      metadata.name,
      `${spec.scaleTargetRef?.kind ?? ''}/${spec.scaleTargetRef?.name ?? ''}`,
      metricsCell(spec.metrics ?? [], status.currentMetrics ?? []),
      spec.minReplicas === undefined ? '<unset>' : String(spec.minReplicas),
      count(spec.maxReplicas),
      count(status.currentReplicas),
      age(metadata.creationTimestamp, now),
    ],
  ),
}
