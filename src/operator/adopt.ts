/**
 * Adopting an object that somebody else made: all but the last write, which is the apply that makes any object what we want.
 *
 *   dry run of our apply ─▶ dry run of the removals ─▶ managed fields handed over ─▶ apply
 *
 * The dry runs come first, so that an object which the server would not let us have stays as it is. The hand-over comes before the apply:
 * from then on our entry is on the object, and after a crash the next pass finds its own object and applies to it, which also removes what
 * the predecessor alone held. In the other order the object would look finished without that.
 */
import { fieldManager } from '../api/names.ts'
import type { JsonObject, KubernetesObject } from '../api/object.ts'
import { drop, droppedPaths } from '../fields/drop.ts'
import { formatPath } from '../fields/path.ts'
import { type FieldSet, isEmpty } from '../fields/set.ts'
import type { ApiClient, Resource } from '../kube/client.ts'
import { isApiError } from '../kube/errors.ts'
import { applyBound, jsonPatch, patchManagedFields, type PatchOperation } from '../kube/writes.ts'
import type { DesiredObject } from '../reconcile/desired.ts'
import { isPredecessor, succession, withoutPredecessors } from '../reconcile/succession.ts'
import type { MatchOptions } from '../reconcile/match.ts'

export interface AdoptContext {
  client: ApiClient
  primary: KubernetesObject
  match: MatchOptions
  resource: Resource
  adoptedAs: (desired: DesiredObject, live: KubernetesObject) => DesiredObject
}

/** What is left to do is to apply `desired` to `live`. */
export interface TakenOver {
  desired: DesiredObject
  /** The object with its managed fields handed over. */
  live: KubernetesObject
  /** From whom, and what goes, in words. */
  detail: string
}

/**
 * Takes over what the object's makers held in its managed fields. Rejects with the server's refusal of the apply, or with `conflict` if
 * the object changed in between; it is as it was then.
 */
export async function takeOver(desired: DesiredObject, live: KubernetesObject, context: AdoptContext): Promise<TakenOver> {
  const { client, primary, match, resource, adoptedAs } = context
  const uid = live.metadata.uid as string
  const adopted = adoptedAs(desired, withoutPredecessors(live, match.manager))
  const applied = await dryRun(adopted, uid, context)
  const { managedFields, from, stale } = succession(live, applied, match)
  const detail = describe(live, from, [...droppedPaths(stale)].map(formatPath))
  if (!managedFields) return { desired: adopted, live, detail }
  if (!isEmpty(stale)) await dryRunRemovals(live, applied, stale, context)
  const manager = fieldManager('adopt', primary.metadata.uid as string)
  return { desired: adopted, live: await patchManagedFields(client, resource, live, managedFields, { manager }), detail }
}

/** What our apply would make of the object. Where nothing may be taken from anybody, that is anybody but those who hand it over. */
async function dryRun(
  desired: DesiredObject,
  uid: string,
  { client, resource, match: { manager } }: AdoptContext,
): Promise<KubernetesObject> {
  const apply = (force: boolean) => applyBound(client, resource, desired.body, { manager, uid, force, dryRun: true })
  if (desired.fieldPolicy !== 'fail') return await apply(true)
  try {
    return await apply(false)
  } catch (error) {
    if (!isApiError(error, 'fieldConflict') || !error.conflicts.every((conflict) => isPredecessor(conflict.manager, manager))) throw error
    return await apply(true)
  }
}

/**
 * What the apply will remove once the fields are ours alone, tried beforehand: an immutable field that the chart forgot would be refused
 * only then.
 */
async function dryRunRemovals(
  live: KubernetesObject,
  applied: KubernetesObject,
  stale: FieldSet,
  { client, primary, resource }: AdoptContext,
): Promise<void> {
  const { apiVersion: _version, kind: _kind, metadata, status: _status, ...content } = applied
  const rest = (drop(applied as unknown as JsonObject, stale) ?? {}) as Partial<KubernetesObject>
  const operations: PatchOperation[] = [
    ...(['labels', 'annotations'] as const).map(
      (name): PatchOperation => ({ op: 'add', path: `/metadata/${name}`, value: rest.metadata?.[name] ?? {} }),
    ),
    ...Object.keys(content).flatMap((name): PatchOperation[] => {
      if (rest[name] !== undefined) return [{ op: 'add', path: `/${name}`, value: rest[name] }]
      return live[name] === undefined ? [] : [{ op: 'remove', path: `/${name}` }]
    }),
  ]
  const manager = fieldManager('adopt', primary.metadata.uid as string)
  await jsonPatch(client, resource, metadata, operations, { manager, uid: live.metadata.uid as string, dryRun: true })
}

function describe(live: KubernetesObject, from: readonly string[], removed: readonly string[]): string {
  const others = [...new Set((live.metadata.managedFields ?? []).filter(({ subresource }) => !subresource).map(({ manager }) => manager))]
  const made = others.length > 0 ? `made by ${others.join(', ')}, which keeps what it holds` : 'of which nobody is on record'
  const more = removed.length > 3 ? ` and ${removed.length - 3} more` : ''
  return [
    from.length > 0 ? `from ${from.join(', ')}` : made,
    ...(removed.length > 0 ? [`${removed.slice(0, 3).join(', ')}${more} removed`] : []),
  ].join('; ')
}
