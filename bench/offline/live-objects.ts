/** Objects as an API server would hold them after the default operator has applied them: with defaults, status and managed fields. */
import type { JsonObject, JsonValue, KubernetesObject } from '../../src/api/object.ts'
import { fieldManager } from '../../src/api/names.ts'

export const appKind = { group: 'app.company.com', version: 'v1alpha1', kind: 'App' }

/** A UID as the server makes them, the same for the same number. */
const uidOf = (kind: number, number: number): string =>
  `${kind.toString(16).padStart(8, '0')}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`

const spread = 20

/** An App as a person would write it; names, hosts and versions differ as they do in a real cluster. */
export function liveApp(number: number): KubernetesObject {
  return {
    apiVersion: 'app.company.com/v1alpha1',
    kind: 'App',
    metadata: {
      name: `shop-${number}`,
      namespace: `team-${number % spread}`,
      uid: uidOf(1, number),
      resourceVersion: String(1000 + number * 10),
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      managedFields: [
        {
          manager: 'kubectl-client-side-apply',
          operation: 'Update',
          apiVersion: 'app.company.com/v1alpha1',
          time: '2026-01-01T00:00:00Z',
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:spec': {
              '.': {},
              'f:image': {},
              'f:port': {},
              'f:replicas': {},
              'f:config': { '.': {}, 'f:GREETING': {}, 'f:LOG_LEVEL': {} },
            },
          },
        },
      ],
    },
    spec: {
      image: `registry.example.com/shop:1.${number % 50}.0`,
      replicas: 3,
      port: 8080,
      config: { GREETING: `hello from shop ${number}`, LOG_LEVEL: 'info' },
    },
  }
}

/** What the server makes of a body that was applied. */
export function liveDependent(body: KubernetesObject, kind: number, number: number): KubernetesObject {
  const owner = body.metadata.ownerReferences?.[0]?.uid as string
  const manager = fieldManager('dependents', owner)
  const time = '2026-01-01T00:00:00Z'
  const live = structuredClone(body) as KubernetesObject & { spec: JsonObject; status: JsonObject }
  live.metadata = {
    ...live.metadata,
    uid: uidOf(kind, number),
    resourceVersion: String(1000 + number * 10 + kind),
    creationTimestamp: time,
  }
  const fields = fieldsOf(body as unknown as JsonObject)
  const { 'f:metadata': metadata, 'f:apiVersion': _version, 'f:kind': _kind, ...content } = fields
  const { 'f:name': _name, 'f:namespace': _namespace, ...marks } = metadata as JsonObject
  live.metadata.managedFields = [
    {
      manager,
      operation: 'Apply',
      apiVersion: body.apiVersion,
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:metadata': marks, ...content },
    },
  ]
  if (body.kind === 'Service') {
    const address = `10.96.${(number >> 8) & 255}.${number & 255}`
    live.spec = {
      ...live.spec,
      clusterIP: address,
      clusterIPs: [address],
      internalTrafficPolicy: 'Cluster',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      sessionAffinity: 'None',
      type: 'ClusterIP',
    }
  }
  if (body.kind === 'Deployment') {
    live.metadata.generation = 1
    live.spec = {
      ...live.spec,
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    }
    const condition = (type: string, reason: string): JsonObject => ({
      type,
      status: 'True',
      reason,
      message: `Deployment/${body.metadata.name} is fine`,
      lastTransitionTime: time,
      lastUpdateTime: time,
    })
    live.status = {
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      updatedReplicas: 3,
      conditions: [condition('Available', 'MinimumReplicasAvailable'), condition('Progressing', 'NewReplicaSetAvailable')],
    }
    live.metadata.managedFields.push({
      manager: 'kube-controller-manager',
      operation: 'Update',
      apiVersion: 'apps/v1',
      subresource: 'status',
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:status': fieldsOf(live.status) },
    })
  }
  return live
}

/** The primary after its status was applied. */
export function withStatus(primary: KubernetesObject, status: JsonObject): KubernetesObject {
  const manager = fieldManager('status', primary.metadata.uid as string)
  const entry = {
    manager,
    operation: 'Apply' as const,
    apiVersion: primary.apiVersion,
    subresource: 'status',
    time: '2026-01-01T00:00:00Z',
    fieldsType: 'FieldsV1' as const,
    fieldsV1: { 'f:status': fieldsOf(status) },
  }
  const { managedFields = [], ...metadata } = structuredClone(primary.metadata)
  return {
    ...structuredClone(primary),
    status: structuredClone(status),
    metadata: { ...metadata, resourceVersion: String(Number(metadata.resourceVersion) + 9), managedFields: [...managedFields, entry] },
  }
}

/** The keys by which the lists of these kinds merge. (k8s.io/api, x-kubernetes-list-map-keys) */
const listKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  env: ['name'],
  ports: ['containerPort', 'protocol'],
  ownerReferences: ['uid'],
  conditions: ['type'],
}

/** FieldsV1 of everything in a body. */
function fieldsOf(map: JsonObject): JsonObject {
  const fields: Record<string, JsonValue> = {}
  for (const [name, value] of Object.entries(map)) fields[`f:${name}`] = fieldOf(name, value as JsonValue)
  return fields
}

function fieldOf(name: string, value: JsonValue): JsonObject {
  if (Array.isArray(value)) return listOf(name, value as JsonObject[])
  return typeof value === 'object' && value !== null ? fieldsOf(value as JsonObject) : {}
}

function listOf(name: string, list: readonly JsonObject[]): JsonObject {
  const keys = listKeys[name]
  if (!keys) return {}
  const items: Record<string, JsonValue> = {}
  for (const item of list) {
    // A Service's ports have another key than a container's.
    const names = name === 'ports' && item['containerPort'] === undefined ? ['port', 'protocol'] : keys
    const key = Object.fromEntries(names.map((each) => [each, item[each] ?? 'TCP']))
    items[`k:${JSON.stringify(key)}`] = { '.': {}, ...fieldsOf(item) }
  }
  return items
}
