/**
 * The end of a namespace: everything in it is deleted, and then the finalizer `kubernetes` in its spec goes.
 *
 * (pkg/controller/namespace/deletion)
 */
import type { JsonObject, KubernetesObject } from '../../api/object.ts'
import { ApiError } from '../status/api-error.ts'
import { type Condition, conditionOf } from './conditions.ts'
import { type Controller, timestamp, type World } from './controller.ts'
import { remove } from './remove.ts'
import { writeStatus } from './status-writer.ts'

const storage = '/namespaces'
const finalizer = 'kubernetes'

interface Namespace extends KubernetesObject {
  spec?: { finalizers?: readonly string[] }
  status?: { readonly phase?: string; readonly conditions?: readonly Condition[] }
}

export function namespaces(): Controller {
  const ending = new Set<string>()
  return {
    name: 'namespace',
    watches: ['*'],
    keys(change) {
      const { name, namespace, deletionTimestamp } = change.object.metadata
      if (change.storage !== storage) return namespace !== undefined && ending.has(namespace) ? [namespace] : []
      if (change.type === 'DELETED') ending.delete(name)
      if (change.type === 'DELETED' || deletionTimestamp === undefined) return []
      ending.add(name)
      return [name]
    },
    reconcile(name, world) {
      const namespace = world.get(storage, '', name) as Namespace | undefined
      if (!namespace || namespace.metadata.deletionTimestamp === undefined) return undefined
      if (!namespace.spec?.finalizers?.includes(finalizer)) return undefined
      const failures = deleteContent(world, name)
      const left = contentOf(world, name)
      const conditions = conditionsOf(namespace, left, failures, timestamp(world.now()))
      const told = writeStatus(world, storage, namespace, { ...namespace.status, phase: 'Terminating', conditions })
      if (left.length > 0 || failures.length > 0) return failures.length > 0 ? 5_000 : undefined
      const finalizers = told.spec?.finalizers?.filter((one) => one !== finalizer) ?? []
      const body = { ...told, spec: finalizers.length > 0 ? { finalizers } : {} } as unknown as JsonObject
      world.writeSubresource(storage, '', name, 'finalize', body)
      return undefined
    },
  }
}

interface Content {
  readonly storage: string
  readonly object: KubernetesObject
}

function contentOf(world: World, namespace: string): Content[] {
  const content: Content[] = []
  for (const { storage: where, namespaced } of world.storages()) {
    if (namespaced) for (const object of world.list(where, namespace)) content.push({ storage: where, object })
  }
  return content
}

/** Deletes what is not being deleted already. The answers are what prevented it. */
function deleteContent(world: World, namespace: string): string[] {
  const failures: string[] = []
  for (const { storage: where, object } of contentOf(world, namespace)) {
    if (object.metadata.deletionTimestamp !== undefined) continue
    try {
      remove(world, where, object, { propagationPolicy: 'Background' })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      failures.push(error.message)
    }
  }
  return failures
}

/** Each with what is said while nothing is wrong. */
const calm = [
  ['NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'],
  ['NamespaceDeletionGroupVersionParsingFailure', 'ParsedGroupVersions', 'All legacy kube types successfully parsed'],
  ['NamespaceDeletionContentFailure', 'ContentDeleted', 'All content successfully deleted, may be waiting on finalization'],
  ['NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'],
  ['NamespaceFinalizersRemaining', 'ContentHasNoFinalizers', 'All content-preserving finalizers finished'],
] as const

function conditionsOf({ status }: Namespace, left: readonly Content[], failures: readonly string[], time: string): Condition[] {
  const trouble = new Map<string, readonly [reason: string, message: string]>()
  const amounts = (counts: Map<string, number>, write: (name: string, count: number) => string): string =>
    [...counts]
      .map(([name, count]) => write(name, count))
      .toSorted((a, b) => (a < b ? -1 : 1))
      .join(', ')
  if (left.length > 0) {
    const text = amounts(tally(left.map((one) => resourceOf(one.storage))), (name, count) => `${name} has ${count} resource instances`)
    trouble.set('NamespaceContentRemaining', ['SomeResourcesRemain', `Some resources are remaining: ${text}`])
  }
  const finalizers = left.flatMap(({ object }) => object.metadata.finalizers ?? [])
  if (finalizers.length > 0) {
    const text = amounts(tally(finalizers), (name, count) => `${name} in ${count} resource instances`)
    trouble.set('NamespaceFinalizersRemaining', ['SomeFinalizersRemain', `Some content in the namespace has finalizers remaining: ${text}`])
  }
  if (failures.length > 0) {
    const text = failures.toSorted((a, b) => (a < b ? -1 : 1)).join(', ')
    trouble.set('NamespaceDeletionContentFailure', [
      'ContentDeletionFailed',
      `Failed to delete all resource types, ${failures.length} remaining: ${text}`,
    ])
  }
  return calm.map(([type, calmReason, calmMessage]) => {
    const found = trouble.get(type)
    const [reason, message] = found ?? [calmReason, calmMessage]
    const value = found ? 'True' : 'False'
    const before = conditionOf(status?.conditions, type)
    const lastTransitionTime = before?.status === value ? (before.lastTransitionTime ?? time) : time
    return { lastTransitionTime, message, reason, status: value, type }
  })
}

function tally(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

/** `configmaps.` for the core group, whose name is empty. */
function resourceOf(where: string): string {
  const slash = where.indexOf('/')
  return `${where.slice(slash + 1)}.${where.slice(0, slash)}`
}
