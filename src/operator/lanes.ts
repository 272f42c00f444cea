/** The lanes of the queue: one for each watch, so that watches of one kind take turns and have limits of their own. */
import { type GroupVersionKind, groupKind } from '../api/object.ts'
import type { Watch } from '../definition/definition.ts'

/** `App.app.company.com/v1alpha1`: what a kind is called in the queue, in logs and in metrics. */
export const controllerName = (kind: GroupVersionKind): string => `${groupKind(kind)}/${kind.version}`

/** The lane of each watch: the kind's name, with a number from the second watch of the kind on. */
export function lanesOf(watches: readonly Watch[]): ReadonlyMap<Watch, string> {
  const counts = new Map<string, number>()
  return new Map(
    watches.map((watch) => {
      const count = (counts.get(groupKind(watch.kind)) ?? 0) + 1
      counts.set(groupKind(watch.kind), count)
      return [watch, `${controllerName(watch.kind)}${count > 1 ? `#${count}` : ''}`]
    }),
  )
}

/** Passes at the same time by lane. */
export function limitOf(watches: readonly Watch[]): (lane: string) => number {
  const lanes = lanesOf(watches)
  const limits = new Map(watches.map((watch) => [lanes.get(watch), watch.maxConcurrentReconciles ?? Infinity]))
  return (lane) => limits.get(lane) ?? Infinity
}
