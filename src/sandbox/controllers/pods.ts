/** Pods as controllers see them: their shape, when they count, and how one is made of a template. (pkg/controller, controller_utils.go) */
import type { KubernetesObject, ObjectMeta } from '../../api/object.ts'
import { type Condition, conditionOf } from './conditions.ts'
import { controllerReference } from './ownership.ts'

export interface Container {
  readonly name: string
  readonly image?: string
  readonly restartPolicy?: string
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[]
  readonly resources?: { readonly requests?: Readonly<Record<string, string>>; readonly limits?: Readonly<Record<string, string>> }
  readonly [field: string]: unknown
}

export interface Volume {
  readonly name: string
  readonly persistentVolumeClaim?: { readonly claimName: string }
  readonly [field: string]: unknown
}

export interface Toleration {
  readonly key?: string
  readonly operator?: string
  readonly value?: string
  readonly effect?: string
}

export interface PodSpec {
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly nodeName?: string
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly restartPolicy?: string
  readonly volumes?: readonly Volume[]
  readonly tolerations?: readonly Toleration[]
  readonly [field: string]: unknown
}

export interface PodStatus {
  readonly phase?: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'
  readonly conditions?: readonly Condition[]
  readonly podIP?: string
  readonly [field: string]: unknown
}

export interface Pod extends KubernetesObject {
  spec: PodSpec
  status?: PodStatus
}

export interface PodTemplate {
  readonly metadata?: Partial<ObjectMeta>
  readonly spec: PodSpec
}

/** A new pod as `template` describes it, managed by `owner`. Its name is generated from `prefix`. */
export function podFromTemplate(template: PodTemplate, owner: KubernetesObject, prefix = `${owner.metadata.name}-`): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      generateName: prefix,
      ...(owner.metadata.namespace === undefined ? {} : { namespace: owner.metadata.namespace }),
      ...(labels ? { labels: { ...labels } } : {}),
      ...(annotations ? { annotations: { ...annotations } } : {}),
      ...(finalizers ? { finalizers: [...finalizers] } : {}),
      ownerReferences: [controllerReference(owner)],
    },
    spec: template.spec,
  }
}

export const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'
export const isTerminating = ({ metadata }: KubernetesObject): boolean => metadata.deletionTimestamp !== undefined
/** Neither finished nor being deleted. */
export const isActive = (pod: Pod): boolean => !isFinished(pod) && !isTerminating(pod)
export const isReady = ({ status }: Pod): boolean => conditionOf(status?.conditions, 'Ready')?.status === 'True'

/** When the pod has been ready for `minReadySeconds`, in milliseconds since the epoch; undefined while it is not ready. */
export function availableAt(pod: Pod, minReadySeconds: number): number | undefined {
  const ready = conditionOf(pod.status?.conditions, 'Ready')
  if (ready?.status !== 'True') return undefined
  return minReadySeconds === 0 ? 0 : Date.parse(ready.lastTransitionTime ?? '') + minReadySeconds * 1000
}

export const isAvailable = (pod: Pod, minReadySeconds: number, now: number): boolean =>
  (availableAt(pod, minReadySeconds) ?? Infinity) <= now

/** Milliseconds until the next of these pods becomes available. */
export function nextAvailability(pods: Iterable<Pod>, minReadySeconds: number, now: number): number | undefined {
  let next: number | undefined
  for (const pod of pods) {
    const at = availableAt(pod, minReadySeconds)
    if (at !== undefined && at > now && (next === undefined || at - now < next)) next = at - now
  }
  return next
}

/** Which of the pods go first when there are too many: what is least use to anybody. (pkg/controller, ActivePodsWithRanks) */
export function inOrderOfDeletion(pods: readonly Pod[]): Pod[] {
  const onNode = new Map<string, number>()
  for (const { spec } of pods) if (spec.nodeName) onNode.set(spec.nodeName, (onNode.get(spec.nodeName) ?? 0) + 1)
  const phases: readonly (string | undefined)[] = ['Pending', 'Unknown', 'Running']
  const rank = (pod: Pod): number[] => [
    pod.spec.nodeName ? 1 : 0,
    phases.indexOf(pod.status?.phase ?? 'Pending'),
    isReady(pod) ? 1 : 0,
    Number(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0,
    -(onNode.get(pod.spec.nodeName ?? '') ?? 0),
    -(Date.parse(conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime ?? '') || 0),
    -(Date.parse(String(pod.metadata['creationTimestamp'])) || 0),
  ]
  return pods
    .map((pod) => ({ pod, ranks: rank(pod) }))
    .sort((a, b) => a.ranks.reduce((order, value, at) => order || value - (b.ranks[at] as number), 0))
    .map(({ pod }) => pod)
}
