/** What is special about the kinds that run things: pods, what makes pods, and what scales and protects them. */
import type { KindBehaviour } from '../../registry/resource.ts'
import { controllerRevisions } from './controller-revisions.ts'
import { cronJobs } from './cron-jobs.ts'
import { daemonSets } from './daemon-sets.ts'
import { deployments } from './deployments.ts'
import { horizontalPodAutoscalers } from './horizontal-pod-autoscalers.ts'
import { jobs } from './jobs.ts'
import { podDisruptionBudgets } from './pod-disruption-budgets.ts'
import { pods, podTemplates } from './pod/pods.ts'
import { replicaSets } from './replica-sets.ts'
import { replicationControllers } from './replication-controllers.ts'
import { statefulSets } from './stateful-sets.ts'

/** By storage. */
export const workloadKinds: Readonly<Record<string, KindBehaviour>> = {
  '/pods': pods,
  '/podtemplates': podTemplates,
  '/replicationcontrollers': replicationControllers,
  'apps/deployments': deployments,
  'apps/replicasets': replicaSets,
  'apps/statefulsets': statefulSets,
  'apps/daemonsets': daemonSets,
  'apps/controllerrevisions': controllerRevisions,
  'batch/jobs': jobs,
  'batch/cronjobs': cronJobs,
  'autoscaling/horizontalpodautoscalers': horizontalPodAutoscalers,
  'policy/poddisruptionbudgets': podDisruptionBudgets,
}
