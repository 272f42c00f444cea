/**
 * Metrics of playbooks' own, beside the operator's.
 *
 * A gauge is what the last pass of its custom resource said, and goes with the resource; anything else adds up while the process runs. Each
 * series says which custom resource it is of. What cannot be a metric, such as a name that is taken, is told once and left out: a step that
 * tells stops no playbook.
 */
import { Counter, Gauge, Histogram, type Registry, Summary } from 'prom-client'
import type { KubernetesObject } from '../api/object.ts'
import type { StepMetric } from '../reconcile/walk.ts'

/** Series of one metric at most, of all custom resources together. */
const mostSeries = 10_000

const makers = { counter: Counter, gauge: Gauge, histogram: Histogram, summary: Summary }

interface Known {
  type: StepMetric['type']
  labels: readonly string[]
  metric: Counter | Gauge | Histogram | Summary
  series: Set<string>
}

export class StepMetrics {
  readonly #registry: Registry
  readonly #known = new Map<string, Known>()
  /** The gauges of each custom resource, by UID: its labels by metric and series. */
  readonly #gauges = new Map<string, Map<string, { gauge: Known; labels: Record<string, string> }>>()
  readonly #refused = new Set<string>()

  constructor(registry: Registry) {
    this.#registry = registry
  }

  /** Takes what a walk said; answers what could not be told, each once in the life of the process. */
  told(primary: KubernetesObject, metrics: readonly StepMetric[]): string[] {
    const uid = primary.metadata.uid as string
    const before = this.#gauges.get(uid)
    const gauges = new Map<string, { gauge: Known; labels: Record<string, string> }>()
    const refused = metrics.flatMap((metric) => this.#tell(primary, metric, gauges) ?? [])
    for (const [series, { gauge, labels }] of before ?? []) if (!gauges.has(series)) remove(gauge, series, labels)
    if (gauges.size > 0) this.#gauges.set(uid, gauges)
    else this.#gauges.delete(uid)
    return refused.filter((why) => !this.#refused.has(why) && this.#refused.add(why))
  }

  /** The custom resource is gone. */
  forget(uid: string): void {
    for (const [series, { gauge, labels }] of this.#gauges.get(uid) ?? []) remove(gauge, series, labels)
    this.#gauges.delete(uid)
  }

  #tell(
    { kind, metadata: { namespace = '', name: primary } }: KubernetesObject,
    { type, name, help, labels: own, value }: StepMetric,
    gauges: Map<string, { gauge: Known; labels: Record<string, string> }>,
  ): string | undefined {
    const labels = { kind, namespace, name: primary, ...own }
    const names = Object.keys(labels).sort()
    let known = this.#known.get(name)
    if (!known) {
      if (this.#registry.getSingleMetric(name)) return `the metric ${name} is one of the operator's own`
      const metric = new makers[type]({ name, help, labelNames: names, registers: [this.#registry] })
      this.#known.set(name, (known = { type, labels: names, metric, series: new Set() }))
    }
    if (known.type !== type) return `the metric ${name} is a ${known.type} already, and no ${type}`
    if (known.labels.join() !== names.join())
      return `the metric ${name} has the labels ${known.labels.join(', ')} already, and not ${names.join(', ')}`
    const series = `${name} ${names.map((label) => JSON.stringify(labels[label as keyof typeof labels])).join()}`
    if (!known.series.has(series) && known.series.size >= mostSeries) return `the metric ${name} has more than ${mostSeries} series`
    known.series.add(series)
    const { metric } = known
    if (metric instanceof Gauge) {
      metric.set(labels, value)
      gauges.set(series, { gauge: known, labels })
    } else if (metric instanceof Counter) metric.inc(labels, Math.max(0, value))
    else metric.observe(labels, value)
    return undefined
  }
}

function remove(gauge: Known, series: string, labels: Record<string, string>): void {
  gauge.metric.remove(labels)
  gauge.series.delete(series)
}
