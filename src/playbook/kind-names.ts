/** Kinds as people write them: `Deployment` for one that Kubernetes itself brings, `Certificate.cert-manager.io`, or with an apiVersion. */
import { nearest } from '../api/nearest.ts'
import { TemplateError } from '../template/error.ts'

/** Of the kinds that Kubernetes brings, by apiVersion. (kubernetes 1.36, `kubectl api-resources`; the versions that it serves by default) */
const builtIn: Readonly<Record<string, readonly string[]>> = {
  v1: [
    ...['ConfigMap', 'Endpoints', 'Event', 'LimitRange', 'Namespace', 'Node', 'PersistentVolume', 'PersistentVolumeClaim', 'Pod'],
    ...['PodTemplate', 'ReplicationController', 'ResourceQuota', 'Secret', 'Service', 'ServiceAccount'],
  ],
  'apps/v1': ['ControllerRevision', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
  'batch/v1': ['CronJob', 'Job'],
  'autoscaling/v2': ['HorizontalPodAutoscaler'],
  'policy/v1': ['PodDisruptionBudget'],
  'networking.k8s.io/v1': ['Ingress', 'IngressClass', 'NetworkPolicy'],
  'rbac.authorization.k8s.io/v1': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  'storage.k8s.io/v1': ['CSIDriver', 'CSINode', 'CSIStorageCapacity', 'StorageClass', 'VolumeAttachment'],
  'coordination.k8s.io/v1': ['Lease'],
  'discovery.k8s.io/v1': ['EndpointSlice'],
  'scheduling.k8s.io/v1': ['PriorityClass'],
  'apiextensions.k8s.io/v1': ['CustomResourceDefinition'],
}

const versions = new Map(Object.entries(builtIn).flatMap(([apiVersion, kinds]) => kinds.map((kind) => [kind, apiVersion])))

/**
 * @param kind as it is written
 * @param served `apps/v1/Deployment` for each kind that the cluster has: for kinds with a group and no version
 */
export function kindNamed(kind: string, apiVersion: string | undefined, served: readonly string[]): { apiVersion: string; kind: string } {
  if (apiVersion !== undefined) return { apiVersion, kind }
  const dot = kind.indexOf('.')
  const name = dot < 0 ? kind : kind.slice(0, dot)
  const group = dot < 0 ? undefined : kind.slice(dot + 1)
  const known = versions.get(name)
  if (known !== undefined && (group === undefined || known.startsWith(`${group}/`))) return { apiVersion: known, kind: name }
  if (group !== undefined) {
    const found = served.find((each) => each.startsWith(`${group}/`) && each.endsWith(`/${name}`))
    if (found !== undefined) return { apiVersion: found.slice(0, found.lastIndexOf('/')), kind: name }
  }
  const near = nearest(kind, versions.keys())
  const remedy = near && near !== kind ? `did you mean ${near}?` : 'give its apiVersion too'
  throw new TemplateError('TEMPLATE_VALUE', `the kind ${JSON.stringify(kind)} is not known`, { remedy })
}
