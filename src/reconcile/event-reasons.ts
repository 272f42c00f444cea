/**
 * The reasons of the Events that an operator writes about a primary: the one table.
 *
 * What was written has a reason of its own; what is in the way has the reason of the status. Nothing else is told: a pass that changed
 * nothing and found nothing new writes no Event.
 */
import type { Cause } from './plan.ts'
import { type StatusReason, statusReasons } from './status-reasons.ts'

export type WriteVerb = 'created' | 'adopted' | 'updated' | 'deleted' | 'released'

interface Described {
  type: 'Normal' | 'Warning'
  /** What was done or tried, as one word. */
  action: string
  doc: string
}

const ownReasons = {
  Created: { type: 'Normal', action: 'Create', doc: 'Dependents were made.' },
  Recreated: { type: 'Normal', action: 'Create', doc: 'Dependents that somebody had deleted were made again.' },
  Updated: { type: 'Normal', action: 'Update', doc: 'Dependents were changed, because what is rendered has changed.' },
  Repaired: {
    type: 'Normal',
    action: 'Repair',
    doc: 'What somebody had changed in dependents was put back; the note says which fields, and by whom.',
  },
  Adopted: { type: 'Normal', action: 'Adopt', doc: 'Objects that were there before became dependents.' },
  Deleted: { type: 'Normal', action: 'Delete', doc: 'Dependents were deleted.' },
  Released: { type: 'Normal', action: 'Release', doc: 'Dependents were let go of: they stay, without our marks.' },
  DeletesHeld: { type: 'Warning', action: 'Delete', doc: 'Deletes wait for approval; the note has the command that releases them.' },
  FieldsYielded: { type: 'Normal', action: 'Yield', doc: 'Fields are left to others.' },
  ValuesOverridden: { type: 'Warning', action: 'Override', doc: 'Values of the spec do not count: overrideValues of the watch win.' },
  WaitingTooLong: { type: 'Warning', action: 'Wait', doc: 'The custom resource has been on its way for ten minutes.' },
} as const satisfies Record<string, Described>

type OwnReason = keyof typeof ownReasons
type StalledReason = {
  [Reason in StatusReason]: (typeof statusReasons)[Reason]['outcome'] extends 'stalled' ? Reason : never
}[StatusReason]

export type EventReason = OwnReason | StalledReason

const stalled = Object.fromEntries(
  Object.entries(statusReasons)
    .filter(([, { outcome }]) => outcome === 'stalled')
    .map(([reason, { doc }]): [string, Described] => [reason, { type: 'Warning', action: 'Reconcile', doc }]),
) as Record<StalledReason, Described>

/** Every reason that an Event of ours can have. */
export const eventReasons: Readonly<Record<EventReason, Described>> = { ...ownReasons, ...stalled }

export const isEventReason = (reason: string): reason is EventReason => Object.hasOwn(eventReasons, reason)

/** What a write is told as. Only drift has to do with somebody else. */
export function writeReason(verb: WriteVerb, cause: Cause): EventReason {
  switch (verb) {
    case 'created':
      return cause === 'drift' ? 'Recreated' : 'Created'
    case 'updated':
      return cause === 'drift' ? 'Repaired' : 'Updated'
    case 'adopted':
      return 'Adopted'
    case 'deleted':
      return 'Deleted'
    case 'released':
      return 'Released'
  }
}
