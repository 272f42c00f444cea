/**
 * DaemonSets: one pod on each node that the template fits.
 *
 * An update ends old pods, as many as may be unavailable; a surge is treated as one pod unavailable. (pkg/controller/daemon)
 */
import type { KubernetesObject } from '../../api/object.ts'
import type { LabelSelector } from '../../api/selectors.ts'
import type { Condition } from './conditions.ts'
import type { Controller, World } from './controller.ts'
import { matchesNodeAffinity } from './node-affinity.ts'
import type { Node, Taint } from './nodes.ts'
import { claim, ControllerIndex, keyOfController, splitKey } from './ownership.ts'
import {
  isAvailable,
  isFinished,
  isReady,
  isTerminating,
  nextAvailability,
  type Pod,
  podFromTemplate,
  type PodTemplate,
  type Toleration,
} from './pods.ts'
import { endPod } from './replica-sets.ts'
import { type ControllerRevision, revisionsOf, revisionStorage, truncateHistory } from './revisions.ts'
import { scaledValue } from './scaled-value.ts'
import { countOrNothing, writeStatus } from './status-writer.ts'
import { tolerates } from './tolerations.ts'

const storage = 'apps/daemonsets'
const hashLabel = 'controller-revision-hash'
const generationAnnotation = 'deprecated.daemonset.template.generation'

export interface DaemonSet extends KubernetesObject {
  spec: {
    selector: LabelSelector
    template: PodTemplate
    updateStrategy?: {
      type?: 'RollingUpdate' | 'OnDelete'
      rollingUpdate?: { maxUnavailable?: number | string; maxSurge?: number | string }
    }
    minReadySeconds?: number
    revisionHistoryLimit?: number
  }
  status?: { readonly collisionCount?: number; readonly conditions?: readonly Condition[] }
}

const taints: readonly (readonly [key: string, effect: Taint['effect']])[] = [
  ['not-ready', 'NoExecute'],
  ['unreachable', 'NoExecute'],
  ['disk-pressure', 'NoSchedule'],
  ['memory-pressure', 'NoSchedule'],
  ['pid-pressure', 'NoSchedule'],
  ['unschedulable', 'NoSchedule'],
]

export function daemonSets(): Controller {
  const pods = new ControllerIndex()
  const revisions = new ControllerIndex()
  const names = new Set<string>()
  return {
    name: 'daemonset',
    watches: [storage, '/pods', '/nodes', revisionStorage],
    keys(change) {
      const { object, previous, type } = change
      const own = `${object.metadata.namespace ?? ''}/${object.metadata.name}`
      if (change.storage === '/nodes') return names
      if (change.storage === storage) {
        if (type === 'DELETED') names.delete(own)
        else names.add(own)
        return [own]
      }
      ;(change.storage === '/pods' ? pods : revisions).observe(change)
      return [...keyOfController(object, 'apps', 'DaemonSet'), ...(previous ? keyOfController(previous, 'apps', 'DaemonSet') : [])]
    },
    reconcile(key, world) {
      const set = world.get(storage, ...splitKey(key)) as DaemonSet | undefined
      if (!set || isTerminating(set)) return undefined
      return sync(world, set, pods, revisions)
    },
  }
}

function sync(world: World, set: DaemonSet, podIndex: ControllerIndex, revisionIndex: ControllerIndex): number | undefined {
  const revisions = revisionsOf(world, revisionIndex, set, hashLabel, set.status?.collisionCount)
  claim(world, '/pods', podIndex, set, set.spec.selector)
  const nodes = ([...world.list('/nodes')] as Node[]).filter((node) => isFor(set, node))
  manage(world, set, nodes, podIndex.managedBy(set.metadata.uid) as Pod[], revisions.latest)
  const pods = podIndex.managedBy(set.metadata.uid) as Pod[]
  writeStatus(world, storage, set, statusOf(set, nodes, pods, revisions.latest, world.now()))
  const used = new Set([hashOf(revisions.latest), ...pods.map(({ metadata }) => metadata.labels?.[hashLabel])])
  truncateHistory(world, revisions, (revision) => used.has(hashOf(revision)), set.spec.revisionHistoryLimit ?? 10)
  const { minReadySeconds = 0 } = set.spec
  return minReadySeconds > 0 ? nextAvailability(pods, minReadySeconds, world.now()) : undefined
}

const hashOf = ({ metadata }: ControllerRevision): string | undefined => metadata.labels?.[hashLabel]
const nodeOf = (pod: Pod): string => pod.spec.nodeName || (targetOf(pod.spec['affinity'] as Targeted | undefined) ?? '')

interface Targeted {
  readonly nodeAffinity?: {
    readonly requiredDuringSchedulingIgnoredDuringExecution?: {
      readonly nodeSelectorTerms?: readonly {
        readonly matchFields?: readonly { readonly key: string; readonly values?: readonly string[] }[]
      }[]
    }
  }
}

const targetOf = (affinity: Targeted | undefined): string | undefined =>
  affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms?.[0]?.matchFields?.find(
    ({ key }) => key === 'metadata.name',
  )?.values?.[0]

function isFor({ spec }: DaemonSet, node: Node): boolean {
  const tolerations = [...(spec.template.spec.tolerations ?? []), ...ownTolerations(spec.template)]
  if (!matchesNodeAffinity(spec.template.spec, node)) return false
  return (node.spec?.taints ?? []).every((taint) => taint.effect === 'PreferNoSchedule' || tolerates(tolerations, taint))
}

/** One pod a node; pods on other nodes end, and so do pods of an older template, some at a time. */
function manage(world: World, set: DaemonSet, nodes: readonly Node[], pods: readonly Pod[], latest: ControllerRevision): void {
  const wanted = new Set(nodes.map(({ metadata }) => metadata.name))
  const byNode = new Map<string, Pod[]>()
  for (const pod of pods) {
    if (isFinished(pod) && !isTerminating(pod)) endPod(pod, world)
    else byNode.set(nodeOf(pod), [...(byNode.get(nodeOf(pod)) ?? []), pod])
  }
  for (const [node, there] of byNode) {
    const alive = there.filter((pod) => !isTerminating(pod))
    for (const pod of wanted.has(node) ? alive.slice(1) : alive) endPod(pod, world)
  }
  for (const { metadata } of nodes) if (!byNode.has(metadata.name)) world.create('/pods', podFor(set, metadata.name, latest))
  if (set.spec.updateStrategy?.type === 'OnDelete') return
  const { maxUnavailable = 1 } = set.spec.updateStrategy?.rollingUpdate ?? {}
  let spare = Math.max(1, scaledValue(maxUnavailable, nodes.length, 'up'))
  const present = [...wanted].map((node) => byNode.get(node)?.find((pod) => !isTerminating(pod)))
  const isUp = (pod: Pod): boolean => isAvailable(pod, set.spec.minReadySeconds ?? 0, world.now())
  const outdated = present.filter((pod) => pod !== undefined).filter((pod) => pod.metadata.labels?.[hashLabel] !== hashOf(latest))
  // Old pods that are not available can go without making it worse.
  for (const pod of outdated) if (!isUp(pod)) endPod(pod, world)
  spare -= present.filter((pod) => !pod || !isUp(pod)).length
  for (const pod of outdated.filter(isUp).slice(0, Math.max(0, spare))) endPod(pod, world)
}

function podFor(set: DaemonSet, node: string, latest: ControllerRevision): Pod {
  const pod = podFromTemplate(set.spec.template, set)
  const generation = set.metadata.annotations?.[generationAnnotation]
  const affinity = (pod.spec['affinity'] ?? {}) as { nodeAffinity?: object }
  const nodeSelectorTerms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }]
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: {
        ...pod.metadata.labels,
        [hashLabel]: hashOf(latest) ?? '',
        ...(generation === undefined ? {} : { 'pod-template-generation': generation }),
      },
    },
    spec: {
      ...pod.spec,
      affinity: {
        ...affinity,
        nodeAffinity: { ...affinity.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
      },
      tolerations: [...(pod.spec.tolerations ?? []), ...ownTolerations(set.spec.template)],
    },
  }
}

/** A node's pod stays through what drives others away. */
function ownTolerations({ spec }: PodTemplate): Toleration[] {
  const all = spec['hostNetwork'] === true ? [...taints, ['network-unavailable', 'NoSchedule'] as const] : taints
  return all.map(([key, effect]) => ({ effect, key: `node.kubernetes.io/${key}`, operator: 'Exists' }))
}

function statusOf(set: DaemonSet, nodes: readonly Node[], pods: readonly Pod[], latest: ControllerRevision, now: number): object {
  const names = new Set(nodes.map(({ metadata }) => metadata.name))
  const there = new Map(pods.filter((pod) => !isTerminating(pod)).map((pod) => [nodeOf(pod), pod]))
  const scheduled = [...there].filter(([node]) => names.has(node)).map(([, pod]) => pod)
  const available = scheduled.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now)).length
  return {
    currentNumberScheduled: scheduled.length,
    numberMisscheduled: there.size - scheduled.length,
    desiredNumberScheduled: nodes.length,
    numberReady: scheduled.filter(isReady).length,
    observedGeneration: set.metadata.generation,
    updatedNumberScheduled: countOrNothing(scheduled.filter(({ metadata }) => metadata.labels?.[hashLabel] === hashOf(latest)).length),
    numberAvailable: countOrNothing(available),
    numberUnavailable: countOrNothing(nodes.length - available),
    collisionCount: set.status?.collisionCount,
    conditions: set.status?.conditions,
  }
}
