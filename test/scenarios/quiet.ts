/** That an operator has nothing more to do. */
import type { Cluster } from '../controlplane/fixture.ts'
import { type PassOutcome, scrape, untilPasses } from './metrics.ts'
import type { OperatorProcess } from './operator-process.ts'

/**
 * Resolves when a pass that is asked for, by touching the primary at this path, ends as done, or as is to be, and costs no request.
 * Pods that start after a change, and the statuses that tell of it, come first: an operator that goes round in a circle never gets there.
 */
export async function untilQuiet(
  cluster: Cluster,
  operator: OperatorProcess,
  primary: string,
  outcome: PassOutcome = 'done',
): Promise<void> {
  await cluster.eventually(
    async () => {
      const before = await scrape(operator)
      const mark = cluster.audit.mark()
      // A label, since every pass compares everything for that.
      const touch = { metadata: { labels: { touched: String(performance.now()) } } }
      const { status } = await cluster.request('PATCH', primary, { contentType: 'application/merge-patch+json', body: touch })
      if (status !== 200) throw new Error(`touching ${primary} was answered ${status}`)
      const after = await untilPasses(cluster, operator, before.passes(outcome) + 1, outcome)
      const requests = cluster.audit.count({ userAgent: 'fairlead/', namespace: cluster.namespace, since: mark })
      const others = after.passes() - after.passes(outcome) - (before.passes() - before.passes(outcome))
      if (Object.keys(requests).length > 0 || others > 0)
        throw new Error(`a pass costs ${JSON.stringify(requests)}; ${others} passes were not ${outcome}`)
      return true
    },
    { describe: 'the operator is quiet', interval: 200, timeout: 30_000 },
  )
}
