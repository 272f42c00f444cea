/**
 * The replica sets of a deployment: which one has its template, what a new one looks like, and how their sizes are written.
 *
 * (pkg/controller/deployment/sync.go and util/deployment_util.go)
 */
import { equalJson } from '../../../api/equal.ts'
import { controllerReference } from '../ownership.ts'
import type { PodTemplate } from '../pods.ts'
import type { ReplicaSet } from '../replica-sets.ts'
import { templateHash } from '../template-hash.ts'
import type { World } from '../controller.ts'
import {
  byAge,
  type Deployment,
  desiredReplicasAnnotation,
  hashLabel,
  isRolling,
  maxReplicasAnnotation,
  revisionAnnotation,
  revisionHistoryAnnotation,
  revisionOf,
  rollingLimits,
  sizeOf,
  wantedReplicas,
} from './deployment.ts'

export const storage = 'apps/replicasets'

/** Annotations of a deployment that its replica sets do not take over. */
const ownAnnotations: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  'deprecated.deployment.rollback.to',
])
const historyCharacters = 2000

/** The one with the deployment's template, the oldest if there are several; and the others. */
export function split(deployment: Deployment, all: readonly ReplicaSet[]): { current: ReplicaSet | undefined; old: ReplicaSet[] } {
  const sorted = [...all].sort(byAge)
  const current = sorted.find((replicaSet) => sameTemplate(replicaSet.spec.template, deployment.spec.template))
  return { current, old: sorted.filter((replicaSet) => replicaSet !== current) }
}

export function sameTemplate(first: PodTemplate, second: PodTemplate): boolean {
  return equalJson(withoutHash(first), withoutHash(second))
}

function withoutHash(template: PodTemplate): object {
  const { [hashLabel]: _hash, ...labels } = template.metadata?.labels ?? {}
  return { spec: template.spec, metadata: { ...template.metadata, labels } }
}

export const nextRevision = (old: readonly ReplicaSet[]): number => Math.max(0, ...old.map((replicaSet) => revisionOf(replicaSet) ?? 0)) + 1

/** A replica set for the deployment's present template, beside the old ones. */
export function newReplicaSet(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet {
  const hash = templateHash(deployment.spec.template, deployment.status?.collisionCount)
  const labels = { ...deployment.spec.template.metadata?.labels, [hashLabel]: hash }
  const { selector, minReadySeconds } = deployment.spec
  const draft: ReplicaSet = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${deployment.metadata.name.slice(0, 253 - 1 - hash.length)}-${hash}`,
      namespace: deployment.metadata.namespace ?? '',
      labels,
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: 0,
      ...(minReadySeconds ? { minReadySeconds } : {}),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [hashLabel]: hash } },
      template: { ...deployment.spec.template, metadata: { ...deployment.spec.template.metadata, labels } },
    },
  }
  const annotations = { ...annotationsOf(deployment, draft, nextRevision(old)), ...sizeAnnotations(deployment) }
  const replicas = sizeOfNew(deployment, [...old, draft], draft)
  return { ...draft, metadata: { ...draft.metadata, annotations }, spec: { ...draft.spec, replicas } }
}

/** The annotations that a replica set with the deployment's template has to have: those of the deployment, its revision and the ones before. */
export function annotationsOf(deployment: Deployment, replicaSet: ReplicaSet, revision: number): Record<string, string> {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !ownAnnotations.has(key))
  const annotations: Record<string, string> = { ...replicaSet.metadata.annotations, ...Object.fromEntries(copied) }
  const before = annotations[revisionAnnotation]
  const last = revisionOf(replicaSet)
  if (last === undefined || last >= revision) return annotations
  annotations[revisionAnnotation] = String(revision)
  if (before === undefined) return annotations
  const history = (annotations[revisionHistoryAnnotation] ?? '').split(',').filter((entry) => entry !== '')
  history.push(before)
  while (history.length > 1 && history.join(',').length > historyCharacters) history.shift()
  return { ...annotations, [revisionHistoryAnnotation]: history.join(',') }
}

const sizeAnnotations = (deployment: Deployment): Record<string, string> => ({
  [desiredReplicasAnnotation]: String(wantedReplicas(deployment)),
  [maxReplicasAnnotation]: String(wantedReplicas(deployment) + rollingLimits(deployment).maxSurge),
})

/** How large the newest one may be now. */
export function sizeOfNew(deployment: Deployment, all: readonly ReplicaSet[], replicaSet: ReplicaSet): number {
  const wanted = wantedReplicas(deployment)
  if (!isRolling(deployment)) return wanted
  const room = wanted + rollingLimits(deployment).maxSurge - total(all)
  return room <= 0 ? sizeOf(replicaSet) : sizeOf(replicaSet) + Math.min(room, wanted - sizeOf(replicaSet))
}

export const total = (replicaSets: readonly ReplicaSet[]): number => replicaSets.reduce((sum, replicaSet) => sum + sizeOf(replicaSet), 0)
export const available = (replicaSets: readonly ReplicaSet[]): number =>
  replicaSets.reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0)

/** Writes a size with the annotations that tell of whose size it is a share; nothing if neither changes. */
export function resize(world: World, deployment: Deployment, replicaSet: ReplicaSet, replicas: number): ReplicaSet {
  const annotations = { ...replicaSet.metadata.annotations, ...sizeAnnotations(deployment) }
  if (sizeOf(replicaSet) === replicas && equalJson(annotations, replicaSet.metadata.annotations ?? {})) return replicaSet
  return world.update(storage, {
    ...replicaSet,
    metadata: { ...replicaSet.metadata, annotations },
    spec: { ...replicaSet.spec, replicas },
  }) as ReplicaSet
}
