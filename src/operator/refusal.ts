/** Primaries that are not served, whatever they render: nothing is written for them but their status, and nothing is deleted. */
import type { KubernetesObject } from '../api/object.ts'
import { formatPosition, type ProblemCode } from '../api/problem.ts'
import type { Watch } from '../definition/definition.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import type { Refusal } from '../reconcile/status.ts'
import type { PassContext } from './pass-context.ts'
import { emptyReport } from './pass-report.ts'
import { reportOn } from './reporting.ts'
import { memoryFor } from './requests.ts'

const codes: Readonly<Record<Refusal['reason'], ProblemCode>> = { WatchesOverlap: 'WATCH_OVERLAP', NestedTooDeep: 'NESTED_TOO_DEEP' }

/** Tells why; an event of what it depends on is the reason to look again. */
export async function refuse(primary: KubernetesObject, refusal: Refusal, context: PassContext): Promise<Outcome> {
  const memory = memoryFor(primary, context)
  memory.clean = undefined
  const { reason, message } = refusal
  const code = codes[reason]
  const report = { ...emptyReport(primary, context), unrendered: true, refusal } as const
  const failed: Outcome = { kind: 'failed', problem: { code, message } }
  return (await reportOn(report, failed, { primary, memory, context }, [{ fields: { code }, message }])).outcome
}

/** Several watches select the primary, by labels of its namespace that the file could not tell. */
export const overlapOf = (watches: readonly Watch[]): Refusal => ({
  reason: 'WatchesOverlap',
  message: `the watches at ${watches.map(({ position }) => formatPosition(position)).join(' and ')} select it; nothing is written until only one does`,
})
