/** Disruption budgets: how many of the selected pods may be evicted now. (pkg/controller/disruption) */
import type { KubernetesObject } from '../../api/object.ts'
import type { LabelSelector } from '../../api/selectors.ts'
import { matchesSelector } from '../../api/selectors.ts'
import { type Condition, setCondition } from './conditions.ts'
import { type Controller, timestamp, type World } from './controller.ts'
import { LabelIndex } from './label-index.ts'
import { controllerOf, splitKey } from './ownership.ts'
import { isReady, isTerminating, type Pod } from './pods.ts'
import { scaledValue } from './scaled-value.ts'
import { writeStatus } from './status-writer.ts'

const storage = 'policy/poddisruptionbudgets'

interface DisruptionBudget extends KubernetesObject {
  spec: { minAvailable?: number | string; maxUnavailable?: number | string; selector?: LabelSelector }
  status?: { readonly conditions?: readonly Condition[]; readonly disruptedPods?: Readonly<Record<string, string>> }
}

export function disruptionBudgets(): Controller {
  const pods = new LabelIndex()
  const budgets = new LabelIndex()
  return {
    name: 'disruption',
    watches: [storage, '/pods'],
    keys(change) {
      const { namespace = '', name } = change.object.metadata
      if (change.storage === storage) {
        budgets.observe(change)
        return [`${namespace}/${name}`]
      }
      pods.observe(change)
      const selects = (budget: KubernetesObject): boolean =>
        [change.object, change.previous].some(
          (pod) => pod && matchesSelector((budget as DisruptionBudget).spec.selector ?? {}, pod.metadata.labels),
        )
      return budgets
        .in(namespace)
        .filter(selects)
        .map(({ metadata }) => `${namespace}/${metadata.name}`)
    },
    reconcile(key, world) {
      const budget = world.get(storage, ...splitKey(key)) as DisruptionBudget | undefined
      if (!budget) return undefined
      const selector = budget.spec.selector
      const selected = selector ? (pods.selected(budget.metadata.namespace ?? '', selector) as Pod[]) : []
      writeStatus(world, storage, budget, statusOf(world, budget, selected))
      return undefined
    },
  }
}

function statusOf(world: World, budget: DisruptionBudget, pods: readonly Pod[]): object {
  const { generation } = budget.metadata
  const lastTransitionTime = timestamp(world.now())
  const tell = (status: 'True' | 'False', reason: string, message: string): readonly Condition[] =>
    setCondition(budget.status?.conditions, {
      lastTransitionTime,
      message,
      observedGeneration: generation,
      reason,
      status,
      type: 'DisruptionAllowed',
    })
  const expected = expectedOf(world, budget, pods)
  if (typeof expected === 'string') return { ...budget.status, disruptionsAllowed: 0, conditions: tell('False', 'SyncFailed', expected) }
  const disrupted = Object.fromEntries(
    Object.entries(budget.status?.disruptedPods ?? {}).filter(([name]) =>
      pods.some((pod) => pod.metadata.name === name && !isTerminating(pod)),
    ),
  )
  const currentHealthy = pods.filter((pod) => !isTerminating(pod) && isReady(pod) && !Object.hasOwn(disrupted, pod.metadata.name)).length
  const allowed = expected.pods <= 0 ? 0 : Math.max(0, currentHealthy - expected.healthy)
  return {
    conditions: allowed > 0 ? tell('True', 'SufficientPods', '') : tell('False', 'InsufficientPods', ''),
    currentHealthy,
    desiredHealthy: expected.healthy,
    ...(Object.keys(disrupted).length > 0 ? { disruptedPods: disrupted } : {}),
    disruptionsAllowed: allowed,
    expectedPods: expected.pods,
    observedGeneration: generation,
  }
}

/** How many pods there should be and how many of them have to be healthy; a text tells why that cannot be known. */
function expectedOf(world: World, { spec }: DisruptionBudget, pods: readonly Pod[]): { pods: number; healthy: number } | string {
  const { minAvailable, maxUnavailable } = spec
  if (typeof minAvailable === 'number') return { pods: pods.length, healthy: minAvailable }
  if (minAvailable === undefined && maxUnavailable === undefined) return { pods: 0, healthy: 0 }
  const scales = new Map<string, number>()
  for (const pod of pods) {
    // Pods that nobody manages are not expected.
    if (!controllerOf(pod)) continue
    const scale = scaleOf(world, pod)
    if (!scale) return `found no controllers for pod ${JSON.stringify(pod.metadata.name)}`
    scales.set(scale.uid, scale.replicas)
  }
  const total = [...scales.values()].reduce((sum, replicas) => sum + replicas, 0)
  if (minAvailable !== undefined) return { pods: total, healthy: scaledValue(minAvailable, total, 'up') }
  return { pods: total, healthy: Math.max(0, total - scaledValue(maxUnavailable, total, 'up')) }
}

/** The size of whatever manages the pod in the end. */
function scaleOf(world: World, pod: Pod): { uid: string; replicas: number } | undefined {
  let scale: { uid: string; replicas: number } | undefined
  let managed: KubernetesObject | undefined = pod
  for (let owner = controllerOf(pod); owner && managed; owner = controllerOf(managed)) {
    const served = world.storageOf(owner.apiVersion, owner.kind)
    const found: KubernetesObject | undefined = served && world.get(served.storage, pod.metadata.namespace ?? '', owner.name)
    if (!found || found.metadata.uid !== owner.uid) break
    const replicas = (found['spec'] as { replicas?: unknown } | undefined)?.replicas
    if (typeof replicas === 'number') scale = { uid: owner.uid, replicas }
    managed = found
  }
  return scale
}
