/**
 * Urgency: why a key is to be worked on, and so what it may overtake.
 *
 *   change   somebody changed the object itself, or made it: ahead of resyncs, and at once even where a back-off runs
 *   event    something that belongs to it changed: ahead of resyncs, after the pause that a back-off sets
 *   resync   nothing is known to have changed: behind the others, though never for good
 */
export type Urgency = 'change' | 'event' | 'resync'

/** Least to most. */
const order: readonly Urgency[] = ['resync', 'event', 'change']

/** The more urgent one of two. */
export const moreUrgent = (one: Urgency, other: Urgency): Urgency => (order.indexOf(other) > order.indexOf(one) ? other : one)

/** Whether it goes ahead of resyncs. */
export const isFresh = (urgency: Urgency): boolean => urgency !== 'resync'
