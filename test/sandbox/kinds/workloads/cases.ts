/**
 * What is written to both servers: an object that is accepted, with changes. The path of a change is that of a JSON pointer; `undefined` takes
 * the field away.
 */
import type { BaseName } from './bases.ts'

export type Changes = Readonly<Record<string, unknown>>

export interface Case {
  readonly base: BaseName
  readonly changes: Changes
  /** What has been stored before, for an update; absent for a create. */
  readonly stored?: Changes
  /** The endpoint that is written to. */
  readonly subresource?: string
}

const list = (base: BaseName, ...changes: readonly Changes[]): Case[] => changes.map((each) => ({ base, changes: each }))
const updates = (base: BaseName, stored: Changes, ...changes: readonly Changes[]): Case[] =>
  changes.map((each) => ({ base, stored, changes: each }))
const at =
  (path: string) =>
  (...values: readonly unknown[]): Changes[] =>
    values.map((value) => ({ [path]: value }))
const long = (count: number): string => 'a'.repeat(count)

const container = (field: string): string => `/spec/containers/0/${field}`
const other = { name: 'other', image: 'i' }
const emptyVolume = { name: 'data', emptyDir: {} }
const mounted = (mount: object, volume: object = emptyVolume): Changes => ({
  '/spec/volumes': [volume],
  [container('volumeMounts')]: [mount],
})
const volume = (source: object): Changes => ({ '/spec/volumes': [{ name: 'data', ...source }] })
const env = (variable: object): Changes => ({ [container('env')]: [variable] })
const probe = (value: object, name = 'livenessProbe'): Changes => ({ [container(name)]: value })
const affinity = (value: object): Changes => ({ '/spec/affinity': value })
const required = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'

const podContainers = list(
  'pod',
  {},
  ...at('/spec/containers')([], [{ image: 'i' }], [{ name: 'a' }], [{ name: 'A_b', image: 'i' }], [{ name: 'a.b', image: 'i' }]),
  ...at('/spec/containers')([other, other], [{ name: long(64), image: 'i' }], [{ name: '', image: '' }], [{ name: 'a', image: ' i ' }]),
  ...at(container('terminationMessagePolicy'))('', 'Nope', 'FallbackToLogsOnError'),
  ...at(container('imagePullPolicy'))('Sometimes', 'Never'),
  ...at(container('ports'))(
    [{ containerPort: 0 }],
    [{ containerPort: 70000 }],
    [{ containerPort: -1, hostPort: 70000 }],
    [{ containerPort: 80, protocol: 'ICMP' }],
    [{ containerPort: 80, name: 'Web' }],
    [{ containerPort: 80, name: 'a--b' }],
    [{ containerPort: 80, name: '123' }],
    [{ containerPort: 80, name: 'much-too-long-name' }],
    [{ containerPort: 80, name: '-a' }],
    [
      { containerPort: 80, name: 'web' },
      { containerPort: 81, name: 'web' },
    ],
    [
      { containerPort: 80, hostPort: 80 },
      { containerPort: 81, hostPort: 80 },
    ],
    [{ containerPort: 80 }, { containerPort: 80 }],
    [
      { containerPort: 80, hostPort: 81, hostIP: '1.2.3.4' },
      { containerPort: 80, hostPort: 81 },
    ],
  ),
  { '/spec/hostNetwork': true, [container('ports')]: [{ containerPort: 80, hostPort: 81 }] },
  { '/spec/hostNetwork': true, [container('ports')]: [{ containerPort: 80 }] },
  ...at(container('resizePolicy'))(
    [{ resourceName: 'cpu', restartPolicy: 'Nope' }],
    [{ resourceName: 'gpu', restartPolicy: 'NotRequired' }],
    [
      { resourceName: 'cpu', restartPolicy: 'NotRequired' },
      { resourceName: 'cpu', restartPolicy: 'RestartContainer' },
    ],
  ),
  { '/spec/restartPolicy': 'Never', [container('resizePolicy')]: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] },
  ...at(container('restartPolicy'))('Nope', 'Never'),
  { [container('restartPolicyRules')]: [{ action: 'Restart', exitCodes: { operator: 'In', values: [1] } }] },
  {
    [container('restartPolicy')]: 'Never',
    [container('restartPolicyRules')]: [{ action: 'Nope', exitCodes: { operator: 'X', values: [1] } }],
  },
  { [container('restartPolicy')]: 'Never', [container('restartPolicyRules')]: [{ action: 'Restart' }] },
)

const podInit = list(
  'pod',
  ...at('/spec/initContainers')(
    [{ name: 'main', image: 'i' }],
    [{ name: 'init' }],
    [other, other],
    [{ ...other, livenessProbe: { exec: { command: ['true'] } }, lifecycle: { preStop: { exec: { command: ['true'] } } } }],
    [{ ...other, readinessProbe: { exec: { command: ['true'] } }, startupProbe: { exec: { command: ['true'] } } }],
    [{ ...other, restartPolicy: 'Always', readinessProbe: { exec: {} } }],
    [{ ...other, restartPolicy: 'Nope' }],
    [
      {
        ...other,
        ports: [
          { containerPort: 1, hostPort: 1 },
          { containerPort: 2, hostPort: 1 },
        ],
      },
    ],
    [{ ...other, resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }] }],
  ),
  { '/spec/ephemeralContainers': [{ name: 'debug', image: 'i' }] },
  { '/spec/ephemeralContainers': [{ name: 'main', image: 'i', ports: [{ containerPort: 80 }], targetContainerName: 'x', lifecycle: {} }] },
)

const podEnv = list(
  'pod',
  ...[
    { value: 'x' },
    { name: 'a=b', value: 'x' },
    { name: 'ä', value: 'x' },
    { name: '1', value: 'x' },
    { name: 'A', valueFrom: {} },
    { name: 'A', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' }, secretKeyRef: { name: 's', key: 'k' } } },
    { name: 'A', valueFrom: { fieldRef: {} } },
    { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.nope' } } },
    { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } },
    { name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a']" } } },
    { name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.labels['a b']" } } },
    { name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.annotations['A/']" } } },
    { name: 'A', valueFrom: { fieldRef: { fieldPath: "metadata.name['a']" } } },
    { name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.phase' } } },
    { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name', apiVersion: 'v2' } } },
    { name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.gpu' } } },
    { name: 'A', valueFrom: { resourceFieldRef: { resource: '' } } },
    { name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '2' } } },
    { name: 'A', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '2Mi' } } },
    { name: 'A', valueFrom: { resourceFieldRef: { resource: 'requests.ephemeral-storage', divisor: '3' } } },
    { name: 'A', valueFrom: { configMapKeyRef: { name: 'c' } } },
    { name: 'A', valueFrom: { configMapKeyRef: { name: 'C_', key: 'a b' } } },
    { name: 'A', valueFrom: { secretKeyRef: { name: '', key: '..' } } },
    { name: 'A', valueFrom: { fileKeyRef: { key: '', volumeName: '', path: '' } } },
    { name: 'A', valueFrom: { fileKeyRef: { key: 'K', volumeName: 'none', path: '../x' } } },
  ].map(env),
  ...at(container('envFrom'))(
    [{}],
    [{ configMapRef: {} }],
    [{ configMapRef: { name: 'C_' } }],
    [{ secretRef: { name: 's' }, configMapRef: { name: 'c' } }],
    [{ prefix: 'a=', secretRef: { name: 's' } }],
  ),
  {
    [container('env')]: [
      { name: 'A', value: '1' },
      { name: 'A', value: '2' },
    ],
  },
)

const podVolumes = list(
  'pod',
  mounted({ name: 'none', mountPath: '/x' }),
  mounted({ name: 'data', mountPath: '' }),
  mounted({ name: '', mountPath: '/x' }),
  mounted({ name: 'data', mountPath: '/x', subPath: '/abs' }),
  mounted({ name: 'data', mountPath: '/x', subPath: 'a/../b' }),
  mounted({ name: 'data', mountPath: '/x', subPath: 'a', subPathExpr: '/b' }),
  mounted({ name: 'data', mountPath: '/x', mountPropagation: 'Bidirectional' }),
  mounted({ name: 'data', mountPath: '/x', mountPropagation: 'Nope' }),
  mounted({ name: 'data', mountPath: '/x', recursiveReadOnly: 'Enabled' }),
  mounted({ name: 'data', mountPath: '/x', recursiveReadOnly: 'Nope' }),
  mounted({ name: 'data', mountPath: '/x', readOnly: true, recursiveReadOnly: 'IfPossible', mountPropagation: 'HostToContainer' }),
  {
    '/spec/volumes': [emptyVolume],
    [container('volumeMounts')]: [
      { name: 'data', mountPath: '/x' },
      { name: 'data', mountPath: '/x' },
    ],
  },
  { '/spec/volumes': [emptyVolume], [container('volumeDevices')]: [{ name: 'data', devicePath: '/x' }] },
  {
    '/spec/volumes': [emptyVolume],
    [container('volumeDevices')]: [
      { name: 'none', devicePath: '../x' },
      { name: '', devicePath: '' },
    ],
  },
  {
    '/spec/volumes': [{ name: 'data', persistentVolumeClaim: { claimName: 'c' } }],
    [container('volumeDevices')]: [
      { name: 'data', devicePath: '/x' },
      { name: 'data', devicePath: '/x' },
    ],
    [container('volumeMounts')]: [{ name: 'data', mountPath: '/x' }],
  },
  { '/spec/volumes': [emptyVolume, emptyVolume] },
  { '/spec/volumes': [{ emptyDir: {} }] },
  { '/spec/volumes': [{ name: 'A_b', emptyDir: {} }] },
  { '/spec/volumes': [{ name: 'data' }] },
  volume({ emptyDir: {}, hostPath: { path: '/x' } }),
  volume({ emptyDir: { sizeLimit: '-1' } }),
  volume({ hostPath: { path: '' } }),
  volume({ hostPath: { path: '/a/../b', type: 'Nope' } }),
  volume({ hostPath: { path: '/a', type: '' } }),
  volume({ secret: {} }),
  volume({ secret: { secretName: 's', defaultMode: 1000, items: [{ key: '', path: '' }] } }),
  volume({
    configMap: {
      items: [
        { key: 'a', path: '/a', mode: -1 },
        { key: 'a', path: '..a' },
        { key: 'a', path: '../a' },
      ],
    },
  }),
  volume({ persistentVolumeClaim: {} }),
  volume({ nfs: { server: '', path: 'a' } }),
  volume({ downwardAPI: { items: [{ path: '' }, { path: 'a', fieldRef: { fieldPath: 'spec.nodeName' } }] } }),
  volume({ downwardAPI: { items: [{ path: 'a', resourceFieldRef: { resource: 'limits.cpu' } }] } }),
  volume({
    downwardAPI: { items: [{ path: 'a', fieldRef: { fieldPath: 'metadata.labels' }, resourceFieldRef: { resource: 'limits.cpu' } }] },
  }),
  volume({ projected: { sources: [{ secret: {} }] } }),
  volume({
    projected: {
      sources: [
        { secret: { name: 's', items: [{ key: 'a', path: 'p' }] } },
        { configMap: { name: 'c', items: [{ key: 'a', path: 'p' }] } },
      ],
    },
  }),
  volume({ projected: { sources: [{ serviceAccountToken: { path: '', expirationSeconds: 1 } }] } }),
  volume({ projected: { sources: [{ serviceAccountToken: { path: '/a' } }] } }),
  volume({ projected: { sources: [{ secret: { name: 's' }, configMap: { name: 'c' } }] } }),
  volume({
    projected: { sources: [{ clusterTrustBundle: { path: 'p' } }, { clusterTrustBundle: { name: 'a', signerName: 'b/c', path: 'p' } }] },
  }),
  volume({ csi: {} }),
  volume({ csi: { driver: 'A_b', nodePublishSecretRef: {} } }),
  volume({ ephemeral: {} }),
  volume({ ephemeral: { volumeClaimTemplate: { spec: {} } } }),
  volume({
    ephemeral: {
      volumeClaimTemplate: { metadata: { name: 'x' }, spec: { accessModes: ['Nope'], resources: { requests: { storage: '0' } } } },
    },
  }),
  volume({ image: {} }),
  volume({ image: { reference: 'r', pullPolicy: 'Nope' } }),
  volume({ gitRepo: {} }),
  volume({ glusterfs: {} }),
  volume({ cephfs: {}, rbd: {} }),
  volume({ iscsi: { targetPortal: '', iqn: 'x', lun: 300 } }),
  volume({ azureDisk: { diskName: '', diskURI: '' } }),
  volume({ fc: {} }),
  volume({ flocker: {} }),
  volume({ quobyte: {} }),
  volume({ scaleIO: {} }),
  volume({ storageos: { volumeName: 'A_' } }),
)

const podResources = list(
  'pod',
  ...at(container('resources'))(
    { limits: { cpu: '-1' } },
    { limits: { gpu: '1' } },
    { limits: { 'a b': '1' } },
    { limits: { 'example.com/gpu': '1500m' } },
    { limits: { 'kubernetes.io/x': '1' } },
    { requests: { 'example.com/gpu': '1' } },
    { requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '2' } },
    { requests: { cpu: '2' }, limits: { cpu: '1' } },
    { requests: { memory: '1.5Gi' }, limits: { memory: '1Gi' } },
    { requests: { pods: '1' } },
    { requests: { 'hugepages-2Mi': '2Mi' }, limits: { 'hugepages-2Mi': '2Mi' } },
    { requests: { cpu: '1', 'hugepages-2Mi': '3Mi' }, limits: { 'hugepages-2Mi': '3Mi' } },
    { claims: [{ name: 'x' }] },
    { claims: [{ name: '' }] },
    { limits: { memory: '1500m' } },
  ),
  { '/spec/resourceClaims': [{ name: 'c' }] },
  {
    '/spec/resourceClaims': [
      { name: 'c', resourceClaimName: 'a', resourceClaimTemplateName: 'b' },
      { name: 'c', resourceClaimName: 'A_' },
    ],
  },
  {
    '/spec/resourceClaims': [{ name: 'c', resourceClaimName: 'a' }],
    [container('resources')]: { claims: [{ name: 'd' }, { name: 'c' }, { name: 'c' }] },
  },
  { '/spec/resources': { requests: { cpu: '1' } }, [container('resources')]: { requests: { cpu: '2' } } },
  { '/spec/resources': { limits: { cpu: '1', 'example.com/gpu': '1' } }, [container('resources')]: { limits: { cpu: '2' } } },
  { '/spec/overhead': { cpu: '-1' } },
  { [container('resources')]: { requests: { cpu: '100m' } } },
  { [container('resources')]: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } } },
)

const podProbes = list(
  'pod',
  probe({}),
  probe({ exec: {} }),
  probe({ exec: { command: ['x'] }, httpGet: { port: 80 } }),
  probe({ httpGet: { path: '', port: 0 } }),
  probe({ httpGet: { path: '/', port: 'Much_Too_Long_Name', scheme: 'FTP' } }),
  probe({ httpGet: { path: '/', port: 80, httpHeaders: [{ name: 'a b', value: 'x' }] } }),
  probe({ tcpSocket: { port: 'a--b' } }),
  probe({ tcpSocket: {} }),
  probe({ grpc: { port: 0 } }),
  probe({
    exec: { command: ['x'] },
    initialDelaySeconds: -1,
    timeoutSeconds: -1,
    periodSeconds: -1,
    successThreshold: 2,
    failureThreshold: -1,
  }),
  probe({ exec: { command: ['x'] }, terminationGracePeriodSeconds: 0 }),
  probe({ exec: { command: ['x'] }, terminationGracePeriodSeconds: 5 }, 'readinessProbe'),
  probe({ exec: { command: ['x'] }, successThreshold: 2 }, 'startupProbe'),
  ...at(container('lifecycle'))(
    { preStop: {} },
    { postStart: { sleep: { seconds: 31 } } },
    { preStop: { sleep: { seconds: -1 } } },
    { preStop: { httpGet: { port: 'x' } } },
    { stopSignal: 'SIGTERM' },
  ),
  { '/spec/os': { name: 'windows' }, [container('lifecycle')]: { stopSignal: 'SIGHUP' } },
)

const podSecurity = list(
  'pod',
  ...at('/spec/securityContext')(
    { fsGroup: -1, runAsUser: -1, runAsGroup: 3_000_000_000, supplementalGroups: [1, -1] },
    { fsGroupChangePolicy: 'Nope', supplementalGroupsPolicy: 'Nope', seLinuxChangePolicy: 'Nope' },
    { seccompProfile: {} },
    { seccompProfile: { type: 'Nope' } },
    { seccompProfile: { type: 'Localhost' } },
    { seccompProfile: { type: 'Localhost', localhostProfile: '/x/../y' } },
    { seccompProfile: { type: 'RuntimeDefault', localhostProfile: 'x' } },
    { appArmorProfile: { type: 'Localhost', localhostProfile: ' x' } },
    { appArmorProfile: { type: 'Nope' } },
    { appArmorProfile: { type: 'Unconfined', localhostProfile: 'x' } },
    {
      sysctls: [
        { name: '', value: 'x' },
        { name: 'A b', value: 'x' },
        { name: 'net.a', value: '1' },
        { name: 'net.a', value: '2' },
      ],
    },
    { windowsOptions: { runAsUserName: '', gmsaCredentialSpecName: 'A_', gmsaCredentialSpec: '' } },
    { windowsOptions: { runAsUserName: 'a\\b\\c' } },
    { windowsOptions: { runAsUserName: '...\\ ' } },
    { windowsOptions: { hostProcess: true } },
  ),
  { '/spec/hostNetwork': true, '/spec/securityContext': { sysctls: [{ name: 'net.core.x', value: '1' }] } },
  { '/spec/hostIPC': true, '/spec/securityContext': { sysctls: [{ name: 'kernel.shmmax', value: '1' }] } },
  { '/spec/hostPID': true, '/spec/shareProcessNamespace': true },
  ...at(container('securityContext'))(
    { runAsUser: -1, runAsGroup: -1 },
    { procMount: 'Nope' },
    { procMount: 'Unmasked' },
    { allowPrivilegeEscalation: false, privileged: true },
    { allowPrivilegeEscalation: false, capabilities: { add: ['CAP_SYS_ADMIN'] } },
    { seccompProfile: { type: 'Localhost' } },
  ),
  { '/spec/hostUsers': false, '/spec/hostNetwork': true, '/spec/hostPID': true, '/spec/hostIPC': true },
  { '/spec/os': { name: 'linux' }, '/spec/securityContext': { windowsOptions: { runAsUserName: 'a' } } },
  {
    '/spec/os': { name: 'windows' },
    '/spec/securityContext': { runAsUser: 1, fsGroup: 1 },
    [container('securityContext')]: { privileged: true, runAsUser: 1 },
  },
  { '/spec/os': { name: 'beos' } },
  { '/spec/os': {} },
)

const podScheduling = list(
  'pod',
  { '/spec/nodeSelector': { 'a b': 'c d' } },
  affinity({ nodeAffinity: { [required]: { nodeSelectorTerms: [] } } }),
  affinity({
    nodeAffinity: {
      [required]: {
        nodeSelectorTerms: [
          {
            matchExpressions: [
              { key: 'a', operator: 'In' },
              { key: '', operator: 'Nope' },
            ],
          },
        ],
      },
    },
  }),
  affinity({
    nodeAffinity: {
      [required]: {
        nodeSelectorTerms: [
          {
            matchExpressions: [
              { key: 'a', operator: 'Exists', values: ['x'] },
              { key: 'a', operator: 'Gt' },
              { key: 'a', operator: 'In', values: ['a b'] },
            ],
          },
        ],
      },
    },
  }),
  affinity({
    nodeAffinity: {
      [required]: {
        nodeSelectorTerms: [
          {
            matchFields: [
              { key: 'a', operator: 'Exists' },
              { key: 'metadata.name', operator: 'In' },
              { key: 'metadata.name', operator: 'In', values: ['A_'] },
            ],
          },
        ],
      },
    },
  }),
  affinity({
    nodeAffinity: {
      [preferred]: [
        { weight: 0, preference: {} },
        { weight: 101, preference: { matchExpressions: [{ key: 'a', operator: 'In' }] } },
      ],
    },
  }),
  affinity({ podAffinity: { [required]: [{}] } }),
  affinity({
    podAntiAffinity: { [required]: [{ topologyKey: 'a b', namespaces: ['A_'], labelSelector: { matchLabels: { 'a b': 'c' } } }] },
  }),
  affinity({
    podAntiAffinity: {
      [preferred]: [
        { weight: 500, podAffinityTerm: { topologyKey: 'z', labelSelector: { matchExpressions: [{ key: 'a', operator: 'In' }] } } },
      ],
    },
  }),
  affinity({ podAffinity: { [required]: [{ topologyKey: 'z', matchLabelKeys: ['a'] }] } }),
  affinity({
    podAffinity: {
      [required]: [
        { topologyKey: 'z', labelSelector: { matchLabels: { a: 'b' } }, matchLabelKeys: ['a', 'b b'], mismatchLabelKeys: ['a'] },
      ],
    },
  }),
  {
    '/metadata/labels': { app: 'x' },
    ...affinity({ podAffinity: { [required]: [{ topologyKey: 'z', labelSelector: {}, matchLabelKeys: ['app'] }] } }),
  },
  ...at('/spec/tolerations')(
    [{ key: 'a b' }],
    [{}],
    [{ operator: 'Exists', value: 'x' }],
    [{ key: 'a', value: 'b c' }],
    [{ key: 'a', operator: 'Nope' }],
    [{ key: 'a', operator: 'Gt', value: '1' }],
    [{ key: 'a', effect: 'Nope' }],
    [{ key: 'a', effect: 'NoSchedule', tolerationSeconds: 1 }],
    [{ operator: 'Exists' }],
    [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 3 }],
  ),
  ...at('/spec/topologySpreadConstraints')(
    [{}],
    [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'Nope', labelSelector: {} }],
    [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'ScheduleAnyway', minDomains: 0, labelSelector: {} }],
    [{ maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule', nodeAffinityPolicy: 'Nope', nodeTaintsPolicy: 'Nope' }],
    [
      { maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { 'a b': 'c' } } },
      { maxSkew: 2, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule', matchLabelKeys: ['a'] },
    ],
  ),
  { '/spec/schedulingGates': [{ name: 'a' }, { name: 'a' }, { name: 'a b' }] },
  { '/spec/schedulingGates': [{ name: 'a' }], '/spec/nodeName': 'node-1' },
  { '/spec/schedulingGates': [{ name: 'example.com/a' }] },
  { '/spec/readinessGates': [{ conditionType: 'a b' }] },
  { '/spec/priorityClassName': 'nope' },
  { '/spec/priorityClassName': 'system-node-critical' },
  { '/spec/priority': 5 },
  { '/spec/preemptionPolicy': 'Never' },
  { '/spec/serviceAccountName': 'nope' },
)

const podRest = list(
  'pod',
  ...at('/spec/restartPolicy')('Sometimes', ''),
  ...at('/spec/dnsPolicy')('Nope', 'None'),
  { '/spec/dnsPolicy': 'None', '/spec/dnsConfig': {} },
  { '/spec/dnsConfig': { nameservers: ['1.2.3.4', 'x', '1.2.3.4', '1.2.3.4'], searches: ['a_b', 'A B', '.', 'x.'], options: [{}] } },
  { '/spec/dnsConfig': { searches: Array.from({ length: 33 }, () => 'a') } },
  { '/spec/terminationGracePeriodSeconds': -1 },
  { '/spec/activeDeadlineSeconds': 0 },
  { '/spec/activeDeadlineSeconds': 3_000_000_000 },
  { '/spec/hostname': 'A_b', '/spec/subdomain': 'a.b' },
  { '/spec/hostnameOverride': 'A_b', '/spec/setHostnameAsFQDN': true, '/spec/hostNetwork': true },
  { '/spec/hostnameOverride': long(65) },
  { '/spec/hostAliases': [{ ip: 'x', hostnames: ['A_'] }, { ip: '010.1.1.1' }, { ip: '::ffff:1.2.3.4' }] },
  { '/spec/nodeName': 'A_' },
  { '/spec/runtimeClassName': 'A_' },
  { '/metadata/annotations': { 'controller.kubernetes.io/pod-deletion-cost': 'x' } },
  { '/metadata/annotations': { 'seccomp.security.alpha.kubernetes.io/pod': 'x' } },
  { '/metadata/annotations': { 'container.apparmor.security.beta.kubernetes.io/none': 'x' } },
  { '/metadata/name': 'A_' },
  { '/metadata/name': 'a.b' },
  { '/metadata/labels': { 'a b': 'c d' } },
  { '/status': { phase: 'Running' } },
  { '/spec/imagePullSecrets': [{ name: 'a' }, { name: 'a' }, {}] },
  { '/spec/automountServiceAccountToken': false },
  { '/spec/initContainers': [other], '/spec/volumes': [emptyVolume] },
)

const templates = (['deployment', 'replicaSet', 'statefulSet', 'daemonSet', 'replicationController'] as const).flatMap((base) =>
  list(
    base,
    {},
    { '/spec/selector': undefined },
    { '/spec/template': undefined },
    { '/spec/template/metadata/labels': undefined },
    { '/spec/template/metadata/labels': { app: 'other', z: '1', b: '2' } },
    { '/spec/template/spec/restartPolicy': 'Never' },
    { '/spec/template/spec/restartPolicy': 'Nope' },
    { '/spec/template/spec/activeDeadlineSeconds': 5 },
    { '/spec/template/spec/containers': [] },
    { '/spec/template/spec/containers/0/image': ' i', '/spec/template/spec/containers/0/imagePullPolicy': 'Always' },
    { '/spec/template/spec/containers/0/ports': [{ containerPort: 0 }] },
    { '/spec/template/spec/ephemeralContainers': [{ name: 'd', image: 'i' }] },
    { '/spec/template/spec/hostNetwork': true, '/spec/template/spec/containers/0/ports': [{ containerPort: 80 }] },
    { '/spec/template/metadata/annotations': { 'a b': 'c' }, '/spec/template/metadata/labels': { app: 'case', 'a b': 'c d' } },
    { '/spec/template/spec/volumes': [{ name: 'data', ephemeral: {} }] },
    { '/spec/minReadySeconds': -1 },
    { '/spec/replicas': -1 },
    { '/spec/revisionHistoryLimit': -1 },
    { '/metadata/name': 'a.b' },
    { '/metadata/name': 'A_' },
    { '/metadata/labels': { 'a b': 'c' } },
  ),
)

const selectors = (['deployment', 'replicaSet', 'statefulSet', 'daemonSet', 'budget'] as const).flatMap((base) =>
  list(
    base,
    { '/spec/selector': {} },
    { '/spec/selector': { matchLabels: { 'a b': 'c d' } } },
    { '/spec/selector': { matchExpressions: [{ key: 'app', operator: 'In', values: ['other'] }] } },
    { '/spec/selector': { matchExpressions: [{ key: 'app', operator: 'Exists' }] } },
    {
      '/spec/selector': {
        matchExpressions: [
          { key: 'app', operator: 'In' },
          { key: 'a b', operator: 'Exists', values: ['x'] },
          { key: 'a', operator: 'Nope' },
        ],
      },
    },
    { '/spec/selector': { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['a b'] }] } },
  ),
)

const rolling = (base: 'deployment' | 'daemonSet', field: string) =>
  list(
    base,
    ...at(`/spec/${field}`)(
      { type: 'Nope' },
      { type: 'Nope', rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
      { type: 'Recreate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      { type: 'Recreate' },
      { type: 'OnDelete' },
      { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } },
      { rollingUpdate: { maxSurge: '0%', maxUnavailable: '0%' } },
      { rollingUpdate: { maxSurge: '30%', maxUnavailable: '130%' } },
      { rollingUpdate: { maxSurge: 'x', maxUnavailable: '1.5%' } },
      { rollingUpdate: { maxSurge: -1, maxUnavailable: -1 } },
      { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } },
      { rollingUpdate: { maxSurge: '150%', maxUnavailable: 0 } },
    ),
  )

const deploymentRest = list(
  'deployment',
  { '/spec/progressDeadlineSeconds': 0 },
  { '/spec/progressDeadlineSeconds': -1 },
  { '/spec/progressDeadlineSeconds': 5, '/spec/minReadySeconds': 5 },
  { '/spec/paused': true },
)

const statefulRest = list(
  'statefulSet',
  ...at('/spec/podManagementPolicy')('', 'Nope', 'Parallel'),
  ...at('/spec/updateStrategy')(
    { type: '' },
    { type: 'Nope' },
    { type: 'Nope', rollingUpdate: { partition: 1 } },
    { type: 'OnDelete', rollingUpdate: { partition: 1 } },
    { type: 'RollingUpdate', rollingUpdate: { partition: -1 } },
    { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0 } },
  ),
  ...at('/spec/persistentVolumeClaimRetentionPolicy')({ whenDeleted: 'Nope', whenScaled: '' }, { whenDeleted: 'Delete' }),
  ...at('/spec/serviceName')('A_', '', 'a.b'),
  { '/spec/ordinals': { start: -1 } },
  {
    '/spec/volumeClaimTemplates': [
      { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
    ],
    '/spec/template/spec/containers/0/volumeMounts': [{ name: 'data', mountPath: '/x' }],
  },
  { '/spec/volumeClaimTemplates': [{ metadata: { name: 'data' }, spec: {} }] },
  {
    '/spec/volumeClaimTemplates': [
      {
        metadata: { name: 'data' },
        spec: {
          accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'],
          resources: { requests: { storage: '-1Gi' } },
          volumeMode: 'Nope',
          storageClassName: 'A_',
        },
      },
    ],
  },
  { '/spec/template/spec/hostname': 'A_', '/spec/template/spec/subdomain': 'A_' },
  { '/metadata/name': long(64) },
)

const revisions = list(
  'controllerRevision',
  {},
  { '/revision': -1 },
  { '/data': undefined },
  { '/data': null },
  { '/data': [1] },
  { '/data': 'x' },
)

const jobTemplates = (['job', 'cronJob'] as const).flatMap((base) => {
  const spec = base === 'job' ? '/spec' : '/spec/jobTemplate/spec'
  return list(
    base,
    {},
    ...at(`${spec}/template/spec/restartPolicy`)(undefined, 'Always', 'Nope'),
    ...(
      [
        'parallelism',
        'completions',
        'activeDeadlineSeconds',
        'backoffLimit',
        'ttlSecondsAfterFinished',
        'backoffLimitPerIndex',
        'maxFailedIndexes',
      ] as const
    ).map((field) => ({ [`${spec}/${field}`]: -1 })),
    ...at(`${spec}/completionMode`)('Nope', 'Indexed'),
    { [`${spec}/completionMode`]: 'Indexed', [`${spec}/completions`]: 5, [`${spec}/parallelism`]: 100_001 },
    {
      [`${spec}/completionMode`]: 'Indexed',
      [`${spec}/completions`]: 200_000,
      [`${spec}/parallelism`]: 20_000,
      [`${spec}/backoffLimitPerIndex`]: 1,
    },
    {
      [`${spec}/completionMode`]: 'Indexed',
      [`${spec}/completions`]: 5,
      [`${spec}/maxFailedIndexes`]: 6,
      [`${spec}/backoffLimitPerIndex`]: 1,
    },
    ...at(`${spec}/managedBy`)('x', 'example.com/x', 'A_/x', `example.com/${long(60)}`, ''),
    ...at(`${spec}/podReplacementPolicy`)('Nope', 'Failed'),
    ...at(`${spec}/podFailurePolicy`)(
      { rules: [{}] },
      { rules: [{ action: 'Nope', onExitCodes: { operator: 'Nope' }, onPodConditions: [{ type: 'a b', status: '' }] }] },
      { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [0, 3, 2, 2], containerName: 'none' } }] },
      { rules: [{ action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'Nope' }] }] },
    ),
    { [`${spec}/template/spec/restartPolicy`]: 'OnFailure', [`${spec}/podFailurePolicy`]: { rules: [] } },
    { [`${spec}/podReplacementPolicy`]: 'TerminatingOrFailed', [`${spec}/podFailurePolicy`]: { rules: [] } },
    ...at(`${spec}/successPolicy`)({}, { rules: [{ succeededCount: 1 }] }),
    ...[
      { rules: [] },
      { rules: [{}] },
      { rules: [{ succeededIndexes: '0,2-1' }] },
      { rules: [{ succeededIndexes: '0,1-2-3', succeededCount: -1 }] },
      { rules: [{ succeededIndexes: '0,9' }] },
      { rules: [{ succeededIndexes: 'x' }] },
      { rules: [{ succeededIndexes: '0-1', succeededCount: 3 }] },
      { rules: [{ succeededCount: 9 }] },
    ].map((value) => ({ [`${spec}/completionMode`]: 'Indexed', [`${spec}/completions`]: 5, [`${spec}/successPolicy`]: value })),
    { [`${spec}/selector`]: { matchLabels: { a: 'b' } } },
    { [`${spec}/manualSelector`]: true },
    { [`${spec}/manualSelector`]: true, [`${spec}/selector`]: { matchLabels: { a: 'b' } } },
    {
      [`${spec}/manualSelector`]: true,
      [`${spec}/selector`]: { matchLabels: { a: 'b' } },
      [`${spec}/template/metadata`]: { labels: { a: 'b' } },
    },
    { [`${spec}/template/metadata`]: { labels: { 'job-name': 'x', 'batch.kubernetes.io/controller-uid': 'y', a: 'b' } } },
    { [`${spec}/template/spec/containers`]: [] },
    { '/metadata/name': 'a.b' },
  )
})

const jobRest = list(
  'job',
  { '/metadata/name': long(63), '/spec/completionMode': 'Indexed', '/spec/completions': 5 },
  { '/status': { active: 3 } },
  { '/spec/suspend': true },
)

const cronRest = list(
  'cronJob',
  ...at('/spec/schedule')(
    '',
    'x',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 7',
    '*/0 * * * *',
    '5-1 * * * *',
    '1-2-3 * * * *',
    '1/2/3 * * * *',
    'a * * * *',
    '* * * jan-mar mon',
    '-1 * * * *',
    '@daily',
    '@nope',
    '@every 1h30m',
    '@every x',
    '@every 5',
    '@every 5y',
    'TZ=UTC 0 3 * * *',
    'CRON_TZ=Nope/Where 0 3 * * *',
    'TZ=0',
    '0 3 * * 1,,2',
    '99999999999999999999 * * * *',
  ),
  ...at('/spec/timeZone')('', 'Europe/Berlin', 'Nope/Where', 'local', '../etc', 'a b', '-x', 'UTC', 'Etc/UTC'),
  ...at('/spec/concurrencyPolicy')('Nope', 'Forbid'),
  { '/spec/startingDeadlineSeconds': -1 },
  { '/spec/successfulJobsHistoryLimit': -1, '/spec/failedJobsHistoryLimit': -1 },
  { '/metadata/name': long(53) },
)

const metric = (value: object): Changes => ({ '/spec/metrics': [value] })
const cpu = (target: object): Changes => metric({ type: 'Resource', resource: { name: 'cpu', target } })
const autoscalers = list(
  'autoscaler',
  {},
  { '/spec/maxReplicas': 0 },
  { '/spec/maxReplicas': -1 },
  { '/spec/maxReplicas': undefined },
  { '/spec/minReplicas': 5 },
  { '/spec/minReplicas': 0 },
  { '/spec/minReplicas': -1 },
  { '/spec/minReplicas': 0, ...metric({ type: 'External', external: { metric: { name: 'q' }, target: { type: 'Value', value: '1' } } }) },
  ...at('/spec/scaleTargetRef')(
    {},
    { kind: 'a/b', name: '..', apiVersion: 'a/b/c' },
    { kind: 'Deployment', name: 'x' },
    { kind: 'ReplicationController', name: 'x', apiVersion: 'v1' },
    { kind: 'X', name: 'x', apiVersion: 'v1' },
  ),
  metric({}),
  metric({ type: 'Nope' }),
  metric({ type: 'Resource' }),
  metric({ type: 'Resource', pods: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: '1' } } }),
  metric({ type: 'Pods', pods: { metric: {}, target: { type: 'Value', value: '1' } } }),
  metric({
    type: 'Object',
    object: { metric: { name: 'a/b' }, describedObject: { kind: 'Service', name: 's', apiVersion: 'v1' }, target: {} },
  }),
  metric({ type: 'Object', object: { metric: { name: 'q' }, describedObject: {}, target: { type: 'Value', value: '-1' } } }),
  metric({ type: 'External', external: { metric: { name: 'q' }, target: { type: 'Value', value: '1', averageValue: '0' } } }),
  metric({ type: 'External', external: { metric: { name: 'q' }, target: { type: 'Value' } } }),
  metric({
    type: 'ContainerResource',
    containerResource: { name: '', container: 'A_', target: { type: 'Utilization', averageUtilization: 0 } },
  }),
  metric({ type: 'ContainerResource', containerResource: { name: 'gpu', container: '', target: { type: 'Nope' } } }),
  cpu({ type: 'Utilization' }),
  cpu({ type: 'Utilization', averageUtilization: 5, averageValue: '1' }),
  cpu({ type: 'AverageValue', averageValue: '0' }),
  { '/spec/metrics': undefined },
  ...at('/spec/behavior')(
    { scaleUp: {} },
    { scaleUp: { stabilizationWindowSeconds: 5 } },
    { scaleUp: { stabilizationWindowSeconds: -1, selectPolicy: 'Nope', policies: [{ type: 'Nope', value: 0, periodSeconds: 0 }] } },
    { scaleDown: { stabilizationWindowSeconds: 4000, policies: [{ type: 'Pods', value: 1, periodSeconds: 2000 }], tolerance: '-1' } },
  ),
)
const oldAutoscalers = list(
  'oldAutoscaler',
  {},
  { '/spec/targetCPUUtilizationPercentage': undefined },
  { '/spec/targetCPUUtilizationPercentage': 0 },
  { '/spec/minReplicas': 9 },
  {
    '/metadata/annotations': {
      'autoscaling.alpha.kubernetes.io/metrics': '[{"type":"Pods","pods":{"metricName":"q","targetAverageValue":"5"}}]',
      'autoscaling.alpha.kubernetes.io/behavior':
        '{"ScaleUp":{"StabilizationWindowSeconds":5,"SelectPolicy":"Max","Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":60}]}}',
    },
  },
)

const budgets = list(
  'budget',
  {},
  { '/spec/maxUnavailable': 1 },
  { '/spec/maxUnavailable': '10%', '/spec/selector': undefined, '/spec/unhealthyPodEvictionPolicy': 'AlwaysAllow' },
  ...at('/spec/minAvailable')(-1, '-1%', '120%', 'x', '50%', undefined),
  { '/spec/unhealthyPodEvictionPolicy': 'Nope' },
  { '/spec': undefined },
)

const gated = { '/spec/schedulingGates': [{ name: 'a' }, { name: 'b' }], '/spec/nodeSelector': { a: 'b' } }
const term = (...keys: readonly string[]) => ({
  nodeSelectorTerms: [{ matchExpressions: keys.map((key) => ({ key, operator: 'Exists' })) }],
})
const podUpdates = [
  ...updates(
    'pod',
    { '/spec/nodeName': 'nowhere', '/spec/activeDeadlineSeconds': 50, '/spec/initContainers': [other] },
    {},
    { '/spec/containers/0/image': 'other' },
    { '/spec/containers/0/image': '' },
    { '/spec/containers/0/image': ' x ' },
    { '/spec/initContainers/0/image': 'other' },
    { '/spec/containers/0/name': 'renamed' },
    {
      '/spec/containers': [
        { name: 'main', image: 'registry.test/main:1' },
        { name: 'second', image: 'i' },
      ],
    },
    { '/spec/initContainers': undefined },
    { '/spec/activeDeadlineSeconds': 40 },
    { '/spec/activeDeadlineSeconds': 60 },
    { '/spec/activeDeadlineSeconds': undefined },
    { '/spec/activeDeadlineSeconds': -5 },
    { '/spec/tolerations': [] },
    { '/spec/terminationGracePeriodSeconds': 5 },
    { '/spec/nodeName': 'elsewhere' },
    { '/spec/hostNetwork': true },
    { '/spec/nodeSelector': { a: 'b' } },
    { '/spec/restartPolicy': 'Never' },
    { '/spec/containers/0/env': [{ name: 'A', value: 'b' }] },
    { '/spec/containers/0/resources': { requests: { cpu: '1' } } },
    { '/spec/volumes': [{ name: 'data', emptyDir: { sizeLimit: '1Gi' } }] },
    { '/spec/schedulingGates': [{ name: 'late' }] },
    { '/metadata/labels': { new: 'label' } },
    { '/metadata/annotations': { 'kubernetes.io/config.mirror': 'x' } },
    { '/status': { phase: 'Running' } },
  ),
  ...updates(
    'pod',
    { ...gated, '/spec/affinity': { nodeAffinity: { [required]: term('x') } } },
    { '/spec/schedulingGates': undefined },
    { '/spec/schedulingGates': [{ name: 'b' }] },
    { '/spec/schedulingGates': [{ name: 'a' }, { name: 'b' }, { name: 'c' }] },
    { '/spec/nodeSelector': { a: 'b', c: 'd' } },
    { '/spec/nodeSelector': { a: 'x' } },
    { '/spec/nodeSelector': undefined },
    { '/spec/affinity': { nodeAffinity: { [required]: term('x', 'y') } } },
    { '/spec/affinity': { nodeAffinity: { [required]: term('y') } } },
    { '/spec/affinity': undefined },
    { '/spec/hostPID': true },
  ),
  ...updates(
    'pod',
    { '/spec/terminationGracePeriodSeconds': -5, ...gated },
    { '/spec/terminationGracePeriodSeconds': 1 },
    { '/spec/terminationGracePeriodSeconds': 2 },
  ),
]

const controllerUpdates = (['deployment', 'replicaSet', 'statefulSet', 'daemonSet'] as const).flatMap((base) =>
  updates(
    base,
    {},
    {},
    { '/spec/selector/matchLabels': { app: 'case', tier: 'x' }, '/spec/template/metadata/labels': { app: 'case', tier: 'x' } },
    { '/spec/selector': { matchLabels: { app: 'other' } } },
    { '/spec/template/spec/containers/0/image': 'other' },
    { '/spec/template/spec/containers/0/image': '' },
    { '/spec/replicas': 2 },
    { '/metadata/annotations': { a: 'b' } },
    { '/metadata/labels': { a: 'b' } },
    { '/status': { replicas: 7 } },
    { '/spec/selector': undefined },
    // The controller of Deployments annotates them, so that what is overwritten depends on when.
    ...(base === 'deployment' ? [] : [{ '/metadata/resourceVersion': undefined, '/metadata/labels': { a: 'c' } }]),
  ),
)

const statefulUpdates = updates(
  'statefulSet',
  {},
  { '/spec/serviceName': 'other' },
  { '/spec/podManagementPolicy': 'Parallel' },
  {
    '/spec/volumeClaimTemplates': [
      { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
    ],
  },
  {
    '/spec/minReadySeconds': 5,
    '/spec/ordinals': { start: 3 },
    '/spec/revisionHistoryLimit': 3,
    '/spec/persistentVolumeClaimRetentionPolicy': { whenDeleted: 'Delete', whenScaled: 'Retain' },
  },
  { '/spec/updateStrategy': { type: 'OnDelete' } },
)

const revisionUpdates = updates('controllerRevision', {}, { '/revision': 2 }, { '/data': { a: 2 } }, { '/data': undefined })

const jobUpdates = [
  ...updates(
    'job',
    {},
    {},
    { '/spec/parallelism': 1 },
    { '/spec/completions': 5 },
    { '/spec/backoffLimit': 3 },
    { '/spec/backoffLimitPerIndex': 3 },
    { '/spec/completionMode': 'Indexed' },
    { '/spec/managedBy': 'example.com/x' },
    { '/spec/ttlSecondsAfterFinished': 5 },
    { '/spec/suspend': true },
    { '/spec/selector': { matchLabels: { a: 'b' } } },
    { '/spec/template/spec/containers/0/image': 'other' },
    { '/spec/template/metadata/labels': { a: 'b' } },
    { '/spec/template/spec/nodeSelector': { a: 'b' } },
    { '/spec/template/spec/restartPolicy': 'OnFailure' },
    { '/spec/podFailurePolicy': { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] } },
    { '/spec/template/spec/affinity': { nodeAffinity: { [required]: term('x') } } },
    {
      '/spec/template/spec/containers/0': {
        name: 'main',
        image: 'x',
        env: [
          { name: 'A', value: 'b' },
          { name: 'B', valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: true } } },
        ],
        ports: [{ containerPort: 80, name: 'web' }],
        resources: { limits: { memory: '1Gi', cpu: '500m' } },
        securityContext: { runAsUser: 5, capabilities: { drop: ['ALL'] } },
        volumeMounts: [{ name: 'v', mountPath: '/v' }],
        livenessProbe: { httpGet: { path: '/', port: 'web' } },
        lifecycle: { preStop: { exec: { command: ['x'] } } },
      },
      '/spec/template/spec/volumes': [
        { name: 'v', emptyDir: { medium: 'Memory' } },
        { name: 'w', configMap: { name: 'c' } },
        { name: 'x', projected: { sources: [{ secret: { name: 's' } }] } },
      ],
      '/spec/template/spec/tolerations': [{ operator: 'Exists' }],
      '/spec/template/spec/hostNetwork': true,
    },
  ),
  ...updates(
    'suspendedJob',
    {},
    { '/spec/suspend': false },
    { '/spec/template/spec/nodeSelector': { a: 'b' } },
    { '/spec/template/spec/tolerations': [{ operator: 'Exists' }] },
    { '/spec/template/metadata/annotations': { a: 'b' } },
    { '/spec/template/spec/containers/0/resources': { requests: { cpu: '1' } } },
    { '/spec/template/spec/containers/0/image': 'other' },
    { '/spec/template/spec/affinity': { nodeAffinity: { [required]: term('x') } } },
    { '/spec/template/spec/affinity': { podAffinity: { [required]: [{ topologyKey: 'z', labelSelector: {} }] } } },
    { '/spec/template/spec/schedulingGates': [{ name: 'a' }] },
  ),
  ...updates(
    'indexedJob',
    {},
    { '/spec/completions': 5, '/spec/parallelism': 5 },
    { '/spec/completions': 5 },
    { '/spec/completions': undefined },
    { '/spec/successPolicy': { rules: [{ succeededCount: 1 }] } },
    { '/spec/backoffLimitPerIndex': 2 },
  ),
]

const cronUpdates = updates(
  'cronJob',
  {},
  {},
  { '/spec/schedule': '*/5 * * * *' },
  { '/spec/schedule': 'x' },
  { '/spec/timeZone': 'Nope/Where' },
  { '/spec/jobTemplate/spec/template/spec/containers/0/image': 'other' },
  { '/spec/jobTemplate/spec/template/spec/restartPolicy': 'Always' },
)

const otherUpdates = [
  ...updates(
    'autoscaler',
    {},
    {},
    { '/spec/minReplicas': 2 },
    { '/spec/maxReplicas': 0 },
    { '/spec/scaleTargetRef/apiVersion': '' },
    { '/spec/scaleTargetRef/name': '' },
  ),
  ...updates(
    'budget',
    {},
    {},
    { '/spec/minAvailable': 2 },
    { '/spec/minAvailable': 'x' },
    { '/spec/selector': { matchLabels: { a: 'b' } } },
  ),
  ...updates('podTemplate', {}, {}, { '/template/spec/containers/0/image': 'other' }, { '/template/spec/containers': [] }),
  ...updates(
    'replicationController',
    {},
    {},
    { '/spec/selector': { app: 'other' } },
    { '/spec/replicas': -1 },
    { '/spec/template/spec/containers/0/image': '' },
  ),
]

/** Nobody else writes the status of these. */
const unmanaged: Partial<Record<BaseName, Changes>> = {
  pod: { '/spec/schedulerName': 'none' },
  job: { '/spec/managedBy': 'example.com/none' },
  indexedJob: { '/spec/managedBy': 'example.com/none' },
}

const status = (base: BaseName, ...changes: readonly Changes[]): Case[] =>
  changes.map((each) => ({ base, stored: unmanaged[base] ?? {}, changes: each, subresource: 'status' }))

/** The counts that each kind has. */
const counts = {
  deployment: ['updatedReplicas', 'unavailableReplicas', 'collisionCount'],
  replicaSet: ['fullyLabeledReplicas'],
  statefulSet: ['updatedReplicas', 'currentReplicas'],
  replicationController: ['fullyLabeledReplicas'],
} as const
const counted = (fields: readonly string[], count: number) => Object.fromEntries(fields.map((field) => [field, count]))

const statuses = [
  ...(['deployment', 'replicaSet', 'statefulSet', 'replicationController'] as const).flatMap((base) => {
    const all = ['readyReplicas', 'availableReplicas', ...counts[base]]
    const none = base === 'statefulSet' ? { collisionCount: 0 } : {}
    return status(
      base,
      { '/status': { replicas: 1, readyReplicas: 1, availableReplicas: 1, ...none } },
      { '/status': { replicas: 1, ...counted(all, 2), availableReplicas: 3, ...none } },
      { '/status': { ...counted(['replicas', ...all], -1), observedGeneration: -1, ...none } },
      { '/status': { replicas: 1, ...none }, '/spec/replicas': 9, '/metadata/labels': { a: 'b' } },
    )
  }),
  ...status('daemonSet', {
    '/status': { currentNumberScheduled: -1, numberReady: -1, numberMisscheduled: -1, desiredNumberScheduled: -1, observedGeneration: -1 },
  }),
  ...status(
    'pod',
    { '/status': { phase: 'Running' } },
    { '/status/qosClass': 'Guaranteed' },
    {
      '/status/conditions': [
        { type: 'a b', status: 'True' },
        { type: 'Ready', status: 'True' },
      ],
    },
    { '/status/podIPs': [{ ip: 'x' }] },
    { '/status/podIPs': [{ ip: '1.2.3.4' }, { ip: '1.2.3.5' }] },
    { '/status/hostIP': '1.2.3.4', '/status/hostIPs': [{ ip: '1.2.3.5' }] },
    { '/status/nominatedNodeName': 'A_' },
  ),
  ...status(
    'job',
    { '/status': { active: -1, succeeded: -1, failed: -1, ready: -1, terminating: -1 } },
    { '/status': { active: 1, ready: 2 } },
    { '/status': { conditions: [{ type: 'Complete', status: 'True' }] } },
    { '/status': { conditions: [{ type: 'Failed', status: 'True' }], active: 1 } },
    { '/status': { completionTime: '2026-01-01T00:00:00Z', startTime: '2026-02-01T00:00:00Z' } },
    {
      '/status': {
        startTime: '2026-01-01T00:00:00Z',
        completionTime: '2026-01-01T00:00:05Z',
        succeeded: 1,
        conditions: [
          { type: 'SuccessCriteriaMet', status: 'True' },
          { type: 'Complete', status: 'True' },
        ],
      },
    },
    { '/status': { completedIndexes: '1', failedIndexes: '1' } },
    { '/status': { uncountedTerminatedPods: { succeeded: ['a', 'a', ''] } } },
  ),
  ...status(
    'indexedJob',
    { '/status': { completedIndexes: '0-1', failedIndexes: '1' } },
    { '/status': { completedIndexes: '5', failedIndexes: 'x' } },
  ),
  ...status('autoscaler', { '/status': { currentReplicas: -1, desiredReplicas: -1 } }),
  ...status('budget', { '/status': { disruptionsAllowed: -1, currentHealthy: -1, desiredHealthy: -1, expectedPods: -1 } }),
]

const debugging = { base: 'pod', subresource: 'ephemeralcontainers' } as const
const subresources: Case[] = [
  ...[
    { '/spec/ephemeralContainers': [{ name: 'debug', image: 'i' }] },
    { '/spec/ephemeralContainers': [{ name: 'main', image: 'i' }] },
    { '/spec/ephemeralContainers': [{ name: 'debug' }] },
    { '/spec/ephemeralContainers': [{ name: 'debug', image: ' i ', targetContainerName: 'none' }] },
    {
      '/spec/ephemeralContainers': [
        {
          name: 'debug',
          image: 'i',
          resources: { limits: { cpu: '1' } },
          ports: [{ containerPort: 80 }],
          livenessProbe: { exec: { command: ['x'] } },
          lifecycle: { preStop: { exec: { command: ['x'] } } },
        },
      ],
    },
    { '/spec/ephemeralContainers': [{ name: 'debug', image: 'i', restartPolicy: 'Always' }] },
    { '/spec/containers/0/image': 'other' },
  ].map((changes) => ({ ...debugging, stored: { '/spec/schedulerName': 'none' }, changes })),
  ...[
    { '/spec/containers/0/resources': { requests: { cpu: '200m' } } },
    { '/spec/containers/0/resources': { requests: { cpu: '100m' }, limits: { cpu: '100m' } } },
    { '/spec/containers/0/resources': {} },
    { '/spec/containers/0/resources': { requests: { cpu: '100m', 'ephemeral-storage': '1Gi' } } },
    { '/spec/containers/0/name': 'renamed' },
    { '/spec/containers/0/image': 'other' },
    { '/spec/containers/0/resources': { requests: { cpu: '-1' } } },
    { '/spec/containers/0/resources': { requests: { memory: '1Gi' } } },
  ].map(
    (changes): Case => ({
      base: 'pod',
      subresource: 'resize',
      stored: { '/spec/schedulerName': 'none', '/spec/containers/0/resources': { requests: { cpu: '100m' } } },
      changes,
    }),
  ),
]

export const cases: readonly Case[] = [
  ...podContainers,
  ...podInit,
  ...podEnv,
  ...podVolumes,
  ...podResources,
  ...podProbes,
  ...podSecurity,
  ...podScheduling,
  ...podRest,
  ...list('podTemplate', {}, { '/template': undefined }, { '/template/spec/containers': [] }, { '/template/spec/restartPolicy': 'Never' }),
  ...templates,
  ...selectors,
  ...rolling('deployment', 'strategy'),
  ...rolling('daemonSet', 'updateStrategy'),
  ...deploymentRest,
  ...statefulRest,
  ...revisions,
  ...jobTemplates,
  ...jobRest,
  ...cronRest,
  ...autoscalers,
  ...oldAutoscalers,
  ...budgets,
  ...podUpdates,
  ...controllerUpdates,
  ...statefulUpdates,
  ...revisionUpdates,
  ...jobUpdates,
  ...cronUpdates,
  ...otherUpdates,
  ...statuses,
  ...subresources,
]
