/**
 * The reasons of Ready, Reconciling and Stalled: the one table.
 *
 * Ready takes every one of them. Exactly one of the three conditions is True at any time: Ready when the reason is `Ready`, Reconciling
 * when it goes on by itself, Stalled when somebody has to act. While a primary is suspended nobody looks: none is True, and Ready Unknown.
 */
export const statusReasons = {
  Ready: {
    outcome: 'ready',
    doc: 'Everything is applied, and every dependent is current. Where a kind cannot be read that may hold more to delete, the message says so.',
  },
  Suspended: { outcome: 'suspended', doc: 'Nothing is written to the dependents while the annotation `fairlead.dev/suspend` is there.' },
  Waiting: { outcome: 'reconciling', doc: 'The pass waits for something that it cannot know or do now.' },
  WriteRetried: { outcome: 'reconciling', doc: 'A write failed for a passing cause and is tried again.' },
  WaitingForDependents: { outcome: 'reconciling', doc: 'A dependent is not written yet: another one that it depends on is not ready.' },
  StepUnknown: { outcome: 'reconciling', doc: 'A step of the playbook reads what is not known now: nothing behind it is done or undone.' },
  DependentsNotReady: { outcome: 'reconciling', doc: 'Everything is applied, and a dependent is on its way.' },
  InvalidAnnotation: { outcome: 'stalled', doc: 'An annotation that tells the operator something cannot be read; the rest is done.' },
  WatchesOverlap: {
    outcome: 'stalled',
    doc: 'Two watches select this custom resource, so nothing is written for it; the message names both.',
  },
  NestedTooDeep: {
    outcome: 'stalled',
    doc: 'Custom resources render each other to the greatest depth that is allowed: nothing new is made; the message names all of them.',
  },
  OperatorFault: {
    outcome: 'stalled',
    doc: 'The pass ended in a fault of the operator itself, which is tried again less and less often; the log of the operator tells where.',
  },
  RenderFailed: { outcome: 'stalled', doc: 'The program could not be rendered from this custom resource.' },
  Fighting: {
    outcome: 'stalled',
    doc: 'Another manager takes a field back whenever it is put right, or what is rendered changes with each write of it; that is written less and less often.',
  },
  StepFailed: { outcome: 'stalled', doc: 'A step of the playbook has failed; the message has its line.' },
  Conflict: { outcome: 'stalled', doc: 'An object or a field belongs to somebody else and was not touched.' },
  ApplyFailed: { outcome: 'stalled', doc: 'The API server refused an object.' },
  DeletionStuck: {
    outcome: 'stalled',
    doc: 'A dependent that is to go with this object is not gone in time, or may not be deleted; the message names the way out.',
  },
  DependentsFailed: { outcome: 'stalled', doc: 'Everything is applied, and a dependent has failed.' },
} as const satisfies Record<string, { outcome: 'ready' | 'suspended' | 'reconciling' | 'stalled'; doc: string }>

export type StatusReason = keyof typeof statusReasons

/** Conditions that say something only while they are True, and are left out otherwise. */
export const passingConditions = {
  ValuesOverridden: 'Values of the spec do not count, since overrideValues of the watch win: the message names them.',
  FieldsYielded: 'Rendered fields are left to others: the message names object, field and manager.',
  Fighting:
    'Another manager and this operator take fields from each other, or what is rendered changes with each write of it: the message names object, field, both values and how often.',
} as const satisfies Record<string, string>
