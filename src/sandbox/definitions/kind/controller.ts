/**
 * The controller of definitions: names are accepted, the definition is established; when it is deleted, its instances go first.
 *
 *   created ──names free──▶ established ──delete──▶ terminating ──no instance left──▶ gone
 *      └──names taken──▶ waiting ──the other definition is gone──▶ established
 *
 * (apiextensions-apiserver, controller/status, controller/establish, controller/finalizer, controller/apiapproval)
 */
import type { KubernetesObject } from '../../../api/object.ts'
import { type Change, type Controller, timestamp, type World } from '../../controllers/controller.ts'
import {
  cleanupFinalizer,
  type Condition,
  type Definition,
  type DefinitionStatus,
  definitionOf,
  definitionStorage,
  hasCondition,
  type Names,
  storageOf,
} from '../definition.ts'
import { equalJson } from '../../../api/equal.ts'
import { approvalCondition, findCondition, isSame, nameDefinition, setCondition } from './conditions.ts'

/** How long until instances that are being deleted are looked at again, in milliseconds. */
const recheck = 50

export const definitionController: Controller = {
  name: 'definitions',
  manager: 'kube-apiserver',
  watches: [definitionStorage],
  keys({ type, object, previous }: Change, world) {
    const { name } = object.metadata
    // Names that were given up may be what another definition waits for.
    const freed = type === 'DELETED' || (previous && !equalJson(acceptedNames(previous), acceptedNames(object)))
    return freed ? [name, ...namesOfGroup(definitionOf(object).spec.group, world)] : [name]
  },
  reconcile(key, world) {
    const object = world.get(definitionStorage, '', key)
    if (object === undefined) return undefined
    const definition = definitionOf(object)
    if (definition.metadata.deletionTimestamp !== undefined) return finalize(definition, world)
    establish(definition, world)
    return undefined
  },
}

const acceptedNames = (object: KubernetesObject): Names | undefined => definitionOf(object).status?.acceptedNames

function* namesOfGroup(group: string, world: World): Generator<string> {
  for (const object of world.list(definitionStorage)) if (definitionOf(object).spec.group === group) yield object.metadata.name
}

function establish(definition: Definition, world: World): void {
  const now = timestamp(world.now())
  const others = [...world.list(definitionStorage)].map(definitionOf).filter(({ metadata }) => metadata.uid !== definition.metadata.uid)
  const { names, accepted, established } = nameDefinition(definition, others)
  const status = [accepted, established, approvalCondition(definition)]
    .filter((condition) => condition !== undefined)
    .reduce<DefinitionStatus>(
      (next, condition) =>
        isSame(findCondition({ ...definition, status: next }, condition.type), condition) ? next : setCondition(next, condition, now),
      { ...definition.status, conditions: definition.status?.conditions ?? [], acceptedNames: names },
    )
  if (!equalJson(status, definition.status)) world.updateStatus(definitionStorage, { ...definition, status })
}

/** Deletes the instances; answers when to look again while some are left. */
function finalize(definition: Definition, world: World): number | undefined {
  if (!definition.metadata.finalizers?.includes(cleanupFinalizer)) return undefined
  const now = timestamp(world.now())
  const begun = withCondition(
    definition,
    terminating('True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress'),
    now,
    world,
  )
  if (!hasCondition(begun, 'Established')) return finish(begun, 'NeverEstablished', 'resource was never established', now, world)

  const storage = storageOf(begun)
  for (const { metadata } of [...world.list(storage)])
    if (metadata.deletionTimestamp === undefined)
      world.delete(storage, metadata.namespace ?? '', metadata.name, { uid: metadata.uid ?? '' })
  for (const _ of world.list(storage)) return recheck
  return finish(begun, 'InstanceDeletionCompleted', 'removed all instances', now, world)
}

const terminating = (status: Condition['status'], reason: string, message: string): Condition => ({
  type: 'Terminating',
  status,
  reason,
  message,
})

function withCondition(definition: Definition, condition: Condition, now: string, world: World): Definition {
  if (isSame(findCondition(definition, condition.type), condition)) return definition
  const status = setCondition(definition.status ?? {}, condition, now)
  return definitionOf(world.updateStatus(definitionStorage, { ...definition, status }))
}

function finish(definition: Definition, reason: string, message: string, now: string, world: World): undefined {
  const done = withCondition(definition, terminating('False', reason, message), now, world)
  const finalizers = done.metadata.finalizers?.filter((finalizer) => finalizer !== cleanupFinalizer) ?? []
  // By the status, where the specification is not looked at: a definition that is wrong by now can be deleted all the same.
  world.updateStatus(definitionStorage, { ...done, metadata: { ...done.metadata, finalizers } })
}
