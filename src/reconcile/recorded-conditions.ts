/**
 * Which conditions are ours in a list that does not merge by type.
 *
 * Whoever applies such a list owns all of it, with what others wrote into it and is carried over; so nothing in the managed fields tells
 * a condition that we no longer tell from one of somebody else. An annotation does: it names the types that are ours as long as the
 * definition says so, those of status.yaml.eta and of the style of another operator. It names them before they stand in the list, and no longer when they are gone.
 */
import { conditionsAnnotation } from '../api/names.ts'
import type { JsonObject, KubernetesObject } from '../api/object.ts'

/** The types that are recorded as ours. */
export const recordedConditions = ({ metadata }: KubernetesObject): string[] =>
  (metadata.annotations?.[conditionsAnnotation] ?? '').split(',').filter((type) => type !== '')

/** What to record with a list: what the definition puts there, and what was recorded and is still in it. */
export function typesToRecord(primary: KubernetesObject, list: readonly JsonObject[], defined: readonly string[]): string[] {
  const ours = new Set<unknown>([...recordedConditions(primary), ...defined])
  return list.flatMap(({ type }) => (ours.has(type) ? [type as string] : [])).toSorted()
}
