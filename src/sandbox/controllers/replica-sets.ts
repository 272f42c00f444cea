/**
 * ReplicaSets and ReplicationControllers: as many pods of one template as asked for.
 *
 * (pkg/controller/replicaset; the ReplicationController is the same controller with a plain map as its selector)
 */
import type { KubernetesObject } from '../../api/object.ts'
import type { LabelSelector } from '../../api/selectors.ts'
import { ApiError } from '../status/api-error.ts'
import { type Condition, conditionOf, replaceCondition, withoutCondition } from './conditions.ts'
import { type Controller, timestamp, type World } from './controller.ts'
import { claim, ControllerIndex, keyOfController, splitKey } from './ownership.ts'
import {
  inOrderOfDeletion,
  isActive,
  isAvailable,
  isReady,
  isTerminating,
  nextAvailability,
  type Pod,
  podFromTemplate,
  type PodTemplate,
} from './pods.ts'
import { countOrNothing, writeStatus } from './status-writer.ts'

export interface ReplicaSetStatus {
  readonly replicas: number
  readonly fullyLabeledReplicas?: number | undefined
  readonly readyReplicas?: number | undefined
  readonly availableReplicas?: number | undefined
  readonly terminatingReplicas?: number | undefined
  readonly observedGeneration?: number | undefined
  readonly conditions?: readonly Condition[] | undefined
}

export interface ReplicaSet extends KubernetesObject {
  spec: { replicas?: number; minReadySeconds?: number; selector: LabelSelector; template: PodTemplate }
  status?: ReplicaSetStatus
}

interface Variant {
  readonly name: string
  readonly storage: string
  readonly group: string
  readonly kind: string
  readonly selector: (object: KubernetesObject) => LabelSelector | undefined
  /** Whether status.terminatingReplicas is told. */
  readonly countsTerminating: boolean
}

export const replicaSets = (): Controller =>
  replicaController({
    name: 'replicaset',
    storage: 'apps/replicasets',
    group: 'apps',
    kind: 'ReplicaSet',
    selector: (object) => (object as ReplicaSet).spec.selector,
    countsTerminating: true,
  })

export const replicationControllers = (): Controller =>
  replicaController({
    name: 'replicationcontroller',
    storage: '/replicationcontrollers',
    group: '',
    kind: 'ReplicationController',
    selector(object) {
      const { selector } = object['spec'] as { selector?: Record<string, string> }
      return selector && Object.keys(selector).length > 0 ? { matchLabels: selector } : undefined
    },
    countsTerminating: false,
  })

/** Pods are created and deleted at most this many at a time. */
const burst = 500

function replicaController(variant: Variant): Controller {
  const pods = new ControllerIndex()
  const owners = new Map<string, Set<string>>()

  return {
    name: variant.name,
    watches: [variant.storage, '/pods'],
    keys(change) {
      const { namespace = '', name } = change.object.metadata
      if (change.storage === variant.storage) {
        const names = owners.get(namespace) ?? new Set()
        owners.set(namespace, names)
        if (change.type === 'DELETED') names.delete(name)
        else names.add(name)
        return [`${namespace}/${name}`]
      }
      pods.observe(change)
      const keys = keyOfController(change.object, variant.group, variant.kind)
      if (change.previous) keys.push(...keyOfController(change.previous, variant.group, variant.kind))
      // Somebody in the namespace may want to take it in.
      if (change.type !== 'DELETED' && !change.object.metadata.ownerReferences?.some(({ controller }) => controller)) {
        for (const owner of owners.get(namespace) ?? []) keys.push(`${namespace}/${owner}`)
      }
      return keys
    },
    reconcile(key, world) {
      const replicaSet = world.get(variant.storage, ...splitKey(key)) as ReplicaSet | undefined
      return replicaSet && sync(variant, pods, replicaSet, world)
    },
  }
}

function sync(variant: Variant, index: ControllerIndex, replicaSet: ReplicaSet, world: World): number | undefined {
  const { replicas: wanted = 1, minReadySeconds = 0 } = replicaSet.spec
  const all = claim(world, '/pods', index, replicaSet, variant.selector(replicaSet)) as Pod[]
  const active = all.filter(isActive)
  const failure = isTerminating(replicaSet) ? undefined : manage(active, wanted, replicaSet, world)
  const now = world.now()
  // Counted is what was there before this pass; the pods that it made or ended bring it back here.
  const status: ReplicaSetStatus = {
    replicas: active.length,
    fullyLabeledReplicas: countOrNothing(active.filter((pod) => carries(pod, replicaSet.spec.template)).length),
    readyReplicas: countOrNothing(active.filter(isReady).length),
    availableReplicas: countOrNothing(active.filter((pod) => isAvailable(pod, minReadySeconds, now)).length),
    terminatingReplicas: variant.countsTerminating
      ? all.filter((pod) => isTerminating(pod) && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed').length
      : undefined,
    observedGeneration: replicaSet.metadata.generation,
    conditions: conditionsAfter(replicaSet, failure, active.length < wanted ? 'FailedCreate' : 'FailedDelete', now),
  }
  writeStatus(world, variant.storage, replicaSet, status)
  if (failure) throw failure
  return minReadySeconds > 0 ? nextAvailability(active, minReadySeconds, now) : undefined
}

/** Creates what is missing or deletes what is too much. The answer is what prevented it. */
function manage(active: readonly Pod[], wanted: number, replicaSet: ReplicaSet, world: World): ApiError | undefined {
  try {
    for (let missing = Math.min(wanted - active.length, burst); missing > 0; missing--) {
      world.create('/pods', podFromTemplate(replicaSet.spec.template, replicaSet))
    }
    if (active.length > wanted) {
      for (const pod of inOrderOfDeletion(active).slice(0, Math.min(active.length - wanted, burst))) endPod(pod, world)
    }
    return undefined
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    // Nothing can be created in a namespace that ends.
    return error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ? undefined : error
  }
}

/** Deletes a pod; one that is gone already is no error. */
export function endPod(pod: Pod, world: World): void {
  const { namespace = '', name, uid } = pod.metadata
  try {
    world.delete('/pods', namespace, name, uid === undefined ? {} : { uid })
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 404)) throw error
  }
}

function carries(pod: Pod, { metadata }: PodTemplate): boolean {
  return Object.entries(metadata?.labels ?? {}).every(([key, value]) => pod.metadata.labels?.[key] === value)
}

function conditionsAfter(
  { status }: ReplicaSet,
  failure: ApiError | undefined,
  reason: string,
  now: number,
): readonly Condition[] | undefined {
  const present = conditionOf(status?.conditions, 'ReplicaFailure')
  if (failure && !present) {
    return replaceCondition(status?.conditions, {
      type: 'ReplicaFailure',
      status: 'True',
      reason,
      message: failure.message,
      lastTransitionTime: timestamp(now),
    })
  }
  const conditions = !failure && present ? withoutCondition(status?.conditions, 'ReplicaFailure') : status?.conditions
  return conditions && conditions.length > 0 ? conditions : undefined
}
