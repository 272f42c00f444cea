/** What is refused of roles, bindings, leases, classes, webhooks, requests for certificates and events. */
import { cases, differs, type Step } from '../case.ts'

type Part = Record<string, unknown>
const rbac = 'rbac.authorization.k8s.io/v1'
const created = { pick: ({ kind }: { kind: string }) => kind }
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'a' }
const clusterRef = { ...roleRef, kind: 'ClusterRole' }

const rules: Record<string, unknown[]> = {
  'an empty rule': [{}],
  'a rule without verbs': [{ apiGroups: [''], resources: ['pods'] }],
  'a rule without groups': [{ verbs: ['get'], resources: ['pods'] }],
  'a rule without resources': [{ verbs: ['get'], apiGroups: [''] }],
  'a rule for paths': [{ verbs: ['get'], nonResourceURLs: ['/x'] }],
  'a rule for paths and resources': [{ verbs: ['get'], nonResourceURLs: ['/x'], apiGroups: [''], resources: ['pods'] }],
}

const bindings: Record<string, Part> = {
  'no role': {},
  'an empty role': { roleRef: { kind: '', name: '' } },
  'a role of another group': { roleRef: { apiGroup: 'x', kind: 'Role', name: 'a' } },
  'a role of an unknown kind': { roleRef: { kind: 'Team', name: 'a/b' } },
  'an empty subject': { roleRef, subjects: [{ kind: '', name: '' }] },
  'subjects of an unknown kind': { roleRef, subjects: [{ kind: 'Robot', name: 'a' }] },
  'bad service accounts': {
    roleRef,
    subjects: [
      { kind: 'ServiceAccount', name: 'A_', apiGroup: 'x' },
      { kind: 'ServiceAccount', name: '' },
    ],
  },
  'users of another group': {
    roleRef,
    subjects: [
      { kind: 'User', name: 'a', apiGroup: 'x' },
      { kind: 'Group', name: 'b' },
    ],
  },
}

const leases: Record<string, Part> = {
  'a duration of 0': { leaseDurationSeconds: 0 },
  'a negative count': { leaseTransitions: -1 },
  'a preferred holder without a strategy': { preferredHolder: 'x' },
  'an unknown strategy': { strategy: 'Newest', preferredHolder: 'x' },
}

const classes: Record<string, Part> = {
  'a value that is too high': { value: 1000000001 },
  'an unknown preemption policy': { value: 1, preemptionPolicy: 'Sometimes' },
  'a reserved name': { value: 1, metadata: { name: 'system-x' } },
  'a reserved name of another value': { value: 1, metadata: { name: 'system-node-critical' } },
}

const storage: Record<string, Part> = {
  'no provisioner': {},
  'a bad provisioner': { provisioner: 'a b' },
  'an unknown policy': { provisioner: 'example.com/x', reclaimPolicy: 'Recycle' },
  'an unknown mode': { provisioner: 'example.com/x', volumeBindingMode: 'Later' },
  'an empty parameter': { provisioner: 'example.com/x', parameters: { '': 'x' } },
  'bad topologies': {
    provisioner: 'example.com/x',
    allowedTopologies: [
      {
        matchLabelExpressions: [
          { key: 'a b', values: [] },
          { key: 'c', values: ['d', 'd'] },
        ],
      },
    ],
  },
}

const hook = (more: Part) => ({
  name: 'a.example.com',
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
  clientConfig: { url: 'https://example.com/x' },
  ...more,
})
const hooks: Record<string, Part> = {
  'a short name': hook({ name: 'a.b' }),
  'a bad name': hook({ name: 'A_' }),
  'no name': hook({ name: '' }),
  'no side effects told': hook({ sideEffects: null }),
  'side effects': hook({ sideEffects: 'Some' }),
  'no versions': hook({ admissionReviewVersions: [] }),
  'unknown versions': hook({ admissionReviewVersions: ['v2', 'v2', 'A'] }),
  'a long timeout': hook({ timeoutSeconds: 31 }),
  'an unknown policy': hook({ failurePolicy: 'Retry', matchPolicy: 'Near' }),
  'bad selectors': hook({
    namespaceSelector: { matchLabels: { 'a b': '' } },
    objectSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] },
  }),
  'no client': hook({ clientConfig: {} }),
  'two clients': hook({ clientConfig: { url: 'https://a', service: { name: 'a', namespace: 'b' } } }),
  'a bad address': hook({ clientConfig: { url: 'http://me:secret@/x?y=z#w' } }),
  'an empty service': hook({ clientConfig: { service: { name: '', namespace: '' } } }),
  'a bad service': hook({ clientConfig: { service: { name: 'a', namespace: 'b', port: 0, path: 'a//B_' } } }),
  'empty rules': hook({ rules: [{}] }),
  'bad rules': hook({
    rules: [
      {
        operations: ['*', 'READ'],
        apiGroups: ['*', 'a'],
        apiVersions: ['*', ''],
        resources: ['*', 'pods', 'pods/*', 'pods/log', '*/log', 'a/log', '*/*', ''],
        scope: 'World',
      },
    ],
  }),
}

const event = (more: Part) => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: 'a' },
  involvedObject: { namespace: '{ns}', kind: 'Pod', name: 'p' },
  ...more,
})
const events: Record<string, Part> = {
  'no namespace of its object': event({ involvedObject: { kind: 'Pod', name: 'p' } }),
  'another namespace of its object': event({ involvedObject: { namespace: 'other', kind: 'Pod', name: 'p' } }),
  'a time and little else': event({ eventTime: '2026-01-02T03:04:05.000006Z' }),
  'a time and long texts': event({
    eventTime: '2026-01-02T03:04:05.000006Z',
    reportingComponent: 'a b',
    reportingInstance: 'i'.repeat(129),
    action: 'a'.repeat(129),
    reason: 'r'.repeat(129),
    message: 'm'.repeat(1025),
  }),
}

const each = (word: string, bodies: Record<string, Part>, line: string, body: (parts: Part) => Part) =>
  Object.fromEntries(Object.entries(bodies).map(([title, parts]) => [`${word} with ${title}`, [[line, body(parts)]] as Step[]]))

const unowned = 'nobody owns an empty list that is kept as none'

export default cases({
  ...each('a Role', rules as never, `POST ${rbac}/roles?dryRun=All`, (list) => ({
    apiVersion: rbac,
    kind: 'Role',
    metadata: { name: 'a' },
    rules: list,
  })),
  ...each('a ClusterRole', rules as never, `POST /apis/${rbac}/clusterroles?dryRun=All`, (list) => ({
    apiVersion: rbac,
    kind: 'ClusterRole',
    metadata: { name: '{id}' },
    rules: list,
  })),
  ...each('a RoleBinding', bindings, `POST ${rbac}/rolebindings?dryRun=All`, (parts) => ({
    apiVersion: rbac,
    kind: 'RoleBinding',
    metadata: { name: 'a' },
    ...parts,
  })),
  ...each('a ClusterRoleBinding', bindings, `POST /apis/${rbac}/clusterrolebindings?dryRun=All`, (parts) => ({
    apiVersion: rbac,
    kind: 'ClusterRoleBinding',
    metadata: { name: '{id}' },
    ...parts,
  })),
  ...each('a Lease', leases, 'POST coordination.k8s.io/v1/leases?dryRun=All', (spec) => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'a' },
    spec,
  })),
  ...each('a PriorityClass', classes, 'POST /apis/scheduling.k8s.io/v1/priorityclasses?dryRun=All', (parts) => ({
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name: '{id}' },
    ...parts,
  })),
  ...each('a StorageClass', storage, 'POST /apis/storage.k8s.io/v1/storageclasses?dryRun=All', (parts) => ({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name: '{id}' },
    ...parts,
  })),
  ...each(
    'a validating webhook',
    hooks,
    'POST /apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations?dryRun=All',
    (parts) => ({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: '{id}' },
      webhooks: [parts],
    }),
  ),
  ...each('an event', events, 'POST v1/events?dryRun=All', (parts) => parts),
  'a mutating webhook with a bad policy': [
    [
      'POST /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations?dryRun=All',
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name: '{id}' },
        webhooks: [hook({ reinvocationPolicy: 'Often' }), hook({})],
      },
    ],
  ],
  'an aggregated role without selectors': [
    [
      `POST /apis/${rbac}/clusterroles?dryRun=All`,
      { apiVersion: rbac, kind: 'ClusterRole', metadata: { name: '{id}' }, aggregationRule: {}, rules: [] },
    ],
  ],
  'a RuntimeClass with a bad handler': [
    [
      'POST /apis/node.k8s.io/v1/runtimeclasses?dryRun=All',
      { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: '{id}' }, handler: 'A_' },
    ],
    [
      'POST /apis/node.k8s.io/v1/runtimeclasses?dryRun=All',
      { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: '{id}' }, handler: '' },
    ],
  ],
  'another role of a binding': [
    [
      `POST ${rbac}/rolebindings`,
      {
        apiVersion: rbac,
        kind: 'RoleBinding',
        metadata: { name: 'a' },
        roleRef,
        subjects: [
          { kind: 'User', name: 'u' },
          { kind: 'Group', name: 'g' },
          { kind: 'ServiceAccount', name: 's', namespace: 'n' },
        ],
      },
    ],
    [`MERGE ${rbac}/rolebindings/a`, { roleRef: { name: 'b' } }],
    [`MERGE ${rbac}/rolebindings/a`, { metadata: { labels: { 'a b': '' } } }],
    `TABLE ${rbac}/rolebindings`,
  ],
  'another role of a binding of the cluster': [
    [
      `POST /apis/${rbac}/clusterrolebindings`,
      { apiVersion: rbac, kind: 'ClusterRoleBinding', metadata: { name: '{id}' }, roleRef: clusterRef },
    ],
    [`MERGE /apis/${rbac}/clusterrolebindings/{id}`, { roleRef: { name: 'b' }, subjects: [{ kind: 'ServiceAccount', name: 's' }] }],
  ],
  'a role of any name': differs(unowned, [
    [`POST ${rbac}/roles?dryRun=All`, { apiVersion: rbac, kind: 'Role', metadata: { name: 'A:b c' }, rules: [] }],
    [`POST ${rbac}/roles?dryRun=All`, { apiVersion: rbac, kind: 'Role', metadata: { name: 'a%b' }, rules: [] }],
    [`PUT ${rbac}/roles/x`, { apiVersion: rbac, kind: 'Role', metadata: { name: 'x' }, rules: [] }],
    `TABLE ${rbac}/roles`,
  ]),
  'a changed lease': [
    [
      'PUT coordination.k8s.io/v1/leases/a',
      { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'a' }, spec: { holderIdentity: 'me' } },
    ],
    ['PUT coordination.k8s.io/v1/leases/a', { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'a' }, spec: {} }],
    ['MERGE coordination.k8s.io/v1/leases/a', { metadata: { labels: { 'a b': '' } } }],
    'TABLE coordination.k8s.io/v1/leases',
  ],
  'a changed priority': [
    [
      'POST /apis/scheduling.k8s.io/v1/priorityclasses',
      { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: '{id}' }, value: 1 },
    ],
    ['MERGE /apis/scheduling.k8s.io/v1/priorityclasses/{id}', { value: 2, preemptionPolicy: 'Never' }],
    ['MERGE /apis/scheduling.k8s.io/v1/priorityclasses/{id}', { description: 'x' }],
    'TABLE /apis/scheduling.k8s.io/v1/priorityclasses/{id}',
  ],
  'a changed storage class': [
    [
      'POST /apis/storage.k8s.io/v1/storageclasses',
      {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: '{id}' },
        provisioner: 'example.com/x',
        parameters: { a: 'b' },
      },
    ],
    [
      'MERGE /apis/storage.k8s.io/v1/storageclasses/{id}',
      { provisioner: 'example.com/y', parameters: { a: 'c' }, reclaimPolicy: 'Retain', volumeBindingMode: 'WaitForFirstConsumer' },
    ],
    ['MERGE /apis/storage.k8s.io/v1/storageclasses/{id}', { allowVolumeExpansion: true }],
    'TABLE /apis/storage.k8s.io/v1/storageclasses/{id}',
    'DELETE /apis/storage.k8s.io/v1/storageclasses/{id}',
  ],
  'an event seen both ways': [
    [
      'POST v1/events',
      event({
        reason: 'Started',
        message: ' it did\n',
        type: 'Normal',
        count: 3,
        source: { component: 'c', host: 'h' },
        firstTimestamp: '2026-01-02T03:04:05Z',
      }),
    ],
    'GET events.k8s.io/v1/events/a',
    'GET v1/events?fieldSelector=involvedObject.name=p,reason=Started',
    'GET v1/events?fieldSelector=involvedObject.name=q',
    'GET events.k8s.io/v1/events?fieldSelector=regarding.name=p',
    'GET events.k8s.io/v1/events?fieldSelector=involvedObject.name=p',
    ['PUT v1/events/b', event({ metadata: { name: 'b' } }), created],
  ],
  'a request for a certificate': [
    [
      'POST /apis/certificates.k8s.io/v1/certificatesigningrequests?dryRun=All',
      {
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { name: '{id}' },
        spec: { request: 'bm9uZQ==', signerName: 'x', usages: ['a', 'a'], expirationSeconds: 1 },
      },
    ],
  ],
  'a role without rules': differs(unowned, [
    [`POST ${rbac}/roles?dryRun=All`, { apiVersion: rbac, kind: 'Role', metadata: { name: 'a' } }],
    [`POST /apis/${rbac}/clusterroles?dryRun=All`, { apiVersion: rbac, kind: 'ClusterRole', metadata: { name: '{id}' }, rules: [] }],
  ]),
  'an event that is changed by its newer version': [
    ['POST v1/events', event({ message: 'it did' }), created],
    ['MERGE events.k8s.io/v1/events/a', { note: 'other' }],
  ],
})
