/** Takes versions that are not served any more out of an object's managed fields, before it is applied to. */
import { fieldManager } from '../api/names.ts'
import { gvkOf, type KubernetesObject } from '../api/object.ts'
import { ApiError, isApiError } from '../kube/errors.ts'
import type { Resource } from '../kube/client.ts'
import { findObject } from '../kube/find.ts'
import { patchManagedFields } from '../kube/writes.ts'
import { applyEntry } from '../reconcile/ingest.ts'
import type { MatchOptions } from '../reconcile/match.ts'
import { inOwnVersion, otherVersions } from '../reconcile/served-versions.ts'
import type { ApplyContext } from './apply-context.ts'
import type { PassContext } from './pass-context.ts'

interface VersionsContext extends Pick<ApplyContext, 'client' | 'resolve' | 'refresh'> {
  resource: Resource
  match: Pick<MatchOptions, 'manager' | 'parse'>
  /** Of a primary the operator may have the right to write its status alone. */
  subresource?: 'status'
}

const kindIn = (apiVersion: string, { kind }: KubernetesObject) => gvkOf({ apiVersion, kind })

/** Whether its managed fields may be in a version that is not served: ours are in another one, or it is not known. Asks nobody. */
export const mayHaveLostVersions = (
  object: KubernetesObject,
  { resourceOf, match }: Pick<ApplyContext, 'resourceOf'> & Pick<VersionsContext, 'match'>,
): boolean =>
  otherVersions(object).some((apiVersion) => isOurs(apiVersion, object, match) || resourceOf(kindIn(apiVersion, object)) === undefined)

const isOurs = (apiVersion: string, object: KubernetesObject, { manager }: Pick<MatchOptions, 'manager'>): boolean =>
  applyEntry(object, manager)?.apiVersion === apiVersion

/**
 * The object with all of its managed fields in versions that are served; the same object if they are. Rejects with ApiError, `conflict` if
 * it changed in between.
 *
 * @param live as it was read, its managed fields whole
 */
export async function withoutLostVersions(live: KubernetesObject, context: VersionsContext): Promise<KubernetesObject> {
  const { client, resource, match, resolve, refresh, subresource } = context
  const lost: string[] = []
  for (const apiVersion of otherVersions(live)) {
    const kind = kindIn(apiVersion, live)
    // A version that was served when we looked last: what we drop now goes only if it still is.
    if (isOurs(apiVersion, live, match)) await refresh(kind)
    if (!(await resolve(kind))) lost.push(apiVersion)
  }
  if (lost.length === 0) return live
  return await patchManagedFields(client, resource, live, inOwnVersion(live, lost, match.parse), { manager: match.manager, subresource })
}

/** An apply came to nothing: the server may have lost a version that it had. The next try knows. */
export async function lookForLostVersions(
  error: unknown,
  live: KubernetesObject,
  { refresh }: Pick<ApplyContext, 'refresh'>,
): Promise<void> {
  if (!(error instanceof ApiError) || error.code !== 500) return
  for (const apiVersion of otherVersions(live))
    await refresh(kindIn(apiVersion, live)).catch((failure: unknown) => {
      if (!isApiError(failure)) throw failure
    })
}

/** A primary's status could not be written: true if that was for managed fields in a version which is gone, and they are in its own now. */
export async function hasLeftLostVersions(error: unknown, primary: KubernetesObject, context: PassContext): Promise<boolean> {
  if (!isApiError(error) || error.code !== 500) return false
  const { client, resource, resourceOf, resolve, refresh, parseFields } = context
  const match = { manager: fieldManager('status', primary.metadata.uid as string), parse: parseFields }
  await lookForLostVersions(error, primary, context)
  if (!mayHaveLostVersions(primary, { resourceOf, match })) return false
  try {
    const live = await findObject(client, resource, primary.metadata)
    if (live?.metadata.uid !== primary.metadata.uid) return false
    return (
      live !== undefined && (await withoutLostVersions(live, { client, resource, match, resolve, refresh, subresource: 'status' })) !== live
    )
  } catch (failure) {
    if (!isApiError(failure)) throw failure
    return false
  }
}
