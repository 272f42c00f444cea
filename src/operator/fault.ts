/** A pass that ended in a fault of the operator: it is told as any other end, and tried again less and less often. */
import type { KubernetesObject } from '../api/object.ts'
import type { Outcome } from '../reconcile/outcome.ts'
import type { PassContext } from './pass-context.ts'
import { emptyReport, primaryName } from './pass-report.ts'
import { reportOn } from './reporting.ts'
import { memoryFor } from './requests.ts'

/** Tells the log what was thrown, and the status that something was: an error's text can hold whatever the pass had in hand. */
export async function reportFault(thrown: unknown, primary: KubernetesObject, context: PassContext): Promise<Outcome> {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  context.log.error({ primary: primaryName(primary), error }, 'a pass ended in a fault of the operator')
  const message = `the pass ended in a fault of the operator (${error.name}), whose log tells where; it is tried again`
  const memory = memoryFor(primary, context)
  memory.clean = undefined
  const report = { ...emptyReport(primary, context), unrendered: true, refusal: { reason: 'OperatorFault', message } } as const
  return (await reportOn(report, { kind: 'retry', error: { class: 'fault', message } }, { primary, memory, context }, [])).outcome
}
