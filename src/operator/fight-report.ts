/** What a pass tells of fights over the fields of its dependents. */
import type { KubernetesObject } from '../api/object.ts'
import { describeFeeding, type Feeding } from '../reconcile/feedback.ts'
import { contested, describeFight, type Fight } from '../reconcile/fights.ts'
import type { PrimaryMemory } from './memory.ts'
import type { PassContext } from './pass-context.ts'
import { primaryName, type Warning } from './pass-report.ts'

/** The fights that go on; a line in the log for each that is over. */
export function settleFights(primary: KubernetesObject, { fights }: PrimaryMemory, { log, now }: PassContext): Fight[] {
  for (const fight of fights.settle(now()))
    log.info({ primary: primaryName(primary), object: fight.object }, `${contested(fight)} is not contested any more`)
  return fights.ongoing
}

export const fightWarning = (fight: Fight): Warning => ({
  fields: { object: fight.object },
  message: `${fight.by ?? 'somebody'} takes back what is put right, so it is put right less often: ${describeFight(fight)}`,
})

/** The feedback that goes on; a line in the log when it is over. */
export function settleFeedback(primary: KubernetesObject, { feedback }: PrimaryMemory, { log, now }: PassContext): Feeding | undefined {
  const over = feedback?.settle(now())
  if (over)
    log.info({ primary: primaryName(primary) }, `${over.fields.join(', ')}: not rendered anew any more from what the pass itself writes`)
  return feedback?.ongoing
}

export const feedbackWarnings = (feeding: Feeding | undefined): Warning[] =>
  feeding
    ? [{ fields: {}, message: `what is rendered changes with each write of it, so it is written less often: ${describeFeeding(feeding)}` }]
    : []
