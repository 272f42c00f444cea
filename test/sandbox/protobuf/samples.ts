/** Objects of many kinds with fields of many types, each by the path that it is POSTed to; NS stands for the namespace. */

const template = {
  metadata: { labels: { a: 'b' } },
  spec: {
    restartPolicy: 'Never',
    nodeSelector: { a: 'b' },
    tolerations: [{ key: 'x', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 0 }],
    securityContext: {
      runAsUser: 0,
      fsGroup: 1,
      supplementalGroups: [1, 2, 2_147_483_647],
      sysctls: [{ name: 'kernel.shm_rmid_forced', value: '0' }],
    },
    affinity: {
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, preference: { matchExpressions: [{ key: 'a', operator: 'In', values: ['b', ''] }] } },
        ],
      },
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'x', labelSelector: {} }] },
    },
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'z', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { a: 'b' } } },
    ],
    initContainers: [{ name: 'init', image: 'i', restartPolicy: 'Always' }],
    containers: [
      {
        name: 'c',
        image: 'i',
        command: ['a', '', 'é'],
        ports: [{ containerPort: 80 }, { containerPort: 53, protocol: 'UDP', name: 'dns' }],
        env: [
          { name: 'A', value: '' },
          { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'C', valueFrom: { resourceFieldRef: { resource: 'limits.cpu', divisor: '1m' } } },
          { name: 'D', valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: false } } },
        ],
        envFrom: [{ configMapRef: { name: 'x', optional: true } }],
        resources: { limits: { cpu: '1500m', memory: '1.5Gi' }, requests: { cpu: '0', memory: '1e3' } },
        livenessProbe: { httpGet: { path: '/', port: 'dns', httpHeaders: [{ name: 'h', value: '' }] }, initialDelaySeconds: 3 },
        readinessProbe: { tcpSocket: { port: 80 }, failureThreshold: 5 },
        startupProbe: { exec: { command: ['x'] } },
        lifecycle: { preStop: { sleep: { seconds: 5 } } },
        securityContext: { privileged: false, capabilities: { add: ['NET_ADMIN'] }, seLinuxOptions: { level: 's0' } },
        volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true, mountPropagation: 'None' }],
      },
    ],
    volumes: [
      { name: 'v', emptyDir: { sizeLimit: '1Gi', medium: 'Memory' } },
      { name: 'cm', configMap: { name: 'x', defaultMode: 0, items: [{ key: 'a', path: 'b', mode: 511 }] } },
      {
        name: 'p',
        projected: {
          sources: [
            { serviceAccountToken: { path: 't' } },
            { downwardAPI: { items: [{ path: 'l', fieldRef: { fieldPath: 'metadata.labels' } }] } },
          ],
        },
      },
      {
        name: 'e',
        ephemeral: { volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } } },
      },
    ],
  },
}
const running = { ...template, spec: { ...template.spec, restartPolicy: 'Always' } }
const selector = { matchLabels: { a: 'b' } }

export const samples: readonly [path: string, kind: string, fields: object][] = [
  ['/api/v1/namespaces/NS/pods', 'Pod', { spec: template.spec }],
  ['/api/v1/namespaces/NS/podtemplates', 'PodTemplate', { template }],
  ['/api/v1/namespaces/NS/configmaps', 'ConfigMap', { data: { a: 'b', e: '' }, binaryData: { b: 'AP8=', f: '' }, immutable: false }],
  ['/api/v1/namespaces/NS/secrets', 'Secret', { data: { a: 'AP8=' }, stringData: { b: 'x' }, type: 'x/y' }],
  [
    '/api/v1/namespaces/NS/services',
    'Service',
    {
      spec: {
        selector: { a: 'b' },
        ports: [
          { port: 80, targetPort: 'x', name: 'a' },
          { port: 81, name: 'b' },
        ],
        sessionAffinity: 'ClientIP',
      },
    },
  ],
  ['/api/v1/namespaces/NS/serviceaccounts', 'ServiceAccount', { imagePullSecrets: [{ name: 'x' }], automountServiceAccountToken: false }],
  [
    '/api/v1/namespaces/NS/limitranges',
    'LimitRange',
    { spec: { limits: [{ type: 'Container', max: { cpu: '2' }, min: { cpu: '100m' }, default: { cpu: '1' } }] } },
  ],
  ['/api/v1/namespaces/NS/resourcequotas', 'ResourceQuota', { spec: { hard: { cpu: '10', pods: 5 }, scopes: ['NotTerminating'] } }],
  [
    '/api/v1/namespaces/NS/persistentvolumeclaims',
    'PersistentVolumeClaim',
    { spec: { accessModes: ['ReadWriteOnce'], storageClassName: '', resources: { requests: { storage: '1Gi' } } } },
  ],
  [
    '/api/v1/persistentvolumes',
    'PersistentVolume',
    {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteMany'],
        nfs: { server: 's', path: '/p' },
        claimRef: { name: 'c', namespace: 'n' },
      },
    },
  ],
  [
    '/api/v1/namespaces/NS/events',
    'Event',
    {
      involvedObject: { namespace: 'NS', name: 'x' },
      reason: 'x',
      count: 3,
      firstTimestamp: '2026-01-02T03:04:05Z',
      eventTime: '2026-01-02T03:04:05.000007Z',
      reportingComponent: 'c',
      reportingInstance: 'i',
      action: 'a',
      type: 'Normal',
    },
  ],
  [
    '/api/v1/namespaces/NS/endpoints',
    'Endpoints',
    { subsets: [{ addresses: [{ ip: '10.1.2.3', nodeName: 'n' }], ports: [{ port: 80 }] }] },
  ],
  [
    '/apis/apps/v1/namespaces/NS/deployments',
    'Deployment',
    { spec: { selector, template: running, strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } } } },
  ],
  ['/apis/apps/v1/namespaces/NS/daemonsets', 'DaemonSet', { spec: { selector, template: running } }],
  [
    '/apis/apps/v1/namespaces/NS/statefulsets',
    'StatefulSet',
    {
      spec: { selector, template: running, serviceName: 's', updateStrategy: { rollingUpdate: { partition: 0 } }, ordinals: { start: 1 } },
    },
  ],
  [
    '/apis/apps/v1/namespaces/NS/controllerrevisions',
    'ControllerRevision',
    { revision: 5_000_000_000, data: { a: [1, 2.5, null, { b: 'é' }] } },
  ],
  [
    '/apis/batch/v1/namespaces/NS/jobs',
    'Job',
    {
      spec: {
        template,
        completions: 3,
        completionMode: 'Indexed',
        podFailurePolicy: { rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [1, 2] } }] },
      },
    },
  ],
  [
    '/apis/batch/v1/namespaces/NS/cronjobs',
    'CronJob',
    { spec: { schedule: '@daily', timeZone: 'Etc/UTC', suspend: true, jobTemplate: { spec: { template } } } },
  ],
  [
    '/apis/autoscaling/v2/namespaces/NS/horizontalpodautoscalers',
    'HorizontalPodAutoscaler',
    {
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { apiVersion: 'x/v1', kind: 'X', name: 'x' },
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '150m' } } }],
        behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
      },
    },
  ],
  [
    '/apis/autoscaling/v1/namespaces/NS/horizontalpodautoscalers',
    'HorizontalPodAutoscaler',
    { spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'x/v1', kind: 'X', name: 'x' }, targetCPUUtilizationPercentage: 50 } },
  ],
  [
    '/apis/networking.k8s.io/v1/namespaces/NS/ingresses',
    'Ingress',
    {
      spec: {
        rules: [
          { host: 'x.y', http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 's', port: { number: 80 } } } }] } },
        ],
        tls: [{ hosts: ['x.y'], secretName: 't' }],
      },
    },
  ],
  [
    '/apis/networking.k8s.io/v1/namespaces/NS/networkpolicies',
    'NetworkPolicy',
    {
      spec: {
        podSelector: {},
        ingress: [
          { from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }], ports: [{ port: 'http' }, { port: 80, endPort: 90 }] },
        ],
        egress: [{}],
      },
    },
  ],
  [
    '/apis/networking.k8s.io/v1/ingressclasses',
    'IngressClass',
    { spec: { controller: 'x.y/z', parameters: { kind: 'K', name: 'n', scope: 'Cluster' } } },
  ],
  ['/apis/policy/v1/namespaces/NS/poddisruptionbudgets', 'PodDisruptionBudget', { spec: { maxUnavailable: '10%', selector } }],
  ['/apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles', 'Role', { rules: [] }],
  [
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    'ClusterRole',
    { rules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }], aggregationRule: { clusterRoleSelectors: [{ matchLabels: { a: 'b' } }] } },
  ],
  [
    '/apis/storage.k8s.io/v1/storageclasses',
    'StorageClass',
    {
      provisioner: 'x',
      parameters: { a: 'b' },
      allowVolumeExpansion: true,
      allowedTopologies: [{ matchLabelExpressions: [{ key: 'a', values: ['b'] }] }],
    },
  ],
  [
    '/apis/storage.k8s.io/v1/csidrivers',
    'CSIDriver',
    { spec: { attachRequired: false, tokenRequests: [{ audience: '', expirationSeconds: 3600 }] } },
  ],
  [
    '/apis/storage.k8s.io/v1/volumeattachments',
    'VolumeAttachment',
    { spec: { attacher: 'x', nodeName: 'n', source: { persistentVolumeName: 'p' } } },
  ],
  [
    '/apis/storage.k8s.io/v1/namespaces/NS/csistoragecapacities',
    'CSIStorageCapacity',
    { storageClassName: 'x', capacity: '5Gi', nodeTopology: {} },
  ],
  [
    '/apis/coordination.k8s.io/v1/namespaces/NS/leases',
    'Lease',
    { spec: { holderIdentity: 'x', leaseDurationSeconds: 15, renewTime: '2026-01-02T03:04:05.123456Z' } },
  ],
  [
    '/apis/discovery.k8s.io/v1/namespaces/NS/endpointslices',
    'EndpointSlice',
    {
      addressType: 'IPv4',
      endpoints: [{ addresses: ['10.1.2.3'], conditions: { ready: false }, deprecatedTopology: undefined }],
      ports: [{ port: 80, name: '' }],
    },
  ],
  ['/apis/scheduling.k8s.io/v1/priorityclasses', 'PriorityClass', { value: -5, preemptionPolicy: 'Never' }],
  [
    '/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations',
    'PriorityLevelConfiguration',
    { spec: { type: 'Limited', limited: { nominalConcurrencyShares: 0, limitResponse: { type: 'Reject' } } } },
  ],
  [
    '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas',
    'FlowSchema',
    {
      spec: {
        priorityLevelConfiguration: { name: 'exempt' },
        rules: [{ subjects: [{ kind: 'User', user: { name: 'u' } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }],
      },
    },
  ],
  [
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    'SubjectAccessReview',
    { metadata: {}, spec: { user: 'u', extra: { a: ['b', 'c'] }, groups: ['g'], resourceAttributes: { verb: 'get', resource: 'pods' } } },
  ],
  [
    '/apis/node.k8s.io/v1/runtimeclasses',
    'RuntimeClass',
    { handler: 'h', overhead: { podFixed: { cpu: '5m' } }, scheduling: { nodeSelector: { a: 'b' } } },
  ],
  [
    '/apis/resource.k8s.io/v1/deviceclasses',
    'DeviceClass',
    { spec: { selectors: [{ cel: { expression: 'true' } }], config: [{ opaque: { driver: 'd.x', parameters: { a: 1 } } }] } },
  ],
  [
    '/apis/resource.k8s.io/v1/namespaces/NS/resourceclaims',
    'ResourceClaim',
    { spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c', count: 2 } }] } } },
  ],
  [
    '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
    'ValidatingWebhookConfiguration',
    {
      webhooks: [
        {
          name: 'a.b.c',
          clientConfig: { url: 'https://x/y' },
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
        },
      ],
    },
  ],
  [
    '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
    'MutatingWebhookConfiguration',
    {
      webhooks: [
        {
          name: 'a.b.c',
          clientConfig: { caBundle: 'LS0tLS1CRUdJTg==', service: { name: 's', namespace: 'n', port: 444 } },
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    },
  ],
  [
    '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
    'ValidatingAdmissionPolicy',
    {
      spec: {
        matchConstraints: {
          resourceRules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], resourceNames: ['x'] }],
        },
        validations: [{ expression: 'true' }],
      },
    },
  ],
  [
    '/apis/apiregistration.k8s.io/v1/apiservices',
    'APIService',
    {
      metadata: { name: 'v9.x.example' },
      spec: {
        group: 'x.example',
        version: 'v9',
        groupPriorityMinimum: 1,
        versionPriority: 1,
        insecureSkipTLSVerify: true,
        service: { name: 's', namespace: 'n' },
      },
    },
  ],
  [
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    'CustomResourceDefinition',
    {
      metadata: { name: 'things.protobuf.example' },
      spec: {
        group: 'protobuf.example',
        scope: 'Namespaced',
        names: { plural: 'things', kind: 'Thing' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: { status: {}, scale: { specReplicasPath: '.spec.r', statusReplicasPath: '.status.r' } },
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  spec: {
                    type: 'object',
                    properties: {
                      r: { type: 'integer', minimum: 0, maximum: 1.5e10, default: 1, enum: [1, 2] },
                      n: { type: 'number', multipleOf: 0.25, nullable: true },
                      map: { type: 'object', additionalProperties: { type: 'array', items: { 'x-kubernetes-int-or-string': true } } },
                      keep: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, default: { a: [null, true, 'x'] } },
                      any: { anyOf: [{ minLength: 1 }, { not: { maxLength: 3 } }], type: 'string', pattern: '^a' },
                    },
                    'x-kubernetes-validations': [{ rule: 'self.r > 0', message: 'm' }],
                  },
                },
              },
            },
          },
        ],
      },
    },
  ],
]
