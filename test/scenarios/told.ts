/** What an operator tells in Events. */
import type { Cluster } from '../controlplane/fixture.ts'
import { collection, read } from './objects.ts'

export interface Told {
  type: string
  action: string
  reason: string
  note: string
  regarding: { kind: string; name: string; uid: string }
  related?: { kind: string; name: string }
  reportingController: string
}

/** The Events of the operators in the test's namespace. */
export const toldIn = async (cluster: Cluster): Promise<Told[]> => {
  const { items } = await read<{ items: Told[] }>(cluster, collection(cluster, 'events.k8s.io/v1', 'events'))
  return items.filter(({ reportingController }) => reportingController === 'fairlead.dev/operator')
}

/** Resolves when an Event with this reason is there, of such a note. */
export const untilTold = async (cluster: Cluster, reason: string, timeout = 20_000, note = /^/): Promise<Told> =>
  await cluster.eventually(
    async () => {
      const told = await toldIn(cluster)
      const found = told.find((each) => each.reason === reason && note.test(each.note))
      if (!found) throw new Error(`it is told ${told.map((each) => `${each.reason}: ${each.note}`).join('; ')}`)
      return found
    },
    { describe: `an Event ${reason} is there`, interval: 20, timeout },
  )
