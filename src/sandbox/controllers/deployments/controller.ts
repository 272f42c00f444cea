/**
 * Deployments: a replica set for each template, sized so that the change from one to the next keeps enough pods available.
 *
 * (pkg/controller/deployment)
 */
import { ApiError } from '../../status/api-error.ts'
import { conditionOf, replaceCondition } from '../conditions.ts'
import type { Controller, World } from '../controller.ts'
import { claim, ControllerIndex, controllerOf, isControlledBy, keyOfController, splitKey } from '../ownership.ts'
import { isFinished, type Pod } from '../pods.ts'
import type { ReplicaSet } from '../replica-sets.ts'
import { equalJson } from '../../../api/equal.ts'
import { writeStatus } from '../status-writer.ts'
import {
  type Deployment,
  historyLimit,
  isComplete,
  isRolling,
  progressDeadline,
  revisionAnnotation,
  revisionOf,
  sizeOf,
  wantedReplicas,
} from './deployment.ts'
import { annotationsOf, newReplicaSet, nextRevision, resize, sameTemplate, split, storage as replicaSetStorage } from './replica-sets.ts'
import { endOld, rollingStep } from './rollout.ts'
import { isScaling, scale } from './scale.ts'
import { condition, counted, nextProgressCheck, withProgress } from './status.ts'

const storage = 'apps/deployments'

export function deployments(): Controller {
  const replicaSets = new ControllerIndex()
  const pods = new ControllerIndex()
  const names = new Map<string, Set<string>>()

  return {
    name: 'deployment',
    watches: [storage, replicaSetStorage, '/pods'],
    keys(change, world) {
      const { object, previous, type } = change
      const { namespace = '', name } = object.metadata
      if (change.storage === storage) {
        const known = names.get(namespace) ?? new Set()
        names.set(namespace, known)
        if (type === 'DELETED') known.delete(name)
        else known.add(name)
        return [`${namespace}/${name}`]
      }
      if (change.storage === '/pods') {
        pods.observe(change)
        // A deployment that recreates waits for the last of its old pods.
        return type === 'DELETED' ? ownerOfOwner(object, world) : []
      }
      replicaSets.observe(change)
      const keys = keyOfController(object, 'apps', 'Deployment')
      if (previous) keys.push(...keyOfController(previous, 'apps', 'Deployment'))
      if (type !== 'DELETED' && !controllerOf(object)) for (const known of names.get(namespace) ?? []) keys.push(`${namespace}/${known}`)
      return keys
    },
    reconcile(key, world) {
      const deployment = world.get(storage, ...splitKey(key)) as Deployment | undefined
      if (!deployment || isSelectingAll(deployment)) return deployment && void observeOnly(deployment, world)
      const owned = claim(world, replicaSetStorage, replicaSets, deployment, deployment.spec.selector) as ReplicaSet[]
      const oldPods = (current: ReplicaSet | undefined): boolean =>
        owned.some(
          (one) => one.metadata.uid !== current?.metadata.uid && pods.managedBy(one.metadata.uid).some((pod) => !isFinished(pod as Pod)),
        )
      const after = sync(world, deployment, owned, oldPods)
      return nextProgressCheck(after, world.now())
    },
  }
}

function ownerOfOwner(pod: Pod | Deployment | ReplicaSet | Parameters<typeof controllerOf>[0], world: World): string[] {
  const owner = controllerOf(pod)
  if (owner?.kind !== 'ReplicaSet') return []
  const replicaSet = world.get(replicaSetStorage, pod.metadata.namespace ?? '', owner.name)
  return replicaSet && replicaSet.metadata.uid === owner.uid ? keyOfController(replicaSet, 'apps', 'Deployment') : []
}

const isSelectingAll = ({ spec }: Deployment): boolean =>
  Object.keys(spec.selector.matchLabels ?? {}).length === 0 && (spec.selector.matchExpressions ?? []).length === 0

function observeOnly(deployment: Deployment, world: World): void {
  writeStatus(world, storage, deployment, { ...deployment.status, observedGeneration: deployment.metadata.generation })
}

function sync(
  world: World,
  found: Deployment,
  owned: readonly ReplicaSet[],
  oldPods: (current: ReplicaSet | undefined) => boolean,
): Deployment {
  if (found.metadata.deletionTimestamp !== undefined) {
    const { deployment, current, old } = withRevision(world, found, owned)
    return writeStatus(world, storage, deployment, counted(deployment, current, old, world.now()))
  }
  const { deployment, current, old } = withRevision(world, withPause(world, found), owned)
  const all = current ? [...old, current] : old
  if (deployment.spec.paused || isScaling(deployment, all)) {
    scale(world, deployment, current, old)
    if (deployment.spec.paused) cleanUp(world, deployment, old)
    const fresh = split(
      deployment,
      all.map((one) => (world.get(replicaSetStorage, one.metadata.namespace ?? '', one.metadata.name) ?? one) as ReplicaSet),
    )
    return writeStatus(world, storage, deployment, counted(deployment, fresh.current, fresh.old, world.now()))
  }
  return isRolling(deployment) ? roll(world, deployment, current, old) : recreate(world, deployment, current, old, oldPods)
}

function roll(world: World, found: Deployment, present: ReplicaSet | undefined, before: readonly ReplicaSet[]): Deployment {
  const { deployment, current } = present ? { deployment: found, current: present } : create(world, found, before)
  const step = rollingStep(world, deployment, { current, old: before })
  if (!step.moved && isComplete(deployment, deployment.status)) cleanUp(world, deployment, before)
  return writeStatus(world, storage, deployment, withProgress(deployment, step.current, step.old, world.now()))
}

function recreate(
  world: World,
  found: Deployment,
  present: ReplicaSet | undefined,
  before: readonly ReplicaSet[],
  oldPods: (current: ReplicaSet | undefined) => boolean,
): Deployment {
  const old = endOld(world, found, before)
  const waiting = before.some((one) => sizeOf(one) > 0) || old.some(({ status }) => (status?.replicas ?? 0) > 0) || oldPods(present)
  if (waiting) return writeStatus(world, storage, found, withProgress(found, present, old, world.now()))
  const { deployment, current } = present ? { deployment: found, current: present } : create(world, found, old)
  const grown = sizeOf(current) === wantedReplicas(deployment) ? current : resize(world, deployment, current, wantedReplicas(deployment))
  if (isComplete(deployment, deployment.status)) cleanUp(world, deployment, old)
  return writeStatus(world, storage, deployment, withProgress(deployment, grown, old, world.now()))
}

/** Tells that a deployment was paused or goes on, so that its deadline does not run meanwhile. */
function withPause(world: World, deployment: Deployment): Deployment {
  const progressing = conditionOf(deployment.status?.conditions, 'Progressing')
  if (progressDeadline(deployment) === undefined || progressing?.reason === 'ProgressDeadlineExceeded') return deployment
  const told = progressing?.reason === 'DeploymentPaused'
  const paused = deployment.spec.paused === true
  if (told === paused) return deployment
  const [reason, message] = paused ? ['DeploymentPaused', 'Deployment is paused'] : ['DeploymentResumed', 'Deployment is resumed']
  return withProgressing(world, deployment, 'Unknown', reason as string, message as string)
}

function withProgressing(
  world: World,
  deployment: Deployment,
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
): Deployment {
  const conditions = replaceCondition(deployment.status?.conditions, condition('Progressing', status, reason, message, world.now()))
  return writeStatus(world, storage, deployment, { ...deployment.status, conditions })
}

/** Brings annotations and revision of the replica set that has the present template, and the deployment's revision, up to date. */
function withRevision(
  world: World,
  deployment: Deployment,
  owned: readonly ReplicaSet[],
): { deployment: Deployment; current: ReplicaSet | undefined; old: ReplicaSet[] } {
  const { current, old } = split(deployment, owned)
  if (!current) return { deployment, current, old }
  const annotations = annotationsOf(deployment, current, nextRevision(old))
  const { minReadySeconds = 0 } = deployment.spec
  if (!equalJson(annotations, current.metadata.annotations ?? {}) || (current.spec.minReadySeconds ?? 0) !== minReadySeconds) {
    const spec = { ...current.spec, minReadySeconds }
    const updated = world.update(replicaSetStorage, { ...current, metadata: { ...current.metadata, annotations }, spec }) as ReplicaSet
    return { ...recordRevision(world, deployment, updated, 'Found new replica set'), old }
  }
  return { ...recordRevision(world, deployment, current, 'Found new replica set'), old }
}

function recordRevision(
  world: World,
  deployment: Deployment,
  current: ReplicaSet,
  what: string,
): { deployment: Deployment; current: ReplicaSet } {
  const revision = current.metadata.annotations?.[revisionAnnotation] ?? ''
  const isNew = what.startsWith('Created')
  const progressing = conditionOf(deployment.status?.conditions, 'Progressing')
  const tells = progressDeadline(deployment) !== undefined && (isNew || !progressing)
  if (deployment.metadata.annotations?.[revisionAnnotation] === revision && !tells) return { deployment, current }
  const annotations = { ...deployment.metadata.annotations, [revisionAnnotation]: revision }
  const reason = isNew ? 'NewReplicaSetCreated' : 'FoundNewReplicaSet'
  const told = condition('Progressing', 'True', reason, `${what} "${current.metadata.name}"`, world.now())
  const conditions = tells ? replaceCondition(deployment.status?.conditions, told) : deployment.status?.conditions
  const updated = world.updateStatus(storage, {
    ...deployment,
    metadata: { ...deployment.metadata, annotations },
    status: { ...deployment.status, ...(conditions ? { conditions } : {}) },
  })
  return { deployment: updated as Deployment, current }
}

function create(world: World, deployment: Deployment, old: readonly ReplicaSet[]): { deployment: Deployment; current: ReplicaSet } {
  const draft = newReplicaSet(deployment, old)
  try {
    return recordRevision(world, deployment, world.create(replicaSetStorage, draft) as ReplicaSet, 'Created new replica set')
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const { namespace = '', name } = draft.metadata
    const taken = error.reason === 'AlreadyExists' ? (world.get(replicaSetStorage, namespace, name) as ReplicaSet | undefined) : undefined
    if (taken && isControlledBy(taken, deployment) && sameTemplate(taken.spec.template, deployment.spec.template)) {
      return recordRevision(world, deployment, taken, 'Found new replica set')
    }
    if (taken) {
      const collisionCount = (deployment.status?.collisionCount ?? 0) + 1
      writeStatus(world, storage, deployment, { ...deployment.status, collisionCount })
    } else if (
      progressDeadline(deployment) !== undefined &&
      !error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating')
    ) {
      withProgressing(world, deployment, 'False', 'ReplicaSetCreateError', `Failed to create new replica set "${name}": ${error.message}`)
    }
    throw error
  }
}

/** Deletes the oldest of the empty replica sets that go beyond the history. */
function cleanUp(world: World, deployment: Deployment, old: readonly ReplicaSet[]): void {
  const limit = historyLimit(deployment)
  if (limit === undefined) return
  const alive = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const sorted = [...alive].sort((a, b) => (revisionOf(a) ?? 0) - (revisionOf(b) ?? 0))
  for (const replicaSet of sorted.slice(0, Math.max(0, alive.length - limit))) {
    const { metadata, status } = replicaSet
    if (sizeOf(replicaSet) > 0 || (status?.replicas ?? 0) > 0 || (metadata.generation ?? 0) > (status?.observedGeneration ?? 0)) continue
    world.delete(replicaSetStorage, metadata.namespace ?? '', metadata.name)
  }
}
