/** What a running operator tells of itself at /metrics, as numbers that a scenario can wait for. */
import type { AuditMark } from '../controlplane/audit.ts'
import type { Cluster } from '../controlplane/fixture.ts'
import type { OperatorProcess } from './operator-process.ts'

/** One scrape. */
export class Metrics {
  readonly #samples: readonly { name: string; labels: Readonly<Record<string, string>>; value: number }[]

  constructor(text: string) {
    this.#samples = text.split('\n').flatMap((line) => {
      const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line)
      if (!match) return []
      const [, name = '', labels = '', value] = match
      return [
        {
          name,
          labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text])),
          value: Number(value),
        },
      ]
    })
  }

  /** The sum of all series of this name that have these labels. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.series(name, labels).reduce((sum, { value }) => sum + value, 0)
  }

  series(
    name: string,
    labels: Readonly<Record<string, string>> = {},
  ): readonly { labels: Readonly<Record<string, string>>; value: number }[] {
    return this.#samples.filter(
      (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
    )
  }

  /** Passes that ended, of all outcomes or of one. */
  passes(outcome?: PassOutcome): number {
    return this.sum('fairlead_passes_total', outcome && { outcome })
  }

  /** Every cache is synced, no primary is due and no Event is on its way. */
  get settled(): boolean {
    const caches = this.sum('fairlead_informer_state')
    return (
      caches > 0 &&
      caches === this.sum('fairlead_informer_state', { state: 'synced' }) &&
      this.sum('fairlead_queue_depth') + this.sum('fairlead_events_waiting') === 0
    )
  }
}

export async function scrape(operator: OperatorProcess): Promise<Metrics> {
  return new Metrics(await (await fetch(`${await operator.metricsUrl()}/metrics`)).text())
}

export type PassOutcome = 'done' | 'wait' | 'retry' | 'failed'

/** Resolves when the operator has ended this many passes as done, or so, every cache is synced, and no primary is due. */
export async function untilPasses(
  cluster: Cluster,
  operator: OperatorProcess,
  count: number,
  outcome: PassOutcome = 'done',
): Promise<Metrics> {
  return await cluster.eventually(
    async () => {
      const metrics = await scrape(operator)
      return metrics.passes(outcome) >= count && metrics.settled ? metrics : undefined
    },
    { describe: `the operator has ended ${count} passes as ${outcome} and is settled`, timeout: 60_000, interval: 10 },
  )
}

/** Resolves when no pass has ended for a second: for primaries whose passes cost requests each time, which never are quiet. */
export async function untilStill(cluster: Cluster, operator: OperatorProcess): Promise<void> {
  let before = -1
  await cluster.eventually(
    async () => {
      const metrics = await scrape(operator)
      const isStill = metrics.settled && metrics.passes() === before
      before = metrics.passes()
      return isStill
    },
    { describe: 'no pass ends any more', interval: 1_000 },
  )
}

/** Resolves when every cache of the operator is synced and its watch has begun: from here on it has no reason of its own to ask anything. */
export async function untilWatching(cluster: Cluster, operator: OperatorProcess, since?: AuditMark): Promise<void> {
  await cluster.eventually(
    async () => {
      const metrics = await scrape(operator)
      const watches = cluster.audit.requests({
        userAgent: 'fairlead/',
        verb: 'watch',
        namespace: cluster.namespace,
        ...(since !== undefined && { since }),
      })
      return metrics.settled && watches.length >= metrics.sum('fairlead_informer_state')
    },
    { describe: 'the operator watches every kind', interval: 10 },
  )
}
