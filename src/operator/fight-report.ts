/** What a pass tells of fights over the fields of its dependents. */
import type { KubernetesObject } from '../api/object.ts'
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
  message: `somebody takes back what is put right, so it is put right less often: ${describeFight(fight)}`,
})
