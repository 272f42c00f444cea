/** The targets of an autoscaler beside what was measured: `cpu: 35%/80%, 120/1k (avg)`. (printers, formatHPAMetrics) */
import type { MetricSpec, MetricStatus, MetricTarget } from './shapes.ts'

const shown = 2

export function metricsCell(metrics: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (metrics.length === 0) return '<none>'
  const texts = metrics.map((metric, index) => metricText(metric, statuses[index]))
  const rest = texts.length - shown
  return texts.slice(0, shown).join(', ') + (rest > 0 ? ` + ${rest} more...` : '')
}

function metricText(metric: MetricSpec, status: MetricStatus | undefined): string {
  switch (metric.type) {
    case 'External':
      return valueText(metric.external?.target, status?.external?.current)
    case 'Object':
      return valueText(metric.object?.target, status?.object?.current)
    case 'Pods':
      return `${status?.pods ? (status.pods.current?.averageValue ?? '0') : '<unknown>'}/${metric.pods?.target?.averageValue}`
    case 'Resource':
      return resourceText(metric.resource, status?.resource)
    case 'ContainerResource':
      return resourceText(metric.containerResource, status?.containerResource)
    default:
      return '<unknown type>'
  }
}

function valueText(target: MetricTarget = {}, current: MetricTarget | undefined): string {
  return target.averageValue === undefined
    ? `${current ? (current.value ?? '<nil>') : '<unknown>'}/${target.value}`
    : `${current?.averageValue ?? '<unknown>'}/${target.averageValue} (avg)`
}

interface Named {
  readonly name?: string
}

function resourceText(
  { name, target = {} }: Named & { readonly target?: MetricTarget } = {},
  status: (Named & { readonly current?: MetricTarget }) | undefined,
): string {
  if (target.averageValue !== undefined)
    return `${name}: ${status ? (status.current?.averageValue ?? '0') : '<unknown>'}/${target.averageValue}`
  const percent = (share: number | undefined, otherwise: string): string => (share === undefined ? otherwise : `${share}%`)
  return `${name}: ${percent(status?.current?.averageUtilization, '<unknown>')}/${percent(target.averageUtilization, '<auto>')}`
}
