/**
 * StatefulSets: pods with a number, a name and volumes that stay theirs.
 *
 * In order (`OrderedReady`) each pod waits until all before it are available, and the last one ends first; in parallel nothing waits. An update
 * goes from the highest number down to the partition. (pkg/controller/statefulset)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import type { Controller, World } from '../controller.ts'
import { claim, ControllerIndex, controllerOf, keyOfController, splitKey } from '../ownership.ts'
import { isAvailable, isFinished, isReady, isTerminating, nextAvailability, type Pod } from '../pods.ts'
import { endPod } from '../replica-sets.ts'
import { type ControllerRevision, type Revisions, revisionsOf, revisionStorage, templateOf, truncateHistory } from '../revisions.ts'
import { scaledValue } from '../scaled-value.ts'
import { countOrNothing, writeStatus } from '../status-writer.ts'
import { claimsOf, ordinalOf, podOf, revisionLabel, type StatefulSet, type StatefulSetStatus } from './identity.ts'

const storage = 'apps/statefulsets'
const claimStorage = '/persistentvolumeclaims'

export function statefulSets(): Controller {
  const pods = new ControllerIndex()
  const revisions = new ControllerIndex()
  return {
    name: 'statefulset',
    watches: [storage, '/pods', revisionStorage],
    keys(change) {
      const { object, previous } = change
      if (change.storage === storage) return [`${object.metadata.namespace ?? ''}/${object.metadata.name}`]
      if (change.storage === revisionStorage) {
        revisions.observe(change)
        // Nobody acts on these: one that goes with its set would be made again for ever.
        return []
      }
      pods.observe(change)
      const keys = keyOfController(object, 'apps', 'StatefulSet')
      if (previous) keys.push(...keyOfController(previous, 'apps', 'StatefulSet'))
      // A pod that nobody manages may be one of a set that lost it.
      const parent = /^(.*)-\d+$/.exec(object.metadata.name)?.[1]
      if (parent && !controllerOf(object)) keys.push(`${object.metadata.namespace ?? ''}/${parent}`)
      return keys
    },
    reconcile(key, world) {
      const set = world.get(storage, ...splitKey(key)) as StatefulSet | undefined
      return set && sync(world, set, pods, revisions)
    },
  }
}

function sync(world: World, set: StatefulSet, podIndex: ControllerIndex, revisionIndex: ControllerIndex): number | undefined {
  const claimed = claim(world, '/pods', podIndex, set, set.spec.selector) as Pod[]
  const owned = claimed.filter((pod) => ordinalOf(pod, set) >= 0)
  const revisions = revisionsOf(world, revisionIndex, set, 'controller.kubernetes.io/hash', set.status?.collisionCount ?? 0)
  const current = revisions.all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? revisions.latest
  const pass = new Pass(world, set, owned, current, revisions)
  try {
    if (!isTerminating(set)) pass.run()
  } finally {
    writeStatus(world, storage, set, statusOf(set, pass.present(podIndex), current, revisions.latest, world.now()))
  }
  const live = new Set([current.metadata.name, revisions.latest.metadata.name, ...owned.map(revisionOf)])
  truncateHistory(world, revisions, ({ metadata }) => live.has(metadata.name), set.spec.revisionHistoryLimit ?? 10)
  const { minReadySeconds = 0 } = set.spec
  return minReadySeconds > 0 ? nextAvailability(owned, minReadySeconds, world.now()) : undefined
}

const revisionOf = ({ metadata }: Pod): string => metadata.labels?.[revisionLabel] ?? ''

/** One look at a set: every step that can be made now without waiting. */
class Pass {
  readonly #world: World
  readonly #set: StatefulSet
  readonly #pods: readonly Pod[]
  readonly #current: ControllerRevision
  readonly #revisions: Revisions

  constructor(world: World, set: StatefulSet, pods: readonly Pod[], current: ControllerRevision, revisions: Revisions) {
    this.#world = world
    this.#set = set
    this.#pods = pods
    this.#current = current
    this.#revisions = revisions
  }

  run(): void {
    const { replicas = 1, ordinals, podManagementPolicy } = this.#set.spec
    const start = ordinals?.start ?? 0
    const ordered = podManagementPolicy !== 'Parallel'
    const byOrdinal = new Map(this.#pods.map((pod) => [ordinalOf(pod, this.#set), pod]))
    for (let ordinal = start; ordinal < start + replicas; ordinal++) {
      const settled = this.#keep(byOrdinal.get(ordinal), ordinal)
      if (ordered && !settled) return
    }
    const condemned = [...byOrdinal].filter(([ordinal]) => ordinal < start || ordinal >= start + replicas).sort(([a], [b]) => b - a)
    const firstUnavailable = condemned.findLast(([, pod]) => !this.#isAvailable(pod))?.[1]
    for (const [ordinal, pod] of condemned) {
      if (isTerminating(pod)) {
        if (ordered) return
        continue
      }
      if (ordered && !this.#isAvailable(pod) && pod !== firstUnavailable) return
      this.#releaseClaims(pod, ordinal)
      endPod(pod, this.#world)
      if (ordered) return
    }
    if (this.#set.spec.updateStrategy?.type !== 'OnDelete') this.#update(byOrdinal, start, replicas)
  }

  /** What there is after the pass. */
  present(index: ControllerIndex): Pod[] {
    return (index.managedBy(this.#set.metadata.uid) as Pod[]).filter((pod) => ordinalOf(pod, this.#set) >= 0)
  }

  /** Whether the pod with this number is there and available; makes what is missing. */
  #keep(pod: Pod | undefined, ordinal: number): boolean {
    if (!pod) {
      const { updateStrategy } = this.#set.spec
      const start = this.#set.spec.ordinals?.start ?? 0
      const isOld = updateStrategy?.type !== 'OnDelete' && ordinal < start + (updateStrategy?.rollingUpdate?.partition ?? 0)
      const revision = isOld ? this.#current : this.#revisions.latest
      this.#createClaims(ordinal)
      this.#world.create('/pods', podOf(this.#set, templateOf(revision), revision.metadata.name, ordinal))
      return false
    }
    if (isFinished(pod)) {
      if (!isTerminating(pod)) endPod(pod, this.#world)
      return false
    }
    if (pod.status?.phase === 'Pending') this.#createClaims(ordinal)
    return !isTerminating(pod) && this.#isAvailable(pod)
  }

  /** Ends pods of other revisions, highest number first, as many as may be unavailable. */
  #update(byOrdinal: ReadonlyMap<number, Pod>, start: number, replicas: number): void {
    const { partition = 0, maxUnavailable = 1 } = this.#set.spec.updateStrategy?.rollingUpdate ?? {}
    const { name } = this.#revisions.latest.metadata
    let spare = Math.max(1, scaledValue(maxUnavailable, replicas, 'up'))
    for (let ordinal = start; ordinal < start + replicas; ordinal++) {
      const pod = byOrdinal.get(ordinal)
      if (!pod || isTerminating(pod) || !this.#isAvailable(pod)) spare--
    }
    for (let ordinal = start + replicas - 1; ordinal >= start + partition && spare > 0; ordinal--) {
      const pod = byOrdinal.get(ordinal)
      if (!pod || isTerminating(pod) || revisionOf(pod) === name) continue
      endPod(pod, this.#world)
      spare--
    }
  }

  #isAvailable(pod: Pod): boolean {
    return pod.status?.phase === 'Running' && isReady(pod) && isAvailable(pod, this.#set.spec.minReadySeconds ?? 0, this.#world.now())
  }

  #createClaims(ordinal: number): void {
    for (const wanted of claimsOf(this.#set, ordinal)) {
      const { namespace = '', name } = wanted.metadata
      if (!this.#world.get(claimStorage, namespace, name)) this.#world.create(claimStorage, wanted)
    }
  }

  /** Claims that are not to outlive a smaller set belong to the pod that ends. */
  #releaseClaims(pod: Pod, ordinal: number): void {
    if (this.#set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== 'Delete') return
    for (const wanted of claimsOf(this.#set, ordinal)) {
      const found: KubernetesObject | undefined = this.#world.get(claimStorage, wanted.metadata.namespace ?? '', wanted.metadata.name)
      if (!found) continue
      const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid ?? '' }]
      this.#world.update(claimStorage, { ...found, metadata: { ...found.metadata, ownerReferences } })
    }
  }
}

function statusOf(
  set: StatefulSet,
  pods: readonly Pod[],
  current: ControllerRevision,
  latest: ControllerRevision,
  now: number,
): StatefulSetStatus {
  const { replicas: wanted = 1, minReadySeconds = 0, updateStrategy } = set.spec
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && isReady(pod))
  const alive = pods.filter((pod) => !isTerminating(pod))
  const updated = alive.filter((pod) => revisionOf(pod) === latest.metadata.name).length
  const isDone = updateStrategy?.type !== 'OnDelete' && updated === wanted && pods.length === wanted && ready.length === wanted
  const present = isDone ? latest : current
  return {
    observedGeneration: set.metadata.generation,
    replicas: pods.length,
    readyReplicas: countOrNothing(ready.length),
    availableReplicas: ready.filter((pod) => isAvailable(pod, minReadySeconds, now)).length,
    currentReplicas: countOrNothing(alive.filter((pod) => revisionOf(pod) === present.metadata.name).length),
    updatedReplicas: countOrNothing(updated),
    currentRevision: present.metadata.name,
    updateRevision: latest.metadata.name,
    collisionCount: set.status?.collisionCount ?? 0,
    conditions: set.status?.conditions,
  }
}
