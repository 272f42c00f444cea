import { cases, differs } from '../case.ts'
import { apartFromControllers, apartFromShown } from './bodies.ts'
import { definition, deployment, established } from '../objects.ts'

const observed = (body: { status: { observedGeneration?: number } }): boolean => body.status.observedGeneration === 1

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer' },
        replicas: { type: 'integer' },
        names: { type: 'array', items: { type: 'string' } },
        map: { type: 'object', additionalProperties: { type: 'string' } },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        maybe: { type: 'string', nullable: true },
        mode: { type: 'string', default: 'plain' },
      },
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' }, phase: { type: 'string' } } },
  },
}

/** The controllers have written all that they write: a last condition comes with the observed generation. */
const isObserved = ({ kind, status = {} }: { kind: string; status?: { observedGeneration?: number; conditions?: object[] } }) =>
  kind === 'Deployment' ? status.conditions?.length === 2 : status.observedGeneration === 1

const path = '/apis/{id}.example.com/v1/namespaces/{ns}/widgets'
const widgets = (...steps: readonly (readonly [string, unknown?])[]) =>
  [
    [
      'POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      definition(schema, {
        subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
      }),
      { pick: () => 'made' },
    ],
    [
      'GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.{id}.example.com',
      undefined,
      { until: established, pick: () => 'there' },
    ],
    [`GET ${path}`, undefined, { until: (body: { kind?: string }) => body.kind === 'WidgetList', pick: () => 'served' }],
    [
      `POST ${path}`,
      {
        apiVersion: '{id}.example.com/v1',
        kind: 'Widget',
        metadata: { name: 'a' },
        spec: { size: 1, names: ['a', 'b'], map: { a: '1' }, free: { x: { y: [1, null] } }, maybe: null },
      },
    ],
    ...steps.map(([line, body]) => [line, body, { pick: apartFromShown }] as const),
  ] as const

const answer = { pick: apartFromControllers }

const scalePatches = (...steps: readonly (readonly [string, unknown])[]) =>
  [
    ['POST apps/v1/deployments', deployment('a', 0, { paused: true }), { pick: () => 'made' }],
    ['GET apps/v1/deployments/a', undefined, { until: isObserved, pick: () => 'observed' }],
    ...steps.map(
      ([method, body]) =>
        [`${method}`.includes(' ') ? method : `${method} apps/v1/deployments/a/scale?dryRun=All`, body, { pick: apartFromShown }] as const,
    ),
  ] as const

export default cases({
  'a custom resource is not patched strategically': widgets(
    [`STRATEGIC ${path}/a`, { spec: { size: 2 } }],
    [`STRATEGIC ${path}/a`, '{'],
    [`STRATEGIC ${path}/none`, {}],
    [`STRATEGIC ${path}/a/status`, {}],
    [`STRATEGIC ${path}/a/scale`, { spec: { replicas: 2 } }],
  ),
  'merge patches of a custom resource': widgets(
    [`MERGE ${path}/a`, { spec: { size: 2 } }],
    [`MERGE ${path}/a`, { spec: { size: 'x' } }],
    [`MERGE ${path}/a`, { spec: { size: 1.5 } }],
    [`MERGE ${path}/a`, { spec: { size: null, names: [], map: {} } }],
    [`MERGE ${path}/a`, { spec: { none: 1 } }],
    [`MERGE ${path}/a?fieldValidation=Strict`, { spec: { none: 1 } }],
    [`MERGE ${path}/a`, { spec: { free: { x: null, z: [null, { a: null }] } } }],
    [`MERGE ${path}/a`, { spec: { maybe: 'x', mode: null } }],
    [`MERGE ${path}/a`, { spec: { mode: 'other' } }],
    [`MERGE ${path}/a`, { spec: null }],
    [`MERGE ${path}/a`, { status: { phase: 'x' } }],
    [`MERGE ${path}/a/status`, { status: { phase: 'x' }, spec: { size: 7 }, metadata: { labels: { a: 'b' } } }],
    [`MERGE ${path}/a`, { kind: 'Other' }],
    [`MERGE ${path}/a`, { apiVersion: 'other/v1' }],
    [`MERGE ${path}/a`, { kind: null }],
    [`MERGE ${path}/a`, { metadata: { name: 'b' } }],
    [`MERGE ${path}/a`, { metadata: { resourceVersion: '1' } }],
    [`MERGE ${path}/a`, { metadata: { labels: { a: 1 } } }],
    [`MERGE ${path}/a`, { metadata: 'x' }],
    [`MERGE ${path}/a`, []],
    [`MERGE ${path}/a`, 'null'],
  ),
  'JSON patches of a custom resource': widgets(
    [`JSONPATCH ${path}/a`, [{ op: 'add', path: '/spec/names/-', value: 'c' }]],
    [`JSONPATCH ${path}/a`, [{ op: 'add', path: '/spec/size', value: 'x' }]],
    [`JSONPATCH ${path}/a`, [{ op: 'add', path: '/spec/size' }]],
    [`JSONPATCH ${path}/a`, [{ op: 'add', path: '/spec/maybe' }]],
    [`JSONPATCH ${path}/a`, [{ op: 'add', path: '/spec/mode' }]],
    [`JSONPATCH ${path}/a`, [{ op: 'add', path: '/spec/free/x/y/0', value: null }]],
    [`JSONPATCH ${path}/a`, [{ op: 'copy', from: '/spec/free/x/y/1', path: '/spec/free/copied' }]],
    [`JSONPATCH ${path}/a`, [{ op: 'test', path: '/spec/maybe', value: null }]],
    [`JSONPATCH ${path}/a`, [{ op: 'replace', path: '', value: [] }]],
    [`JSONPATCH ${path}/a`, [{ op: 'remove', path: '/spec' }]],
    [`JSONPATCH ${path}/a`, [{ op: 'remove', path: '/metadata' }]],
    [`JSONPATCH ${path}/a`, [{ op: 'replace', path: '/kind', value: 'Other' }]],
    [`JSONPATCH ${path}/a`, [{ op: 'remove', path: '/kind' }]],
    [`JSONPATCH ${path}/a?fieldValidation=Strict`, [{ op: 'add', path: '/spec/none', value: 1 }]],
    [`JSONPATCH ${path}/a?fieldValidation=Warn`, [{ op: 'add', path: '/spec/none', value: 1 }]],
  ),
  'scale of a custom resource': widgets(
    [`MERGE ${path}/a/scale`, { spec: { replicas: 2 } }],
    [`MERGE ${path}/a`, { spec: { replicas: 1 } }],
    [`MERGE ${path}/a/scale`, { spec: { replicas: 3 } }],
    [`MERGE ${path}/a/scale`, { spec: { replicas: -1 } }],
    [`MERGE ${path}/a/scale`, { spec: { replicas: 'x' } }],
    [`MERGE ${path}/a/scale`, { spec: { replicas: null } }],
    [`MERGE ${path}/a/scale`, {}],
    [`JSONPATCH ${path}/a/scale`, [{ op: 'replace', path: '/spec/replicas', value: 5 }]],
    [`GET ${path}/a/scale`],
  ),
  'applies to the scale of a custom resource': differs(
    'the sandbox applies it, the real server fails to read the resource at the version of the scale',
    widgets(
      [`MERGE ${path}/a/scale`, { spec: { replicas: 2 } }],
      [
        `APPLY ${path}/a/scale?fieldManager=m`,
        { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { replicas: 6 } },
      ],
      [
        `APPLY ${path}/a/scale?fieldManager=m&force=true`,
        { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { replicas: 6 } },
      ],
      [
        `APPLY ${path}/a/scale?fieldManager=m&force=true`,
        { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { replicas: -6 } },
      ],
    ),
  ),
  'an apply that empties maps and lists of a custom resource': widgets(
    [
      `APPLY ${path}/b?fieldManager=m`,
      { apiVersion: '{id}.example.com/v1', kind: 'Widget', spec: { map: { a: '1' }, names: ['a'], size: 1 } },
    ],
    [`APPLY ${path}/b?fieldManager=m`, { apiVersion: '{id}.example.com/v1', kind: 'Widget', spec: { map: {}, names: ['a'] } }],
    [`APPLY ${path}/b?fieldManager=m`, { apiVersion: '{id}.example.com/v1', kind: 'Widget', spec: { names: [] } }],
    [`APPLY ${path}/b?fieldManager=m`, { apiVersion: '{id}.example.com/v1', kind: 'Widget', spec: {} }],
    [`APPLY ${path}/b?fieldManager=m`, { apiVersion: '{id}.example.com/v1', kind: 'Widget' }],
    [`GET ${path}/b`],
  ),
  'patches of the scale of a Deployment': scalePatches(
    ['MERGE', { spec: { replicas: 2 } }],
    ['MERGE', { spec: { replicas: 0 } }],
    ['MERGE', { spec: { replicas: -1 } }],
    ['MERGE', { spec: { replicas: 'x' } }],
    ['MERGE', { spec: { replicas: 1.5 } }],
    ['MERGE', { spec: { replicas: 4294967296 } }],
    ['MERGE', { spec: { replicas: null } }],
    ['MERGE', { spec: null }],
    ['MERGE', { spec: [] }],
    ['MERGE', {}],
    ['MERGE', []],
    ['MERGE', { status: { replicas: 7 } }],
    ['MERGE', { metadata: { name: 'b' } }],
    ['MERGE', { metadata: { resourceVersion: '1' } }],
    ['MERGE', { metadata: { uid: 'other' } }],
    ['MERGE', { metadata: { labels: { a: 'b' } } }],
    ['MERGE', { kind: 'Deployment' }],
    ['MERGE', { apiVersion: 'apps/v1' }],
    ['MERGE', { none: 1 }],
    ['MERGE apps/v1/deployments/a/scale?dryRun=All&fieldValidation=Strict', { none: 1, spec: { more: 2 } }],
    ['MERGE apps/v1/deployments/a/scale?dryRun=All&fieldValidation=Warn', { none: 1 }],
    ['JSONPATCH', [{ op: 'replace', path: '/spec/replicas', value: 3 }]],
    ['JSONPATCH', [{ op: 'test', path: '/spec/replicas', value: 0 }]],
    ['JSONPATCH', [{ op: 'test', path: '/spec/replicas', value: 1 }]],
    ['JSONPATCH', [{ op: 'add', path: '/spec/replicas', value: 3 }]],
    ['JSONPATCH', [{ op: 'remove', path: '/spec' }]],
    ['STRATEGIC', { spec: { replicas: 4 } }],
    ['STRATEGIC', { spec: { $patch: 'replace', replicas: 5 } }],
    ['STRATEGIC', { spec: { $patch: 'delete' } }],
    ['STRATEGIC', { spec: { replicas: 'x' } }],
    ['STRATEGIC', { spec: { none: 1 } }],
    ['STRATEGIC', { spec: { none: {} } }],
    ['STRATEGIC', []],
    ['GET apps/v1/deployments/a/scale', undefined],
  ),
  'applies to the scale of a Deployment': scalePatches(
    ...[3, -3, 0, 'x', 1.5, null].map(
      (replicas) =>
        [
          'APPLY apps/v1/deployments/a/scale?dryRun=All&fieldManager=m&force=true',
          { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { replicas } },
        ] as const,
    ),
    [
      'APPLY apps/v1/deployments/a/scale?dryRun=All&fieldManager=m',
      { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'a' }, spec: { replicas: 3 } },
    ],
    ['APPLY apps/v1/deployments/a/scale?dryRun=All&fieldManager=m', { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 3 } }],
    ['APPLY apps/v1/deployments/a/scale?dryRun=All&fieldManager=m', { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { none: 3 } }],
    ['APPLY apps/v1/deployments/a/scale?dryRun=All', { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 3 } }],
    ['APPLY apps/v1/deployments/a/scale?dryRun=All&fieldManager=m', {}],
  ),
  'the scale of a ReplicaSet, a StatefulSet and a ReplicationController': (['replicasets', 'statefulsets'] as const).flatMap((resource) => [
    [
      `POST apps/v1/${resource}`,
      {
        metadata: { name: 'a' },
        spec: {
          replicas: 0,
          ...(resource === 'statefulsets' && { serviceName: 's' }),
          selector: { matchLabels: { app: 'a' } },
          template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
        },
      },
      { pick: () => 'made' },
    ] as const,
    [`GET apps/v1/${resource}/a`, undefined, { until: isObserved, pick: () => 'observed' }] as const,
    [`MERGE apps/v1/${resource}/a/scale?dryRun=All`, { spec: { replicas: 2 } }] as const,
    [`MERGE apps/v1/${resource}/a/scale?dryRun=All`, { spec: { replicas: -2 } }] as const,
    [`STRATEGIC apps/v1/${resource}/a/scale?dryRun=All`, { spec: { replicas: 2 } }] as const,
    [`JSONPATCH apps/v1/${resource}/a/scale?dryRun=All`, [{ op: 'add', path: '/spec/replicas', value: 1 }]] as const,
  ]),
  'patches of a status': [
    [
      'POST apps/v1/replicasets',
      {
        metadata: { name: 'a' },
        spec: {
          replicas: 0,
          selector: { matchLabels: { app: 'a' } },
          template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'c', image: 'x' }] } },
        },
      },
      { pick: () => 'made' },
    ],
    ...(['MERGE', 'STRATEGIC'] as const).flatMap((method) => [
      [
        `${method} apps/v1/replicasets/a/status?dryRun=All`,
        { spec: { replicas: 5 } },
        { pick: ({ spec }: { spec: object }) => spec },
      ] as const,
      [`${method} apps/v1/replicasets/a/status?dryRun=All`, { status: { replicas: -1 } }, answer] as const,
      [`${method} apps/v1/replicasets/a/status?dryRun=All`, { status: { replicas: 'x' } }, answer] as const,
      [`${method} apps/v1/replicasets/a/status?dryRun=All`, { status: 'x' }, answer] as const,
      [`${method} apps/v1/replicasets/a/status?dryRun=All`, { kind: 'Other' }, answer] as const,
      [`${method} apps/v1/replicasets/a/status?dryRun=All`, { metadata: { name: 'other' } }] as const,
      [`${method} apps/v1/replicasets/a/status?dryRun=All&fieldValidation=Strict`, { status: { none: 1 } }, answer] as const,
    ]),
    ['JSONPATCH apps/v1/replicasets/a/status?dryRun=All', [{ op: 'remove', path: '/status/none' }]],
    ['JSONPATCH apps/v1/replicasets/a/status?dryRun=All', [{ op: 'add', path: '/status/replicas', value: -1 }]],
  ],
  'content types in capitals': differs('the sandbox does not mind the case of a content type', [
    ['POST v1/configmaps', { metadata: { name: 'a' } }],
    ['PATCH v1/configmaps/a?dryRun=All', '{"data":{"a":"b"}}', { contentType: 'Application/Merge-Patch+JSON' }],
  ]),
  'content types of patches': [
    ['POST v1/configmaps', { metadata: { name: 'a' } }],
    ...[
      'application/merge-patch+json; charset=utf-8',
      'application/merge-patch+json;foo',
      'application/json',
      'application/yaml',
      'application/merge-patch+yaml',
      'application/apply-patch+json',
      'application/apply-patch+cbor',
      'text/plain',
      'nonsense',
    ].map((contentType) => ['PATCH v1/configmaps/a?dryRun=All', '{"data":{"a":"b"}}', { contentType }] as const),
  ],
  'force and managers belong to applies': ['MERGE', 'STRATEGIC', 'JSONPATCH'].flatMap((method) => [
    ...(method === 'MERGE' ? [['POST v1/configmaps', { metadata: { name: 'a' } }] as const] : []),
    ...[
      'force=true',
      'force=false',
      'force=x',
      'fieldManager=',
      'fieldManager=%09',
      'dryRun=None',
      'fieldValidation=strict',
      'pretty=true',
    ].map((query) => [`${method} v1/configmaps/a?${query}`, method === 'JSONPATCH' ? [] : {}] as const),
  ]),
  'a patch with another uid': [
    ['POST apps/v1/deployments', deployment('a', 0, { paused: true }), { pick: ({ kind }: { kind: string }) => kind }],
    ['GET apps/v1/deployments/a', undefined, { until: observed, pick: ({ kind }: { kind: string }) => kind }],
    ['MERGE apps/v1/deployments/a', { metadata: { uid: 'other' } }],
    ['STRATEGIC apps/v1/deployments/a', { metadata: { uid: 'other' } }],
    ['JSONPATCH apps/v1/deployments/a', [{ op: 'replace', path: '/metadata/uid', value: 'other' }]],
    ['APPLY apps/v1/deployments/a?fieldManager=x', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', uid: 'other' } }],
    ['MERGE apps/v1/deployments/a/status', { metadata: { uid: 'other' } }],
    ['POST v1/configmaps', { metadata: { name: 'a' } }, { pick: ({ kind }: { kind: string }) => kind }],
    ['MERGE v1/configmaps/a', { metadata: { uid: 'other' } }],
    ['POST v1/services', { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } }, { pick: ({ kind }: { kind: string }) => kind }],
    ['MERGE v1/services/a', { metadata: { uid: 'other' } }],
  ],
  'a patch that adds a finalizer while the object goes': [
    [
      'POST apps/v1/deployments',
      { ...deployment('a', 0, { paused: true }), metadata: { name: 'a', finalizers: ['example.com/wait'] } },
      { pick: ({ kind }: { kind: string }) => kind },
    ],
    ['GET apps/v1/deployments/a', undefined, { until: observed, pick: ({ kind }: { kind: string }) => kind }],
    ['DELETE apps/v1/deployments/a', undefined, { pick: ({ kind }: { kind: string }) => kind }],
    ['MERGE apps/v1/deployments/a', { metadata: { finalizers: ['example.com/wait', 'example.com/more'] } }],
    ['STRATEGIC apps/v1/deployments/a', { metadata: { finalizers: ['example.com/more'] } }],
    ['MERGE apps/v1/deployments/a/status', { metadata: { finalizers: ['example.com/wait', 'example.com/more'] } }],
    ['MERGE apps/v1/deployments/a', { metadata: { finalizers: null } }, { pick: ({ kind }: { kind: string }) => kind }],
    ['POST v1/configmaps', { metadata: { name: 'a', finalizers: ['example.com/wait'] } }, { pick: ({ kind }: { kind: string }) => kind }],
    ['DELETE v1/configmaps/a', undefined, { pick: ({ kind }: { kind: string }) => kind }],
    ['MERGE v1/configmaps/a', { metadata: { finalizers: ['example.com/wait', 'example.com/more'] } }],
    ['MERGE v1/configmaps/a', { metadata: { finalizers: null } }, { pick: ({ kind }: { kind: string }) => kind }],
  ],
})
