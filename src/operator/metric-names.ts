/** Every metric that the operator exports, and nothing else is allowed to name one. Times are in seconds, as Prometheus has it. */
export const metricNames = {
  passes: { name: 'fairlead_passes_total', help: 'Passes that ended, by kind of the primary and outcome.', labels: ['kind', 'outcome'] },
  passSeconds: { name: 'fairlead_pass_duration_seconds', help: 'Time that passes took, by kind of the primary.', labels: ['kind'] },
  renderSeconds: { name: 'fairlead_render_duration_seconds', help: 'Time that renders took, by kind of the primary.', labels: ['kind'] },
  passRequests: {
    name: 'fairlead_pass_requests',
    help: 'Requests to the API server that a pass made, by kind of the primary.',
    labels: ['kind'],
  },
  unchangedPasses: {
    name: 'fairlead_unchanged_passes_total',
    help: 'Passes that ended as done without a request, by kind of the primary.',
    labels: ['kind'],
  },
  healed: {
    name: 'fairlead_drift_healed_total',
    help: 'Writes that put right what somebody else had changed or deleted, by kind of the primary and of the dependent.',
    labels: ['kind', 'dependent'],
  },
  writes: {
    name: 'fairlead_writes_total',
    help: 'Writes to dependents that succeeded, by kind of the primary, verb and cause.',
    labels: ['kind', 'verb', 'cause'],
  },
  requests: {
    name: 'fairlead_api_requests_total',
    help: 'Requests to the API server; code 0 had no answer.',
    labels: ['verb', 'resource', 'code'],
  },
  events: {
    name: 'fairlead_events_total',
    help: 'Events about primaries: sent, merged with one that was sent, dropped by a limit or a failure, refused by the server.',
    labels: ['result'],
  },
  eventsWaiting: { name: 'fairlead_events_waiting', help: 'Events that are on their way to the server.', labels: [] },
  queueDepth: { name: 'fairlead_queue_depth', help: 'Primaries that are due and wait for a worker.', labels: [] },
  queueOldest: { name: 'fairlead_queue_oldest_seconds', help: 'How long the oldest of them has been waiting.', labels: [] },
  informerState: { name: 'fairlead_informer_state', help: '1 for the state that the cache of a kind is in.', labels: ['kind', 'state'] },
  informerObjects: { name: 'fairlead_informer_objects', help: 'Objects in the cache of a kind.', labels: ['kind'] },
  audits: { name: 'fairlead_audits_total', help: 'Comparisons of the cache of a kind with what the server holds.', labels: ['kind'] },
  auditRepairs: {
    name: 'fairlead_audit_repairs_total',
    help: 'Objects that a watch had not told of and an audit put right, by kind; anything but 0 is worth a look.',
    labels: ['kind'],
  },
  unmarked: {
    name: 'fairlead_unmarked_answers_total',
    help: 'Answers to writes that lacked our annotation or managed fields.',
    labels: ['kind'],
  },
  fights: {
    name: 'fairlead_fights_total',
    help: 'Fights with another manager over a field, and renders that feed themselves, that were recognised, by kind of the primary.',
    labels: ['kind'],
  },
  contested: {
    name: 'fairlead_contested_fields',
    help: 'Fields that are fought over now, by kind of the primary.',
    labels: ['kind'],
  },
  yielded: {
    name: 'fairlead_yielded_fields',
    help: 'Rendered fields that are left to others now, by kind of the primary.',
    labels: ['kind'],
  },
  orphans: {
    name: 'fairlead_orphans',
    help: 'Objects with our label that no primary and no other operator answers for, as `fairlead orphans` lists them; they are never deleted.',
    labels: ['kind', 'reason'],
  },
  heldDeletes: {
    name: 'fairlead_held_deletes',
    help: 'Deletes that wait for approval, by kind of the primary.',
    labels: ['kind'],
  },
  heldPrimaries: {
    name: 'fairlead_held_primaries',
    help: 'Primaries that have deletes which wait for approval.',
    labels: ['kind'],
  },
  build: { name: 'fairlead_build_info', help: 'Always 1; the labels tell the versions.', labels: ['version', 'node'] },
} as const satisfies Record<string, { name: `fairlead_${string}`; help: string; labels: readonly string[] }>
