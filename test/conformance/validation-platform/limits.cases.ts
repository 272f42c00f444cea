/** What is refused of claims, volumes, quotas and limit ranges, and what those refuse. */
import { cases, type Step } from '../case.ts'

type Part = Record<string, unknown>
const created = { pick: ({ kind }: { kind: string }) => kind }
const resources = { requests: { storage: '1Gi' } }
const claim = (spec: Part, metadata: Part = {}) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'a', ...metadata },
  spec,
})
const good = { accessModes: ['ReadWriteOnce'], resources }
const source = { kind: 'PersistentVolumeClaim', name: 'o' }

const claims: Record<string, Part> = {
  nothing: {},
  'an unknown mode of access': { ...good, accessModes: ['ReadSometimes'] },
  'modes of access that exclude each other': { ...good, accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] },
  'no size': { ...good, resources: { requests: { cpu: '1' } } },
  'a size of 0': { ...good, resources: { requests: { storage: '0' } } },
  'a negative size': { ...good, resources: { requests: { storage: '-1' } } },
  'a bad class': { ...good, storageClassName: 'A_' },
  'an unknown volume mode': { ...good, volumeMode: 'Tape' },
  'a bad selector': { ...good, selector: { matchLabels: { 'a b': '' } } },
  'a source': { ...good, dataSource: source },
  'a bad source': { ...good, dataSource: { kind: 'X', name: '' } },
  'sources that differ': { ...good, dataSource: source, dataSourceRef: { ...source, name: 'p' } },
  'a bad attributes class': { ...good, volumeAttributesClassName: 'A_' },
}

const changes: Record<string, Part> = {
  'another mode of access': { accessModes: ['ReadWriteMany'] },
  'a greater size': { resources: { requests: { storage: '2Gi' } } },
  'a smaller size': { resources: { requests: { storage: '1' } } },
  'a class': { storageClassName: 'x' },
  'a volume': { volumeName: 'v' },
  'much else': { volumeMode: 'Block', selector: { matchLabels: { b: 'c', a: 'b' } }, dataSource: source, volumeAttributesClassName: 'v' },
}

const volume = (spec: Part) => ({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: '{id}' }, spec })
const goodVolume = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } }
const volumes: Record<string, Part> = {
  nothing: {},
  'two sources': { ...goodVolume, nfs: { server: 's', path: '/p' } },
  'no source': { ...goodVolume, hostPath: null },
  'a bad capacity': { ...goodVolume, capacity: { storage: '0', cpu: '1' } },
  'a negative capacity': { ...goodVolume, capacity: { storage: '-1' } },
  'an unknown policy': { ...goodVolume, persistentVolumeReclaimPolicy: 'Keep' },
  'a path that leads up': { ...goodVolume, hostPath: { path: '/x/../y' } },
  'an empty path': { ...goodVolume, hostPath: { path: '' } },
  'bad texts': { ...goodVolume, storageClassName: 'A_', volumeMode: 'Tape', accessModes: ['X'] },
  'a local path': { ...goodVolume, hostPath: null, local: { path: '/x' } },
  'an empty driver': { ...goodVolume, hostPath: null, csi: { driver: '', volumeHandle: '' } },
  'an empty server': { ...goodVolume, hostPath: null, nfs: { server: '', path: 'p' } },
}

const quotas: Record<string, Part> = {
  'an unknown resource': { hard: { apples: '1' } },
  'a bad resource': { hard: { 'a b': '1' } },
  'a negative amount': { hard: { pods: '-1' } },
  'a fraction of a count': { hard: { pods: '1500m' } },
  'an unknown scope': { hard: { pods: '1' }, scopes: ['Morning'] },
  'a scope that does not fit': { hard: { configmaps: '1' }, scopes: ['BestEffort'] },
  'scopes that exclude each other': { hard: { pods: '1' }, scopes: ['BestEffort', 'NotBestEffort'] },
  'bad selectors': {
    hard: { pods: '1' },
    scopeSelector: {
      matchExpressions: [
        { scopeName: 'X', operator: 'Is' },
        { scopeName: 'BestEffort', operator: 'In' },
        { scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] },
      ],
    },
  },
  'counts of other kinds': {
    hard: { 'count/deployments.apps': '1', 'requests.example.com/gpu': '1', 'fast.storageclass.storage.k8s.io/requests.storage': '1Gi' },
  },
}

const ranges: Record<string, Part[]> = {
  'an unknown type': [{ type: 'World' }],
  'no type': [{}],
  'a type twice': [{ type: 'Pod' }, { type: 'Pod' }],
  'an unknown resource': [{ type: 'Container', max: { apples: '1' } }],
  'defaults for pods': [{ type: 'Pod', default: { cpu: '1' }, defaultRequest: { cpu: '1' } }],
  'a minimum above the maximum': [{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } }],
  'a default above the maximum': [{ type: 'Container', max: { cpu: '1' }, default: { cpu: '2' } }],
  'a default request above the default': [{ type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '2' } }],
  'a default request below the minimum': [{ type: 'Container', min: { cpu: '1' }, defaultRequest: { cpu: '500m' } }],
  'a ratio below 1': [{ type: 'Container', maxLimitRequestRatio: { cpu: '500m' } }],
  'a ratio that cannot be': [{ type: 'Container', min: { memory: '1Gi' }, max: { memory: '2Gi' }, maxLimitRequestRatio: { memory: '3' } }],
  'no storage for claims': [{ type: 'PersistentVolumeClaim', max: { cpu: '1' } }],
  'defaults that follow': [
    { type: 'Container', max: { cpu: '2', memory: '1Gi' }, min: { cpu: '100m' }, defaultRequest: { memory: '100Mi' } },
  ],
}

const pod = (container: Part = {}, metadata: Part = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', ...metadata },
  spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'c', image: 'i', ...container }] },
})

const each = (word: string, bodies: Record<string, unknown>, line: string, body: (parts: never) => unknown) =>
  Object.fromEntries(Object.entries(bodies).map(([title, parts]) => [`${word} with ${title}`, [[line, body(parts as never)]] as Step[]]))

const enforced = { pick: ({ status }: { status: unknown }) => status, until: ({ status }: { status?: { used?: unknown } }) => status?.used }

export default cases({
  ...each('a claim', claims, 'POST v1/persistentvolumeclaims?dryRun=All', (spec: Part) => claim(spec)),
  ...each('a volume', volumes, 'POST /api/v1/persistentvolumes?dryRun=All', (spec: Part) => volume(spec)),
  ...each('a quota', quotas, 'POST v1/resourcequotas?dryRun=All', (spec: Part) => ({
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'a' },
    spec,
  })),
  ...each('a limit range', ranges, 'POST v1/limitranges?dryRun=All', (limits: Part[]) => ({
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'a' },
    spec: { limits },
  })),
  ...Object.fromEntries(
    Object.entries(changes).map(([title, spec]) => [
      `a claim that gets ${title}`,
      [
        ['POST v1/persistentvolumeclaims', claim(good), created],
        ['MERGE v1/persistentvolumeclaims/a', { spec }],
      ] as Step[],
    ]),
  ),
  'a claim with a bad label': [
    ['POST v1/persistentvolumeclaims', claim(good), created],
    ['MERGE v1/persistentvolumeclaims/a', { metadata: { labels: { 'a b': '' } } }],
    'TABLE v1/persistentvolumeclaims',
  ],
  'a changed quota': [
    [
      'POST v1/resourcequotas',
      { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'a' }, spec: { hard: { pods: '1' }, scopes: ['BestEffort'] } },
      created,
    ],
    ['MERGE v1/resourcequotas/a', { spec: { scopes: ['NotBestEffort'] } }],
    ['MERGE v1/resourcequotas/a', { metadata: { labels: { 'a b': '' } } }],
  ],
  'a quota that is used up': [
    [
      'POST v1/resourcequotas',
      {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'q' },
        spec: {
          hard: {
            secrets: '1',
            'count/leases.coordination.k8s.io': '0',
            'services.nodeports': '1',
            'requests.cpu': '1',
            'limits.memory': '1Gi',
            'requests.storage': '1Gi',
          },
        },
      },
      created,
    ],
    ['GET v1/resourcequotas/q', undefined, enforced],
    ['POST v1/secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }, created],
    ['POST v1/secrets', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'b' } }],
    ['POST coordination.k8s.io/v1/leases', { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'a' } }],
    [
      'POST v1/services?dryRun=All',
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'a' },
        spec: {
          type: 'NodePort',
          ports: [
            { port: 80, name: 'a' },
            { port: 81, name: 'b' },
          ],
        },
      },
    ],
    ['POST v1/persistentvolumeclaims?dryRun=All', claim({ ...good, resources: { requests: { storage: '2Gi' } } })],
    ['POST v1/pods?dryRun=All', pod()],
    ['POST v1/pods?dryRun=All', pod({ resources: { requests: { cpu: '1500m' }, limits: { memory: '2Gi' } } })],
    ['POST v1/pods?dryRun=All', pod({ resources: { requests: { cpu: '1' } } })],
    ['POST v1/configmaps?dryRun=All', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }, created],
    'TABLE v1/resourcequotas/q?includeObject=None',
  ],
  'a limit range that is kept': [
    [
      'POST v1/limitranges',
      {
        apiVersion: 'v1',
        kind: 'LimitRange',
        metadata: { name: 'l' },
        spec: {
          limits: [
            {
              type: 'Container',
              max: { cpu: '2' },
              min: { cpu: '100m' },
              default: { cpu: '500m', memory: '100Mi' },
              defaultRequest: { cpu: '200m' },
              maxLimitRequestRatio: { cpu: '4' },
            },
            { type: 'PersistentVolumeClaim', max: { storage: '2Gi' }, min: { storage: '1Gi' } },
          ],
        },
      },
    ],
    [
      'POST v1/pods',
      pod(),
      {
        pick: ({ metadata, spec }: { metadata: { annotations: unknown }; spec: { containers: { resources: unknown }[] } }) => [
          metadata.annotations,
          spec.containers.map((each) => each.resources),
        ],
      },
    ],
    ['POST v1/pods?dryRun=All', pod({ resources: { limits: { cpu: '3' } } }, { name: 'q' })],
    ['POST v1/pods?dryRun=All', pod({ resources: { requests: { cpu: '50m' }, limits: { cpu: '1' } } }, { name: 'q' })],
    ['POST v1/pods?dryRun=All', pod({ resources: { requests: { cpu: '0' } } }, { name: 'q' })],
    ['POST v1/persistentvolumeclaims?dryRun=All', claim({ ...good, resources: { requests: { storage: '3Gi' } } })],
    ['POST v1/persistentvolumeclaims?dryRun=All', claim({ ...good, resources: { requests: { storage: '3Mi' } } })],
    'TABLE v1/limitranges',
  ],
})
