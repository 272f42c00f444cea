import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { readiness } from '../../src/api/readiness.ts'

const created = '2026-01-01T00:00:00Z'
const at = (seconds: number): number => Date.parse(created) + seconds * 1000

function object(apiVersion: string, kind: string, fields: { metadata?: object; spec?: unknown; status?: unknown } = {}): KubernetesObject {
  const { metadata, ...rest } = fields
  return { apiVersion, kind, metadata: { name: 'web', generation: 2, creationTimestamp: created, ...metadata }, ...rest }
}
const yes = (type: string, reason = 'Because'): object => ({ type, status: 'True', reason })
const no = (type: string, reason = 'Because'): object => ({ type, status: 'False', reason })

type Case = [title: string, subject: KubernetesObject, expected: string, message?: string]

function check(cases: Case[]): void {
  it.each(cases)('%s', (_title, subject, expected, message) => {
    const result = readiness(subject, at(10))
    expect(`${result.state}/${result.reason}`).toBe(expected)
    if (message) expect(result.message).toBe(message)
  })
}

describe('every kind', () => {
  const app = (fields: Parameters<typeof object>[2]): KubernetesObject => object('example.com/v1', 'Database', fields)
  check([
    [
      'is terminating once it has a deletion timestamp, whatever else it says',
      app({ metadata: { deletionTimestamp: created }, status: { conditions: [yes('Ready')] } }),
      'terminating/Terminating',
    ],
    [
      'is in progress while its controller has not seen the latest generation',
      app({ status: { observedGeneration: 1, conditions: [yes('Ready')] } }),
      'inProgress/LatestGenerationNotObserved',
      'its controller has seen generation 1 of 2',
    ],
    [
      'is in progress while Reconciling is True, even if Stalled and Ready are too',
      app({ status: { conditions: [yes('Ready'), yes('Stalled'), yes('Reconciling', 'Rolling')] } }),
      'inProgress/Reconciling',
      'condition Reconciling is True (reason Rolling)',
    ],
    ['has failed when Stalled is True', app({ status: { conditions: [yes('Ready'), yes('Stalled')] } }), 'failed/Stalled'],
    [
      'does not care for Reconciling and Stalled that are False',
      app({ status: { conditions: [no('Reconciling'), no('Stalled')] } }),
      'current/Current',
    ],
    ['is current when Ready is True', app({ status: { conditions: [yes('Ready')] } }), 'current/Current'],
    [
      'is in progress when Ready is False',
      app({ status: { conditions: [no('Ready', 'Starting')] } }),
      'inProgress/NotReady',
      'condition Ready is False (reason Starting)',
    ],
    [
      'is in progress when Ready is Unknown',
      app({ status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } }),
      'inProgress/NotReady',
      'condition Ready is Unknown',
    ],
    ['is current without any status', app({}), 'current/Current'],
    ['is current with a status of an unexpected shape', app({ status: 'fine' }), 'current/Current'],
    ['is current with conditions that are no list of objects', app({ status: { conditions: [null, 'Ready', 7] } }), 'current/Current'],
    ['is current with conditions that are a map', app({ status: { conditions: { Ready: 'False' } } }), 'current/Current'],
  ])

  it('never repeats a message or a reason with more than a word in it', () => {
    const { message } = readiness(
      app({ status: { conditions: [{ type: 'Ready', status: 'False', reason: 'password is hunter2', message: 'hunter2' }] } }),
    )
    expect(message).toBe('condition Ready is False')
  })

  it.each(['Ingress', 'NetworkPolicy'])('%s has no rule of its own', (kind) => {
    expect(readiness(object('networking.k8s.io/v1', kind)).state).toBe('current')
  })

  it('does not take the rule of a built-in kind for a kind of that name in another group', () => {
    expect(readiness(object('example.com/v1', 'Deployment')).state).toBe('current')
  })
})

describe('Deployment', () => {
  const done = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, availableReplicas: 3, readyReplicas: 3 }
  const conditions = [yes('Progressing', 'NewReplicaSetAvailable'), yes('Available')]
  const deployment = (status: object, spec: object = {}): KubernetesObject =>
    object('apps/v1', 'Deployment', {
      spec: { replicas: 3, progressDeadlineSeconds: 600, ...spec },
      status: { ...done, conditions, ...status },
    })
  check([
    ['is current when all pods are updated, available and ready', deployment({}), 'current/Current', '3 of 3 pods are ready'],
    [
      'has failed when the progress deadline is exceeded',
      deployment({ conditions: [no('Progressing', 'ProgressDeadlineExceeded'), yes('Available')] }),
      'failed/ProgressDeadlineExceeded',
    ],
    ['is in progress with fewer pods than wanted', deployment({ replicas: 1 }), 'inProgress/LessReplicas', '1 of 3 pods exist'],
    ['is in progress with pods not updated', deployment({ updatedReplicas: 1 }), 'inProgress/LessUpdated', '1 of 3 pods are updated'],
    ['is in progress with pods of the old replica set left', deployment({ replicas: 4 }), 'inProgress/ExtraPods', '1 pods too many'],
    [
      'is in progress with updated pods not available',
      deployment({ availableReplicas: 2 }),
      'inProgress/LessAvailable',
      '2 of 3 updated pods are available',
    ],
    ['is in progress with pods not ready', deployment({ readyReplicas: 2 }), 'inProgress/LessReady', '2 of 3 pods are ready'],
    [
      'is in progress until the new replica set is available',
      deployment({ conditions: [yes('Progressing', 'ReplicaSetUpdated'), yes('Available')] }),
      'inProgress/ReplicaSetNotAvailable',
    ],
    [
      'does not ask for progress when there is no deadline',
      deployment({ conditions: [yes('Available')] }, { progressDeadlineSeconds: 2147483647 }),
      'current/Current',
    ],
    ['is in progress until Available is True', deployment({ conditions: [conditions[0], no('Available')] }), 'inProgress/NotAvailable'],
    [
      'counts one wanted pod when replicas is not given',
      object('apps/v1', 'Deployment', { spec: {} }),
      'inProgress/LessReplicas',
      '0 of 1 pods exist',
    ],
    [
      'is current with zero replicas once its controller says so',
      deployment({ replicas: 0, updatedReplicas: 0, availableReplicas: 0, readyReplicas: 0 }, { replicas: 0 }),
      'current/Current',
    ],
  ])
})

describe('StatefulSet', () => {
  const done = { replicas: 3, readyReplicas: 3, currentReplicas: 3, updatedReplicas: 3, currentRevision: 'a', updateRevision: 'a' }
  const statefulSet = (status: object, updateStrategy: object = { type: 'RollingUpdate' }): KubernetesObject =>
    object('apps/v1', 'StatefulSet', { spec: { replicas: 3, updateStrategy }, status: { ...done, ...status } })
  const partition = (count: number): object => ({ type: 'RollingUpdate', rollingUpdate: { partition: count } })
  check([
    ['is current when all pods are at the current revision', statefulSet({}), 'current/Current'],
    [
      'is current with the OnDelete strategy, whatever its pods are',
      statefulSet({ readyReplicas: 0 }, { type: 'OnDelete' }),
      'current/Current',
    ],
    ['is in progress with fewer pods than wanted', statefulSet({ replicas: 2 }), 'inProgress/LessReplicas'],
    ['is in progress with pods not ready', statefulSet({ readyReplicas: 2 }), 'inProgress/LessReady', '2 of 3 pods are ready'],
    ['is in progress with more pods than wanted', statefulSet({ replicas: 4 }), 'inProgress/ExtraPods'],
    [
      'with a partition is in progress until the share above it is updated',
      statefulSet({ updatedReplicas: 0 }, partition(2)),
      'inProgress/PartitionRollout',
      '0 of 1 pods are updated',
    ],
    [
      'with a partition is current when the share above it is updated',
      statefulSet({ updatedReplicas: 1, currentReplicas: 2, updateRevision: 'b' }, partition(2)),
      'current/Current',
    ],
    ['is in progress with pods not at the current revision', statefulSet({ currentReplicas: 2 }), 'inProgress/LessCurrent'],
    ['is in progress while the update revision is not current', statefulSet({ updateRevision: 'b' }), 'inProgress/RevisionNotCurrent'],
  ])
})

describe('DaemonSet', () => {
  const done = {
    observedGeneration: 2,
    desiredNumberScheduled: 2,
    currentNumberScheduled: 2,
    updatedNumberScheduled: 2,
    numberAvailable: 2,
    numberReady: 2,
  }
  const daemonSet = (status: object, metadata: object = {}): KubernetesObject =>
    object('apps/v1', 'DaemonSet', { metadata, status: { ...done, ...status } })
  check([
    ['is current when every node runs a ready pod', daemonSet({}), 'current/Current'],
    ['is in progress without a generation', daemonSet({}, { generation: undefined }), 'inProgress/NoGeneration'],
    ['is in progress until its controller has seen it', daemonSet({ observedGeneration: undefined }), 'inProgress/NoObservedGeneration'],
    [
      'is in progress while the number of nodes is not known',
      daemonSet({ desiredNumberScheduled: undefined }),
      'inProgress/NoDesiredNumber',
    ],
    ['is in progress with pods not scheduled', daemonSet({ currentNumberScheduled: 1 }), 'inProgress/LessCurrent'],
    [
      'is in progress with pods not updated',
      daemonSet({ updatedNumberScheduled: undefined }),
      'inProgress/LessUpdated',
      '0 of 2 pods are updated',
    ],
    ['is in progress with pods not available', daemonSet({ numberAvailable: 1 }), 'inProgress/LessAvailable'],
    ['is in progress with pods not ready', daemonSet({ numberReady: 1 }), 'inProgress/LessReady'],
    ['is current on a cluster without nodes for it', daemonSet({ desiredNumberScheduled: 0 }), 'current/Current'],
  ])
})

describe('ReplicaSet', () => {
  const done = { replicas: 2, fullyLabeledReplicas: 2, availableReplicas: 2, readyReplicas: 2 }
  const replicaSet = (status: object): KubernetesObject =>
    object('apps/v1', 'ReplicaSet', { spec: { replicas: 2 }, status: { ...done, ...status } })
  check([
    ['is current when all pods are ready', replicaSet({}), 'current/Current'],
    ['is in progress when a pod cannot be created', replicaSet({ conditions: [yes('ReplicaFailure')] }), 'inProgress/ReplicaFailure'],
    ['is in progress with pods not labelled', replicaSet({ fullyLabeledReplicas: 1 }), 'inProgress/LessLabelled'],
    ['is in progress with pods not available', replicaSet({ availableReplicas: 1 }), 'inProgress/LessAvailable'],
    ['is in progress with pods not ready', replicaSet({ readyReplicas: 1 }), 'inProgress/LessReady'],
    ['is in progress with too many pods', replicaSet({ replicas: 3 }), 'inProgress/ExtraPods'],
  ])
})

describe('Job', () => {
  const job = (status: object, spec: object = {}): KubernetesObject => object('batch/v1', 'Job', { spec, status })
  check([
    ['is current when complete', job({ conditions: [yes('Complete')] }), 'current/Current'],
    [
      'has failed when it says so',
      job({ conditions: [yes('Failed', 'BackoffLimitExceeded')] }),
      'failed/JobFailed',
      'it has failed (reason BackoffLimitExceeded)',
    ],
    [
      'is current while suspended as asked',
      job({ conditions: [yes('Suspended')] }, { suspend: true }),
      'current/Current',
      'it is suspended',
    ],
    [
      'is in progress when it is to resume but has not started',
      job({ conditions: [yes('Suspended')] }, { suspend: false }),
      'inProgress/JobNotStarted',
    ],
    ['is in progress before it starts', job({}), 'inProgress/JobNotStarted'],
    ['is current while it runs', job({ startTime: created, active: 1 }), 'current/Current', 'it is running'],
  ])
})

describe('Pod', () => {
  const pod = (status: object): KubernetesObject => object('v1', 'Pod', { status })
  const crashing = (name: string): object => ({ name, state: { waiting: { reason: 'CrashLoopBackOff' } } })
  const unschedulable = pod({ phase: 'Pending', conditions: [no('PodScheduled', 'Unschedulable')] })
  check([
    ['is current when it has succeeded', pod({ phase: 'Succeeded' }), 'current/Current'],
    ['is current when it has failed', pod({ phase: 'Failed' }), 'current/Current', 'it has completed, but not successfully'],
    [
      'is current when it runs and is ready',
      pod({ phase: 'Running', conditions: [yes('Ready')], containerStatuses: [crashing('a')] }),
      'current/Current',
    ],
    [
      'has failed when a container keeps crashing',
      pod({ phase: 'Running', conditions: [no('Ready')], containerStatuses: [{ name: 'a', state: { running: {} } }, crashing('b')] }),
      'failed/ContainerCrashLooping',
      'container b keeps crashing',
    ],
    [
      'names all containers that keep crashing',
      pod({ phase: 'Running', containerStatuses: [crashing('a'), crashing('b')] }),
      'failed/ContainerCrashLooping',
      'containers a, b keep crashing',
    ],
    ['is in progress when it runs and is not ready', pod({ phase: 'Running' }), 'inProgress/PodRunningNotReady'],
    ['is in progress when pending', pod({ phase: 'Pending' }), 'inProgress/PodPending'],
    ['is in progress without a phase', pod({}), 'inProgress/PhaseMissing'],
    ['is in progress with a phase that nobody knows', pod({ phase: 'Unknown' }), 'inProgress/PhaseUnknown'],
    ['is in progress when no node takes it in its first 15 seconds', unschedulable, 'inProgress/PodNotScheduled'],
  ])

  it('has failed when no node has taken it for more than 15 seconds', () => {
    expect(readiness(unschedulable, at(15)).state).toBe('inProgress')
    expect(readiness(unschedulable, at(15) + 1)).toEqual({ state: 'failed', reason: 'PodUnschedulable', message: 'no node takes it' })
  })

  it('without a clock is never judged by its age', () => {
    expect(readiness(unschedulable).state).toBe('inProgress')
  })
})

describe('other built-in kinds', () => {
  const crd = (...conditions: object[]): KubernetesObject =>
    object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { status: { conditions } })
  check([
    ['a claim is current when bound', object('v1', 'PersistentVolumeClaim', { status: { phase: 'Bound' } }), 'current/Current'],
    ['a claim is in progress until bound', object('v1', 'PersistentVolumeClaim', { status: { phase: 'Pending' } }), 'inProgress/NotBound'],
    [
      'a load balancer is in progress without a cluster IP',
      object('v1', 'Service', { spec: { type: 'LoadBalancer' } }),
      'inProgress/NoIPAssigned',
    ],
    [
      'a load balancer is current before it has an address',
      object('v1', 'Service', { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' }, status: { loadBalancer: {} } }),
      'current/Current',
    ],
    ['a Service is current', object('v1', 'Service', { spec: { type: 'ClusterIP' } }), 'current/Current'],
    [
      'a CRD whose names are taken has failed',
      crd(no('NamesAccepted', 'ListKindConflict'), yes('Established')),
      'failed/NamesNotAccepted',
      'its names are not accepted (reason ListKindConflict)',
    ],
    ['a CRD that is being installed is in progress', crd(yes('NamesAccepted'), no('Established', 'Installing')), 'inProgress/Installing'],
    ['a CRD that is not established for another reason has failed', crd(no('Established', 'NotAccepted')), 'failed/NotEstablished'],
    ['a CRD that is established is current', crd(yes('NamesAccepted'), yes('Established')), 'current/Current'],
    ['a CRD without conditions is in progress', crd(), 'inProgress/Installing'],
    [
      'a disruption budget is current once its generation is observed',
      object('policy/v1', 'PodDisruptionBudget', { status: { observedGeneration: 2, conditions: [no('Ready')] } }),
      'current/Current',
    ],
    [
      'a disruption budget is in progress before that',
      object('policy/v1', 'PodDisruptionBudget', { status: { observedGeneration: 1 } }),
      'inProgress/LatestGenerationNotObserved',
    ],
    ['a CronJob is current', object('batch/v1', 'CronJob'), 'current/Current'],
    ['a ConfigMap is current', object('v1', 'ConfigMap'), 'current/Current'],
    ['a Secret is current', object('v1', 'Secret'), 'current/Current'],
  ])
})
