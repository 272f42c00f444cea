/** How soon a primary is looked at: what a person changed comes before what follows from it, and that before what may be as it was. */
import { equalJson } from '../api/equal.ts'
import { conditionsAnnotation, statusAnnotation } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import type { Urgency } from '../queue/urgency.ts'
import type { PassContext } from './pass-context.ts'
import { isRequested } from './requests.ts'

/** Of a primary of which nothing is known to have changed: it may have while this process did not run. */
export function urgencyOf(primary: KubernetesObject, statusWriter: PassContext['statusWriter']): Urgency {
  const { generation } = primary.metadata
  const seen = generation !== undefined && statusWriter.lastClean(primary).generation === generation
  return seen && !isRequested(primary, statusWriter) ? 'resync' : 'change'
}

/** Somebody's own change of the primary; one of its status only, or of what this operator notes on it, is another event. */
export function urgencyOfChange(before: KubernetesObject, after: KubernetesObject): Urgency {
  const { generation, deletionTimestamp, labels } = before.metadata
  const now = after.metadata
  const same =
    generation !== undefined &&
    generation === now.generation &&
    deletionTimestamp === now.deletionTimestamp &&
    equalJson(labels, now.labels) &&
    equalJson(noted(before), noted(after))
  return same ? 'event' : 'change'
}

function noted({ metadata: { annotations } }: KubernetesObject): Record<string, string> {
  const { [statusAnnotation]: _status, [conditionsAnnotation]: _conditions, ...others } = annotations ?? {}
  return others
}
