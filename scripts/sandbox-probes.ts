/**
 * Objects with as little in them as a server accepts, one or more for each kind that has defaults: what a server adds to them is what
 * scripts/sandbox-defaults.ts records.
 *
 * Every struct that has a defaulted field stands in one of them without that field, and those whose defaults depend on a neighbour stand in
 * several.
 */
import type { JsonObject } from '../src/api/object.ts'

export interface Probe {
  readonly method: 'POST' | 'PUT'
  readonly path: string
  readonly object: JsonObject
}

/** Where the namespaced ones are created. */
export const probeNamespace = 'sandbox-probes'

const labels = { app: 'probe' }
const selector = { matchLabels: labels }
const container = { name: 'main', image: 'registry.example/web:1' }
const template = (spec: JsonObject = {}): JsonObject => ({ metadata: { labels }, spec: { containers: [container], ...spec } })
const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }

const probe = (apiVersion: string, kind: string, resource: string, body: JsonObject, namespaced = true): Probe => ({
  method: 'POST',
  path: `/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}/${namespaced ? `namespaces/${probeNamespace}/` : ''}${resource}`,
  object: { apiVersion, kind, metadata: { name: 'probe' }, ...body },
})

/** Of what exists already. */
const update = ({ path, object }: Probe, suffix: string): Probe => ({ method: 'PUT', path: `${path}/${suffix}`, object })

const clusterProbe = (apiVersion: string, kind: string, resource: string, body: JsonObject): Probe =>
  probe(apiVersion, kind, resource, body, false)

const pod = (spec: JsonObject): Probe => probe('v1', 'Pod', 'pods', { spec: { containers: [container], ...spec } })
const deployment = (spec: JsonObject): Probe =>
  probe('apps/v1', 'Deployment', 'deployments', { spec: { selector, template: template(), ...spec } })
const statefulSet = (spec: JsonObject): Probe =>
  probe('apps/v1', 'StatefulSet', 'statefulsets', { spec: { selector, serviceName: 'probe', template: template(), ...spec } })
const daemonSet = (spec: JsonObject): Probe =>
  probe('apps/v1', 'DaemonSet', 'daemonsets', { spec: { selector, template: template(), ...spec } })
const job = (spec: JsonObject): Probe =>
  probe('batch/v1', 'Job', 'jobs', { spec: { template: template({ restartPolicy: 'Never' }), ...spec } })
const cronJob = (spec: JsonObject, jobSpec: JsonObject = {}): Probe =>
  probe('batch/v1', 'CronJob', 'cronjobs', {
    spec: { schedule: '* * * * *', jobTemplate: { spec: { template: template({ restartPolicy: 'Never' }), ...jobSpec } }, ...spec },
  })
const service = (spec: JsonObject): Probe =>
  probe('v1', 'Service', 'services', { spec: { ports: [{ port: 80 }], selector: labels, ...spec } })
const persistentVolume = (source: JsonObject): Probe =>
  clusterProbe('v1', 'PersistentVolume', 'persistentvolumes', {
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...source },
  })
const autoscaler = (version: string, spec: JsonObject): Probe =>
  probe(`autoscaling/${version}`, 'HorizontalPodAutoscaler', 'horizontalpodautoscalers', {
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 3, ...spec },
  })
const claimProbe = (spec: JsonObject): Probe =>
  probe('v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', { spec: { ...claim, ...spec } })
const webhook = { name: 'a.example.org', sideEffects: 'None', admissionReviewVersions: ['v1'] }
const webhookService = { service: { namespace: 'default', name: 'web' } }
const rules = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }]

/** Each handler of a probe, and none of the fields with defaults. */
const checks: readonly JsonObject[] = [
  { httpGet: { port: 80 } },
  { tcpSocket: { port: 'http' } },
  { grpc: { port: 9000 } },
  { exec: { command: ['true'] } },
]

/** What has to exist before some of the probes can be sent. */
export const parents: readonly Probe[] = [
  probe('v1', 'ServiceAccount', 'serviceaccounts', { metadata: { name: 'parent' } }),
  probe('v1', 'Pod', 'pods', { metadata: { name: 'parent' }, spec: { containers: [container], serviceAccountName: 'parent' } }),
]

const containers: readonly JsonObject[] = [
  ...checks.map((check) => ({ readinessProbe: check, livenessProbe: check, startupProbe: check })),
  { image: 'registry.example/web' },
  { image: 'registry.example/web:latest' },
  { image: 'registry.example:5000/web' },
  { image: `registry.example/web@sha256:${'a'.repeat(64)}` },
  { image: `registry.example/web:latest@sha256:${'a'.repeat(64)}` },
  { ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP' }] },
  { lifecycle: { preStop: { httpGet: { port: 80 } }, postStart: { httpGet: { port: 'http', scheme: 'HTTPS' } } } },
  { lifecycle: { preStop: { sleep: { seconds: 1 } }, postStart: { exec: { command: ['true'] } } } },
  { resources: { limits: { cpu: '1', memory: '64Mi' } } },
  { resources: { limits: { cpu: '1', memory: '64Mi' }, requests: { cpu: '100m' } } },
  { resources: { requests: { cpu: '0.1', memory: '1.5Gi' } } },
  { terminationMessagePath: '/tmp/log', terminationMessagePolicy: 'FallbackToLogsOnError', imagePullPolicy: 'Never' },
  { securityContext: { capabilities: { add: ['NET_ADMIN'] }, runAsUser: 1 } },
  {
    env: [
      { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
      { name: 'KEY', valueFrom: { secretKeyRef: { name: 'key', key: 'key' } } },
      { name: 'SETTING', valueFrom: { configMapKeyRef: { name: 'settings', key: 'key' } } },
      { name: 'EMPTY' },
      { name: 'FILE', valueFrom: { fileKeyRef: { volumeName: 'files', path: 'env', key: 'A' } } },
    ],
    envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'key' }, prefix: 'A_' }],
  },
  { volumeDevices: [{ name: 'data', devicePath: '/dev/data' }] },
]

/** What a container for debugging may have. */
const checksFree: readonly JsonObject[] = [
  {},
  { image: 'registry.example/web' },
  { env: [{ name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] },
]

const volumes: readonly JsonObject[] = [
  {},
  { emptyDir: {} },
  { secret: { secretName: 'key' } },
  { secret: { secretName: 'key', items: [{ key: 'a', path: 'a' }] } },
  { configMap: { name: 'settings' } },
  { hostPath: { path: '/data' } },
  { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
  { downwardAPI: { items: [{ path: 'cpu', resourceFieldRef: { containerName: 'main', resource: 'limits.cpu' } }] } },
  {
    projected: {
      sources: [
        { serviceAccountToken: { path: 'token' } },
        { configMap: { name: 'settings' } },
        { secret: { name: 'key' } },
        { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      ],
    },
  },
  { iscsi: { targetPortal: '10.0.0.1:3260', iqn: 'iqn.2001-04.org.example:storage', lun: 0 } },
  { rbd: { monitors: ['10.0.0.1:6789'], image: 'data' } },
  { azureDisk: { diskName: 'data', diskURI: 'https://example.org/data.vhd' } },
  { azureDisk: { diskName: 'data', diskURI: '/subscriptions/data', kind: 'Managed' } },
  { scaleIO: { gateway: 'https://example.org', system: 'system', secretRef: { name: 'key' }, volumeName: 'data' } },
  { ephemeral: { volumeClaimTemplate: { spec: claim } } },
  { image: { reference: 'registry.example/data:1' } },
  { image: { reference: 'registry.example/data' } },
  { csi: { driver: 'csi.example.org' } },
  { nfs: { server: 'example.org', path: '/' } },
  { persistentVolumeClaim: { claimName: 'data' } },
]

const devices: readonly JsonObject[] = [
  { name: 'one', exactly: { deviceClassName: 'example.org' } },
  { name: 'all', exactly: { deviceClassName: 'example.org', allocationMode: 'All' } },
  { name: 'tolerant', exactly: { deviceClassName: 'example.org', tolerations: [{ key: 'example.org/key', effect: 'NoSchedule' }] } },
  {
    name: 'either',
    firstAvailable: [
      { name: 'first', deviceClassName: 'example.org' },
      { name: 'all', deviceClassName: 'example.org', allocationMode: 'All' },
    ],
  },
  {
    name: 'tolerant-either',
    firstAvailable: [{ name: 'first', deviceClassName: 'example.org', tolerations: [{ key: 'example.org/key', effect: 'NoSchedule' }] }],
  },
]

export const probes: readonly Probe[] = [
  ...containers.map((fields) =>
    pod({
      containers: [{ ...container, ...fields }],
      volumes: [
        { name: 'files', emptyDir: {} },
        ...(fields.volumeDevices ? [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] : []),
      ],
    }),
  ),
  ...containers
    .filter(({ volumeDevices }) => !volumeDevices)
    .map((fields) =>
      deployment({ template: template({ volumes: [{ name: 'files', emptyDir: {} }], containers: [{ ...container, ...fields }] }) }),
    ),
  ...volumes.map((source) => pod({ volumes: [{ name: 'data', ...source }] })),
  ...volumes.map((source) => deployment({ template: template({ volumes: [{ name: 'data', ...source }] }) })),
  pod({}),
  pod({ hostNetwork: true, containers: [{ ...container, ports: [{ containerPort: 80 }] }] }),
  pod({ restartPolicy: 'Never', securityContext: { runAsUser: 1 }, enableServiceLinks: false, terminationGracePeriodSeconds: 0 }),
  pod({ initContainers: [{ ...container, name: 'first', resources: { limits: { cpu: '1' } }, ports: [{ containerPort: 80 }] }] }),
  pod({ initContainers: [{ ...container, name: 'beside', restartPolicy: 'Always', startupProbe: { httpGet: { port: 80 } } }] }),
  pod({ hostNetwork: true, initContainers: [{ ...container, name: 'first', ports: [{ containerPort: 81 }] }] }),
  pod({ resources: { limits: { cpu: '2', memory: '1Gi' } } }),
  pod({ resources: { limits: { cpu: '2' } }, containers: [{ ...container, resources: { requests: { cpu: '1', memory: '1Gi' } } }] }),
  pod({ resources: { requests: { cpu: '2' } } }),
  pod({
    resources: { limits: { cpu: '2', memory: '1Gi' } },
    containers: [
      { ...container, resources: { requests: { cpu: '0.3', memory: '1M' } } },
      { ...container, name: 'second', resources: { limits: { cpu: '500m', memory: '1Mi' } } },
    ],
    initContainers: [
      { ...container, name: 'beside', restartPolicy: 'Always', resources: { requests: { cpu: '0.1' } } },
      { ...container, name: 'first', resources: { requests: { cpu: '1', memory: '1Ki' } } },
    ],
  }),
  pod({
    resources: { limits: { memory: '1Gi' } },
    containers: [{ ...container, resources: { limits: { cpu: '1', memory: '64Mi', 'hugepages-2Mi': '4Mi' } } }],
  }),
  pod({
    affinity: {
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: { topologyKey: 'zone', labelSelector: selector } }],
      },
    },
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: selector }],
    tolerations: [{ operator: 'Exists' }],
    hostAliases: [{ ip: '10.0.0.1', hostnames: ['web'] }],
    dnsConfig: { options: [{ name: 'ndots' }] },
    readinessGates: [{ conditionType: 'example.org/ready' }],
  }),
  probe('v1', 'PodTemplate', 'podtemplates', { template: template() }),
  probe('v1', 'PodTemplate', 'podtemplates', {
    template: template({ containers: [{ ...container, resources: { limits: { cpu: '1' } } }], hostNetwork: true }),
  }),
  probe('v1', 'ReplicationController', 'replicationcontrollers', { spec: { selector: labels, template: template() } }),
  probe('v1', 'ReplicationController', 'replicationcontrollers', { spec: { template: template() } }),
  probe('v1', 'ReplicationController', 'replicationcontrollers', { spec: { replicas: 0, template: template() } }),
  probe('apps/v1', 'ReplicaSet', 'replicasets', { spec: { selector, template: template() } }),
  probe('apps/v1', 'ReplicaSet', 'replicasets', { spec: { selector, template: template(), replicas: 0, minReadySeconds: 0 } }),
  deployment({}),
  deployment({ strategy: { type: 'Recreate' } }),
  deployment({ strategy: { type: 'RollingUpdate' } }),
  deployment({ strategy: { rollingUpdate: { maxSurge: 1 } } }),
  deployment({ strategy: { rollingUpdate: { maxUnavailable: 0 } } }),
  deployment({ replicas: 0, revisionHistoryLimit: 0, progressDeadlineSeconds: 601 }),
  deployment({ template: template({ hostNetwork: true, containers: [{ ...container, ports: [{ containerPort: 80 }] }] }) }),
  statefulSet({}),
  statefulSet({ updateStrategy: { type: 'OnDelete' } }),
  statefulSet({ updateStrategy: { type: 'RollingUpdate' } }),
  statefulSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }),
  statefulSet({ updateStrategy: { rollingUpdate: {} } }),
  statefulSet({ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } }),
  statefulSet({ persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } }),
  statefulSet({ podManagementPolicy: 'Parallel', replicas: 0, ordinals: {} }),
  statefulSet({ volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }] }),
  daemonSet({}),
  daemonSet({ updateStrategy: { type: 'OnDelete' } }),
  daemonSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } } }),
  daemonSet({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } }),
  daemonSet({ updateStrategy: { rollingUpdate: { maxSurge: 0 } } }),
  daemonSet({ revisionHistoryLimit: 0 }),
  job({}),
  job({ parallelism: 2 }),
  job({ completions: 2 }),
  job({ completions: 2, parallelism: 0, suspend: true }),
  job({ completions: 2, completionMode: 'Indexed' }),
  job({ completions: 2, completionMode: 'Indexed', backoffLimitPerIndex: 1 }),
  job({ backoffLimit: 0, ttlSecondsAfterFinished: 0, podReplacementPolicy: 'Failed' }),
  job({ podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] } }),
  job({ podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }] } }),
  job({ completions: 2, completionMode: 'Indexed', successPolicy: { rules: [{ succeededCount: 1 }] } }),
  { ...job({}), object: { ...job({}).object, metadata: { name: 'probe', labels: { own: 'label' } } } },
  cronJob({}),
  cronJob({ suspend: true, concurrencyPolicy: 'Forbid', successfulJobsHistoryLimit: 0, failedJobsHistoryLimit: 0 }),
  cronJob({}, { completions: 2, backoffLimit: 1 }),
  autoscaler('v1', {}),
  autoscaler('v1', { minReplicas: 2, targetCPUUtilizationPercentage: 50 }),
  autoscaler('v2', {}),
  autoscaler('v2', { behavior: {} }),
  autoscaler('v2', { behavior: { scaleUp: { stabilizationWindowSeconds: 3 } } }),
  autoscaler('v2', { behavior: { scaleDown: { policies: [{ type: 'Pods', value: 1, periodSeconds: 15 }] } } }),
  autoscaler('v2', {
    behavior: { scaleDown: { selectPolicy: 'Disabled' }, scaleUp: { policies: [{ type: 'Percent', value: 10, periodSeconds: 15 }] } },
  }),
  autoscaler('v2', {
    metrics: [{ type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } } }],
  }),
  autoscaler('v2', {
    metrics: [
      { type: 'Pods', pods: { metric: { name: 'requests' }, target: { type: 'AverageValue', averageValue: '1k' } } },
      { type: 'External', external: { metric: { name: 'queue', selector }, target: { type: 'Value', value: '0.5' } } },
      {
        type: 'ContainerResource',
        containerResource: { name: 'cpu', container: 'main', target: { type: 'Utilization', averageUtilization: 50 } },
      },
      {
        type: 'Object',
        object: {
          metric: { name: 'hits' },
          describedObject: { apiVersion: 'v1', kind: 'Service', name: 'web' },
          target: { type: 'Value', value: 5 },
        },
      },
    ],
  }),
  service({}),
  service({
    ports: [
      { port: 80, name: 'http', targetPort: 'http' },
      { port: 53, name: 'dns', protocol: 'UDP' },
      { port: 54, name: 'zero', targetPort: 0 },
    ],
  }),
  service({ type: 'NodePort' }),
  service({ type: 'LoadBalancer' }),
  service({ type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, externalTrafficPolicy: 'Local' }),
  service({ clusterIP: 'None' }),
  service({ externalIPs: ['203.0.113.1'] }),
  service({ sessionAffinity: 'ClientIP' }),
  service({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: {} } }),
  service({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 1 } } }),
  service({ sessionAffinityConfig: { clientIP: { timeoutSeconds: 1 } } }),
  service({ internalTrafficPolicy: 'Local' }),
  probe('v1', 'Service', 'services', { spec: { type: 'ExternalName', externalName: 'example.org' } }),
  probe('v1', 'Service', 'services', { spec: { type: 'ExternalName', externalName: 'example.org', ports: [{ port: 80 }] } }),
  probe('v1', 'Endpoints', 'endpoints', {
    subsets: [
      {
        addresses: [{ ip: '10.1.0.1' }],
        ports: [
          { port: 80, name: 'a' },
          { port: 81, name: 'b', protocol: 'UDP' },
        ],
      },
    ],
  }),
  probe('v1', 'ConfigMap', 'configmaps', {}),
  probe('v1', 'ConfigMap', 'configmaps', { data: { a: 'b' } }),
  probe('v1', 'Secret', 'secrets', {}),
  probe('v1', 'Secret', 'secrets', { type: 'example.org/own', stringData: { a: 'b' } }),
  probe('v1', 'ServiceAccount', 'serviceaccounts', {}),
  probe('v1', 'LimitRange', 'limitranges', {
    spec: {
      limits: [
        { type: 'Container', max: { cpu: '2', memory: '1Gi' }, min: { cpu: '10m', 'ephemeral-storage': '1Gi' }, default: { cpu: '1' } },
      ],
    },
  }),
  probe('v1', 'LimitRange', 'limitranges', { spec: { limits: [{ type: 'Container' }, { type: 'Pod', max: { cpu: '4' } }] } }),
  probe('v1', 'LimitRange', 'limitranges', {
    spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '0.5' }, max: { cpu: '2' } }] },
  }),
  probe('v1', 'ResourceQuota', 'resourcequotas', { spec: { hard: { pods: '10', 'requests.cpu': '0.5' } } }),
  clusterProbe('v1', 'Namespace', 'namespaces', {}),
  clusterProbe('v1', 'Node', 'nodes', {}),
  clusterProbe('v1', 'Node', 'nodes', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] }, status: { capacity: { cpu: '1' } } }),
  ...[
    { hostPath: { path: '/data' } },
    { iscsi: { targetPortal: '10.0.0.1:3260', iqn: 'iqn.2001-04.org.example:storage', lun: 0 } },
    { rbd: { monitors: ['10.0.0.1:6789'], image: 'data' } },
    { azureDisk: { diskName: 'data', diskURI: 'https://example.org/data.vhd' } },
    { scaleIO: { gateway: 'https://example.org', system: 'system', secretRef: { name: 'key', namespace: 'default' }, volumeName: 'data' } },
    { csi: { driver: 'csi.example.org', volumeHandle: 'data' } },
    { nfs: { server: 'example.org', path: '/' }, volumeMode: 'Filesystem', persistentVolumeReclaimPolicy: 'Delete' },
    {
      local: { path: '/data' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'Exists' }] }] } },
    },
  ].map(persistentVolume),
  claimProbe({}),
  claimProbe({ volumeMode: 'Block', storageClassName: '' }),
  claimProbe({ dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'data' } }),
  probe('networking.k8s.io/v1', 'Ingress', 'ingresses', {
    spec: {
      rules: [{ http: { paths: [{ pathType: 'Prefix', path: '/', backend: { service: { name: 'web', port: { number: 80 } } } }] } }],
    },
  }),
  clusterProbe('networking.k8s.io/v1', 'IngressClass', 'ingressclasses', { spec: { controller: 'example.org/controller' } }),
  clusterProbe('networking.k8s.io/v1', 'IngressClass', 'ingressclasses', {
    spec: { controller: 'example.org/controller', parameters: { kind: 'Parameters', name: 'own' } },
  }),
  clusterProbe('networking.k8s.io/v1', 'IngressClass', 'ingressclasses', {
    spec: {
      controller: 'example.org/controller',
      parameters: { kind: 'Parameters', name: 'own', scope: 'Namespace', namespace: 'default' },
    },
  }),
  probe('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', { spec: {} }),
  probe('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', {
    spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }, { protocol: 'UDP' }] }] },
  }),
  probe('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', {
    spec: { podSelector: {}, egress: [{ ports: [{ port: 80 }], to: [{ podSelector: {} }] }] },
  }),
  probe('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', { spec: { podSelector: {}, policyTypes: ['Egress'] } }),
  clusterProbe('networking.k8s.io/v1', 'ServiceCIDR', 'servicecidrs', { spec: { cidrs: ['10.99.0.0/24'] } }),
  probe('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', { spec: { minAvailable: 1, selector } }),
  probe('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', { spec: {} }),
  probe('rbac.authorization.k8s.io/v1', 'Role', 'roles', { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }),
  probe('rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings', {
    roleRef: { kind: 'ClusterRole', name: 'view' },
    subjects: [
      { kind: 'User', name: 'jane' },
      { kind: 'Group', name: 'team' },
      { kind: 'ServiceAccount', name: 'web', namespace: 'default' },
    ],
  }),
  clusterProbe('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings', {
    roleRef: { kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'User', name: 'jane' }],
  }),
  clusterProbe('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', {}),
  clusterProbe('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', { aggregationRule: { clusterRoleSelectors: [selector] } }),
  clusterProbe('storage.k8s.io/v1', 'StorageClass', 'storageclasses', { provisioner: 'example.org/data' }),
  clusterProbe('storage.k8s.io/v1', 'StorageClass', 'storageclasses', {
    provisioner: 'example.org/data',
    volumeBindingMode: 'WaitForFirstConsumer',
    reclaimPolicy: 'Retain',
  }),
  clusterProbe('storage.k8s.io/v1', 'CSIDriver', 'csidrivers', { spec: {} }),
  clusterProbe('storage.k8s.io/v1', 'CSIDriver', 'csidrivers', {
    spec: { attachRequired: false, volumeLifecycleModes: ['Ephemeral'], tokenRequests: [{ audience: '' }] },
  }),
  clusterProbe('storage.k8s.io/v1', 'CSINode', 'csinodes', { spec: { drivers: [] } }),
  clusterProbe('storage.k8s.io/v1', 'VolumeAttachment', 'volumeattachments', {
    spec: { attacher: 'csi.example.org', nodeName: 'node', source: { persistentVolumeName: 'data' } },
  }),
  clusterProbe('storage.k8s.io/v1', 'VolumeAttachment', 'volumeattachments', {
    spec: {
      attacher: 'csi.example.org',
      nodeName: 'node',
      source: {
        inlineVolumeSpec: {
          accessModes: ['ReadWriteOnce'],

          csi: { driver: 'csi.example.org', volumeHandle: 'data' },
        },
      },
    },
  }),
  clusterProbe('storage.k8s.io/v1', 'VolumeAttributesClass', 'volumeattributesclasses', {
    driverName: 'csi.example.org',
    parameters: { a: 'b' },
  }),
  probe('storage.k8s.io/v1', 'CSIStorageCapacity', 'csistoragecapacities', { storageClassName: 'data' }),
  clusterProbe('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', { value: 1 }),
  clusterProbe('scheduling.k8s.io/v1', 'PriorityClass', 'priorityclasses', { value: 1, preemptionPolicy: 'Never' }),
  probe('coordination.k8s.io/v1', 'Lease', 'leases', { spec: {} }),
  probe('coordination.k8s.io/v1', 'Lease', 'leases', {}),
  clusterProbe('node.k8s.io/v1', 'RuntimeClass', 'runtimeclasses', { handler: 'own' }),
  clusterProbe('node.k8s.io/v1', 'RuntimeClass', 'runtimeclasses', {
    handler: 'own',
    overhead: { podFixed: { cpu: '0.1' } },
    scheduling: { tolerations: [{ key: 'a', operator: 'Exists' }] },
  }),
  probe('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices', {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.1.0.1'] }],
    ports: [{ port: 80 }],
  }),
  probe('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices', {
    addressType: 'IPv4',
    endpoints: [],
    ports: [{ name: 'a', protocol: 'UDP', port: 80 }],
  }),
  clusterProbe('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', {
    webhooks: [
      { ...webhook, clientConfig: { url: 'https://example.org' } },
      {
        ...webhook,
        name: 'b.example.org',
        clientConfig: webhookService,
        rules,
        failurePolicy: 'Ignore',
        matchPolicy: 'Exact',
        timeoutSeconds: 1,
      },
    ],
  }),
  clusterProbe('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', {
    webhooks: [
      { ...webhook, clientConfig: { url: 'https://example.org' } },
      { ...webhook, name: 'b.example.org', clientConfig: webhookService, rules, failurePolicy: 'Ignore', reinvocationPolicy: 'IfNeeded' },
    ],
  }),
  clusterProbe('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies', {
    spec: { matchConstraints: { resourceRules: rules }, validations: [{ expression: 'true' }] },
  }),
  clusterProbe('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', {
    spec: { policyName: 'own', validationActions: ['Deny'] },
  }),
  clusterProbe('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', {
    spec: {
      policyName: 'own',
      validationActions: ['Deny'],
      matchResources: { resourceRules: rules },
      paramRef: { name: 'own', parameterNotFoundAction: 'Deny' },
    },
  }),
  clusterProbe('admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicy', 'mutatingadmissionpolicies', {
    spec: {
      matchConstraints: { resourceRules: rules },
      reinvocationPolicy: 'Never',
      mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }],
    },
  }),
  clusterProbe('admissionregistration.k8s.io/v1', 'MutatingAdmissionPolicyBinding', 'mutatingadmissionpolicybindings', {
    spec: { policyName: 'own', matchResources: {} },
  }),
  clusterProbe('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', 'flowschemas', { spec: { priorityLevelConfiguration: { name: 'own' } } }),
  clusterProbe('flowcontrol.apiserver.k8s.io/v1', 'FlowSchema', 'flowschemas', {
    spec: {
      priorityLevelConfiguration: { name: 'own' },
      matchingPrecedence: 7,
      distinguisherMethod: { type: 'ByUser' },
      rules: [
        { subjects: [{ kind: 'User', user: { name: 'jane' } }], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }] },
      ],
    },
  }),
  clusterProbe('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', 'prioritylevelconfigurations', {
    spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } },
  }),
  clusterProbe('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', 'prioritylevelconfigurations', {
    spec: { type: 'Limited', limited: { limitResponse: { type: 'Queue', queuing: {} } } },
  }),
  clusterProbe('apiregistration.k8s.io/v1', 'APIService', 'apiservices', {
    metadata: { name: 'v1.probe.example.org' },
    spec: {
      group: 'probe.example.org',
      version: 'v1',
      groupPriorityMinimum: 1,
      versionPriority: 1,
      insecureSkipTLSVerify: true,
      service: { namespace: 'default', name: 'web' },
    },
  }),
  clusterProbe('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    metadata: { name: 'probes.probe.example.org' },
    spec: {
      group: 'probe.example.org',
      scope: 'Namespaced',
      names: { plural: 'probes', kind: 'Probe' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  }),
  clusterProbe('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', {
    metadata: { name: 'probes.probe.example.org' },
    spec: {
      group: 'probe.example.org',
      scope: 'Cluster',
      names: { plural: 'probes', kind: 'Probe', singular: 'own', listKind: 'Many' },
      conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig: webhookService } },
      versions: [
        { name: 'v1', served: true, storage: false, schema: { openAPIV3Schema: { type: 'object' } } },
        {
          name: 'v2',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-validations': [{ rule: 'true' }] } },
        },
      ],
    },
  }),
  ...devices.map((request) =>
    probe('resource.k8s.io/v1', 'ResourceClaim', 'resourceclaims', { spec: { devices: { requests: [request] } } }),
  ),
  ...devices.map((request) =>
    probe('resource.k8s.io/v1', 'ResourceClaimTemplate', 'resourceclaimtemplates', {
      spec: { spec: { devices: { requests: [request] } } },
    }),
  ),
  clusterProbe('resource.k8s.io/v1', 'DeviceClass', 'deviceclasses', { spec: {} }),
  clusterProbe('resource.k8s.io/v1', 'ResourceSlice', 'resourceslices', {
    spec: {
      driver: 'example.org',
      nodeName: 'node',
      pool: { name: 'own', generation: 1, resourceSliceCount: 1 },
      devices: [{ name: 'one', capacity: { memory: { value: '1Gi' } } }],
    },
  }),
  ...checksFree.map((fields) =>
    update(
      probe('v1', 'Pod', 'pods', {
        metadata: { name: 'parent' },
        spec: { containers: [container], ephemeralContainers: [{ ...container, name: 'debugger', ...fields }] },
      }),
      'parent/ephemeralcontainers',
    ),
  ),
  update(
    clusterProbe('flowcontrol.apiserver.k8s.io/v1', 'PriorityLevelConfiguration', 'prioritylevelconfigurations', {
      metadata: { name: 'exempt' },
      spec: { type: 'Exempt', exempt: {} },
    }),
    'exempt',
  ),
  probe('v1', 'TokenRequest', 'serviceaccounts/parent/token', {
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: 'parent' },
    spec: { audiences: [] },
  }),
]
