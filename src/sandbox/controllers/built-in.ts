/** All built-in controllers. Each call makes new ones, for one sandbox. */
import type { PodScripts } from '../programs/scripts.ts'
import { autoscalers } from './autoscalers.ts'
import { clusterRoleAggregation } from './cluster-roles.ts'
import type { Controller } from './controller.ts'
import { cronJobs } from './cron-jobs.ts'
import { daemonSets } from './daemon-sets.ts'
import { deployments } from './deployments/controller.ts'
import { disruptionBudgets } from './disruption-budgets.ts'
import { finishedJobs } from './finished-jobs.ts'
import { garbageCollector } from './garbage-collector/controller.ts'
import { jobs } from './jobs/controller.ts'
import { kubelets } from './kubelet.ts'
import { namespaceDefaults } from './namespace-defaults.ts'
import { namespaces } from './namespaces.ts'
import { podGarbage } from './pod-garbage.ts'
import { replicaSets, replicationControllers } from './replica-sets.ts'
import { resourceQuotas } from './resource-quotas.ts'
import { scheduler } from './scheduler.ts'
import { endpointSlices } from './services/endpoint-slices.ts'
import { endpoints } from './services/endpoints.ts'
import { statefulSets } from './stateful-sets/controller.ts'
import { volumeBinder } from './volumes/binder.ts'
import { volumeProtection } from './volumes/protection.ts'

export interface BuiltInOptions {
  /** The certificate of the authority that signs the server's certificate, PEM: what `kube-root-ca.crt` tells in every namespace. */
  readonly authority?: string
  /** How containers end. */
  readonly scripts?: PodScripts
}

export const builtInControllers = ({ authority = '', scripts }: BuiltInOptions = {}): Controller[] => [
  garbageCollector(),
  namespaces(),
  namespaceDefaults(authority),
  deployments(),
  replicaSets(),
  replicationControllers(),
  statefulSets(),
  daemonSets(),
  jobs(),
  cronJobs(),
  finishedJobs(),
  scheduler(),
  kubelets(scripts),
  podGarbage(),
  endpoints(),
  endpointSlices(),
  volumeBinder(),
  volumeProtection(),
  disruptionBudgets(),
  autoscalers(),
  resourceQuotas(),
  clusterRoleAggregation(),
]
