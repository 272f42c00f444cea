/**
 * Metrics, in a registry of their own.
 *
 * A series whose labels are known in advance exists from the start with 0, so that a rate or an alert sees its first increase.
 * States are read when a scrape comes, not pushed when they change: a gauge cannot fall behind.
 */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { InformerState } from '../cache/informer.ts'
import type { RequestRecord } from '../kube/client.ts'
import type { WriteVerb } from '../reconcile/event-reasons.ts'
import type { KubernetesObject } from '../api/object.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import type { Cause } from '../reconcile/plan.ts'
import type { Orphan } from '../reconcile/orphans.ts'
import type { StepMetric } from '../reconcile/walk.ts'
import type { EventFate } from './events.ts'
import { metricNames } from './metric-names.ts'
import { StepMetrics } from './step-metrics.ts'

export interface MetricsOptions {
  /** Fairlead's version. */
  version: string
  /** Kinds of the primaries, as messages name them: `App.example.com`. */
  kinds: readonly string[]
  /** The caches, as they are when a scrape comes. */
  informers?: () => Iterable<{ kind: string; state: InformerState; size: number }>
  /** Objects that no primary answers for, as they are when a scrape comes. */
  orphans?: () => Iterable<Pick<Orphan, 'kind' | 'reason'>>
  /** The queue, as it is when a scrape comes; `oldest` in milliseconds, 0 when it is empty. */
  queue?: () => { depth: number; oldest: number }
  /** Events that are on their way. */
  eventsWaiting?: () => number
  /** What waits for approval, is left to others or is fought over, by kind of the primary, as it is when a scrape comes. */
  deviations?: () => Iterable<Deviations>
  /** Process and Node.js metrics; default true. */
  process?: boolean
}

/** What the primaries of a kind have that is not as rendered. */
export interface Deviations {
  kind: string
  /** Deletes that wait for approval, and the primaries that have such. */
  held: { primaries: number; deletes: number }
  /** Fields. */
  yielded: number
  contested: number
}

/** All times in milliseconds, as everywhere in the program. */
export interface Metrics {
  /** A pass ended that made this many requests. */
  passed(kind: string, pass: { outcome: Outcome['kind']; duration: number; requests: number }): void
  rendered(kind: string, duration: number): void
  /** `dependent`: its kind. */
  wrote(kind: string, write: { verb: WriteVerb; cause: Cause; dependent: string }): void
  eventTold(fate: EventFate): void
  requested(record: Pick<RequestRecord, 'verb' | 'resource' | 'code'>): void
  /** An audit of a kind's cache ended; so many objects had to be put right. */
  audited(kind: string, repairs: number): void
  unmarked(kind: string): void
  fightBegan(kind: string): void
  /** A walk said these; what could not be told, each once. */
  stepped(primary: KubernetesObject, metrics: readonly StepMetric[]): string[]
  /** A primary is gone. */
  forget(primaryUid: string): void
  /** The exposition in Prometheus' text format. */
  text(): Promise<string>
  contentType: string
}

const outcomes = ['done', 'wait', 'retry', 'failed'] as const satisfies readonly Outcome['kind'][]
const verbs = ['created', 'adopted', 'updated', 'deleted', 'released'] as const satisfies readonly WriteVerb[]
const fates = ['sent', 'merged', 'dropped', 'refused'] as const satisfies readonly EventFate[]
const causes = ['spec', 'definition', 'input', 'drift'] as const satisfies readonly Cause[]
const states = ['starting', 'synced', 'stale', 'forbidden', 'gone'] as const satisfies readonly InformerState[]

export function createMetrics({
  version,
  kinds,
  informers = () => [],
  orphans = () => [],
  queue = () => ({ depth: 0, oldest: 0 }),
  eventsWaiting = () => 0,
  deviations = () => [],
  process: defaults = true,
}: MetricsOptions): Metrics {
  const registry = new Registry()
  const registers = [registry]
  if (defaults) collectDefaultMetrics({ register: registry })

  const ofSteps = new StepMetrics(registry)

  const counter = <Name extends keyof typeof metricNames>(metric: Name) => {
    const { name, help, labels } = metricNames[metric]
    return new Counter<string>({ name, help, labelNames: labels, registers })
  }
  const gauge = <Name extends keyof typeof metricNames>(metric: Name, collect: (this: Gauge<string>) => void) => {
    const { name, help, labels } = metricNames[metric]
    return new Gauge<string>({ name, help, labelNames: labels, registers, collect })
  }
  const histogram = (metric: 'passSeconds' | 'renderSeconds' | 'passRequests', buckets: number[]) => {
    const { name, help, labels } = metricNames[metric]
    return new Histogram<string>({ name, help, labelNames: labels, registers, buckets })
  }

  const passes = counter('passes')
  // From a pass that finds nothing to do to one that waits for a slow server.
  const passSeconds = histogram('passSeconds', [0.0001, 0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 30])
  const renderSeconds = histogram('renderSeconds', [0.00001, 0.0001, 0.001, 0.01, 0.1, 1, 8])
  const passRequests = histogram('passRequests', [0, 1, 2, 5, 10, 20, 50, 100, 1_000])
  const unchangedPasses = counter('unchangedPasses')
  const writes = counter('writes')
  const healed = counter('healed')
  const events = counter('events')
  for (const result of fates) events.inc({ result }, 0)
  const requests = counter('requests')
  const unmarked = counter('unmarked')
  const fights = counter('fights')
  for (const kind of kinds) {
    passSeconds.zero({ kind })
    renderSeconds.zero({ kind })
    passRequests.zero({ kind })
    unchangedPasses.inc({ kind }, 0)
    fights.inc({ kind }, 0)
    for (const outcome of outcomes) passes.inc({ kind, outcome }, 0)
    for (const verb of verbs) for (const cause of causes) writes.inc({ kind, verb, cause }, 0)
  }

  gauge('eventsWaiting', function () {
    this.set(eventsWaiting())
  })
  gauge('queueDepth', function () {
    this.set(queue().depth)
  })
  gauge('queueOldest', function () {
    this.set(queue().oldest / 1000)
  })
  /** The kinds that audits are counted of. */
  let counted: ReadonlySet<string> = new Set()
  gauge('informerState', function () {
    // A cache that was stopped leaves no series behind: which kinds are looked up, custom resources may say.
    this.reset()
    const cached = [...informers()]
    const kept = new Set(cached.map((informer) => informer.kind))
    for (const gone of counted.difference(kept)) for (const each of [audits, auditRepairs]) each.remove({ kind: gone })
    counted = kept
    for (const informer of cached) {
      audits.inc({ kind: informer.kind }, 0)
      auditRepairs.inc({ kind: informer.kind }, 0)
      for (const state of states) this.set({ kind: informer.kind, state }, informer.state === state ? 1 : 0)
    }
  })
  // Behind what prepares their series: a scrape goes in this order.
  const audits = counter('audits')
  const auditRepairs = counter('auditRepairs')
  gauge('informerObjects', function () {
    this.reset()
    for (const { kind, size } of informers()) this.inc({ kind }, size)
  })
  gauge('orphans', function () {
    this.reset()
    for (const { kind, reason } of orphans()) this.inc({ kind, reason })
  })
  gauge('heldDeletes', function () {
    for (const { kind, held } of deviations()) this.set({ kind }, held.deletes)
  })
  gauge('heldPrimaries', function () {
    for (const { kind, held } of deviations()) this.set({ kind }, held.primaries)
  })
  gauge('yielded', function () {
    for (const { kind, yielded } of deviations()) this.set({ kind }, yielded)
  })
  gauge('contested', function () {
    for (const { kind, contested } of deviations()) this.set({ kind }, contested)
  })
  gauge('build', function () {
    this.set({ version, node: process.versions.node }, 1)
  })

  return {
    passed(kind, { outcome, duration, requests: made }) {
      passRequests.observe({ kind }, made)
      if (made === 0 && outcome === 'done') unchangedPasses.inc({ kind })
      passes.inc({ kind, outcome })
      passSeconds.observe({ kind }, duration / 1000)
    },
    rendered: (kind, duration) => renderSeconds.observe({ kind }, duration / 1000),
    wrote(kind, { verb, cause, dependent }) {
      writes.inc({ kind, verb, cause })
      if (cause === 'drift') healed.inc({ kind, dependent })
    },
    eventTold: (result) => events.inc({ result }),
    requested: ({ verb, resource, code }) => requests.inc({ verb, resource, code: String(code) }),
    audited(kind, repairs) {
      audits.inc({ kind })
      auditRepairs.inc({ kind }, repairs)
    },
    unmarked: (kind) => unmarked.inc({ kind }),
    fightBegan: (kind) => fights.inc({ kind }),
    stepped: (primary, metrics) => ofSteps.told(primary, metrics),
    forget: (uid) => ofSteps.forget(uid),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
