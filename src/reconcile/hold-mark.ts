/**
 * The mark on a dependent whose delete is held: an annotation that says why.
 *
 * The status tells people what is held, and is anybody's to replace: a restore, a wiped status subresource, a kind of Kubernetes itself
 * whose status is not ours to write. So each held object says it of itself. It is marked before the pass writes anything else, and loses the
 * mark when it is rendered again; with the object the mark goes. What is held only because nothing was rendered has none: that is to be seen
 * in each pass.
 */
import { pruneHeldAnnotation } from '../api/names.ts'
import type { KubernetesObject } from '../api/object.ts'
import { type HoldReason, holdReasons } from './hold-record.ts'

/** Why a delete is held. */
export interface HeldBy {
  reason: HoldReason
  /** A phrase of our own words, without brackets. */
  why: string
}

/** What the annotation says: `DefinitionChanged: StatefulSet is a protected kind`. */
export const holdMark = ({ reason, why }: HeldBy): string => `${reason}: ${why}`

/** Reads it back; undefined for an object without a mark. What somebody else wrote there holds as well. */
export function heldBy({ metadata: { annotations } }: KubernetesObject): HeldBy | undefined {
  const mark = annotations?.[pruneHeldAnnotation]
  if (mark === undefined) return undefined
  const [, reason = '', why = ''] = /^(\w+): ([^()]+)$/.exec(mark) ?? []
  return Object.hasOwn(holdReasons, reason)
    ? { reason: reason as HoldReason, why }
    : { reason: 'DefinitionChanged', why: 'it is marked as held' }
}
