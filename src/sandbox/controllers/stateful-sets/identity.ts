/** The pods and claims of a StatefulSet, each with the number that makes it what it is. (pkg/controller/statefulset/stateful_set_utils.go) */
import type { KubernetesObject, OwnerReference } from '../../../api/object.ts'
import type { LabelSelector } from '../../../api/selectors.ts'
import type { Condition } from '../conditions.ts'
import { controllerReference } from '../ownership.ts'
import { type Pod, podFromTemplate, type PodTemplate } from '../pods.ts'

const podNameLabel = 'statefulset.kubernetes.io/pod-name'
const podIndexLabel = 'apps.kubernetes.io/pod-index'
export const revisionLabel = 'controller-revision-hash'

export interface StatefulSetStatus {
  readonly observedGeneration?: number | undefined
  readonly replicas: number
  readonly readyReplicas?: number | undefined
  readonly currentReplicas?: number | undefined
  readonly updatedReplicas?: number | undefined
  readonly availableReplicas: number
  readonly currentRevision?: string | undefined
  readonly updateRevision?: string | undefined
  readonly collisionCount?: number | undefined
  readonly conditions?: readonly Condition[] | undefined
}

export interface StatefulSet extends KubernetesObject {
  spec: {
    replicas?: number
    selector: LabelSelector
    template: PodTemplate
    serviceName?: string
    podManagementPolicy?: 'OrderedReady' | 'Parallel'
    updateStrategy?: { type?: 'RollingUpdate' | 'OnDelete'; rollingUpdate?: { partition?: number; maxUnavailable?: number | string } }
    volumeClaimTemplates?: readonly KubernetesObject[]
    persistentVolumeClaimRetentionPolicy?: { whenDeleted?: 'Retain' | 'Delete'; whenScaled?: 'Retain' | 'Delete' }
    revisionHistoryLimit?: number
    minReadySeconds?: number
    ordinals?: { start?: number }
  }
  status?: StatefulSetStatus
}

/** The number at the end of a pod's name; -1 for a pod that is none of this set. */
export function ordinalOf(pod: KubernetesObject, set: KubernetesObject): number {
  const prefix = `${set.metadata.name}-`
  const { name } = pod.metadata
  return name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)) ? Number(name.slice(prefix.length)) : -1
}

/** The pod with this number, from the template of one revision. */
export function podOf(set: StatefulSet, template: PodTemplate, revision: string, ordinal: number): Pod {
  const name = `${set.metadata.name}-${ordinal}`
  const pod = podFromTemplate(template, set)
  const claimed = new Map((set.spec.volumeClaimTemplates ?? []).map((claim) => [claim.metadata.name, claimName(claim, set, ordinal)]))
  const volumes = [
    ...[...claimed].map(([volume, claim]) => ({ name: volume, persistentVolumeClaim: { claimName: claim } })),
    ...(template.spec.volumes ?? []).filter((volume) => !claimed.has(volume.name)),
  ]
  const labels = { ...pod.metadata.labels, [podNameLabel]: name, [revisionLabel]: revision, [podIndexLabel]: String(ordinal) }
  return {
    ...pod,
    metadata: { ...pod.metadata, name, labels },
    spec: {
      ...pod.spec,
      hostname: name,
      ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}),
      ...(volumes.length > 0 ? { volumes } : {}),
    },
  }
}

const claimName = (template: KubernetesObject, set: StatefulSet, ordinal: number): string =>
  `${template.metadata.name}-${set.metadata.name}-${ordinal}`

/** The claims of the pod with this number. */
export function claimsOf(set: StatefulSet, ordinal: number): KubernetesObject[] {
  return (set.spec.volumeClaimTemplates ?? []).map((template) => {
    const { annotations, labels } = template.metadata
    const owners: OwnerReference[] =
      set.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete' ? [controllerReference(set)] : []
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name: claimName(template, set, ordinal),
        namespace: set.metadata.namespace ?? '',
        labels: { ...labels, ...set.spec.selector.matchLabels },
        ...(annotations ? { annotations: { ...annotations } } : {}),
        ...(owners.length > 0 ? { ownerReferences: owners } : {}),
      },
      spec: template['spec'],
    }
  })
}
