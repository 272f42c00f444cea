/** All built-in controllers, in the order in which they are told of a change. Each call makes new ones, for one sandbox. */
import type { Controller } from './controller.ts'
import { deployments } from './deployments/controller.ts'
import { garbageCollector } from './garbage-collector/controller.ts'
import { kubelets } from './kubelet.ts'
import { replicaSets, replicationControllers } from './replica-sets.ts'
import { scheduler } from './scheduler.ts'

export const builtInControllers = (): Controller[] => [
  garbageCollector(),
  deployments(),
  replicaSets(),
  replicationControllers(),
  scheduler(),
  kubelets(),
]
