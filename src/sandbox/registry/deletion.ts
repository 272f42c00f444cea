/**
 * Deleting: at once, or when the last finalizer has gone and the time that the object has to end is over.
 *
 * (apiserver, registry/rest/delete.go and registry/generic/registry/store.go)
 */
import type { KubernetesObject } from '../../api/object.ts'
import { conflict } from '../status/api-error.ts'
import type { Strategy } from './resource.ts'
import { type RegistryContext, type RequestScope, timestamp, writeContext } from './scope.ts'
import { getStored } from './stored.ts'

export interface DeletionOptions {
  readonly gracePeriodSeconds?: number | undefined
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined
}

export interface Deletion {
  /** The last state, or the state that waits for its end. */
  readonly object: KubernetesObject
  readonly removed: boolean
}

const foreground = 'foregroundDeletion'
const orphan = 'orphan'

export function deleteObject(context: RegistryContext, scope: RequestScope, name: string, options: DeletionOptions): Deletion {
  const { resource } = scope
  const { strategy, storage, codec } = resource
  const old = getStored(context, scope, name)
  checkPreconditions(scope, old, options)
  strategy.beforeDelete?.(old, writeContext(context, scope))
  const finalizers = finalizersAfter(old.metadata.finalizers ?? [], options.propagationPolicy ?? strategy.defaultPropagation)
  const grace = strategy.gracePeriod?.(old, options.gracePeriodSeconds) ?? 0
  const done = (object: KubernetesObject, removed: boolean): Deletion => ({ object: codec.fromStorage(object), removed })

  if (finalizers.length === 0 && grace === 0 && isFinished(old, strategy)) {
    // A kind that ends by and by tells its end, also where it comes at once.
    const last = strategy.gracePeriod ? deleting(old, { finalizers, grace, now: context.now() }) : old
    return done(scope.dryRun ? last : context.storage.remove(storage, old, last), true)
  }
  const next = deleting(old, { finalizers, grace, now: context.now() })
  if (next === old) return done(old, false)
  strategy.prepareDeletion?.(next)
  return done(scope.dryRun ? next : context.storage.put(storage, next), false)
}

/** Whether an update was the last thing that a deleted object waited for. */
export function isRemovable(next: KubernetesObject, old: KubernetesObject, strategy: Strategy): boolean {
  return (
    old.metadata.deletionTimestamp !== undefined &&
    (next.metadata.finalizers ?? []).length === 0 &&
    !(next.metadata['deletionGracePeriodSeconds'] as number | undefined) &&
    isFinished(next, strategy)
  )
}

const isFinished = (object: KubernetesObject, strategy: Strategy): boolean => strategy.isFinished?.(object) ?? true

function checkPreconditions({ resource }: RequestScope, { metadata }: KubernetesObject, { uid, resourceVersion }: DeletionOptions): void {
  const refuse = (why: string): never => {
    throw conflict({ group: resource.group, resource: resource.kind }, metadata.name, why)
  }
  if (uid !== undefined && uid !== metadata.uid)
    refuse(
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
    )
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion)
    refuse(
      `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
    )
}

/** The garbage collector's finalizers, as the request wants its dependents treated; without a wish they stay as they are. */
function finalizersAfter(finalizers: readonly string[], policy: DeletionOptions['propagationPolicy']): readonly string[] {
  if (policy === undefined) return finalizers
  const others = finalizers.filter((finalizer) => finalizer !== foreground && finalizer !== orphan)
  const wanted = policy === 'Foreground' ? foreground : policy === 'Orphan' ? orphan : undefined
  if (wanted === undefined) return others.length === finalizers.length ? finalizers : others
  return finalizers.includes(wanted) && others.length === finalizers.length - 1 ? finalizers : [...others, wanted]
}

function deleting(
  old: KubernetesObject,
  { finalizers, grace, now }: { finalizers: readonly string[]; grace: number; now: number },
): KubernetesObject {
  const { metadata } = old
  const before = metadata['deletionGracePeriodSeconds'] as number | undefined
  const sameFinalizers = finalizers === (metadata.finalizers ?? finalizers)
  if (metadata.deletionTimestamp !== undefined) {
    // Asking again can only shorten the time.
    if ((before ?? 0) <= grace) return sameFinalizers ? old : withMetadata(old, { finalizers: [...finalizers] })
    const asked = Date.parse(metadata.deletionTimestamp) - (before ?? 0) * 1000
    return withMetadata(old, {
      finalizers: finalizers.length > 0 ? [...finalizers] : undefined,
      deletionTimestamp: timestamp(asked + grace * 1000),
      deletionGracePeriodSeconds: grace,
    })
  }
  return withMetadata(old, {
    finalizers: finalizers.length > 0 ? [...finalizers] : undefined,
    deletionTimestamp: timestamp(now + grace * 1000),
    deletionGracePeriodSeconds: grace,
    ...(metadata.generation !== undefined && { generation: metadata.generation + 1 }),
  })
}

function withMetadata(object: KubernetesObject, changes: Record<string, unknown>): KubernetesObject {
  const metadata = { ...object.metadata, ...changes }
  for (const name of Object.keys(changes)) if (changes[name] === undefined) delete metadata[name]
  return { ...object, metadata }
}
