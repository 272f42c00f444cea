/**
 * Readiness: whether an object has become what its spec asks for, judged by its status alone.
 *
 * The rules are those of kstatus (sigs.k8s.io/cli-utils, pkg/kstatus/status), which kubectl-based tools, Flux and Argo CD agree on:
 * first what holds for every object (deletion, observed generation, the conditions Reconciling and Stalled), then the rules of the
 * built-in kinds, then the condition Ready, and what has none of these is current. Two of them surprise: a running Job is current, and
 * a Service of type LoadBalancer is current before it has an address.
 *
 * Status is written by others and may have any shape; a part of the wrong shape counts as missing. Messages are our own words: text
 * that another controller wrote is never repeated, since it can echo values.
 */
import type { KubernetesObject } from './object.ts'
import { gvkOf, groupKind } from './object.ts'
import { podReadiness } from './readiness-pod.ts'
import { condition, current, failed, hasStatus, inProgress, numberAt, objectAt, reasonOf, replicas, stringAt } from './readiness-parts.ts'
import type { Readiness, StatusView } from './readiness-parts.ts'

export type { Readiness } from './readiness-parts.ts'

/**
 * Judges one object.
 *
 * @param now milliseconds since the epoch. A Pod that cannot be scheduled is in progress for 15 s and has failed after that; without
 *   `now` it stays in progress.
 */
export function readiness(object: KubernetesObject, now?: number): Readiness {
  if (object.metadata.deletionTimestamp !== undefined)
    return { state: 'terminating', reason: 'Terminating', message: ['it is being deleted', ...holding(object)].join(': ') }
  const view: StatusView = { object, spec: objectAt(object, 'spec'), status: objectAt(object, 'status'), now }
  return (
    everyKind(view) ?? rules[groupKind(gvkOf(object))]?.(view) ?? readyCondition(view) ?? current('it has no condition that says otherwise')
  )
}

/** `finalizers a, b hold it`, if any do. They are names, and tell who is asked; one comes of the way to delete. */
export function holding({ metadata }: KubernetesObject): string[] {
  const names = (metadata.finalizers ?? []).filter((name) => name !== 'foregroundDeletion' && /^[A-Za-z0-9._/-]{1,128}$/.test(name))
  return names.length > 0 ? [`finalizers ${names.join(', ')} hold it`] : []
}

function everyKind({ object, status }: StatusView): Readiness | undefined {
  const { generation } = object.metadata
  const observed = numberAt(status, 'observedGeneration')
  if (generation !== undefined && observed !== undefined && observed !== generation)
    return inProgress('LatestGenerationNotObserved', `its controller has seen generation ${observed} of ${generation}`)
  const reconciling = condition(status, 'Reconciling')
  if (reconciling?.status === 'True') return inProgress('Reconciling', `condition Reconciling is True${reasonOf(reconciling)}`)
  const stalled = condition(status, 'Stalled')
  if (stalled?.status === 'True') return failed('Stalled', `condition Stalled is True${reasonOf(stalled)}`)
  return undefined
}

function readyCondition({ status }: StatusView): Readiness | undefined {
  const ready = condition(status, 'Ready')
  if (!ready) return undefined
  if (ready.status === 'True') return current('condition Ready is True')
  return inProgress('NotReady', `condition Ready is ${ready.status === 'False' ? 'False' : 'Unknown'}${reasonOf(ready)}`)
}

const always = (): Readiness => current('it is there')

/** The rules of the built-in kinds, whatever the version. */
const rules: Readonly<Record<string, (view: StatusView) => Readiness>> = {
  'Deployment.apps': deployment,
  'StatefulSet.apps': statefulSet,
  'DaemonSet.apps': daemonSet,
  'ReplicaSet.apps': replicaSet,
  'Job.batch': job,
  'CronJob.batch': always,
  'PodDisruptionBudget.policy': always,
  'CustomResourceDefinition.apiextensions.k8s.io': customResourceDefinition,
  Pod: podReadiness,
  PersistentVolumeClaim: persistentVolumeClaim,
  Service: service,
  ConfigMap: always,
  Secret: always,
}

/** The value that kube-apiserver and kstatus take for "no deadline". (math.MaxInt32) */
const noDeadline = 2_147_483_647

function deployment({ spec, status }: StatusView): Readiness {
  const progressing = condition(status, 'Progressing')
  if (progressing?.reason === 'ProgressDeadlineExceeded')
    return failed('ProgressDeadlineExceeded', 'the rollout made no progress within its deadline')
  const wanted = replicas(spec)
  const pods = numberAt(status, 'replicas') ?? 0
  const updated = numberAt(status, 'updatedReplicas') ?? 0
  const available = numberAt(status, 'availableReplicas') ?? 0
  const ready = numberAt(status, 'readyReplicas') ?? 0
  if (wanted > pods) return inProgress('LessReplicas', `${pods} of ${wanted} pods exist`)
  if (wanted > updated) return inProgress('LessUpdated', `${updated} of ${wanted} pods are updated`)
  if (pods > wanted) return inProgress('ExtraPods', `${pods - wanted} pods too many`)
  if (updated > available) return inProgress('LessAvailable', `${available} of ${updated} updated pods are available`)
  if (wanted > ready) return inProgress('LessReady', `${ready} of ${wanted} pods are ready`)
  const complete = progressing?.status === 'True' && progressing.reason === 'NewReplicaSetAvailable'
  if (!complete && (numberAt(spec, 'progressDeadlineSeconds') ?? noDeadline) !== noDeadline)
    return inProgress('ReplicaSetNotAvailable', 'the new replica set is not available')
  if (condition(status, 'Available')?.status !== 'True') return inProgress('NotAvailable', 'condition Available is not True')
  return current(`${ready} of ${wanted} pods are ready`)
}

function statefulSet({ spec, status }: StatusView): Readiness {
  const strategy = objectAt(spec, 'updateStrategy')
  if (stringAt(strategy, 'type') === 'OnDelete') return current('its pods are updated only when they are deleted')
  const wanted = replicas(spec)
  const pods = numberAt(status, 'replicas') ?? 0
  const ready = numberAt(status, 'readyReplicas') ?? 0
  if (wanted > pods) return inProgress('LessReplicas', `${pods} of ${wanted} pods exist`)
  if (wanted > ready) return inProgress('LessReady', `${ready} of ${wanted} pods are ready`)
  if (pods > wanted) return inProgress('ExtraPods', `${pods - wanted} pods too many`)
  const partition = numberAt(objectAt(strategy, 'rollingUpdate'), 'partition')
  if (partition !== undefined) {
    const updated = numberAt(status, 'updatedReplicas') ?? 0
    const share = wanted - partition
    if (updated < share) return inProgress('PartitionRollout', `${updated} of ${share} pods are updated`)
    return current(`${ready} of ${wanted} pods are ready`)
  }
  const atRevision = numberAt(status, 'currentReplicas') ?? 0
  if (wanted > atRevision) return inProgress('LessCurrent', `${atRevision} of ${wanted} pods are at the current revision`)
  if (stringAt(status, 'currentRevision') !== stringAt(status, 'updateRevision'))
    return inProgress('RevisionNotCurrent', 'the update revision is not the current one yet')
  return current(`${ready} of ${wanted} pods are ready`)
}

function daemonSet({ object, status }: StatusView): Readiness {
  if (object.metadata.generation === undefined) return inProgress('NoGeneration', 'it has no generation')
  if (!hasStatus(status, 'observedGeneration')) return inProgress('NoObservedGeneration', 'its controller has not seen it')
  const desired = numberAt(status, 'desiredNumberScheduled')
  if (desired === undefined) return inProgress('NoDesiredNumber', 'the number of its nodes is not known')
  const counts = [
    ['LessCurrent', 'currentNumberScheduled', 'scheduled'],
    ['LessUpdated', 'updatedNumberScheduled', 'updated'],
    ['LessAvailable', 'numberAvailable', 'available'],
    ['LessReady', 'numberReady', 'ready'],
  ] as const
  for (const [reason, field, word] of counts) {
    const count = numberAt(status, field) ?? 0
    if (desired > count) return inProgress(reason, `${count} of ${desired} pods are ${word}`)
  }
  return current(`${desired} of ${desired} pods are ready`)
}

function replicaSet({ spec, status }: StatusView): Readiness {
  if (condition(status, 'ReplicaFailure')?.status === 'True') return inProgress('ReplicaFailure', 'a pod cannot be created or deleted')
  const wanted = replicas(spec)
  const counts = [
    ['LessLabelled', 'fullyLabeledReplicas', 'fully labelled'],
    ['LessAvailable', 'availableReplicas', 'available'],
    ['LessReady', 'readyReplicas', 'ready'],
  ] as const
  for (const [reason, field, word] of counts) {
    const count = numberAt(status, field) ?? 0
    if (wanted > count) return inProgress(reason, `${count} of ${wanted} pods are ${word}`)
  }
  const pods = numberAt(status, 'replicas') ?? 0
  if (pods > wanted) return inProgress('ExtraPods', `${pods - wanted} pods too many`)
  return current(`${wanted} of ${wanted} pods are ready`)
}

function job({ spec, status }: StatusView): Readiness {
  if (condition(status, 'Complete')?.status === 'True') return current('it has completed')
  const failure = condition(status, 'Failed')
  if (failure?.status === 'True') return failed('JobFailed', `it has failed${reasonOf(failure)}`)
  if (condition(status, 'Suspended')?.status === 'True' && spec?.['suspend'] === true) return current('it is suspended')
  if (stringAt(status, 'startTime') === undefined) return inProgress('JobNotStarted', 'it has not started')
  return current('it is running')
}

function persistentVolumeClaim({ status }: StatusView): Readiness {
  return stringAt(status, 'phase') === 'Bound' ? current('it is bound') : inProgress('NotBound', 'it is not bound to a volume')
}

function service({ spec }: StatusView): Readiness {
  return stringAt(spec, 'type') === 'LoadBalancer' && !stringAt(spec, 'clusterIP')
    ? inProgress('NoIPAssigned', 'it has no cluster IP')
    : current('it is there')
}

function customResourceDefinition({ status }: StatusView): Readiness {
  const names = condition(status, 'NamesAccepted')
  if (names?.status === 'False') return failed('NamesNotAccepted', `its names are not accepted${reasonOf(names)}`)
  const established = condition(status, 'Established')
  if (established?.status === 'True') return current('it is established')
  if (established?.status === 'False' && established.reason !== 'Installing')
    return failed('NotEstablished', `it is not established${reasonOf(established)}`)
  return inProgress('Installing', 'it is not established yet')
}
