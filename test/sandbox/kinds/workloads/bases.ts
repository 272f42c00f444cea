/** Objects that every server accepts, which the cases break. */
import type { KubernetesObject } from '../../../../src/api/object.ts'

const container = { name: 'main', image: 'registry.test/main:1' }
const labels = { app: 'case' }
const podSpec = { containers: [container] }
const template = { metadata: { labels }, spec: podSpec }
const selector = { matchLabels: labels }

type Base = Omit<KubernetesObject, 'metadata'> & { metadata: { name: string; labels?: Record<string, string> } }

const core = (kind: string, rest: object): Base => ({ apiVersion: 'v1', kind, metadata: { name: 'case' }, ...rest }) as Base
const of = (apiVersion: string, kind: string, spec: object): Base => ({ apiVersion, kind, metadata: { name: 'case' }, spec }) as Base

export const bases = {
  pod: core('Pod', { spec: podSpec }),
  podTemplate: core('PodTemplate', { template }),
  replicationController: core('ReplicationController', { spec: { selector: labels, replicas: 0, template } }),
  deployment: of('apps/v1', 'Deployment', { selector, replicas: 0, template }),
  replicaSet: of('apps/v1', 'ReplicaSet', { selector, replicas: 0, template }),
  statefulSet: of('apps/v1', 'StatefulSet', { selector, replicas: 0, serviceName: 'case', template }),
  daemonSet: of('apps/v1', 'DaemonSet', { selector, template: { ...template, spec: { ...podSpec, nodeSelector: { none: 'such' } } } }),
  controllerRevision: {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: { name: 'case' },
    revision: 1,
    data: { a: 1 },
  } as Base,
  job: of('batch/v1', 'Job', { suspend: false, parallelism: 0, template: { spec: { ...podSpec, restartPolicy: 'Never' } } }),
  suspendedJob: of('batch/v1', 'Job', { suspend: true, template: { spec: { ...podSpec, restartPolicy: 'Never' } } }),
  indexedJob: of('batch/v1', 'Job', {
    completionMode: 'Indexed',
    completions: 3,
    parallelism: 0,
    backoffLimitPerIndex: 1,
    template: { spec: { ...podSpec, restartPolicy: 'Never' } },
  }),
  cronJob: of('batch/v1', 'CronJob', {
    schedule: '0 3 * * *',
    suspend: true,
    jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: 'OnFailure' } } } },
  }),
  autoscaler: of('autoscaling/v2', 'HorizontalPodAutoscaler', {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nothing' },
    maxReplicas: 3,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } }],
  }),
  oldAutoscaler: of('autoscaling/v1', 'HorizontalPodAutoscaler', {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'nothing' },
    maxReplicas: 3,
    targetCPUUtilizationPercentage: 60,
  }),
  budget: of('policy/v1', 'PodDisruptionBudget', { minAvailable: 1, selector }),
} satisfies Record<string, Base>

export type BaseName = keyof typeof bases

/** Where objects of a kind are. */
export const collections: Readonly<Record<string, string>> = {
  Pod: '/api/v1/namespaces/{namespace}/pods',
  PodTemplate: '/api/v1/namespaces/{namespace}/podtemplates',
  ReplicationController: '/api/v1/namespaces/{namespace}/replicationcontrollers',
  Deployment: '/apis/apps/v1/namespaces/{namespace}/deployments',
  ReplicaSet: '/apis/apps/v1/namespaces/{namespace}/replicasets',
  StatefulSet: '/apis/apps/v1/namespaces/{namespace}/statefulsets',
  DaemonSet: '/apis/apps/v1/namespaces/{namespace}/daemonsets',
  ControllerRevision: '/apis/apps/v1/namespaces/{namespace}/controllerrevisions',
  Job: '/apis/batch/v1/namespaces/{namespace}/jobs',
  CronJob: '/apis/batch/v1/namespaces/{namespace}/cronjobs',
  HorizontalPodAutoscaler: '/apis/autoscaling/{version}/namespaces/{namespace}/horizontalpodautoscalers',
  PodDisruptionBudget: '/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets',
}
